"""``whoknows site``: other sites that show the search."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from api.cli._common import opened, out, print_json
from api.schemas.sites import site_out
from knowledge.identity import Algorithm, Site
from knowledge.sites import Plan

app = typer.Typer(no_args_is_help=True, help="Look after other sites that show the search.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    origin: Annotated[
        list[str],
        typer.Option(help="Of its pages, as in https://intranet.example.org; several times."),
    ],
    algorithm: Annotated[
        Algorithm | None, typer.Option(help="With what its backend signs who is asking.")
    ] = None,
    public_key: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The key for that, as PEM.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a key with which a site's pages show what is public. It is no secret."""
    pem = None if public_key is None else public_key.read_text("utf-8", errors="replace")
    with opened(new=True) as services:
        made = services.sites.create(Plan(name, tuple(origin), algorithm, pem), "operator")
    if as_json:
        print_json(site_out(made).model_dump(mode="json"))
    else:
        out.print(f"site {made.id}: {made.key}", markup=False)


@app.command("list")
def list_sites(as_json: Json = False) -> None:
    """Say which sites there are, and when they were last used."""
    with opened() as services:
        held = services.sites.all_of_them()
    if as_json:
        print_json([site_out(one).model_dump(mode="json") for one in held])
        return
    key = Column("key", min_width=len(held[0].key)) if held else "key"
    table = Table("id", "name", key, "origins", "signs with", "last used", "state", box=None)
    for site in held:
        table.add_row(
            str(site.id),
            site.name,
            site.key,
            " ".join(site.origins),
            site.algorithm or "nothing",
            f"{site.last_used_at:%Y-%m-%d %H:%M}" if site.last_used_at else "never",
            _state(site),
        )
    out.print(table if held else "no sites yet; make one with: whoknows site create")


@app.command()
def revoke(
    site_id: Annotated[int, typer.Argument(metavar="ID", help="As site list shows it.")],
) -> None:
    """Withdraw a site's key; its next request is refused."""
    with opened() as services:
        services.sites.revoke(site_id, "operator")
    out.print(f"site {site_id} is revoked")


def _state(site: Site) -> str:
    return f"revoked {site.revoked_at:%Y-%m-%d}" if site.revoked_at else "works"

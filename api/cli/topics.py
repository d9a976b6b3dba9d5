"""``whoknows topics``: what is about the same."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli._common import opened, out, print_json
from api.schemas.topics import topic_out
from knowledge.types import OPERATOR

app = typer.Typer(no_args_is_help=True, help="Find topics in what is stored.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]


@app.command()
def refresh(as_json: Json = False) -> None:
    """Find topics anew, as is done once a day by itself."""
    with opened() as services:
        count = services.topics.refresh()
    if as_json:
        print_json({"topics": count})
    else:
        out.print(f"{count} topics")


@app.command("list")
def list_topics(
    email: Annotated[
        str | None, typer.Option("--as", metavar="EMAIL", help="As this colleague sees them.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say which topics there are, the largest first."""
    with opened() as services:
        principal = services.principal(email)
        found = services.topics.all_of_them(principal, admin=principal == OPERATOR)
    if as_json:
        print_json([topic_out(one).model_dump(mode="json") for one in found])
        return
    table = Table("id", "topic", "documents", "steward", box=None)
    for one in found:
        steward = one.steward.name if one.steward else ""
        table.add_row(str(one.id), Text(one.name), str(one.documents), Text(steward))
    out.print(table if found else "no topics yet; find them with: whoknows topics refresh")

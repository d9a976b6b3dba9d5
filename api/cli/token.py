"""``whoknows token``: who may use the service, and what for."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.table import Table

from api.cli._common import err, opened, out, print_json
from knowledge.identity import AccessToken
from knowledge.types import Person, Scope

app = typer.Typer(no_args_is_help=True, help="Look after the tokens that open the service.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]


@app.command()
def create(
    person: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="Reads as this colleague, in all groups.")
    ] = None,
    service: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="For a program: reads what everyone signed in may read."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What it is for; the address or the service if left out.")
    ] = None,
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it may do; can be given several times.")
    ] = None,
    days: Annotated[int, typer.Option(help="How long it lasts.")] = 90,
    as_json: Json = False,
) -> None:
    """Make a token and print its secret, which is shown this once."""
    if (person is None) == (service is None):
        raise typer.BadParameter("give either --person EMAIL or --service NAME")
    with opened(new=True) as services:
        token, secret = services.tokens.create(
            name or service or person or "", scope or [Scope.SEARCH], email=person, days=days
        )
    if as_json:
        print_json(_told(token) | {"person": person, "token": secret})
        return
    _show(token, secret)


@app.command()
def rotate(
    token_id: Annotated[int, typer.Argument(metavar="ID", help="As token list shows it.")],
    overlap_hours: Annotated[
        int, typer.Option(min=0, max=168, help="How long the old secret works on.")
    ] = 24,
    as_json: Json = False,
) -> None:
    """Make a new secret in a token's place and print it; the old one works on for a day."""
    with opened() as services:
        token, secret = services.tokens.rotate(token_id, overlap=timedelta(hours=overlap_hours))
    if as_json:
        print_json(_told(token) | {"token": secret})
        return
    _show(token, secret)


@app.command("list")
def list_tokens(as_json: Json = False) -> None:
    """Say which tokens there are; never their secrets."""
    with opened() as services:
        held = services.tokens.all_of_them()
    if as_json:
        print_json([_told(token) | {"person": _address(person)} for token, person in held])
        return
    table = Table("id", "name", "reads as", "scopes", "last used", "state", box=None)
    for token, person in held:
        table.add_row(
            str(token.id),
            token.name,
            person.name if person else "everyone",
            ", ".join(sorted(token.scopes)),
            f"{token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at else "never",
            _state(token),
        )
    out.print(table if held else "no tokens yet; make one with: whoknows token create")


@app.command()
def revoke(
    token_id: Annotated[int, typer.Argument(metavar="ID", help="As token list shows it.")],
) -> None:
    """Withdraw a token; its next request is refused."""
    with opened() as services:
        services.tokens.revoke(token_id)
    out.print(f"token {token_id} is revoked")


def _show(token: AccessToken, secret: str) -> None:
    scopes = ", ".join(sorted(token.scopes))
    err.print(
        f"token {token.id} for {scopes}, valid until {token.expires_at:%Y-%m-%d}; "
        "keep it, it is not shown again:",
        markup=False,
    )
    sys.stdout.write(f"{secret}\n")


def _address(person: Person | None) -> str | None:
    return next(iter(person.emails), None) if person else None


def _state(token: AccessToken) -> str:
    if token.revoked_at is not None:
        return f"revoked {token.revoked_at:%Y-%m-%d}"
    expired = token.expires_at <= datetime.now(UTC)
    return f"{'expired' if expired else 'until'} {token.expires_at:%Y-%m-%d}"


def _told(token: AccessToken) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "scopes": sorted(token.scopes),
        "made_by": token.made_by,
        "replaces": token.replaces,
        "created_at": token.created_at.isoformat(),
        "expires_at": token.expires_at.isoformat(),
        "last_used_at": token.last_used_at and token.last_used_at.isoformat(),
        "revoked_at": token.revoked_at and token.revoked_at.isoformat(),
    }

"""``whoknows role``: who may do more than search and write."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from api.cli._common import opened, out, print_json
from knowledge.identity import AccountRole
from knowledge.roles import Held

app = typer.Typer(no_args_is_help=True, help="Look after who may do more than search and write.")

Someone = Annotated[str, typer.Argument(metavar="EMAIL", help="An address, or an id.")]
Role = Annotated[AccountRole, typer.Argument(help="What they are; neither opens a document.")]
Source = Annotated[str, typer.Option(help="Of this source: a curator imports into it.")]
Topic = Annotated[str, typer.Option(help="Of this topic, which is a tag.")]
_BY = "operator"


@app.command()
def grant(email: Someone, role: Role, source: Source = "", topic: Topic = "") -> None:
    """Give somebody a role, from their next request on."""
    with opened() as services:
        person_id = services.merging.find(email)
        services.roles.grant(person_id, role, _BY, source=source, topic=topic)
    out.print(f"{email} is {_called(role, source or topic)}", markup=False)


@app.command()
def withdraw(email: Someone, role: Role, source: Source = "", topic: Topic = "") -> None:
    """Take a role back, from the next request on."""
    with opened() as services:
        person_id = services.merging.find(email)
        services.roles.withdraw(person_id, role, _BY, source=source, topic=topic)
    out.print(f"{email} is no more {_called(role, source or topic)}", markup=False)


@app.command("list")
def list_roles(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Say who is more than a member."""
    with opened() as services:
        held = services.roles.everybody()
    if as_json:
        print_json([_told(one) for one in held])
        return
    table = Table("id", "name", "administrator", "curator of", box=None)
    for one in held:
        standing = one.standing
        of = [*sorted(standing.sources), *(f"#{topic}" for topic in sorted(standing.topics))]
        is_one = "yes" if standing.administrator else ""
        name = one.person.name if one.person else ""
        table.add_row(str(one.person_id), name, is_one, ", ".join(of))
    out.print(table if held else "everybody is a member; try: whoknows role grant EMAIL ROLE")


def _called(role: AccountRole, of: str) -> str:
    return f"curator of {of}" if role is AccountRole.CURATOR else "administrator"


def _told(one: Held) -> dict[str, Any]:
    return {
        "id": one.person_id,
        "name": one.person.name if one.person else None,
        "administrator": one.standing.administrator,
        "sources": sorted(one.standing.sources),
        "topics": sorted(one.standing.topics),
    }

"""``whoknows archived``: what its sources no longer hold, and nobody finds or reads."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from api.cli._common import opened, out, print_json

app = typer.Typer(no_args_is_help=True, help="Look after what its sources no longer hold.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]


@app.command("list")
def list_archived(as_json: Json = False) -> None:
    """Say of which sources something is archived, how much, and since when."""
    with opened() as services:
        held = services.archived.by_source()
    if as_json:
        print_json(
            [
                {
                    "source": one.source,
                    "documents": one.documents,
                    "first": one.first.isoformat(),
                    "last": one.last.isoformat(),
                }
                for one in held
            ]
        )
        return
    table = Table("source", "documents", "first", "last", box=None)
    for one in held:
        days = (f"{at:%Y-%m-%d}" for at in (one.first, one.last))
        table.add_row(one.source, str(one.documents), *days)
    out.print(table if held else "nothing is archived")


@app.command()
def delete(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="As archived list names it.")],
    days: Annotated[
        int, typer.Option(min=0, help="Only what has been archived for so many days.")
    ] = 30,
    sure: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Delete what is archived, with its former versions and files. It cannot be undone.

    What comes in again afterwards is a new document.
    """
    with opened() as services:
        number = len(services.archived.due(source, days))
        if number and not sure:
            asked = f"Delete {_told(number)} of {source} for ever?"
            if not typer.confirm(asked, err=True):
                raise typer.Exit(1)
        deleted = services.archived.delete(source, days)
    if as_json:
        print_json({"deleted": deleted})
    elif deleted:
        out.print(f"{_told(deleted)} of {source} deleted", markup=False)
    else:
        out.print(f"nothing of {source} has been archived for {days} days", markup=False)


def _told(number: int) -> str:
    return f"{number} archived {'document' if number == 1 else 'documents'}"

"""``whoknows queries``: what many people searched for."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli._common import opened, out, print_json
from knowledge.queries import ASKERS, terms


def queries(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Say what at least five people searched for in one week, and how often nothing was found."""
    with opened() as services, services.database.read() as connection:
        found = terms(connection)[:limit]
    if as_json:
        print_json([asdict(term) for term in found])
        return
    table = Table("searched for", "times", "nothing found", "unsure", box=None)
    for term in found:
        table.add_row(Text(term.text), str(term.searches), str(term.empty), str(term.unsure))
    out.print(table if found else f"nothing that {ASKERS} people searched for in one week")

"""``whoknows measures``: whether learning from each other works, by the month."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli._common import opened, out, print_json
from api.schemas.measures import series_out
from knowledge.measures.kinds import label
from knowledge.roles import EVERYTHING

app = typer.Typer(no_args_is_help=True, help="Publish and read measures, a month at a time.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]


@app.command()
def publish(
    month: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM", help="This month; else all that are due."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Publish months that are over, as is done once a day by itself. It cannot be undone."""
    with opened() as services:
        services.publishing.tally()
        done = services.publishing.publish(month)
    if as_json:
        print_json({"published": done})
    else:
        out.print(", ".join(done) or "nothing is due")


@app.command("list")
def list_measures(as_json: Json = False) -> None:
    """Say what is told of every measure, of the last published month."""
    with opened() as services:
        found = services.measures.all_series(EVERYTHING)
        months = services.measures.months(EVERYTHING)
    if as_json:
        print_json([series_out(one, months).model_dump(mode="json") for one in found])
        return
    table = Table("measure", "partition", "unit", months[-1].month if months else "", box=None)
    for series in found:
        for line in series.lines:
            value = line.figures[-1].value if line.figures else None
            told = "not told" if value is None else f"{value:g}"
            words = (series.measure.key, label(line.partition), series.measure.unit.value, told)
            table.add_row(*map(Text, words))
    out.print(table if months else "no month is published yet; see: whoknows measures publish")

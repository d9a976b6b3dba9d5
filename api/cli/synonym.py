"""``whoknows synonym``: what the company's jargon means."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from api.cli._common import opened, out, print_json
from api.schemas.synonyms import synonym_out

app = typer.Typer(no_args_is_help=True, help="Say what the company's jargon means.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]


@app.command()
def add(
    term: Annotated[str, typer.Argument(help="What people type, as in k8s.")],
    meaning: Annotated[str, typer.Argument(help="What is looked for as well, as in kubernetes.")],
    both: Annotated[
        bool, typer.Option("--both", help="Who types the meaning also looks for the term.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Let everybody who asks for the term ask for its meaning as well."""
    with opened(new=True) as services:
        made = services.jargon.add(term, meaning, both)
    if as_json:
        print_json(synonym_out(made).model_dump(mode="json"))
    else:
        out.print(
            f"synonym {made.id}: {made.term} {_arrow(made.both)} {made.meaning}", markup=False
        )


@app.command("list")
def list_synonyms(as_json: Json = False) -> None:
    """Say which synonyms there are."""
    with opened() as services:
        held = services.jargon.all_of_them()
    if as_json:
        print_json([synonym_out(one).model_dump(mode="json") for one in held])
        return
    table = Table("id", "term", "", "meaning", box=None)
    for one in held:
        table.add_row(str(one.id), one.term, _arrow(one.both), one.meaning)
    out.print(table if held else "no synonyms yet; add one with: whoknows synonym add")


@app.command()
def remove(
    synonym_id: Annotated[int, typer.Argument(metavar="ID", help="As synonym list shows it.")],
) -> None:
    """Forget a synonym."""
    with opened() as services:
        services.jargon.remove(synonym_id)
    out.print(f"synonym {synonym_id} is forgotten")


def _arrow(both: bool) -> str:
    return "<=>" if both else "=>"

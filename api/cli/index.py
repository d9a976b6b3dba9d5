"""``whoknows index``: what is derived from the database."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli._common import cores, err, opened, out, print_json, reporting
from indexer.prepare import preparer
from knowledge.capture import reprepare
from knowledge.store import documents
from knowledge.store.database import position

app = typer.Typer(no_args_is_help=True, help="Look after the indexes.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]


@app.command()
def status(as_json: Json = False) -> None:
    """Say how much is indexed and how fresh it is."""
    with opened() as services:
        index = services.index
        opened_at = index.saved_sequence
        with services.database.read() as connection:
            epoch, newest = position(connection)
            stored, passages, people = documents.counts(connection)
        told = {
            "documents": stored,
            "passages": passages,
            "people": people,
            "sequence": newest,
            "snapshot_sequence": opened_at,
            "epoch": epoch,
            "embedder": services.choice.embedder,
            "model": services.embedder.identity,
        }
    if as_json:
        print_json(told)
        return
    for name, value in told.items():
        out.print(f"{name.replace('_', ' ')}: {value}", markup=False)


@app.command()
def verify(
    as_json: Json = False,
    recall: Annotated[
        bool,
        typer.Option(
            "--recall",
            help="Measure also how many of the ten nearest passages are found, with and without a "
            "filter; exit 1 below 0.97, or 0.999 with the filter.",
        ),
    ] = False,
) -> None:
    """Prove that the indexes hold exactly what the database holds; exit 1 on any difference."""
    with opened() as services:
        problems = services.index.verify()
        found = services.index.recall() if recall else None
    if as_json:
        print_json({"problems": problems} | ({"recall": asdict(found)} if found else {}))
    else:
        for problem in problems:
            err.print(problem, markup=False)
        if not problems:
            out.print("the indexes hold exactly what the database holds")
        if found:
            out.print(
                f"recall@10 for the vectors of {found.queries} passages: "
                f"{found.everything:.3f}, with a filter of 1 %: {found.filtered:.3f}"
            )
    if problems or (found and not found.enough):
        raise typer.Exit(1)


@app.command()
def rebuild(
    measure: Annotated[
        bool,
        typer.Option(
            "--measure", help="First measure again which embedder is best here, and change to it."
        ),
    ] = False,
) -> None:
    """Throw the indexes away and build them again; embeds only what has no vector yet."""
    with opened(cores=cores()) as services, reporting() as report:
        if measure:
            chosen = services.choose_again()
            err.print(f"embedder: {chosen.embedder}; {chosen.reason}", markup=False)
        prepare = preparer(services.embedder)
        model = services.embedder.identity
        for done, _ in enumerate(reprepare(services.database, prepare, model), 1):
            report("embedded documents", done, 0)
        count = services.index.rebuild(lambda done, of: report("indexed documents", done, of))
        services.index.save()
    out.print(f"{count} documents indexed")

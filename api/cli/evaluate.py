"""``whoknows eval``: how good the search is on judged collections."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from api import judging
from api.cli._common import Reporter, err, out, print_json, reporting
from api.evaluated import EvaluatedSystem
from indexer import evaluation, judged
from knowledge.errors import InvalidInput
from knowledge.settings import Settings, load_settings


def evaluate(
    collections: Annotated[list[Path], typer.Argument(help="Folders of judged collections.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    run_file: Annotated[
        Path | None, typer.Option(help="Write the answers there as a TREC run.")
    ] = None,
    show: Annotated[str | None, typer.Option(help="Show one query's results by its id.")] = None,
    vectors: Annotated[
        Path | None, typer.Option(help="Directory of vectors to reuse between evaluations.")
    ] = None,
) -> None:
    """Ingest each collection afresh, run its queries and print how good the results are."""
    settings = load_settings()
    reports = []
    if run_file is not None:
        run_file.write_text("")
    with reporting() as report:
        for path in collections:
            collection = judged.load(path)
            done = _one(settings, collection, vectors, show, report)
            reports.append(done.report)
            for refusal in done.refused:
                err.print(f"refused in {collection.name}: {refusal}", markup=False)
            if run_file is not None:
                with run_file.open("a", encoding="utf-8") as file:
                    evaluation.write_run(file, done)
            if not as_json:
                out.print(_table([done.report]))
    if as_json:
        print_json([report.to_json() for report in reports])


def _one(
    settings: Settings,
    collection: judged.Collection,
    vectors: Path | None,
    show: str | None,
    report: Reporter,
) -> evaluation.Evaluation:
    with judging.fresh(settings, collection, vectors) as services:
        system = EvaluatedSystem(services)
        items = judging.documents(collection)
        done = evaluation.evaluate(system, collection, items, report)
        if show is not None:
            _show(system, collection, show)
    return done


def _show(system: EvaluatedSystem, collection: judged.Collection, query_id: str) -> None:
    found = [query for query in collection.queries if query.id == query_id]
    if not found:
        raise InvalidInput(f"{collection.name} has no query {query_id!r}")
    request = evaluation.request(found[0], system.document_ids(), evaluation.DEPTH)
    result = system.search(request)
    err.print(f"query: {found[0].text}", markup=False)
    relevant = collection.answers.get(query_id, {})
    experts = collection.experts.get(query_id, {})
    for place, hit in enumerate(result.answers, 1):
        key = hit.document.external_id
        if place <= 10 or key in relevant:
            err.print(
                f"{place:3} {relevant.get(key, '-')} {hit.features.score:+.3f} "
                f"cos {hit.features.cosine:.3f} bm25 {hit.features.bm25:.1f} "
                f"[{hit.passage.start}:{hit.passage.end}] {key}",
                markup=False,
            )
    for place, person in enumerate(result.people, 1):
        name = (person.person.handles or (person.person.name,))[0]
        if place <= 10 or name in experts:
            err.print(f"{place:3} {experts.get(name, '-')} {person.score:.4f} {name}", markup=False)


def _table(reports: list[evaluation.Report]) -> Table:
    table = Table(title=reports[0].collection, title_justify="left")
    table.add_column("measure")
    table.add_column("value", justify="right")
    for report in reports:
        rows: dict[str, object] = {
            "documents": report.documents,
            "passages": report.passages,
            "ingest seconds": report.ingest_seconds,
            "passages per CPU-second": report.passages_per_cpu_second,
        }
        rows |= {f"query ms {name}": value for name, value in report.query_ms.items()}
        for part in ("answers", "spans", "highlights", "people", "abstention"):
            measured = getattr(report, part) or {}
            rows |= {f"{part} {name}": f"{value:.4f}" for name, value in measured.items()}
        for name, value in rows.items():
            if value is not None:
                table.add_row(name, str(value))
    return table

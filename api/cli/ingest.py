"""``whoknows ingest``: bring in an export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from filelock import FileLock, Timeout

from api.cli._common import REFUSED, Reporter, cores, err, opened, out, print_json, reporting
from api.services import Services
from knowledge import readers
from knowledge.capture import Outcome, Status
from knowledge.errors import InvalidInput
from knowledge.importing import WORKER_LOCK
from knowledge.imports import audience_of, kept_source
from knowledge.types import ReadFailure, SourceDocument


def ingest(
    path: Annotated[Path, typer.Argument(help="A folder, a zip or a single file.")],
    format: Annotated[str, typer.Option(help="A reader's name, or auto.")] = "auto",
    source: Annotated[
        str | None, typer.Option(help="Name of the source; the path's last part if left out.")
    ] = None,
    audience: Annotated[
        list[str] | None,
        typer.Option(
            help="Who may read it where the export does not say: public, everyone, group:SLUG or "
            "person:ID. Given twice, readers must satisfy both; a|b means either."
        ),
    ] = None,
    speakers_consented: Annotated[
        bool | None,
        typer.Option(
            help="The speakers agreed to be found by what they said; --no-… takes it back."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Say what would happen, write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Bring in an export; what is unchanged since last time is left alone."""
    chosen = audience_of(audience or ())
    called = source or (path.resolve().name if path.is_dir() else path.stem) or "import"
    try:
        name = kept_source(called)
    except InvalidInput as error:
        raise InvalidInput(f"{error}: --source NAME") from error
    items = readers.read_export(path, format=format, source=name)
    with reporting() as report:
        if dry_run:
            told = _collect(map(_would, items), report)
        else:
            with opened(new=True, cores=cores()) as services:
                with _alone(services):
                    told = _collect(
                        services.capture.ingest(
                            items, audience=chosen, speakers_consented=speakers_consented
                        ),
                        report,
                    )
                services.index.catch_up()
                services.index.save()
    told = {"source": name, "dry_run": dry_run} | told
    if as_json:
        print_json(told)
    else:
        _print(told, dry_run)
    if told["refused"]:
        raise typer.Exit(REFUSED)


@contextmanager
def _alone(services: Services) -> Iterator[None]:
    """While no other import runs, and nothing is restored beneath this one."""
    lock = FileLock(services.database.directory / WORKER_LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        err.print("another import or a restore is running; this one waits for its end")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _would(item: SourceDocument | ReadFailure) -> Outcome:
    if isinstance(item, ReadFailure):
        return Outcome(item.name, Status.REFUSED, reason=item.reason)
    return Outcome(item.external_id, Status.ADDED)


def _collect(outcomes: Iterable[Outcome], report: Reporter) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    refused: list[Outcome] = []
    ambiguous: set[str] = set()
    embedded = 0
    for done, outcome in enumerate(outcomes, 1):
        counts[outcome.status.value] += 1
        embedded += outcome.embedded
        ambiguous.update(outcome.ambiguous)
        if outcome.status is Status.REFUSED:
            refused.append(outcome)
        report("documents", done, 0)
    return {
        "added": counts["added"],
        "changed": counts["changed"],
        "unchanged": counts["unchanged"],
        "embedded_passages": embedded,
        "refused": [{k: asdict(o)[k] for k in ("name", "reason")} for o in refused],
        "ambiguous_people": sorted(ambiguous),
    }


def _print(told: dict[str, Any], dry_run: bool) -> None:
    verb = "would be read" if dry_run else "added"
    out.print(
        f"{told['added']} {verb}, {told['changed']} changed, {told['unchanged']} unchanged, "
        f"{len(told['refused'])} refused; {told['embedded_passages']} passages embedded",
        markup=False,
    )
    for name in told["ambiguous_people"]:
        out.print(f"several people are called {name}; kept apart for this source", markup=False)
    for refusal in told["refused"]:
        err.print(f"refused {refusal['name']}: {refusal['reason']}", markup=False)

"""``whoknows ingest``: bring in an export."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from filelock import FileLock, Timeout

from api import reports
from api.cli import _surveying
from api.cli._common import REFUSED, Reporter, cores, err, opened, print_json, reporting
from api.services import Services
from knowledge import addresses, readers, telling
from knowledge.capture import Outcome, Status, Terms
from knowledge.errors import InvalidInput
from knowledge.execution import Course, Execution
from knowledge.importing import WORKER_LOCK
from knowledge.imports import audience_of, kept_source
from knowledge.jobs import Gone, ImportItem
from knowledge.settings import Settings, load_settings
from knowledge.store.database import exists


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
    full: Annotated[
        bool | None,
        typer.Option(
            "--full/--part",
            help="The export holds all of its source, so what it no longer holds is archived; or "
            "it holds a part. A wiki's export is full, a folder of files a part, if left out.",
        ),
    ] = None,
    gone: Annotated[
        Gone,
        typer.Option(
            help="What to do with documents that a full export no longer holds: archive them, "
            "keep them, or ask where they are more than a fifth."
        ),
    ] = Gone.ASK,
    url_template: Annotated[
        str | None,
        typer.Option(
            help="Where its pages stand on the web: https://wiki.example/{id}, with {id}, {path} "
            "or {title}. Kept for the next time."
        ),
    ] = None,
    session: Annotated[
        Path | None,
        typer.Option(
            help="The session record of a single transcript: a small .yaml or .json file. In a "
            "folder it lies beside its transcript."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Say what would happen, write nothing.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write the whole report to this .json or .csv file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Bring in an export; what is unchanged since last time is left alone."""
    chosen = audience_of(audience or ())
    if format != readers.AUTO:
        readers.load(format)
    if url_template is not None:
        addresses.checked(url_template)
    if report is not None and report.suffix not in (".json", ".csv"):
        raise InvalidInput(f"{report} ends neither in .json nor in .csv")
    if report is not None and not report.absolute().parent.is_dir():
        raise InvalidInput(f"there is no folder {report.absolute().parent} for the report")
    called = source or (path.resolve().name if path.is_dir() else path.stem) or "import"
    try:
        name = kept_source(called)
    except InvalidInput as error:
        raise InvalidInput(f"{error}: --source NAME") from error
    terms = Terms(chosen, speakers_consented=speakers_consented, url_template=url_template)
    record = None if session is None else _text(session)
    course = Course(
        path, name, format, record=record, terms=terms, full=full, gone=gone, dry_run=dry_run
    )
    with _services(dry_run) as services, reporting() as reporter:
        course = replace(course, budget=services.budget)
        execution = Execution(services.database, services.capture, course)
        told = _Told(report is not None)
        if dry_run:
            _run(execution, reporter, told)
        else:
            counts = partial(_counted, told, execution)
            with _alone(services), telling.by_operator(services.journal, counts):
                _run(execution, reporter, told)
            services.index.catch_up()
            services.index.save()
        summary = execution.summary()
    question = execution.question
    whole = told.counts() | {"source": name, "dry_run": dry_run, "summary": summary}
    whole["asks"] = None if question is None else {"gone": question.gone, "of": question.held}
    if report is not None:
        _write(report, whole, told.items, summary)
    if as_json:
        print_json(whole)
    else:
        _surveying.show(whole)
    if whole["refused"] or (question is not None and not dry_run):
        raise typer.Exit(REFUSED)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read as text") from error


@contextmanager
def _services(dry_run: bool) -> Iterator[Services]:
    """Those of the installation; a dry run where there is none makes none."""
    settings = load_settings()
    if not dry_run or exists(settings.storage):
        with opened(settings, new=True, cores=cores()) as services:
            yield services
        return
    with (
        tempfile.TemporaryDirectory() as elsewhere,
        opened(_at(settings, Path(elsewhere)), new=True) as services,
    ):
        yield services


def _at(settings: Settings, data: Path) -> Settings:
    storage = settings.storage.model_copy(update={"data": data, "database_url": None})
    return replace(settings, storage=storage)


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


@dataclass(slots=True)
class _Told:
    """What became of the inputs. Of what is unchanged only how many, and so of what was taken
    unless ``all`` is wanted."""

    all: bool
    items: list[ImportItem] = field(default_factory=list)
    statuses: Counter[Status] = field(default_factory=Counter)
    ambiguous: set[str] = field(default_factory=set)
    embedded: int = 0

    def add(self, outcome: Outcome) -> None:
        self.statuses[outcome.status] += 1
        self.embedded += outcome.embedded
        self.ambiguous.update(outcome.ambiguous)
        refused = outcome.status is Status.REFUSED
        if refused or (self.all and outcome.status is not Status.UNCHANGED):
            item = ImportItem(
                len(self.items) + 1,
                outcome.name,
                outcome.status.value,
                outcome.reason,
                outcome.document_id,
                outcome.losses,
            )
            self.items.append(item)

    def counts(self) -> dict[str, Any]:
        return {
            "added": self.statuses[Status.ADDED],
            "changed": self.statuses[Status.CHANGED],
            "unchanged": self.statuses[Status.UNCHANGED],
            "embedded_passages": self.embedded,
            "refused": [
                {"name": item.name, "reason": item.reason}
                for item in self.items
                if item.status == Status.REFUSED
            ],
            "ambiguous_people": sorted(self.ambiguous),
        }


def _run(execution: Execution, reporter: Reporter, told: _Told) -> None:
    for done, outcome in enumerate(execution.outcomes(), 1):
        told.add(outcome)
        reporter("documents", done, 0)


def _counted(told: _Told, execution: Execution) -> dict[str, int]:
    statuses = {status.value: count for status, count in told.statuses.items()}
    return statuses | {"moved": execution.moved, "archived": execution.archived}


def _write(
    report: Path, whole: dict[str, Any], items: list[ImportItem], summary: dict[str, Any]
) -> None:
    try:
        with report.open("w", encoding="utf-8", newline="") as file:
            if report.suffix == ".csv":
                file.writelines(reports.as_csv(items, summary))
            else:
                inputs = [reports.as_json(item) for item in items]
                json.dump(whole | {"inputs": inputs}, file, ensure_ascii=False, indent=1)
    except OSError as error:
        raise InvalidInput(f"{report} cannot be written: {error.strerror}") from error

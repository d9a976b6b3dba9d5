"""Running an import: read the file, capture its documents, report each input once.

Whoever runs it may be killed at any moment. The next one reads the file again from its beginning,
passes over what was reported, and goes on; so inputs are reported in the order of the file, and the
report is that of an undisturbed run. One process at a time may run imports.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable

from sqlalchemy import Connection

from knowledge.apart import Budget
from knowledge.capture import Capture, Outcome, Status, Terms
from knowledge.errors import DataUnavailable, WhoknowsError
from knowledge.execution import Course, Execution, Stopped
from knowledge.exports import Limits
from knowledge.imports import Imports
from knowledge.jobs import Import, ImportItem
from knowledge.rights import NOBODY
from knowledge.store import imports as store
from knowledge.store.database import Database
from knowledge.types import SourceDocument

WORKER_LOCK = "worker.lock"
"""The file in the data directory that is held by whoever runs imports, or replaces everything."""

_AT_ONCE = 100
_EVERY_S = 1.0
_log = logging.getLogger(__name__)


class Runner:
    """Runs imports. Safe to share between threads, each with an import of its own."""

    def __init__(
        self,
        database: Database,
        imports: Imports,
        capture: Capture,
        stopping: Callable[[], bool] = lambda: False,
        budget: Budget | None = None,
    ) -> None:
        """``stopping`` is asked between two inputs."""
        self._database = database
        self._imports = imports
        self._capture = capture
        self._stopping = stopping
        self._budget = budget or Budget()

    def run(self, job: Import) -> bool:
        """Run an import to its end, also to a bad one, or to where its owner wants it to wait;
        False when it was stopped before.

        Raises DataUnavailable when the database takes nothing; the import can be resumed.
        """
        begun = self._imports.begin(job)
        if begun is None:
            return True
        job, told = begun
        path = self._imports.spool.path(job.id)
        if not path.is_file():
            reason = "the file is no longer there (as after a backup was restored); import it again"
            self._imports.finish(job, error=reason)
            return True
        report = _Report(job, told)
        execution = Execution(
            self._database,
            self._capture,
            Course(
                path,
                job.source,
                job.format,
                name=job.file_name,
                record=job.options.record,
                terms=Terms(
                    job.audience,
                    job.owner if job.owner.startswith("person:") else NOBODY,
                    job.options.speakers_consented,
                    job.options.url_template,
                    by=job.owner,
                ),
                full=job.options.full,
                gone=job.options.gone,
                dry_run=job.dry_run,
                limits=Limits(archive=self._imports.spool.limit),
                budget=self._budget,
                since=job.started_at,
                reader=self._imports.reader(job.owner),
                done=report.documents,
                added=report.added,
                moved=job.counts.get("moved", 0),
                archived=job.counts.get("archived", 0),
            ),
            _Wishes(self._imports, job, self._stopping),
            settling=lambda: self._tell(job, report),
        )
        report.execution = execution
        try:
            self._read(job, report, execution)
        except Stopped:
            self._imports.report(job, report.waiting, report.counts())
            return self._imports.obey(job) is not None
        except DataUnavailable:
            raise
        except Exception as error:
            reason = str(error)
            if not isinstance(error, WhoknowsError):
                _log.exception("import %s failed", job.id)
                reason = f"something went wrong here ({type(error).__name__}); it was logged"
            self._imports.finish(job, report.waiting, report.counts(), reason)
        else:
            counts, summary = report.counts(exact=True), execution.summary()
            if execution.question is None or job.dry_run:
                self._imports.finish(job, report.waiting, counts, summary=summary)
            else:
                self._imports.ask(job, report.waiting, counts, summary, execution.question)
                self._imports.obey(job)  # what was wished for in the last moment
        return True

    def _read(self, job: Import, report: _Report, execution: Execution) -> None:
        told_at = time.monotonic()

        def beside(connection: Connection, _: SourceDocument, outcome: Outcome) -> None:
            store.add_items(connection, job.id, [*report.waiting, report.item(outcome)])
            store.put(connection, job.id, counts=report.counts(outcome))

        for outcome in execution.outcomes(beside):
            report.add(outcome)
            if outcome.document_id is not None:
                report.committed()
                told_at = time.monotonic()
            elif len(report.waiting) >= _AT_ONCE or time.monotonic() - told_at > _EVERY_S:
                self._imports.report(job, report.waiting, report.counts())
                report.committed()
                told_at = time.monotonic()
            if self._stopping():
                raise Stopped

    def _tell(self, job: Import, report: _Report) -> None:
        self._imports.report(job, report.waiting, report.counts())
        report.committed()
        # What moves and what is put away is not between two inputs.
        if self._imports.stops(job):
            raise Stopped


class _Wishes:
    """Whether to stop: because the process does, or because the import is to."""

    def __init__(self, imports: Imports, job: Import, stopping: Callable[[], bool]) -> None:
        self._imports = imports
        self._job = job
        self._stopping = stopping
        self._asked_at = -_EVERY_S

    def __call__(self) -> bool:
        if self._stopping():
            return True
        if time.monotonic() - self._asked_at < _EVERY_S:
            return False
        self._asked_at = time.monotonic()
        return self._imports.stops(self._job)


class _Report:
    """What was told of an import, and what still has to be.

    ``documents`` names those that an earlier run told of; ``waiting`` is in no transaction yet.
    """

    def __init__(self, job: Import, told: list[ImportItem]) -> None:
        self.documents = {item.name: item.losses for item in told if item.status != Status.REFUSED}
        self.added = {item.name for item in told if item.status == Status.ADDED}
        self.waiting: list[ImportItem] = []
        self.execution: Execution | None = None
        self._refusals = Counter(
            (item.name, item.reason) for item in told if item.status == Status.REFUSED
        )
        self._counts = Counter(Status(item.status) for item in told)
        self._shown = job.counts
        self._number = told[-1].number if told else 0

    def item(self, outcome: Outcome) -> ImportItem:
        """How an outcome that comes next is told of."""
        return ImportItem(
            self._number + 1,
            outcome.name,
            outcome.status.value,
            outcome.reason,
            outcome.document_id,
            outcome.losses,
        )

    def add(self, outcome: Outcome) -> None:
        """Take note of an outcome; what is unchanged is counted only."""
        refusal = (outcome.name, outcome.reason)
        if outcome.status is Status.REFUSED and self._refusals[refusal]:
            self._refusals[refusal] -= 1
            return
        self._counts[outcome.status] += 1
        if outcome.status is not Status.UNCHANGED:
            self.waiting.append(self.item(outcome))
            self._number += 1

    def committed(self) -> None:
        """What waited was told."""
        self.waiting.clear()

    def counts(self, following: Outcome | None = None, *, exact: bool = False) -> dict[str, int]:
        """The counts, ``following`` included. Unless ``exact``, none is less than was shown:
        what is unchanged is counted anew when an import is resumed."""
        counts = {status.value: self._counts[status] for status in Status}
        if self.execution is not None:
            counts["people"] = self.execution.survey.people
            counts["moved"], counts["archived"] = self.execution.moved, self.execution.archived
            counts["bytes_read"], counts["bytes"] = self.execution.progress
        if following is not None:
            counts[following.status.value] += 1
        if exact:
            return counts
        return {name: max(count, self._shown.get(name, 0)) for name, count in counts.items()}

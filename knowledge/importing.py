"""Running an import: read the file, capture its documents, report each input once.

Whoever runs it may be killed at any moment. The next one reads the file again from its beginning,
passes over what was reported, and goes on; so inputs are reported in the order of the file, and the
report is that of an undisturbed run. One process at a time may run imports.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator

from sqlalchemy import Connection

from knowledge import readers
from knowledge.capture import Capture, Outcome, Status
from knowledge.errors import DataUnavailable, WhoknowsError
from knowledge.exports import Limits
from knowledge.imports import Imports
from knowledge.store import imports as store
from knowledge.types import Contributor, Import, ImportItem, ReadFailure, SourceDocument

WORKER_LOCK = "worker.lock"
"""The file in the data directory that is held by whoever runs imports, or replaces everything."""

_AT_ONCE = 100
_EVERY_S = 1.0
_log = logging.getLogger(__name__)


class _Stopped(Exception):
    """The runner was asked to end."""


class Runner:
    """Runs imports, one after the other."""

    def __init__(
        self, imports: Imports, capture: Capture, stopping: Callable[[], bool] = lambda: False
    ) -> None:
        """``stopping`` is asked between two inputs."""
        self._imports = imports
        self._capture = capture
        self._stopping = stopping

    def run(self, job: Import) -> bool:
        """Run an import to its end, also to a bad one; False when it was stopped before.

        Raises DataUnavailable when the database takes nothing; the import can be resumed.
        """
        job, told = self._imports.begin(job)
        path = self._imports.spool.path(job.id)
        if not path.is_file():
            reason = "the file is no longer there (as after a backup was restored); import it again"
            self._imports.finish(job, error=reason)
            return True
        report = _Report(job, told)
        try:
            self._read(job, report)
        except _Stopped:
            self._imports.report(job, report.waiting, report.counts())
            return False
        except DataUnavailable:
            raise
        except Exception as error:
            reason = str(error)
            if not isinstance(error, WhoknowsError):
                _log.exception("import %s failed", job.id)
                reason = f"something went wrong here ({type(error).__name__}); it was logged"
            self._imports.finish(job, report.waiting, report.counts(), reason)
        else:
            self._imports.finish(job, report.waiting, report.counts(exact=True))
        return True

    def _read(self, job: Import, report: _Report) -> None:
        told_at = time.monotonic()

        def beside(connection: Connection, _: SourceDocument, outcome: Outcome) -> None:
            store.add_items(connection, job.id, [*report.waiting, report.item(outcome)])
            store.put(connection, job.id, counts=report.counts(outcome))

        inputs = self._inputs(job, report)
        if job.dry_run:
            outcomes = self._capture.compare(inputs, audience=job.audience)
        else:
            outcomes = self._capture.ingest(inputs, audience=job.audience, beside=beside)
        for outcome in outcomes:
            report.add(outcome)
            if outcome.document_id is not None:
                report.committed()
                told_at = time.monotonic()
            elif len(report.waiting) >= _AT_ONCE or time.monotonic() - told_at > _EVERY_S:
                self._imports.report(job, report.waiting, report.counts())
                report.committed()
                told_at = time.monotonic()
            if self._stopping():
                raise _Stopped

    def _inputs(self, job: Import, report: _Report) -> Iterator[SourceDocument | ReadFailure]:
        for item in readers.read_export(
            self._imports.spool.path(job.id),
            job.format,
            source=job.source,
            limits=Limits(archive=self._imports.spool.limit),
            name=job.file_name,
        ):
            if self._stopping():
                raise _Stopped
            if isinstance(item, SourceDocument):
                report.people.update(map(_identity, item.contributors))
                if item.external_id in report.documents:
                    continue
            yield item


class _Report:
    """What was told of an import, and what still has to be.

    ``documents`` names those that an earlier run told of; ``waiting`` is in no transaction yet.
    """

    def __init__(self, job: Import, told: list[ImportItem]) -> None:
        self.documents = {item.name for item in told if item.status != Status.REFUSED}
        self.waiting: list[ImportItem] = []
        self.people: set[object] = set()
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
        counts["people"] = len(self.people)
        if following is not None:
            counts[following.status.value] += 1
        if exact:
            return counts
        return {name: max(count, self._shown.get(name, 0)) for name, count in counts.items()}


def _identity(contributor: Contributor) -> object:
    if contributor.email:
        return contributor.email.strip().lower()
    return ("handle", contributor.handle) if contributor.handle else contributor.name.casefold()

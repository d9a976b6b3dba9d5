"""One run over an export: read it apart, store what it holds, and put away what it no longer holds.

Both doors come through here: ``knowledge.importing``, which makes it durable, and the CLI.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from knowledge.apart import Apart, Budget
from knowledge.archives import Limits, Refused
from knowledge.capture import Beside, Capture, Outcome, Status, Terms
from knowledge.exports import Export
from knowledge.jobs import Gone, Question
from knowledge.store import documents, sources
from knowledge.store.database import Database
from knowledge.store.sources import Held
from knowledge.survey import Survey
from knowledge.types import OPERATOR, Attachment, Loss, Principal, ReadFailure, SourceDocument

ASK_ABOVE = 0.2
"""The share of a source's documents that may be gone from a whole export without asking."""
_NAMED = 20


class Stopped(Exception):
    """The run was asked to end."""


@dataclass(frozen=True, slots=True)
class Course:
    """What is to be read, and how. ``terms`` without ``fetch``; ``full`` None: as the format is
    meant, an export of a wiki being whole and a folder of files not. ``record`` is the session
    record of a single transcript, ``since`` when the import began: what was stored later is none
    of its business. ``reader`` is who will read what is told. Of an earlier run: ``done`` are ids
    that it has told of, with what was lost, ``added`` those of them that it made, ``moved`` and
    ``archived`` how many it was about to move and to put away when it ended."""

    path: Path
    source: str
    format: str
    name: str | None = None
    record: str | None = None
    terms: Terms = field(default_factory=Terms)
    full: bool | None = None
    gone: Gone = Gone.ASK
    dry_run: bool = False
    limits: Limits = field(default_factory=Limits)
    budget: Budget = field(default_factory=Budget)
    since: datetime | None = None
    reader: Principal = OPERATOR
    done: Mapping[str, Collection[Loss]] = field(default_factory=dict)
    added: Collection[str] = frozenset()
    moved: int = 0
    archived: int = 0


class Execution:
    """Iterate ``outcomes`` once; then the rest tells how it went.

    ``moved`` and ``archived`` count documents, in a dry run those that would be; ``question`` is
    not None where too many are gone, which are left as they were.
    """

    def __init__(
        self,
        database: Database,
        capture: Capture,
        course: Course,
        stopping: Callable[[], bool] = lambda: False,
        settling: Callable[[], None] = lambda: None,
    ) -> None:
        """``stopping`` is asked between two inputs; ``settling`` is called when it is decided what
        moves and what is put away, and nothing of it was done yet."""
        self.survey = Survey()
        self.moved = self.archived = 0
        self.question: Question | None = None
        self._database = database
        self._capture = capture
        self._course = course
        self._stopping = stopping
        self._settling = settling
        self._reading = Apart(
            course.path,
            course.format,
            source=course.source,
            limits=course.limits,
            name=course.name,
            record=course.record,
            budget=course.budget,
            waiting=self._wait,
        )
        self._added = set(course.added)

    @property
    def progress(self) -> tuple[int, int]:
        """Bytes read so far, and in all; the latter is 0 until it is known."""
        return min(self._reading.consumed, self._reading.size), self._reading.size

    def outcomes(self, beside: Beside | None = None) -> Iterator[Outcome]:
        """What becomes of each input, as ``Capture.ingest`` tells it, or ``compare``.

        Raises Stopped, and what reading the export raises.
        """
        course = self._course
        with self._database.read() as connection:
            before = sources.of_source(connection, course.source)
        self.survey.compares = bool(before)
        with _Files(course) as files:
            terms = replace(course.terms, fetch=files.fetch)
            if course.dry_run:
                outcomes = self._capture.compare(self._inputs(), terms)
            else:
                outcomes = self._capture.ingest(self._inputs(), terms, beside=beside)
            for outcome in outcomes:
                if outcome.status is Status.ADDED:
                    self._added.add(outcome.name)
                self.survey.note(outcome.name, outcome.losses)
                yield outcome
        self._settle(before)

    def summary(self) -> dict[str, Any]:
        """What was found, and what it came to."""
        with self._database.read() as connection:
            held = sources.of_source(connection, self._course.source)
            ids = [one.id for one in held.values()]
            shown = documents.visible(connection, ids, self._course.reader)
        stored = {name for name, one in held.items() if one.id in shown}
        question = self.question
        return self.survey.summary(stored) | {
            "format": self._reading.whole or "by file",
            "whole": self._is_full,
            "moved": self.moved,
            "archived": self.archived,
            "gone": list(question.names) if question else [],
        }

    @property
    def _is_full(self) -> bool:
        full = self._course.full
        return self._reading.whole is not None if full is None else full

    def _wait(self) -> None:
        if self._stopping():
            raise Stopped

    def _inputs(self) -> Iterator[SourceDocument | ReadFailure]:
        for item in self._reading:
            if self._stopping():
                raise Stopped
            self.survey.see(item)
            if isinstance(item, SourceDocument) and item.external_id in self._course.done:
                self.survey.note(item.external_id, self._course.done[item.external_id])
                continue
            yield item

    def _settle(self, before: dict[str, Held]) -> None:
        """Compare what the source held before with what the export holds."""
        if not self._is_full or not self.survey.complete or self._course.gone is Gone.KEEP:
            return
        old = {
            name: one.id
            for name, one in before.items()
            if name not in self._added
            and one.part in self.survey.parts
            and (self._course.since is None or one.stored_at < self._course.since)
        }
        gone = {name: key for name, key in old.items() if not self.survey.holds(name)}
        moves = self._moves(gone)
        # What an earlier run has moved or put away already is not among the old ones any more.
        self.moved = max(len(moves), self._course.moved)
        held = len(old) + self.moved - len(moves)
        left = {name: key for name, key in gone.items() if name not in moves}
        asks = self._course.gone is Gone.ASK and not self._course.archived
        if asks and len(left) > ASK_ABOVE * held:
            with self._database.read() as connection:
                shown = documents.visible(connection, list(left.values()), self._course.reader)
            names = sorted(name for name, key in left.items() if key in shown)
            self.question = Question(len(left), held, tuple(names[:_NAMED]))
            left = {}
        self.archived = max(len(left), self._course.archived)
        if self._course.dry_run:
            return
        self._settling()
        with self._database.read() as connection:
            now = sources.of_source(connection, self._course.source)
        for name, after in moves.items():
            # Somebody may have deleted one of the two meanwhile.
            if name in now and after in now:
                self._capture.moved(gone[name], now[after].id, self._course.terms.by)
        self._capture.archive(left.values())

    def _moves(self, gone: dict[str, int]) -> dict[str, str]:
        """Old and new ids of the same page: one that is gone has the text of one that is new."""
        names = {key: name for name, key in gone.items()}
        befores: dict[str, list[str]] = {}
        with self._database.read() as connection:
            for key, body in sources.texts(connection, names):
                after = self.survey.of_body(body)
                if after in self._added:
                    befores.setdefault(after, []).append(names[key])
        return {one[0]: after for after, one in befores.items() if len(one) == 1}


class _Files:
    """The export's attachments, opened only when the first one is needed."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._export: Export | None = None

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, *_: object) -> None:
        if self._export is not None:
            self._export.__exit__()

    def fetch(self, attachment: Attachment) -> bytes:
        """Its bytes. Raises Refused when they are not those that were announced."""
        if self._export is None:
            course = self._course
            self._export = Export.open(course.path, course.limits, course.name)
        entry = self._export.get(attachment.entry or "")
        if entry is None:
            raise Refused("is no longer in the export")
        data = entry.read()
        if hashlib.sha256(data).hexdigest() != attachment.digest:
            raise Refused("changed while the export was read; import it again")
        return data

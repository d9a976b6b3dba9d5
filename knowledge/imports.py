"""Imports: files that were handed in to be read later, and what became of each of their inputs.

They are rows beside the documents. What an import reports of a document is written by the
transaction that stores it, so that a report neither repeats nor loses anything, whatever kills the
worker. It tells its owner nothing of what others keep: an owner imports into sources of their own,
and neither shared vectors nor namesakes are reported.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Any

from sqlalchemy import Connection

from knowledge import addresses, editing, readers, requests, telling, turns
from knowledge.barred import barred
from knowledge.errors import Conflict, InvalidInput, NotFound
from knowledge.exports import check_text
from knowledge.jobs import (
    KEPT,
    Action,
    Import,
    ImportItem,
    ImportState,
    Options,
    Question,
)
from knowledge.requests import Repeated, RequestKey
from knowledge.roles import MEMBER, Standing
from knowledge.spool import Spool, Upload, label
from knowledge.store import access
from knowledge.store import imports as store
from knowledge.store.database import Database
from knowledge.types import Audience, Principal, owned_source, source_name

COUNTS = (
    *("added", "changed", "unchanged", "refused", "people"),
    *("moved", "archived", "bytes_read", "bytes"),
)
_MAX_SOURCE = 150
_MAX_CLAUSES = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with a file. ``audience``: one choice a clause, as ``a|b``; readers
    must satisfy all. Without a ``source`` it is called after the file."""

    file_name: str
    format: str = readers.AUTO
    source: str | None = None
    audience: tuple[str, ...] = ()
    dry_run: bool = False
    options: Options = field(default_factory=Options)


class Imports:
    """Everything that concerns imports but running them. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        max_bytes: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``max_bytes``: the largest file that is taken in."""
        self.spool = Spool(database, max_bytes)
        self._database = database
        self._now = now

    def receive(self) -> Upload:
        """Begin to take in a file. Raises OutOfSpace."""
        return self.spool.receive(uuid.uuid4().hex)

    def create(
        self,
        upload: Upload,
        order: Order,
        owner: str,
        *,
        standing: Standing = MEMBER,
        key: str | None = None,
        most: int | None = None,
    ) -> Import:
        """Queue what was received; durable on return. ``standing``: into which sources the
        owner may import that are not their own; ``key``: the caller's name for this request, see
        ``knowledge.requests``; ``most``: how many of the owner's may wait at once.

        Raises InvalidInput, OutOfSpace, and Conflict where as many wait.
        """
        made = self._made(upload, order, owner, standing)
        told = json.dumps(["import", asdict(order), made.source, upload.digest])
        fingerprint = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
        request = None if key is None else RequestKey(owner, key, fingerprint)
        upload.keep()
        try:
            with self._database.write() as connection:
                requests.begin(connection, request, self._now())
                if most is not None and store.waiting(connection, owner) >= most:
                    raise Conflict(f"{most} of your files are not read yet; wait for one of them")
                added = store.add(connection, made)
                requests.remember(connection, request, made.id, self._now())
                telling.begun(connection, added, self._now())
                return added
        except Repeated as repeated:
            upload.drop()
            return self.get(repeated.made, owner)
        except BaseException:
            upload.drop()
            raise

    def _made(self, upload: Upload, order: Order, owner: str, standing: Standing) -> Import:
        file_name = label(order.file_name)
        if not file_name:
            raise InvalidInput("the file has no name; choose a file")
        if order.format != readers.AUTO:
            readers.load(order.format)
        if order.options.url_template is not None:
            addresses.checked(order.options.url_template)
        name = order.source or PurePath(file_name).stem
        return Import(
            id=upload.key,
            owner=owner,
            file_name=file_name,
            stored_as=upload.key,
            format=order.format,
            source=kept_source(name)
            if standing.keeps(name)
            else owned_source(owner, source_of(name)),
            audience=audience_of(order.audience),
            dry_run=order.dry_run,
            options=order.options,
            state=ImportState.QUEUED,
            counts=dict.fromkeys(COUNTS, 0),
            created_at=self._now(),
        )

    def get(self, import_id: str, owner: str) -> Import:
        """One of the owner's imports. Raises NotFound, also for somebody else's."""
        return self.progress(import_id, owner, 0, 0)[0]

    def supervised(self, import_id: str) -> Import:
        """Anybody's import, for administrators: how it goes, and nothing that its file says.

        Raises NotFound.
        """
        with self._database.read() as connection:
            found = _known(store.get(connection, import_id))
        return replace(
            found,
            file_name="",
            source="",
            audience=None,
            error=found.error and "",
            options=replace(found.options, url_template=None),
            question=found.question and replace(found.question, names=()),
            summary=None,
        )

    def of(self, owner: str, limit: int, position: int | None = None) -> tuple[list[Import], int]:
        """A page of the owner's imports, newest first, and the position of the next; 0: none.

        Raises InvalidInput for a position that no page gave.
        """
        try:
            before = None if position is None else _EPOCH + timedelta(microseconds=position)
        except OverflowError as error:
            raise InvalidInput("no list goes on there; start again without a cursor") from error
        with self._database.read() as connection:
            found = store.of_owner(connection, owner, limit + 1, before)
        page = found[:limit]
        more = len(found) > limit
        return page, (page[-1].created_at - _EPOCH) // timedelta(microseconds=1) if more else 0

    def progress(
        self, import_id: str, owner: str, after: int, limit: int | None
    ) -> tuple[Import, list[ImportItem]]:
        """One of the owner's imports, and what it reported after an item's number, of the same
        moment; all of it without a ``limit``. Raises NotFound, also for somebody else's."""
        with self._database.read() as connection:
            found = _known(store.get(connection, import_id))
            if found.owner != owner:
                raise _unknown()
            return found, [] if limit == 0 else store.items_after(
                connection, import_id, after, limit
            )

    def act(
        self, import_id: str, owner: str, action: Action, *, administrator: bool = False
    ) -> Import:
        """Do something with one of the owner's imports. What runs stops at its next input.
        An ``administrator`` may cancel anybody's.

        Raises NotFound, also for somebody else's, and Conflict for what it cannot do now.
        """
        with self._database.write() as connection:
            job = _known(store.get(connection, import_id))
            other = job.owner != owner
            if other and not (administrator and action is Action.CANCEL):
                raise _unknown()
            changed = turns.changed(job, action, self._now())
            if changed is None:
                raise Conflict(f"an import that is {job.state.value} cannot {turns.SAID[action]}")
            if other:
                changed["error"] = "an administrator cancelled this"
            store.put(connection, import_id, **changed)
            job = _known(store.get(connection, import_id))
            if other:
                telling.cancelled(connection, job, owner, self._now())
            else:
                telling.ended(connection, job, self._now())
        if job.state.ended:
            self.spool.remove(job.id)
        return job

    def obey(self, job: Import) -> Import | None:
        """Do what was wished for an import while it ran, or end what must not go on; None where
        neither is so."""
        with self._database.write(frees=True) as connection:
            found = _known(store.get(connection, job.id))
            reason = barred(connection, found, self._now())
            if reason:
                self._bar(connection, found, reason)
            elif found.wish is None:
                return None
            ends = bool(reason) or found.wish is Action.CANCEL
            changed = turns.ended(ImportState.CANCELLED, self._now()) if ends else turns.paused()
            if not reason:
                store.put(connection, job.id, **changed)
                if not found.error:  # told when an administrator cancelled it
                    now = _known(store.get(connection, job.id))
                    telling.ended(connection, now, self._now())
        if ends:
            self.spool.remove(job.id)
        return found

    def stops(self, job: Import) -> bool:
        """Whether an import that runs is to stop: somebody wishes it, or it must not go on."""
        with self._database.read() as connection:
            found = _known(store.get(connection, job.id))
            return found.wish is not None or bool(barred(connection, found, self._now()))

    def _bar(self, connection: Connection, job: Import, reason: str) -> None:
        ended = turns.ended(ImportState.CANCELLED, self._now())
        store.put(connection, job.id, **ended, error=reason)
        telling.cancelled(connection, job, "nobody", self._now())

    def unfinished(self) -> list[Import]:
        """The imports that are queued or were begun, the oldest first, whoever runs them."""
        with self._database.read() as connection:
            return store.unfinished(connection)

    def reader(self, owner: str) -> Principal:
        """Who an owner is as a reader."""
        kind, _, number = owner.partition(":")
        with self._database.read() as connection:
            return access.principal_of(connection, int(number) if kind == "person" else None)

    def begin(self, job: Import) -> tuple[Import, list[ImportItem]] | None:
        """Declare that an import runs now; with what it reported when it ran before. None where
        its owner wants it to wait, or to end, or may not have it any more."""
        with self._database.write() as connection:
            held = _known(store.get(connection, job.id))
            if held.state not in (ImportState.QUEUED, ImportState.RUNNING):
                return None
            reason = barred(connection, held, self._now())
            if not reason:
                store.put(
                    connection,
                    job.id,
                    state=ImportState.RUNNING.value,
                    runs=job.runs + 1,
                    started_at=job.started_at or self._now(),
                )
                found = _known(store.get(connection, job.id))
                return found, store.items_after(connection, job.id, 0)
            self._bar(connection, held, reason)
        self.spool.remove(job.id)
        return None

    def report(self, job: Import, items: Sequence[ImportItem], counts: dict[str, int]) -> None:
        """Tell of inputs of which no document is written."""
        with self._database.write() as connection:
            store.add_items(connection, job.id, items)
            store.put(connection, job.id, counts=counts)

    def ask(
        self,
        job: Import,
        items: Sequence[ImportItem],
        counts: dict[str, int],
        summary: dict[str, Any],
        question: Question,
    ) -> None:
        """Let an import wait for its owner's answer."""
        with self._database.write() as connection:
            store.add_items(connection, job.id, items)
            store.put(
                connection,
                job.id,
                state=ImportState.ASKING.value,
                counts=counts,
                summary=summary,
                question=asdict(question),
            )

    def finish(
        self,
        job: Import,
        items: Sequence[ImportItem] = (),
        counts: dict[str, int] | None = None,
        error: str | None = None,
        summary: dict[str, Any] | None = None,
    ) -> None:
        """Declare the end of an import, failed with an ``error``, and give its file back. That of a
        dry run is kept for a while, until its owner's next one."""
        ended = turns.ended(ImportState.DONE if error is None else ImportState.FAILED, self._now())
        ended |= {"error": error, "counts": job.counts if counts is None else counts}
        if summary is not None:
            ended["summary"] = summary
        gone = [job.id]
        with self._database.write(frees=True) as connection:
            if error is None and job.dry_run:
                gone = store.give_back(connection, job.owner, but=job.id)
                ended["stored_as"] = job.stored_as
            store.add_items(connection, job.id, items)
            store.put(connection, job.id, **ended)
            telling.ended(connection, _known(store.get(connection, job.id)), self._now())
        for key in gone:
            self.spool.remove(key)

    def sweep(self) -> None:
        """Remove files that no import waits for."""
        with self._database.read() as connection:
            waiting, known = store.spooled(connection, self._now() - KEPT)
        self.spool.sweep(waiting, known)


def source_of(name: str) -> str:
    """The name of a source, trimmed. Raises InvalidInput."""
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > _MAX_SOURCE or not cleaned.isprintable():
        raise InvalidInput(
            f"the source needs a name, of at most {_MAX_SOURCE} characters, on one line"
        )
    check_text(cleaned)
    return cleaned


def kept_source(name: str) -> str:
    """The name of a source that the operator keeps, trimmed. Raises InvalidInput, also for the
    sources that are somebody's own and for what colleagues write in whoknows itself."""
    cleaned = source_of(name)
    if cleaned == editing.SOURCE:
        raise InvalidInput(
            f"the source {cleaned!r} is what colleagues write in whoknows itself; name another"
        )
    if source_name(cleaned) != cleaned:
        raise InvalidInput(f"the source {cleaned!r} is somebody's own; name another")
    return cleaned


def audience_of(clauses: Iterable[str]) -> Audience | None:
    """The audience of clauses as they are typed, ``a|b`` for either; None for no clause.

    Raises InvalidInput.
    """
    choices = [clause.split("|") for clause in clauses]
    if not choices:
        return None
    if len(choices) > _MAX_CLAUSES or max(map(len, choices)) > _MAX_CLAUSES:
        raise InvalidInput(f"an audience has at most {_MAX_CLAUSES} conditions and choices")
    try:
        return Audience.of(*choices)
    except ValueError as error:
        raise InvalidInput(str(error)) from error


def _known(found: Import | None) -> Import:
    if found is None:
        raise _unknown()
    return found


def _unknown() -> NotFound:
    return NotFound("no such import")

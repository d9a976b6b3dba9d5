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
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePath

from knowledge import editing, readers, requests
from knowledge.errors import InvalidInput, NotFound
from knowledge.exports import check_text
from knowledge.requests import Repeated, RequestKey
from knowledge.spool import Spool, Upload, label
from knowledge.store import imports as store
from knowledge.store.database import Database
from knowledge.types import Audience, Import, ImportItem, ImportState, owned_source, source_name

COUNTS = ("added", "changed", "unchanged", "refused", "people")
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
        shared: bool = False,
        key: str | None = None,
    ) -> Import:
        """Queue what was received; durable on return. ``shared``: into a source of nobody's own;
        ``key``: the caller's name for this request, see ``knowledge.requests``.

        Raises InvalidInput, OutOfSpace.
        """
        made = self._made(upload, order, owner, shared)
        told = json.dumps(["import", asdict(order), shared, upload.digest])
        fingerprint = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
        request = None if key is None else RequestKey(owner, key, fingerprint)
        upload.keep()
        try:
            with self._database.write() as connection:
                requests.begin(connection, request, self._now())
                added = store.add(connection, made)
                requests.remember(connection, request, made.id, self._now())
                return added
        except Repeated as repeated:
            upload.drop()
            return self.get(repeated.made, owner)
        except BaseException:
            upload.drop()
            raise

    def _made(self, upload: Upload, order: Order, owner: str, shared: bool) -> Import:
        file_name = label(order.file_name)
        if not file_name:
            raise InvalidInput("the file has no name; choose a file")
        if order.format != readers.AUTO:
            readers.load(order.format)
        name = order.source or PurePath(file_name).stem
        return Import(
            id=upload.key,
            owner=owner,
            file_name=file_name,
            stored_as=upload.key,
            format=order.format,
            source=kept_source(name) if shared else owned_source(owner, source_of(name)),
            audience=audience_of(order.audience),
            dry_run=order.dry_run,
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
        return replace(found, file_name="", source="", audience=None, error=found.error and "")

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
        self, import_id: str, owner: str, after: int, limit: int
    ) -> tuple[Import, list[ImportItem]]:
        """One of the owner's imports, and what it reported after an item's number, of the same
        moment. Raises NotFound, also for somebody else's."""
        with self._database.read() as connection:
            found = _known(store.get(connection, import_id))
            if found.owner != owner:
                raise _unknown()
            return found, store.items_after(connection, import_id, after, limit) if limit else []

    def unfinished(self) -> Import | None:
        """The oldest import that is queued or was begun, whoever runs it."""
        with self._database.read() as connection:
            return store.unfinished(connection)

    def begin(self, job: Import) -> tuple[Import, list[ImportItem]]:
        """Declare that an import runs now; with what it reported when it ran before."""
        with self._database.write() as connection:
            store.put(
                connection,
                job.id,
                state=ImportState.RUNNING.value,
                runs=job.runs + 1,
                started_at=job.started_at or self._now(),
            )
            found = _known(store.get(connection, job.id))
            return found, store.items_after(connection, job.id, 0)

    def report(self, job: Import, items: Sequence[ImportItem], counts: dict[str, int]) -> None:
        """Tell of inputs of which no document is written."""
        with self._database.write() as connection:
            store.add_items(connection, job.id, items)
            store.put(connection, job.id, counts=counts)

    def finish(
        self,
        job: Import,
        items: Sequence[ImportItem] = (),
        counts: dict[str, int] | None = None,
        error: str | None = None,
    ) -> None:
        """Declare the end of an import, failed with an ``error``, and give its file back."""
        ended = {
            "state": (ImportState.DONE if error is None else ImportState.FAILED).value,
            "error": error,
            "counts": job.counts if counts is None else counts,
            "stored_as": None,
            "finished_at": self._now(),
        }
        with self._database.write(frees=True) as connection:
            store.add_items(connection, job.id, items)
            store.put(connection, job.id, **ended)
        self.spool.remove(job.id)

    def sweep(self) -> None:
        """Remove files that no import waits for."""
        with self._database.read() as connection:
            waiting, known = store.spooled(connection)
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

"""The use case: source documents become stored knowledge, each in one transaction.

Document, revision, contributions, audience, passages, vectors and the change-log row commit
together or not at all. Splitting and embedding come in as one injected function, ``Prepare``,
and run before the transaction, outside the write lock.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from knowledge import audit, labels, rights
from knowledge.audit import Action
from knowledge.errors import InvalidInput, NotFound, WhoknowsError
from knowledge.store import access, attachments, changes, documents, passages, speakers
from knowledge.store.database import Database
from knowledge.types import OPERATOR, Audience, Contribution, ReadFailure, SourceDocument
from knowledge.writing import (
    Beside,
    Completing,
    First,
    Joined,
    Known,
    Outcome,
    Prepare,
    Prepared,
    Status,
    Terms,
    content_hash,
    known_shares,
    settled,
    source_rights,
    tell_access,
    write,
)

__all__ = [
    "Beside",
    "Capture",
    "First",
    "Known",
    "Outcome",
    "Prepare",
    "Prepared",
    "Status",
    "Terms",
    "content_hash",
    "reprepare",
]

_AS_THEY_COME = Terms()
_WINDOW = 500
_LONGEST_S = 2.0
_AHEAD_BYTES = 100_000_000


class Capture:
    """Everything that writes documents. Safe to share between threads."""

    def __init__(self, database: Database, prepare: Prepare, window_chars: int = 200_000) -> None:
        """``window_chars``: how much text is embedded together; large batches fill the model."""
        self._database = database
        self._prepare = prepare
        self._window_chars = window_chars

    def ingest(
        self,
        items: Iterable[SourceDocument | ReadFailure],
        terms: Terms = _AS_THEY_COME,
        *,
        beside: Beside | None = None,
    ) -> Iterator[Outcome]:
        """Store what comes, lazily, one outcome an input and in their order; a bad one never
        loses a good one. ``beside`` joins the transaction of each document that is written.

        Without an audience in ``terms`` a stored document whose source says nothing about rights
        keeps its own, and a new one is for everyone signed in. When ``items`` fails, what came
        before is stored before the error goes on.
        """
        given = Completing(self._database, terms)
        joined = Joined(beside=beside, terms=terms)
        window: list[SourceDocument | ReadFailure] = []
        size = 0
        waiting = iter(items)
        stored_at = time.monotonic()
        while True:
            try:
                item = next(waiting, None)
            except Exception:
                yield from self._store_window(window, joined)
                raise
            if item is None:
                break
            if isinstance(item, SourceDocument):
                item = given.completed(item, declare=True)
                size += len(item.body)
            window.append(item)
            full = size >= self._window_chars or len(window) >= _WINDOW
            # What is slow to read must not wait to be found until there is enough of it.
            if full or time.monotonic() - stored_at > _LONGEST_S:
                yield from self._store_window(window, joined)
                window, size, stored_at = [], 0, time.monotonic()
        yield from self._store_window(window, joined)

    def compare(
        self, items: Iterable[SourceDocument | ReadFailure], terms: Terms = _AS_THEY_COME
    ) -> Iterator[Outcome]:
        """What ``ingest`` would make of them; splits, embeds and writes nothing."""
        given = Completing(self._database, terms)
        for told in items:
            item = (
                given.completed(told, declare=False) if isinstance(told, SourceDocument) else told
            )
            with self._database.read() as connection:
                outcome = settled(connection, item, terms)
                if outcome is None:
                    assert isinstance(item, SourceDocument)
                    stored = documents.standing(connection, item.source, item.external_id)
                    _, lost = source_rights(connection, item, terms)
                    outcome = Outcome(
                        item.external_id,
                        Status.ADDED if stored is None else Status.CHANGED,
                        losses=(*item.losses, *lost),
                    )
            yield outcome

    def save(
        self,
        document: SourceDocument,
        *,
        makers: tuple[Contribution, ...] | None = None,
        first: First | None = None,
        beside: Beside | None = None,
        by: str = "operator",
    ) -> Outcome:
        """Store one document that a person wrote. Raises InvalidInput instead of refusing.

        ``makers`` says who made it where that is known already, instead of its contributors.
        ``first`` begins and ``beside`` ends the transaction, if anything has to be written; ``by``:
        whose doing it is.
        """
        joined = Joined(first, beside, makers, Terms(by=by))
        (outcome,) = self._store_window([document], joined)
        if outcome.status is Status.REFUSED:
            raise InvalidInput(outcome.reason)
        return outcome

    def delete(self, document_id: int, first: First | None = None, by: str = "operator") -> None:
        """Delete a document and everything derived from it. Raises NotFound."""
        with self._database.write(frees=True) as connection:
            if first is not None:
                first(connection)
            documents.get(connection, document_id, OPERATOR)
            passages.replace(connection, document_id, [])
            attachments.remove(connection, document_id)
            documents.remove(connection, document_id)
            audit.record(connection, by, Action.DELETED, f"document:{document_id}")
            changes.record(connection, [document_id])

    def archive(self, document_ids: Iterable[int]) -> None:
        """Put away what its source no longer has: nobody finds or reads it until it comes in
        again. What is not there, or put away already, is passed over."""
        for document_id in document_ids:
            with self._database.write(frees=True) as connection:
                if not documents.load(connection, [document_id], OPERATOR):
                    continue
                passages.replace(connection, document_id, [])
                documents.put(connection, document_id, {"archived_at": datetime.now(UTC)})
                changes.record(connection, [document_id])

    def moved(self, before: int, after: int, by: str = "operator") -> None:
        """Make two documents one that are the same page under an old and a new id of its source:
        the first one's id and history, the other's content. Raises NotFound."""
        with self._database.write(frees=True) as connection:
            for key in (before, after):
                documents.get(connection, key, OPERATOR)
            audience_id = _of_both(connection, before, after)
            old = documents.audiences_of(connection, before).audience_id
            tell_access(connection, by, before, old, audience_id)
            digests = attachments.digests_of(connection, before)
            passages.replace(connection, before, passages.drafts_of(connection, after))
            passages.replace(connection, after, [])
            speakers.take_over(connection, before, after)
            documents.take_over(connection, before, after)
            documents.put(connection, before, {"audience_id": audience_id})
            attachments.forget(connection, digests)
            labels.taken_over(connection, before)
            changes.record(connection, [before, after])

    def set_audience(
        self,
        document_id: int,
        audience: Audience,
        first: First | None = None,
        by: str = "operator",
    ) -> None:
        """Change who may read a document: never more than in its source. Raises NotFound."""
        with self._database.write() as connection:
            if first is not None:
                first(connection)
            documents.get(connection, document_id, OPERATOR)
            rights_id = documents.rights_of(connection, document_id)
            if rights_id is not None:
                audience = rights.joined(access.audience_of(connection, rights_id), audience)
            audience_id = access.intern(connection, audience)
            old = documents.audiences_of(connection, document_id).audience_id
            tell_access(connection, by, document_id, old, audience_id)
            documents.put(connection, document_id, {"audience_id": audience_id})
            changes.record(connection, [document_id])

    def _store_window(
        self, window: Sequence[SourceDocument | ReadFailure], joined: Joined
    ) -> Iterator[Outcome]:
        with self._database.read() as connection:
            outcomes = [settled(connection, item, joined.terms) for item in window]
        fresh = [
            item
            for item, outcome in zip(window, outcomes, strict=True)
            if outcome is None and isinstance(item, SourceDocument)
        ]
        to_store = zip(fresh, self._prepare_all(fresh), strict=True)
        for outcome in outcomes:
            if outcome is not None:
                yield outcome
                continue
            document, prepared = next(to_store)
            if isinstance(prepared, str):
                yield Outcome(document.external_id, Status.REFUSED, reason=prepared)
                continue
            try:
                yield self._store(document, prepared, joined)
            except InvalidInput as error:
                yield Outcome(document.external_id, Status.REFUSED, reason=str(error))

    def _prepare_all(self, window: list[SourceDocument]) -> list[Prepared | str]:
        """Prepare together; when that fails, one by one, so that only the bad one is lost."""
        try:
            return list(self._prepare(window, self._known))
        except WhoknowsError:
            raise
        except (ValueError, RecursionError, MemoryError) as error:
            if len(window) == 1:
                return [f"the text cannot be split or embedded ({type(error).__name__}: {error})"]
        return [result for document in window for result in self._prepare_all([document])]

    def _fetched(self, document: SourceDocument, terms: Terms) -> dict[str, bytes | InvalidInput]:
        """The files that nobody has yet, read before the transaction as far as memory allows."""
        found: dict[str, bytes | InvalidInput] = {}
        if terms.fetch is None or not document.attachments:
            return found
        with self._database.read() as connection:
            kept = attachments.kept(connection, {one.digest for one in document.attachments})
        room = _AHEAD_BYTES
        for one in document.attachments:
            if one.data is not None or one.digest in kept or one.digest in found:
                continue
            room -= one.size
            if room < 0:
                break
            try:
                found[one.digest] = terms.fetch(one)
            except InvalidInput as error:
                found[one.digest] = error
        return found

    def _known(self, model: str, hashes: Collection[str]) -> set[str]:
        with self._database.read() as connection:
            return passages.known_vectors(connection, model, hashes)

    def _store(self, document: SourceDocument, prepared: Prepared, joined: Joined) -> Outcome:
        files = self._fetched(document, joined.terms)
        while True:
            with self._database.write() as connection:
                needed = {draft.text_hash for draft in prepared.passages}
                missing = needed - prepared.vectors.keys()
                if missing <= passages.known_vectors(connection, prepared.model, missing):
                    return write(connection, document, prepared, joined, files)
            # Somebody deleted the last passage with that text since it was looked up.
            (prepared,) = self._prepare([document], self._known)


def _of_both(connection: Connection, before: int, after: int) -> int:
    """The audience of a page that was moved: what a colleague narrowed here stays narrow."""
    old, new = (documents.audiences_of(connection, key) for key in (before, after))
    untouched = old.rights_id is not None and old.audience_id == old.rights_id
    if untouched or old.audience_id == new.audience_id:
        return int(new.audience_id)
    both = (access.audience_of(connection, one.audience_id) for one in (old, new))
    return access.intern(connection, rights.joined(*both))


def reprepare(database: Database, prepare: Prepare, model: str) -> Iterator[int]:
    """Split and embed again what has no vector for ``model``; yields each document's id.

    Needed once after the model was changed. Raises NotFound never: a document that vanished
    meanwhile is passed over.
    """
    with database.read() as connection:
        stale = passages.without_vectors(connection, model)
    for document_id in stale:
        try:
            with database.read() as connection:
                document = documents.get(connection, document_id, OPERATOR)
                body = documents.body(connection, document_id, OPERATOR)
        except NotFound:
            continue
        again = SourceDocument(
            document.source_key, document.external_id, document.title, body, document.kind
        )
        (prepared,) = prepare([again], lambda _model, _hashes: set())
        with database.write() as connection:
            stored = documents.find(connection, document.source_key, document.external_id)
            if stored is None or stored.body != body or stored.title != document.title:
                continue
            old = {p.ordinal: p for p, _ in passages.of_documents(connection, [document_id], model)}
            speakers = {
                share.label.casefold(): share.person_id
                for passage in old.values()
                for share in passage.speakers
                if share.person_id is not None
            }
            drafts = [
                replace(d, speakers=known_shares(d.speakers, speakers)) for d in prepared.passages
            ]
            passages.replace(connection, document_id, drafts)
            passages.add_vectors(connection, prepared.model, prepared.vectors)
            changes.record(connection, [document_id])
        yield document_id

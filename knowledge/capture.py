"""The use case: source documents become stored knowledge, each in one transaction.

Document, revision, contributions, audience, passages, vectors and the change-log row commit
together or not at all. Splitting and embedding come in as one injected function, ``Prepare``,
and run before the transaction, outside the write lock.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from sqlalchemy import Connection

from knowledge import limits, people
from knowledge.errors import InvalidInput, NotFound, WhoknowsError
from knowledge.store import access, changes, documents, passages
from knowledge.store.database import Database
from knowledge.types import (
    EVERYONE,
    OPERATOR,
    Audience,
    Contribution,
    PassageDraft,
    ReadFailure,
    Share,
    SourceDocument,
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """One document split and embedded: ``vectors`` (by text hash) holds only the new ones."""

    passages: tuple[PassageDraft, ...]
    model: str
    vectors: dict[str, bytes]


Known = Callable[[str, Collection[str]], set[str]]
"""(model, text hashes) -> those whose vector is stored."""

Prepare = Callable[[Sequence[SourceDocument], Known], list[Prepared]]
"""Split and embed several documents at once; one result a document, in order."""


class Status(StrEnum):
    """What became of one input."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``embedded`` counts new vectors; ``ambiguous`` names people who were kept apart."""

    name: str
    status: Status
    document_id: int | None = None
    reason: str = ""
    embedded: int = 0
    ambiguous: tuple[str, ...] = ()


Beside = Callable[[Connection, SourceDocument, Outcome], None]
"""What else the transaction that stores a document does; the outcome is what it will be."""

First = Callable[[Connection], None]
"""What a transaction begins with; what it raises ends the transaction and is raised."""


@dataclass(frozen=True, slots=True)
class _With:
    """What a transaction does besides; ``makers`` stand in for the document's contributors."""

    first: First | None = None
    beside: Beside | None = None
    makers: tuple[Contribution, ...] | None = None


_WINDOW = 500


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
        *,
        audience: Audience | None = None,
        speakers_consented: bool | None = None,
        beside: Beside | None = None,
    ) -> Iterator[Outcome]:
        """Store what comes, lazily, one outcome an input and in their order; a bad one never
        loses a good one. ``beside`` joins the transaction of each document that is written.

        ``audience`` applies to documents whose source says nothing about rights. Without it a
        stored document keeps its audience, and a new one is for everyone signed in. When
        ``items`` fails, what came before is stored before the error goes on.
        """
        declared: set[str] = set()
        joined = _With(beside=beside)
        window: list[SourceDocument | ReadFailure] = []
        size = 0
        waiting = iter(items)
        while True:
            try:
                item = next(waiting, None)
            except WhoknowsError:
                yield from self._store_window(window, joined)
                raise
            if item is None:
                break
            if isinstance(item, SourceDocument):
                if speakers_consented is not None and item.source not in declared:
                    declared.add(item.source)
                    with self._database.write() as connection:
                        documents.source_id(connection, item.source, speakers_consented)
                item = _narrowed(item, audience)
                size += len(item.body)
            window.append(item)
            if size >= self._window_chars or len(window) >= _WINDOW:
                yield from self._store_window(window, joined)
                window, size = [], 0
        yield from self._store_window(window, joined)

    def compare(
        self, items: Iterable[SourceDocument | ReadFailure], *, audience: Audience | None = None
    ) -> Iterator[Outcome]:
        """What ``ingest`` would make of them; splits, embeds and writes nothing."""
        for given in items:
            item = _narrowed(given, audience) if isinstance(given, SourceDocument) else given
            with self._database.read() as connection:
                settled = _settled(connection, item)
                if settled is None:
                    assert isinstance(item, SourceDocument)
                    stored = documents.find(connection, item.source, item.external_id)
                    settled = Outcome(
                        item.external_id, Status.ADDED if stored is None else Status.CHANGED
                    )
            yield settled

    def save(
        self,
        document: SourceDocument,
        *,
        makers: tuple[Contribution, ...] | None = None,
        first: First | None = None,
        beside: Beside | None = None,
    ) -> Outcome:
        """Store one document that a person wrote. Raises InvalidInput instead of refusing.

        ``makers`` says who made it where that is known already, instead of its contributors.
        ``first`` begins and ``beside`` ends the transaction, if anything has to be written.
        """
        (outcome,) = self._store_window([document], _With(first, beside, makers))
        if outcome.status is Status.REFUSED:
            raise InvalidInput(outcome.reason)
        return outcome

    def delete(self, document_id: int, first: First | None = None) -> None:
        """Delete a document and everything derived from it. Raises NotFound."""
        with self._database.write(frees=True) as connection:
            if first is not None:
                first(connection)
            documents.get(connection, document_id, OPERATOR)
            passages.replace(connection, document_id, [])
            documents.remove(connection, document_id)
            changes.record(connection, [document_id])

    def set_audience(
        self, document_id: int, audience: Audience, first: First | None = None
    ) -> None:
        """Change who may read a document. Raises NotFound."""
        with self._database.write() as connection:
            if first is not None:
                first(connection)
            documents.get(connection, document_id, OPERATOR)
            audience_id = access.intern(connection, audience)
            documents.put(connection, document_id, {"audience_id": audience_id})
            changes.record(connection, [document_id])

    def _store_window(
        self, window: Sequence[SourceDocument | ReadFailure], joined: _With
    ) -> Iterator[Outcome]:
        with self._database.read() as connection:
            settled = [_settled(connection, item) for item in window]
        fresh = [
            item
            for item, outcome in zip(window, settled, strict=True)
            if outcome is None and isinstance(item, SourceDocument)
        ]
        to_store = zip(fresh, self._prepare_all(fresh), strict=True)
        for outcome in settled:
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

    def _known(self, model: str, hashes: Collection[str]) -> set[str]:
        with self._database.read() as connection:
            return passages.known_vectors(connection, model, hashes)

    def _store(self, document: SourceDocument, prepared: Prepared, joined: _With) -> Outcome:
        while True:
            with self._database.write() as connection:
                needed = {draft.text_hash for draft in prepared.passages}
                missing = needed - prepared.vectors.keys()
                if missing <= passages.known_vectors(connection, prepared.model, missing):
                    return _write(connection, document, prepared, joined)
            # Somebody deleted the last passage with that text since it was looked up.
            (prepared,) = self._prepare([document], self._known)


def _settled(connection: Connection, item: SourceDocument | ReadFailure) -> Outcome | None:
    """The outcome of an input of which nothing has to be stored; else None."""
    if isinstance(item, ReadFailure):
        return Outcome(item.name, Status.REFUSED, reason=item.reason)
    problem = limits.problem(item)
    if problem:
        return Outcome(item.external_id, Status.REFUSED, reason=problem)
    stored = documents.content_hashes(connection, item.source, [item.external_id])
    if stored.get(item.external_id) == content_hash(item):
        return Outcome(item.external_id, Status.UNCHANGED)
    return None


def _narrowed(document: SourceDocument, audience: Audience | None) -> SourceDocument:
    return document if document.audience else replace(document, audience=audience)


def _write(
    connection: Connection, document: SourceDocument, prepared: Prepared, joined: _With
) -> Outcome:
    if joined.first is not None:
        joined.first(connection)
    digest = content_hash(document)
    source_id = documents.source_id(connection, document.source)
    stored = documents.find(connection, document.source, document.external_id)
    same_text = stored and (stored.title, stored.body) == (document.title, document.body)
    revision = 1 if stored is None else stored.revision + (0 if same_text else 1)
    document_id = documents.put(
        connection,
        stored and stored.id,
        {
            "source_id": source_id,
            "external_id": document.external_id,
            "kind": document.kind.value,
            "title": document.title,
            "url": document.url,
            "body": document.body,
            "level": document.level and document.level.value,
            "audience_id": stored.audience_id
            if stored and document.audience is None
            else access.intern(connection, document.audience or Audience.of(EVERYONE)),
            "content_hash": digest,
            "revision": revision,
            "created_at": document.created_at,
            "updated_at": document.updated_at,
        },
    )
    if not same_text:
        documents.add_revision(
            connection, document_id, revision, document.title, document.body, digest
        )
    speakers: dict[str, int] = {}
    made, ambiguous = [], []
    for contributor in document.contributors:
        found = people.resolve(connection, document.source, contributor)
        name = " ".join(contributor.name.split())
        made.append(
            Contribution(
                found.person_id, name, contributor.role, contributor.weight, contributor.at
            )
        )
        speakers[(contributor.label or contributor.name).casefold()] = found.person_id
        if found.ambiguous:
            ambiguous.append(contributor.name)
    documents.put_details(connection, document_id, document.tags, joined.makers or made)
    drafts = [replace(d, speakers=_known_shares(d.speakers, speakers)) for d in prepared.passages]
    passages.replace(connection, document_id, drafts)
    passages.add_vectors(connection, prepared.model, prepared.vectors)
    outcome = Outcome(
        document.external_id,
        Status.ADDED if stored is None else Status.CHANGED,
        document_id,
        embedded=len(prepared.vectors),
        ambiguous=tuple(sorted(set(ambiguous))),
    )
    if joined.beside is not None:
        joined.beside(connection, document, outcome)
    changes.record(connection, [document_id])
    return outcome


def _known_shares(shares: tuple[Share, ...], speakers: dict[str, int]) -> tuple[Share, ...]:
    return tuple(replace(s, person_id=speakers.get(s.label.casefold())) for s in shares)


def content_hash(document: SourceDocument) -> str:
    """SHA-256 in hex over everything that a source says of a document."""
    told = json.dumps(asdict(document), default=str, sort_keys=True)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


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
                replace(d, speakers=_known_shares(d.speakers, speakers)) for d in prepared.passages
            ]
            passages.replace(connection, document_id, drafts)
            passages.add_vectors(connection, prepared.model, prepared.vectors)
            changes.record(connection, [document_id])
        yield document_id

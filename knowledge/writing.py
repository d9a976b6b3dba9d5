"""Writing one document: what its transaction does, and whether there is anything to write.

``knowledge.capture`` decides when; this decides what.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from knowledge import addresses, audit, labels, limits, people, rights
from knowledge.audit import Action
from knowledge.errors import InvalidInput
from knowledge.store import access, attachments, changes, details, documents, passages, sources
from knowledge.store.database import Database
from knowledge.types import (
    EVERYONE,
    Attachment,
    Audience,
    Contribution,
    Loss,
    LossKind,
    PassageDraft,
    ReadFailure,
    Share,
    SourceDocument,
)

_LATER = frozenset(("restrictions", "links", "attachments", "losses", "aliases", "part", "rough"))


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
    """``embedded`` counts new vectors; ``ambiguous`` names people who were kept apart, ``losses``
    what did not come over as it was, of a document that is written."""

    name: str
    status: Status
    document_id: int | None = None
    reason: str = ""
    embedded: int = 0
    ambiguous: tuple[str, ...] = ()
    losses: tuple[Loss, ...] = ()


Beside = Callable[[Connection, SourceDocument, Outcome], None]
"""What else the transaction that stores a document does; the outcome is what it will be."""

First = Callable[[Connection], None]
"""What a transaction begins with; what it raises ends the transaction and is raised."""


Fetch = Callable[[Attachment], bytes]
"""The bytes of an attachment that lie in its export. Raises Refused."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On which an import comes in. ``audience``: who may read what says nothing of rights;
    ``importer``: the token of who reads what is for nobody known; ``url_template``: where its
    pages stand on the web; ``fetch``: without it, attachments that lie in the export are left;
    ``by``: whose doing it is."""

    audience: Audience | None = None
    importer: str = rights.NOBODY
    speakers_consented: bool | None = None
    url_template: str | None = None
    fetch: Fetch | None = None
    by: str = "operator"


@dataclass(frozen=True, slots=True)
class Joined:
    """What a transaction does besides; ``makers`` stand in for the document's contributors."""

    first: First | None = None
    beside: Beside | None = None
    makers: tuple[Contribution, ...] | None = None
    terms: Terms = field(default_factory=Terms)


def settled(
    connection: Connection, item: SourceDocument | ReadFailure, terms: Terms
) -> Outcome | None:
    """The outcome of an input of which nothing has to be stored; else None."""
    if isinstance(item, ReadFailure):
        return Outcome(item.name, Status.REFUSED, reason=item.reason)
    problem = limits.problem(item)
    if problem:
        return Outcome(item.external_id, Status.REFUSED, reason=problem)
    stored = documents.standing(connection, item.source, item.external_id)
    if stored is None or stored.archived_at or stored.content_hash != content_hash(item):
        return None
    # Asked anew each time: somebody may have become known whom the source lets read.
    audience, _ = source_rights(connection, item, terms)
    known = None if audience is None else access.interned(connection, audience)
    if audience is not None and known != stored.rights_id:
        return None
    return Outcome(item.external_id, Status.UNCHANGED)


def source_rights(
    connection: Connection, document: SourceDocument, terms: Terms
) -> tuple[Audience | None, tuple[Loss, ...]]:
    """Who may read it in its source, None where that says nothing; and who could not be told."""
    if not document.restrictions:
        return None, ()
    mapped = rights.resolve(connection, document.source, document.restrictions, terms.importer)
    lost = tuple(Loss(LossKind.RIGHTS, f"{name}: not known here") for name in mapped.unmapped)
    audience = mapped.audience
    return rights.joined(audience, document.audience) if document.audience else audience, lost


def _audience(
    connection: Connection, stored: Any, document: SourceDocument, told: Audience | None
) -> tuple[int, int | None]:
    """The ids of a document's audience and of its rights. What a colleague narrowed here stays
    narrow."""
    declared = document.audience or Audience.of(EVERYONE)
    if told is None:
        opened = stored and stored.rights_id is not None and stored.audience_id == stored.rights_id
        if stored and document.audience is None and not opened:
            return stored.audience_id, None
        return access.intern(connection, declared), None
    rights_id = access.intern(connection, told)
    if stored is None or stored.audience_id == stored.rights_id:
        return rights_id, rights_id
    if stored.rights_id == rights_id:
        return stored.audience_id, rights_id
    before = access.audience_of(connection, stored.audience_id)
    return access.intern(connection, rights.joined(told, before)), rights_id


class Completing:
    """Completes documents with what an import says of its sources."""

    def __init__(self, database: Database, terms: Terms) -> None:
        self._database = database
        self._terms = terms
        self._templates: dict[str, str | None] = {}

    def completed(self, document: SourceDocument, *, declare: bool) -> SourceDocument:
        """The document, with the declared audience and its address; ``declare`` keeps what the
        terms say of a source, when the first of its documents comes."""
        source, terms = document.source, self._terms
        if source not in self._templates:
            if declare and (terms.speakers_consented, terms.url_template) != (None, None):
                with self._database.write() as connection:
                    sources.source_id(connection, source, terms.speakers_consented)
                    if terms.url_template is not None:
                        sources.set_url_template(connection, source, terms.url_template)
            with self._database.read() as connection:
                kept = sources.url_template(connection, source)
            self._templates[source] = terms.url_template or kept
        template = self._templates[source]
        if document.url is None and template:
            document = replace(document, url=addresses.address(template, document))
        return document if document.audience else replace(document, audience=terms.audience)


def write(
    connection: Connection,
    document: SourceDocument,
    prepared: Prepared,
    joined: Joined,
    files: Mapping[str, bytes | InvalidInput],
) -> Outcome:
    if joined.first is not None:
        joined.first(connection)
    digest = content_hash(document)
    source_id = sources.source_id(connection, document.source)
    speakers: dict[str, int] = {}
    made, ambiguous = [], []
    for contributor in labels.somebody(document.contributors):
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
    stored = documents.find(connection, document.source, document.external_id)
    told, lost = source_rights(connection, document, joined.terms)
    audience_id, rights_id = _audience(connection, stored, document, told)
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
            "rough": document.rough,
            "audience_id": audience_id,
            "rights_id": rights_id,
            "archived_at": None,
            "part": document.part,
            "content_hash": digest,
            "revision": revision,
            "created_at": document.created_at,
            "updated_at": document.updated_at,
        },
    )
    if stored is not None:
        tell_access(connection, joined.terms.by, document_id, stored.audience_id, audience_id)
    if not same_text:
        documents.add_revision(
            connection, document_id, revision, document.title, document.body, digest
        )
    edited = joined.makers is not None
    makers = joined.makers or made
    heard = labels.settled(connection, document_id, document.body, speakers, makers, edited=edited)
    details.put(connection, document_id, document.tags, heard.made)
    attachments.put_links(connection, document_id, document.links, document.aliases)
    lost += _put_attachments(
        connection, document_id, document.attachments, files, joined.terms.fetch
    )
    drafts = [
        replace(d, speakers=known_shares(d.speakers, heard.labels)) for d in prepared.passages
    ]
    passages.replace(connection, document_id, drafts)
    passages.add_vectors(connection, prepared.model, prepared.vectors)
    outcome = Outcome(
        document.external_id,
        Status.ADDED if stored is None else Status.CHANGED,
        document_id,
        embedded=len(prepared.vectors),
        ambiguous=tuple(sorted(set(ambiguous))),
        losses=(*document.losses, *lost),
    )
    if joined.beside is not None:
        joined.beside(connection, document, outcome)
    changes.record(connection, [document_id])
    return outcome


def tell_access(connection: Connection, by: str, document_id: int, before: int, after: int) -> None:
    """Tell the audit who changed who may read a document, if it is changed; by the audiences."""
    if before != after:
        subject = f"document:{document_id}"
        audit.record(connection, by, Action.ACCESS_CHANGED, subject, before=before, after=after)


def _put_attachments(
    connection: Connection,
    document_id: int,
    told: Sequence[Attachment],
    files: Mapping[str, bytes | InvalidInput],
    fetch: Fetch | None,
) -> tuple[Loss, ...]:
    """Keep the files of which the bytes can be had; what is lost of them. ``files``: what was
    fetched already, by digest."""
    lost: list[Loss] = []

    def bytes_of(one: Attachment) -> bytes | None:
        if one.data is not None:
            return one.data
        if fetch is None:
            return None
        try:
            found = files[one.digest] if one.digest in files else fetch(one)
            if isinstance(found, InvalidInput):
                raise found
            return found
        except InvalidInput as error:
            lost.append(Loss(LossKind.ATTACHMENT, f"{one.name}: {error}"))
            return None

    attachments.put(connection, document_id, told, bytes_of)
    return tuple(lost)


def known_shares(
    shares: tuple[Share, ...], speakers: Mapping[str, int | None]
) -> tuple[Share, ...]:
    return tuple(replace(s, person_id=speakers.get(s.label.casefold())) for s in shares)


def content_hash(document: SourceDocument) -> str:
    """SHA-256 in hex over everything that a source says of a document.

    What came into this project later is told only where there is any: a later version must not
    take every document of an earlier one for changed. Losses are of the reader, not the source.
    """
    held = asdict(replace(document, losses=(), attachments=()))
    held |= {"attachments": [(a.href, a.name, a.digest) for a in document.attachments]}
    said = {name: value for name, value in held.items() if value or name not in _LATER}
    told = json.dumps(said, default=str, sort_keys=True)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()

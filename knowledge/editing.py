"""The use case: colleagues write, change and delete documents.

Who may change a document stands here, who may read it in ``store.access``: whoever reads it and
is its author, editor or owner, or an administrator. The rule and the version are looked at once
more inside the transaction that writes.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from knowledge import drafts, markdown, requests
from knowledge.capture import Capture, First, Outcome
from knowledge.drafts import Draft
from knowledge.errors import Conflict, InvalidInput, NotAllowed, NotFound, Stale
from knowledge.requests import Repeated, RequestKey
from knowledge.store import access, attachments, documents, people
from knowledge.store.database import Database
from knowledge.types import (
    Attachment,
    Audience,
    Contribution,
    Document,
    Kind,
    Principal,
    Role,
    SourceDocument,
)

SOURCE = "app"


@dataclass(frozen=True, slots=True)
class Editor:
    """Who wants to change something. ``admin`` lets them change what they may read, no more;
    ``name`` is how the audit calls them."""

    principal: Principal
    admin: bool = False
    name: str = "operator"


@dataclass(frozen=True, slots=True)
class Shown:
    """A document as its reader gets it. ``audience`` only for those who may change it;
    ``version`` differs after every write."""

    document: Document
    body: str
    audience: Audience | None
    version: str


@dataclass(frozen=True, slots=True)
class Besides:
    """What else comes with a write: ``files`` of which the bytes are stored already, and others who
    ``made`` it; ``first`` begins its transaction and ``last`` ends it."""

    files: Sequence[Attachment] = ()
    made: tuple[Contribution, ...] = ()
    first: First = lambda _connection: None
    last: First = lambda _connection: None


_NOTHING = Besides()


@dataclass(frozen=True, slots=True)
class Page:
    """Documents of a list; ``more`` says that others follow."""

    documents: list[Document]
    more: bool


def may_edit(editor: Editor, document: Document) -> bool:
    """Whether somebody may change a document that they may read: as its author or editor, because
    it was passed on to them, or because it is in a source of their own."""
    asker = editor.principal
    ids = {key for key in (asker.person_id, *asker.parts) if key is not None}
    own = {f"person:{key}/" for key in ids}
    return (
        editor.admin
        or document.owner_id in ids
        or document.source_key.startswith(tuple(own))
        or any(
            made.person_id == editor.principal.person_id and made.role in (Role.AUTHOR, Role.EDITOR)
            for made in document.contributions
        )
    )


def written_here(document: Document) -> bool:
    """Whether the text of a document is changed here: it did not come by import, and is no thread,
    which stays as it was asked and answered."""
    # By the key: an import may call its source what it likes.
    return document.source_key == SOURCE and document.kind in drafts.WRITTEN_HERE


class Editing:
    """Everything that people do to single documents. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        capture: Capture,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._capture = capture
        self._now = now

    def show(self, document_id: int, editor: Editor) -> Shown:
        """One document. Raises NotFound, the same for unknown and forbidden."""
        with self._database.read() as connection:
            return _show(connection, document_id, editor)

    def page(
        self,
        editor: Editor,
        *,
        below: int | None = None,
        kinds: Collection[Kind] = (),
        sources: Collection[str] = (),
        own: bool = False,
        limit: int = 20,
    ) -> Page:
        """Readable documents, the newest first, with ids ``below``; ``own``: what they made.

        Raises InvalidInput when nobody in particular asks for their own.
        """
        person = editor.principal.person_id
        if own and person is None:
            raise InvalidInput("this token belongs to nobody in particular, so nothing is theirs")
        with self._database.read() as connection:
            ids = documents.page(
                connection,
                editor.principal,
                below=below,
                kinds=kinds,
                sources_called=sources,
                maker=person if own else None,
                limit=limit + 1,
            )
            held = documents.load(connection, ids[:limit], editor.principal)
        return Page([held[key] for key in ids[:limit] if key in held], len(ids) > limit)

    def create(
        self,
        draft: Draft,
        editor: Editor,
        key: RequestKey | None = None,
        besides: Besides = _NOTHING,
    ) -> int:
        """Store a new document; a repeated request makes none and gives the id of before.

        Raises InvalidInput for a draft that cannot be stored, or that its author could not
        read; NotAllowed when nobody in particular writes.
        """
        now = self._now()
        with self._database.read() as connection:
            made = requests.made_before(connection, key, now)
            if made is not None:
                return int(made)
            author = _contribution(connection, editor, Role.AUTHOR, now)
        drafts.check(draft)
        _check_audience(draft.audience, editor)

        def remember(connection: Connection, _stored: SourceDocument, outcome: Outcome) -> None:
            requests.remember(connection, key, str(outcome.document_id), now)
            besides.last(connection)

        def begin(connection: Connection) -> None:
            requests.begin(connection, key, now)
            besides.first(connection)

        try:
            outcome = self._capture.save(
                source_document(draft, uuid.uuid4().hex, now, now, besides.files),
                makers=(author, *besides.made),
                first=begin,
                beside=remember,
            )
        except Repeated as repeated:
            return int(repeated.made)
        assert outcome.document_id is not None
        return outcome.document_id

    def change(
        self,
        document_id: int,
        draft: Draft,
        editor: Editor,
        expected: frozenset[str] | None,
        besides: Besides = _NOTHING,
    ) -> None:
        """Make a document what the draft says; writes nothing when it is that already. A draft
        without a text leaves the text as it is. Of what was written here, pictures go that the
        text does not show any more.

        ``expected`` holds versions, one of which must be the current one; None takes any.
        Raises NotFound, NotAllowed, Stale, InvalidInput, or Conflict for another text of a
        document that came by import.
        """
        now = self._now()
        with self._database.read() as connection:
            shown = _show(connection, document_id, editor)
            _check_edit(shown, editor, expected)
            assert shown.audience is not None
            before = drafts.draft_of(shown.document, shown.body, shown.audience)
            draft = replace(draft, body=draft.body or before.body)
            same = draft == before
            if not same:
                _check_audience(draft.audience, editor)
            only_audience = replace(before, audience=draft.audience) == draft
            makers: tuple[Contribution, ...] = ()
            if not only_audience:
                _check_written_here(shown.document)
                drafts.check(draft)
                makers = _with_editor(connection, shown.document, editor, now)
            told = (*attachments.told(connection, document_id), *besides.files)
        if same and besides is _NOTHING:
            return
        guard = self._guard(document_id, editor, frozenset({shown.version}))

        def unchanged(connection: Connection) -> None:
            guard(connection)
            besides.first(connection)

        def at_once(connection: Connection) -> None:
            unchanged(connection)
            besides.last(connection)

        if same:
            with self._database.write(frees=True) as connection:
                at_once(connection)
            return
        if only_audience:
            self._capture.set_audience(document_id, draft.audience, at_once, editor.name)
            return
        held = shown.document
        self._capture.save(
            source_document(draft, held.external_id, held.created_at, now, told),
            makers=makers,
            first=unchanged,
            beside=lambda connection, _stored, _outcome: besides.last(connection),
            by=editor.name,
        )

    def delete(
        self, document_id: int, editor: Editor, expected: frozenset[str] | None = None
    ) -> None:
        """Delete a document, wherever it came from. Raises NotFound, NotAllowed, Stale."""
        self._capture.delete(document_id, self._guard(document_id, editor, expected), editor.name)

    def _guard(self, document_id: int, editor: Editor, expected: frozenset[str] | None) -> First:
        def check(connection: Connection) -> None:
            _check_edit(_show(connection, document_id, editor), editor, expected)

        return check


def _show(connection: Connection, document_id: int, editor: Editor) -> Shown:
    document = documents.get(connection, document_id, editor.principal)
    body = documents.body(connection, document_id, editor.principal)
    audience = None
    if may_edit(editor, document):
        audience = access.audience_of(connection, document.audience_id)
    return Shown(document, body, audience, version(document))


def version(document: Document) -> str:
    """What differs after every write of a document."""
    # Of nothing but what every reader is told: who else reads it could be found by trying.
    told = (document.id, document.revision, document.stored_at)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def check_version(document: Document, expected: frozenset[str] | None) -> None:
    """Raises Stale unless one of the ``expected`` is the document's; None takes any."""
    if expected is not None and version(document) not in expected:
        raise Stale("the document changed since you read it; read it again and repeat your change")


def _check_edit(shown: Shown, editor: Editor, expected: frozenset[str] | None) -> None:
    if not may_edit(editor, shown.document):
        raise NotAllowed(
            "only those who wrote or edited a document, and administrators, may change it"
        )
    check_version(shown.document, expected)


def _check_audience(audience: Audience, editor: Editor) -> None:
    if not access.admits(audience, editor.principal):
        raise InvalidInput(
            "you could not read the document yourself; let each clause of the audience hold "
            "everyone, one of your groups or yourself"
        )


def _check_written_here(document: Document) -> None:
    if document.source_key == SOURCE and not written_here(document):
        raise Conflict("a thread stays as it was asked and answered; write a note beside it")
    if not written_here(document):
        raise Conflict(
            f"this document came by import from {document.source!r} and would be overwritten by "
            "the next one; change it there. Its audience can be changed here"
        )


def _contribution(
    connection: Connection, editor: Editor, role: Role, now: datetime
) -> Contribution:
    try:
        person = people.get(connection, editor.principal.person_id or 0)
    except NotFound as error:
        raise NotAllowed(
            "this token belongs to nobody in particular, and a document needs somebody who "
            "wrote it; use a token of a person"
        ) from error
    return Contribution(person.id, person.name, role, at=now)


def _with_editor(
    connection: Connection, document: Document, editor: Editor, now: datetime
) -> tuple[Contribution, ...]:
    """The contributions after this change: the editor's own is of now."""
    held = {(made.person_id, made.role): made for made in document.contributions}
    own = _contribution(connection, editor, Role.EDITOR, now)
    author = held.get((own.person_id, Role.AUTHOR))
    mine = own if author is None else replace(author, at=now)
    return tuple((held | {(mine.person_id, mine.role): mine}).values())


def source_document(
    draft: Draft,
    external_id: str,
    created_at: datetime | None,
    updated_at: datetime,
    files: Sequence[Attachment],
) -> SourceDocument:
    """What a draft is to capture, with those of the ``files`` that its text shows."""
    referred = set(markdown.hrefs(draft.body)) if files else set()
    shown = {one.href: one for one in files if one.href in referred}
    return SourceDocument(
        source=SOURCE,
        external_id=external_id,
        title=draft.title,
        body=draft.body,
        kind=draft.kind,
        url=draft.url,
        audience=draft.audience,
        tags=draft.tags,
        level=draft.level,
        created_at=created_at,
        updated_at=updated_at,
        attachments=tuple(shown.values()),
        rough=draft.rough,
    )

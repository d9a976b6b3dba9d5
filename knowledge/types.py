"""The words of the domain as frozen dataclasses (stdlib only). See docs/glossary.md."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a document is."""

    WRITEUP = "writeup"
    NOTE = "note"
    TRANSCRIPT = "transcript"
    THREAD = "thread"


class Role(StrEnum):
    """What a person did for a document, in the order in which its contributors are named."""

    AUTHOR = "author"
    HOST = "host"
    SPEAKER = "speaker"
    ANSWERER = "answerer"
    EDITOR = "editor"
    ENDORSER = "endorser"

    @property
    def spoken(self) -> bool:
        """Whether consent to be found by speech governs it, and not that by writing."""
        return self in (Role.SPEAKER, Role.HOST)


class Scope(StrEnum):
    """What a token lets its holder do. None of them grants a reading right."""

    SEARCH = "search"
    CAPTURE = "capture"
    IMPORT = "import"
    ADMIN = "admin"


class Level(StrEnum):
    """Whom a document is written for."""

    NEWCOMER = "newcomer"
    PRACTITIONER = "practitioner"
    EXPERT = "expert"


PUBLIC = "public"
EVERYONE = "everyone"
_TOKEN = re.compile(r"group:[\w.@/-]{1,190}|person:[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may read a document: every clause must hold one of the reader's tokens.

    Tokens are ``public``, ``everyone``, ``group:SLUG`` and ``person:ID``. ``clauses`` is kept
    sorted and free of duplicates, so that equal audiences are equal values.
    """

    clauses: tuple[tuple[str, ...], ...]

    @staticmethod
    def of(*clauses: Iterable[str] | str) -> Audience:
        """Build one from clauses; a bare string is a clause of one token.

        Raises ValueError for an empty audience or clause, or a malformed token.
        """
        made = {tuple(sorted({c} if isinstance(c, str) else set(c))) for c in clauses}
        if not made or not all(made):
            raise ValueError("an audience needs at least one clause, and each clause a token")
        for token in {token for clause in made for token in clause}:
            if token not in (PUBLIC, EVERYONE) and not _TOKEN.fullmatch(token):
                raise ValueError(
                    f"{token!r} is no audience; use public, everyone, group:SLUG or person:ID"
                )
        return Audience(tuple(sorted(made)))

    def both(self, other: Audience) -> Audience:
        """The conjunction: readers of both. Used for pages below restricted ancestors."""
        return Audience.of(*self.clauses, *other.clauses)


@dataclass(frozen=True, slots=True)
class Contributor:
    """A person as a source names them, before it is known who that is.

    ``weight`` compares contributors of one document (added lines, say); ``label`` is what a
    transcript calls them where that differs from ``name``. ``handle`` is unique in its source.
    """

    name: str
    role: Role
    email: str | None = None
    handle: str | None = None
    weight: float = 1.0
    at: datetime | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Grantee:
    """Somebody whom a source lets read, as it names them: a group, or one account by its address
    or its handle. With nothing said, it is whoever has an account."""

    group: str | None = None
    email: str | None = None
    handle: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link between documents of one source: ``href`` as the body writes it, ``target`` the
    external id of the document that it means, whether that is there yet or not."""

    href: str
    target: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to a document. ``href`` is how the body refers to it, unique in its
    document; ``digest`` the SHA-256 in hex and ``size`` the number of its bytes, which are those
    of the export's ``entry``, or ``data`` where no entry holds just them."""

    href: str
    name: str
    digest: str
    size: int
    entry: str | None = None
    data: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A stored attachment; ``number`` tells it from the others of its document."""

    number: int
    href: str
    name: str
    size: int


class LossKind(StrEnum):
    """What did not come over as it was."""

    MACRO = "macro"
    EMBED = "embed"
    ATTACHMENT = "attachment"
    LINK = "link"
    TEMPLATE = "template"
    FORMATTING = "formatting"
    COMMENT = "comment"
    RIGHTS = "rights"
    SECRET = "secret"  # masked, see knowledge.secrets


@dataclass(frozen=True, slots=True)
class Loss:
    """What was lost or changed in translation, for the report. ``what`` names it (a macro's name,
    a file's name and why), never a secret; ``count`` is how often."""

    kind: LossKind
    what: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A document as a reader yields it. ``body`` is never normalised after this point.

    ``audience`` None means that the source says nothing about rights; the import decides.
    ``restrictions`` are clauses that hold besides: a reader must be meant by one of each.
    ``aliases`` are further names by which links of its source may mean it. ``part`` is what of its
    source an export is whole of (a space, say), where a source has several.
    ``rough``: its author says that it is unfinished.
    A transcript's body follows the grammar of ``knowledge.transcript``. Times are aware, UTC.
    """

    source: str
    external_id: str
    title: str
    body: str
    kind: Kind = Kind.WRITEUP
    url: str | None = None
    contributors: tuple[Contributor, ...] = ()
    audience: Audience | None = None
    tags: tuple[str, ...] = ()
    level: Level | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    restrictions: tuple[tuple[Grantee, ...], ...] = ()
    links: tuple[Link, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    losses: tuple[Loss, ...] = ()
    aliases: tuple[str, ...] = ()
    part: str = ""
    rough: bool = False


@dataclass(frozen=True, slots=True)
class ReadFailure:
    """One input that was refused, by name and with the reason; the rest of the import goes on.

    ``rest_lost``: what stands behind it in the export may be unread, so that nobody can tell what
    the export no longer holds.
    """

    name: str
    reason: str
    rest_lost: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """A colleague. Consent governs being ranked, not whether the text can be read.

    ``listed``: a directory vouches for the name. Otherwise ``name`` is how the first document
    wrote it, which its readers alone may see; show the name on a contribution instead.
    ``address`` is the directory's; ``emails`` are all by which they are recognised, also those
    that only documents know. ``paused_until``: until when they do not want to be asked.
    """

    id: int
    name: str
    emails: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    team: str | None = None
    title: str | None = None
    consent_written: bool = True
    consent_spoken: bool = False
    listed: bool = False
    address: str | None = None
    paused_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """A resolved contributor of one document. ``name`` is the directory's when the person is
    listed there, else as this document writes it."""

    person_id: int
    name: str
    role: Role
    weight: float = 1.0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """One contribution of a person, as their page shows it. ``at`` is the document's time where
    the contribution has none."""

    document_id: int
    title: str
    kind: Kind
    role: Role
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """A tag of what a person made, and how many of those documents have it."""

    tag: str
    documents: int


@dataclass(frozen=True, slots=True)
class Document:
    """A stored document without its body (see ``store.documents.body``).

    ``source`` is what its source is called; ``source_key`` says also whose (``owned_source``).
    ``contributions`` are in the order of their roles, then as the source names them. ``owner_id``:
    to whom it was passed on; None: its main author (``main_maker``).
    """

    id: int
    source: str
    external_id: str
    title: str
    kind: Kind
    audience_id: int
    revision: int
    url: str | None = None
    tags: tuple[str, ...] = ()
    level: Level | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    contributions: tuple[Contribution, ...] = ()
    source_key: str = ""
    stored_at: datetime | None = None
    rough: bool = False
    owner_id: int | None = None


def main_maker(document: Document) -> int | None:
    """Whose a document is where nobody decided otherwise: the first of those who wrote, hosted,
    answered or edited it. Nobody, where it has only speakers and endorsers."""
    making = (Role.AUTHOR, Role.HOST, Role.ANSWERER, Role.EDITOR)
    return next((one.person_id for one in document.contributions if one.role in making), None)


@dataclass(frozen=True, slots=True)
class Share:
    """A speaker's part of a passage: ``share`` is their fraction of its words, in (0, 1]."""

    label: str
    share: float
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class PassageDraft:
    """A passage as a chunker cuts it: ``text == body[start:end]``, offsets in code points.

    ``embed_text`` is what the model sees and ``text_hash`` its SHA-256 in hex: the key of the
    vector, and what decides whether a passage changed. ``start_s``/``end_s`` are seconds.
    """

    ordinal: int
    heading_path: tuple[str, ...]
    start: int
    end: int
    text: str
    embed_text: str
    text_hash: str
    speakers: tuple[Share, ...] = ()
    start_s: float | None = None
    end_s: float | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A stored passage. Its ``id`` is the id in every index and is never used again."""

    id: int
    document_id: int
    ordinal: int
    heading_path: tuple[str, ...]
    start: int
    end: int
    text: str
    speakers: tuple[Share, ...] = ()
    start_s: float | None = None
    end_s: float | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. ``operator`` is whoever runs the CLI on the machine and sees everything; ``parts``
    are the records that were merged into the person, whose names in audiences mean them too."""

    person_id: int | None = None
    groups: frozenset[str] = frozenset()
    signed_in: bool = False
    operator: bool = False
    parts: frozenset[int] = frozenset()

    @property
    def tokens(self) -> frozenset[str]:
        """The audience tokens that this principal satisfies."""
        tokens = {PUBLIC} | {f"group:{slug}" for slug in self.groups}
        if self.signed_in:
            tokens.add(EVERYONE)
        if self.person_id is not None:
            tokens |= {f"person:{key}" for key in (self.person_id, *self.parts)}
        return frozenset(tokens)


_OWNED_SOURCE = re.compile(r"^(?:person|token):[0-9]+/(?=.)")


def owned_source(owner: str, name: str) -> str:
    """The source ``name`` of an owner (``person:ID``, ``token:ID``): nobody else's of that name."""
    return f"{owner}/{name}"


def source_name(source: str) -> str:
    """A source as it is shown: without its owner."""
    return _OWNED_SOURCE.sub("", source, count=1)


OPERATOR = Principal(operator=True)
ANYONE = Principal()

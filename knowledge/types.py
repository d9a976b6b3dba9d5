"""The words of the domain as frozen dataclasses (stdlib only). See docs/glossary.md."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
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
class SourceDocument:
    """A document as a reader yields it. ``body`` is never normalised after this point.

    ``audience`` None means that the source says nothing about rights; the import decides.
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


@dataclass(frozen=True, slots=True)
class ReadFailure:
    """One input that was refused, by name and with the reason; the rest of the import goes on."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Person:
    """A colleague. Consent governs being ranked, not whether the text can be read.

    ``listed``: a directory vouches for the name. Otherwise ``name`` is how the first document
    wrote it, which its readers alone may see; show the name on a contribution instead.
    ``address`` is the directory's; ``emails`` are all by which they are recognised, also those
    that only documents know.
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
    ``contributions`` are in the order of their roles, then as the source names them.
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
class AccessToken:
    """A key to the service; its secret is kept nowhere. ``person_id`` None: nobody's own."""

    id: int
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime
    person_id: int | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AskedQuery:
    """What was searched for and what came of it; deliberately not by whom.

    ``answers`` counts those that were shown, ``confident`` is about what was asked for.
    """

    id: str
    text: str
    intent: str
    answers: int
    confident: bool
    at: datetime


class Verdict(StrEnum):
    """What somebody says of an answer or of a person that a search gave."""

    HELPFUL = "helpful"
    NOT_HELPFUL = "not_helpful"
    OUTDATED = "outdated"
    WRONG_PERSON = "wrong_person"


@dataclass(frozen=True, slots=True)
class Feedback:
    """A verdict on one passage or one person, whichever is not None; deliberately not by whom."""

    query_id: str
    passage_id: int | None
    person_id: int | None
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. ``operator`` is whoever runs the CLI on the machine and sees everything."""

    person_id: int | None = None
    groups: frozenset[str] = frozenset()
    signed_in: bool = False
    operator: bool = False

    @property
    def tokens(self) -> frozenset[str]:
        """The audience tokens that this principal satisfies."""
        tokens = {PUBLIC} | {f"group:{slug}" for slug in self.groups}
        if self.signed_in:
            tokens.add(EVERYONE)
        if self.person_id is not None:
            tokens.add(f"person:{self.person_id}")
        return frozenset(tokens)


_OWNED_SOURCE = re.compile(r"^(?:person|token):[0-9]+/(?=.)")


def owned_source(owner: str, name: str) -> str:
    """The source ``name`` of an owner (``person:ID``, ``token:ID``): nobody else's of that name."""
    return f"{owner}/{name}"


def source_name(source: str) -> str:
    """A source as it is shown: without its owner."""
    return _OWNED_SOURCE.sub("", source, count=1)


class ImportState(StrEnum):
    """How far an import is. What runs while no worker lives is resumed by the next one."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Import:
    """A file that was handed in to be read. ``owner`` is ``person:ID`` or ``token:ID``.

    ``stored_as`` names the file in the spool, None once it was given back. ``counts`` holds how
    many inputs were added, changed, unchanged and refused, and how many people they name;
    ``runs`` is how often it was begun or resumed.
    """

    id: str
    owner: str
    file_name: str
    stored_as: str | None
    format: str
    source: str
    audience: Audience | None
    dry_run: bool
    state: ImportState
    counts: dict[str, int]
    created_at: datetime
    runs: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ImportItem:
    """What became of one input; ``number`` ascends in its import, in the order of reading."""

    number: int
    name: str
    status: str
    reason: str = ""
    document_id: int | None = None


@dataclass(frozen=True, slots=True)
class Synonym:
    """Who asks for ``term`` also asks for ``meaning``; the reverse too where it holds ``both``
    ways."""

    id: int
    term: str
    meaning: str
    both: bool


OPERATOR = Principal(operator=True)
ANYONE = Principal()

"""Office files: what their readers have in common, and their text for whoever has one attached.

A format's reader (``docx.py`` for ``.docx``) offers ``decode(data: bytes) -> Told`` besides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module

from knowledge.exports import Entry, Refused
from knowledge.readers._claims import Claim
from knowledge.readers._nobody import is_nobody
from knowledge.readers._text import from_name, title_of
from knowledge.types import Attachment, Contributor, Loss, Role, SourceDocument

OFFICE = (".docx", ".pptx", ".pdf", ".odt", ".eml")
"""Suffixes of what ``text_of`` reads."""

_TITLES = re.compile(
    r"(?:untitled|(?:power)?point[ -]?presentation|presentation|document|slide|title|word document"
    r"|microsoft (?:word|powerpoint)\b.*|untitled[ -]?(?:document|presentation|\d+)"
    r"|(?:document|presentation) ?\d+)(?:\.\w{2,4})?",
    re.IGNORECASE,
)
_NAMED = re.compile(r"\s*\"?([^<>\"]*?)\"?\s*<([^<>\s]+@[^<>\s]+)>\s*")


@dataclass(frozen=True, slots=True)
class Told:
    """What an office file says: its text as Markdown, and about itself what it knows."""

    body: str
    title: str | None = None
    people: tuple[Contributor, ...] = ()
    tags: tuple[str, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    losses: tuple[Loss, ...] = ()
    attachments: tuple[Attachment, ...] = ()


def text_of(name: str, data: bytes) -> str:
    """The text of a file of this name, as Markdown. Raises Refused with the reason."""
    suffix = name[name.rfind(".") :].lower()
    if suffix not in OFFICE:
        raise Refused(f"{suffix or 'a file without a suffix'} is no office format that is read")
    told: Told = import_module(f"{__package__}.{suffix[1:]}").decode(data)
    return told.body


def claim(entry: Entry, suffix: str, magic: bytes, *, anywhere: int = 0) -> Claim:
    """The claim of a reader: by name, and more strongly by how the file begins.

    ``anywhere``: within how many bytes the beginning may stand.
    """
    if entry.suffix != suffix:
        return Claim.NO
    with entry.open() as stream:
        head = stream.read(len(magic) + anywhere)
    return Claim.CONTENT if magic in head else Claim.NAME


def document(entry: Entry, source: str, told: Told) -> SourceDocument:
    """An office file as a document."""
    created = told.created_at or from_name(entry.name)[1]
    return SourceDocument(
        source=source,
        external_id=entry.name,
        title=title_of(entry.name, told.body, told.title),
        body=told.body,
        contributors=told.people,
        tags=told.tags,
        created_at=created,
        # A copy's file time says when it was copied; it is only better than nothing.
        updated_at=told.updated_at or created or entry.modified_at,
        losses=told.losses,
        attachments=told.attachments,
    )


def title(written: str | None) -> str | None:
    """A title, unless it is one that a program gave."""
    words = " ".join((written or "").split())
    return words if words and not _TITLES.fullmatch(words) else None


def people(written: str | None, role: Role, at: datetime | None = None) -> list[Contributor]:
    """Who is named, apart from accounts that stand for nobody: "A. Author; B. Author"."""
    found: list[Contributor] = []
    for one in re.split(r"[;\n]|\band\b(?= )", written or ""):
        named = _NAMED.fullmatch(one)
        name = " ".join((named[1] if named else one).split())
        email = named[2] if named else None
        if "@" in name[1:] and " " not in name:
            email = email or name
        if (name := name or email or "") and not is_nobody(name):
            found.append(Contributor(name, role, email=email, at=at))
    return found


def makers(
    author: str | None,
    editor: str | None,
    created: datetime | None,
    updated: datetime | None,
) -> tuple[Contributor, ...]:
    """The people of a file: who made it, and who changed it last if that is somebody else."""
    authors = people(author, Role.AUTHOR, created)
    known = {person.name.casefold() for person in authors}
    editors = [e for e in people(editor, Role.EDITOR, updated) if e.name.casefold() not in known]
    return (*authors, *editors)


def escaped(line: str) -> str:
    """A line of text as Markdown that shows it as it is."""
    return re.sub(r"^(?:([#+>-]+)(?=\s)|(\d+)(?=[.)]\s))", _defused, within(line))


def within(line: str, table: bool = False) -> str:
    """The same where no line begins: in a heading, or the cell of a table."""
    return re.sub(r"([\\`*<|])" if table else r"([\\`*<])", r"\\\1", " ".join(line.split()))


def _defused(mark: re.Match[str]) -> str:
    return f"\\{mark[1]}" if mark[1] else f"{mark[2]}\\"


def tags(written: str | None) -> tuple[str, ...]:
    """Keywords as tags."""
    named = (" ".join(word.split()) for word in re.split(r"[;,]", written or ""))
    return tuple(dict.fromkeys(word for word in named if word))

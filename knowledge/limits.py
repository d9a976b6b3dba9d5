"""What cannot be stored: said before any database is asked, and the same for every kind of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from knowledge.types import Contributor, SourceDocument

MAX_KEY = 1000
MAX_NAME = 300
MAX_SHORT = 200
MAX_EMAIL = 320
MAX_GROUP = 190  # see types.Audience
# What an index row of PostgreSQL holds, with room to spare; others hold more.
_MAX_KEY_BYTES = 2000


def problem(document: SourceDocument) -> str:
    """Why a document cannot be stored, or nothing."""
    if not document.body.strip():
        return "it holds no text"
    if not document.title.strip():
        return "it has no title"
    bad = [text for text in _texts(document) if not storable(text)]
    if any("\x00" in text for text in bad):
        return "it holds NUL characters, so it is no text"
    if bad:
        return "it holds broken Unicode (a lone surrogate)"
    return _too_long(document) or _wrong_time(document)


def storable(text: str) -> bool:
    """Whether every database takes the text: no NUL, no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def made_storable(text: str) -> str:
    """The text with a question mark for each character that no database takes."""
    return text.replace("\x00", "?").encode("utf-8", "replace").decode()


def fits_key(text: str) -> bool:
    """Whether a text can be the key of something, as ids in a source are."""
    return len(text) <= MAX_KEY and len(text.encode()) <= _MAX_KEY_BYTES


def _texts(document: SourceDocument) -> Iterator[str]:
    yield from (document.title, document.body, document.external_id, document.source)
    yield document.url or ""
    yield document.part
    yield from (loss.what for loss in document.losses)
    for grantee in (one for clause in document.restrictions for one in clause):
        yield from (grantee.group or "", grantee.email or "", grantee.handle or "")
    yield from document.aliases
    yield from (text for link in document.links for text in (link.href, link.target))
    yield from (text for one in document.attachments for text in (one.href, one.name))
    yield from document.tags
    for one in document.contributors:
        yield from (one.name, one.email or "", one.handle or "", one.label or "")


def _too_long(document: SourceDocument) -> str:
    if not fits_key(document.external_id):
        return f"its name is longer than {MAX_KEY:,} characters, or {_MAX_KEY_BYTES:,} bytes"
    for what, longest, most in (
        ("its source's name", len(document.source), MAX_SHORT),
        ("its part's name", len(document.part), MAX_SHORT),
        ("a tag", max(map(len, document.tags), default=0), MAX_SHORT),
        ("a handle", max(map(_handle, document.contributors), default=0), MAX_NAME),
    ):
        if longest > most:
            return f"{what} is longer than {most} characters"
    return ""


def _handle(contributor: Contributor) -> int:
    return len(contributor.handle or "")


def _wrong_time(document: SourceDocument) -> str:
    times = [document.created_at, document.updated_at, *(c.at for c in document.contributors)]
    try:
        for time in filter(None, times):
            time.astimezone(UTC)
    except OverflowError:
        return "one of its times is before the year 1 or after 9999"
    return ""

"""What somebody writes here, before it is stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from knowledge.errors import InvalidInput
from knowledge.types import Audience, Document, Kind, Level

MAX_TITLE = 300
MAX_BODY = 200_000
MAX_TAGS = 20
MAX_TAG = 100
MAX_URL = 2000
# What an index row of PostgreSQL holds, with room to spare.
_MAX_AUDIENCE_BYTES = 2000
_MAX_TOKEN = 200
WRITTEN_HERE = (Kind.WRITEUP, Kind.NOTE)


@dataclass(frozen=True, slots=True)
class Draft:
    """All that a writer says of a document. Equal drafts make equal documents; see ``draft``."""

    title: str
    body: str
    kind: Kind
    tags: tuple[str, ...]
    level: Level | None
    audience: Audience
    url: str | None
    rough: bool = False


def draft(
    *,
    title: str,
    body: str,
    kind: Kind,
    tags: Iterable[str] = (),
    level: Level | None = None,
    audience: Iterable[Iterable[str]],
    url: str | None = None,
    rough: bool = False,
) -> Draft:
    """Clean what was given: spaces around, tags twice. Raises InvalidInput for no audience.

    Whether it can be written here is for ``check``: what came by import follows other rules.
    """
    return _cleaned(Draft(title, body, kind, tuple(tags), level, _audience(audience), url, rough))


def draft_of(document: Document, body: str, audience: Audience) -> Draft:
    """What would make a stored document as it is."""
    return _cleaned(
        Draft(
            document.title,
            body,
            document.kind,
            document.tags,
            document.level,
            audience,
            document.url,
            document.rough,
        )
    )


def check(made: Draft) -> None:
    """Raises InvalidInput, with how to mend it, for what nobody can write here."""
    if made.kind not in WRITTEN_HERE:
        kinds = " or ".join(WRITTEN_HERE)
        raise InvalidInput(f"a {made.kind} is not written here but imported; write a {kinds}")
    if not made.title:
        raise InvalidInput("a document needs a title")
    if not made.body.strip():
        raise InvalidInput("a document needs a text")
    for what, size, most in (
        ("title", len(made.title), MAX_TITLE),
        ("text", len(made.body), MAX_BODY),
        ("url", len(made.url or ""), MAX_URL),
        ("longest tag", max(map(len, made.tags), default=0), MAX_TAG),
    ):
        if size > most:
            raise InvalidInput(f"the {what} is longer than {most:,} characters; shorten it")
    if len(made.tags) > MAX_TAGS:
        raise InvalidInput(f"there are more than {MAX_TAGS} tags; keep those that help to find it")
    if made.url is not None:
        _check_url(made.url)


def _cleaned(made: Draft) -> Draft:
    tags = {" ".join(tag.split()).lstrip("#").strip() for tag in made.tags}
    return replace(
        made,
        title=" ".join(made.title.split()),
        tags=tuple(sorted(tags - {""})),
        url=(made.url or "").strip() or None,
    )


def _check_url(url: str) -> None:
    # Whatever else a browser would follow (javascript:, data:) is no place to read on.
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or not url.isprintable() or " " in url:
        raise InvalidInput("the url is no web address; it has to begin with https:// or http://")


def _audience(clauses: Iterable[Iterable[str]]) -> Audience:
    try:
        made = Audience.of(*(tuple(clause) for clause in clauses))
    except ValueError as error:
        raise InvalidInput(str(error)) from error
    tokens = [token for clause in made.clauses for token in clause]
    if len(" ".join(tokens).encode()) > _MAX_AUDIENCE_BYTES or max(map(len, tokens)) > _MAX_TOKEN:
        raise InvalidInput("the audience is too long; make a group of those who may read")
    return made

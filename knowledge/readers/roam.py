"""Roam Research graphs (.json): each page with text a document, its outline as lists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from knowledge.exports import Entry, Refused
from knowledge.readers._claims import Claim
from knowledge.readers._json import dicts_in, number_in, parse, text_in
from knowledge.readers._roam_blocks import Graph, Outline
from knowledge.readers._text import cut
from knowledge.types import Contributor, Kind, ReadFailure, Role, SourceDocument

DESCRIPTION = "Roam Research graphs (.json), page by page"

MAX_DEPTH = 100

_HEAD = 200_000
_PAGES = re.compile(r"\s*\[\s*\{")
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+")


def claims(entry: Entry) -> Claim:
    """A JSON file of pages with blocks."""
    if entry.suffix != ".json":
        return Claim.NO
    head = entry.text()[:_HEAD]
    told = all(f'"{key}"' in head for key in ("title", "string", "uid"))
    return Claim.CONTENT if told and _PAGES.match(head) else Claim.NO


def read(entry: Entry, source: str) -> Iterator[SourceDocument | ReadFailure]:
    """Its pages. One that is only linked to has no text, and is no document."""
    try:
        yield from _read(entry, source)
    except Refused as refusal:
        yield ReadFailure(entry.name, str(refusal), rest_lost=True)


def _read(entry: Entry, source: str) -> Iterator[SourceDocument]:
    pages = [p for p in dicts_in(parse(entry.text())) if text_in(p.get("title")).strip()]
    if not pages:
        raise Refused("holds no pages; export the graph again, as JSON")
    graph = Graph()
    for page in pages:
        key = text_in(page.get("uid")) or text_in(page.get("title"))
        graph.pages.setdefault(text_in(page.get("title")), key)
        for block in _below(page):
            if uid := text_in(block.get("uid")):
                graph.blocks.setdefault(uid, (text_in(block.get("string")), key))
    for page in pages:
        outline = Outline(graph)
        body = outline.body(dicts_in(page.get("children")))
        if body.strip():
            yield _document(page, body, outline, source)


def _document(
    page: Mapping[str, object], body: str, outline: Outline, source: str
) -> SourceDocument:
    title = text_in(page.get("title"))
    blocks = [page, *_below(page)]
    made = [at for one in blocks if (at := _moment(one.get("create-time")))]
    changed = [at for one in blocks if (at := _moment(one.get("edit-time")))]
    return SourceDocument(
        source=source,
        external_id=text_in(page.get("uid")) or title,
        title=cut(title),
        body=body,
        kind=Kind.WRITEUP,
        contributors=_people(blocks),
        tags=tuple(outline.tags),
        created_at=min(made, default=None),
        updated_at=max((*changed, *made), default=None),
        links=tuple(outline.links.values()),
        losses=outline.losses(),
    )


def _people(blocks: list[Mapping[str, object]]) -> tuple[Contributor, ...]:
    """Who wrote how much, where the export still tells addresses rather than ids."""
    words: Counter[str] = Counter()
    last: dict[str, datetime | None] = {}
    for block in blocks:
        email = text_in(block.get("create-email")) or text_in(block.get("edit-email"))
        if _EMAIL.fullmatch(email):
            words[email] += len(text_in(block.get("string")).split())
            at = _moment(block.get("edit-time")) or _moment(block.get("create-time"))
            last[email] = max((t for t in (last.get(email), at) if t), default=None)
    return tuple(
        Contributor(email, Role.AUTHOR, email, weight=float(count), at=last[email])
        for email, count in words.most_common()
        if count
    )


def _below(page: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    pending = [(block, 1) for block in reversed(dicts_in(page.get("children")))]
    while pending:
        block, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise Refused(f"nests deeper than {MAX_DEPTH} levels; simplify it")
        yield block
        pending += [(one, depth + 1) for one in reversed(dicts_in(block.get("children")))]


def _moment(value: object) -> datetime | None:
    told = number_in(value)
    try:
        return datetime.fromtimestamp(told / 1000, UTC).replace(microsecond=0) if told else None
    except (ValueError, OverflowError, OSError):
        return None

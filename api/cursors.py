"""Cursors: how far a caller has come in one list, and which list that was."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import fields, replace

from indexer.search.results import Request, SearchResult
from knowledge.errors import InvalidInput

_POSITION_BYTES = 8
_DIGEST_BYTES = 9
_MAX_OFFSET = 10_000


def encode(position: int, *about: object) -> str:
    """A cursor at ``position`` (an offset, or the last id given) of the list ``about``."""
    told = position.to_bytes(_POSITION_BYTES, "big") + _digest(about)
    return base64.urlsafe_b64encode(told).rstrip(b"=").decode()


def decode(cursor: str | None, *about: object) -> int | None:
    """The position; None for no cursor. Raises InvalidInput for that of another list."""
    if cursor is None:
        return None
    try:
        told = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        told = b""
    position = int.from_bytes(told[:_POSITION_BYTES], "big")
    if position >= 2**63 or encode(position, *about) != cursor:
        raise InvalidInput(
            "this cursor is of another list; give the next_cursor of a page of this very query, "
            "or none for the first page"
        )
    return position


def resume(request: Request, cursor: str | None) -> Request:
    """The request for the page at ``cursor``. Raises InvalidInput for another search's cursor."""
    offset = decode(cursor, *_search(request)) or 0
    if offset > _MAX_OFFSET:
        raise InvalidInput("this cursor is further on than any search goes; start again without it")
    return replace(request, offset=offset)


def following(request: Request, result: SearchResult) -> str | None:
    """The cursor of the page after ``result``; None when it was the last."""
    end = request.offset + request.limit
    return encode(end, *_search(request)) if result.more else None


def _search(request: Request) -> tuple[object, ...]:
    narrowed = (
        (field.name, sorted(value) if isinstance(value, frozenset) else value)
        for field in fields(request.filters)
        for value in [getattr(request.filters, field.name)]
    )
    return (
        "search",
        request.query,
        request.mode.value,
        request.spelling,
        request.literal,
        *narrowed,
    )


def _digest(about: tuple[object, ...]) -> bytes:
    return hashlib.sha256(repr(about).encode()).digest()[:_DIGEST_BYTES]

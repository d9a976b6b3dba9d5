"""Who is one person, and who is not, as administrators say it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api import cursors
from api.auth import Administrator, Asker
from api.conditions import IdempotencyKey, request_key
from api.deps import PathId, Wired
from api.routes import V1
from api.schemas.merges import (
    GivenDistinction,
    GivenMerge,
    MergeList,
    MergeOut,
    Review,
    ReviewQuestion,
    merge_out,
    pair_out,
)
from api.schemas.people import PageQuestion
from knowledge.merging import By

router = APIRouter(prefix=f"{V1}/people", tags=["people"])

_Responses = dict[int | str, dict[str, Any]]

_FULL: _Responses = {507: {"description": "The disk is full; nothing was kept"}}
_UNKNOWN: _Responses = {404: {"description": "There is nobody of this id whom you may see"}}


@router.get("/review")
def review(
    asked: Annotated[ReviewQuestion, Query()], asker: Administrator, services: Wired
) -> Review:
    """Pairs of people who may be one, the likeliest first, by what you may read and the directory.

    Merge them, or say that they are two; then the next ones come.
    """
    found = services.merging.review(_by(asker), asked.limit)
    return Review(pairs=[pair_out(pair) for pair in found])


@router.get("/merges")
def merges(
    asked: Annotated[PageQuestion, Query()], asker: Administrator, services: Wired
) -> MergeList:
    """Who was made one, newest first, as far as you may see them."""
    offset = cursors.decode(asked.cursor, "merges") or 0
    found = services.merging.standing(_by(asker))[offset:]
    more = len(found) > asked.limit
    following = cursors.encode(offset + asked.limit, "merges") if more else None
    return MergeList(merges=[merge_out(one) for one in found[: asked.limit]], next_cursor=following)


@router.post(
    "/merges",
    status_code=201,
    responses={
        201: {
            "headers": {
                "Location": {"description": "Where to undo it.", "schema": {"type": "string"}}
            }
        },
        409: {"description": "They cannot be joined, or not this way round"},
        **_UNKNOWN,
        **_FULL,
    },
)
def merge(
    given: GivenMerge,
    asker: Administrator,
    services: Wired,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> MergeOut:
    """Make two records one person, from the next request on; it can be undone.

    Where the directory lists both, or the one that goes has rights of its own, only the operator
    may; and nobody merges themselves.
    """
    key = request_key(asker, idempotency_key, "POST merges", given)
    made = services.merging.merge(given.kept, given.gone, _by(asker), key=key)
    response.headers["Location"] = f"{V1}/people/merges/{made.id}"
    return merge_out(made)


@router.delete("/merges/{id}", status_code=204, responses={409: {}, **_FULL})
def unmerge(id: PathId, asker: Administrator, services: Wired) -> None:
    """Make two of one again: what was moved goes back as far as it is still there.

    409 when the person became part of somebody else since.
    """
    services.merging.unmerge(id, _by(asker))


@router.post("/distinctions", status_code=201, responses={**_UNKNOWN, **_FULL})
def distinguish(
    given: GivenDistinction,
    asker: Administrator,
    services: Wired,
    idempotency_key: IdempotencyKey = None,
) -> GivenDistinction:
    """Say that two are not one person, so that nobody is asked again."""
    key = request_key(asker, idempotency_key, "POST distinctions", given)
    services.merging.distinguish(given.one, given.other, _by(asker), key)
    return given


def _by(asker: Asker) -> By:
    return By(asker.principal, asker.owner)

"""Who looks after documents, and when they are looked at again."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.auth import Administrator, OwnReader, Reader, Writer
from api.deps import PathId, Wired
from api.routes import V1
from api.routes.currency import editor
from api.schemas.care import (
    GivenOwner,
    GivenReview,
    OwnerOut,
    ReviewList,
    owner_out,
    reviews_out,
)

_FULL: dict[int | str, dict[str, Any]] = {
    507: {"description": "The disk is full; nothing was kept"}
}

router = APIRouter(prefix=V1, tags=["documents"])


@router.get("/documents/{id}/owner")
def owner(id: PathId, asker: Reader, services: Wired) -> OwnerOut:
    """Who looks after a document: its main author, or whom they or an administrator passed it on
    to; and until when it is looked at again."""
    return owner_out(services.care.show(id, editor(asker), asker.standing))


@router.put("/documents/{id}/owner", responses=_FULL)
def pass_on(id: PathId, given: GivenOwner, asker: Writer, services: Wired) -> OwnerOut:
    """Pass a document on to somebody who can read it. Its owner and administrators may. Whoever
    has it may do with it what its author may."""
    services.care.pass_on(id, given.person_id, editor(asker))
    return owner_out(services.care.show(id, editor(asker), asker.standing))


@router.put("/documents/{id}/review", responses=_FULL)
def review(id: PathId, given: GivenReview, asker: Writer, services: Wired) -> OwnerOut:
    """Say until when a document is to be looked at again. Those who look after it may. After that
    day it may be outdated, until somebody verifies it."""
    services.care.review(id, given.at, given.every_months, editor(asker), asker.standing)
    return owner_out(services.care.show(id, editor(asker), asker.standing))


@router.get("/people/me/reviews")
def reviews(asker: OwnReader, services: Wired) -> ReviewList:
    """What of your own is to be looked at within two weeks, or should have been."""
    return reviews_out(services.care.reviews(asker.principal))


@router.get("/overdue")
def overdue(asker: Administrator, services: Wired) -> ReviewList:
    """What you can read, should have been looked at, and has nobody who looks after it."""
    return reviews_out(services.care.overdue(asker.principal))

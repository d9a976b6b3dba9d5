"""Whether a document still holds."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.auth import Asker, OwnReader, Reader, Writer
from api.deps import PathId, Wired
from api.routes import V1
from api.schemas.currency import GivenDoubt, GivenVerdict, JudgedOut, judged_out
from knowledge.editing import Editor
from knowledge.types import Scope

_Responses = dict[int | str, dict[str, Any]]
_FULL: _Responses = {507: {"description": "The disk is full; nothing was kept"}}

router = APIRouter(prefix=f"{V1}/documents/{{id}}", tags=["documents"])


@router.get("/currency")
def currency(id: PathId, asker: Reader, services: Wired) -> JudgedOut:
    """Whether a document still holds: verified, outdated, or perhaps outdated."""
    return judged_out(services.keeping.show(id, editor(asker), asker.standing))


@router.put("/currency", responses=_FULL)
def judge(id: PathId, given: GivenVerdict, asker: Writer, services: Wired) -> JudgedOut:
    """Say that the text is verified or outdated; it holds until the text changes.

    Its authors and editors may, curators of its source or of one of its tags, and administrators
    who can read it. Readers see who said it if they may see that person.
    """
    standing = asker.standing
    services.keeping.judge(id, given.state, editor(asker), standing, given.revision)
    return judged_out(services.keeping.show(id, editor(asker), standing))


@router.delete("/currency", status_code=204, responses=_FULL)
def say_nothing(id: PathId, asker: Writer, services: Wired) -> None:
    """Take back that it is verified or outdated."""
    services.keeping.judge(id, None, editor(asker), asker.standing)


@router.post("/doubts", status_code=201, responses=_FULL)
def doubt(id: PathId, given: GivenDoubt, asker: OwnReader, services: Wired) -> JudgedOut:
    """Say that a document may be out of date. Readers see how many say so, and nobody who."""
    services.keeping.doubt(id, asker.principal, given.reason, given.revision)
    return judged_out(services.keeping.show(id, editor(asker), asker.standing))


@router.delete("/doubts", status_code=204, responses=_FULL)
def trust(id: PathId, asker: OwnReader, services: Wired) -> None:
    """Take back that you doubt it."""
    services.keeping.trust(id, asker.principal)


def editor(asker: Asker) -> Editor:
    """Whoever asks, as one who may change something."""
    return Editor(asker.principal, Scope.ADMIN in asker.scopes, asker.owner)

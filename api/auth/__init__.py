"""Who is asking. What they may read is decided by ``knowledge.store.access`` alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Request

from knowledge.errors import NotAllowed
from knowledge.types import Person, Principal, Scope


@dataclass(frozen=True, slots=True)
class Asker:
    """An identified caller. ``owner`` names them stably for what they own (imports, requests):
    ``person:ID``, or ``token:ID`` for a token that belongs to nobody in particular."""

    principal: Principal
    scopes: frozenset[Scope]
    owner: str
    person: Person | None = None


class Door(Protocol):
    """How callers are identified; one an application, see ``create_app``."""

    def identify(self, request: Request) -> Asker:
        """The caller. Raises NotSignedIn, or NotAllowed for a request made by another site."""
        ...


def asker(scope: Scope) -> Callable[[Request], Asker]:
    """A dependency: the caller, who must hold ``scope``. Raises NotSignedIn, NotAllowed."""

    def identified(request: Request) -> Asker:
        door: Door = request.app.state.door
        found = door.identify(request)
        if scope not in found.scopes:
            raise NotAllowed(f"this token lacks the scope {scope.value!r}")
        return found

    return identified


Searcher = Annotated[Asker, Depends(asker(Scope.SEARCH))]
Writer = Annotated[Asker, Depends(asker(Scope.CAPTURE))]
Importer = Annotated[Asker, Depends(asker(Scope.IMPORT))]
Administrator = Annotated[Asker, Depends(asker(Scope.ADMIN))]

"""Who is asking. What they may read is decided by ``knowledge.store.access`` alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

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


# For the OpenAPI description only; the door reads the header itself.
_TOKEN = HTTPBearer(
    scheme_name="token",
    description="An access token, made with `whoknows token create`.",
    auto_error=False,
)


def asker(
    request: Request,
    needed: SecurityScopes,
    _token: Annotated[HTTPAuthorizationCredentials | None, Depends(_TOKEN)],
) -> Asker:
    """The caller, who must hold every scope that is asked for. Raises NotSignedIn, NotAllowed."""
    door: Door = request.app.state.door
    found = door.identify(request)
    for scope in needed.scopes:
        if scope not in found.scopes:
            raise NotAllowed(f"this needs the scope {scope!r}, which you do not hold")
    return found


Searcher = Annotated[Asker, Security(asker, scopes=[Scope.SEARCH.value])]
Writer = Annotated[Asker, Security(asker, scopes=[Scope.CAPTURE.value])]
Importer = Annotated[Asker, Security(asker, scopes=[Scope.IMPORT.value])]
Administrator = Annotated[Asker, Security(asker, scopes=[Scope.ADMIN.value])]

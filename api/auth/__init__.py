"""Who is asking, and what each route needs them to be allowed. What they may read is decided by
``knowledge.store.access`` alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.params import Depends as Dependency
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.auth import sites
from api.auth.csrf import submitted
from api.auth.proxy import Proxies
from api.fairness import Fairness, Kind
from knowledge.errors import NotAllowed, NotSignedIn
from knowledge.roles import MEMBER, Standing
from knowledge.types import Person, Principal, Scope


@dataclass(frozen=True, slots=True)
class Asker:
    """An identified caller. ``owner`` names them stably for what they own (imports, requests):
    ``person:ID``, ``token:ID`` for a token that belongs to nobody in particular, or ``site:ID`` for
    anybody at another site. ``scopes`` is what they may do now: of a token's scopes those that its
    holder's ``standing`` covers. ``by_token``: a program may have sent it, and whoever stole a
    token; ``site``: the other site that they are at. ``csrf`` is what their pages have to send
    back, ``session`` the one of their browser."""

    principal: Principal
    scopes: frozenset[Scope]
    owner: str
    person: Person | None = None
    standing: Standing = MEMBER
    by_token: bool = False
    site: int | None = None
    csrf: str = ""
    session: int | None = None

    @property
    def person_id(self) -> int:
        """Which person asks. Raises NotAllowed where it is nobody in particular."""
        if self.person is None:
            raise NotAllowed("only a person has this, and you ask as none")
        return self.person.id


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


@dataclass(frozen=True, slots=True)
class Needs:
    """What a route needs of its callers: one of these ``scopes``, or, with ``oneself``, that a
    person has signed in and no token came. ``personal``: that they are a person. ``kind`` says how
    often; ``at_sites``: other sites' pages may ask. ``reason``: why anybody may, where nothing is
    needed."""

    scopes: tuple[Scope, ...] = ()
    kind: Kind | None = None
    at_sites: bool = False
    oneself: bool = False
    personal: bool = False
    reason: str = ""


_DECLARED: dict[Callable[..., Any], Needs] = {}


def _allowed(needs: Needs) -> Any:
    def allowed(
        request: Request,
        _token: Annotated[HTTPAuthorizationCredentials | None, Depends(_TOKEN)],
        _submitted: Annotated[None, Depends(submitted)],
    ) -> Asker:
        """The caller, if they may. Raises NotSignedIn, NotAllowed, TooMany."""
        fairness: Fairness = request.app.state.fairness
        try:
            found = _identified(request, needs)
        except NotSignedIn:
            fairness.refused(_address(request))
            raise
        request.state.asker = found
        fairness.asked(needs.kind or _kind(request), found.owner, found.site, _address(request))
        _check(found, needs)
        return found

    _DECLARED[allowed] = needs
    return Security(allowed, scopes=[scope.value for scope in needs.scopes])


def _identified(request: Request, needs: Needs) -> Asker:
    if sites.HEADER not in request.headers:
        door: Door = request.app.state.door
        return door.identify(request)
    if not needs.at_sites:
        raise NotAllowed("a site key opens the search and nothing else")
    visitor = sites.identify(request)
    number, person = visitor.site.id, visitor.person
    owner = f"site:{number}" if person is None else f"person:{person.id}"
    return Asker(visitor.principal, frozenset({Scope.SEARCH}), owner, person, site=number)


def charge(request: Request, asker: Asker) -> None:
    """Count the search that a page makes beside what it is for. Raises TooMany."""
    fairness: Fairness = request.app.state.fairness
    fairness.asked(Kind.SEARCH, asker.owner, asker.site, _address(request))


def _check(found: Asker, needs: Needs) -> None:
    if needs.oneself and (found.by_token or found.person is None):
        raise NotAllowed(
            "only a person who has signed in may do this, and a token may not: sign in with a "
            "browser, or use whoknows token on the machine"
        )
    if needs.scopes and not found.scopes.intersection(needs.scopes):
        named = " or ".join(repr(scope.value) for scope in needs.scopes)
        raise NotAllowed(f"this needs the scope {named}, which you do not hold")
    if needs.personal and found.person is None:
        raise NotAllowed(
            "you are nobody in particular, so nothing is said about you; use a token of a person"
        )


def _kind(request: Request) -> Kind:
    return Kind.READ if request.method in ("GET", "HEAD") else Kind.WRITE


def _address(request: Request) -> str:
    proxies: Proxies = request.app.state.proxies
    return proxies.client(request)


def anybody(reason: str) -> Dependency:
    """For the ``dependencies`` of a route that needs nothing of its callers; says why."""

    async def nothing() -> None:
        """Nobody is asked who they are."""

    _DECLARED[nothing] = Needs(reason=reason)
    found: Dependency = Depends(nothing)
    return found


async def slowed(request: Request) -> None:
    """For a route that lets people in: counts by where from they come. Raises TooMany."""
    fairness: Fairness = request.app.state.fairness
    fairness.signing_in(_address(request))


def needs_of(dependant: Dependant) -> list[Needs]:
    """All that a route declares; every route has to declare one."""
    return [_DECLARED[call] for call in dict.fromkeys(_calls(dependant)) if call in _DECLARED]


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for one in dependant.dependencies:
        if one.call is not None:
            yield one.call
        yield from _calls(one)


_SEARCH, _IMPORT = (Scope.SEARCH,), (Scope.IMPORT,)

Searcher = Annotated[Asker, _allowed(Needs(_SEARCH, Kind.SEARCH))]
Reader = Annotated[Asker, _allowed(Needs(_SEARCH))]
SearcherAnywhere = Annotated[Asker, _allowed(Needs(_SEARCH, Kind.SEARCH, at_sites=True))]
ReaderAnywhere = Annotated[Asker, _allowed(Needs(_SEARCH, at_sites=True))]
OwnReader = Annotated[Asker, _allowed(Needs(_SEARCH, personal=True))]
# Of what is being written: no write, though it is sent as one.
OwnSearcher = Annotated[Asker, _allowed(Needs(_SEARCH, Kind.SEARCH, personal=True))]
OwnPreviewer = Annotated[Asker, _allowed(Needs(_SEARCH, Kind.READ, personal=True))]
Writer = Annotated[Asker, _allowed(Needs((Scope.CAPTURE,)))]
OwnWriter = Annotated[Asker, _allowed(Needs((Scope.CAPTURE,), personal=True))]
# A recording is an import, of which one says less: it counts as one.
Recorder = Annotated[Asker, _allowed(Needs((Scope.CAPTURE,), Kind.IMPORT, personal=True))]
Importer = Annotated[Asker, _allowed(Needs(_IMPORT))]
Uploader = Annotated[Asker, _allowed(Needs(_IMPORT, Kind.IMPORT))]
Overseer = Annotated[Asker, _allowed(Needs((Scope.IMPORT, Scope.ADMIN)))]
Administrator = Annotated[Asker, _allowed(Needs((Scope.ADMIN,)))]
Oneself = Annotated[Asker, _allowed(Needs(oneself=True))]

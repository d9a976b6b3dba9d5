"""Who asks, and where they are signed in."""

from __future__ import annotations

from fastapi import APIRouter

from api.auth import Oneself, Reader
from api.deps import PathId, Wired
from api.routes import V1
from api.schemas.sessions import Myself, SessionOut, SignedInList, signed_in_out

router = APIRouter(prefix=V1, tags=["sessions"])


@router.get("/session")
def session(asker: Reader) -> SessionOut:
    """Who you are to the service, and what you may do."""
    person, standing = asker.person, asker.standing
    return SessionOut(
        person=None if person is None else Myself(id=person.id, name=person.name),
        scopes=sorted(asker.scopes),
        administrator=standing.administrator,
        sources=sorted(standing.sources),
        topics=sorted(standing.topics),
        csrf=asker.csrf or None,
    )


@router.get("/sessions")
def sessions(asker: Oneself, services: Wired) -> SignedInList:
    """Where you are signed in with a browser, the newest first."""
    held = services.sessions.of_person(asker.person_id)
    return SignedInList(sessions=[signed_in_out(one, asker.session) for one in held])


@router.delete(
    "/sessions/{id}",
    status_code=204,
    responses={404: {"description": "None of your sessions has this id"}},
)
def end_session(id: PathId, asker: Oneself, services: Wired) -> None:
    """End one of your sessions: its next request is refused."""
    services.sessions.end(id, asker.person_id, asker.owner)

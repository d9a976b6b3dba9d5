"""One's own account, as a page: where one is signed in, and another password."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api import denials
from api.auth import Asker, Oneself, cookies
from api.deps import PathId, Wired
from api.routes.sign_in import Open, Password
from api.services import Services
from api.web import rendering
from knowledge.errors import InvalidInput, NotAllowed, TooMany, WhoknowsError

router = APIRouter(prefix="/account", include_in_schema=False)


def _page(
    request: Request, asker: Asker, services: Services, said: str = "", status: int = 200
) -> Response:
    made = rendering.page(
        request,
        asker,
        "account.html",
        sessions=services.sessions.of_person(asker.person_id),
        password=asker.session is not None and services.accounts.has_password(asker.person_id),
        said=said,
        wrong=status != 200,
    )
    made.status_code = status
    return made


@router.get("")
def show(request: Request, asker: Oneself, services: Wired) -> Response:
    """Show it."""
    return _page(request, asker, services)


@router.post("/password")
def change_password(
    request: Request,
    asker: Oneself,
    door: Open,
    services: Wired,
    current: Password = "",
    password: Password = "",
    again: Password = "",
) -> Response:
    """Take another password; all other sessions end."""
    try:
        if asker.session is None:
            raise NotAllowed("only who signed in on the page changes a password")
        who = services.sessions.identify(cookies.read(request, cookies.SESSION))
        if password != again:
            raise InvalidInput("the two passwords differ")
        client = door.proxies.client(request)
        services.accounts.change_password(who, current, password, client)
    except (InvalidInput, NotAllowed) as error:
        if isinstance(error, NotAllowed):
            denials.note(request)
        return _page(request, asker, services, _wrong(error), 422)
    except TooMany as error:
        made = _page(request, asker, services, _wrong(error), 429)
        made.headers["Retry-After"] = str(error.retry_after_s)
        return made
    said = "Your password is changed, and all other sessions have ended."
    return _page(request, asker, services, said)


def _wrong(error: WhoknowsError) -> str:
    return f"That did not work: {error}."


@router.post("/sessions/{id}")
def end_session(id: PathId, asker: Oneself, services: Wired) -> Response:
    """End one of one's own sessions."""
    services.sessions.end(id, asker.person_id, asker.owner)
    return RedirectResponse("/account", 303)

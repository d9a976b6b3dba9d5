"""What people say of answers and colleagues, as a page: for browsers without scripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.auth import Asker, Reader
from api.auth.origin import local_path
from api.deps import Wired
from api.schemas.fields import MAX_ID, Storable
from api.services import Services
from api.web.managing import sentence
from api.web.rendering import page
from knowledge.asked import Feedback, Verdict
from knowledge.errors import InvalidInput, NotFound
from knowledge.store import documents, passages, profiles

router = APIRouter(prefix="/feedback", include_in_schema=False)

_TITLES = {
    Verdict.HELPFUL: "This helped",
    Verdict.NOT_HELPFUL: "This did not help",
    Verdict.OUTDATED: "This is outdated",
    Verdict.WRONG_PERSON: "This is not who knows",
}
_Id = Annotated[str, Form(max_length=20)]


@router.get("")
def ask(request: Request, asker: Reader, services: Wired) -> Response:
    """Ask once more, and why; or say thanks, when it was said."""
    told = request.query_params
    after = local_path(told.get("next", "/"))
    if "said" in told:
        return page(request, asker, "thanks.html", next=after)
    return _asking(request, asker, services, _given(told, told.get("query_id", "")), after)


@router.post("")
def say(
    request: Request,
    asker: Reader,
    services: Wired,
    query_id: Annotated[str, Form(max_length=32)],
    helpful: _Id = "",
    not_helpful: _Id = "",
    outdated: _Id = "",
    wrong_person: _Id = "",
    reason: Annotated[str, Form(max_length=2000), Storable] = "",
    next: Annotated[str, Form(max_length=9000)] = "/",
) -> Response:
    """Keep it. Who says it is not kept."""
    told = {
        Verdict.HELPFUL: helpful,
        Verdict.NOT_HELPFUL: not_helpful,
        Verdict.OUTDATED: outdated,
        Verdict.WRONG_PERSON: wrong_person,
    }
    given = _given({key: value for key, value in told.items() if value}, query_id, reason.strip())
    after = local_path(next)
    try:
        services.opinions.add(given, asker.principal)
    except InvalidInput as error:
        made = _asking(request, asker, services, given, after, str(error))
        made.status_code = 422
        return made
    return RedirectResponse(f"/feedback?{urlencode({'said': 'yes', 'next': after})}", 303)


def _given(told: Mapping[str, str], query_id: str, reason: str = "") -> Feedback:
    """What is to be kept. Raises InvalidInput for an address that no page of ours has."""
    verdict = next((one for one in Verdict if one in told), None)
    number = told[verdict] if verdict is not None else ""
    if verdict is None or not (number.isascii() and number.isdigit() and int(number) <= MAX_ID):
        raise InvalidInput("the address does not say what it is about; go there from an answer")
    of_person = verdict is Verdict.WRONG_PERSON
    return Feedback(
        query_id,
        None if of_person else int(number),
        int(number) if of_person else None,
        verdict,
        reason,
    )


def _asking(
    request: Request,
    asker: Asker,
    services: Services,
    given: Feedback,
    after: str,
    wrong: str = "",
) -> Response:
    return page(
        request,
        asker,
        "feedback.html",
        title=_TITLES[given.verdict],
        about=_about(services, asker, given),
        given=given,
        next=after,
        wrong=sentence(wrong),
    )


def _about(services: Services, asker: Asker, given: Feedback) -> str:
    """What it is said of. Raises NotFound for what the asker may not see."""
    with services.database.read() as connection:
        if given.person_id is not None:
            return profiles.person(connection, given.person_id, asker.principal).name
        held = passages.load(connection, [given.passage_id or 0], asker.principal)
        for passage in held.values():
            return documents.get(connection, passage.document_id, asker.principal).title
    raise NotFound("no such passage")

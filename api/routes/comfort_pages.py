"""The form that asks everybody once a month, as a page: it works without scripts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.auth import Asker, OwnReader, OwnWriter
from api.deps import Wired
from api.schemas.fields import number_in
from api.services import Services
from api.web.managing import sentence
from api.web.rendering import page
from knowledge.comfort import QUESTIONS
from knowledge.comforting import KEYS, SCALE
from knowledge.errors import Conflict, InvalidInput, WhoknowsError

router = APIRouter(prefix="/pulse/answer", include_in_schema=False)

Short = Annotated[str, Form(max_length=20)]


@router.get("")
def form(request: Request, asker: OwnReader, services: Wired) -> Response:
    """The four questions, or that they are answered."""
    return _page(request, asker, services)


@router.post("")
def answer(
    request: Request,
    asker: OwnWriter,
    services: Wired,
    action: Short = "answer",
    asking: Short = "",
    mistakes: Short = "",
    sharing: Short = "",
    time: Short = "",
) -> Response:
    """Answer them, or put them away until next month."""
    typed = {"asking": asking, "mistakes": mistakes, "sharing": sharing, "time": time}
    try:
        if action == "away":
            services.comforting.put_away(asker.principal)
            return RedirectResponse("/", 303)
        told = {key: number_in(text) or 0 for key, text in typed.items()}
        services.comforting.answer(told, asker.principal)
    except (InvalidInput, Conflict) as error:
        return _page(request, asker, services, error, typed)
    return RedirectResponse("/pulse/answer", 303)


def _page(
    request: Request,
    asker: Asker,
    services: Services,
    error: WhoknowsError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    wrong = "" if error is None else sentence(str(error))
    made = page(
        request,
        asker,
        "pulse_answer.html",
        month=services.comforting.month(),
        answered=services.comforting.answered(asker.principal),
        questions=list(zip(KEYS, QUESTIONS, strict=True)),
        scale=SCALE,
        typed=dict.fromkeys(KEYS, "") | (typed or {}),
        wrong=wrong,
    )
    if error is not None:
        made.status_code = 409 if isinstance(error, Conflict) else 422
    return made

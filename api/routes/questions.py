"""Questions to colleagues: whoever asks and whoever was asked sees them, and nobody else."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api import asking, cursors
from api.auth import Asker, OwnReader, OwnWriter, charge
from api.conditions import IdempotencyKey, request_key
from api.deps import PathId, Wired
from api.routes import V1
from api.schemas.questions import (
    Acceptance,
    Accepted,
    BoxQuestion,
    GivenAnswer,
    GivenQuestion,
    HandingOn,
    QuestionList,
    QuestionOut,
    given,
    question_out,
    summary,
)
from api.services import Services

_Responses = dict[int | str, dict[str, Any]]
_LOCATION = {"Location": {"description": "Where it is.", "schema": {"type": "string"}}}
_FULL: _Responses = {507: {"description": "The disk is full; nothing was kept"}}
_CLOSED: _Responses = {409: {"description": "It is answered or withdrawn, or not yours to do"}}
_NOBODY: _Responses = {403: {"description": "You are nobody in particular"}}

router = APIRouter(prefix=f"{V1}/questions", tags=["questions"], responses=_NOBODY)


@router.post(
    "",
    status_code=201,
    responses={
        201: {"headers": _LOCATION},
        409: {"description": "You ask the same already"},
        **_FULL,
    },
)
def ask(
    told: GivenQuestion,
    request: Request,
    asker: OwnWriter,
    services: Wired,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> QuestionOut:
    """Ask two or three colleagues who likely know, by what you may read – anonymously: by what
    everybody may – and can be asked. Who they are is not told. 422 where there is nobody."""
    charge(request, asker)
    key = request_key(asker, idempotency_key, "POST questions", told)
    made = asking.ask(services, given(told), asker.principal, key)
    response.headers["Location"] = f"{V1}/questions/{made}"
    return _shown(services, made, asker)


@router.get("")
def listed(
    asked: Annotated[BoxQuestion, Query()], asker: OwnReader, services: Wired
) -> QuestionList:
    """Your questions, or with `box=to_answer` those that wait for your answer; the newest first."""
    about = ("questions", asked.box.value)
    offset = cursors.decode(asked.cursor, *about) or 0
    found, more = services.questions.listed(asker.principal, asked.box, offset, asked.limit)
    following = cursors.encode(offset + asked.limit, *about) if more else None
    return QuestionList(questions=[summary(one) for one in found], next_cursor=following)


@router.get("/{id}")
def read(id: PathId, asker: OwnReader, services: Wired) -> QuestionOut:
    """A question that you ask, or were asked."""
    return _shown(services, id, asker)


@router.post("/{id}/answers", status_code=201, responses={**_CLOSED, **_FULL})
def answer(id: PathId, told: GivenAnswer, asker: OwnWriter, services: Wired) -> QuestionOut:
    """Answer what you were asked. A second answer of yours takes the place of the first."""
    services.questions.answer(id, told.body, asker.principal)
    return _shown(services, id, asker)


@router.post("/{id}/accept", responses={**_CLOSED, **_FULL})
def accept(id: PathId, told: Acceptance, asker: OwnWriter, services: Wired) -> Accepted:
    """Take an answer to your question: both become a thread by whoever answered, which the next
    search finds."""
    made = services.questions.accept(id, told.answer_id, asker.principal, told.read_at)
    return Accepted(document_id=made, url=f"/documents/{made}")


@router.post("/{id}/hand_on", status_code=204, responses={**_CLOSED, **_FULL})
def hand_on(id: PathId, told: HandingOn, asker: OwnWriter, services: Wired) -> None:
    """Let somebody else be asked in your place. Whom you name is asked if they can be; otherwise
    it is whoever likely knows. Which of the two is not told."""
    services.questions.hand_on(id, asker.principal, told.to_id)


@router.delete("/{id}", status_code=204, responses={**_CLOSED, **_FULL})
def withdraw(id: PathId, asker: OwnWriter, services: Wired) -> None:
    """Withdraw your question: nobody else sees it any more."""
    services.questions.withdraw(id, asker.principal)


def _shown(services: Services, key: int, asker: Asker) -> QuestionOut:
    shown = services.questions.show(key, asker.principal)
    return question_out(shown, asking.answered_before(services, shown, asker.principal))

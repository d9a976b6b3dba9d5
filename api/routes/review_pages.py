"""The monthly review, as a page: it works without scripts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api import mistakes
from api.auth import Asker, OwnReader, OwnWriter
from api.deps import Wired
from api.mistakes import MENDABLE, Mistake
from api.routes.reviews import check
from api.schemas.fields import number_in
from api.services import Services
from api.web import measuring, reviewing
from api.web.rendering import page
from knowledge.errors import InvalidInput, NotFound
from knowledge.measures.kinds import COMPANY, after
from knowledge.reviews import MAX_TEXT, Plan

router = APIRouter(prefix="/pulse/review", include_in_schema=False)

_AGAIN = 3
_SAID = {
    "decided": "It is recorded, and comes up again when it is due.",
    "looked": "It is noted what came of it.",
    "deleted": "It is deleted.",
}

Short = Annotated[str, Form(max_length=40)]
Name = Annotated[str, Form(max_length=400)]
# Browsers send each line break as two characters.
Text = Annotated[str, Form(max_length=2 * MAX_TEXT)]


@router.get("/{month}")
def show(request: Request, month: str, asker: OwnReader, services: Wired) -> Response:
    """What changed in a month, what one could try, and what was decided."""
    check(asker)
    return _page(request, asker, services, month)


@router.post("/{month}")
def act(
    request: Request,
    month: str,
    asker: OwnWriter,
    services: Wired,
    action: Short = "decide",
    id: Short = "",
    text: Text = "",
    again: Short = "",
    measure: Short = "",
    of: Name = COMPANY,
    outcome: Text = "",
) -> Response:
    """Record a decision, say what came of one, or take one back."""
    check(asker)
    who, standing = asker.principal, asker.standing
    typed = {"text": text, "again": again, "measure": measure, "of": of}
    try:
        if action == "decide":
            services.reviews.decide(month, Plan(text, again, measure, of), who, standing)
            done = "decided"
        elif action == "look":
            services.reviews.look(_id(id), outcome, standing)
            done = "looked"
        elif action == "delete":
            services.reviews.take_back(_id(id), who, standing)
            done = "deleted"
        else:
            raise InvalidInput("choose one of the buttons")
    except MENDABLE as error:
        typed |= {"id": id, "outcome": outcome} if action == "look" else {}
        return _page(request, asker, services, month, mistakes.of(request, error), typed)
    return RedirectResponse(f"/pulse/review/{month}?said={done}", 303)


def _id(told: str) -> int:
    key = number_in(told)
    if key is None:
        raise NotFound("there is no such decision")
    return key


def _page(
    request: Request,
    asker: Asker,
    services: Services,
    month: str,
    mistake: Mistake = mistakes.NONE,
    typed: dict[str, str] | None = None,
) -> Response:
    review = services.reviews.show(month, asker.principal, asker.standing)
    at = review.months.index(month)
    empty = {"text": "", "measure": "", "of": COMPANY, "id": "", "outcome": ""}
    made = page(
        request,
        asker,
        "pulse_review.html",
        review=review,
        earlier=review.months[at - 1] if at else None,
        later=review.months[at + 1] if at + 1 < len(review.months) else None,
        changes=[reviewing.change(one) for one in review.changes],
        advice=[reviewing.advice(one, asker.standing.administrator) for one in review.advice],
        due=[reviewing.decision(one) for one in review.due],
        recorded=[reviewing.decision(one) for one in review.recorded],
        looked=[reviewing.decision(one) for one in review.looked],
        measures=services.measures.definitions(),
        names=dict(measuring.partitions(services.measures.all_series(asker.standing))),
        most=MAX_TEXT,
        typed=empty | {"again": after(month, _AGAIN)} | (typed or {}),
        mistake=mistake,
        opened="",
        said="" if mistake.said else _SAID.get(request.query_params.get("said", ""), ""),
    )
    made.status_code = mistake.status
    return made

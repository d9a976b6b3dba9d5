"""What measures should be, by when, and how far one is."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from api.auth import Reader, Writer
from api.conditions import IdempotencyKey, request_key
from api.deps import PathId, Wired
from api.routes import V1
from api.schemas.measures import GivenGoalIn, GoalList, GoalOut, goal_out

_Responses = dict[int | str, dict[str, Any]]
_GONE: _Responses = {404: {"description": "There is no such goal"}}
_WRITTEN: _Responses = {
    404: {"description": "There is no such goal, or measure"},
    507: {"description": "The disk is full; nothing was kept"},
}

router = APIRouter(
    prefix=f"{V1}/goals",
    tags=["measures"],
    responses={403: {"description": "You are neither an administrator nor a curator"}},
)


@router.get("")
def goals(asker: Reader, services: Wired) -> GoalList:
    """Every goal, those that are due first before the others."""
    found = services.goals.all_of_them(asker.standing)
    return GoalList(goals=[goal_out(one) for one in found])


@router.post("", status_code=201, responses=_WRITTEN | {409: {"description": "There are too many"}})
def create_goal(
    given: GivenGoalIn,
    asker: Writer,
    services: Wired,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> GoalOut:
    """Set a goal for the whole company or a team. How far one is, published months tell."""
    key = request_key(asker, idempotency_key, "POST goals", given)
    made = services.goals.create(given.given(), asker.principal, asker.standing, key)
    response.headers["Location"] = f"{V1}/goals/{made}"
    return goal_out(services.goals.get(made, asker.standing))


@router.get("/{id}", responses=_GONE)
def goal(id: PathId, asker: Reader, services: Wired) -> GoalOut:
    """One goal with its progress."""
    return goal_out(services.goals.get(id, asker.standing))


@router.put("/{id}", responses=_WRITTEN)
def replace_goal(id: PathId, given: GivenGoalIn, asker: Writer, services: Wired) -> GoalOut:
    """Set a goal otherwise."""
    services.goals.replace(id, given.given(), asker.standing)
    return goal_out(services.goals.get(id, asker.standing))


@router.delete("/{id}", status_code=204, responses=_WRITTEN)
def remove_goal(id: PathId, asker: Writer, services: Wired) -> None:
    """Take a goal back."""
    services.goals.remove(id, asker.standing)

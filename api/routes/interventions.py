"""What was done so that a measure moves, and what came of it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from api.auth import Reader, Writer
from api.conditions import IdempotencyKey, request_key
from api.deps import PathId, Wired
from api.routes import V1
from api.schemas.measures import (
    GivenInterventionIn,
    InterventionList,
    InterventionOut,
    intervention_out,
)

_Responses = dict[int | str, dict[str, Any]]
_GONE: _Responses = {404: {"description": "There is no such intervention"}}
_WRITTEN: _Responses = {
    404: {"description": "There is no such intervention, or measure"},
    507: {"description": "The disk is full; nothing was kept"},
}

router = APIRouter(
    prefix=f"{V1}/interventions",
    tags=["measures"],
    responses={403: {"description": "You are neither an administrator nor a curator"}},
)


@router.get("")
def interventions(asker: Reader, services: Wired) -> InterventionList:
    """Every intervention with its effect, the latest first."""
    found = services.interventions.all_of_them(asker.standing)
    return InterventionList(interventions=[intervention_out(one) for one in found])


@router.post("", status_code=201, responses=_WRITTEN | {409: {"description": "There are too many"}})
def create_intervention(
    given: GivenInterventionIn,
    asker: Writer,
    services: Wired,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> InterventionOut:
    """Note what was done, from which month on and for whom. Where it does not concern all teams,
    those that it leaves out are what the others are compared with."""
    key = request_key(asker, idempotency_key, "POST interventions", given)
    made = services.interventions.create(given.given(), asker.principal, asker.standing, key)
    response.headers["Location"] = f"{V1}/interventions/{made}"
    return intervention_out(services.interventions.get(made, asker.standing))


@router.get("/{id}", responses=_GONE)
def intervention(id: PathId, asker: Reader, services: Wired) -> InterventionOut:
    """One intervention with its effect and the 95 % interval of it."""
    return intervention_out(services.interventions.get(id, asker.standing))


@router.put("/{id}", responses=_WRITTEN)
def replace_intervention(
    id: PathId, given: GivenInterventionIn, asker: Writer, services: Wired
) -> InterventionOut:
    """Note an intervention otherwise."""
    services.interventions.replace(id, given.given(), asker.standing)
    return intervention_out(services.interventions.get(id, asker.standing))


@router.delete("/{id}", status_code=204, responses=_WRITTEN)
def remove_intervention(id: PathId, asker: Writer, services: Wired) -> None:
    """Take an intervention back."""
    services.interventions.remove(id, asker.standing)

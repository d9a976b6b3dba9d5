"""Who is more than a member, as administrators say it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import Administrator
from api.deps import Wired
from api.routes import V1
from api.schemas.roles import GivenRole, RoleList, held_out

router = APIRouter(prefix=f"{V1}/roles", tags=["roles"])


@router.get("")
def read_list(asker: Administrator, services: Wired) -> RoleList:
    """All who are more than members, with what they are."""
    found = services.roles.everybody(asker.principal)
    return RoleList(roles=[held_out(one) for one in found])


@router.put(
    "",
    status_code=204,
    responses={
        404: {"description": "There is nobody of this id whom you may see"},
        507: {"description": "The disk is full; nothing was kept"},
    },
)
def grant(given: GivenRole, asker: Administrator, services: Wired) -> None:
    """Give somebody a role, from their next request on. No role opens a document."""
    services.roles.grant(
        given.person_id,
        given.role,
        asker.owner,
        source=given.source,
        topic=given.topic,
        seen_by=asker.principal,
    )


@router.delete(
    "",
    status_code=204,
    responses={
        404: {"description": "They have no such role"},
        409: {"description": "Nobody else is an administrator"},
    },
)
def withdraw(given: Annotated[GivenRole, Query()], asker: Administrator, services: Wired) -> None:
    """Take a role back, from their next request on."""
    services.roles.withdraw(
        given.person_id, given.role, asker.owner, source=given.source, topic=given.topic
    )

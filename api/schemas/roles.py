"""Who is what, on the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.fields import Given, Id, Storable, Told
from knowledge.identity import AccountRole
from knowledge.roles import Held

Name = Annotated[str, StringConstraints(max_length=200), Storable]


class GivenRole(Given):
    """A role. A curator is one of a source or of a topic; an administrator of neither."""

    person_id: Id
    role: AccountRole
    source: Annotated[Name, Field(description="Of which source somebody is a curator.")] = ""
    topic: Annotated[Name, Field(description="Of which topic, that is tag.")] = ""


class HeldOut(Told):
    """Somebody and their roles. ``name``: null for somebody whom you may not see."""

    person_id: int
    name: str | None
    administrator: bool
    sources: list[str] = Field(description="Of which they are curators.")
    topics: list[str]


class RoleList(Told):
    """All who are more than members."""

    roles: list[HeldOut]


def held_out(held: Held) -> HeldOut:
    """Somebody and their roles, as they are told."""
    standing = held.standing
    return HeldOut(
        person_id=held.person_id,
        name=held.person and held.person.name,
        administrator=standing.administrator,
        sources=sorted(standing.sources),
        topics=sorted(standing.topics),
    )

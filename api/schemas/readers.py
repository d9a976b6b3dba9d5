"""Who can read a document, on the wire."""

from __future__ import annotations

from pydantic import Field

from api.schemas.fields import Told
from knowledge.sharing import Condition, Kind, Why


class NamedReader(Told):
    """A person whom you see."""

    id: int
    name: str


class OneReader(Told):
    """Somebody who meets a condition."""

    kind: Kind
    group: str | None = Field(description="The group's name, of a group.")
    person: NamedReader | None = Field(description="Of a person whom you may see.")
    you: bool = Field(description="Whether you meet the condition by this.")


class ReadersCondition(Told):
    """What a reader has to be one of."""

    any_of: list[OneReader]
    why: Why = Field(description="`source`: the source restricts it so; `here`: it was said here.")


class ReaderList(Told):
    """All conditions; a reader meets each."""

    conditions: list[ReadersCondition]


def readers_out(found: tuple[Condition, ...]) -> ReaderList:
    """Conditions on the wire."""
    return ReaderList(
        conditions=[
            ReadersCondition(
                any_of=[
                    OneReader(
                        kind=one.kind,
                        group=one.group,
                        person=None
                        if one.person is None
                        else NamedReader(id=one.person.id, name=one.person.name),
                        you=one.you,
                    )
                    for one in condition.any_of
                ],
                why=condition.why,
            )
            for condition in found
        ]
    )

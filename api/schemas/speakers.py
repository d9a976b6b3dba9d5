"""Who speaks in a transcript, on the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from api.schemas.fields import Given, Id, Storable, Told
from knowledge.speakers import Speaker, Speaking, Who


class GivenSpeaker(Given):
    """Whose a label is."""

    label: Annotated[
        str,
        StringConstraints(min_length=1, max_length=300),
        Storable,
        Field(description="As the transcript has it, in whatever case.", examples=["Speaker 1"]),
    ]
    person_id: Annotated[Id | None, Field(description="Who it is; null: nobody.")] = None
    undo: Annotated[bool, Field(description="Take it back: it is again whom the source says.")] = (
        False
    )
    everywhere: Annotated[
        bool,
        Field(description="Also in the source's other transcripts that you may edit."),
    ] = False

    @model_validator(mode="after")
    def _one(self) -> GivenSpeaker:
        if self.undo and self.person_id is not None:
            raise ValueError("undo takes no person_id: the source says who it is")
        return self

    @property
    def who(self) -> Who:
        """What is said of the label."""
        return Who(self.person_id, self.undo)


class SpeakerPerson(Told):
    """A colleague, as this document or the directory names them."""

    id: int
    name: str | None


class SpeakerOut(Told):
    """A label of the transcript."""

    label: str
    share: Annotated[float, Field(ge=0, le=1, description="Its part of the spoken words.")]
    generic: bool = Field(description="Whether it stands for nobody in particular.")
    person: SpeakerPerson | None
    assigned: bool = Field(description="Whether somebody said who it is.")


class SpeakerList(Told):
    """Who speaks, most words first."""

    speakers: list[SpeakerOut]
    editable: bool = Field(description="Whether you may say who it is.")


class SpeakersChanged(SpeakerList):
    """Who speaks now."""

    document_ids: list[int] = Field(description="The documents in which this changed something.")


def speakers_out(told: Speaking) -> list[SpeakerOut]:
    """Who speaks, as it is told."""
    return [_speaker(one) for one in told.speakers]


def _speaker(one: Speaker) -> SpeakerOut:
    person = None if one.person_id is None else SpeakerPerson(id=one.person_id, name=one.name)
    return SpeakerOut(
        label=one.label,
        share=min(one.share, 1.0),
        generic=one.generic,
        person=person,
        assigned=one.assigned,
    )

"""How soon somebody is told of what by mail, on the wire."""

from __future__ import annotations

from pydantic import Field

from api.schemas.fields import Given, Told
from knowledge.mail_choices import Choices
from knowledge.notices import Matter, Pace


class GivenPaces(Given):
    """What changes; what is left out stays."""

    questions: Pace = Pace.SOON
    answers: Pace = Pace.SOON
    wishes: Pace = Pace.DAILY
    reviews: Pace = Pace.DAILY
    sessions: Pace = Pace.DAILY
    drafts: Pace = Pace.DAILY

    def paces(self) -> dict[Matter, Pace]:
        """Those that were given."""
        return {Matter(name): getattr(self, name) for name in self.model_fields_set}


class Paces(Told):
    """How soon you are told: within minutes, once a day from Monday to Friday, or never."""

    questions: Pace = Field(description="Questions that you are asked.")
    answers: Pace = Field(description="Answers to yours, or that nobody has any.")
    wishes: Pace = Field(description="That what you waited for can be answered.")
    reviews: Pace = Field(description="Documents of yours that are to be looked at again.")
    sessions: Pace = Field(description="Sessions of the next working day that you take part in.")
    drafts: Pace = Field(description="Drafts that wait for your look.")


class MailOut(Told):
    """What you are told by mail."""

    sent: bool = Field(description="Whether this installation sends mail at all.")
    address: str | None = Field(description="Where it goes, as the directory says.")
    paces: Paces


def mail_out(held: Choices, sent: bool) -> MailOut:
    """What holds now."""
    told = {matter.value: pace for matter, pace in held.paces.items()}
    return MailOut(sent=sent, address=held.address, paces=Paces(**told))

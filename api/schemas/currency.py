"""Whether a document still holds, on the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.fields import Given, Storable, Told
from api.schemas.results import CurrencyOut, currency_out
from knowledge.currency import MAX_REASON, Judged, Verdict

Revision = Annotated[
    int | None,
    Field(ge=1, le=2**31 - 1, description="The revision that you read; left out: any."),
]


class GivenVerdict(Given):
    """What those who look after a document say of it."""

    state: Verdict
    revision: Revision = None


class GivenDoubt(Given):
    """Why a reader thinks that it is out of date."""

    reason: Annotated[
        str,
        StringConstraints(max_length=MAX_REASON),
        Storable,
        Field(description="If you like. Those who look after the document read it, not your name."),
    ] = ""
    revision: Revision = None


class JudgedOut(Told):
    """Whether a document still holds, for one of its readers."""

    currency: CurrencyOut
    yours: bool = Field(description="Whether you doubt it.")
    may_judge: bool = Field(description="Whether you may say that it is verified or outdated.")
    reasons: list[str] = Field(
        description="Why readers doubt it, without their names; for who may judge it."
    )


def judged_out(told: Judged) -> JudgedOut:
    """A document's currency."""
    return JudgedOut(
        currency=currency_out(told.currency),
        yours=told.yours,
        may_judge=told.may_judge,
        reasons=list(told.reasons),
    )

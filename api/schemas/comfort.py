"""The wire forms of the monthly form about comfort."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas.fields import Given, Told
from knowledge.comfort import QUESTIONS, SCORES

Score = Annotated[int, Field(ge=min(SCORES), le=max(SCORES), strict=True)]
_ASKING, _MISTAKES, _SHARING, _TIME = QUESTIONS


class GivenComfort(Given):
    """How far each statement holds for you: 1 not at all, 5 fully."""

    asking: Score = Field(description=_ASKING)
    mistakes: Score = Field(description=_MISTAKES)
    sharing: Score = Field(description=_SHARING)
    time: Score = Field(description=_TIME)


class ComfortOut(Told):
    """Whether you answered this month; null: you neither did nor put the form away."""

    month: str
    answered: bool | None

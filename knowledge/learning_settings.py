"""Settings of what colleagues learn from each other: see ``knowledge.settings``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Unit = Annotated[float, Field(ge=0.0, le=1.0)]


class AskSettings(BaseSettings):
    """Questions to colleagues."""

    model_config = SettingsConfigDict(env_prefix="WHOKNOWS_ASK_", extra="ignore", frozen=True)

    weekly: int = Field(
        5, ge=1, le=1000, description="Questions that go to one colleague in seven days at most."
    )
    escalate_hours: float = Field(
        48.0,
        gt=0,
        le=2400,
        description="Hours of Monday to Friday without an answer after which a question goes to "
        "further colleagues.",
    )
    alike: Unit = Field(
        0.8,
        description="Cosine of two questions from which they mean the same; see docs/asking.md.",
    )


class GapSettings(BaseSettings):
    """What people search for and do not find."""

    model_config = SettingsConfigDict(env_prefix="WHOKNOWS_GAPS_", extra="ignore", frozen=True)

    alike: Unit = Field(
        0.5,
        description="Mean cosine from which searches are for one thing; see docs/gaps.md.",
    )


class MeasureSettings(BaseSettings):
    """What is measured."""

    model_config = SettingsConfigDict(env_prefix="WHOKNOWS_MEASURES_", extra="ignore", frozen=True)

    reading: bool = Field(
        True,
        description="Whether it is noted who opens which documents, until the month is published; "
        "measures of reading need it.",
    )

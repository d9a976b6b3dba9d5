"""What the fields of several wire forms share: their bounds, and text that every database takes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

MAX_ID = 2**63 - 1
MAX_CURSOR = 64


class Given(BaseModel):
    """What a caller sends: a field that is not known is a mistake worth naming."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(BaseModel):
    """What a caller is given."""

    model_config = ConfigDict(frozen=True)


def _storable(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("text", "holds NUL characters, so it is no text")
    return text


def _instant(given: Any) -> Any:
    """A date is the first moment of its day; what names no time zone is UTC."""
    if not isinstance(given, str):
        return given
    try:
        whole = date.fromisoformat(given)
    except ValueError:
        pass
    else:
        return datetime.combine(whole, time(), UTC)
    try:
        made = datetime.fromisoformat(given)
    except ValueError:
        raise PydanticCustomError(
            "date", "is no date; write it as 2026-01-31 or 2026-01-31T09:30:00Z"
        ) from None
    try:
        return (made if made.tzinfo else made.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("date", "is too far from now to be a date") from None


def number_in(told: str | None, least: int = 1) -> int | None:
    """The number that a page's address or form holds, if it holds an id or the like."""
    if told is None or not (told.isascii() and told.isdigit() and len(told) < 20):
        return None
    return int(told) if least <= int(told) <= MAX_ID else None


def moment_in(told: str) -> datetime | None:
    """The time, with its zone, that a form holds, if it holds one."""
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


Storable = AfterValidator(_storable)
Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=200), Storable]
Cursor = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_CURSOR, pattern=r"^[A-Za-z0-9_-]+$"),
    Field(description="`next_cursor` of the page before; leave it out for the first page."),
]
Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    WithJsonSchema(
        {
            "type": "string",
            "anyOf": [{"format": "date"}, {"format": "date-time"}],
            "examples": ["2026-01-31"],
        }
    ),
]
NextCursor = Annotated[
    str | None, Field(description="Give it as `cursor` for the next page; null on the last one.")
]

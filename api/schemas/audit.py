"""The audit on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from api.schemas.fields import Cursor, Given, Instant, NextCursor, Storable, Told
from knowledge.audit import Action, Entry


class AuditQuestion(Given):
    """Which entries."""

    limit: Annotated[int, Field(ge=1, le=200, description="How many at most.")] = 50
    cursor: Cursor | SkipJsonSchema[None] = None
    since: Annotated[
        Instant | SkipJsonSchema[None], Field(description="Only from this date or time on.")
    ] = None
    actor: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=100), Storable]
        | SkipJsonSchema[None],
        Field(
            description="Only what `person:ID`, `token:ID`, `operator` or `nobody` did, and not "
            "when they signed in and out."
        ),
    ] = None
    action: Annotated[
        Action | SkipJsonSchema[None], Field(description="Only what was done in this way.")
    ] = None


class EntryOut(Told):
    """Something that was done. People stand in it as ids only."""

    sequence: int
    at: datetime
    actor: str = Field(description="`person:ID`, `token:ID`, `operator` or `nobody`.")
    action: str
    subject: str = Field(description="What it was done to, as in `document:12`; may be empty.")
    detail: dict[str, Any]
    seal: str = Field(description="SHA-256 of the seal before it and of all that it says.")


class AuditList(Told):
    """What was done, newest first."""

    entries: list[EntryOut]
    next_cursor: NextCursor = None


class AuditHead(Told):
    """The last entry's number and seal, to be kept elsewhere: see `whoknows audit verify`."""

    sequence: int
    seal: str


def entry_out(entry: Entry) -> EntryOut:
    """An entry as it is told."""
    return EntryOut(
        sequence=entry.sequence,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        detail=entry.detail,
        seal=entry.seal,
    )

"""Imports on the wire."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from api.schemas.fields import Cursor, Given, NextCursor, Storable, Told, Word
from knowledge.capture import Status
from knowledge.imports import Order
from knowledge.readers import AUTO
from knowledge.types import Import, ImportItem, ImportState, source_name


class ImportForm(Given):
    """The fields beside the file."""

    format: Annotated[
        str,
        StringConstraints(min_length=1, max_length=40),
        Storable,
        Field(description="A reader's name; `auto` finds it out."),
    ] = AUTO
    source: Annotated[
        Word | None,
        Field(
            max_length=150,
            description="What to call where it comes from; the file's name if left out. The same "
            "name again updates what you imported under it, never what others did.",
        ),
    ] = None
    audience: Annotated[
        tuple[Annotated[str, StringConstraints(max_length=2000), Storable], ...],
        Field(
            max_length=50,
            description="Who may read what says nothing of it: `public`, `everyone`, `group:SLUG` "
            "or `person:ID`. Given twice, readers must satisfy both; `a|b` means either.",
            examples=[["group:ops|group:support"]],
        ),
    ] = ()
    dry_run: Annotated[bool, Field(description="Say what would happen, write nothing.")] = False

    def order(self, file_name: str) -> Order:
        """What is to be done with the file."""
        return Order(file_name, self.format, self.source, self.audience, self.dry_run)


def form_description() -> dict[str, Any]:
    """The request's body for OpenAPI; FastAPI does not see it, as it is read while it arrives."""
    schema = ImportForm.model_json_schema()
    properties = {"file": {"type": "string", "format": "binary"}} | schema["properties"]
    form = {
        "type": "object",
        "properties": properties,
        "required": ["file"],
        "additionalProperties": False,
    }
    return {"required": True, "content": {"multipart/form-data": {"schema": form}}}


class ImportsQuestion(Given):
    """Which part of a list."""

    limit: Annotated[int, Field(ge=1, le=500, description="How many at most.")] = 50
    cursor: Cursor | SkipJsonSchema[None] = None


class Counts(Told):
    """How many inputs had which outcome, and how many people they name."""

    added: int
    changed: int
    unchanged: int
    refused: int
    people: int


class ImportOut(Told):
    """A file that was handed in, and how far it is. Somebody else's, which only an administrator
    sees, without what its file says."""

    id: str
    state: ImportState
    file_name: str | None
    format: str
    source: str | None
    audience: list[list[str]] | None = Field(description="Clauses; null where none was given.")
    dry_run: bool
    counts: Counts
    error: str | None = Field(description="Why it failed.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ImportList(Told):
    """Your imports, newest first."""

    imports: list[ImportOut]
    next_cursor: NextCursor


class ImportItemOut(Told):
    """What became of one input. What is unchanged is only counted."""

    number: int
    name: str
    status: Status
    reason: str
    document_id: int | None


class ImportItemList(Told):
    """What an import reported, in the order of its file."""

    items: list[ImportItemOut]
    next_cursor: NextCursor


def import_out(job: Import) -> ImportOut:
    """An import as its owner gets it."""
    return ImportOut(
        id=job.id,
        state=job.state,
        file_name=job.file_name or None,
        format=job.format,
        source=source_name(job.source) or None,
        audience=job.audience and [list(clause) for clause in job.audience.clauses],
        dry_run=job.dry_run,
        counts=counts_out(job),
        error=job.error,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )


def counts_out(job: Import) -> Counts:
    """The counts of an import."""
    return Counts(**job.counts)


def items_out(items: Iterable[ImportItem]) -> list[ImportItemOut]:
    """Items as they are told."""
    return [
        ImportItemOut(
            number=item.number,
            name=item.name,
            status=Status(item.status),
            reason=item.reason,
            document_id=item.document_id,
        )
        for item in items
    ]

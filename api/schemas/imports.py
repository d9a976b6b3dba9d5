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
from knowledge.jobs import Action, Gone, Import, ImportItem, ImportState, Options
from knowledge.readers import AUTO
from knowledge.types import LossKind, source_name


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
    full: Annotated[
        bool | None,
        Field(
            description="Whether the file holds all of its source, so that what it no longer holds "
            "is archived. Left out: as its format is meant; a wiki's export is, files are not."
        ),
    ] = None
    gone: Annotated[
        Gone,
        Field(
            description="What happens to documents that a full export no longer holds: `archive` "
            "or `keep` them, or `ask` where they are more than a fifth."
        ),
    ] = Gone.ASK
    url_template: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=500), Storable] | None,
        Field(
            description="Where its pages stand on the web, with `{id}`, `{path}` or `{title}`. "
            "Kept for the next time.",
            examples=["https://wiki.example/pages/{id}"],
        ),
    ] = None

    session: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=10_000), Storable] | None,
        Field(
            description="What a single transcript is of: its session record, as YAML or JSON with "
            "`title`, `date`, `host`, `participants`, `kind`, `tags`, `level`, `url`, `audience`.",
            examples=['{"title": "Restore drill", "kind": "demo", "host": "Priya Raman"}'],
        ),
    ] = None

    def order(self, file_name: str) -> Order:
        """What is to be done with the file."""
        options = Options(self.full, self.gone, self.url_template, record=self.session)
        return Order(file_name, self.format, self.source, self.audience, self.dry_run, options)


class ImportChange(Given):
    """What is to become of an import."""

    action: Annotated[
        Action,
        Field(
            description="`pause`, `resume` or `cancel`; `archive_gone` or `keep_gone` answer an "
            "import that asks. What was taken in before it was cancelled stays."
        ),
    ]


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
    moved: int = Field(0, description="Documents that have another id in their source now.")
    archived: int = Field(0, description="Documents that a full export no longer holds.")
    bytes_read: int = Field(0, description="How far reading is; `bytes` is all there is to read.")
    bytes: int = 0


class QuestionOut(Told):
    """Documents are gone from a full export, more than a fifth of them: what is to happen?"""

    gone: int
    held: int = Field(description="So many there were.")
    names: list[str] = Field(description="Some that are gone, by their ids in the source.")


class LossOut(Told):
    """What did not come over as it was."""

    kind: LossKind
    what: str
    count: int


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
    full: bool | None
    gone: Gone
    url_template: str | None
    question: QuestionOut | None = Field(description="What it asks, in the state `asking`.")
    file_kept_until: datetime | None = Field(
        None, description="Until when a dry run that is done can be started for real."
    )
    error: str | None = Field(description="Why it failed, or was ended by another than its owner.")
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
    losses: list[LossOut]


class ReportOut(Told):
    """All that is known of an import. `summary` is of its whole file: null before its end."""

    import_: ImportOut = Field(alias="import")
    summary: dict[str, Any] | None
    items: list[ImportItemOut]


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
        full=job.options.full,
        gone=job.options.gone,
        url_template=job.options.url_template,
        question=job.question
        and QuestionOut(
            gone=job.question.gone, held=job.question.held, names=list(job.question.names)
        ),
        file_kept_until=job.kept_until,
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
            losses=[LossOut(kind=one.kind, what=one.what, count=one.count) for one in item.losses],
        )
        for item in items
    ]

"""Drafts on the wire, and what is told of a text under way."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from api import filing
from api.schemas.documents import Clauses, FileOut
from api.schemas.fields import Given, Id, Storable, Told
from indexer.search.results import SearchHit
from knowledge import drafts, markdown
from knowledge.drafting import Base, Form, Kept
from knowledge.drafts import Draft
from knowledge.editing import Editor, may_edit, written_here
from knowledge.hints import About, Hint
from knowledge.types import EVERYONE, KeptFile, Kind, Level

Title = Annotated[str, StringConstraints(max_length=drafts.MAX_TITLE), Storable]
Body = Annotated[
    str,
    StringConstraints(max_length=drafts.MAX_BODY),
    Storable,
    Field(description="Markdown; of a note on the template of docs/teach-1-thing.md."),
]


class DraftBase(Given):
    """What a draft changes: a document in the state in which it was read."""

    document_id: Id
    revision: Annotated[int, Field(ge=1, le=2**31 - 1)]
    version: Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")] = Field(
        description="Its ETag, without the quotes."
    )


class DraftIn(Given):
    """What somebody has written so far. Nothing is needed before it is published."""

    form: Annotated[Form, Field(description="With which form it is written.")] = Form.WRITEUP
    title: Title = ""
    body: Body = ""
    tags: Annotated[
        tuple[Annotated[str, StringConstraints(max_length=drafts.MAX_TAG), Storable], ...],
        Field(max_length=drafts.MAX_TAGS),
    ] = ()
    level: Level | None = None
    audience: Clauses = ((EVERYONE,),)
    url: Annotated[str, StringConstraints(max_length=drafts.MAX_URL), Storable] | None = None
    rough: Annotated[bool, Field(description="It is unfinished, and will say so.")] = False
    knower_id: Annotated[
        Id | None, Field(description="Who knew the answer, if it was not you.")
    ] = None
    base: Annotated[
        DraftBase | None, Field(description="The document that it changes; null for a new one.")
    ] = None


class DraftSummary(Told):
    """A draft without its text."""

    id: int
    form: Form
    title: str
    document_id: int | None = Field(description="The document that it changes.")
    version: str = Field(description="Its ETag, without the quotes.")
    created_at: datetime
    changed_at: datetime


class DraftOut(DraftSummary):
    """A draft, as its author sees it and nobody else."""

    body: str
    tags: list[str]
    level: Level | None
    audience: list[list[str]]
    url: str | None
    rough: bool
    knower_id: int | None
    files: list[FileOut]


class DraftList(Told):
    """Your drafts, the last changed first."""

    drafts: list[DraftSummary]


class Published(Told):
    """What became of a draft."""

    document_id: int
    url: str = Field(description="Its page.")


class Text(Given):
    """A text under way."""

    form: Form = Form.WRITEUP
    title: Title = ""
    body: Body = ""
    document_id: Annotated[
        Id | None, Field(description="The document that it changes, which is like itself.")
    ] = None
    draft_id: Annotated[Id | None, Field(description="The draft whose pictures it shows.")] = None


class HintOut(Told):
    """What would make it better. ``done``: nothing is to be said about this."""

    about: About
    field: str
    done: bool
    text: str


class SimilarOut(Told):
    """A document that is likely about the same."""

    id: int
    title: str
    kind: Kind
    url: str
    excerpt: str
    editable: bool = Field(description="Whether you may change its text.")


class AdviceOut(Told):
    """What is told of a text under way, by what you may read."""

    hints: list[HintOut]
    similar: list[SimilarOut]
    tags: list[str] = Field(description="Those of its nearest neighbours.")
    level: Level | None = Field(description="Whom it is likely written for.")


def draft(given: DraftIn) -> Draft:
    """What is to be kept. Raises InvalidInput for an audience that means nothing."""
    return drafts.draft(
        title=given.title,
        body=given.body,
        kind=given.form.kind,
        tags=given.tags,
        level=given.level,
        audience=given.audience,
        url=given.url,
        rough=given.rough,
    )


def base(given: DraftIn) -> Base | None:
    """Which state of which document it changes."""
    told = given.base
    return told if told is None else Base(told.document_id, told.revision, told.version)


def summary(kept: Kept) -> DraftSummary:
    """A draft in a list."""
    return DraftSummary(**_summarised(kept))


def draft_out(kept: Kept, files: list[KeptFile]) -> DraftOut:
    """A draft as its author gets it."""
    held = kept.draft
    return DraftOut(
        **_summarised(kept),
        body=held.body,
        tags=list(held.tags),
        level=held.level,
        audience=[list(clause) for clause in held.audience.clauses],
        url=held.url,
        rough=held.rough,
        knower_id=kept.knower,
        files=[file_out(kept.id, one) for one in files],
    )


def _summarised(kept: Kept) -> dict[str, object]:
    return {
        "id": kept.id,
        "form": kept.form,
        "title": kept.draft.title,
        "document_id": kept.base and kept.base.document_id,
        "version": str(kept.version),
        "created_at": kept.created_at,
        "changed_at": kept.changed_at,
    }


def file_out(draft_id: int, file: KeptFile) -> FileOut:
    """A picture of a draft."""
    address = filing.draft_files_address(draft_id, file.number)
    return FileOut(href=file.href, name=file.name, size=file.size, url=address)


def hint_out(hint: Hint) -> HintOut:
    """A hint as it is told."""
    return HintOut(about=hint.about, field=hint.field, done=hint.done, text=hint.text)


def similar_out(hit: SearchHit, editor: Editor) -> SimilarOut:
    """A document that is like a text."""
    found = hit.document
    return SimilarOut(
        id=found.id,
        title=found.title,
        kind=found.kind,
        url=f"/documents/{found.id}",
        excerpt=excerpt(hit),
        editable=may_edit(editor, found) and written_here(found),
    )


def excerpt(hit: SearchHit) -> str:
    """Its sentence that is most like the text."""
    text = hit.passage.text
    start, end = hit.highlights[0] if hit.highlights else (0, 200)
    return " ".join(markdown.plain(text[start:end]).split())[:300]

"""Documents on the wire: as somebody writes them, and as they are read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from api import filing
from api.schemas.fields import Given, NextCursor, Storable, Told, Word
from api.schemas.people import PageQuestion
from api.schemas.results import Contributor, DocumentSummary, contributors, document_summary
from knowledge import drafts
from knowledge.drafts import Draft
from knowledge.editing import Shown
from knowledge.linking import Places
from knowledge.types import EVERYONE, Document, Kind, Level

Clause = Annotated[tuple[Word, ...], Field(min_length=1, max_length=50)]
Clauses = Annotated[
    tuple[Clause, ...],
    Field(
        min_length=1,
        max_length=20,
        description="Who may read it: each clause must hold one token of the reader. Tokens are "
        "`public`, `everyone` (who is signed in), `group:SLUG` and `person:ID`.",
        examples=[[["group:ops", "group:support"], ["everyone"]]],
    ),
]


class NewDocument(Given):
    """What somebody writes."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=drafts.MAX_TITLE), Storable]
    body: Annotated[
        str,
        StringConstraints(min_length=1, max_length=drafts.MAX_BODY),
        Storable,
        Field(description="Markdown. It is kept exactly as it comes."),
    ]
    kind: Annotated[
        Literal["writeup", "note"],
        Field(description="`note` is one thing worth knowing; docs/teach-1-thing.md has a form."),
    ] = "writeup"
    tags: Annotated[
        tuple[Annotated[str, StringConstraints(max_length=drafts.MAX_TAG), Storable], ...],
        Field(max_length=drafts.MAX_TAGS),
    ] = ()
    level: Annotated[Level | None, Field(description="Whom it is written for.")] = None
    audience: Clauses = ((EVERYONE,),)
    url: Annotated[
        Annotated[str, StringConstraints(max_length=drafts.MAX_URL), Storable] | None,
        Field(description="A web address where there is more."),
    ] = None
    rough: Annotated[bool, Field(description="It is unfinished, and says so.")] = False


class WholeDocument(Given):
    """A document as it is to be from now on: what is left out is emptied, but for the text.

    Of a document that came by import only the audience may differ from what is there.
    """

    title: Annotated[str, StringConstraints(min_length=1, max_length=10_000), Storable]
    body: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=2_000_000), Storable] | None,
        Field(
            description="Markdown. Left out, the text stays: so those who may read a document "
            "that is too long to be sent can be changed."
        ),
    ] = None
    kind: Kind
    tags: Annotated[
        tuple[Annotated[str, StringConstraints(max_length=200), Storable], ...],
        Field(max_length=1000),
    ] = ()
    level: Level | None = None
    audience: Clauses
    url: Annotated[str, StringConstraints(max_length=10_000), Storable] | None = None
    rough: bool = False


class ListQuestion(PageQuestion):
    """Which documents."""

    kind: Annotated[
        tuple[Kind, ...], Field(max_length=4, description="Only of this kind. Repeated: any.")
    ] = ()
    source: Annotated[
        tuple[Word, ...], Field(max_length=50, description="Only from this source. Repeated: any.")
    ] = ()
    author: Annotated[
        Literal["me"] | SkipJsonSchema[None], Field(description="`me`: only what you made.")
    ] = None


class LinkOut(Told):
    """A link to another document. ``href`` is as the text writes it."""

    href: str
    document_id: int


class FileOut(Told):
    """A file that belongs to a document. ``href`` is how the text refers to it."""

    href: str
    name: str
    size: int = Field(description="Bytes.")
    url: str = Field(description="Where it is.")


class WholeDocumentOut(Told):
    """A document with its text."""

    id: int
    title: str
    url: str | None
    kind: Kind
    source: str
    body: str
    tags: list[str]
    level: Level | None
    rough: bool = Field(description="Whether its author says that it is unfinished.")
    audience: list[list[str]] | None = Field(
        description="Who may read it; null unless you may change it."
    )
    editable: bool = Field(description="Whether you may change or delete it.")
    contributors: list[Contributor]
    revision: int = Field(description="Counts the states of title and text, from 1.")
    created_at: datetime | None
    updated_at: datetime | None
    stored_at: datetime | None = Field(description="When this service last wrote it.")
    links: list[LinkOut] = Field(
        description="Links in the text that lead to documents that you may read."
    )
    files: list[FileOut] = Field(description="What was imported with it.")


class DocumentList(Told):
    """Documents that you may read, newest here first."""

    documents: list[DocumentSummary]
    next_cursor: NextCursor


def draft(given: NewDocument | WholeDocument) -> Draft:
    """What is to be stored. Raises InvalidInput for an audience that means nothing."""
    return drafts.draft(
        title=given.title,
        body=given.body or "",
        kind=Kind(given.kind),
        tags=given.tags,
        level=given.level,
        audience=given.audience,
        url=given.url,
        rough=given.rough,
    )


def whole_document(shown: Shown, places: Places) -> WholeDocumentOut:
    """A document as its reader gets it."""
    document, audience = shown.document, shown.audience
    return WholeDocumentOut(
        id=document.id,
        title=document.title,
        url=document.url,
        kind=document.kind,
        source=document.source,
        body=shown.body,
        tags=list(document.tags),
        level=document.level,
        rough=document.rough,
        audience=None if audience is None else [list(clause) for clause in audience.clauses],
        editable=audience is not None,
        contributors=contributors(document),
        revision=document.revision,
        created_at=document.created_at,
        updated_at=document.updated_at,
        stored_at=document.stored_at,
        links=[
            LinkOut(href=href, document_id=key) for href, key in sorted(places.documents.items())
        ],
        files=[
            FileOut(
                href=one.href,
                name=one.name,
                size=one.size,
                url=filing.files_address(document.id, one.number),
            )
            for one in places.files.values()
        ],
    )


def document_list(documents: list[Document], next_cursor: str | None) -> DocumentList:
    """A page of a list."""
    return DocumentList(
        documents=[document_summary(document) for document in documents], next_cursor=next_cursor
    )

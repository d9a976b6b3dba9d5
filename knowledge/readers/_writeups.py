"""A written file as a document: shared by the readers of front matter."""

from __future__ import annotations

from collections.abc import Callable

from knowledge.exports import Entry, Refused
from knowledge.readers._frontmatter import FrontMatter
from knowledge.readers._links import beside
from knowledge.readers._text import from_name, title_of
from knowledge.types import Contributor, Kind, SourceDocument


def document(
    entry: Entry,
    source: str,
    matter: FrontMatter,
    body: str,
    kind: Kind,
    contributors: tuple[Contributor, ...] | None = None,
    is_page: Callable[[str], bool] | None = None,
) -> SourceDocument:
    """Build it from what the author said, else from git, else from the file itself.

    ``contributors`` replaces the authors (a transcript's people are its speakers); ``is_page``
    tells which links lead to documents, and not to what is attached.
    Raises Refused when there is nothing below the front matter.
    """
    if not body.strip():
        raise Refused("there is no text below the front matter")
    history = entry.history
    people = matter.authors or (history.contributors if history else ())
    created = matter.created_at or from_name(entry.name)[1]
    # What was said stays as old as it is, whenever its recording was committed.
    updated = matter.updated_at or (created if kind is Kind.TRANSCRIPT else None)
    if history:
        created, updated = created or history.created_at, updated or history.updated_at
    links, attachments, losses = beside(entry, body, is_page)
    # A copy's file time says when it was copied; it is only better than nothing.
    updated = updated or created or entry.modified_at
    return SourceDocument(
        source=source,
        external_id=entry.name,
        title=title_of(entry.name, body, matter.title),
        body=body,
        kind=kind,
        url=matter.url,
        contributors=people if contributors is None else contributors,
        audience=matter.audience,
        tags=matter.tags,
        level=matter.level,
        created_at=created,
        updated_at=updated,
        links=links,
        attachments=attachments,
        losses=losses,
    )

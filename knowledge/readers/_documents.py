"""What every document must hold, whichever reader it comes from."""

from __future__ import annotations

from datetime import datetime

from knowledge.exports import Refused, check_text
from knowledge.types import ReadFailure, SourceDocument

MAX_ID = 1000


def check(document: SourceDocument | ReadFailure, seen: set[str]) -> SourceDocument | ReadFailure:
    """The document itself, or its refusal when nobody could store or show it.

    ``seen`` holds the external ids so far and gets this one.
    """
    if isinstance(document, ReadFailure):
        return document
    try:
        _check(document)
    except Refused as refusal:
        return ReadFailure(document.external_id or "a document without id", str(refusal))
    if document.external_id in seen:
        return ReadFailure(document.external_id, "a second document of this id; keep one")
    seen.add(document.external_id)
    return document


def _check(document: SourceDocument) -> None:
    people = [p for c in document.contributors for p in (c.name, c.email, c.handle, c.label)]
    for text in (
        *(document.external_id, document.title, document.body, document.url),
        *document.tags,
        *people,
    ):
        if text is not None:
            check_text(text)
    if not document.external_id.strip() or len(document.external_id) > MAX_ID:
        raise Refused("its id is blank or too long")
    if not document.body.strip():
        raise Refused("there is no text in it")
    if not document.title.strip():
        raise Refused("there is no title in it")
    if not all(c.name.strip() for c in document.contributors):
        raise Refused("a contributor has no name")
    times = (document.created_at, document.updated_at, *(c.at for c in document.contributors))
    if any(isinstance(at, datetime) and at.tzinfo is None for at in times):
        raise Refused("a time has no time zone")

"""What every document must hold, whichever reader it comes from."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from knowledge import limits, secrets
from knowledge.archives import printable
from knowledge.exports import Refused
from knowledge.texts import number
from knowledge.types import Loss, LossKind, ReadFailure, SourceDocument

_ELSEWHERE = re.compile(r"!\[[^\[\]\r\n]{0,500}\]\([ \t]*<?(https?:[^\s<>()]{1,2000})", re.I)


def check(document: SourceDocument | ReadFailure, seen: set[int]) -> SourceDocument | ReadFailure:
    """The document with its secrets masked and its pictures on other servers told as losses, or
    its refusal when nobody could store or show it.

    ``seen`` holds the numbers of the external ids so far and gets this one's.
    """
    if isinstance(document, ReadFailure):
        return document
    try:
        _check(document)
    except Refused as refusal:
        return ReadFailure(_shown(document.external_id), str(refusal))
    if number(document.external_id) in seen:
        return ReadFailure(document.external_id, "a second document of this id; keep one")
    seen.add(number(document.external_id))
    return _masked(_with_pictures_told(document))


def _shown(external_id: str) -> str:
    """An id as the name of a refusal: as it is, where a document could have it."""
    fits = limits.storable(external_id) and limits.fits_key(external_id)
    return (external_id if fits else printable(external_id)) or "a document without id"


def _with_pictures_told(document: SourceDocument) -> SourceDocument:
    """Pictures are never loaded from elsewhere: of those, a link remains."""
    kept = {one.href for one in document.attachments}
    lost = sum(address not in kept for address in _ELSEWHERE.findall(document.body))
    if not lost:
        return document
    told = Loss(LossKind.EMBED, "pictures on other servers", lost)
    return replace(document, losses=(*document.losses, told))


def _masked(document: SourceDocument) -> SourceDocument:
    body, found = secrets.mask(document.body)
    title, named = secrets.mask(document.title)
    found += named
    if not found:
        return document
    told = tuple(Loss(LossKind.SECRET, kind, count) for kind, count in sorted(found.items()))
    return replace(document, title=title, body=body, losses=(*document.losses, *told))


def _check(document: SourceDocument) -> None:
    if not document.external_id.strip():
        raise Refused("its id is blank")
    if problem := limits.problem(document):
        raise Refused(problem)
    if not all(c.name.strip() for c in document.contributors):
        raise Refused("a contributor has no name")
    times = (document.created_at, document.updated_at, *(c.at for c in document.contributors))
    if any(isinstance(at, datetime) and at.tzinfo is None for at in times):
        raise Refused("a time has no time zone")

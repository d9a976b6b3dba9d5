"""Judged collections in BEIR's layout: a folder with corpus.jsonl, or such a file alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from knowledge.exports import Entry, Export, Refused
from knowledge.readers._claims import Claim
from knowledge.readers._frontmatter import moment
from knowledge.readers._text import cut, opening
from knowledge.types import Contributor, Kind, ReadFailure, Role, SourceDocument

DESCRIPTION = "a judged collection: corpus.jsonl, with queries and judgments beside it"

CORPUS = "corpus.jsonl"

_LAYOUT = ("queries.jsonl", "qrels", "experts", "spans", "README.md", "README", "LICENSE")
_LONGEST_LINE = 50_000_000
_Enum = TypeVar("_Enum", Kind, Role)


def recognises(export: Export) -> bool:
    """A folder or archive whose top, or whose only folder, holds corpus.jsonl."""
    return _corpus(export) is not None


def read_export(export: Export, source: str) -> Iterator[SourceDocument | ReadFailure]:
    """The corpus' documents; queries and judgments are no documents, other files are refused."""
    corpus = _corpus(export)
    if corpus is None:
        raise Refused(f"there is no {CORPUS} in it")
    folder = corpus.name.removesuffix(CORPUS)
    for entry in export.entries():
        if isinstance(entry, ReadFailure):
            yield entry
        elif entry.name == corpus.name:
            yield from _documents(entry, source)
        elif entry.name.removeprefix(folder).split("/")[0] not in _LAYOUT:
            yield ReadFailure(entry.name, "not part of a judged collection; import it on its own")


def claims(entry: Entry) -> Claim:
    """A ``.jsonl`` file whose first line is a document of such a corpus."""
    if entry.suffix != ".jsonl":
        return Claim.NO
    with entry.open(dump=True) as stream:
        first = stream.readline(_LONGEST_LINE)
    try:
        values = json.loads(first)
    except (ValueError, RecursionError):
        return Claim.NO
    if not isinstance(values, dict) or not {"_id", "text"} <= values.keys():
        return Claim.NO
    return Claim.CONTENT if {"title", "metadata"} & values.keys() else Claim.NO


def read(entry: Entry, source: str) -> Iterator[SourceDocument | ReadFailure]:
    """The documents of a lone corpus file; broken lines are refused by their number."""
    yield from _documents(entry, source)


def _documents(entry: Entry, source: str) -> Iterator[SourceDocument | ReadFailure]:
    with entry.open(dump=True) as stream:
        number = 0
        while line := stream.readline(_LONGEST_LINE):
            number += 1
            try:
                if len(line) == _LONGEST_LINE:
                    while line and not line.endswith(b"\n"):
                        line = stream.readline(_LONGEST_LINE)
                    raise Refused(f"longer than {_LONGEST_LINE // 1_000_000} MB; split it")
                if line.strip():
                    yield _document(line, source)
            except Refused as refusal:
                yield ReadFailure(f"{entry.name}, line {number}", str(refusal))
        if not number:
            yield ReadFailure(entry.name, "the file is empty")


def _document(line: bytes, source: str) -> SourceDocument:
    try:
        values = json.loads(line)
    except UnicodeDecodeError as error:
        raise Refused("not UTF-8 text; save it as UTF-8") from error
    except (ValueError, RecursionError) as error:
        message = getattr(error, "msg", "nested too deeply")
        whole = "" if line.endswith(b"\n") else "; the file may be half-written"
        raise Refused(f"not a line of JSON ({message}){whole}") from error
    if not isinstance(values, dict):
        raise Refused("must be an object with _id, title and text")
    external_id, text, title = values.get("_id"), values.get("text"), values.get("title") or ""
    if not isinstance(external_id, (str, int)) or not str(external_id).strip():
        raise Refused("has no _id")
    if not isinstance(text, str) or not isinstance(title, str) or not text.strip():
        raise Refused(f"{cut(str(external_id))}: has no text")
    about = values.get("metadata") or {}
    if not isinstance(about, dict):
        raise Refused(f"{cut(str(external_id))}: metadata must be an object")
    document = SourceDocument(
        source=source,
        external_id=str(external_id),
        title=cut(title) or cut(opening(text)),
        body=text,
    )
    try:
        return _described(document, about)
    except ValueError as error:
        raise Refused(f"{cut(document.external_id)}: {error}") from error


def _described(document: SourceDocument, about: Mapping[str, object]) -> SourceDocument:
    kind = _one_of(Kind, about.get("kind") or Kind.WRITEUP)
    updated = about.get("updated_at")
    updated_at = moment(updated)
    if updated and updated_at is None:
        raise ValueError(f"updated_at {updated!r} is not an ISO date")
    created = about.get("created_at")
    given = about.get("contributors") or []
    tags = about.get("tags") or []
    if not isinstance(given, list) or not isinstance(tags, list):
        raise ValueError("contributors and tags must be lists")
    url = about.get("url")
    return replace(
        document,
        kind=kind,
        url=url if isinstance(url, str) else None,
        contributors=tuple(_contributor(one, kind) for one in given),
        tags=tuple(dict.fromkeys(tag for t in tags if (tag := str(t).strip()))),
        created_at=moment(created),
        updated_at=updated_at,
    )


def _contributor(given: object, kind: Kind) -> Contributor:
    """The name is a handle: matched exactly, so that people are who the judgments mean."""
    if not isinstance(given, dict) or not isinstance(given.get("name"), str) or not given["name"]:
        raise ValueError("a contributor needs a name")
    usual = Role.SPEAKER if kind is Kind.TRANSCRIPT else Role.AUTHOR
    weight = given.get("weight", 1)
    label = given.get("label")
    if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not weight >= 0:
        raise ValueError("a contributor's weight must be a number")
    return Contributor(
        name=given["name"],
        role=_one_of(Role, given.get("role") or usual),
        handle=given["name"],
        weight=float(weight),
        label=label if isinstance(label, str) and label.strip() else None,
    )


def _one_of(choices: type[_Enum], value: object) -> _Enum:
    try:
        return choices(str(value))
    except ValueError:
        known = ", ".join(choices)
        raise ValueError(f"{value!r} is not one of {known}") from None


def _corpus(export: Export) -> Entry | None:
    """The shallowest corpus.jsonl, at most one folder deep."""
    found = None
    for entry in export.entries():
        if isinstance(entry, Entry) and entry.name.split("/")[-1] == CORPUS:
            depth = entry.name.count("/")
            if depth == 0:
                return entry
            if depth == 1:
                if found is not None:
                    return None
                found = entry
    return found

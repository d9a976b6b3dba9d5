"""Session records: what a file beside a transcript says about the session.

``talk.session.yaml`` (or ``.yml``, ``.json``) belongs to the transcript ``talk`` of whatever
format in the same folder. docs/import/sessions.md tells users what may stand in it.

A record may limit who reads the session. So one that cannot be understood refuses its transcript
too, rather than letting it in for more readers than were meant.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import quote

from knowledge.exports import Entry, Export, Refused
from knowledge.readers._frontmatter import MAX_BYTES, FrontMatter, mapping, understand
from knowledge.types import Contributor, Role

KINDS = ("demo", "shadowing", "mentoring", "brainstorm", "talk")
TRANSCRIPTS = (
    *(".vtt", ".webvtt", ".srt", ".sbv", ".docx", ".json"),
    *(".txt", ".text", ".md", ".markdown", ".mdown", ".mkd", ".mdx"),
)

# Also as systems that hide or change the ends of names write it: that is one, and misnamed.
_RECORD = re.compile(r"(.+)\.session\.(?:yaml|yml|json)(?:\.txt)?", re.IGNORECASE)
_KEYS = frozenset(
    (
        *("title", "date", "host", "hosts", "participants", "kind"),
        *("audience", "tags", "level", "url"),
    )
)


def is_record(entry: Entry) -> bool:
    """Whether it is a record by its name."""
    return _RECORD.fullmatch(entry.name.rpartition("/")[2]) is not None


def check(entry: Entry) -> None:
    """Raise Refused for a record that is broken, or has no transcript."""
    stem = _stem(entry.name.rpartition("/")[2]) or ""
    if not any(_beside(entry, stem + suffix) for suffix in TRANSCRIPTS):
        raise Refused(
            f"there is no transcript {stem}.vtt (or .srt, .sbv, .txt, .md, .docx, .json) beside it"
        )
    _parse(entry)


def check_none(entry: Entry) -> None:
    """Raise Refused for a file with a record that nobody would heed."""
    if found := record(entry):
        shown = found.name.rpartition("/")[2]
        raise Refused(f"the session record {shown} lies beside it, but it is no transcript")


def record(entry: Entry) -> Entry | None:
    """The record of a transcript, if there is one. Raises Refused where there are several, and
    where one is misnamed or cannot be opened: it may say who reads the session."""
    path = PurePosixPath(entry.name)
    records = entry.shared(_records)
    names = dict.fromkeys(str(one).casefold() for one in (path.with_suffix(""), path))
    found = [one for name in names for one in records.get(name, ())]
    if not found:
        return None
    if len(found) > 1:
        raise Refused("there are several session records beside it; keep one")
    one = _beside(entry, found[0].rpartition("/")[2])
    shown = found[0].rpartition("/")[2]
    if one is None:
        raise Refused(f"its session record {shown} cannot be opened")
    if shown not in [f"{path.stem}.session.{suffix}" for suffix in ("yaml", "yml", "json")]:
        raise Refused(f"its session record {shown} must be called {path.stem}.session.yaml")
    return one


def _records(export: Export) -> dict[str, list[str]]:
    """The session records of an export, also those that are refused, by what each is of."""
    found: dict[str, list[str]] = {}
    for entry in export.entries():
        if of := _RECORD.fullmatch(entry.name):
            found.setdefault(of[1].casefold(), []).append(entry.name)
    return found


def joined(entry: Entry, matter: FrontMatter) -> FrontMatter:
    """What a transcript says of itself with what its record says, which weighs more.

    Where both name an audience, both must be satisfied.
    """
    found = record(entry)
    if found is None:
        return matter
    try:
        said = _parse(found)
    except Refused as error:
        shown = found.name.rpartition("/")[2]
        raise Refused(f"its session record {shown}: {error}") from error
    audience = said.audience or matter.audience
    if said.audience and matter.audience:
        audience = said.audience.both(matter.audience)
    known = {_key(person.name) for person in said.authors}
    return replace(
        matter,
        title=said.title or matter.title,
        level=said.level or matter.level,
        authors=(*said.authors, *(a for a in matter.authors if _key(a.name) not in known)),
        tags=tuple(dict.fromkeys((*said.tags, *matter.tags))),
        created_at=said.created_at or matter.created_at,
        updated_at=said.updated_at or matter.updated_at,
        audience=audience,
        url=said.url or matter.url,
    )


def _parse(entry: Entry) -> FrontMatter:
    text = entry.text()
    if len(text) > MAX_BYTES:
        raise Refused(f"larger than {MAX_BYTES // 1000} kB; a record is a few lines")
    if entry.suffix == ".json":
        # YAML knows no tabs, by which many indent JSON.
        try:
            json.loads(text)
        except (ValueError, RecursionError) as error:
            raise Refused(f"broken session record ({error})") from error
        text = text.replace("\t", "  ")
    values = dict(mapping(text, "session record"))
    if "speakers_consented" in values or "consent" in values:
        raise Refused(
            "consent is not told in a record; say it for the whole import (--speakers-consented)"
        )
    if unknown := sorted(values.keys() - _KEYS):
        raise Refused(f"{unknown[0]!r} is none of {', '.join(sorted(_KEYS))}")
    kind = values.pop("kind", None)
    if kind is not None and str(kind).strip().lower() not in KINDS:
        raise Refused(f"kind: {str(kind)[:40]!r} is not one of {', '.join(KINDS)}")
    values["speakers"] = values.pop("participants", None)
    said = understand(values)
    if values.get("date") is not None and said.created_at is None:
        raise Refused(f"date: {str(values['date'])[:40]!r} is no date; write it as 2025-05-23")
    tags = (*((str(kind).strip().lower(),) if kind is not None else ()), *said.tags)
    return replace(said, tags=tuple(dict.fromkeys(tags)), authors=_people(said.authors))


def _people(named: tuple[Contributor, ...]) -> tuple[Contributor, ...]:
    """Each once: a host may be told more about among the participants."""
    told = {_key(person.name): person for person in named if person.role is not Role.HOST}
    hosts = []
    for host in (person for person in named if person.role is Role.HOST):
        more = told.pop(_key(host.name), host)
        hosts.append(
            replace(
                host,
                email=host.email or more.email,
                handle=host.handle or more.handle,
                label=host.label or more.label,
            )
        )
    return (*hosts, *told.values())


def _stem(name: str) -> str | None:
    found = _RECORD.fullmatch(name)
    return found[1] if found else None


def _beside(entry: Entry, name: str) -> Entry | None:
    found = entry.beside(quote(name))
    # Wikis leave out a suffix; here it is what is asked for.
    return found if found and found.name.rpartition("/")[2] == name else None


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()

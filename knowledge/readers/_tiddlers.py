"""Tiddlers, from each of the files that TiddlyWiki keeps them in."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bs4 import Tag

from knowledge.exports import Entry, Refused
from knowledge.readers import _html
from knowledge.readers._nobody import is_nobody
from knowledge.types import Contributor, Role

WIKITEXT = "text/vnd.tiddlywiki"
_STORE = re.compile(
    r"<script\b[^>]{0,300}\bclass=[\"']?tiddlywiki-tiddler-store\b[^>]{0,300}>", re.I
)
_AREA = re.compile(r"<div\b[^>]{0,300}\bid=[\"']?storeArea\b", re.I)
_ENCRYPTED = re.compile(r"<pre\b[^>]{0,300}\bid=[\"']?encryptedStoreArea\b", re.I)
_FIELD = re.compile(r"([^:\n]{1,200}):[ \t]*(.*)$")
_JSON = re.compile(r"\s*\[\s*\{")
_JSON_FIELDS = re.compile(r"\"(?:created|modified)\"\s*:\s*\"\d{12,17}\"|\"text/vnd\.tiddlywiki\"")
_TAGS = re.compile(r"\[\[(.{1,500}?)\]\](?:\s|$)|(\S+)")
_HEAD = 64_000
_LONGEST_FIELD = 2000
_PROGRAM = frozenset(
    "title text tags type created creator modified modifier caption list list-before list-after"
    " order icon image color background background-color text-color button-color button-text class"
    " footer revision bag library hide-body code-body plugin-type plugin-priority dependents"
    " display-format toc-link throttle.refresh changecount alt-text subtitle help mask".split()
)
"""Fields that say how TiddlyWiki handles or shows a tiddler, and those that are told elsewhere."""


@dataclass(slots=True)
class Tiddler:
    """One tiddler: its fields, and its text, or the entry that holds its content."""

    fields: dict[str, str] = field(default_factory=dict)
    text: str = ""
    entry: Entry | None = None
    classic: bool = False

    @property
    def title(self) -> str:
        return " ".join(self.fields.get("title", "").split())

    @property
    def type(self) -> str:
        return self.fields.get("type", "").strip().lower() or WIKITEXT

    @property
    def system(self) -> bool:
        """Whether it is TiddlyWiki's own: settings, plug-ins, styles."""
        return self.title.startswith("$:/") or "systemConfig" in self.tags

    @property
    def tags(self) -> tuple[str, ...]:
        found = (one[1] or one[2] for one in _TAGS.finditer(self.fields.get("tags", "")))
        return tuple(dict.fromkeys(" ".join(tag.split()) for tag in found))

    @property
    def created_at(self) -> datetime | None:
        return time(self.fields.get("created", ""))

    @property
    def modified_at(self) -> datetime | None:
        return time(self.fields.get("modified", "")) or self.created_at

    @property
    def contributors(self) -> tuple[Contributor, ...]:
        """Who made it, and who changed it last."""
        creator, modifier = (
            "" if is_nobody(name) else name
            for name in (self.fields.get(key, "").strip() for key in ("creator", "modifier"))
        )
        people = []
        if creator:
            at = self.modified_at if creator == modifier else self.created_at
            people.append(Contributor(creator, Role.AUTHOR, handle=creator, at=at))
        if modifier and modifier != creator:
            role = Role.EDITOR if creator else Role.AUTHOR
            people.append(Contributor(modifier, role, handle=modifier, at=self.modified_at))
        return tuple(people)

    @property
    def own_fields(self) -> Iterator[tuple[str, str]]:
        """What somebody wrote into fields that are not TiddlyWiki's."""
        for name, value in self.fields.items():
            known = name.lower() in _PROGRAM or not name[:1].isalpha()
            system = name.startswith(("draft.", "server.", "module-", "tmap.")) or "$:/" in value
            if value.strip() and len(value) <= _LONGEST_FIELD and not (known or system):
                yield name, " ".join(value.split())

    def data(self) -> bytes:
        """The bytes of what is no text. Raises Refused when they cannot be decoded."""
        if self.type == "image/svg+xml" and "<" in self.text:
            return self.text.encode()
        try:
            return base64.b64decode("".join(self.text.split()), validate=True)
        except binascii.Error as error:
            raise Refused("its content is damaged") from error


def fields(text: str) -> tuple[dict[str, str], str]:
    """The fields above the first blank line, and what is below."""
    head, _, body = text.replace("\r\n", "\n").replace("\r", "\n").partition("\n\n")
    found = (_FIELD.match(line) for line in head.split("\n"))
    return {one[1].strip(): one[2].strip() for one in found if one}, body


def head(entry: Entry) -> dict[str, str]:
    """The fields of a .tid or .meta file, without the rest of it."""
    with entry.open() as stream:
        data = stream.read(_HEAD)
    return fields(data.decode("utf-8-sig", "replace"))[0]


def tid(entry: Entry) -> Tiddler:
    """The tiddler of a .tid file."""
    told, text = fields(entry.text())
    told.setdefault("title", entry.name.rpartition("/")[2].removesuffix(".tid"))
    return Tiddler(told, text)


def multids(entry: Entry) -> Iterator[Tiddler]:
    """The short tiddlers of a .multids file: one a line."""
    told, body = fields(entry.text())
    prefix = told.pop("title", "")
    for line in body.split("\n"):
        found = _FIELD.match(line)
        if found and not line.startswith("#"):
            yield Tiddler({**told, "title": prefix + found[1].strip()}, found[2])


def is_json(entry: Entry) -> bool:
    """Whether a file of JSON is an export of tiddlers."""
    try:
        text = entry.text()[:_HEAD]
    except Refused:
        return False
    return bool(_JSON.match(text) and '"title"' in text and _JSON_FIELDS.search(text))


def from_json(text: str) -> Iterator[Tiddler]:
    """Tiddlers as TiddlyWiki writes them in JSON. Raises Refused when it is none."""
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError) as error:
        shown = getattr(error, "msg", "nested too deeply")
        raise Refused(f"damaged tiddlers ({shown}); export them again") from error
    if not isinstance(listed, list):
        raise Refused("no list of tiddlers; export them again")
    for one in listed:
        if isinstance(one, dict):
            told = {str(key): _value(value) for key, value in one.items()}
            yield Tiddler(told, told.pop("text", ""))


def is_html(entry: Entry) -> bool:
    """Whether a page of HTML is a TiddlyWiki, whole in one file."""
    try:
        text = entry.text()
    except Refused:
        return False
    return bool(_STORE.search(text) or _AREA.search(text) or _ENCRYPTED.search(text))


def from_html(text: str) -> Iterator[Tiddler]:
    """The tiddlers in a single-file TiddlyWiki. Raises Refused where they are encrypted."""
    stores = list(_STORE.finditer(text))
    for store in stores:
        end = text.find("</script", store.end())
        yield from from_json(text[store.end() : end] if end >= 0 else text[store.end() :])
    area = _AREA.search(text)
    if area is not None:
        yield from _from_area(text[area.start() :])
    if not stores and area is None and _ENCRYPTED.search(text):
        raise Refused("encrypted; save it without a password")


def _from_area(text: str) -> Iterator[Tiddler]:
    """Before version 5.2 each tiddler was a ``div``, with its fields as attributes."""
    area = _html.parse(text).find("div", id="storeArea")
    for one in area.find_all("div", recursive=False) if area is not None else ():
        told = {str(key): _value(value) for key, value in one.attrs.items()}
        classic = "tiddler" in told or "changecount" in told
        told.setdefault("title", told.pop("tiddler", ""))
        pre = one.find("pre")
        inner = pre.get_text() if isinstance(pre, Tag) else one.get_text()
        if told["title"]:
            yield Tiddler(told, inner.replace("\\n", "\n") if pre is None else inner, None, classic)


def time(text: str) -> datetime | None:
    """A time as TiddlyWiki writes it: digits down to milliseconds, UTC."""
    digits = text.strip()
    if not re.fullmatch(r"\d{8,17}", digits, re.ASCII):
        return None
    try:
        return datetime.strptime(digits[:14].ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _value(value: object) -> str:
    if isinstance(value, list):
        return " ".join(f"[[{part}]]" if " " in str(part) else str(part) for part in value)
    return "" if value is None else str(value)

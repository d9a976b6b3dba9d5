"""Samples of every format with strings put in where their text, titles, people and tags stand."""

from __future__ import annotations

import html
import io
import json
import random
import re
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from knowledge import readers
from knowledge.types import ReadFailure, SourceDocument
from tests.browser.payloads import SWALLOWS

_RUN = re.compile(r"[A-Za-z][A-Za-z ,']{14,60}[a-z]")
_XML = (".xml", ".enex", ".rels", ".svg")
_JSON = (".json", ".jsonl")
_CAPTIONS = (".vtt", ".srt", ".sbv")
_LINES = (*_CAPTIONS, ".txt", ".csv", ".pdf", ".tsv", ".php", ".meta", ".changes", ".properties")
_PACKED = (".docx", ".pptx", ".odt", ".textpack")
_OFFICE = ("word/", "ppt/", "content.xml")
_TOGETHER = 12


def read(folder: Path, name: str) -> list[SourceDocument]:
    """What a reader makes of a folder; what it refuses is left out."""
    items = readers.read_export(folder, name, source=name)
    return [item for item in items if not isinstance(item, ReadFailure)]


def variants(
    sample: Path, name: str, strings: Sequence[str], place: Path
) -> Iterator[tuple[list[SourceDocument], set[str]]]:
    """The sample again and again, until every string was in one: its documents, and what was put
    into them."""
    runs, words = _slots(read(sample, name))
    waiting, number = list(strings), 0
    while waiting:
        folder = place / f"{name}-{number}"
        shutil.copytree(sample, folder)
        # In names and ids they may end what the format is; then nothing of that sample is left.
        titles = words if number % 2 else []
        put = _Putting(waiting, random.Random(number), tags=number % 4 < 2)
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            path.write_bytes(put.into(path.name, path.read_bytes(), runs, titles))
        assert put.done, f"nothing of the {name} sample's text stands in its files"
        yield read(folder, name), set(put.done)
        shutil.rmtree(folder)
        waiting, number = waiting[len(put.done) :], number + 1


def _slots(documents: Sequence[SourceDocument]) -> tuple[list[str], list[str]]:
    """Runs of words of the texts, and what else is shown of the documents."""
    runs: dict[str, None] = {}
    words: dict[str, None] = {}
    for one in documents:
        runs |= dict.fromkeys(_RUN.findall(one.body))
        words |= dict.fromkeys([one.title, *one.tags])
        words |= dict.fromkeys(c.name for c in one.contributors)
        words |= dict.fromkeys(c.handle for c in one.contributors if c.handle)
        words |= dict.fromkeys(a.name for a in one.attachments)
        words |= dict.fromkeys(link.href for link in one.links)
    names = {c.name for one in documents for c in one.contributors}
    texts = [run for run in runs if not any(name in run or run in name for name in names)]
    return texts, [word for word in words if len(word) > 2]


class _Putting:
    """Takes strings from the front. ``tags``: also as tags where a format is made of tags."""

    def __init__(self, strings: Sequence[str], chance: random.Random, tags: bool) -> None:
        self._left = iter(strings)
        self._chance = chance
        self._tags = tags
        self.done: list[str] = []

    def into(self, name: str, data: bytes, runs: list[str], words: list[str]) -> bytes:
        """A file's content with strings in it."""
        if name.endswith(_PACKED):
            return self._packed(data, runs, words)
        codec = "latin-1" if name.endswith(".pdf") else "utf-8"
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            return data
        for value in words:
            text = self._after(name, text, value, 1)
        for run in runs:
            text = self._after(name, text, run, _TOGETHER)
        return text.encode(codec, "replace")

    def _packed(self, data: bytes, runs: list[str], words: list[str]) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
            for entry in old.infolist():
                new.writestr(entry, self.into(entry.filename, old.read(entry), runs, words))
        return made.getvalue()

    def _after(self, name: str, text: str, value: str, many: int) -> str:
        """With some strings behind the first place where a value stands as the format writes it."""
        if name.endswith(".yaml"):
            return self._in_yaml(text, value)
        told = _written(name, value, raw=False)
        # Some formats say a text twice; of JSON the last one counts.
        at = text.rfind(told) if name.endswith(_JSON) else text.find(told)
        if at < 0:
            return text
        taken = [one for one, _ in zip(self._left, range(many), strict=False)]
        self.done += taken
        # What swallows the rest goes last.
        taken.sort(key=lambda one: any(mark in one.lower() for mark in SWALLOWS))
        at += len(told)
        inside = text.rfind("<![CDATA[", 0, at) > text.rfind("]]>", 0, at)
        raw = self._tags and (inside or not name.endswith(_XML))
        alone = many == 1 or name.endswith(_LINES) or name.startswith(_OFFICE)
        between = " " if alone else self._chance.choice(" \n") + "\n"
        put = "".join(_written(name, between + one, raw) for one in taken)
        return text[:at] + (put.replace("]]>", "]]") if inside else put) + text[at:]

    def _in_yaml(self, text: str, value: str) -> str:
        for key, said in re.findall(r"^( *-? *\w+: )(.*)$", text, re.M):
            if value in said and (taken := next(self._left, None)) is not None:
                self.done.append(taken)
                put = json.dumps([f"{value} {taken}"] if said[0] == "[" else f"{said} {taken}")
                return text.replace(key + said, key + put)
        return text


def _written(name: str, text: str, raw: bool) -> str:
    """A text as a file of this name has it. ``raw``: as it is where that does not end the file."""
    if name.endswith(_JSON):
        return json.dumps(text, ensure_ascii=False)[1:-1]
    if name.endswith(".pdf"):
        return re.sub(r"([()\\])", r"\\\1", " ".join(text.split()))
    if name.endswith((".html", ".htm", *_XML)) and not raw:
        return html.escape("".join(c for c in text if c.isprintable() or c == "\n"), quote=True)
    if name.endswith(_LINES):
        text = text.replace("\n", " ").replace("\f", " ")
    if name.endswith(_CAPTIONS):
        return text.replace("-->", "-- >")  # it would be a time
    return text.replace('"', '""') if name.endswith(".csv") else text

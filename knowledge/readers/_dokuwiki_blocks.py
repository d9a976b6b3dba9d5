"""DokuWiki's lines: headings, lists, tables, quotes and code by indent, as Markdown's blocks."""

from __future__ import annotations

import re

from knowledge.readers import _wikitext as md
from knowledge.readers._wikiblocks import Blocks
from knowledge.readers._wikitext import Held

_ITEM = re.compile(r"((?: {2}|\t)[ \t]*)([*-])[ \t]*(.*)$")
_CODE = re.compile(r"(?: {2}|\t)(?=[ \t]*[^\s*-]|[ \t]*$)")
_QUOTE = re.compile(r"(>+)[ ]?(.*)$")
_RULE = re.compile(r"[ \t]*-{4,}[ \t]*$")
_DEEPEST = 20
_LONGEST = 4000  # a line beyond is text, whatever it starts with


class _Blocks(Blocks):
    def __init__(self, held: Held) -> None:
        super().__init__(held)
        self._rows: list[list[tuple[bool, str]]] = []
        self._quote: list[str] = []
        self._indents: list[tuple[int, str]] = []

    def line(self, line: str) -> None:
        bare = line if len(line) <= _LONGEST else line.lstrip()
        if heading := _heading(bare):
            self.close()
            self.done.append(f"{'#' * heading[0]} {self.held.flat(heading[1])}")
        elif item := _ITEM.match(bare):
            self.close("list")
            self._item(len(item[1].replace("\t", "  ")), item[2], item[3])
        elif bare[:1] in ("^", "|") and len(bare) > 1:
            self.close("table")
            self._rows.append(cells(bare))
        elif not bare.strip():
            self.close()
        elif _CODE.match(bare) and not self.paragraph and not self.held.split(bare)[0][0]:
            self.close("code")
            self.code.append(re.sub(r"^(?: {2}|\t)", "", bare))
        elif quote := _QUOTE.match(bare):
            self.close("quote")
            depth = min(len(quote[1]), _DEEPEST)
            if self._quote and self._quote[-1].count(">", 0, 2 * _DEEPEST) > depth:
                self._quote.append(("> " * depth).strip())
            self._quote.append("> " * depth + self.held.flat(quote[2]))
        elif _RULE.match(bare):
            self.close()
            self.done.append("---")
        else:
            self.text(line)

    def _item(self, indent: int, marker: str, text: str) -> None:
        while self._indents and self._indents[-1][0] > indent:
            self._indents.pop()
        kind = "#" if marker == "-" else "*"
        if self._indents and self._indents[-1][0] == indent:
            self._indents[-1] = (indent, kind)
        else:
            self._indents.append((indent, kind))
        first, parts = self.first(text)
        line, inner = self.items.line("".join(kind for _, kind in self._indents), first)
        self.list.append(line)
        self.rest(parts, inner)

    def close(self, kept: str = "") -> None:
        super().close(kept)
        if kept != "table" and self._rows:
            self.done.append(self._table())
            self._rows = []
        if kept != "quote" and self._quote:
            self.done.append("\n".join(self._quote))
            self._quote = []
        if kept != "list":
            self._indents = []

    def _table(self) -> str:
        header = all(head or not text.strip() for head, text in self._rows[0])
        rows = []
        for at, row in enumerate(self._rows):
            plain = at == 0 and header
            rows.append([self._cell(head and not plain, text) for head, text in row])
        return md.table(rows, header)

    def _cell(self, head: bool, text: str) -> str:
        flat = self.held.flat(text)
        if flat == ":::":
            return ""
        return f"**{flat}**" if head and flat and "**" not in flat else flat


def blocks(text: str, held: Held) -> str:
    """A page's text, whose inline markup is done, as Markdown."""
    return _Blocks(held).ended(text)


def cells(line: str) -> list[tuple[bool, str]]:
    """A table row's cells: (is a heading, its text). Links and pictures are set aside by now."""
    line = line.rstrip()
    found = [(part[0] == "^", part[1:]) for part in re.findall(r"[|^][^|^]*", line)]
    return found[:-1] if len(found) > 1 and not found[-1][1].strip() else found


def _heading(line: str) -> tuple[int, str] | None:
    line = line.strip()
    if not (line.startswith("==") and line.endswith("==")):
        return None
    words = line.strip("=")
    level = len(line) - len(line.lstrip("="))
    return (7 - min(6, level), words.strip()) if words.strip() else None

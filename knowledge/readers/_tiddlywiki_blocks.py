"""TiddlyWiki's lines: headings, lists, quotes and tables, as Markdown's blocks."""

from __future__ import annotations

import re

from knowledge.readers import _wikitext as md
from knowledge.readers._wikiblocks import Blocks
from knowledge.readers._wikitext import Held

_HEADING = re.compile(r"(!{1,6})(?:\.[\w.-]+)?[ \t]*(.*)$")
_ITEM = re.compile(r"([*#;:>]+)(?:\.[\w.-]+(?=[ \t]))?[ \t]*(.*)$")
_RULE = re.compile(r"-{3,}[ \t]*$")
_QUOTE = re.compile(r"<{3}(?:\.[\w. -]+|[^<].*)?$")
_DEEPEST = 8
_MERGED = ("<", ">", "~")


class _Blocks(Blocks):
    _inner = ""

    def __init__(self, held: Held) -> None:
        super().__init__(held)
        self._rows: list[str] = []

    def line(self, line: str) -> None:
        bare = line.strip()
        if not bare:
            self.close()
        elif heading := _HEADING.match(bare):
            self.close()
            words = self.held.flat(heading[2])
            self.done.append(f"{'#' * len(heading[1])} {words}" if words else "")
        elif bare[0] == "|" and (bare.endswith("|") or bare[-2:-1] == "|"):
            self.close("table")
            self._rows.append(bare)
        elif bare[0] in "*#;:>" and (item := _ITEM.match(bare)):
            self.close("list")
            self._item(item[1][:_DEEPEST], item[2])
        elif _RULE.match(bare):
            self.close()
            self.done.append("---")
        else:
            self.text(bare)

    def _item(self, marks: str, text: str) -> None:
        if marks.strip(">") == "":
            self.close()
            self._quoted("> " * len(marks) + self.held.flat(text))
            return
        kinds = re.sub(r"[^*#]", "", marks)
        first, parts = self.first(text)
        if marks.endswith(";"):
            told = self.held.release(first)
            first = first if "**" in told or not first else f"**{first}**"
        if not kinds:
            self.close()
            self.done.append(first)
        elif marks[-1] in "*#":
            line, self._inner = self.items.line(kinds, first)
            self.list.append(line)
        else:
            self.list += ["", self._inner + first] if self.list else [first]
        self.rest(parts, self._inner if kinds else None)

    def _quoted(self, line: str) -> None:
        before = self.done[-1] if self.done else ""
        if before.startswith(">") and before.count("\n") < 1000:
            self.done[-1] = f"{before}\n{line}"
        else:
            self.done.append(line)

    def close(self, kept: str = "") -> None:
        super().close(kept)
        if kept != "table" and self._rows:
            self.done.append(_table(self._rows, self.held))
            self._rows = []


def blocks(text: str, held: Held) -> str:
    """A text, whose inline markup is done, as Markdown."""
    made = _Blocks(held)
    quote: list[str] | None = None
    for line in text.split("\n"):
        bare = line.strip()
        if bare.startswith("<<<") and _QUOTE.match(bare):
            if quote is None:
                made.close()
                quote = []
            else:
                inner = blocks("\n".join(quote), held)
                cite = bare.lstrip("<").strip()
                lines = [*inner.split("\n"), *(["", f"\N{EM DASH} {cite}"] if cite else [])]
                made.done.append("\n".join(f"> {one}".rstrip() for one in lines))
                quote = None
        elif quote is not None:
            quote.append(line)
        else:
            made.line(line)
    if quote:
        made.close()
        made.done.append(blocks("\n".join(quote), held))
    return made.whole()


def _table(lines: list[str], held: Held) -> str:
    caption, header = "", False
    rows: list[list[str]] = []
    for line in lines:
        kind = line[-1] if line[-1] != "|" else ""
        cells = line[1 : -2 if kind else -1].split("|")
        if kind == "c":
            caption = held.flat("|".join(cells))
        elif kind != "k":
            header = header or (kind == "h" and not rows)
            rows.append(cells)
    if not rows:
        return caption
    header = header or all(cell.strip().startswith("!") for cell in rows[0])
    made = []
    for at, row in enumerate(rows):
        made.append([_cell(cell, held, plain=at == 0 and header) for cell in row])
    table = md.table(made, header)
    return f"**{caption}**\n\n{table}" if caption else table


def _cell(text: str, held: Held, *, plain: bool) -> str:
    bare = text.strip().lstrip("^,")
    if bare in _MERGED:
        return ""
    head = bare.startswith("!")
    flat = held.flat(bare.lstrip("!"))
    return f"**{flat}**" if head and flat and not plain and "**" not in flat else flat

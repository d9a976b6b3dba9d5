"""MediaWiki's lines: headings, lists, tables and code by a leading space, as Markdown's blocks."""

from __future__ import annotations

import re
from collections.abc import Callable

from knowledge.readers import _wikitext as md
from knowledge.readers._wikiblocks import Blocks
from knowledge.readers._wikitext import Held

_HEADING = re.compile(r"(={1,6})(.+?)\1[ \t]*$")
_ITEM = re.compile(r"([*#:;]+)[ \t]*(.*)$")
_RULE = re.compile(r"-{4,}")
_ATTRIBUTES = re.compile(r"[^|\[{]*=[^|\[{]*$|\s*$")
_LONGEST = 4000  # a line beyond is text, whatever it starts with
_DEEPEST = 8


class _Blocks(Blocks):
    _inner = ""

    def line(self, line: str) -> None:
        bare = line.rstrip()
        short = len(bare) <= _LONGEST
        if not bare:
            self.close()
        elif short and bare[0] == "=" and (heading := _heading(bare)):
            self.close()
            words = re.sub(r"\*\*", "", self.held.flat(heading[1]))
            self.done.append(f"{'#' * heading[0]} {words}")
        elif bare[0] in "*#:;" and (item := _ITEM.match(bare)):
            self.close("list")
            self._item(item[1][:_DEEPEST], item[2])
        elif _RULE.match(bare):
            self.close()
            self.done.append("---")
            if rest := bare.lstrip("-").strip():
                self.line(rest)
        elif bare[0] == " " and not self.paragraph and not self.held.split(bare)[0][0]:
            self.close("code")
            self.code.append(bare[1:])
        else:
            self.text(bare)

    def _item(self, marks: str, text: str) -> None:
        kinds = marks.replace(":", "").replace(";", "")
        first, parts = self.first(text)
        if marks.endswith(";"):
            term, _, meaning = (part.strip() for part in first.partition(":"))
            told = self.held.release(term)
            bold = term if "**" in told or not told else f"**{term}**"
            first = f"{bold}: {meaning.strip()}" if meaning else bold
        if not kinds:
            # Indented, or a term and its meaning: paragraphs, for Markdown has no such lists.
            self.close()
            self.done.append(first)
            self._inner = ""
        elif marks.endswith(":") and self.list:
            self.list += ["", self._inner + first]
        else:
            line, self._inner = self.items.line(kinds, first)
            self.list.append(line)
        self.rest(parts, self._inner if kinds else None)


def blocks(text: str, held: Held) -> str:
    """A text, whose inline markup and tables are done, as Markdown."""
    return _Blocks(held).ended(text)


def tables(text: str, held: Held, inline: Callable[[str], str] | None = None) -> str:
    """A text with its tables set aside, done."""
    if "{|" not in text:
        return text
    stack: list[list[str]] = [[]]
    for line in text.split("\n"):
        bare = line.strip(" \t:")
        if bare.startswith("{|") and len(stack) < _DEEPEST:
            stack.append([bare])
        elif bare.startswith("|}") and len(stack) > 1:
            rows = stack.pop()
            stack[-1].append(held.block(_table(rows, held, inline)) + bare[2:])
        else:
            stack[-1].append(line)
    while len(stack) > 1:
        # Never closed: as MediaWiki does, up to the end.
        rows = stack.pop()
        stack[-1].append(held.block(_table(rows, held, inline)))
    return "\n".join(stack[0])


def _table(lines: list[str], held: Held, inline: Callable[[str], str] | None) -> str:
    caption = ""
    rows: list[list[tuple[bool, str]]] = [[]]
    for line in lines[1:]:
        bare = line.strip()
        if bare.startswith("|-"):
            rows.append([])
        elif bare.startswith("|+"):
            caption = _content(bare[2:])
        elif bare.startswith(("|", "!")):
            head = bare[0] == "!"
            for cell in re.split(r"\|\||!!" if head else r"\|\|", bare[1:]):
                rows[-1].append((head, _content(cell)))
        elif rows[-1]:
            head, text = rows[-1][-1]
            rows[-1][-1] = (head, f"{text}\n{line}")
    filled = [row for row in rows if any(text.strip() for _, text in row)]
    if not filled:
        return caption

    def shown(text: str) -> str:
        return held.flat(
            re.sub(r"^[*#]+[ \t]*", "- ", inline(text) if inline else text, flags=re.M)
        )

    header = all(head for head, _ in filled[0])
    made = []
    for at, row in enumerate(filled):
        cells = [(head and not (at == 0 and header), shown(text)) for head, text in row]
        made.append(
            [f"**{text}**" if bold and text and "**" not in text else text for bold, text in cells]
        )
    if all(len(row) == 1 for row in made):
        # One cell a row: it only places what it holds.
        table = "\n\n".join(row[0] for row in made)
    else:
        table = md.table(made, header)
    told = held.flat(inline(caption) if inline else caption)
    return f"**{told}**\n\n{table}" if told else table


def _content(cell: str) -> str:
    """A cell without the attributes before its text."""
    before, bar, after = cell.partition("|")
    return after if bar and _ATTRIBUTES.match(before) else cell


def _heading(line: str) -> tuple[int, str] | None:
    found = _HEADING.match(line)
    return (len(found[1]), found[2].strip()) if found and found[2].strip(" =") else None

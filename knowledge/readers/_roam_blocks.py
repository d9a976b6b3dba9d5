"""Roam's blocks as Markdown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from knowledge.readers._json import dicts_in, text_in
from knowledge.readers._wikilinks import outside_code
from knowledge.types import Link, Loss, LossKind

Block = Mapping[str, object]

MAX_TAGS = 100
MAX_CELLS = 20_000

_FENCED = re.compile(r"```([^\n`]*)\n(.*?)\n?```", re.DOTALL)
_SPANNING = re.compile(r"(?<!`)`([^`\n]*\n[^`]*)`(?!`)")
_PAGE = re.compile(r"(#?)\[\[([^\[\]\n]{1,300})\]\](\([^\s()]*\))?")
_ALIAS = re.compile(
    r"\[([^\[\]\n]{1,300})\]\((?:\(\(([\w-]{6,40})\)\)|\[\[([^\[\]\n]{1,300})\]\])\)"
)
_BLOCK = re.compile(r"\(\(([\w-]{6,40})\)\)")
_TAG = re.compile(r"(?<![\w/&#(\[`])#([\w/-]*[^\W\d_][\w/-]*)")
_ATTRIBUTE = re.compile(r"(?<!\s)\s*([^:`\n{}]{1,80}?)::(?=\s|\Z)")
_ITALIC = re.compile(r"(?<![\w_])__(?=\S)([^_\n]{1,400}?)(?<=\S)__(?![\w_])")
_MARKED = re.compile(r"\^\^(?=\S)([^\n^]{1,400})\^\^")
_COMMAND = re.compile(r"\s*(?:\[\[)?([\w-]+)(?:\]\])?\s*:?\s*(.*)", re.DOTALL)
_ADDRESS = re.compile(r"https?://[^\s{}()<>]+")


@dataclass(slots=True)
class Graph:
    """Pages' ids by their titles; blocks' texts and pages by their ids."""

    pages: dict[str, str] = field(default_factory=dict)
    blocks: dict[str, tuple[str, str]] = field(default_factory=dict)


class Outline:
    """One page's blocks, and what is found on the way."""

    def __init__(self, graph: Graph) -> None:
        self.tags: dict[str, None] = {}
        self.links: dict[str, Link] = {}
        self._graph = graph
        self._lost: Counter[tuple[LossKind, str]] = Counter()
        self._titles = {key: title for title, key in graph.pages.items()}

    def losses(self) -> tuple[Loss, ...]:
        """What could not be kept."""
        return tuple(Loss(kind, what, n) for (kind, what), n in sorted(self._lost.items()))

    def body(self, blocks: Sequence[Block]) -> str:
        """The blocks of a page: headings and paragraphs, and lists of what lies below these."""
        parts = [part for block in blocks for part in self._top(block)]
        return "\n\n".join(parts) + "\n" if parts else ""

    def _top(self, block: Block) -> list[str]:
        children = dicts_in(block.get("children"))
        heading = block.get("heading")
        if isinstance(heading, int) and heading > 0:
            text = " ".join(self.text(text_in(block.get("string"))).split())
            text = re.sub(r"^\*\*([^*]+?):?\*\*$", r"\1", text)
            below = [part for child in children for part in self._top(child)]
            return [f"{'#' * min(heading + 1, 6)} {text}", *below] if text else below
        if table := self._table(block):
            return [table]
        text = self.text(text_in(block.get("string"))).strip("\n")
        text = f"- {text}" if text.startswith(("[ ] ", "[x] ")) else text
        if not text.strip():
            return [part for child in children for part in self._top(child)]
        listed = "\n".join(line for child in children for line in self._item(child, 0))
        return [part for part in (text, listed) if part.strip()]

    def _item(self, block: Block, depth: int) -> list[str]:
        indent = "  " * depth
        text = self._table(block)
        children = [] if text else dicts_in(block.get("children"))
        text = text or self.text(text_in(block.get("string"))).strip("\n")
        if not text.strip(" -"):
            return [line for child in children for line in self._item(child, depth)]
        first, *more = text.split("\n")
        # A heading within a list heads what is below it, and no section.
        if block.get("heading") and not more and "**" not in first:
            first = f"**{first.strip()}**"
        lines = [f"{indent}- {first}".rstrip()]
        lines += [f"{indent}  {line}".rstrip() for line in more]
        return lines + [line for child in children for line in self._item(child, depth + 1)]

    def _table(self, block: Block) -> str:
        if not re.fullmatch(r"\s*\{\{(?:\[\[)?table(?:\]\])?\}\}\s*", text_in(block.get("string"))):
            return ""
        rows: list[list[str]] = []
        cells = 0
        pending: list[tuple[Block, list[str]]] = [
            (one, []) for one in reversed(dicts_in(block.get("children")))
        ]
        while pending and cells < MAX_CELLS:
            one, left = pending.pop()
            text = " ".join(self.text(text_in(one.get("string"))).split()).replace("|", "\\|")
            row, below = [*left, text], dicts_in(one.get("children"))
            if not below:
                rows.append(row)
                cells += len(row)
            # What stands to the left of several rows is written once.
            blanks = [""] * len(row)
            pending += [(child, row if child is below[0] else blanks) for child in reversed(below)]
        if not rows:
            return ""
        width = max(map(len, rows))
        filled = [row + [""] * (width - len(row)) for row in rows]
        filled.insert(1, ["---"] * width)
        return "\n".join(f"| {' | '.join(row)} |" for row in filled)

    def text(self, written: str, depth: int = 0) -> str:
        """One block's text."""
        if "`" in written and "```" not in written:
            # Code over several lines, which Markdown does not know within a line.
            written = _SPANNING.sub(lambda code: f"\n```\n{code[1].strip(chr(10))}\n```\n", written)
        parts: list[str] = []
        at = 0
        for code in _FENCED.finditer(written):
            parts.append(self._prose(written[at : code.start()], depth).rstrip())
            language = code[1].strip().split(" ")[0]
            parts.append(f"```{language}\n{code[2]}\n```")
            at = code.end()
        parts.append(self._prose(written[at:], depth))
        return "\n".join(part for part in parts if part.strip())

    def _prose(self, text: str, depth: int) -> str:
        return outside_code(text, lambda part: self._line(part, depth))

    def _line(self, line: str, depth: int) -> str:
        line = self._commands(line, depth)
        line = _ALIAS.sub(self._alias, line)
        line = _BLOCK.sub(lambda found: self._reference(found, depth), line)
        if len(self.tags) < MAX_TAGS:
            self.tags.update(dict.fromkeys(found[1].strip("/-") for found in _TAG.finditer(line)))
        line = _PAGE.sub(self._page, line)
        line = _MARKED.sub(r"\1", _ITALIC.sub(r"*\1*", line))
        return _ATTRIBUTE.sub(lambda found: f"**{found[1].strip('* ')}:**", line, count=1)

    def _commands(self, line: str, depth: int) -> str:
        """What stands in double braces, which may hold others."""
        if "{{" not in line:
            return line
        parts: list[str] = []
        at = opened = level = 0
        for brace in re.finditer(r"\{\{?|\}\}?", line):
            if not level and brace[0] == "{{":
                opened, level = brace.start(), 2
            elif level:
                level += len(brace[0]) if brace[0][0] == "{" else -len(brace[0])
                if level <= 0:
                    parts += (line[at:opened], self._command(line[opened : brace.end()], depth))
                    at, level = brace.end(), 0
        return "".join((*parts, line[at:]))

    def _command(self, written: str, depth: int) -> str:
        named = _COMMAND.fullmatch(written[2:-2].strip("{}") if written.endswith("}}") else "")
        if named is None:
            return written
        name, rest = named[1].lower(), named[2]
        if name in ("todo", "done"):
            return "[x]" if name == "done" else "[ ]"
        if name.startswith("embed"):
            self._lost[LossKind.EMBED, "a block shown within"] += 1
            return rest
        if name in ("video", "youtube", "iframe", "audio", "pdf", "tweet") and (
            address := _ADDRESS.search(rest)
        ):
            return f"<{address[0]}>"
        self._lost[LossKind.MACRO, name] += 1
        if name in ("query", "table", "mentions", "word-count"):
            return ""
        # A component's name is written like a page's, and is none.
        return written.replace("[[", "").replace("]]", "")

    def _alias(self, found: re.Match[str]) -> str:
        if found[3]:
            return f"[{found[1]}]({self._href(found[3])})"
        known = self._graph.blocks.get(found[2])
        title = self._titles.get(known[1]) if known else None
        if title is None:
            self._lost[LossKind.LINK, "a block that is not in the export"] += 1
            return found[1]
        return f"[{found[1]}]({self._href(title)})"

    def _reference(self, found: re.Match[str], depth: int) -> str:
        known = self._graph.blocks.get(found[1])
        if known is None:
            self._lost[LossKind.LINK, "a block that is not in the export"] += 1
            return found[0]
        if code := _FENCED.search(known[0]):
            words = " ".join(code[2].split()).replace("`", "'")
            return f"`{words}`" if words else ""
        # Blocks may refer to each other in circles.
        return " ".join((known[0] if depth > 1 else self.text(known[0], depth + 1)).split())

    def _page(self, found: re.Match[str]) -> str:
        title = found[2].strip()
        if found[3]:
            return found[0]
        if not any(sign.isalnum() for sign in title):
            # Pages such as [[.--]] only change how a block looks.
            return ""
        if found[1] and not title.startswith(".") and len(self.tags) < MAX_TAGS:
            self.tags[title] = None
        return f"{found[1]}[{title}]({self._href(title)})"

    def _href(self, title: str) -> str:
        href = quote(title, safe="")
        self.links[href] = Link(href, self._graph.pages.get(title, title))
        return href

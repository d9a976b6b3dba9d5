"""What the readers of wikis' own markups make of lines, one after the other: Markdown's blocks."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from knowledge.readers import _wikitext as md
from knowledge.readers._wikitext import Held, Items

_SETEXT = re.compile(r"(?:-{1,3}|=+)[ \t]*$")


class Blocks(ABC):
    """Blocks as they are ended. At most one goes on: a paragraph, a list, code or one of a kind
    that only some markups have."""

    def __init__(self, held: Held) -> None:
        self.held = held
        self.done: list[str] = []
        self.paragraph: list[str] = []
        self.code: list[str] = []
        self.list: list[str] = []
        self.items = Items()

    @abstractmethod
    def line(self, line: str) -> None:
        """Take one line of the markup."""

    def ended(self, text: str) -> str:
        """All of a text as Markdown."""
        for line in text.split("\n"):
            self.line(line)
        return self.whole()

    def whole(self) -> str:
        """What was taken so far as Markdown."""
        self.close()
        return "\n\n".join(part for part in self.done if part.strip())

    def text(self, line: str) -> None:
        """A line that is only text: it goes on with the paragraph."""
        self.close("paragraph")
        for block, part in self.held.split(line):
            if block:
                self.close()
                self.done.append(part)
            else:
                words = part.strip()
                self.paragraph.append("\\" + words if _SETEXT.match(words) else words)

    def first(self, text: str) -> tuple[str, list[tuple[bool, str]]]:
        """An item's text up to the first block in it, and its parts from there on."""
        parts = self.held.split(text) or [(False, "")]
        return ("" if parts[0][0] else md.trimmed(parts.pop(0)[1])), parts

    def rest(self, parts: list[tuple[bool, str]], inner: str | None) -> None:
        """An item's further parts: indented by ``inner`` to belong to it, or by themselves."""
        for block, part in parts:
            lines = self.held.release(part).strip().split("\n") if block else [md.trimmed(part)]
            if inner is None:
                self.done.append("\n".join(lines))
            else:
                self.list += ["", *(inner + one if one else "" for one in lines), ""]

    def close(self, kept: str = "") -> None:
        """End every block but the one that goes on."""
        if kept != "paragraph" and self.paragraph:
            self.done.append(md.trimmed("\n".join(self.paragraph)))
            self.paragraph = []
        if kept != "code" and self.code:
            text = self.held.release("\n".join(self.code))
            self.done.append(md.fence(text) if text.strip() else "")
            self.code = []
        if kept != "list" and self.list:
            self.done.append("\n".join(self.list))
            self.list = []
            self.items.end()

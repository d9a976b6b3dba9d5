"""What the readers of wikis' own markups write Markdown with."""

from __future__ import annotations

import re
import string
from collections import Counter
from functools import lru_cache
from urllib.parse import quote

from knowledge.types import Loss, LossKind

# Of the private use area: no keyboard types them, and a text that has them loses them.
_OPEN, _CLOSE = "\ue000", "\ue001"
BREAK = "\ue002"
"""The end of a line within a paragraph, until it is released."""
_HELD = re.compile(f"{_OPEN}[ib]([0-9]+){_CLOSE}")
_MARKS = re.compile(f"[{_OPEN}{_CLOSE}{BREAK}]")
_BLOCK = re.compile(f"({_OPEN}b[0-9]+{_CLOSE})")
IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".bmp", ".ico", ".avif", ".tif")
_BREAK = "\\\n"
_BREAKS = re.compile(rf"{BREAK}[ \t{BREAK}]*\n?")
_DEEPEST = 12


class Held:
    """Pieces that are finished: they stand aside while the text around them is converted."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    @staticmethod
    def clean(text: str) -> str:
        """The text without what would be taken for a piece, and with plain line ends."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        return _MARKS.sub("\ufffd", text)

    @staticmethod
    def within(text: str) -> bool:
        """Whether a text holds pieces."""
        return _OPEN in text

    def inline(self, piece: str) -> str:
        """A stand-in for a piece within a line."""
        return self._hold("i", piece)

    def block(self, piece: str) -> str:
        """A stand-in for lines of their own."""
        return self._hold("b", piece)

    def release(self, text: str) -> str:
        """The text with its pieces back in their places; a piece may hold others."""
        for _ in range(_DEEPEST):
            if _OPEN not in text:
                break
            text = _HELD.sub(self._piece, text)
        else:
            text = text.replace(_OPEN, "").replace(_CLOSE, "")
        return _BREAKS.sub(lambda _: _BREAK, text)

    def split(self, text: str) -> list[tuple[bool, str]]:
        """The text cut at its blocks: (is a block, what it is)."""
        parts = _BLOCK.split(text)
        return [(bool(at % 2), part) for at, part in enumerate(parts) if part.strip()]

    def flat(self, text: str) -> str:
        """The text on one line, its blocks as code within it: for the cell of a table."""

        def within(found: re.Match[str]) -> str:
            lines = self.release(found[0]).strip().split("\n")
            if len(lines) > 1 and lines[0].startswith("```"):
                return code(" ".join(line.strip() for line in lines[1:-1]))
            if lines[0].startswith("| "):
                cells = (cell.strip() for line in lines for cell in line.split("|"))
                return ", ".join(cell for cell in cells if cell.strip("-"))
            return " ".join(line.strip() for line in lines)

        text = self.release(_BLOCK.sub(within, text))
        return " ".join(text.replace(_BREAK, " ").split())

    def _hold(self, how: str, piece: str) -> str:
        self._pieces.append(piece)
        return f"{_OPEN}{how}{len(self._pieces) - 1}{_CLOSE}"

    def _piece(self, found: re.Match[str]) -> str:
        return self._pieces[int(found[1])]


class Losses:
    """What is lost of one page, counted by kind and name."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[LossKind, str]] = Counter()

    def add(self, kind: LossKind, what: str, count: int = 1) -> None:
        """Count one more of these."""
        self._counts[kind, " ".join(what.split())[:100]] += count

    def told(self) -> tuple[Loss, ...]:
        """All of them, in the order in which they were met."""
        return tuple(Loss(kind, what, count) for (kind, what), count in self._counts.items())


class Items:
    """The lines of a list, whose markup says with each line how deep it is and of which kinds."""

    def __init__(self) -> None:
        self._levels: list[tuple[str, int, int]] = []  # kind, number, width of its marker

    def line(self, kinds: str, text: str) -> tuple[str, str]:
        """An item's line, and the indent of what belongs to it besides. ``kinds``: one character
        a level, ``#`` for a numbered one."""
        same = 0
        for (kind, *_), asked in zip(self._levels, kinds, strict=False):
            if kind != asked:
                break
            same += 1
        last = min(same, len(kinds) - 1)
        number = self._levels[last][1] + 1 if same == len(kinds) else 1
        # A level that was skipped has no item and so no width: it would make code of its text.
        levels = self._levels[:last] + [(kind, 0, 0) for kind in kinds[len(self._levels[:last]) :]]
        marker = f"{number}. " if kinds[-1] == "#" else "- "
        levels[-1] = (kinds[-1], number, len(marker))
        self._levels = levels
        indent = " " * sum(width for *_, width in levels[:-1])
        return f"{indent}{marker}{text}", indent + " " * len(marker)

    @property
    def kinds(self) -> str:
        """The kinds of the last item's levels."""
        return "".join(kind for kind, *_ in self._levels)

    def end(self) -> None:
        """The list is over."""
        self._levels = []


def trimmed(text: str) -> str:
    """The text without space and ends of lines around it."""
    return text.strip(f"{BREAK}{string.whitespace}")


def fence(text: str, language: str = "") -> str:
    """A block of code."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    ticks = "`" * (longest + 1)
    word = re.sub(r"[^\w+#.-]", "", language)
    return f"{ticks}{word}\n{text.strip(chr(10))}\n{ticks}"


def code(text: str) -> str:
    """Code within a line."""
    text = " ".join(text.split())
    if not text:
        return ""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    pad = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{'`' * (longest + 1)}{pad}{text}{pad}{'`' * (longest + 1)}"


def raised(text: str) -> str:
    """What stands higher: 2^31 is another number than 231."""
    return f"^{text}" if re.fullmatch(r"[-+\u2212]?[0-9]{1,9}|[A-Za-z]|[-+\u2212]", text) else text


def literal(text: str) -> str:
    """Text that means nothing but itself."""
    return re.sub(r"([\\`*_\[\]])", r"\\\1", text)


@lru_cache(maxsize=10_000)
def href(target: str) -> str:
    """An address as Markdown can write it, whatever it holds."""
    return quote(target.strip(), safe="!#$%&'*+,-./:;=?@_~")


def link(text: str, target: str) -> str:
    """A link; ``target`` is written as it is."""
    return f"[{_label(text) or target}]({target})"


def image(text: str, target: str) -> str:
    """A picture; ``target`` is written as it is."""
    return f"![{_label(text)}]({target})"


def table(rows: list[list[str]], header: bool) -> str:
    """Rows as a table; without a ``header`` its head is blank, for Markdown demands one."""
    width = max((len(row) for row in rows), default=0)
    if not width:
        return ""
    filled = [[_cell(text) for text in row] + [""] * (width - len(row)) for row in rows]
    head, body = (filled[0], filled[1:]) if header else ([""] * width, filled)
    lines = [head, ["---"] * width, *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))


def _label(text: str) -> str:
    text = " ".join(text.split())
    if text.startswith("![") or ("[" not in text and "]" not in text):
        return text
    return re.sub(r"(?<!\\)([\[\]])", r"\\\1", text)

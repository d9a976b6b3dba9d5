"""Markdown as headed blocks, with offsets into the text as it was given.

CommonMark with tables, by markdown-it-py, of which only the block rules run. Plain text is
Markdown without headings. Whatever the parser leaves out (link definitions, what is nested too
deep) comes as paragraphs, so that blocks always hold every non-blank character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

BlockKind = Literal["heading", "paragraph", "list_item", "code", "table", "quote", "html"]

MAX_HEADING = 200
"""Longer "headings" are text: a paragraph underlined by mistake, as plain text often has it."""
MAX_PARSED_LINE = 20_000
MAX_PARSED_LINES = 100_000
MAX_PARSED = 4_000_000
"""Beyond these (characters, lines, characters) a body is taken as paragraphs of plain text."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_LEAVES: dict[str, BlockKind] = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "fence": "code",
    "code_block": "code",
    "table_open": "table",
    "html_block": "html",
    "hr": "paragraph",
}
_CONTAINERS: dict[str, BlockKind] = {"list_item_open": "list_item", "blockquote_open": "quote"}
_PARSER = MarkdownIt("commonmark").enable("table")
_FENCED = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_HREF = re.compile(
    r"\]\([ \t]*(?:<([^<>\r\n]*)>|([^\s()<>]+(?:\([^\s()<>]*\)[^\s()<>]*)*))[ \t]*(?=[)\"'(])"
    r"|^[ ]{0,3}\[[^\]\r\n]{1,200}\]:[ \t]+<?([^\s<>]+)"
)


@dataclass(frozen=True, slots=True)
class Block:
    """A run of whole lines: ``body[start:end]``, without blank lines at either end.

    ``heading_path`` names the sections around it, outermost first; a heading's own text is the
    last of its path. ``level`` is 1 to 6 for headings, else how deep lists and quotes nest.
    """

    kind: BlockKind
    start: int
    end: int
    heading_path: tuple[str, ...]
    level: int


@dataclass(frozen=True, slots=True)
class _Leaf:
    kind: BlockKind
    first: int
    last: int
    level: int
    text: str = ""


def blocks(body: str) -> list[Block]:
    """The blocks of ``body`` in order. They do not overlap; a blank body has none."""
    lines = _line_starts(body)
    longest = max(b - a for a, b in pairwise(lines))
    too_large = len(body) > MAX_PARSED or len(lines) > MAX_PARSED_LINES or longest > MAX_PARSED_LINE
    leaves = () if too_large else _leaves(_parse(body))
    return _headed(body, lines, _gapless(body, lines, leaves))


def plain(text: str) -> str:
    """Inline Markdown as words on one line: no emphasis, link targets, tags or heading marks."""
    return " ".join("".join(bare(text)).split())


def bare(text: str, start: int = 0, end: int | None = None) -> list[str]:
    """For each code point of ``text[start:end]`` what of it is shown: notation is an empty string.

    A mark leaves no gap, so that "`make`, then" is "make, then"; a tag or a border does.
    """
    return [
        shown if shown != " " or char == " " or char.isspace() or char in "<>|&" else ""
        for char, shown in zip(text[start:end], blanked(text)[start:end], strict=True)
    ]


def blanked(text: str) -> str:
    """``text`` with Markdown's notation replaced by as many spaces: the length stays the same.

    Gone are link and image targets, emphasis and code marks, HTML tags and comments, heading
    marks, rules, table borders and escapes; words stay where they were. Not meant for code.
    """
    for signs, pattern, replace in _NOISE:
        if any(sign in text for sign in signs):
            text = pattern.sub(replace, text)
    return text


def _parse(body: str) -> list[Token]:
    """The block tokens. Line numbers count \\n, \\r and \\r\\n, as in the body."""
    tokens: list[Token] = []
    source = _LINE_END.sub("\n", body).replace("\0", "\ufffd")
    _PARSER.block.parse(source, _PARSER, {}, tokens)
    return tokens


def _leaves(tokens: Sequence[Token]) -> Iterator[_Leaf]:
    around: list[BlockKind] = []
    for index, token in enumerate(tokens):
        if token.type in _CONTAINERS:
            around.append(_CONTAINERS[token.type])
        elif token.type in ("list_item_close", "blockquote_close"):
            around.pop()
        kind = _LEAVES.get(token.type)
        if kind is None or token.map is None:
            continue
        text = ""
        if kind == "heading":
            text = plain(tokens[index + 1].content[: MAX_HEADING + 1])
            if around or not text or len(text) > MAX_HEADING:
                kind = "paragraph"
        level = int(token.tag[1:]) if kind == "heading" else len(around)
        if around and kind in ("paragraph", "html"):
            kind = around[-1]
        yield _Leaf(kind, token.map[0], token.map[1], level, text)


def _gapless(body: str, lines: Sequence[int], leaves: Iterable[_Leaf]) -> Iterator[_Leaf]:
    """The leaves, and between them paragraphs of what lines no leaf holds."""
    at = 0
    for leaf in leaves:
        if leaf.last <= at:
            continue
        yield from _paragraphs(body, lines, at, leaf.first)
        yield _Leaf(leaf.kind, max(leaf.first, at), leaf.last, leaf.level, leaf.text)
        at = leaf.last
    yield from _paragraphs(body, lines, at, len(lines) - 1)


def _paragraphs(body: str, lines: Sequence[int], first: int, last: int) -> Iterator[_Leaf]:
    begun: int | None = None
    for line in range(first, last):
        blank = not body[lines[line] : lines[line + 1]].strip()
        if begun is None and not blank:
            begun = line
        elif begun is not None and blank:
            yield _Leaf("paragraph", begun, line, 0)
            begun = None
    if begun is not None:
        yield _Leaf("paragraph", begun, last, 0)


def _headed(body: str, lines: Sequence[int], leaves: Iterable[_Leaf]) -> list[Block]:
    made: list[Block] = []
    path: list[tuple[int, str]] = []
    names: tuple[str, ...] = ()
    for leaf in leaves:
        raw = body[lines[leaf.first] : lines[leaf.last]]
        text = raw.strip()
        if not text:
            continue
        if leaf.kind == "heading":
            path = [*((level, name) for level, name in path if level < leaf.level)]
            path.append((leaf.level, leaf.text))
            names = tuple(name for _, name in path)
        start = lines[leaf.first] + len(raw) - len(raw.lstrip())
        if leaf.kind == "code":
            # The first line's indentation is part of the code.
            start = max(body.rfind("\n", 0, start), body.rfind("\r", 0, start), -1) + 1
            start = max(start, lines[leaf.first])
        end = lines[leaf.first] + len(raw.rstrip())
        made.append(Block(leaf.kind, start, end, names, leaf.level))
    return made


def _line_starts(body: str) -> list[int]:
    """Where each line starts, and at last the length of the body."""
    starts = [0, *(match.end() for match in _LINE_END.finditer(body))]
    if starts[-1] != len(body) or len(starts) == 1:
        starts.append(len(body))
    return starts


def _spaces(match: re.Match[str]) -> str:
    return " " * (match.end() - match.start())


def _keep_group(match: re.Match[str]) -> str:
    """Blank all but the first group."""
    left, right = match.span(1)
    return " " * (left - match.start()) + match[1] + " " * (match.end() - right)


def _standing_alone(match: re.Match[str]) -> str:
    """Blank what follows white space: the "#" of a heading, not of "C#"."""
    start = match.start()
    return match[0] if start and not match.string[start - 1].isspace() else _spaces(match)


def _emphasis(match: re.Match[str]) -> str:
    """Blank marks next to a word's limit; keep "snake_case", "2 * 3" and "~/bin"."""
    run, text = match[0], match.string
    left = text[match.start() - 1] if match.start() else " "
    right = text[match.end()] if match.end() < len(text) else " "
    if "`" in run or len(run) > 2 or run in ("**", "~~"):
        return _spaces(match)
    inside = left.isalnum() and right.isalnum()
    apart = left.isspace() and right.isspace()
    return run if inside or apart or run[0] == "~" else _spaces(match)


def _entity(match: re.Match[str]) -> str:
    return _ENTITIES[match[1]].ljust(match.end() - match.start())


_ENTITIES = {"nbsp": " ", "amp": "&", "lt": "<", "gt": ">", "quot": '"', "#39": "'", "apos": "'"}
_TAGS = (
    "a|abbr|article|aside|audio|b|blockquote|br|button|center|cite|code|dd|del|details|div|dl|dt|em"
    "|embed|figcaption|figure|font|footer|form|h[1-6]|header|hr|i|iframe|img|input|ins|kbd|label|li"
    "|link|main|mark|meta|nav|noscript|object|ol|option|p|pre|s|samp|script|section|select|small"
    "|source|span|strike|strong|style|sub|summary|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|var"
    "|video|wbr"
)
_TARGET = r"\((?:[^()\n]++|\([^()\n]*+\))*+\)"
# Each with signs without one of which it matches nothing: to look for them takes far less time.
# Every repetition is bounded or possessive, so that no text takes more than linear time.
_NOISE = (
    (("<!--",), re.compile(r"<!--(?:[^-<]++|-(?!->)|<(?!!--))*+-->"), _spaces),
    (("<",), re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]{{0,500}})?/?>", re.IGNORECASE), _spaces),
    (
        ("]",),
        re.compile(rf"!?\[([^\[\]]{{0,500}}+)\](?:{_TARGET}|\[[^\[\]\n]{{0,100}}\])"),
        _keep_group,
    ),
    (("](",), re.compile(rf"\[(?=[^\[\]]{{0,500}}\]\()|\]{_TARGET}"), _spaces),
    (
        ("]:",),
        re.compile(r"^ {0,3}\[([^\[\]\n]{1,100})\]:[ \t]+\S++.*+", re.MULTILINE),
        _keep_group,
    ),
    (("\\",), re.compile(r"\\(?=[^\w\s])"), _spaces),
    ((">",), re.compile(r"^[ \t]*+>[ \t>]*+", re.MULTILINE), _spaces),
    (("#",), re.compile(r"#++(?=\s|\Z)"), _standing_alone),
    (("---", "===", ":-"), re.compile(r":?-{3,}+:?|={3,}+|:-++:?(?=[ \t]*+\|)"), _spaces),
    (("*", "_", "~", "`"), re.compile(r"[*_~`]++"), _emphasis),
    (("|",), re.compile(r"\|(?:(?=\s|\Z)|(?<=\s\|)|(?<=\A\|))"), _spaces),
    (("&",), re.compile(r"&(nbsp|amp|lt|gt|quot|#39|apos);"), _entity),
)


def hrefs(body: str) -> Iterator[str]:
    """Where the links and pictures of a Markdown text lead, in order, as they are written.

    By expressions and not by a parser, whose inline rules take quadratic time on hostile text.
    """
    fence = ""
    for line in body.split("\n"):
        opened = _FENCED.match(line)
        if opened and (not fence or opened[1].startswith(fence)):
            fence = "" if fence else opened[1]
        elif not fence:
            for found in _HREF.finditer(line):
                yield found[1] if found[1] is not None else found[2] or found[3]

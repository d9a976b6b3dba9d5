"""Markdown -> safe HTML, with the passage that somebody came for wrapped and anchored.

The text may be anybody's: no HTML of its own gets through, nothing is loaded from elsewhere, and
links lead only to web and mail addresses, to other documents and to what was imported with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from itertools import pairwise
from urllib.parse import unquote, urljoin, urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

from knowledge import markdown

_LINE_END = re.compile(r"\r\n|\r|\n")
_BOXES = {"[ ] ": "\N{BALLOT BOX} ", "[x] ": "\N{BALLOT BOX WITH CHECK} "}
_BOXES |= {"[X] ": _BOXES["[x] "]}
_CALLOUT = re.compile(r"\[!([A-Za-z][\w -]{0,30})\][+-]?[ \t]*")
_SCHEMES = {"http", "https", "mailto"}
_TAGS = set(
    """a blockquote br code del div em h2 h3 h4 h5 h6 hr img li mark ol p pre s span strong table
    tbody td th thead tr ul""".split()
)
_WORD = re.compile(r"\w+")
_TAG = re.compile(r"<[^>]*>")
_HEADING = re.compile(r'<h([2-6]) id="([^"]+)">(.*?)</h\1>', re.DOTALL)
Found = Callable[[str], bool]
"""Whether a word is one that is looked for."""
_ATTRIBUTES = {
    **{f"h{level}": {"id"} for level in range(2, 7)},
    "a": {"href", "title"},
    "div": {"aria-label", "class", "id", "role", "tabindex"},
    "img": {"alt", "loading", "src"},
    "li": {"class", "id"},
    "ol": {"start"},
    "pre": {"tabindex"},
    "span": {"class"},
    "td": {"class"},
    "th": {"class"},
    "tr": {"class", "id"},
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The passage that is looked for: code-point offsets of the text, and the anchor's id."""

    start: int
    end: int
    anchor: str


class _Renderer(RendererHTML):
    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Code that the keyboard can scroll."""
        return f'<pre tabindex="0">{self.code_inline(tokens, idx, options, env)}</pre>\n'

    code_block = fence

    def code_inline(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """Code, with what is looked for marked in it."""
        return f"<code>{_marked_text(tokens[idx].content, env.get('found'))}</code>"


def _marked_text(text: str, found: Found | None) -> str:
    runs = [(text, False)] if found is None else _runs(text, found)
    return "".join(
        f"<mark>{escapeHtml(run)}</mark>" if marked else escapeHtml(run) for run, marked in runs
    )


def _runs(text: str, found: Found) -> Iterator[tuple[str, bool]]:
    """A text in runs, each of words that are found or of others."""
    done = 0
    for word in _WORD.finditer(text):
        if found(word[0]):
            yield text[done : word.start()], False
            yield word[0], True
            done = word.end()
    yield text[done:], False


def _parser() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer)
    return made.enable(["table", "strikethrough"])


_PARSER = _parser()


@dataclass(frozen=True, slots=True)
class Targets:
    """Where links and pictures lead. ``base`` is the address that relative ones are relative to;
    ``own`` are addresses here of documents and files, by what the text writes, and ``pictures``
    those of files that a browser can show."""

    base: str | None = None
    own: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)

    def address(self, href: str) -> str | None:
        """Where a link leads; None for nowhere that it may."""
        bare, _, section = href.partition("#")
        section = anchor(unquote(section))
        if not bare and section:
            return f"#{section}"
        found = self.own.get(href) or self.own.get(bare)
        if found is not None:
            return f"{found}#{section}" if section else found
        try:
            whole = urljoin(self.base, href) if self.base else href
            return whole if urlsplit(whole).scheme.lower() in _SCHEMES else None
        except ValueError:
            return None


NOWHERE = Targets()


def anchor(heading: str) -> str:
    """The id of a heading: what is left where tools differ, so that their links still meet it."""
    kept = "".join(c for c in heading.casefold() if c.isalnum())
    return f"s-{kept[:100]}" if kept else ""


def prose(
    text: str, title: str, targets: Targets, wanted: Wanted | None, found: Found | None = None
) -> Markup:
    """A document's text under its title, with the words that are ``found`` marked.

    A first heading that repeats the title is left out; headings start at the second level and
    skip none.
    """
    tokens = _PARSER.parse(_LINE_END.sub("\n", text))
    tokens = _without_title(tokens, title)
    _put_headings_in_order(tokens)
    _give_headings_ids(tokens)
    _draw_boxes(tokens)
    _name_callouts(tokens)
    for token in tokens:
        if token.type == "inline":
            token.children = list(_inline(token.children or [], targets))
            if found is not None:
                token.children = list(_with_marks(token.children, found))
        elif token.type in ("td_open", "th_open"):
            right = "right" in str(token.attrs.pop("style", ""))
            token.attrs |= {"class": "right"} if right else {}
    if wanted is not None:
        tokens = list(_marked(tokens, _lines(text, wanted), wanted.anchor))
    shown = list(_scrollable(tokens))
    return clean(_PARSER.renderer.render(shown, _PARSER.options, {"found": found}))


def phrase(text: str, targets: Targets = NOWHERE, found: Found | None = None) -> Markup:
    """One paragraph of running text, such as what somebody says."""
    (token,) = _PARSER.parseInline(text)
    token.children = list(_inline(token.children or [], targets))
    if found is not None:
        token.children = list(_with_marks(token.children, found))
    return clean(_PARSER.renderer.render([token], _PARSER.options, {"found": found}))


def clean(html: str) -> Markup:
    """Let through only what the pages' own rendering makes."""
    # What nh3 has cleaned may be markup.
    return Markup(  # nosec B704
        nh3.clean(
            html,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            url_schemes=_SCHEMES,
            link_rel="noopener nofollow",
        )
    )


def _without_title(tokens: list[Token], title: str) -> list[Token]:
    first = tokens[0].type if tokens else ""
    if first == "heading_open" and markdown.plain(tokens[1].content) == title:
        return tokens[3:]
    return tokens


def _put_headings_in_order(tokens: Sequence[Token]) -> None:
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1:]) for token in headings), default=1)
    before = 1
    for opening, closing in zip(headings[::2], headings[1::2], strict=True):
        before = min(int(opening.tag[1:]) - highest + 2, before + 1, 6)
        opening.tag = closing.tag = f"h{before}"


def _draw_boxes(tokens: Sequence[Token]) -> None:
    """Boxes of task lists, as every wiki shows them."""
    for item, _, content in zip(tokens, tokens[1:], tokens[2:], strict=False):
        first = content.children[0] if content.children else None
        if item.type == "list_item_open" and first and first.content[:4] in _BOXES:
            first.content = _BOXES[first.content[:4]] + first.content[4:]


def _name_callouts(tokens: Sequence[Token]) -> None:
    """What kind of a callout a quote is, which Obsidian and GitHub write as ``[!warning]``."""
    for quote, _, content in zip(tokens, tokens[1:], tokens[2:], strict=False):
        first = content.children[0] if content.children else None
        if quote.type == "blockquote_open" and first and (told := _CALLOUT.match(first.content)):
            first.content = first.content[told.end() :]
            name = Token("text", "", 0, content=told[1].capitalize() + ":" * bool(first.content))
            marks = Token("strong_open", "strong", 1), Token("strong_close", "strong", -1)
            blank = Token("text", "", 0, content=" " if first.content else "")
            content.children = [marks[0], name, marks[1], blank, *(content.children or ())]
            for end in [one for one in content.children if one.type == "softbreak"][:1]:
                end.type, end.tag = "hardbreak", "br"  # the first line is the callout's title


def _give_headings_ids(tokens: Sequence[Token]) -> None:
    taken: set[str] = set()
    for opening, content in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        name = anchor(markdown.plain(content.content))
        if name and name not in taken:
            taken.add(name)
            opening.attrs["id"] = name


def _inline(children: Sequence[Token], targets: Targets) -> Iterator[Token]:
    """Links that lead somewhere safe stay links; pictures from elsewhere become links to them."""
    kept: list[bool] = []
    for token in children:
        if token.type == "link_open":
            href = targets.address(str(token.attrs.get("href", "")))
            kept.append(href is not None)
            token.attrs["href"] = href or ""
            if href is None:
                continue
        elif token.type == "link_close" and not kept.pop():
            continue
        elif token.type == "image":
            yield from _picture(token, targets, linked=any(kept))
            continue
        yield token


def _picture(token: Token, targets: Targets, linked: bool) -> Iterator[Token]:
    source = str(token.attrs.get("src", ""))
    if source in targets.pictures:
        token.attrs = {"src": targets.pictures[source], "alt": "", "loading": "lazy"}
        yield token
        return
    address = None if linked else targets.address(source)
    tag = "span" if address is None else "a"
    opening = Token("picture_open", tag, 1)
    opening.attrs = {"class": "picture"} if address is None else {"href": address}
    yield opening
    alt = "".join(child.content for child in token.children or []) or "without a description"
    yield Token("text", "", 0, content=f"Picture: {alt}")
    yield Token("picture_close", tag, -1)


def _with_marks(children: Sequence[Token], found: Found) -> Iterator[Token]:
    for token in children:
        if token.type != "text":
            yield token
            continue
        for run, marked in _runs(token.content, found):
            if marked:
                yield Token("mark_open", "mark", 1)
            yield Token("text", "", 0, content=run)
            if marked:
                yield Token("mark_close", "mark", -1)


def contents(shown: Markup) -> Iterator[tuple[int, str, str]]:
    """The headings of prose that can be led to: level, anchor and words."""
    for level, name, inner in _HEADING.findall(str(shown)):
        # What was escaped once for the page is words again; a template escapes them anew.
        yield int(level), unescape(name), " ".join(unescape(_TAG.sub("", inner)).split())


def _lines(text: str, wanted: Wanted) -> tuple[int, int]:
    """The lines that the passage stands on, as a half-open range."""
    first = len(_LINE_END.findall(text, 0, wanted.start))
    return first, first + len(_LINE_END.findall(text, wanted.start, wanted.end)) + 1


def _marked(tokens: Sequence[Token], lines: tuple[int, int], anchor: str) -> Iterator[Token]:
    """Wrap the blocks on these lines; of a longer list or table only mark the items or rows."""
    first, last = lines
    ids = iter([{"id": anchor}])
    inside = partly = False
    for token in tokens:
        opens = token.level == 0 and token.nesting >= 0
        begin, end = token.map or (0, 0)
        touched = begin < last and end > first
        if opens:
            partly = touched and token.nesting > 0 and (begin < first or end > last + 1)
            partly = partly and token.type.endswith(("list_open", "table_open"))
            if inside != (touched and not partly):
                inside = not inside
                attrs: dict[str, str | int | float] = {"class": "wanted"}
                attrs |= next(ids, {}) if inside else {}
                yield Token("wanted", "div", 1 if inside else -1, attrs=attrs, block=True)
        elif partly and touched and token.type in ("list_item_open", "tr_open"):
            token.attrs |= {"class": "wanted"} | next(ids, {})
        yield token
    if inside:
        yield Token("wanted", "div", -1, block=True)


def _scrollable(tokens: Sequence[Token]) -> Iterator[Token]:
    attrs: dict[str, str | int | float] = {
        "class": "scroll",
        "tabindex": "0",
        "role": "region",
        "aria-label": "Table",
    }
    for token in tokens:
        if token.type == "table_open":
            yield Token("scroll_open", "div", 1, attrs=dict(attrs), block=True)
        yield token
        if token.type == "table_close":
            yield Token("scroll_close", "div", -1, block=True)

"""Markdown -> safe HTML, with the passage that somebody came for wrapped and anchored.

The text may be anybody's: no HTML of its own gets through, nothing is loaded from elsewhere, and
links lead only to web and mail addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

from knowledge import markdown

_LINE_END = re.compile(r"\r\n|\r|\n")
_SCHEMES = {"http", "https", "mailto"}
_TAGS = set(
    """a blockquote br code del div em h2 h3 h4 h5 h6 hr li ol p pre s span strong table tbody td th
    thead tr ul""".split()
)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "div": {"aria-label", "class", "id", "role", "tabindex"},
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
        return f'<pre tabindex="0"><code>{escapeHtml(tokens[idx].content)}</code></pre>\n'

    code_block = fence


def _parser() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer)
    return made.enable(["table", "strikethrough"])


_PARSER = _parser()


def prose(text: str, title: str, base: str | None, wanted: Wanted | None) -> Markup:
    """A document's text under its title. ``base`` is the address that its links are relative to.

    A first heading that repeats the title is left out; headings start at the second level and
    skip none.
    """
    tokens = _PARSER.parse(_LINE_END.sub("\n", text))
    tokens = _without_title(tokens, title)
    _put_headings_in_order(tokens)
    for token in tokens:
        if token.type == "inline":
            token.children = list(_inline(token.children or [], base))
        elif token.type in ("td_open", "th_open"):
            right = "right" in str(token.attrs.pop("style", ""))
            token.attrs |= {"class": "right"} if right else {}
    if wanted is not None:
        tokens = list(_marked(tokens, _lines(text, wanted), wanted.anchor))
    return clean(_PARSER.renderer.render(list(_scrollable(tokens)), _PARSER.options, {}))


def phrase(text: str, base: str | None) -> Markup:
    """One paragraph of running text, such as what somebody says."""
    (token,) = _PARSER.parseInline(text)
    token.children = list(_inline(token.children or [], base))
    return clean(_PARSER.renderer.render([token], _PARSER.options, {}))


def clean(html: str) -> Markup:
    """Let through only what the pages' own rendering makes."""
    return Markup(
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


def _inline(children: Sequence[Token], base: str | None) -> Iterator[Token]:
    """Links that lead somewhere safe stay links; pictures become links to themselves."""
    kept: list[bool] = []
    for token in children:
        if token.type == "link_open":
            href = _address(str(token.attrs.get("href", "")), base)
            kept.append(href is not None)
            token.attrs["href"] = href or ""
            if href is None:
                continue
        elif token.type == "link_close" and not kept.pop():
            continue
        elif token.type == "image":
            yield from _picture(token, base, linked=any(kept))
            continue
        yield token


def _picture(token: Token, base: str | None, linked: bool) -> Iterator[Token]:
    address = None if linked else _address(str(token.attrs.get("src", "")), base)
    tag = "span" if address is None else "a"
    opening = Token("picture_open", tag, 1)
    opening.attrs = {"class": "picture"} if address is None else {"href": address}
    yield opening
    alt = "".join(child.content for child in token.children or []) or "without a description"
    yield Token("text", "", 0, content=f"Picture: {alt}")
    yield Token("picture_close", tag, -1)


def _address(href: str, base: str | None) -> str | None:
    """Where a link leads; None for nowhere that it may."""
    try:
        whole = urljoin(base, href) if base else href
        return whole if urlsplit(whole).scheme.lower() in _SCHEMES else None
    except ValueError:
        return None


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

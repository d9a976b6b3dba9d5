"""TiddlyWiki's wikitext as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from html import unescape

from knowledge.readers import _html
from knowledge.readers import _wikitext as md
from knowledge.readers._tiddlywiki_blocks import blocks
from knowledge.readers._wikitext import Held, Losses
from knowledge.types import LossKind

_FENCE = re.compile(r"^```[ \t]*([\w+#./-]*)[ \t]*\n(.*?)(?:^```[ \t]*$|\Z)", re.S | re.M)
_TYPED = re.compile(r"^\$\$\$([^\n]*)\n(.*?)(?:^\$\$\$[ \t]*$|\Z)", re.S | re.M)
_CLASSIC_CODE = re.compile(r"^\{\{\{[ \t]*\n(.*?)^\}\}\}[ \t]*$", re.S | re.M)
_TICKS = re.compile(r"(?<!`)(`{1,2})((?:(?!\n\n)[^`])+)\1(?!`)")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_PRAGMA = re.compile(
    r"\s*(?:\\(define|procedure|function|widget)\b[^\n]*(?:\n(?:(?!\\(?:define|procedure|function|"
    r"widget)\b)[^\n]*\n)*?[ \t]*\\end\b[^\n]*)?|\\(rules|import|whitespace|parameters)\b[^\n]*)\n?"
)
_BREAKS = re.compile(r'^"""[ \t]*\n(.*?)^"""[ \t]*$', re.S | re.M)
_STYLED = re.compile(r"^@@(?:\.[\w. -]*|[\w-]+:[^@\n]*)?[ \t]*$", re.M)
_CODEBLOCK = re.compile(
    r"<\$[\w.-]{1,60}\b[^<>]{0,500}?\b(?:code|src|eg|text)=(?:\"\"\"((?:(?!\"\"\").)*)\"\"\")"
    r"[^<>]{0,500}?/?>",
    re.S,
)
_LINK = re.compile(r"\[\[([^\[\]\n]{1,1000}?)\]\]")
_EXT = re.compile(r"\[ext\[([^\[\]\n]{1,2000}?)\]\]")
_IMAGE = re.compile(r"\[img((?:[ \t]+[^\[\]\n]{0,300})?)\[([^\[\]\n]{1,2000}?)\]\]")
_FILTERED = re.compile(r"\{\{\{((?:(?!\}\}\}|\{\{\{)[\s\S]){1,2000})\}\}\}[^\s{}<>]{0,200}")
_TRANSCLUDED = re.compile(r"\{\{([^{}\n]{1,500})\}\}")
_MACRO = re.compile(r"<<([^\s<>]{1,100})((?:(?!<<|>>)[\s\S]){0,3000})>>")
_ARGUMENT = re.compile(
    r"(?:[\w.-]{1,60}:(?!/))?"
    r"(?:\"\"\"(.*?)\"\"\"|\"([^\"]*)\"|'([^']*)'|\[\[(.*?)\]\]|([^\s\"']+))",
    re.S,
)
_FILTER = re.compile(r"^(?:\[|\$:/|<|\{)|\[[\w:!.-]*\[[^\]]*\]\s*[\]\[\w]|[=+~:-]\[|\]\]\s*\+")
_LINK_WIDGET = re.compile(
    r"<\$link\b[^<>]{0,300}?\bto=(?:\"([^\"]*)\"|'([^']*)'|([^\s<>/]+))[^<>]{0,300}?"
    r"(?:/>|>((?:(?!</?\$link)[\s\S]){0,3000})</\$link>)"
)
_WIDGET = re.compile(
    r"</?\$([\w.-]{1,60})((?:\"\"\"(?:(?!\"\"\")[\s\S])*\"\"\"|\"[^\"]*\"|'[^']*'|<<[^<>]*>>|[^<>\"'])*)>"
)
_TAG = re.compile(
    r"</?(?:div|span|p|center|font|small|big|u|ins|section|article|header|footer|main|figure|"
    r"figcaption|details|summary|label|button|input|style|sup|sub|abbr|mark|a|iframe|img|svg|path|g|"
    r"h[1-6]|q|cite|var|samp|dfn|video|audio|source|hr|li|ul|ol|dl|dt|dd|table|tr|td|th|tbody|thead|"
    r"caption|colgroup|col)\b(?:\"[^\"]*\"|'[^']*'|<<[^<>]*>>|[^<>\"'])*>",
    re.I,
)
_HTML_BLOCK = re.compile(r"<(table|ul|ol|dl|pre)\b[^<>]*>", re.I)
_CODE_TAG = re.compile(r"<(code|kbd|tt)\b[^<>]{0,200}>((?:(?!</?\1\b)[\s\S]){0,3000})</\1>", re.I)
_MARKS = (
    (re.compile(r"</?(?:b|strong)\b[^<>]{0,200}>", re.I), "''"),
    (re.compile(r"</?(?:i|em)\b[^<>]{0,200}>", re.I), "//"),
    (re.compile(r"</?(?:s|del|strike)\b[^<>]{0,200}>", re.I), "~~"),
)
_STYLE = re.compile(r"<style\b[^<>]*>.*?(?:</style>|\Z)|<svg\b.*?(?:</svg>|\Z)", re.S | re.I)
_BR = re.compile(r"[ \t]*<br\b[^<>]{0,100}>[ \t]*", re.I)
_URL = re.compile(r"(?<![\w/])(~?)((?:https?|ftp|file|mailto):[^\s<>{}\[\]`|\"\\^\ue000-\ue002]+)")
_CAMEL = re.compile(r"(~?)(?<![\w/-])([A-Z]+[a-z]+[A-Z][A-Za-z0-9]*)(?![\w-])")
_EMPHASIS = (
    (re.compile(r"''((?:(?!''|\n\n)[\s\S])+)''"), "**"),
    (re.compile(r"(?<!:)//((?:(?!//|\n\n)[\s\S])+)//"), "*"),
    (re.compile(r"~~((?:(?!~~|\n\n)[\s\S])+)~~"), "~~"),
    (re.compile(r"__((?:(?!__|\n\n)[\s\S])+)__"), ""),
    (re.compile(r"\^\^((?:(?!\^\^|\n\n)[\s\S])+)\^\^"), ""),
    (re.compile(r",,((?:(?!,,|\n\n)[\s\S])+),,"), ""),
    (re.compile(r"@@(?:[.\w-]+:[^;@\n]*;|\.[\w.-]+[ \t\n])*((?:(?!@@|\n\n)[\s\S])+)@@"), ""),
)
_NESTED = 4
_SCHEME = re.compile(r"(?:https?|ftp|file|mailto|tel):", re.I)
_SPECIAL = re.compile(r"''|//|~~|__|\^\^|,,|@@")


@dataclass(frozen=True, slots=True)
class Around:
    """What a tiddler needs to know of its wiki: the external id of a title, None for those that no
    document is made of; and the address of a picture by its title, None where there is none."""

    page: Callable[[str], str | None]
    exists: Callable[[str], bool]
    picture: Callable[[str], str | None]
    fields: dict[str, str]
    classic: bool = False


class Page:
    """One tiddler's text, converted: ``body``, and what was met in it."""

    def __init__(self, text: str, around: Around) -> None:
        self.links: dict[str, str] = {}
        self.pictures: dict[str, str] = {}
        self.losses = Losses()
        self._around = around
        self._held = Held()
        text = self._pragmas(Held.clean(text))
        text = self._verbatim(text)
        text = self._placed(text)
        body = self._held.release(blocks(self._inline(text), self._held))
        self.body = re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"

    def _pragmas(self, text: str) -> str:
        """Definitions above the text: they are TiddlyWiki's programs."""
        at = 0
        while found := _PRAGMA.match(text, at):
            if found[1]:
                self.losses.add(LossKind.MACRO, f"\\{found[1]}")
            at = found.end()
        return text[at:]

    def _verbatim(self, text: str) -> str:
        block = self._held.block
        text = _FENCE.sub(lambda found: block(md.fence(found[2], found[1])), text)
        text = _TYPED.sub(lambda found: block(md.fence(found[2], _language(found[1]))), text)
        if self._around.classic:
            text = _CLASSIC_CODE.sub(lambda found: block(md.fence(found[1])), text)
        text = _TICKS.sub(lambda found: self._held.inline(md.code(found[2])), text)
        text = _CODEBLOCK.sub(lambda found: block(md.fence(unescape(found[1]))), text)
        text = _STYLED.sub("", _STYLE.sub("", _COMMENT.sub("", text)))
        text = _CODE_TAG.sub(
            lambda found: self._held.inline(md.code(unescape(self._held.release(found[2])))), text
        )
        return _BREAKS.sub(lambda found: found[1].rstrip("\n").replace("\n", md.BREAK), text)

    def _placed(self, text: str) -> str:
        """Set aside what stands for something else: links, pictures, transclusions, macros."""
        for _ in range(_NESTED):
            text, count = _MACRO.subn(self._macro, text)
            if not count:
                break
        text = _IMAGE.sub(self._image, text)
        text = _EXT.sub(self._ext, text)
        text = _LINK.sub(self._link, text)
        text = _FILTERED.sub(partial(self._counted, LossKind.EMBED, "{{{ }}}"), text)
        text = _TRANSCLUDED.sub(self._transcluded, text)
        text = _LINK_WIDGET.sub(self._link_widget, text)
        text = self._html_blocks(text)
        return _WIDGET.sub(self._widget, text)

    def _label(self, text: str) -> str:
        """The words of a link, in which nothing links."""
        return self._held.flat(self._inline(text.strip(), links=False))

    def _inline(self, text: str, *, links: bool = True) -> str:
        if links:
            text = _CAMEL.sub(self._camel, _URL.sub(self._url, text))
        if "<" in text:
            for pattern, mark in _MARKS:
                text = pattern.sub(mark, text)
            text = _BR.sub(md.BREAK, text)
            text = _TAG.sub("", text)
        if "&" in text:
            text = unescape(text)
        if _SPECIAL.search(text):
            text = text.replace(4 * chr(39), "")
            for pattern, mark in _EMPHASIS:
                text = pattern.sub(partial(self._marked, mark), text)
        return text

    def _marked(self, mark: str, found: re.Match[str]) -> str:
        inner = md.raised(found[1]) if found[0].startswith("^^") else found[1]
        bare = inner.strip()
        # Set aside: at the start of a line, stars are a list's.
        star = self._held.inline(mark) if mark else ""
        return f"{star}{bare}{star}" if bare else inner

    def _to(self, title: str, label: str) -> str:
        title = title.strip()
        shown = self._label(label) or title
        page = self._around.page(title)
        if page is None:
            return self._held.inline(shown)
        href = md.href(title)
        self.links[href] = page
        return self._held.inline(md.link(shown, href))

    def _link(self, found: re.Match[str]) -> str:
        label, bar, target = found[1].rpartition("|")
        label = label if bar else target
        if _SCHEME.match(target.strip()):
            return self._held.inline(md.link(self._label(label), md.href(target)))
        return self._to(target, label)

    def _ext(self, found: re.Match[str]) -> str:
        label, _, target = found[1].rpartition("|")
        return self._held.inline(md.link(self._held.flat(label) or target, md.href(target)))

    def _image(self, found: re.Match[str]) -> str:
        label, _, source = found[2].rpartition("|")
        source = source.strip()
        if _SCHEME.match(source):
            return self._held.inline(md.image(label, md.href(source)))
        address = self._around.picture(source) or source
        href = md.href(address)
        if not _SCHEME.match(address):
            self.pictures[href] = source
        return self._held.inline(md.image(label, href))

    def _transcluded(self, found: re.Match[str]) -> str:
        title, _, field = re.split(r"\|\|", found[1])[0].partition("!!")
        title = title.partition("##")[0].strip()
        if not title:
            return self._around.fields.get(field.strip(), "") if field else ""
        if self._around.picture(title) is not None:
            href = md.href(self._around.picture(title) or title)
            if not _SCHEME.match(href):
                self.pictures[href] = title
            return self._held.inline(md.image(title, href))
        self.losses.add(LossKind.EMBED, "{{ }}")
        if self._around.page(title):
            return self._to(title, title)
        # Through a template, such as a tag's, it is named; by itself it is a part of the program.
        return self._held.inline(title) if "||" in found[1] else ""

    def _link_widget(self, found: re.Match[str]) -> str:
        return self._to(found[1] or found[2] or found[3], _WIDGET.sub("", found[4] or ""))

    def _macro(self, found: re.Match[str]) -> str:
        """A macro's arguments are what of it is text; filters are not."""
        name = found[1]
        self.losses.add(LossKind.MACRO, f"<<{name}>>")
        given = (next(filter(None, one.groups()), "") for one in _ARGUMENT.finditer(found[2]))
        if "example" in name.lower():
            # What it shows is markup, and beside it what becomes of that.
            return " ".join(self._example(part) for part in given if len(part) > 1)
        return " ".join(part for part in given if _is_words(part))

    def _example(self, part: str) -> str:
        if "\n" in part:
            return "\n" + self._held.block(md.fence(part)) + "\n"
        return part if _is_words(part) else self._held.inline(md.code(part))

    def _widget(self, found: re.Match[str]) -> str:
        if not found[0].startswith("</"):
            self.losses.add(LossKind.MACRO, f"<${found[1]}>")
        return ""

    def _counted(self, kind: LossKind, what: str, _: re.Match[str]) -> str:
        self.losses.add(kind, what)
        return ""

    def _url(self, found: re.Match[str]) -> str:
        return self._held.inline(found[2])

    def _camel(self, found: re.Match[str]) -> str:
        if found[1] or not self._around.exists(found[2]):
            return found[2]
        return self._to(found[2], self._held.inline(found[2]))

    def _html_blocks(self, text: str) -> str:
        """Tables and lists that are written as HTML."""
        parts, at = [], 0
        while opened := _HTML_BLOCK.search(text, at):
            end = _closing(text, opened[1].lower(), opened.start())
            parts.append(text[at : opened.start()])
            if end < 0:
                at = opened.start()
                break
            inner = _WIDGET.sub(self._widget, text[opened.start() : end])
            for pattern, mark in _EMPHASIS:
                inner = pattern.sub(partial(self._marked, mark), inner)
            made = _html.to_markdown(_html.soup(inner)).strip()
            parts.append("\n" + self._held.block(made) + "\n")
            at = end
        return "".join(parts) + text[at:]


def _is_words(part: str) -> bool:
    return not _FILTER.search(part) and bool(re.search(r"\w", part))


def _language(told: str) -> str:
    name = told.partition(">")[0].strip().lower()
    return name.rpartition("/")[2].removeprefix("x-").removeprefix("vnd.") or name.lstrip(".")


def _closing(text: str, name: str, start: int) -> int:
    """Where the element that starts there ends; -1 where it does not."""
    depth = 0
    for tag in re.compile(rf"<(/?){name}\b[^<>]*>", re.I).finditer(text, start):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return tag.end()
    return -1

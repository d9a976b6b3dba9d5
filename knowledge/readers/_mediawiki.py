"""MediaWiki's markup as Markdown."""

from __future__ import annotations

import re
from functools import partial
from html import unescape

from knowledge.readers import _html
from knowledge.readers import _wikitext as md
from knowledge.readers._mediawiki_blocks import blocks, tables
from knowledge.readers._mediawiki_links import (
    INTERWIKI,
    LANGUAGE,
    OPTION,
    Wiki,
    anchor,
    normal,
    upper,
)
from knowledge.readers._mediawiki_templates import Template
from knowledge.readers._wikitext import Held, Losses
from knowledge.types import LossKind

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_VERBATIM = (
    *("nowiki", "pre", "syntaxhighlight", "source", "math", "chem", "ce", "score", "timeline"),
    *("graph", "mapframe", "maplink", "templatedata", "mermaid", "graphviz", "uml", "gallery"),
    *("imagemap", "categorytree", "inputbox", "dpl", "dynamicpagelist", "youtube", "hiero"),
)
_DATA = ("templatedata", "inputbox", "graph", "mapframe", "maplink")
_OPENED = re.compile(r"<(" + "|".join(_VERBATIM) + r")\b([^<>]{0,500}?)(/?)>", re.I)
_INCLUDED = re.compile(r"</?(?:noinclude|onlyinclude)\b[^<>]{0,100}>", re.I)
_REF = re.compile(r"<ref\b([^<>]{0,300}?)(/>|>)", re.I)
_REF_NAME = re.compile(r"name\s*=\s*[\"']?([^\"'/>]{1,200})", re.I)
_PARAMETER = re.compile(r"\{\{\{[^{}|]{0,200}(?:\|([^{}]{0,2000}))?\}\}\}")
_TOKENS = re.compile(r"\{\{|\}\}|\[\[|\]\]")
_URL = re.compile(
    r"(?<![\w/])(?:https?|ftp)://(?:(?!'')[^\s<>\[\]{}|\"\ue000-\ue002])*"
    r"[^\s<>\[\]{}|\".,;:!?)'\ue000-\ue002]"
)
_EXTERNAL = re.compile(
    r"\[((?:(?:https?|ftp|ircs?|news)://|mailto:|//)[^\s\[\]<>\"]{1,2000})([^\[\]\n]{0,1000})\]"
)
_SCHEME = re.compile(r"(?:https?|ftp)://|mailto:", re.I)
_SWITCH = re.compile(r"__[A-Z]{3,30}__[ \t]*")
_HTML_BLOCK = re.compile(r"<(table|ul|ol|dl)\b", re.I)
_TAG = re.compile(
    r"</?(?:div|center|span|small|big|u|ins|font|p|abbr|cite|dfn|bdi|bdo|ruby|rb|rp|rt|var|samp|"
    r"sup|sub|section|time|mark|q|data|poem|tabber|tabs|tab|references|indicator|includeonly|"
    r"translate|languages|tvar|noprint|li|ul|ol|dl|dt|dd|table|tr|td|th|caption|tbody|thead)"
    r"\b[^<>]{0,500}>",
    re.I,
)
_PLUGIN_TAGS = re.compile(r"<(tabber|tabs|poem|indicator)\b", re.I)
_MARKS = (
    (re.compile(r"</?(?:b|strong)\b[^<>]{0,200}>", re.I), "'''"),
    (re.compile(r"</?(?:i|em)\b[^<>]{0,200}>", re.I), "''"),
    (re.compile(r"</?(?:s|del|strike)\b[^<>]{0,200}>", re.I), "~~"),
)
_CODE = re.compile(r"<(code|tt|kbd)\b[^<>]{0,200}>((?:(?!</?\1\b)[^\n]){0,2000})</\1>", re.I)
_QUOTED = re.compile(r"<blockquote\b[^<>]{0,200}>((?:(?!</?blockquote)[\s\S])*)</blockquote>", re.I)
_BR = re.compile(r"[ \t]*<br\b[^<>]{0,100}>[ \t]*", re.I)
_EMPHASIS = (
    (re.compile(r"'''''(.+?)'''''"), "***"),
    (re.compile(r"'''(.+?)'''"), "**"),
    (re.compile(r"''(.+?)''"), "*"),
)
_SUP = re.compile(r"<sup\b[^<>]{0,100}>([^<>\n]{0,300})</sup>", re.I)
_DEEPEST = 100


class Page:
    """One page's text, converted: ``body``, and what was met in it."""

    def __init__(self, text: str, title: str, wiki: Wiki) -> None:
        self.title = title
        self.tags: list[str] = []
        self.links: dict[str, str] = {}
        self.losses = Losses()
        self.held = Held()
        self._wiki = wiki
        self._notes: list[str] = []
        self._named: dict[str, int] = {}
        text = _COMMENT.sub("", Held.clean(text))
        text = self._verbatim(_INCLUDED.sub("", text))
        text = self._references(text)
        # A page is no template, so its parameters have no values but their defaults.
        text = self._braces(_PARAMETER.sub(r"\1", text))
        body = self._blocks(text)
        notes = [f"[^{at}]: {note}" for at, note in enumerate(self._notes, 1) if note]
        body = self.held.release("\n\n".join((body, *notes)))
        self.body = re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"

    def _blocks(self, text: str) -> str:
        text = _SWITCH.sub("", text)
        text = self._html_blocks(text)
        text = self.inline(text)
        text = _QUOTED.sub(lambda found: self._quote(found[1]), text)
        text = re.sub(r"</?blockquote\b[^<>]{0,200}>", "", text, flags=re.I)
        return blocks(tables(text, self.held), self.held)

    def _quote(self, text: str) -> str:
        inner = blocks(tables(text, self.held), self.held)
        return self.held.block("\n".join(f"> {line}".rstrip() for line in inner.split("\n")))

    def inline(self, text: str) -> str:
        """Text with all that stands within lines done, its blocks left."""
        if "[" in text:
            text = _EXTERNAL.sub(self._external, text)
        if "://" in text:
            text = _URL.sub(lambda found: self.held.inline(found[0]), text)
        if "<" in text:
            text = self._tags(text)
        if "&" in text:
            text = unescape(text)
        return self._emphasised(text)

    def _emphasised(self, text: str) -> str:
        """Apostrophes as stars: they hold within their line."""
        if "''" not in text:
            return text
        return "\n".join(self._line(line) if "''" in line else line for line in text.split("\n"))

    def _line(self, line: str) -> str:
        for pattern, mark in _EMPHASIS:
            line = pattern.sub(partial(self._marked, mark), line)
        return re.sub("'{2,}", "", line)

    def _marked(self, mark: str, found: re.Match[str]) -> str:
        inner = found[1]
        bare = inner.strip()
        lead, trail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        # Set aside: at the start of a line, stars are a list's.
        star = self.held.inline(mark)
        return f"{lead}{star}{bare}{star}{trail}" if bare else inner

    def _tags(self, text: str) -> str:
        text = _SUP.sub(lambda found: md.raised(found[1]), text)
        text = _CODE.sub(self._code, text)
        for tag in _PLUGIN_TAGS.findall(text):
            self.losses.add(LossKind.MACRO, f"<{tag.lower()}>")
        for pattern, mark in _MARKS:
            text = pattern.sub(mark, text)
        text = _BR.sub(md.BREAK, text)
        return _TAG.sub("", text)

    def _code(self, found: re.Match[str]) -> str:
        inner = self.held.release(unescape(found[2]))
        # Code shows its text as it stands: what holds a link would lose it.
        return found[2] if "](" in inner else self.held.inline(md.code(inner))

    def _verbatim(self, text: str) -> str:
        """Set aside what is no markup."""
        parts, at = [], 0
        unclosed: set[str] = set()
        lower = text.lower()
        if len(lower) != len(text):  # a few letters have longer small ones
            lower = text
        while opened := _OPENED.search(text, at):
            name = opened[1].lower()
            closing = f"</{name}"
            end = -1 if opened[3] or closing in unclosed else lower.find(closing, opened.end())
            stop = text.find(">", end) + 1 if end >= 0 else 0
            parts.append(text[at : opened.start()])
            if not opened[3] and not stop:
                unclosed.add(closing)
                parts.append(self.held.inline(opened[0]))
                at = opened.end()
            else:
                inner = text[opened.end() : end] if stop else ""
                parts.append(self._kept(name, opened[2], inner))
                at = stop or opened.end()
        return "".join(parts) + text[at:]

    def _kept(self, name: str, attributes: str, inner: str) -> str:
        if name == "nowiki":
            return self.held.inline(md.literal(unescape(inner)))
        if name in ("syntaxhighlight", "source", "pre"):
            found = re.search(r"\blang\s*=\s*[\"']?([\w+#.-]{1,30})", attributes, re.I)
            if re.search(r"\binline\b", attributes):
                return self.held.inline(md.code(inner))
            code = unescape(inner) if name == "pre" else inner
            return (
                self.held.block(md.fence(code, found[1] if found else "")) if code.strip() else ""
            )
        if name in ("math", "chem", "ce"):
            return self.held.inline(f"${' '.join(inner.split())}$") if inner.strip() else ""
        if name == "gallery":
            return self._gallery(inner)
        self.losses.add(LossKind.MACRO, f"<{name}>")
        if (
            name in ("templatedata", "inputbox", "graph", "mapframe", "maplink")
            or not inner.strip()
        ):
            return ""
        return self.held.block(md.fence(inner, name if name in ("mermaid", "graphviz") else ""))

    def _gallery(self, inner: str) -> str:
        captions = []
        for line in inner.split("\n"):
            file, _, caption = line.strip().partition("|")
            if file:
                self._file(file.rpartition(":")[2])
            if caption.strip():
                captions.append(f"* {' '.join(caption.split())}")
        return "\n" + "\n".join(captions) + "\n"

    def _references(self, text: str) -> str:
        parts, at = [], 0
        lower = text.lower()
        lower = lower if len(lower) == len(text) else text
        closed = True
        while opened := _REF.search(text, at):
            parts.append(text[at : opened.start()])
            name = _REF_NAME.search(opened[1])
            known = name[1].strip() if name else ""
            end = lower.find("</ref>", opened.end()) if opened[2] == ">" and closed else -1
            if opened[2] == ">" and end < 0:
                closed = False
                at = opened.end()
                continue
            inner = text[opened.end() : end] if end >= 0 else ""
            at = end + len("</ref>") if end >= 0 else opened.end()
            number = self._named.get(known, 0) if known else 0
            if not number:
                self._notes.append("")
                number = len(self._notes)
                if known:
                    self._named[known] = number
            if inner.strip() and not self._notes[number - 1]:
                self._notes[number - 1] = self._flat(inner)
            parts.append(self.held.inline(f"[^{number}]"))
        return "".join(parts) + text[at:]

    def _flat(self, text: str) -> str:
        return self.held.flat(self.inline(self._braces(text)))

    def _braces(self, text: str) -> str:
        """Templates and links, the innermost first, each set aside as it is done."""
        stack: list[tuple[str, list[str]]] = [("", [])]
        at = 0
        for token in _TOKENS.finditer(text):
            stack[-1][1].append(text[at : token.start()])
            at = token.end()
            mark = token[0]
            opening = {"}}": "{{", "]]": "[["}.get(mark)
            if opening is None:
                if len(stack) < _DEEPEST:
                    stack.append((mark, []))
                else:
                    stack[-1][1].append(mark)
            elif stack[-1][0] == opening:
                inner = "".join(stack.pop()[1])
                done = self._template(inner) if mark == "}}" else self._link(inner)
                stack[-1][1].append(done)
            elif any(kind == opening for kind, _ in stack):
                # What was opened within and never closed is text.
                while stack[-1][0] != opening:
                    kind, parts = stack.pop()
                    stack[-1][1].append(kind + "".join(parts))
                inner = "".join(stack.pop()[1])
                done = self._template(inner) if mark == "}}" else self._link(inner)
                stack[-1][1].append(done)
            else:
                stack[-1][1].append(mark)
        stack[-1][1].append(text[at:])
        while len(stack) > 1:
            kind, parts = stack.pop()
            stack[-1][1].append(kind + "".join(parts))
        return "".join(stack[0][1])

    def _template(self, inner: str) -> str:
        inner = tables(inner, self.held, self.inline) if "\n{|" in inner else inner
        made = Template(inner, self.title, self.losses, self.held, self.inline, self._link)
        return made.converted() or self.held.inline("")

    def _link(self, inner: str) -> str:
        if "\n" in inner.partition("|")[0]:
            return f"[[{inner}]]"
        target, bar, text = inner.partition("|")
        target = " ".join(unescape(target).replace("_", " ").split())
        shown = target.startswith(":")
        target = target.lstrip(":").strip()
        prefix, colon, rest = target.partition(":")
        space = self._wiki.namespaces.get(prefix.strip().lower()) if colon else 0
        if space == 14 and not shown:
            if rest.strip():
                self.tags.append(upper(rest.strip()))
            return self.held.inline("")
        if space == 6 and not shown:
            self._file(rest)
            return self._caption(text)
        if _SCHEME.match(target):
            return self._external_link(target, text)
        if space is None and colon:
            foreign = self._foreign(prefix.strip().lower(), rest, text, shown=shown)
            if foreign is not None:
                return foreign
        if bar and not text.strip():
            text = re.sub(r"\s*\([^()]*\)$|,.*$", "", rest if colon and space else target)
        return self._internal(target, text or inner.partition("|")[0].lstrip(":").strip(), space)

    def _internal(self, target: str, text: str, space: int | None) -> str:
        name, _, section = target.partition("#")
        label = self.held.flat(self.inline(text))
        fragment = f"#{anchor(section)}" if section.strip() else ""
        name = name.strip()
        if not name:
            return self.held.inline(md.link(label.lstrip("#"), fragment)) if fragment else label
        if space is not None and space < 0:
            return self.held.inline(label)
        if name.startswith("/"):
            name = f"{self.title}{name.rstrip('/')}"
        name = normal(name, self._wiki)
        href = md.href(name.replace(" ", "_")) + fragment
        self.links[href] = self._wiki.page(name)
        return self.held.inline(md.link(label, href))

    def _foreign(self, prefix: str, rest: str, text: str, *, shown: bool) -> str | None:
        pattern = self._wiki.interwiki.get(prefix) or INTERWIKI.get(prefix)
        label = self.held.flat(self.inline(text)) or rest.strip()
        if pattern:
            return self.held.inline(
                md.link(label, pattern + md.href(rest.strip().replace(" ", "_")))
            )
        if LANGUAGE.fullmatch(prefix) and not shown:
            return self.held.inline(
                ""
            )  # the same page in another language, which MediaWiki shows at the side
        return None  # a title that merely has a colon in it

    def _file(self, name: str) -> None:
        self.losses.add(LossKind.ATTACHMENT, f"{name.strip() or 'a file'}: no dump holds files")

    def _caption(self, text: str) -> str:
        """What is said below a picture: the last of its options that is none."""
        options = text.split("|")
        last = options[-1].strip()
        if not last or OPTION.fullmatch(last):
            return self.held.inline("")
        told = self.held.flat(self.inline(last))
        aside = any(one.strip().lower() in ("thumb", "thumbnail", "frame") for one in options)
        return self.held.block(told) if aside else self.held.inline(told)

    def _external(self, found: re.Match[str]) -> str:
        return self._external_link(found[1], found[2])

    def _external_link(self, target: str, text: str) -> str:
        address = f"https:{target}" if target.startswith("//") else target
        label = self.held.flat(self.inline(text.strip()))
        return self.held.inline(md.link(label or address, md.href(address)))

    def _html_blocks(self, text: str) -> str:
        """Tables and lists that are written as HTML."""
        parts, at = [], 0
        while opened := _HTML_BLOCK.search(text, at):
            name = opened[1].lower()
            end = _closing(text, name, opened.start())
            parts.append(text[at : opened.start()])
            if end < 0:
                parts.append(text[opened.start() :])
                return "".join(parts)
            inner = self.inline_kept(text[opened.start() : end])
            parts.append("\n" + self.held.block(inner) + "\n")
            at = end
        return "".join(parts) + text[at:]

    def inline_kept(self, text: str) -> str:
        """HTML that holds wiki's markup, as Markdown."""
        for pattern, mark in _MARKS:
            text = pattern.sub(mark, text)
        text = _EXTERNAL.sub(self._external, text)
        made = _html.to_markdown(_html.soup(text)).strip()
        return self._emphasised(made)


def _closing(text: str, name: str, start: int) -> int:
    """Where the element that starts there ends; -1 where it does not."""
    depth = 0
    for tag in re.compile(rf"<(/?){name}\b[^<>]{{0,500}}>", re.I).finditer(text, start):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return tag.end()
    return -1

"""DokuWiki's markup as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from knowledge.readers import _wikitext as md
from knowledge.readers._dokuwiki_blocks import blocks
from knowledge.readers._wikitext import IMAGES, Held, Losses
from knowledge.types import LossKind

_VERBATIM = ("code", "file", "nowiki", "html", "php", "HTML", "PHP")
_DIAGRAMS = ("uml", "plantuml", "mermaid", "graphviz", "dot", "ditaa", "latex", "math", "csv")
_MARKED = re.compile(
    r"<(" + "|".join((*_VERBATIM, *_DIAGRAMS)) + r")\b([^>\n]{0,300})>|(%%)", re.ASCII
)
_LINK = re.compile(r"\[\[((?:(?!\]\]|\[\[|\n\n)[\s\S])+)\]\]")
_MEDIA = re.compile(r"\{\{((?:(?!\}\}|\{\{)[^\n])+)\}\}")
_FOOTNOTE = re.compile(r"\(\(((?:(?!\)\)|\(\()[\s\S])+)\)\)")
_URL = re.compile(
    r"\b(?:https?|ftp)://[^\s<>|^\"\\\ue000-\ue002]*[^\s<>|^\"\\.,;:!?)'\ue000-\ue002\]*]"
)
_MACRO = re.compile(r"~~([A-Za-z][\w-]*)[^~\n]{0,200}~~")
_SILENT = frozenset(("notoc", "nocache", "odt", "nosectionedit", "notrans"))
_PLUGIN = re.compile(
    r"</?(wrap|block|inline|note|hidden|box|color|fc|fs|fg|tabs?|tabbox|columns|newcolumn|panel|"
    r"accordion|callout|alert|button|label|badge|col|grid|row|well|jumbotron|lead|pane|nav|"
    r"carousel|slide|thumbnail|caption|datatables?|sortable|searchtable|todo|progressbar|tooltip|"
    r"nodisp|ifauth|markdown|popover|text|title|spoiler|fold(?:ed)?|poll)\b[^>\n]{0,300}>",
    re.I,
)
_ITALIC = re.compile(r"//((?:(?!//|\n\n)[\s\S])+)//")
# What an editor leaves of a bold line: the stars that end it stand before the next one.
_DANGLING = re.compile(r"\*\*([^*\n]+?)[ \t]*\n\*\*(?=[ \t]{2,}[-*])")
_BOLD = re.compile(r"\*\*((?:(?!\*\*|\n)[\s\S])+)\*\*")
_UNDERLINE = re.compile(r"__((?:(?!__|\n\n)[\s\S])+)__")
_MONO = re.compile(r"''((?:(?!''|\n\n)[\s\S])+)''")
_SUP = re.compile(r"<sup>([^<>\n]{0,300})</sup>")
_SCRIPT = re.compile(r"</?(?:sub|sup)>")
_DELETED = re.compile(r"</?del>")
_BREAK = re.compile(r"[ \t]*\\\\(?:[ \t]+|(?=\n)|$)", re.M)
_INTERWIKI = re.compile(r"([a-z][a-z0-9_.-]{0,30})>(.*)", re.S | re.I)
_EXTERNAL = re.compile(r"(?:[a-z][a-z0-9+.-]{1,12}://|mailto:|tel:)", re.I)
_MAIL = re.compile(r"[^\s@<>:/]+@[^\s@<>/]+\.[^\s@<>/]+")
_TAG = re.compile(r'"([^"]+)"|(\S+)')


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page lies: what its links mean, as (address, id) or, for files, (address, there)."""

    page: Callable[[str], tuple[str, str]]
    media: Callable[[str], str]
    interwiki: dict[str, str]


class Page:
    """One page's text, converted: ``body``, and what was met in it."""

    def __init__(self, text: str, place: Place) -> None:
        self.tags: list[str] = []
        self.links: dict[str, str] = {}
        self.files: dict[str, str] = {}
        self.losses = Losses()
        self._place = place
        self._held = Held()
        self._footnotes: list[str] = []
        text = self._verbatim(Held.clean(text))
        text = _MACRO.sub(self._macro, text)
        text = _MEDIA.sub(self._media, text)
        text = _LINK.sub(self._link, text)
        text = _FOOTNOTE.sub(self._footnote, text)
        text = _PLUGIN.sub(self._plugin, text)
        body = blocks(self._inline(text), self._held)
        notes = [f"[^{at}]: {note}" for at, note in enumerate(self._footnotes, 1)]
        body = self._held.release("\n\n".join((body, *notes)))
        self.body = re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"

    def _verbatim(self, text: str) -> str:
        """Set aside what is no markup."""
        parts, at = [], 0
        unclosed: set[str] = set()
        while opened := _MARKED.search(text, at):
            closing = "%%" if opened[3] else f"</{opened[1]}>"
            end = -1 if closing in unclosed else text.find(closing, opened.end())
            if end < 0:
                unclosed.add(closing)
                parts.append(text[at : opened.end()])
                at = opened.end()
                continue
            parts.append(text[at : opened.start()])
            parts.append(self._kept(opened, text[opened.end() : end]))
            at = end + len(closing)
        return "".join(parts) + text[at:]

    def _kept(self, opened: re.Match[str], inner: str) -> str:
        name = (opened[1] or "nowiki").lower()
        if name == "nowiki":
            return self._held.inline(md.literal(inner))
        if not inner.strip():
            return ""
        told = re.sub(r"\[.*", "", opened[2] or "").split()
        if name in ("html", "php"):
            return self._held.block(md.fence(inner, name))
        if name in ("code", "file"):
            file = f"`{told[1]}`:\n\n" if len(told) > 1 and "`" not in told[1] else ""
            return self._held.block(
                file + md.fence(inner, told[0] if told and told[0] != "-" else "")
            )
        self.losses.add(LossKind.MACRO, name)
        return self._held.block(md.fence(inner, name))

    def _macro(self, found: re.Match[str]) -> str:
        if found[1].lower() not in _SILENT:
            self.losses.add(LossKind.MACRO, f"~~{found[1]}~~")
        return ""

    def _plugin(self, found: re.Match[str]) -> str:
        if not found[0].startswith("</"):
            self.losses.add(LossKind.MACRO, f"<{found[1]}>")
        # On a line of its own it parts paragraphs; within one it only dresses its text.
        return self._held.inline("")

    def _footnote(self, found: re.Match[str]) -> str:
        self._footnotes.append(" ".join(self._inline(found[1]).split()))
        return self._held.inline(f"[^{len(self._footnotes)}]")

    def _link(self, found: re.Match[str]) -> str:
        target, _, text = (" ".join(part.split()) for part in found[1].partition("|"))
        label = self._held.release(self._inline(text)) if text else ""
        if _EXTERNAL.match(target):
            return self._held.inline(md.link(label or target, md.href(target)))
        if _MAIL.fullmatch(target):
            return self._held.inline(md.link(label or target, md.href(f"mailto:{target}")))
        if target.startswith(("\\\\", "file:")):
            return self._held.inline(f"{label} ({md.code(target)})" if label else md.code(target))
        if other := _INTERWIKI.match(target):
            return self._held.inline(self._elsewhere(other[1].lower(), other[2], label))
        name, _, section = target.partition("#")
        name = name.partition("?")[0]
        fragment = f"#{anchor(section)}" if section else ""
        if not name.strip():
            return self._held.inline(md.link(label or section, fragment) if section else label)
        address, page = self._place.page(name)
        address = md.href(address) + fragment
        self.links[address] = page
        return self._held.inline(md.link(label or _shown(name, section), address))

    def _elsewhere(self, wiki: str, name: str, label: str) -> str:
        shown = label or name
        pattern = self._place.interwiki.get(wiki)
        if pattern is None:
            self.losses.add(LossKind.LINK, f"{wiki}>")
            return shown
        safe = md.href(name)
        if "{NAME}" in pattern or "{URL}" in pattern:
            address = pattern.replace("{NAME}", safe).replace("{URL}", safe)
        else:
            address = pattern + safe
        return md.link(shown, md.href(address))

    def _media(self, found: re.Match[str]) -> str:
        target, _, alt = found[1].partition("|")
        alt = self._held.release(self._inline(alt.strip()))
        if plugin := _INTERWIKI.match(target.strip()):
            return self._held.inline(self._component(plugin[1].lower(), plugin[2].strip(), alt))
        name, _, options = target.strip().partition("?")
        if _EXTERNAL.match(name):
            address, picture = md.href(target.strip()), True
            if "?" in target and re.fullmatch(
                r"[\dx&]*(?:nolink|direct|linkonly|nocache|recache)?", options
            ):
                address = md.href(name)
        else:
            address = self._place.media(name)
            picture = name.lower().endswith(IMAGES)
            self.files[md.href(address)] = address
            address = md.href(address)
        if picture and "linkonly" not in options:
            return self._held.inline(md.image(alt, address))
        return self._held.inline(md.link(alt or name.rpartition(":")[2], address))

    def _component(self, name: str, rest: str, alt: str) -> str:
        if name in ("tag", "topic"):
            words = rest if name == "tag" else ""
            self.tags += [(one[1] or one[2]).replace("_", " ") for one in _TAG.finditer(words)]
            return ""
        self.losses.add(
            LossKind.EMBED if name in ("page", "section", "rss") else LossKind.MACRO, name
        )
        if name in ("page", "section") and rest:
            address, page = self._place.page(re.split(r"[#&?]", rest)[0])
            self.links[md.href(address)] = page
            return md.link(alt or rest, md.href(address))
        first = rest.split(maxsplit=1)[0] if rest else ""
        if _EXTERNAL.match(first):
            return md.link(alt or first, md.href(first))
        return " ".join(part for part in (md.literal(rest), alt) if part)

    def _inline(self, text: str) -> str:
        text = _URL.sub(lambda found: self._held.inline(found[0]), text)
        text = _MONO.sub(lambda found: self._held.inline(self._mono(found[1])), text)
        text = _UNDERLINE.sub(r"\1", text)
        text = _ITALIC.sub(_emphasised, text)
        text = _DELETED.sub("~~", text)
        text = _SUP.sub(lambda found: md.raised(found[1]), text)
        text = _SCRIPT.sub("", text)
        text = _DANGLING.sub(r"**\1**\n", text)
        text = _BOLD.sub(_strong, text)
        return _BREAK.sub(md.BREAK, text)

    def _mono(self, text: str) -> str:
        released = self._held.release(text)
        # Code shows its text as it stands: what holds a link would lose it.
        return text if "](" in released else md.code(released)


def anchor(section: str) -> str:
    """A heading's anchor."""
    return md.href(re.sub(r"[^\w]+", "-", section.strip().lower()).strip("-"))


def _emphasised(found: re.Match[str]) -> str:
    inner = found[1].strip()
    return f"*{inner}*" if inner else found[0]


def _strong(found: re.Match[str]) -> str:
    inner = found[1].strip()
    return f"**{inner}**" if inner else found[0]


def _shown(name: str, section: str) -> str:
    shown = name.strip().rstrip(":").rpartition(":")[2].rpartition("/")[2] or name
    return f"{shown}#{section}" if section else shown

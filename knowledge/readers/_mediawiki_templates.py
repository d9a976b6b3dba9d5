"""MediaWiki's templates: their definitions are not at hand, so what they say is kept as text."""

from __future__ import annotations

import re
from collections.abc import Callable

from knowledge.readers import _wikitext as md
from knowledge.readers._mediawiki_blocks import blocks, tables
from knowledge.readers._wikitext import Held, Losses
from knowledge.types import LossKind

_NAMED = re.compile(r"\s*([^=<>\[\]{}\n]{1,100}?)\s*=(.*)", re.S)
_WORDS = {
    "!": "|",
    "=": "=",
    "(": "{",
    ")": "}",
    "-": "",
    "clear": "",
    "clr": "",
    "br": "",
    "nbsp": " ",
    "spaces": " ",
    "snd": " – ",
    "spaced ndash": " – ",
    "ndash": "–",
    "mdash": "—",
    "yes": "yes",
    "no": "no",
    "toc": "",
    "reflist": "",
    "references": "",
    "notelist": "",
    "citation needed": "",
    "cn": "",
    "fact": "",
    "use dmy dates": "",
    "use mdy dates": "",
    "authority control": "",
}
_PLAIN = frozenset(
    "nowrap|nobr|small|smaller|big|center|abbr|lang|langx|lang-en|plainlist|flatlist|ubl|unbulleted"
    " list|hlist|nobold|noitalic|em|strong|visible anchor|anchor text|mono|samp|var|math|mvar|tq"
    "|green|red|color|font color|highlight|underline|as of|date|u".split("|")
)
_LINKING = {
    "main": "Main article",
    "main article": "Main article",
    "see also": "See also",
    "seealso": "See also",
    "further": "Further information",
    "details": "Details",
}
_BOXES = {
    "note": "Note",
    "warning": "Warning",
    "caution": "Caution",
    "tip": "Tip",
    "info": "Info",
    "important": "Important",
    "ambox": "",
    "mbox": "",
    "quote": "",
    "quotation": "",
    "blockquote": "",
    "cquote": "",
}
_CODE = frozenset("code tt kbd key keypress button ic".split())
_DATES = frozenset(("start date", "end date", "start date and age", "birth date", "release date"))
_MAGIC = frozenset(
    "defaultsort displaytitle pagename fullpagename basepagename subpagename sitename namespace"
    " currentyear currentmonth currentmonthname currentday currenttime currenttimestamp localyear"
    " revisionuser revisiontimestamp numberofarticles numberofpages server pageid formatnum lc uc"
    " lcfirst ucfirst urlencode anchorencode fullurl localurl canonicalurl ns padleft padright"
    " plural grammar gender int filepath talkpagename currentdow pagesincategory".split()
)
_CITED = tuple("author last first work website publisher journal date year".split())


class Template:
    """One template as it is used, what lies within it done already."""

    def __init__(
        self,
        inner: str,
        title: str,
        losses: Losses,
        held: Held,
        inline: Callable[[str], str],
        link: Callable[[str], str],
    ) -> None:
        self._title, self._losses, self._held = title, losses, held
        self._inline, self._link = inline, link
        name, *given = inner.split("|")
        self._given = given
        self._name = " ".join(name.replace("_", " ").split())
        self.positional: list[str] = []
        self.named: dict[str, str] = {}
        for argument in given:
            found = _NAMED.fullmatch(argument)
            if found is None:
                self.positional.append(argument.strip())
            elif found[1].strip().isdecimal():
                self.positional.append(found[2].strip())
            else:
                self.named[found[1].strip()] = found[2].strip()

    def converted(self) -> str:
        """What it says, as markup whose blocks are still to be done."""
        name = self._name.lower().removeprefix("template:").strip()
        if (function := self._function(name)) is not None:
            return function
        said = [text for text in self.positional if text]
        if name in _WORDS:
            return _WORDS[name]
        if name in _PLAIN:
            return said[-1] if said else ""
        if name in _CODE and self._given:
            return self._held.inline(md.code(self._flat(self._given[0].removeprefix("1="))))
        if name in ("tl", "tlx", "t", "template link") and said:
            return self._held.inline(md.code("{{" + self._flat("|".join(said)) + "}}"))
        if name in _LINKING and said:
            return (
                f"\n\n{_LINKING[name]}: " + ", ".join(self._linked(text) for text in said) + "\n\n"
            )
        if name in _DATES and said:
            return "-".join(part.zfill(2) for part in said[:3] if part.isdecimal())
        if name in ("bc", "block code", "code block") and said:
            return "\n" + self._held.block(md.fence(self._held.release(said[0]))) + "\n"
        if name == "convert" and len(said) > 1:
            return f"{said[0]} {said[1]}"
        if name.startswith(("cite", "citation")):
            return self._citation()
        if name in _BOXES and (text := said or list(self.named.values())):
            return self._box(_BOXES[name], "\n\n".join(text))
        self._losses.add(LossKind.TEMPLATE, self._name or "{{}}")
        return self._unknown(said)

    def _function(self, name: str) -> str | None:
        """Parser functions and variables: nothing is at hand to work them out with."""
        word = name.partition(":")[0]
        if word in ("pagename", "fullpagename"):
            return self._title
        if not (word.startswith("#") or word in _MAGIC):
            return None
        if word in ("lc", "uc", "lcfirst", "ucfirst", "formatnum", "plural", "gender"):
            return self._name.partition(":")[2].strip()
        if word not in ("defaultsort", "displaytitle"):
            self._losses.add(LossKind.MACRO, "{{" + word + "}}")
        return ""

    def _unknown(self, said: list[str]) -> str:
        if not self.named:
            return " ".join(said)
        values = [(key, self._flat(value)) for key, value in self.named.items()]
        lines = [f"- {key.replace('_', ' ')}: {value}" for key, value in values if value]
        lines[:0] = [f"- {self._flat(text)}" for text in said if text]
        if not lines:
            return ""
        if len(lines) < 3 and not self._name.lower().startswith("infobox"):
            return " ".join(line[2:] for line in lines)
        return "\n" + self._held.block("\n".join(lines)) + "\n"

    def _citation(self) -> str:
        told = {key.lower(): self._flat(value) for key, value in self.named.items()}
        url = told.get("url", "")
        title = told.get("title") or told.get("chapter") or (self.positional or [""])[0]
        linked = md.link(title or url, md.href(url)) if re.match("https?://", url) else title
        rest = [told[key] for key in _CITED if told.get(key)]
        return self._held.inline(", ".join(part for part in (linked, *rest) if part))

    def _box(self, label: str, text: str) -> str:

        inner = blocks(tables(self._inline(text), self._held), self._held)
        told = f"**{label}:** {inner}" if label else inner
        return (
            "\n"
            + self._held.block(
                "\n".join(f"> {line}".rstrip() for line in self._held.release(told).split("\n"))
            )
            + "\n"
        )

    def _flat(self, text: str) -> str:
        return self._held.flat(self._inline(text))

    def _linked(self, text: str) -> str:
        return text if Held.within(text) else self._link(text)

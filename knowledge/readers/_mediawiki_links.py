"""MediaWiki's links: titles, namespaces, and other wikis."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from knowledge.readers import _wikitext as md

INTERWIKI = {
    "wikipedia": "https://en.wikipedia.org/wiki/",
    "w": "https://en.wikipedia.org/wiki/",
    "wikt": "https://en.wiktionary.org/wiki/",
    "wiktionary": "https://en.wiktionary.org/wiki/",
    "commons": "https://commons.wikimedia.org/wiki/",
    "meta": "https://meta.wikimedia.org/wiki/",
    "mw": "https://www.mediawiki.org/wiki/",
    "mediawikiwiki": "https://www.mediawiki.org/wiki/",
    "wikidata": "https://www.wikidata.org/wiki/",
    "d": "https://www.wikidata.org/wiki/",
    "phab": "https://phabricator.wikimedia.org/",
    "rfc": "https://datatracker.ietf.org/doc/html/rfc",
    "doi": "https://doi.org/",
    "google": "https://www.google.com/search?q=",
}
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]{2,12})?|simple")
OPTION = re.compile(
    r"thumb(?:nail)?|frame(?:d|less)?|border|left|right|center|centre|none|upright(?:=.*)?|"
    r"baseline|middle|sub|super|top|bottom|text-top|text-bottom|\d*(?:x\d*)?\s*px|"
    r"(?:alt|link|class|lang|page|thumb|start|end|thumbtime)\s*=.*",
    re.I | re.S,
)


@dataclass(frozen=True, slots=True)
class Wiki:
    """What pages need to know of their wiki: the namespaces by their names in small letters, also
    their other names, and what they are called; and which page a title means."""

    namespaces: dict[str, int]
    names: dict[int, str]
    page: Callable[[str], str]
    interwiki: dict[str, str] = field(default_factory=dict)


def normal(title: str, wiki: Wiki) -> str:
    """A title as MediaWiki keeps it: spaces, a capital first letter, its namespace's own name."""
    title = " ".join(title.replace("_", " ").split())
    prefix, colon, rest = title.partition(":")
    space = wiki.namespaces.get(prefix.strip().lower()) if colon else None
    if space is None:
        return upper(title)
    name = wiki.names.get(space, prefix.strip())
    return f"{name}:{upper(rest.strip())}" if name else upper(rest.strip())


def upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def anchor(section: str) -> str:
    return md.href(re.sub(r"[^\w]+", "-", section.replace("_", " ").strip().lower()).strip("-"))

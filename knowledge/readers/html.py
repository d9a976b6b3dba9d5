"""Pages of HTML, one document a file, as browsers save them and wikis export them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from urllib.parse import quote

from bs4 import BeautifulSoup, Tag

from knowledge.exports import Entry, Refused, check_text, decode
from knowledge.readers import _html
from knowledge.readers._claims import Claim
from knowledge.readers._frontmatter import FrontMatter, author, moment
from knowledge.readers._links import PAGES
from knowledge.readers._nobody import is_nobody
from knowledge.readers._text import cut
from knowledge.readers._wikitext import Losses
from knowledge.readers._writeups import document
from knowledge.types import Kind, LossKind, SourceDocument

DESCRIPTION = "HTML pages, one write-up a file"

SUFFIXES = (".html", ".htm", ".xhtml")
_HEAD = 100_000
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{1,40})", re.I)
# Those that browsers know; Python knows others, which decode compressed or executable things.
_CHARSETS = re.compile(
    r"utf-?8|(?:windows|cp)-?125\d|iso-?8859-?\d{1,2}|latin-?1|us-ascii|koi8-[ru]|shift[_-]?jis|"
    r"euc-(?:jp|kr)|iso-2022-jp|gb2312|gbk|gb18030|big5|macintosh|windows-874"
)
_STARTS = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.{0,4000}?-->\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S
)
_SAVED_FROM = re.compile(r"<!-- saved from url=\(\d{4}\)(https?://\S{1,2000}) -->")
_AROUND = ("nav", "footer", "aside", "dialog")
_AROUND_ROLES = ("navigation", "banner", "contentinfo", "search", "complementary", "dialog")
_AUTHORS = ("author", "article:author", "dc.creator", "dcterms.creator", "citation_author")
_CREATED = ("article:published_time", "date", "dc.date", "dcterms.created", "created", "pubdate")
_UPDATED = ("article:modified_time", "og:updated_time", "dcterms.modified", "last-modified")


def claims(entry: Entry) -> Claim:
    """Every HTML file that no closer reader wants."""
    if entry.suffix not in SUFFIXES:
        return Claim.NO
    try:
        return Claim.CONTENT if _STARTS.match(entry.text()[:_HEAD]) else Claim.NAME
    except Refused:
        return Claim.NAME


def read(entry: Entry, source: str) -> Iterator[SourceDocument]:
    """The page's main part as one document. Raises Refused where it has no text."""
    text = _text(entry)
    matter = _matter(text)
    tree = _html.soup(text)
    main = _main(tree)
    losses = Losses()
    for embed in _html.embeds(main):
        losses.add(LossKind.EMBED, embed)
    heading = main.find("h1")
    title = _title(matter.title or "", cut(heading.get_text(" ")) if heading is not None else "")
    body = _html.to_markdown(main)
    if not body.strip():
        raise Refused("there is no text in it")
    made = document(
        entry, source, replace(matter, title=title), body, Kind.WRITEUP, is_page=_is_page(entry)
    )
    yield replace(made, losses=(*losses.told(), *made.losses))


def _title(told: str, heading: str) -> str:
    """Of "Gearbox oil - Our wiki" the part that is the page's: its heading is one of the two."""
    before = told[: len(told) - len(heading)] if told.lower().endswith(heading.lower()) else ""
    if own := re.fullmatch(r"(.*\S)\s*[-|:·»\u2013\u2014]\s*", before):
        return own[1]
    return heading if heading and heading.lower() in told.lower() else told or heading


def _is_page(entry: Entry) -> Callable[[str], bool]:
    def is_page(name: str) -> bool:
        suffix = PurePosixPath(name).suffix.lower()
        # What is there and has no suffix is no page: nobody could read it as one.
        return suffix in PAGES and (suffix != "" or entry.beside("/" + quote(name)) is None)

    return is_page


def _text(entry: Entry) -> str:
    """The page's text in UTF-8, or in what it says itself to be written in."""
    data = entry.read()
    try:
        return decode(data)
    except Refused as refusal:
        told = _CHARSET.search(data[:4096])
        name = told[1].decode("ascii", "replace").lower() if told else ""
        if not _CHARSETS.fullmatch(name) or b"\0" in data:
            raise
        try:
            text = data.decode(codecs.lookup(name).name)
        except (LookupError, UnicodeDecodeError) as error:
            raise refusal from error
        check_text(text)
        return text


def _matter(text: str) -> FrontMatter:
    """What the page's head says about it."""
    end = re.search(r"</head\s*>|<body\b", text[:_HEAD], re.I)
    head = _html.parse(text[: end.start() if end else _HEAD])
    told: dict[str, list[str]] = {}
    for meta in head.find_all("meta"):
        name = str(meta.get("name") or meta.get("property") or meta.get("http-equiv") or "")
        if value := " ".join(str(meta.get("content") or "").split()):
            told.setdefault(name.lower(), []).append(value)
    saved = _SAVED_FROM.search(text[:4096])
    canonical = head.find("link", rel="canonical", href=True)
    address = str(canonical["href"]) if canonical is not None else _first(told, ("og:url",))
    named = [value for name in _AUTHORS for value in told.get(name, ())]
    persons = (author(one) for one in named if not one.startswith(("http:", "https:")))
    people = [one for one in persons if one and not is_nobody(one.name)]
    keywords = (word.strip() for value in told.get("keywords", ()) for word in value.split(","))
    title = head.find("title")
    created, updated = _time(told, _CREATED), _time(told, _UPDATED)
    return FrontMatter(
        title=(cut(title.get_text()) if title is not None else "") or None,
        authors=tuple({person.name: person for person in people}.values()),
        tags=tuple(dict.fromkeys(word for word in keywords if word and len(word) <= 100)),
        created_at=created,
        updated_at=updated or created,
        url=address if re.match("https?://", address) else saved[1] if saved else None,
    )


def _main(tree: BeautifulSoup) -> Tag:
    """The part of a page that is its own, without what stands around it on every page."""
    body = tree.find("body") or tree
    found = body.find("main") or body.find(role="main") or body
    articles = found.find_all("article", limit=2)
    if len(articles) == 1 and len(articles[0].get_text()) * 2 > len(found.get_text()):
        found = articles[0]
    around = [*found.find_all(_AROUND), *found.find_all(role=list(_AROUND_ROLES))]
    around += [*found.find_all(hidden=True)]
    headed = {id(above) for title in found.find_all("h1") for above in title.parents}
    around += [one for one in found.find_all("header") if id(one) not in headed]
    # Each once, though a <nav> may have that role too, and whole.
    marked = {id(one): one for one in around}
    outer = [one for one in marked.values() if not any(id(up) in marked for up in one.parents)]
    # A page that is nothing but a list of links, say, is its own after all.
    text = found.get_text()
    if sum(len(one.get_text()) for one in outer) < len(text) or not text.strip():
        for one in outer:
            one.decompose()
    return found


def _first(told: dict[str, list[str]], names: tuple[str, ...]) -> str:
    return next((told[name][0] for name in names if name in told), "")


def _time(told: dict[str, list[str]], names: tuple[str, ...]) -> datetime | None:
    given = _first(told, names)
    if found := moment(given):
        return found
    try:
        return moment(parsedate_to_datetime(given))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None

"""MediaWiki's XML dumps, as they are or compressed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from urllib.parse import quote

from knowledge.exports import Entry, Export, Refused
from knowledge.readers import _mediawiki_dump as dump
from knowledge.readers._mediawiki import Page
from knowledge.readers._mediawiki_links import Wiki
from knowledge.readers._mediawiki_titles import Titles
from knowledge.readers._text import cut
from knowledge.types import Link, Loss, LossKind, ReadFailure, SourceDocument

DESCRIPTION = "MediaWiki's XML dump (.xml, .xml.gz, .xml.bz2)"

SUFFIXES = (".xml", ".gz", ".bz2")
_CONTENT = (0, 4, 12)  # articles, the project's own pages, help
_LONGEST_TITLE = 300
_LARGEST = 5_000_000
_FIRST_OF_ITS_OWN = 100
# Of extensions: forms, queries and code, not texts.
_NOT_TEXT = frozenset(
    "module gadget widget form concept property timedtext schema campaign topic item lexeme"
    " smw/schema smw/scheme data policy translations".split()
)
_ALIASES = {
    "media": -2,
    "special": -1,
    "talk": 1,
    "user": 2,
    "user talk": 3,
    "project": 4,
    "project talk": 5,
    "file": 6,
    "image": 6,
    "file talk": 7,
    "mediawiki": 8,
    "template": 10,
    "help": 12,
    "category": 14,
}


def recognises(export: Export) -> bool:
    """A dump, or several, that make up most of what is there."""
    every = [entry for entry in export.entries() if isinstance(entry, Entry)]
    dumps = sum(entry.size for entry in every if _is_dump(entry))
    return dumps > 0 and dumps * 2 > sum(entry.size for entry in every)


def read_export(export: Export, source: str) -> Iterator[SourceDocument | ReadFailure]:
    """Each page of articles, project and help, with links that know moved pages again."""
    dumps: list[Entry] = []
    for entry in export.entries():
        if isinstance(entry, ReadFailure):
            yield entry
        elif _is_dump(entry):
            dumps.append(entry)
        else:
            yield ReadFailure(entry.name, "lies beside a MediaWiki dump; import it on its own")
    titles = Titles()
    for entry in dumps:
        _note(entry, titles)
    for entry in dumps:
        try:
            yield from _pages(entry, titles, source)
        except Refused as refusal:
            yield ReadFailure(entry.name, str(refusal))


def _is_dump(entry: Entry) -> bool:
    return entry.suffix in SUFFIXES and dump.is_dump(entry)


def _note(entry: Entry, titles: Titles) -> None:
    """Which page each title means, before the first link is met."""
    site = dump.Site()
    try:
        for page in dump.pages(entry, site, texts=False):
            titles.add(page.title, page.id, page.redirect)
    except Refused:
        return  # the second reading gets as far, and says so


def _pages(entry: Entry, titles: Titles, source: str) -> Iterator[SourceDocument | ReadFailure]:
    site = dump.Site()
    wiki: Wiki | None = None
    left_out: Counter[int] = Counter()
    for page in dump.pages(entry, site):
        if wiki is None:
            names = dict(site.namespaces)
            spaces = _ALIASES | {name.lower(): space for space, name in names.items() if name}
            wiki = Wiki(spaces, names, partial(_target, titles))
        if page.redirect or page.text.lstrip()[:9].lower() == "#redirect":
            continue
        if not _is_content(page.namespace, site):
            left_out[page.namespace] += 1
            continue
        try:
            yield _document(page, site, wiki, source)
        except Refused as refusal:
            yield ReadFailure(page.id or page.title or entry.name, f"{page.title}: {refusal}")
    if left_out:
        counts = ", ".join(
            f"{site.namespaces.get(space) or space} {count:,}"
            for space, count in left_out.most_common()
        )
        yield ReadFailure(
            entry.name, f"pages that are neither articles, project pages nor help: {counts}"
        )


def _is_content(namespace: int, site: dump.Site) -> bool:
    if namespace in _CONTENT:
        return True
    name = site.namespaces.get(namespace, "").lower()
    own = namespace >= _FIRST_OF_ITS_OWN and namespace % 2 == 0
    return own and name not in _NOT_TEXT and not name.startswith(("gadget", "translat"))


def _target(titles: Titles, title: str) -> str:
    """What a link means: a page's id, or, where no page has the title yet, the title."""
    return titles.page(title) or f"title:{title}"


def _document(page: dump.Page, site: dump.Site, wiki: Wiki, source: str) -> SourceDocument:
    if page.problem:
        raise Refused(page.problem)
    if not page.id:
        raise Refused("it has no id")
    if len(page.text) > _LARGEST:
        return _plain(page, site, source)
    made = Page(page.text, page.title, wiki)
    if not made.body.strip():
        raise Refused("there is no text in it")
    return SourceDocument(
        source=source,
        external_id=page.id,
        title=cut(page.title) or f"Page {page.id}",
        body=made.body,
        url=_address(page.title, site),
        contributors=page.contributors,
        tags=tuple(dict.fromkeys(cut(tag)[:100] for tag in made.tags)),
        created_at=page.created_at,
        updated_at=page.updated_at,
        links=tuple(Link(href, to) for href, to in made.links.items() if to != page.id),
        losses=made.losses.told(),
        # What other dumps of the same wiki link to while they do not hold the page.
        aliases=(f"title:{page.title}",) if len(page.title) < _LONGEST_TITLE else (),
    )


def _plain(page: dump.Page, site: dump.Site, source: str) -> SourceDocument:
    """A page of megabytes (a log, mostly) as it stands, but for its headings: to convert its links
    would take many times its size."""
    body = re.sub(r"^(={1,6})[ \t]*([^=\n]+?)[ \t]*\1[ \t]*$", _heading, page.text, flags=re.M)
    loss = Loss(
        LossKind.FORMATTING, f"a page above {_LARGEST // 1_000_000} MB is kept as it stands"
    )
    return SourceDocument(
        source=source,
        external_id=page.id,
        title=cut(page.title) or f"Page {page.id}",
        body=body,
        url=_address(page.title, site),
        contributors=page.contributors,
        created_at=page.created_at,
        updated_at=page.updated_at,
        losses=(loss,),
    )


def _heading(found: re.Match[str]) -> str:
    return f"{'#' * len(found[1])} {found[2]}"


def _address(title: str, site: dump.Site) -> str | None:
    if not re.match(r"https?://[^/]+/", site.base):
        return None
    return site.base.rpartition("/")[0] + "/" + quote(title.replace(" ", "_"), safe=":/@!$()*,;~")

"""DokuWiki: its data folder, or any folder or archive around it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import unquote

from knowledge.exports import Entry, Export, Refused
from knowledge.readers import _dokuwiki
from knowledge.readers import _dokuwiki_ids as ids
from knowledge.readers._attachments import attachment
from knowledge.readers._dokuwiki_about import RULES, About, Wiki
from knowledge.readers._text import cut, headings
from knowledge.types import Attachment, Link, Loss, LossKind, ReadFailure, SourceDocument

DESCRIPTION = "DokuWiki's data folder (pages, meta, media)"

_SAMPLED = 20
_HEADING = re.compile(r"={2,6}[^=].*[^=]={2,6}")
_REFERENCE = re.compile(r"!?\[[^\[\]]{0,500}\]\([^()\s]{0,2000}\)")
_DATA = tuple(
    f"{name}/"
    for name in (
        *("pages", "media", "meta", "attic", "media_attic", "media_meta"),
        *("cache", "index", "locks", "log", "tmp"),
    )
)
_PROGRAM = ("bin/", "conf/", "inc/", "lib/", "vendor/")
_BESIDE = (".php", ".dist", ".json", ".lock", "README", "COPYING", "VERSION", "SECURITY.md")


def recognises(export: Export) -> bool:
    """Pages as text files in ``pages/``, with what DokuWiki keeps beside them or its markup.

    With access rules it is one whatever lies beside: read by file, its pages would be for all.
    """
    every = list(export.entries())
    names = [entry.name for entry in every if isinstance(entry, Entry)]
    root = _root(names)
    if root is None:
        return False
    if any(entry.name.rpartition("/")[2] == RULES for entry in every):
        return True
    around = root.removesuffix("data/")
    beside = sum(not name.startswith(around) for name in names)
    if beside > 2 or 2 * sum(map(_parts(root, names), names)) <= len(names):
        return False
    if any(
        name.startswith(root + "meta/") and name.endswith((".changes", ".meta")) for name in names
    ):
        return True
    return _looks_like_it(export, [name for name in names if name.startswith(root + "pages/")])


def read_export(export: Export, source: str) -> Iterator[SourceDocument | ReadFailure]:
    """Each page that there is today, with its people from the log of changes; and by name every
    file that is neither DokuWiki's nor shown by a page."""
    every = list(export.entries())
    names = [entry.name for entry in every if isinstance(entry, Entry)]
    root = _root(names)
    if root is None:
        raise Refused("holds no pages/ folder of DokuWiki's")
    is_part = _parts(root, names)
    read = (root + "pages/", root + "media/")
    yield from (
        one
        for one in every
        if isinstance(one, ReadFailure) and (one.name.startswith(read) or not is_part(one.name))
    )
    wiki = Wiki(export, root, every)
    shown: set[str | None] = set()
    for name in names:
        if name.startswith(root + "pages/") and name.endswith(".txt"):
            page = _id(name.removeprefix(root + "pages/").removesuffix(".txt"))
            try:
                document = _document(export, wiki, name, page, source)
            except Refused as refusal:
                yield ReadFailure(page, str(refusal))
                continue
            shown.update(file.entry for file in document.attachments)
            yield document
    yield from _left(names, root, shown, is_part)


def _left(
    names: list[str], root: str, shown: set[str | None], is_part: Callable[[str], bool]
) -> Iterator[ReadFailure]:
    for name in names:
        if name.rpartition("/")[2] == "_dummy":  # keeps DokuWiki's empty folders
            continue
        if name.startswith(root + "media/"):
            if name not in shown:
                yield ReadFailure(name, "no page shows it")
        elif name.startswith(root + "pages/"):
            if not name.endswith(".txt"):
                yield ReadFailure(name, "no page of DokuWiki's; import it on its own")
        elif not is_part(name):
            yield ReadFailure(name, "no part of DokuWiki's data; import it on its own")


def _parts(root: str, names: list[str]) -> Callable[[str], bool]:
    """Tells whether a file is DokuWiki's: of its data, its settings, or of the program around."""
    around = root.removesuffix("data/")
    data = tuple(root + folder for folder in _DATA)
    beside = f"{around}doku.php" in names
    own = tuple(around + folder for folder in (_PROGRAM if beside else ("conf/",)))

    def is_part(name: str) -> bool:
        if name.startswith((*data, *own)):
            return True
        top = name.startswith(around) and "/" not in name[len(around) :]
        return beside and top and name.endswith(_BESIDE)

    return is_part


def _document(export: Export, wiki: Wiki, name: str, page: str, source: str) -> SourceDocument:
    entry = export.get(name)
    if entry is None:
        raise Refused("cannot be opened")
    place = _dokuwiki.Place(
        page=lambda target: _address(ids.resolve(target, page, wiki.pages, wiki.start)),
        media=partial(_file, wiki, page),
        interwiki=wiki.interwiki,
    )
    made = _dokuwiki.Page(entry.text(), place)
    if not made.body.strip():
        raise Refused("there is no text in it")
    about = About.of(wiki, page)
    attachments, losses = _attached(export, wiki, made, about)
    updated = about.updated_at or entry.modified_at
    return SourceDocument(
        source=source,
        external_id=page,
        title=_title(made.body, page, wiki.start),
        body=made.body,
        contributors=about.contributors,
        tags=tuple(dict.fromkeys(cut(tag) for tag in made.tags if tag.strip())),
        created_at=about.created_at,
        updated_at=updated,
        restrictions=about.restrictions,
        links=tuple(Link(href, target) for href, target in made.links.items() if target != page),
        attachments=attachments,
        losses=(*made.losses.told(), *about.losses, *losses),
    )


def _title(body: str, page: str, start: str) -> str:
    """What heads the page, else the page's name: for a ``start`` page that of its namespace.

    A heading below some text is that of a section, if others of its level follow. Pictures and
    links to other pages are no text.
    """
    found = [heading for heading in headings(body) if heading.text]
    heads = found and (
        not re.search(r"\w", _REFERENCE.sub("", body[: found[0].start]))
        or all(one.level > found[0].level for one in found[1:])
    )
    namespace, _, name = page.rpartition(":")
    name = namespace.rpartition(":")[2] if name == start and namespace else name
    return (cut(found[0].text) if heads else "") or cut(name.replace("_", " ")) or page


def _address(page: str) -> tuple[str, str]:
    return page.replace(":", "/"), page


def _file(wiki: Wiki, page: str, target: str) -> str:
    return "media/" + ids.resolve_media(target, page, wiki.media).replace(":", "/")


def _attached(
    export: Export, wiki: Wiki, made: _dokuwiki.Page, about: About
) -> tuple[tuple[Attachment, ...], list[Loss]]:
    kept: list[Attachment] = []
    losses: list[Loss] = []
    for href, address in made.files.items():
        media = address.removeprefix("media/").replace("/", ":")
        # A page shows it to whom it may be shown: for the others, a folder has rules of its own.
        if not wiki.rights.of_media(media) <= set(about.restrictions):
            losses.append(Loss(LossKind.ATTACHMENT, f"{media}: for fewer readers than the page"))
            continue
        entry = export.get(wiki.media.get(media, ""))
        one = attachment(entry, href, media.rpartition(":")[2]) if entry else None
        if isinstance(one, Attachment):
            kept.append(one)
        else:
            losses.append(one or Loss(LossKind.ATTACHMENT, f"{media}: not in the export"))
    return tuple(kept), losses


def _root(names: list[str]) -> str | None:
    """The folder, with its slash, that holds ``pages/``: the one with the most pages."""
    counts: dict[str, int] = {}
    for name in names:
        if name.endswith(".txt"):
            before, found, _ = f"/{name}".partition("/pages/")
            if found:
                root = f"{before}/".removeprefix("/")
                counts[root] = counts.get(root, 0) + 1
    return min(counts, key=lambda root: (-counts[root], root)) if counts else None


def _looks_like_it(export: Export, pages: list[str]) -> bool:
    """Whether the markup is DokuWiki's, where nothing else of it was exported."""
    if not pages or not all(name.endswith(".txt") for name in pages):
        return False
    marked = read = 0
    for name in pages[:: max(1, len(pages) // _SAMPLED)][:_SAMPLED]:
        entry = export.get(name)
        try:
            text = entry.text() if entry else ""
        except Refused:
            continue
        read += 1
        marked += any(_HEADING.fullmatch(line.strip()[:1000]) for line in text.splitlines())
    return marked * 2 > read


def _id(path: str) -> str:
    return unquote(path).replace("/", ":")

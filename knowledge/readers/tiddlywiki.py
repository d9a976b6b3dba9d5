"""TiddlyWiki: wikis of files (.tid), single HTML files, and exports in JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from knowledge.exports import Entry, Export, Refused
from knowledge.markdown import hrefs
from knowledge.readers import _html, _tiddlers
from knowledge.readers import _wikitext as md
from knowledge.readers._attachments import attachment, embedded
from knowledge.readers._claims import Claim
from knowledge.readers._text import cut
from knowledge.readers._tiddlers import WIKITEXT, Tiddler
from knowledge.readers._tiddlywiki import Around, Page
from knowledge.types import Attachment, Link, Loss, LossKind, ReadFailure, SourceDocument

DESCRIPTION = "TiddlyWiki: .tid files, a single HTML file, or tiddlers in JSON"

_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".ico")
_MARKDOWN = ("text/x-markdown", "text/markdown")
_CODE = {
    "application/json": "json",
    "text/css": "css",
    "text/csv": "csv",
    "application/x-tiddler-dictionary": "",
    "text/vnd.tiddlywiki-multiple": "",
    "text/plain": "",
}
_PROGRAMS = ("application/javascript", "text/javascript", "text/css")


@dataclass(slots=True)
class Wiki:
    """The tiddlers of one wiki: what is read as documents, what pictures there are."""

    name: str
    prefix: str = ""
    titles: set[str] = field(default_factory=set)
    pictures: dict[str, Tiddler] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)


def recognises(export: Export) -> bool:
    """Files of tiddlers that make up most of what is there."""
    names = [entry.name for entry in export.entries() if isinstance(entry, Entry)]
    if not any(name.endswith(".tid") for name in names):
        return False
    companions = {name.removesuffix(".meta") for name in names if name.endswith(".meta")}
    ours = sum(
        name.endswith((".tid", ".meta", ".multids", ".info")) or name in companions
        for name in names
    )
    return ours * 2 > len(names)


def read_export(export: Export, source: str) -> Iterator[SourceDocument | ReadFailure]:
    """Every tiddler that is somebody's text; with several wikis, each below its folder's name."""
    entries: list[Entry] = []
    attached: set[str | None] = set()
    for entry in export.entries():
        if isinstance(entry, ReadFailure):
            yield entry
        else:
            entries.append(entry)
    roots = sorted(
        entry.name.removesuffix("tiddlywiki.info")
        for entry in entries
        if entry.name.rpartition("/")[2] == "tiddlywiki.info"
    )
    for root in roots or [""]:
        within = [entry for entry in entries if entry.name.startswith(root)]
        wiki = Wiki(root or export.name, root if len(roots) > 1 else "")
        for item in _files(wiki, within, source):
            if isinstance(item, SourceDocument):
                attached.update(file.entry for file in item.attachments)
            yield item
    described = {entry.name.removesuffix(".meta") for entry in entries if entry.suffix == ".meta"}
    for entry in entries:
        if roots and not entry.name.startswith(tuple(roots)):
            yield ReadFailure(entry.name, "lies in none of the wikis; import it on its own")
        elif not _is_part(entry) and not {entry.name} & (described | attached):
            yield ReadFailure(entry.name, "no tiddler, and none shows it; import it on its own")


def _is_part(entry: Entry) -> bool:
    """Whether it is read, or TiddlyWiki's own."""
    if entry.suffix == ".json":
        return _tiddlers.is_json(entry)
    return entry.suffix in (".tid", ".meta", ".multids", ".info", ".files", ".js")


def claims(entry: Entry) -> Claim:
    """A single file that is a wiki, or holds tiddlers."""
    if entry.suffix in (".html", ".htm") and _tiddlers.is_html(entry):
        return Claim.DECLARED
    if entry.suffix == ".json" and _tiddlers.is_json(entry):
        return Claim.CONTENT
    return Claim.CONTENT if entry.suffix == ".tid" else Claim.NO


def read(entry: Entry, source: str) -> Iterator[SourceDocument | ReadFailure]:
    """The tiddlers of a single file. Raises Refused where they are damaged or encrypted."""
    if entry.suffix == ".tid":
        tiddlers = [_tiddlers.tid(entry)]
    elif entry.suffix == ".json":
        tiddlers = list(_tiddlers.from_json(entry.text()))
    else:
        tiddlers = list(_tiddlers.from_html(entry.text()))
    wiki = Wiki(entry.name)
    for tiddler in tiddlers:
        _note(wiki, tiddler)
    for tiddler in tiddlers:
        yield from _each(wiki, tiddler, source)
    yield from _told(wiki)


def _files(wiki: Wiki, entries: list[Entry], source: str) -> Iterator[SourceDocument | ReadFailure]:
    """A folder of files: the first time round, only what the tiddlers are called."""
    by_name = {entry.name: entry for entry in entries}
    described: set[str] = set()
    for entry in entries:
        try:
            if entry.suffix == ".tid":
                told = _tiddlers.head(entry)
                told.setdefault("title", entry.name.rpartition("/")[2].removesuffix(".tid"))
                one = Tiddler(told, "", entry if _is_picture(told.get("type", "")) else None)
                _note(wiki, one)
            elif entry.suffix == ".meta" and entry.name.removesuffix(".meta") in by_name:
                described.add(entry.name.removesuffix(".meta"))
                _note(wiki, _beside(entry, by_name))
        except Refused:
            continue  # said when it is read
    for entry in entries:
        if entry.suffix in _PICTURES and entry.name not in described:
            title = entry.name.rpartition("/")[2]
            wiki.pictures.setdefault(title, Tiddler({"title": title}, "", entry))
    for entry in entries:
        try:
            yield from _documents(wiki, entry, by_name, described, source)
        except Refused as refusal:
            yield ReadFailure(entry.name, str(refusal))
    yield from _told(wiki)


def _documents(
    wiki: Wiki, entry: Entry, by_name: dict[str, Entry], described: set[str], source: str
) -> Iterator[SourceDocument | ReadFailure]:
    if entry.suffix == ".tid":
        yield from _each(wiki, _tiddlers.tid(entry), source)
    elif entry.suffix == ".multids":
        for tiddler in _tiddlers.multids(entry):
            yield from _each(wiki, tiddler, source)
    elif entry.suffix == ".json" and entry.name not in described and _tiddlers.is_json(entry):
        for tiddler in _tiddlers.from_json(entry.text()):
            yield from _each(wiki, tiddler, source)
    elif entry.suffix == ".meta" and entry.name.removesuffix(".meta") in by_name:
        tiddler = _beside(entry, by_name)
        if not _is_picture(tiddler.type) and tiddler.entry is not None:
            if not tiddler.type.startswith(("text/", "application/j", "application/x-t")):
                wiki.left_out["sounds, films and other files"] += 1
                return
            tiddler.text = tiddler.entry.text()
        yield from _each(wiki, tiddler, source)
    elif entry.suffix == ".js":
        wiki.left_out["scripts and styles"] += 1


def _beside(meta: Entry, by_name: dict[str, Entry]) -> Tiddler:
    """The tiddler whose content lies in a file and its fields in another beside it."""
    name = meta.name.removesuffix(".meta")
    told = _tiddlers.head(meta)
    told.setdefault("title", name.rpartition("/")[2])
    if "type" not in told and name.lower().endswith(_PICTURES):
        told["type"] = "image/" + name.rpartition(".")[2].lower()
    return Tiddler(told, "", by_name[name])


def _note(wiki: Wiki, tiddler: Tiddler) -> None:
    if _is_picture(tiddler.type):
        wiki.pictures.setdefault(tiddler.title, tiddler)
    elif not tiddler.system and tiddler.type not in _PROGRAMS:
        wiki.titles.add(tiddler.title)


def _is_picture(type: str) -> bool:
    return type.startswith("image/")


def _each(wiki: Wiki, tiddler: Tiddler, source: str) -> Iterator[SourceDocument | ReadFailure]:
    if tiddler.system:
        wiki.left_out["system tiddlers"] += 1
    elif not tiddler.title:
        wiki.left_out["tiddlers without a title"] += 1
    elif tiddler.type in _PROGRAMS:
        wiki.left_out["scripts and styles"] += 1
    elif _is_picture(tiddler.type):
        return
    elif not tiddler.text.strip():
        wiki.left_out["tiddlers without text"] += 1
    else:
        try:
            document = _document(wiki, tiddler, source)
        except Refused as refusal:
            yield ReadFailure(wiki.prefix + tiddler.title, str(refusal))
            return
        if document.body.strip():
            yield document
        else:
            wiki.left_out["tiddlers of nothing but macros"] += 1


def _told(wiki: Wiki) -> Iterator[ReadFailure]:
    if wiki.left_out:
        counts = ", ".join(f"{what} {count:,}" for what, count in wiki.left_out.most_common())
        yield ReadFailure(wiki.name, f"not imported: {counts}")


def _document(wiki: Wiki, tiddler: Tiddler, source: str) -> SourceDocument:
    links: dict[str, str] = {}
    pictures: dict[str, str] = {}
    losses: tuple[Loss, ...] = ()
    if tiddler.type == WIKITEXT:
        page = Page(tiddler.text, _around(wiki, tiddler))
        body, links, pictures = page.body, page.links, page.pictures
        losses = page.losses.told()
        if body.strip() and not tiddler.classic:
            told, more = _fields(wiki, tiddler)
            body, links = told + body, links | more
    elif tiddler.type in _MARKDOWN:
        body = tiddler.text
        links = dict(_markdown_links(wiki, body))
    elif tiddler.type == "text/html":
        body = _html.to_markdown(_html.soup(tiddler.text))
    else:
        kind = tiddler.type.rpartition("/")[2]
        body = md.fence(tiddler.text, _CODE.get(tiddler.type, kind)) + "\n"
    attachments, lost = _attached(wiki, pictures)
    title = cut(tiddler.title)
    own = wiki.prefix + tiddler.title
    return SourceDocument(
        source=source,
        external_id=own,
        title=title,
        body=body,
        contributors=tiddler.contributors,
        tags=tuple(cut(tag) for tag in tiddler.tags if tag and not tag.startswith("$:/")),
        created_at=tiddler.created_at,
        updated_at=tiddler.modified_at,
        links=tuple(Link(href, target) for href, target in links.items() if target != own),
        attachments=attachments,
        losses=(*losses, *lost),
        part=wiki.prefix.rstrip("/")[-200:],
    )


def _fields(wiki: Wiki, tiddler: Tiddler) -> tuple[str, dict[str, str]]:
    """Its own fields as a list above the text, like a database's properties, and their links."""
    told = ""
    links: dict[str, str] = {}
    for name, value in tiddler.own_fields:
        page = Page(value, _around(wiki, tiddler))
        if words := " ".join(page.body.split()):
            told += f"- {name}: {words}\n"
            links |= page.links
    return told and f"{told}\n", links


def _around(wiki: Wiki, tiddler: Tiddler) -> Around:
    def page(title: str) -> str | None:
        # A tiddler that nobody has written yet may come later; what is no text never will.
        return None if title.startswith("$:/") or title in wiki.pictures else wiki.prefix + title

    def picture(title: str) -> str | None:
        found = wiki.pictures.get(title)
        return None if found is None else found.fields.get("_canonical_uri") or title

    return Around(page, wiki.titles.__contains__, picture, tiddler.fields, tiddler.classic)


def _markdown_links(wiki: Wiki, body: str) -> Iterator[tuple[str, str]]:
    """In Markdown, tiddlers link as ``[words](#Title)``."""
    for href in hrefs(body):
        if href.startswith("#") and (title := unquote(href[1:])) in wiki.titles:
            yield href, wiki.prefix + title


def _attached(
    wiki: Wiki, pictures: dict[str, str]
) -> tuple[tuple[Attachment, ...], tuple[Loss, ...]]:
    attachments: list[Attachment] = []
    losses: list[Loss] = []
    for href, title in pictures.items():
        found = wiki.pictures.get(title)
        made: Attachment | Loss = Loss(LossKind.ATTACHMENT, f"{title}: not in the export")
        if found is not None:
            try:
                made = _picture(found, href, title)
            except Refused as refusal:
                made = Loss(LossKind.ATTACHMENT, f"{title}: {refusal}")
        if isinstance(made, Attachment):
            attachments.append(made)
        else:
            losses.append(made)
    return tuple(attachments), tuple(losses)


def _picture(found: Tiddler, href: str, title: str) -> Attachment | Loss:
    name = title.rpartition("/")[2] or title
    if found.entry is not None and found.entry.suffix != ".tid":
        return attachment(found.entry, href, name)
    whole = _tiddlers.tid(found.entry) if found.entry is not None else found
    suffix = found.type.partition("/")[2].partition("+")[0]
    return embedded(whole.data(), href, name if "." in name else f"{name}.{suffix}")

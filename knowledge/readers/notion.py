"""Notion's exports, as Markdown and CSV or as HTML, zipped as Notion does it or unpacked."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.exports import Entry, Export, Refused
from knowledge.markdown import hrefs
from knowledge.readers import _frontmatter
from knowledge.readers import _notion_names as names
from knowledge.readers import _notion_pages as pages
from knowledge.readers import _wikitext as md
from knowledge.readers._attachments import attachment
from knowledge.readers._claims import Claim
from knowledge.readers._notion_properties import Property, about
from knowledge.readers._notion_tables import Tables, references
from knowledge.readers._text import cut
from knowledge.readers._wikitext import Losses
from knowledge.types import Attachment, Link, Loss, LossKind, ReadFailure, SourceDocument

DESCRIPTION = "Notion's export: Markdown and CSV, or HTML"


def recognises(export: Export) -> bool:
    """Pages and tables whose names end with Notion's ids."""
    return names.is_notions(e.name for e in export.entries() if isinstance(e, Entry))


def claims(entry: Entry) -> Claim:
    """A single page of an HTML export."""
    if entry.suffix != ".html":
        return Claim.NO
    try:
        return Claim.DECLARED if pages.is_html_page(entry.text()) else Claim.NO
    except Refused:
        return Claim.NO


def read(entry: Entry, source: str) -> Iterator[SourceDocument | ReadFailure]:
    """A single page, with what lies beside it."""
    yield _page(entry, source, None)


def read_export(export: Export, source: str) -> Iterator[SourceDocument | ReadFailure]:
    """Every page, and every table that has no page of its own."""
    found = list(export.entries())
    every = [entry.name for entry in found if isinstance(entry, Entry)]
    tables = Tables(export, every)
    attached: set[str] = set()
    paged: set[str] = set()
    others: list[str] = []
    for one in found:
        if isinstance(one, ReadFailure):
            if not one.name.endswith("index.html"):
                yield one
        elif _is_index(one):
            continue
        elif one.name.endswith(names.PAGES):
            paged.add(names.page_id(one.name))
            try:
                document = _page(one, source, tables)
            except Refused as refusal:
                yield ReadFailure(names.page_id(one.name), str(refusal))
                continue
            attached.update(file.entry or "" for file in document.attachments)
            yield document
        elif not one.name.endswith(".csv"):
            others.append(one.name)
    for page, name in tables.names.items():
        if page not in paged:
            made = _table(export, source, tables, page, name)
            if isinstance(made, SourceDocument):
                attached.update(file.entry or "" for file in made.attachments)
            yield made
    for name in others:
        if name not in attached:
            yield ReadFailure(name, "no page of the export refers to it")


def _is_index(entry: Entry) -> bool:
    return entry.name.rpartition("/")[2] == "index.html" and entry.name.count("/") < 2


def _page(entry: Entry, source: str, tables: Tables | None) -> SourceDocument:
    page = names.page_id(entry.name)
    text = entry.text()
    # Notion writes none, and what it says of readers must not be read over.
    if page == entry.name and _frontmatter.parse(text)[1] is not text:
        raise Refused("no page of Notion's, for it has front matter; import it on its own")
    if entry.suffix == ".html":
        made = pages.html(text)
        page = names.parted(entry.name)[1] or made.id or page
    else:
        made = pages.markdown(text, tables.columns(entry.name) if tables else [])
    links: dict[str, str] = {}
    parts = [made.description, _told(entry, made.properties, links), made.body]
    if tables is not None and page in tables.names:
        try:
            table, rows = tables.markdown(page, entry)
        except Refused:
            table, rows = "", {}
        parts.append(table)
        links |= rows
    title = made.title or cut(names.parted(entry.name)[0]) or "Untitled"
    body = "\n\n".join((f"# {title}", *(part for part in parts if part.strip()))) + "\n"
    base = tables.entry(page) if tables is not None else None
    attachments, losses = _followed((entry, base or entry), body, links, page)
    lost = Losses()
    for embed in made.embeds:
        lost.add(LossKind.EMBED, embed)
    said = about(made.properties)
    return SourceDocument(
        source=source,
        external_id=page,
        title=title,
        body=body,
        url=names.address(page),
        contributors=said.contributors,
        tags=said.tags,
        created_at=said.created_at,
        updated_at=said.updated_at or entry.modified_at,
        links=tuple(Link(href, target) for href, target in links.items() if target != page),
        attachments=attachments,
        losses=(*lost.told(), *losses),
    )


def _table(
    export: Export, source: str, tables: Tables, page: str, name: str
) -> SourceDocument | ReadFailure:
    entry = export.get(name)
    try:
        if entry is None:
            raise Refused("the table cannot be opened")
        table, links = tables.markdown(page, entry)
    except Refused as refusal:
        return ReadFailure(page, str(refusal))
    title = cut(names.parted(name)[0]) or "Untitled"
    body = f"# {title}\n\n{table}\n"
    attachments, losses = _followed((entry,), body, links, page)
    return SourceDocument(
        source=source,
        external_id=page,
        title=title,
        body=body,
        url=names.address(page),
        updated_at=entry.modified_at,
        links=tuple(Link(href, target) for href, target in links.items()),
        attachments=attachments,
        losses=tuple(losses),
    )


def _told(entry: Entry, properties: list[Property], links: dict[str, str]) -> str:
    """The properties as a list: they are searched, and read, like the text below them."""
    return "\n".join(
        f"- {one.name}: {references(entry, one.value, links)}" for one in properties if one.value
    )


def _followed(
    bases: tuple[Entry, ...], body: str, links: dict[str, str], page: str
) -> tuple[tuple[Attachment, ...], list[Loss]]:
    """Where the body's links lead: pages are added to ``links``, files are attached. ``bases``:
    the files that it comes from, a page's and its table's."""
    entry = bases[0]
    attachments: list[Attachment] = []
    losses: list[Loss] = []
    for href in dict.fromkeys(hrefs(body)):
        if href in links:
            continue
        target = names.target(entry, href)
        if target is not None:
            links[href] = target
            continue
        name = entry.name_beside(href)
        if name is None or name == page:
            continue
        file = next((found for base in bases if (found := base.beside(href))), None)
        made = attachment(file, href) if file else None
        if isinstance(made, Attachment):
            attachments.append(made)
        else:
            shown = md.href(name.rpartition("/")[2])
            losses.append(made or Loss(LossKind.ATTACHMENT, f"{shown}: not in the export"))
    return tuple(attachments), losses

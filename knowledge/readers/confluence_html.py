"""Confluence's HTML export of a space: a page a file, with its files beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from knowledge.exports import Entry, Export, Refused
from knowledge.readers import _wikitext as md
from knowledge.readers._attachments import attachment
from knowledge.readers._confluence_files import File, documents, texts
from knowledge.readers._confluence_links import Page, Places, page_href
from knowledge.readers._confluence_rendered import comments, date, rendered
from knowledge.readers._html import soup
from knowledge.readers._text import cut
from knowledge.types import (
    Contributor,
    Loss,
    LossKind,
    ReadFailure,
    Role,
    SourceDocument,
)

DESCRIPTION = "Confluence space, exported as HTML"

_INDEX = "index.html"
_NUMBER = re.compile(r"(?:.*_)?(\d{3,19})\.html\Z")
_PARTS = ("attachments/", "images/", "styles/", "thumbnails/", "scripts/")
_DECORATION = ("images/icons/", "images/emoticons/")


def recognises(export: Export) -> bool:
    """Whether it is one such export: an index as Confluence writes it, with pages beside it."""
    return any(True for _ in _indexes(export))


def read_export(export: Export, source: str) -> Iterator[SourceDocument | ReadFailure]:
    """Every page that lies below an index; and by name every file that is no part of it."""
    roots = [index.name[: -len(_INDEX)] for index in _indexes(export)]
    if not roots:
        raise Refused("it holds no index.html of a Confluence export")
    pages = {
        entry.name: _id(entry.name)
        for entry in export.entries()
        if isinstance(entry, Entry) and _is_page(entry, roots)
    }
    if not pages:
        raise Refused("there is no page beside its index; export the space again")
    files: list[str] = []
    shown: set[str | None] = set()
    for entry in export.entries():
        if isinstance(entry, ReadFailure):
            yield entry
        elif entry.name in pages:
            try:
                for document in _documents(entry, source, pages):
                    shown.update(file.entry for file in document.attachments)
                    yield document
            except Refused as refusal:
                yield ReadFailure(pages[entry.name], str(refusal))
        elif not _is_part(entry.name, roots):
            yield ReadFailure(entry.name, "no part of a Confluence export; import it by itself")
        elif "/attachments/" in f"/{entry.name}" and "/thumbnails/" not in entry.name:
            files.append(entry.name)
    for name in files:
        if name not in shown:
            yield ReadFailure(name, "no page of the export shows it")


def _indexes(export: Export) -> Iterator[Entry]:
    for entry in export.entries():
        if isinstance(entry, Entry) and entry.name.rsplit("/", 1)[-1] == _INDEX:
            try:
                text = entry.text()
            except Refused:
                continue
            if "pageSectionTitle" in text and "Confluence" in text:
                yield entry


def _is_page(entry: Entry, roots: list[str]) -> bool:
    root = _root(entry.name, roots)
    rest = entry.name[len(root) :] if root is not None else ""
    return (
        entry.suffix in (".html", ".htm")
        and rest not in ("", _INDEX)
        and not rest.startswith(_PARTS)
    )


def _is_part(name: str, roots: list[str]) -> bool:
    root = _root(name, roots)
    rest = name[len(root) :] if root is not None else ""
    return rest == _INDEX or rest.startswith(_PARTS)


def _root(name: str, roots: list[str]) -> str | None:
    return max((root for root in roots if name.startswith(root)), key=len, default=None)


def _id(name: str) -> str:
    """The page's id, which Confluence writes into the file's name; else that name."""
    found = _NUMBER.match(name.rsplit("/", 1)[-1])
    return found[1] if found else name


def _squeezed(name: str) -> str:
    """The title in a file's name, in which dashes stand for blanks, without either."""
    return name.rsplit("/", 1)[-1].rpartition("_")[0].replace("-", "")


def _documents(entry: Entry, source: str, pages: dict[str, str]) -> Iterator[SourceDocument]:
    tree = soup(entry.text())
    content = tree.find(id="main-content")
    if not isinstance(content, Tag):
        raise Refused("no page of Confluence: it has no main content")
    id = pages[entry.name]
    page = Page(Places(ids={pages[name]: _squeezed(name) for name in pages}), id)
    files = _Files(entry, tree)
    for node in (content, _section(tree.find(id="comments"))):
        if node is not None:
            _lead(node, entry, page, pages)
            _show(node, entry, files)
    title = _title(tree, entry)
    body = rendered(tree, content, page) or title
    if said := comments(tree, page):
        body += f"\n\n## Comments\n\n{said}"
    people, created, updated = _people(tree)
    attached = list(files.attached())
    found, unread = texts(attached)
    whole = SourceDocument(
        source=source,
        external_id=id,
        title=title,
        body=body + "\n",
        contributors=people,
        tags=tuple(dict.fromkeys(a.get_text().strip() for a in tree.select(".label-list a[rel]"))),
        created_at=created,
        updated_at=updated,
        links=page.links,
        attachments=tuple(file.attachment for file in attached),
        losses=(*page.losses(), *files.lost, *unread),
    )
    yield whole
    yield from documents(whole, page_href(id), found)


def _section(heading: object) -> Tag | None:
    found = heading.find_parent(class_="pageSection") if isinstance(heading, Tag) else None
    return found if isinstance(found, Tag) else None


def _lead(node: Tag, entry: Entry, page: Page, pages: dict[str, str]) -> None:
    """Let links to pages name them by their ids, and people who are mentioned be their names."""
    for link in node.select("a[href]"):
        href = str(link["href"])
        name = entry.name_beside(href)
        fragment = unquote(urlsplit(href).fragment) if name else ""
        if "confluence-userlink" in (link.get("class") or ()):
            link.unwrap()
        elif name is not None and (name in pages or _NUMBER.match(name.rsplit("/", 1)[-1])):
            # Anchors of headings begin with the title, which the file's name has too.
            fragment = fragment.removeprefix(f"{_squeezed(name)}-") or fragment
            link["href"] = page.numbered(pages.get(name) or _id(name), fragment)
        elif name is None and href.startswith("#"):
            link["href"] = page.numbered(page.id, unquote(href[1:]))
        elif name is None:
            link["href"] = page.address(href)


def _show(node: Tag, entry: Entry, files: _Files) -> None:
    """Note the files that are shown or linked, the whole picture in place of a small one."""
    for image in node.select("img[src]"):
        src, told = str(image["src"]), image.get
        if "emoticon" in (told("class") or ()):
            continue
        if src.startswith(_DECORATION):
            image.decompose()
            continue
        alias = str(told("data-linked-resource-default-alias") or "")
        owner, id = told("data-linked-resource-container-id"), told("data-linked-resource-id")
        whole = f"attachments/{owner}/{id}{alias[alias.rfind('.') :] if '.' in alias else ''}"
        if owner and id and src != whole and entry.beside(whole):
            src = whole
        image["src"] = src
        image["alt"] = str(told("alt") or "") or alias
        if entry.name_beside(src) is not None:
            files.add(src, alias)
    for link in node.select("a[href]"):
        href = str(link["href"])
        if href.startswith("attachments/"):
            files.add(href, str(link.get("data-linked-resource-default-alias") or ""))


def _title(tree: BeautifulSoup, entry: Entry) -> str:
    """Without the space's name, which stands before it."""
    found = tree.find(id="title-text")
    text = found.get_text() if isinstance(found, Tag) else ""
    words = " ".join((text or (tree.title.get_text() if tree.title else "")).split())
    first = tree.select_one("#breadcrumbs li.first, #breadcrumbs li")
    space = " ".join(first.get_text().split()) if first is not None else ""
    if space and words.startswith(f"{space} : "):
        return cut(words[len(space) + 3 :])
    return cut(words.partition(" : ")[2] or words) or entry.name


def _people(
    tree: BeautifulSoup,
) -> tuple[tuple[Contributor, ...], datetime | None, datetime | None]:
    """Who created and who last changed it, and when: "Created by A, last modified by B on D"."""
    metadata = tree.select_one(".page-metadata")
    if metadata is None:
        return (), None, None
    author, editor = (
        " ".join(found.get_text().split()) if (found := metadata.select_one(where)) else ""
        for where in (".author", ".editor")
    )
    told = metadata.get_text()
    at = date(told)
    changed = bool(editor) or "last modified" in told
    people = [Contributor(author, Role.AUTHOR, at=None if editor else at)] if author else []
    if editor and editor != author:
        people.append(Contributor(editor, Role.EDITOR, at=at))
    return tuple(people), None if changed else at, at


class _Files:
    """The files of a page: those that it lists and those that it shows."""

    def __init__(self, entry: Entry, tree: BeautifulSoup) -> None:
        self._entry = entry
        self._names: dict[str, str] = {}
        self.lost: list[Loss] = []
        for link in tree.select(".greybox a[href]"):
            self.add(str(link["href"]), " ".join(link.get_text().split()))

    def add(self, href: str, name: str = "") -> None:
        """A file by how the page refers to it."""
        self._names.setdefault(md.href(href), name)

    def attached(self) -> Iterator[File]:
        """Those that the export holds; what it does not is lost."""
        for href, name in self._names.items():
            entry = self._entry.beside(href)
            called = name or unquote(urlsplit(href).path).rsplit("/", 1)[-1]
            if entry is None:
                self.lost.append(Loss(LossKind.ATTACHMENT, f"{called}: not in the export"))
                continue
            made = attachment(entry, href, called)
            if isinstance(made, Loss):
                self.lost.append(made)
            else:
                yield File(made, entry)

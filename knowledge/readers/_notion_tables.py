"""Notion's databases: a table beside the folder of its rows, each row a page of its own."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from html import unescape
from urllib.parse import unquote

from knowledge.exports import Entry, Export, Refused
from knowledge.readers import _notion_names as names
from knowledge.readers import _wikitext as md

_REFERENCE = re.compile(
    r"([^,()\n]{1,300}) \(((?:[^()\s]{1,2000}\.(?:md|html|csv))|https://www\.notion\.so/[^()\s]+)\)"
)
_TITLE = re.compile(r"<title>([^<]{0,1000})</title>|^# ([^\r\n]{1,1000})", re.M)
_HEAD = 3000
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp")


class Tables:
    """The tables of an export by their ids, ``_all`` preferred: it has the hidden columns too."""

    def __init__(self, export: Export, all_names: Iterable[str]) -> None:
        self._export = export
        self.names: dict[str, str] = {}
        self._columns: dict[str, list[str]] = {}
        self._rows: dict[str, list[str]] = {}
        for name in all_names:
            if name.endswith(".csv"):
                page = names.page_id(name.replace("_all.csv", ".csv"))
                if page not in self.names or name.endswith("_all.csv"):
                    self.names[page] = name
            elif name.endswith(names.PAGES):
                self._rows.setdefault(name.rpartition("/")[0], []).append(name)

    def columns(self, page: str) -> list[str]:
        """The names of the columns of the table that has this page as a row."""
        folder = page.rpartition("/")[0]
        name = self.names.get(names.page_id(folder), "") if folder else ""
        if name and name not in self._columns:
            try:
                self._columns[name] = next(iter(self._read(name)), [])
            except Refused:
                self._columns[name] = []
        return self._columns.get(name, [])

    def entry(self, page: str) -> Entry | None:
        """The file of a page's table."""
        return self._export.get(self.names.get(page, ""))

    def markdown(self, page: str, from_entry: Entry) -> tuple[str, dict[str, str]]:
        """A table, and its links (as written, and the ids of what they mean).

        Raises Refused when it is none.
        """
        name = self.names[page]
        rows = self._read(name)
        if not rows:
            raise Refused("the table is empty")
        base = self._export.get(name) or from_entry
        links: dict[str, str] = {}
        pages = self._titles(name)
        made = [rows[0]]
        for row in rows[1:]:
            first = row[0].strip() if row else ""
            cells = [references(base, cell, links) for cell in row]
            found = pages.get(names.same(first), ())
            # Several rows of one title: nothing tells which of them it is.
            if len(found) == 1 and first:
                href = md.href(names.parted(found[0])[1] or found[0].rpartition("/")[2])
                links[href] = names.page_id(found[0])
                cells[0] = md.link(first, href)
            made.append(cells)
        return md.table(made, header=True), links

    def _titles(self, table: str) -> dict[str, list[str]]:
        """The pages in the table's folder by their titles."""
        stem = re.sub(r"(?:_all)?\.csv$", "", table)
        found: dict[str, list[str]] = {}
        for name in self._rows.get(stem, ()):
            found.setdefault(names.same(self._title(name)), []).append(name)
        return found

    def _title(self, name: str) -> str:
        entry = self._export.get(name)
        try:
            if entry is not None:
                with entry.open() as stream:
                    head = stream.read(_HEAD).decode("utf-8", "replace")
                if told := _TITLE.search(head):
                    return unescape(told[1] or told[2] or "").strip()
        except Refused:
            pass
        return names.parted(name)[0]

    def _read(self, name: str) -> list[list[str]]:
        entry = self._export.get(name)
        if entry is None:
            raise Refused("the table cannot be opened")
        lines = entry.text().splitlines(keepends=True)
        try:
            return [row for row in csv.reader(lines) if any(cell.strip() for cell in row)]
        except csv.Error as error:
            raise Refused(f"no table that can be read ({error}); export it again") from error


def references(entry: Entry, text: str, links: dict[str, str]) -> str:
    """A value with its references to pages, ``Title (path)``, as links, and the files that it is
    made of shown or linked."""
    if files := _files(entry, text):
        return ", ".join(files)

    def made(found: re.Match[str]) -> str:
        page = names.target(entry, found[2])
        if page is None:
            return found[0]
        href = md.href(found[2])
        links[href] = page
        lead = found[1][: len(found[1]) - len(found[1].lstrip())]
        return lead + md.link(found[1].strip(), href)

    return _REFERENCE.sub(made, text)


def _files(entry: Entry, text: str) -> list[str]:
    """The paths of a column of files as Markdown; none where the value is anything else."""
    shown: list[str] = []
    for path in text.strip().split(", ") if "." in text else ():
        # A value that is also a page's name is text: pages are referred to with their titles.
        file = entry.beside(path) if "/" in path else None
        if file is None or file.name == entry.name or file.name.endswith((".md", ".html", ".csv")):
            return []
        name = unquote(path.rpartition("/")[2])
        picture = name.lower().endswith(_PICTURES)
        shown.append((md.image if picture else md.link)(name, md.href(path)))
    return shown

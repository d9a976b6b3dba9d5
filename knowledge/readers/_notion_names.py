"""Notion's file names: a title, and the page's id, which stays wherever the page goes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from knowledge.exports import Entry

PAGES = (".md", ".html")
_ID = re.compile(r"^(.*?)[ _-]?\b([0-9a-f]{32})(_all)?$", re.S)
_ADDRESS = re.compile(
    r"https?://(?:www\.)?notion\.(?:so|site|com)/(?:[^?#\s]*[/-])?([0-9a-f]{32})(?:[?#]\S*)?$"
)
_PARTLY = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")


def parted(name: str) -> tuple[str, str]:
    """The title and the id in a path; "" where there is no id."""
    stem = name.rpartition("/")[2].rpartition(".")[0] or name.rpartition("/")[2]
    found = _ID.match(stem)
    return (found[1].strip(), found[2]) if found else (stem.removesuffix("_all").strip(), "")


def page_id(name: str) -> str:
    """A page's external id: Notion's, else the path."""
    return parted(name)[1] or name


def is_notions(names: Iterable[str]) -> bool:
    """Whether more than half of the pages and tables carry ids, and at least one does.

    A title stands before each, be it "Untitled"; names that are nothing else are Joplin's.
    """
    told = [
        all(parted(name))
        for name in names
        if name.endswith((*PAGES, ".csv")) and name.rpartition("/")[2] != "index.html"
    ]
    return any(told) and sum(told) * 2 > len(told)


def target(entry: Entry, href: str) -> str | None:
    """The id of the page that a link means; None for whatever else it leads to."""
    if found := _ADDRESS.match(href):
        return found[1]
    name = entry.name_beside(href)
    if name is None or not name.endswith((*PAGES, ".csv")):
        return None
    return page_id(name)


def address(page: str) -> str | None:
    """Where a page lies at Notion's."""
    return f"https://www.notion.so/{page}" if _PARTLY.fullmatch(page) else None


def same(title: str) -> str:
    """A title as it is compared with others."""
    return " ".join(unquote(title).split()).lower()

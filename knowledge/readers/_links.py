"""Links of Markdown to the files beside it: to other documents, and to what is attached."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from knowledge.exports import Entry
from knowledge.markdown import hrefs
from knowledge.readers._attachments import attachment
from knowledge.types import Attachment, Link, Loss, LossKind

PAGES = (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".txt", ".text", ".html", ".htm", "")
"""Suffixes of what a link leads to as a page; anything else is attached."""


def beside(
    entry: Entry, body: str, is_page: Callable[[str], bool] | None = None
) -> tuple[tuple[Link, ...], tuple[Attachment, ...], tuple[Loss, ...]]:
    """What a Markdown body refers to in its own export.

    A document is known by its entry's name, as everywhere where one file is one document.
    """
    links: dict[str, Link] = {}
    attachments: dict[str, Attachment] = {}
    losses: list[Loss] = []
    for href in dict.fromkeys(hrefs(body)):
        name = entry.name_beside(href)
        found = entry.beside(href) or _index(entry, href)
        name = found.name if found else name
        if name is None and _leads_out(entry, href):
            losses.append(Loss(LossKind.LINK, f"{href[:200]}: out of the export"))
        if name is None or name == entry.name:
            continue
        if (is_page or _is_page)(name):
            links[href] = Link(href, name)
        elif found is not None:
            made = attachment(found, href)
            if isinstance(made, Loss):
                losses.append(made)
            else:
                attachments[href] = made
        else:
            links[href] = Link(href, name)
    return tuple(links.values()), tuple(attachments.values()), tuple(losses)


def _leads_out(entry: Entry, href: str) -> bool:
    """Whether a link means a file beside the folder that was exported."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    if parts.scheme or parts.netloc or parts.path.startswith("/"):
        return False
    path = posixpath.join(posixpath.dirname(entry.name), unquote(parts.path))
    return posixpath.normpath(path).startswith("../")


def _index(entry: Entry, href: str) -> Entry | None:
    """The page that stands for a folder."""
    path = re.split(r"[?#]", href)[0]
    if not path:
        return None
    folder = path.rstrip("/")
    tries = (entry.beside(f"{folder}/index{suffix}") for suffix in (".html", ".htm", ".md"))
    return next((found for found in tries if found is not None), None)


def _is_page(name: str) -> bool:
    last = name.rsplit("/", 1)[-1]
    dot = last.rfind(".")
    return (last[dot:].lower() if dot > 0 else "") in PAGES

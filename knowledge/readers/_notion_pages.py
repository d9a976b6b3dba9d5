"""Notion's pages, in Markdown and in HTML: title, properties and text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from knowledge.readers import _html
from knowledge.readers._notion_properties import KNOWN, Property
from knowledge.readers._text import cut

_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_PROPERTY = re.compile(r"([^:\n]{1,100}): (.*)$")
_ITEM = re.compile(r"([ ]*)(?:-|\d+\.) ")
_TOGGLES = {"1.875em": "h1", "1.5em": "h2", "1.25em": "h3"}
_PAGE = re.compile(r"<article id=\"[0-9a-f-]{32,36}\" class=\"page\b")


@dataclass(slots=True)
class Page:
    """A page's parts; ``body`` is without its title and properties."""

    title: str
    body: str
    properties: list[Property] = field(default_factory=list)
    embeds: list[str] = field(default_factory=list)
    description: str = ""
    id: str = ""


def is_html_page(text: str) -> bool:
    """Whether a page of HTML is Notion's."""
    return _PAGE.search(text, 0, 200_000) is not None


def markdown(text: str, columns: list[str]) -> Page:
    """A page in Markdown. ``columns``: the properties that its table has."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    title, at = "", 0
    if lines[0].startswith("# "):
        title, at = cut(lines[0][2:]), 1
    start = at + 1 if at < len(lines) and not lines[at].strip() else at
    properties: list[Property] = []
    stop = start
    named = {column.strip().lower() for column in columns} | KNOWN
    while stop < len(lines) and (found := _PROPERTY.match(lines[stop])):
        if found[1].strip().lower() not in named:
            break
        properties.append(Property(found[1].strip(), found[2].strip()))
        stop += 1
    # Properties are a block of their own; what goes on below is a paragraph that looks like them.
    if stop < len(lines) and lines[stop].strip():
        properties, stop = [], at
    return Page(title, _callouts(lines[stop:]).strip(), properties)


def html(text: str) -> Page:
    """A page in HTML. Raises Refused when it nests too deeply."""
    tree = _html.soup(text)
    page = tree.find("article", class_="page") or tree.find("body") or tree
    heading = page.find(class_="page-title") or page.find("h1")
    title = cut(heading.get_text()) if heading is not None else ""
    description = page.find("p", class_="page-description")
    properties = _properties(page)
    body = page.find(class_="page-body") or page
    if body is page:
        for header in page.find_all("header"):
            header.decompose()
    _prepare(tree, body)
    embeds = _html.embeds(body)
    told = " ".join(description.get_text().split()) if description is not None else ""
    told_id = str(page.get("id") or "").replace("-", "")
    page_id = told_id if re.fullmatch("[0-9a-f]{32}", told_id) else ""
    text = _tight(_html.to_markdown(body)).strip()
    return Page(title, text, properties, embeds, told, page_id)


def _properties(page: Tag) -> list[Property]:
    table = page.find("table", class_="properties")
    made: list[Property] = []
    for row in table.find_all("tr") if table is not None else ():
        name, value = row.find("th"), row.find("td")
        if name is None or value is None:
            continue
        kinds = [str(k) for k in row.get("class") or () if str(k).startswith("property-row-")]
        box = value.find(class_="checkbox")
        several: tuple[str, ...] = ()
        if box is not None:
            text = "Yes" if "checkbox-on" in (box.get("class") or ()) else "No"
        else:
            parts = value.find_all(class_=("selected-value", "user"))
            several = tuple(cut(part.get_text().lstrip("@")) for part in parts)
            text = ", ".join(several) or " ".join(value.get_text(" ").split()).lstrip("@")
        if text:
            kind = kinds[0].removeprefix("property-row-") if kinds else ""
            made.append(Property(cut(name.get_text()), text, several, kind))
    return made


def _prepare(tree: BeautifulSoup, body: Tag) -> None:
    """What is Notion's own as HTML that says what it is."""
    for one in body.find_all(["nav", "header"]):
        one.decompose()
    for icon in body.find_all(class_=("icon", "bookmark-icon", "bookmark-image")):
        if not icon.decomposed and icon.name == "img":
            icon.decompose()
    for box in body.find_all("div", class_="checkbox"):
        box.replace_with(
            NavigableString("[x] " if "checkbox-on" in (box.get("class") or ()) else "[ ] ")
        )
    for bookmark in body.find_all("a", class_="bookmark"):
        title = bookmark.find(class_="bookmark-title")
        told = title.get_text().strip() if title is not None else ""
        bookmark.string = told or str(bookmark.get("href") or "")
    for callout in body.find_all("figure", class_="callout"):
        callout.name = "blockquote"
    for summary in body.find_all("summary"):
        for size, level in _TOGGLES.items():
            if f"font-size:{size}" in str(summary.get("style") or "").replace(" ", ""):
                summary.name = level
    for block in body.find_all("figure", class_="equation"):
        tex = block.find("annotation", attrs={"encoding": "application/x-tex"})
        if tex is not None:
            block.name = "p"
            block.clear()
            block.append(_html.tex(tex.get_text(), "$$"))


def _tight(text: str) -> str:
    """Items that stand one below the other as one list: Notion makes a list of each."""
    lines = text.split("\n")
    kept: list[str] = []
    fence = ""
    for at, line in enumerate(lines):
        if opened := _FENCE.match(line):
            fence = "" if fence and opened[1].startswith(fence) else fence or opened[1]
        if not (line.strip() or fence) and 0 < at < len(lines) - 1:
            before, after = _ITEM.match(lines[at - 1]), _ITEM.match(lines[at + 1])
            if before and after and before[1] == after[1]:
                continue
        kept.append(line)
    return "\n".join(kept)


def _callouts(lines: list[str]) -> str:
    """Callouts, which Notion writes as ``<aside>``, as quotes."""
    kept: list[str] = []
    fence, within = "", False
    for line in lines:
        if opened := _FENCE.match(line):
            fence = "" if fence and opened[1].startswith(fence) else fence or opened[1]
        bare = line.strip()
        if not fence and bare == "<aside>":
            within = True
        elif not fence and bare == "</aside>":
            within = False
        else:
            kept.append(f"> {line}".rstrip() if within else line)
    return "\n".join(kept)

"""Pages as Confluence shows them: macros that are already HTML, told by their classes.

They become the HTML that the storage format becomes, so both exports of a page read alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from knowledge.readers._confluence_links import Page
from knowledge.readers._html import to_markdown
from knowledge.types import LossKind

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_DATE = re.compile(r"([A-Za-z]{3})[a-z]*\.? (\d{1,2}), (\d{4})(?:,? (?:at )?(\d{1,2}):(\d\d))?")
_BRUSH = re.compile(r"brush:\s*([\w+#-]+)")
_PANELS = {"information": "Info", "note": "Note", "warning": "Warning", "tip": "Tip"}
_KIND = re.compile(r"confluence-information-macro-(\w+)\Z")
_DROPPED = (
    ".toc-macro, .conf-macro[data-macro-name=toc], .aui-icon, .expand-control-icon, .hidden,"
    " .plugin-tabmeta-details, .conf-macro[data-macro-name=anchor], .confluence-anchor-link"
)
_DYNAMIC = {
    ".plugin_pagetree": "pagetree",
    ".childpages-macro": "children",
    ".plugin_attachments_container": "attachments",
    ".jira-table": "jira query",
    ".gadget": "gadget",
    ".gliffy-container": "gliffy",
    ".drawio-macro": "drawio",
}


def date(told: str) -> datetime | None:
    """The first date in a text, as an export in English writes it; the zone is not told."""
    found = _DATE.search(told)
    if not found or found[1].lower() not in _MONTHS:
        return None
    clock = (int(found[4]), int(found[5])) if found[4] else (0, 0)
    month = _MONTHS.index(found[1].lower()) + 1
    try:
        return datetime(int(found[3]), month, int(found[2]), *clock, tzinfo=UTC)
    except ValueError:
        return None


def rendered(tree: BeautifulSoup, node: Tag, page: Page) -> str:
    """A rendered page's content as Markdown. Raises Refused when it nests too deeply."""
    for unseen in node.select(_DROPPED):
        unseen.decompose()
    for where, name in _DYNAMIC.items():
        for _ in node.select(where):
            page.lose(LossKind.MACRO, name)
    _code(tree, node)
    _panels(tree, node)
    for control in node.select(".expand-control"):
        control.name = "p"
        _bold(tree, control)
    for key in node.select("[data-jira-key]"):
        key.replace_with(NavigableString(str(key["data-jira-key"])))
    for item in node.select("ul.inline-task-list > li"):
        done = "checked" in (item.get("class") or ())
        item.insert(0, NavigableString("[x] " if done else "[ ] "))
    for image in node.select("img.emoticon"):
        shown = image.get("data-emoji-fallback") or image.get("alt") or ""
        image.replace_with(NavigableString(str(shown)))
    return to_markdown(node).replace("\xa0", " ").strip()


def _code(tree: BeautifulSoup, node: Tag) -> None:
    for block in node.select("div.code, div.preformatted"):
        pre = block.find("pre")
        if not isinstance(pre, Tag):
            continue
        told = _BRUSH.search(str(pre.get("data-syntaxhighlighter-params") or ""))
        kept = str(pre.get_text())
        pre.clear()
        code = tree.new_tag("code")
        language = told[1].lower() if told else ""
        if language and language not in ("text", "plain", "none"):
            code.attrs["class"] = f"language-{language}"
        code.string = kept
        pre.append(code)
        header = block.select_one(".codeHeader, .preformattedHeader")
        if header is not None and header.get_text().strip():
            title = tree.new_tag("p")
            title.string = " ".join(header.get_text().split())
            _bold(tree, title)
            block.insert_before(title)
        block.replace_with(pre.extract())


def _panels(tree: BeautifulSoup, node: Tag) -> None:
    # From the inside out: what a panel holds is done before the panel itself.
    for block in reversed(node.select("div.confluence-information-macro, div.panel")):
        kinds = (_KIND.match(str(name)) for name in block.get("class") or ())
        kind = next((_PANELS[k[1]] for k in kinds if k and k[1] in _PANELS), "")
        header = block.select_one(".title, .panelHeader")
        title = " ".join(header.get_text().split()) if header is not None else ""
        if header is not None:
            header.decompose()
        block.name = "blockquote"
        label = f"{kind}: {title}" if kind and title else kind or title
        if label:
            made = tree.new_tag("p")
            made.string = label
            _bold(tree, made)
            block.insert(0, made)


def _bold(tree: BeautifulSoup, tag: Tag) -> None:
    words = " ".join(tag.get_text().split())
    tag.clear()
    if words:
        strong = tree.new_tag("strong")
        strong.string = words
        tag.append(strong)


def comments(tree: BeautifulSoup, page: Page) -> str:
    """The comments below a page, each with whoever wrote it and when."""
    return "\n\n".join(_each_comment(tree, page))


def _each_comment(tree: BeautifulSoup, page: Page) -> Iterable[str]:
    heading = tree.find(id="comments")
    section = heading.find_parent(class_="pageSection") if isinstance(heading, Tag) else None
    for cell in section.find_all("td") if isinstance(section, Tag) else ():
        signed = cell.find("div", class_="smallfont")
        told = " ".join(signed.get_text().split()) if isinstance(signed, Tag) else ""
        if isinstance(signed, Tag):
            signed.decompose()
        for heading in cell.find_all(["h1", "h2", "h3", "h4"]):
            heading.name = f"h{int(heading.name[1]) + 2}"
        cell.name = "div"
        body = rendered(tree, cell, page)
        if not body:
            continue
        who, _, when = told.removeprefix("Posted by ").rpartition(" at ")
        yield f"**{who.strip() or 'Somebody'}**{f', {when}' if when else ''}:\n\n{body}"

"""Confluence's storage format as Markdown: XHTML in which ``ac:`` are macros and ``ri:`` what a
link means. Each of these becomes the HTML that says the same; then it is HTML like any other."""

from __future__ import annotations

import re
from html import escape

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from knowledge.readers._confluence_links import Page
from knowledge.readers._confluence_macros import macro, user
from knowledge.readers._html import soup, to_markdown
from knowledge.types import LossKind

_CDATA = "<![CDATA["
_MARK = re.compile("\ue000(\\d{1,9})\ue001")
_CLOSED = re.compile(r"<([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*)\s*/>")
_VOID = frozenset(("br", "hr", "img", "col", "wbr", "input", "area"))
_EMOTICONS = {
    "smile": "🙂",
    "sad": "🙁",
    "cheeky": "😛",
    "laugh": "😀",
    "wink": "😉",
    "heart": "❤️",
    "thumbs-up": "👍",
    "thumbs-down": "👎",
    "information": "ℹ️",
    "tick": "✅",
    "cross": "❌",
    "warning": "⚠️",
    "plus": "➕",
    "minus": "➖",
    "question": "❓",
    "light-on": "💡",
    "light-off": "💡",
    "yellow-star": "⭐",
    "red-star": "⭐",
    "green-star": "⭐",
    "blue-star": "⭐",
    "broken-heart": "💔",
}
_BLOCKS = ("ac:layout", "ac:layout-section", "ac:layout-cell")
_DROPPED = ("ac:placeholder", "at:declarations", "ac:adf-attribute", "ac:parameter")
_CODE_POINTS = re.compile(r"[12]?[0-9a-fA-F]{4}(?:-[0-9a-fA-F]{2,5})*|[23][0-9a-f]-(?:fe0f-)?20e3")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_SILENT = ("ac:task-id", "ac:task-uuid")


def markdown(storage: str, page: Page, below: int = 0) -> str:
    """A body in storage format as Markdown; its links and losses are noted on the page.

    Its headings are put ``below`` one of that level: a comment's do not head the page.

    Raises Refused when it nests too deeply.
    """
    tree = soup(_as_html(storage))
    raw: list[str] = []
    # From the last to the first: what a macro holds is done before the macro itself.
    for tag in reversed(tree.find_all(True)):
        _rewrite(tree, tag, page, raw)
    for heading in tree.find_all(_HEADINGS) if below else ():
        heading.name = f"h{min(6, int(heading.name[1]) + below)}"
    text = to_markdown(tree)
    text = _MARK.sub(lambda found: "".join(raw[int(found[1]) : int(found[1]) + 1]), text)
    return text.replace("\xa0", " ").strip()


def _as_html(storage: str) -> str:
    """XML as HTML parsers take it: CDATA as text, and every empty tag closed."""
    text = re.sub("[\ue000\ue001]", "", storage).replace("\xa0", " ").replace("&nbsp;", " ")
    return _CLOSED.sub(_closed, _without_cdata(text))


def _without_cdata(text: str) -> str:
    first, *sections = text.split(_CDATA)
    parts = [first]
    for section in sections:
        inside, end, after = section.partition("]]>")
        parts += [escape(inside, quote=False), after] if end else [section]
    return "".join(parts)


def _closed(found: re.Match[str]) -> str:
    return found[0] if found[1].lower() in _VOID else f"<{found[1]}{found[2]}></{found[1]}>"


def _rewrite(tree: BeautifulSoup, tag: Tag, page: Page, raw: list[str]) -> None:
    name = tag.name
    if name in ("ac:structured-macro", "ac:macro"):
        macro(tree, tag, page, lambda words: _kept(raw, words))
    elif name == "ac:link":
        _link(tree, tag, page)
    elif name == "ac:image":
        _image(tree, tag, page)
    elif name == "a":
        _address(tag, page)
    elif name == "img":
        _picture(tag, page)
    elif name == "ac:emoticon":
        tag.replace_with(_emoticon(tag))
    elif name == "time":
        tag.string = tag.get_text() or str(tag.get("datetime") or "")
        tag.unwrap()
    elif name == "ac:task-list":
        tag.name = "ul"
    elif name == "ac:task":
        _task(tree, tag)
    elif name in ("ac:adf-extension", "ac:adf-node"):
        _cloud(tag)
    elif name in _BLOCKS:
        tag.name = "div"
    elif name in _SILENT or (name in _DROPPED and not _in_macro(tag)):
        tag.decompose()
    elif name == "ri:user" and not _in_link(tag):
        tag.replace_with(user(tag, page))
    elif name == "ri:attachment" and tag.parent is not None and tag.parent.name[:3] != "ac:":
        tag.replace_with(str(tag.get("ri:filename") or ""))
    elif name == "ac:inline-comment-marker" or name.partition(":")[0] in ("at", "fab"):
        tag.unwrap()


def _kept(raw: list[str], words: str) -> str:
    raw.append(words)
    return f"\ue000{len(raw) - 1}\ue001"


def _in_macro(tag: Tag) -> bool:
    return tag.parent is not None and tag.parent.name in ("ac:structured-macro", "ac:macro")


def _in_link(tag: Tag) -> bool:
    return tag.parent is not None and tag.parent.name in ("ac:link", "ac:parameter")


def _link(tree: BeautifulSoup, tag: Tag, page: Page) -> None:
    meant = next((one for one in tag.find_all(True) if one.name.startswith("ri:")), None)
    body = tag.find(["ac:link-body", "ac:plain-text-link-body"])
    anchor = str(tag.get("ac:anchor") or "")
    if meant is not None and meant.name == "ri:user":
        tag.replace_with(user(meant, page))
        return
    href, said = _meant(meant, anchor, page)
    made = tree.new_tag("a") if href else tree.new_tag("span")
    if href:
        made["href"] = href
    if isinstance(body, Tag) and (body.get_text().strip() or body.find("img")):
        for child in list(body.contents):
            made.append(child.extract())
    else:
        made.string = said
    tag.replace_with(made)


def _meant(ri: Tag | None, anchor: str, page: Page) -> tuple[str | None, str]:
    """Where a link leads, and what it is called where nobody says."""
    if ri is None:
        return (page.numbered(page.id, anchor), anchor) if anchor else (None, "")

    def told(name: str) -> str:
        return str(ri.get(name) or "")

    if ri.name in ("ri:page", "ri:blog-post"):
        title, space = told("ri:content-title"), told("ri:space-key")
        if title == "@home":
            return page.home(space, anchor), _named(space or page.space, anchor)
        if not title or title == "@self":
            href, said = _meant(None, anchor, page)
            return href, said or (page.title if title else "")
        return page.titled(title, space, anchor), _named(title, anchor)
    if ri.name == "ri:content-entity":
        id = told("ri:content-id")
        return (page.numbered(id, anchor), id) if id else (None, "")
    if ri.name == "ri:space":
        key = told("ri:space-key")
        return (page.home(key), key) if key else (None, "")
    if ri.name == "ri:attachment":
        return _file(ri, page), told("ri:filename")
    if ri.name == "ri:url":
        return page.address(told("ri:value")), told("ri:value")
    if ri.name == "ri:shortcut":
        page.lose(LossKind.LINK, f"shortcut {told('ri:key')}")
        return None, told("ri:parameter")
    page.lose(LossKind.LINK, ri.name)
    return None, " ".join(str(value) for value in ri.attrs.values())


def _named(title: str, anchor: str) -> str:
    return f"{title}#{anchor}" if anchor else title


def _file(ri: Tag, page: Page) -> str | None:
    """How the body refers to a file. One of another page stays there: it may be for fewer."""
    name = str(ri.get("ri:filename") or "")
    if isinstance(owner := ri.find(["ri:page", "ri:blog-post", "ri:content-entity"]), Tag):
        page.lose(LossKind.ATTACHMENT, f"{name}: attached to another page")
        return _meant(owner, "", page)[0]
    href = page.file(name)
    if href is None:
        page.lose(LossKind.ATTACHMENT, f"{name}: not in the export")
    return href


def _image(tree: BeautifulSoup, tag: Tag, page: Page) -> None:
    ri = tag.find(["ri:attachment", "ri:url"])
    alt = str(tag.get("ac:alt") or tag.get("ac:title") or "")
    caption = tag.find("ac:caption")
    src: str | None = None
    if isinstance(ri, Tag) and ri.name == "ri:url":
        src = str(ri.get("ri:value") or "")
    elif isinstance(ri, Tag):
        alt = alt or str(ri.get("ri:filename") or "")
        src = _file(ri, page)
    if src and isinstance(ri, Tag) and ri.find(["ri:page", "ri:blog-post"]):
        made = tree.new_tag("a", href=src)
        made.string = alt
    elif src:
        made = tree.new_tag("img", src=src, alt=alt)
    else:
        made = tree.new_tag("span")
        made.string = alt
    tag.insert_before(made)
    if isinstance(caption, Tag) and caption.get_text().strip():
        caption.name = "span" if caption.find(["em", "i", "strong", "b"]) else "em"
        tag.insert_before(NavigableString(" "), caption.extract())
    tag.decompose()


def _address(tag: Tag, page: Page) -> None:
    if href := str(tag.get("href") or ""):
        tag["href"] = page.address(href)
        tag.attrs.pop("title", None)
        if not tag.get_text().strip() and not tag.find("img"):
            tag.string = href


def _picture(tag: Tag, page: Page) -> None:
    src = str(tag.get("src") or "")
    if src:
        tag["src"] = page.address(src)


def _emoticon(tag: Tag) -> str:
    fallback = str(tag.get("ac:emoji-fallback") or "")
    short = str(tag.get("ac:emoji-shortname") or "")
    if fallback and not fallback.startswith(":"):
        return fallback
    if _CODE_POINTS.fullmatch(id := str(tag.get("ac:emoji-id") or "")):
        return "".join(chr(int(one, 16)) for one in id.split("-"))
    name = str(tag.get("ac:name") or "")
    return _EMOTICONS.get(name) or short or fallback or (f":{name}:" if name else "")


def _task(tree: BeautifulSoup, tag: Tag) -> None:
    status, body = tag.find("ac:task-status"), tag.find("ac:task-body")
    done = isinstance(status, Tag) and status.get_text().strip() == "complete"
    made = tree.new_tag("li")
    made.append(NavigableString("[x] " if done else "[ ] "))
    if isinstance(body, Tag):
        for child in list(body.contents):
            made.append(child.extract())
    for nested in tag.find_all("ul", recursive=False):
        made.append(nested.extract())
    for first in made.find_all("p", recursive=False):
        first.unwrap()
    tag.replace_with(made)


def _cloud(tag: Tag) -> None:
    """A node of Confluence Cloud's editor: its content, else what it shows elsewhere."""
    contents = tag.find_all("ac:adf-content")
    for fallback in tag.find_all("ac:adf-fallback"):
        if contents or tag.find("div", attrs={"data-adf": "yes"}):
            fallback.decompose()
    for content in contents:
        content.name = "div"
        content["data-adf"] = "yes"
    tag.name = "blockquote" if tag.get("type") == "panel" and contents else "div"

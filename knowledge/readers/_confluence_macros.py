"""Confluence's macros as plain HTML. What is not known keeps its text and is counted."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, unquote

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from knowledge.readers._confluence_links import Page
from knowledge.readers._html import soup
from knowledge.types import LossKind

Raw = Callable[[str], str]

_QUOTES = {
    "info": "Info",
    "note": "Note",
    "warning": "Warning",
    "tip": "Tip",
    "panel": "",
    "alert": "Alert",
    "auimessage": "Message",
    "success": "Success",
    "error": "Error",
    "bgcolor": "",
    "ui-text-box": "",
}
_CODE = {
    "code": "",
    "noformat": "",
    "sourcecode": "",
    "codeblock": "",
    "paste-code-macro": "",
    "plantuml": "plantuml",
    "mermaid-macro": "mermaid",
    "mermaid": "mermaid",
    "mathblock": "latex",
    "latex": "latex",
    "latex-block": "latex",
    "sql-query": "sql",
}
_TRANSPARENT = frozenset(
    "excerpt section column div span center details ui-tabs ui-tab ui-steps ui-expand"
    " scroll-ignore scroll-only scroll-pdf-only tableenhancer table-filter".split()
)
_SILENT = frozenset(("toc", "toc-zone", "anchor", "pagebreak", "scroll-pagebreak", "loremipsum"))
_FILES = ("view-file", "viewpdf", "viewdoc", "viewxls", "viewppt", "multimedia", "viewfile")
_DIAGRAMS = ("drawio", "gliffy", "drawio-sketch", "inc-drawio")
_TITLED = ("expand", "ui-expand", "ui-tab", "auihorizontalnavpage")
_LISTS = frozenset(
    "children pagetree pagetreesearch spaces listlabels popular-labels recently-updated livesearch"
    " contentbylabel content-report-table blog-posts index contributors search navmap".split()
)
"""What these show is put together anew each time; what they are given is no text."""
_LANGUAGE = ("language", "lang", "")
_ADDRESS = ("url", "uri", "src", "href", "link", "redirectTo")
_SAID = (
    "title",
    "text",
    "label",
    "caption",
    "description",
    "message",
    "name",
    "body",
    "content",
    "redirectMessage",
)


class _Macro:
    """A macro's name, parameters and bodies."""

    def __init__(self, tag: Tag) -> None:
        self.name = str(tag.get("ac:name") or "").strip().lower()
        self.parameters: dict[str, Tag] = {}
        for one in tag.find_all(["ac:parameter", "ac:default-parameter"], recursive=False):
            self.parameters.setdefault(str(one.get("ac:name") or ""), one)
        self.rich = tag.find("ac:rich-text-body", recursive=False)
        self.plain = tag.find("ac:plain-text-body", recursive=False)

    def get(self, *names: str) -> str:
        """The text of the first of these parameters that says something."""
        found = (self.parameters[name] for name in names if name in self.parameters)
        return next((text for one in found if (text := _text(one))), "")

    @property
    def code(self) -> str:
        """What stands in its plain text body, exactly."""
        body = self.plain if isinstance(self.plain, Tag) else self.rich
        return body.get_text() if isinstance(body, Tag) else ""


def macro(tree: BeautifulSoup, tag: Tag, page: Page, raw: Raw) -> None:
    """Replace a macro by what it shows. ``raw`` keeps Markdown as it is and gives its mark."""
    told = _Macro(tag)
    made = _made(tree, told, page, raw)
    if made is None:
        made = _unknown(tree, told, page)
    tag.replace_with(*made) if made else tag.decompose()


def _made(tree: BeautifulSoup, told: _Macro, page: Page, raw: Raw) -> list[Tag] | None:
    name = told.name
    if name in _SILENT:
        return []
    if name in _CODE:
        return _code(tree, told)
    if name in _QUOTES:
        return [_quote(tree, told)]
    if name in _TITLED:
        title = told.get("title") or ("Click here to expand…" if name == "expand" else "")
        return [*_bold(tree, title), *_rich(told)]
    if name == "ui-step":
        item = tree.new_tag("li")
        for one in (*_bold(tree, told.get("title")), *_rich(told)):
            item.append(one)
        return [item]
    if name == "ui-steps" and isinstance(told.rich, Tag) and told.rich.find("li", recursive=False):
        told.rich.name = "ol"
        return [told.rich.extract()]
    if name in _TRANSPARENT:
        return _rich(told)
    if name == "status":
        return [_span(tree, told.get("title"))]
    if name in ("jira", "jiraissues"):
        return _jira(tree, told, page)
    if name in ("include", "excerpt-include"):
        return _included(tree, told, page)
    if name in ("profile", "profile-picture", "mention"):
        ri = next((ri for one in told.parameters.values() if (ri := one.find("ri:user"))), None)
        return [_span(tree, user(ri, page) if isinstance(ri, Tag) else told.get("user", ""))]
    if name in ("markdown", "markdown-macro") and told.code.strip():
        made = tree.new_tag("div")
        made.string = raw(told.code.strip("\n"))
        return [made]
    return _embedded(tree, told, page)


def _embedded(tree: BeautifulSoup, told: _Macro, page: Page) -> list[Tag] | None:
    if told.name in _FILES:
        return _file(tree, told, page)
    if told.name in _DIAGRAMS:
        drawn = told.get("diagramName", "name", "diagramDisplayName")
        page.lose(LossKind.EMBED, f"{told.name} diagram")
        if href := page.file(f"{drawn}.png") or page.file(drawn):
            return [tree.new_tag("img", src=href, alt=drawn)]
        return [_span(tree, drawn)]
    if told.name in ("widget", "iframe", "lref-gdrive", "html-iframe"):
        page.lose(LossKind.EMBED, told.name)
        url = told.get("url", "src", "")
        return [_line(tree, _anchor(tree, page.address(url), url))] if url else []
    if told.name == "html" and told.code.strip():
        page.lose(LossKind.MACRO, "html")
        made = tree.new_tag("div")
        for child in list(soup(told.code).contents):
            made.append(child.extract())
        return [made]
    return None


def _unknown(tree: BeautifulSoup, told: _Macro, page: Page) -> list[Tag]:
    page.lose(LossKind.MACRO, told.name or "a macro without a name")
    if told.name in _LISTS:
        return []
    title = told.get(*(name for name in _SAID if name in told.parameters)) or told.get("")
    if "%20" in title:
        title = unquote(title)
    code = _code(tree, told) if isinstance(told.plain, Tag) and told.code.strip() else []
    # Code stands under its title already.
    made = [_span(tree, title)] if title and not (code and title == told.get("title")) else []
    url = told.get(*_ADDRESS)
    if url.startswith(("http://", "https://")) and url != title:
        made.append(_line(tree, _anchor(tree, page.address(url), url)))
    return [*made, *code, *_rich(told)]


def _code(tree: BeautifulSoup, told: _Macro) -> list[Tag]:
    words = told.code.strip("\n")
    if not words.strip():
        return _bold(tree, told.get("title"))
    language = _CODE.get(told.name, "") or told.get(*_LANGUAGE[: 3 if told.name == "code" else 2])
    made, code = tree.new_tag("pre"), tree.new_tag("code")
    if language and language.lower() not in ("none", "text", "plain"):
        code.attrs["class"] = f"language-{language.lower().split()[0]}"
    code.string = words
    made.append(code)
    return [*_bold(tree, told.get("title")), made]


def _quote(tree: BeautifulSoup, told: _Macro) -> Tag:
    made = tree.new_tag("blockquote")
    label, title = _QUOTES[told.name], told.get("title")
    for one in _bold(tree, f"{label}: {title}" if label and title else label or title):
        made.append(one)
    rich = _rich(told)
    if not rich and told.code.strip():
        rich = [_span(tree, told.code)]
    for one in rich:
        made.append(one)
    return made


def _jira(tree: BeautifulSoup, told: _Macro, page: Page) -> list[Tag]:
    if key := told.get("key", "", "issueKey"):
        return [_span(tree, key)]
    asked = told.get("jqlQuery", "jql", "url", "filter")
    page.lose(LossKind.MACRO, "jira query")
    made = tree.new_tag("code")
    made.string = asked
    return [_span(tree, "Jira: "), made] if asked else []


def _included(tree: BeautifulSoup, told: _Macro, page: Page) -> list[Tag]:
    """The other page's text stays there: it may be for fewer readers than this page."""
    page.lose(LossKind.MACRO, told.name)
    for one in told.parameters.values():
        if isinstance(found := one.find("a"), Tag):
            return [_line(tree, found.extract())]
    title = told.get("pageTitle", "page", "", "default-parameter")
    space, _, rest = title.partition(":")
    if not title:
        return []
    href = page.titled(rest, space) if rest else page.titled(title)
    return [_line(tree, _anchor(tree, href, rest or title))]


def _file(tree: BeautifulSoup, told: _Macro, page: Page) -> list[Tag]:
    page.lose(LossKind.EMBED, told.name)
    named = (one.find("ri:attachment") for one in told.parameters.values())
    files = [str(ri.get("ri:filename") or "") for ri in named if isinstance(ri, Tag)]
    name = files[0] if files else told.get("name", "")
    href = page.file(name)
    if name and href is None:
        page.lose(LossKind.ATTACHMENT, f"{name}: not in the export")
    return [_anchor(tree, href, name) if href else _span(tree, name)] if name else []


def user(tag: Tag, page: Page) -> str:
    """What an account that is mentioned is called."""
    names = ("ri:userkey", "ri:account-id", "ri:username")
    refs = [str(tag.get(name)) for name in names if tag.get(name)]
    known = (page.person(ref) for ref in refs)
    found = next((name for name in known if name), None)
    return found or str(tag.get("ri:username") or "") or "someone"


def _rich(told: _Macro) -> list[Tag]:
    if not isinstance(told.rich, Tag):
        return []
    told.rich.name = "div"
    return [told.rich.extract()]


def _text(tag: Tag) -> str:
    if text := tag.get_text().strip():
        return text
    kept = ("ri:content-title", "ri:value", "ri:filename", "ri:space-key")
    inside = (one.get(name) for one in tag.find_all(True) for name in kept)
    return next((str(value) for value in inside if value), "")


def _bold(tree: BeautifulSoup, words: str) -> list[Tag]:
    if not words.strip():
        return []
    strong = tree.new_tag("strong")
    strong.string = " ".join(words.split())
    return [_line(tree, strong)]


def _line(tree: BeautifulSoup, tag: Tag) -> Tag:
    made = tree.new_tag("p")
    made.append(tag)
    return made


def _span(tree: BeautifulSoup, words: str) -> Tag:
    made = tree.new_tag("span")
    made.append(NavigableString(words))
    return made


def _anchor(tree: BeautifulSoup, href: str, words: str) -> Tag:
    made = tree.new_tag("a", href=href if "://" in href else quote(href, safe="/.%#?=&+:~-_"))
    made.string = words
    return made

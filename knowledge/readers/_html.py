"""HTML as Markdown, for every format whose pages are HTML."""

from __future__ import annotations

import re
from typing import Any

from bs4 import BeautifulSoup, Comment, Tag
from markdownify import MarkdownConverter

from knowledge.exports import Refused
from knowledge.readers import _wikitext as md

_UNSEEN = ("script", "style", "template", "noscript", "head", "svg", "button", "select", "textarea")
_EMBEDS = ("iframe", "embed", "object", "audio", "video")
_LANGUAGE = re.compile(r"(?:language|lang|brush:|highlight-source)[-: ]?\s*([\w+#-]+)", re.I)
_LONG_TAG = re.compile(r"<[^<>]{20000,}")
_MOST_TAGS = 150_000  # some 120 MB
_MOST_ATTRIBUTES = 5000
_MOST_COLUMNS = 50
_MOST_REACHING = 20
_DEEPEST = 300
_PARTS = ("tr", "td", "th", "tbody", "thead", "tfoot")
_EMPHASIS = ("b", "strong", "i", "em", "del", "s", "strike")
_FORMULA = "tex-formula"


class _Converter(MarkdownConverter):
    """With headings as ``#``, code with its language, addresses that Markdown can write, and
    nothing of scripts. What takes quadratic time in markdownify is prepared by ``_prepare``."""

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        _address(el, "href")
        return str(super().convert_a(el, text, parent_tags))  # type: ignore[misc]

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        _address(el, "src")
        el.attrs.pop("title", None)
        el["alt"] = " ".join(str(el.get("alt") or "").split()).replace("[", "(").replace("]", ")")
        if not el.get("src"):
            return str(el["alt"])
        # A picture is kept wherever it stands, also in a heading or a cell.
        return md.image(str(el["alt"]), str(el["src"]))

    def convert_input(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if str(el.get("type", "")).lower() != "checkbox":
            return ""
        return "[x] " if el.has_attr("checked") else "[ ] "

    def convert_br(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return "\n" if "pre" in parent_tags else self._broken(el, text, parent_tags)

    def _broken(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return str(super().convert_br(el, text, parent_tags))  # type: ignore[misc]

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if not text.strip():
            return ""
        if "_inline" in parent_tags:
            return f" {md.code(el.get_text())} "
        return f"\n\n{md.fence(text, _language(el) or '')}\n\n"

    def convert_figure(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return f"\n\n{text.strip()}\n\n" if "_inline" not in parent_tags else f" {text.strip()} "

    def convert_tex_formula(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        # As written: stars and backslashes are TeX's own.
        return el.get_text()

    def convert_sup(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return md.raised(text)

    def convert_summary(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return f"\n\n{text.strip()}\n\n" if "_inline" not in parent_tags else f" {text.strip()} "

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return str(super().convert_td(el, _cell(text), parent_tags))  # type: ignore[misc]

    def convert_th(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return str(super().convert_th(el, _cell(text), parent_tags))  # type: ignore[misc]

    def convert_li(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        inner = re.sub(r"^(\[[ x]\])\s+", r"\1 ", (text or "").strip())
        if not inner:
            return "\n"
        ordered = el.parent is not None and el.parent.name == "ol"
        bullet = f"{el.get('value', '1')}. " if ordered else "- "
        first, *rest = inner.split("\n")
        indent = " " * len(bullet)
        return "\n".join([bullet + first, *(indent + line if line else "" for line in rest)]) + "\n"


def parse(html: str) -> BeautifulSoup:
    """HTML as a tree, whole. Raises Refused when that would take too much memory."""
    if html.count("<") > _MOST_TAGS:
        raise Refused(f"holds more than {_MOST_TAGS:,} tags; split it")
    if any(len(tag[0].split()) > _MOST_ATTRIBUTES for tag in _LONG_TAG.finditer(html)):
        raise Refused(f"has a tag with more than {_MOST_ATTRIBUTES:,} attributes: damaged")
    html = re.sub(r"<\?xml[^<>]*>?", "", html, flags=re.I)  # HTML has no such thing
    return BeautifulSoup(html if "<" in html else f"<p>{html}</p>", "lxml")


def soup(html: str) -> BeautifulSoup:
    """HTML as a tree without what no reader sees. Raises Refused when it nests too deeply."""
    tree = parse(html)
    _check_depth(tree)
    for unseen in tree.find_all(_UNSEEN):
        unseen.decompose()
    for comment in tree.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    return tree


def _check_depth(tree: BeautifulSoup) -> None:
    """Whatever looks above or below each of its tags takes quadratic time in a deep tree."""
    depths = {id(tree): 0}
    for tag in tree.find_all(True):
        depth = depths[id(tag)] = depths[id(tag.parent)] + 1
        if depth > _DEEPEST:
            raise Refused("its HTML nests too deeply")


def embeds(tree: Tag) -> list[str]:
    """What a page shows of elsewhere (films, frames) and only a link will remain of: what it is."""
    return [one.name for one in tree.find_all(_EMBEDS) if _source(one)]


def to_markdown(node: Tag) -> str:
    """A tree's content as Markdown; pictures and links keep their addresses as written, but for
    what Markdown cannot write in them. The tree is changed.

    Raises Refused when it nests too deeply.
    """
    converter = _Converter(
        heading_style="ATX",
        autolinks=False,
        bullets="-",
        code_language_callback=_language,
        escape_misc=False,
        escape_underscores=False,
        table_infer_header=True,
    )
    try:
        _prepare(node)
        text = str(converter.convert_soup(node))
    except RecursionError as error:
        raise Refused("its HTML nests too deeply") from error
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _prepare(node: Tag) -> None:
    for one in node.find_all(_EMBEDS):
        _embed(one)
    for formula in node.find_all("math"):
        told = formula.find("annotation", attrs={"encoding": "application/x-tex"})
        if told is not None and told.get_text().strip():
            whole = formula.find_parent(class_="katex") or formula
            if whole.parent is not None:  # else it lay in one that is replaced already
                whole.replace_with(tex(told.get_text(), "$"))
    for emphasised in node.find_all(_EMPHASIS):
        _join(emphasised)
    layout = [table for table in node.find_all("table") if _is_layout(table)]
    known = {id(table) for table in layout}
    for part in [part for part in node.find_all(_PARTS) if id(part.find_parent("table")) in known]:
        part.name = "div"
    for table in layout:
        table.name = "div"
    for cell in node.find_all(("td", "th")):
        span = str(cell.attrs.pop("colspan", ""))
        if re.fullmatch("[0-9]{1,4}", span, re.ASCII) and int(span) > 1:
            cell["colspan"] = str(min(int(span), _MOST_COLUMNS))
    for table in node.find_all("table"):
        _fill_rows(table)
    for head in node.find_all("thead"):
        if len(head.find_all("tr", limit=2)) > 1:
            head.name = "tbody"
    for ordered in node.find_all("ol"):
        start = str(ordered.get("start", "1"))
        first = int(start) if re.fullmatch("[0-9]{1,8}", start, re.ASCII) else 1
        for number, item in enumerate(ordered.find_all("li", recursive=False), first):
            item["value"] = str(number)


def tex(formula: str, mark: str) -> Tag:
    """A formula between marks, which Markdown leaves as it is."""
    words = " ".join(formula.split())
    if re.search(r"(?<!\\)(?:\\\\)*\\$", words):
        words += " "  # a blank that TeX was told to keep; without it, the mark would be escaped
    made = Tag(name=_FORMULA)
    made.string = f"{mark}{words}{mark}"
    return made


def _join(emphasised: Tag) -> None:
    """One emphasis where an editor wrote several side by side: their marks would read as others."""
    if emphasised.parent is None or emphasised.name not in _EMPHASIS:
        return
    while isinstance(after := emphasised.next_sibling, Tag) and after.name == emphasised.name:
        for child in list(after.contents):
            emphasised.append(child.extract())
        after.decompose()
    if emphasised.find(("img", "br")) is None and not any(
        one.strip() for one in emphasised.strings
    ):
        emphasised.unwrap()  # of blanks, there is nothing to see but themselves


def _is_layout(table: Tag) -> bool:
    """Whether it only places what it holds: another table, or one cell a row."""
    if table.get("role") == "presentation" or table.find("table") is not None:
        return True
    if table.find("th") is not None:
        return False
    return all(len(row.find_all("td", limit=2)) < 2 for row in table.find_all("tr"))


def _fill_rows(table: Tag) -> None:
    """A blank cell wherever one from a row above reaches down, so that columns stay columns."""
    reaching: dict[int, int] = {}
    for row in table.find_all("tr"):
        column = 0
        for cell in row.find_all(("td", "th"), recursive=False):
            while reaching.get(column, 0):
                reaching[column] -= 1
                column += 1
                cell.insert_before(Tag(name="td"))
            down = str(cell.get("rowspan", ""))
            rows = int(down) - 1 if re.fullmatch("[0-9]{1,4}", down, re.ASCII) else 0
            for _ in range(int(str(cell.get("colspan") or "1"))):
                reaching.pop(column, None)
                if rows > 0 and column < _MOST_REACHING:
                    reaching[column] = rows
                column += 1
        for _ in range(column, max(reaching, default=-1) + 1):
            row.append(Tag(name="td"))
            reaching[column] = reaching.get(column, 0) - 1
            column += 1
        reaching = {column: rows for column, rows in reaching.items() if rows > 0}


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", text)


def _embed(one: Tag) -> None:
    source = _source(one)
    if not source:
        one.unwrap()
        return
    link = Tag(name="a", attrs={"href": source})
    title = " ".join(str(one.get("title") or one.get("aria-label") or "").split())
    link.string = title or source.rstrip("/").rpartition("/")[2] or source
    one.replace_with(link)


def _source(one: Tag) -> str:
    inner = one.find("source", src=True)
    found = one.get("src") or one.get("data") or (inner.get("src") if inner is not None else "")
    source = str(found or "").strip()
    return "" if re.match(r"(?:data|about|javascript):", source, re.I) else source


def _address(element: Tag, attribute: str) -> None:
    if told := str(element.get(attribute) or "").strip():
        element[attribute] = md.href(told)


def _language(element: Any) -> str | None:
    for one in (element, element.find("code")):
        named = (one.get("class") or "") if one is not None else ""
        told = named if isinstance(named, str) else " ".join(named)
        if match := _LANGUAGE.search(told):
            return match[1].lower()
    return None

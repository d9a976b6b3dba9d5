"""Confluence's wiki markup, in which bodies were written before version 4.

It becomes storage format, as it did when wikis were upgraded; so links, pictures and macros mean
the same in both.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from html import escape

from knowledge.readers._confluence_links import Page
from knowledge.readers._confluence_storage import markdown

_MACRO = re.compile(r"\{([a-zA-Z][\w.-]{0,60})(?::([^{}\n]{0,2000}))?\}")
_VERBATIM = frozenset(("code", "noformat", "html", "sql", "plantuml", "mermaid", "latex", "style"))
_ALONE = frozenset(
    "toc children pagetree anchor jira jiraissues include excerpt-include gallery attachments"
    " recently-updated blog-posts contentbylabel livesearch rss index status".split()
)
_HEADING = re.compile(r"h([1-6])\.\s*(.*)")
_LIST = re.compile(r"([*#]{1,12}|-)\s+(.*)")
_RULE = re.compile(r"-{4,}\s*")
_LINK = re.compile(r"\[([^\[\]\n]{0,2000})\]")
_IMAGE = re.compile(r"!([^!\s|][^!\n|]{0,500})(?:\|([^!\n]{0,500}))?!")
_MONO = re.compile(r"\{\{([^{}\n]{1,2000})\}\}")
_URL = re.compile(
    r"(?<![\w/\"'=>])(?:https?|ftp)://[^\s<>|\]\ue010\ue011]{1,2000}[^\s<>|\].,;:!?)\ue010\ue011]"
)
_ESCAPE = re.compile(r"\\([^\w\s\\])")
_MARK = re.compile("\ue010(\\d+)\ue011")
_PICTURES = re.compile(r"\.(?:png|jpe?g|gif|svg|bmp|webp|tiff?|ico)\Z", re.I)
_DEEPEST = 12
_EMOTICONS = {
    "(/)": "✅", "(x)": "❌", "(!)": "⚠️", "(i)": "ℹ️", "(?)": "❓", "(y)": "👍", "(n)": "👎",
    "(+)": "➕", "(-)": "➖", "(on)": "💡", "(off)": "💡", "(*)": "⭐", ":)": "🙂", ":(": "🙁",
    ";)": "😉", ":D": "😀", ":P": "😛",
}  # fmt: skip
_SMILES = re.compile(
    r"(?<![\w&;(])(?:" + "|".join(re.escape(one) for one in _EMOTICONS) + r")(?![\w)])"
)


def _marked(sign: str, tag: str) -> tuple[re.Pattern[str], str]:
    one = re.escape(sign)
    inner = rf"[^{one}\n]" if len(sign) == 1 else r"[^?\n]"
    pattern = rf"(?<![\w{one[-1]}]){one}(?=\S)({inner}{{1,2000}}?)(?<=\S){one}(?![\w{one[-1]}])"
    return re.compile(pattern), rf"<{tag}>\1</{tag}>"


_INLINE = [
    *(_marked(sign, tag) for sign, tag in (("*", "strong"), ("_", "em"), ("??", "cite"))),
    *(_marked(sign, tag) for sign, tag in (("-", "del"), ("+", "u"), ("^", "sup"), ("~", "sub"))),
    (re.compile(r"(?<=\s)---(?=\s)"), "—"),
    (re.compile(r"(?<=\s)--(?=\s)"), "–"),
]


def wiki_markdown(markup: str, page: Page, below: int = 0) -> str:
    """A body in wiki markup as Markdown; its links and losses are noted on the page."""
    return markdown(storage(markup), page, below)


def storage(markup: str) -> str:
    """Wiki markup as storage format."""
    text = markup.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub("[\ue010\ue011]", "", text)
    kept: list[str] = []
    return _put_back(_macros(text, kept, 0), kept)


def _keep(kept: list[str], html: str) -> str:
    kept.append(html)
    return f"\ue010{len(kept) - 1}\ue011"


def _put_back(html: str, kept: list[str]) -> str:
    """Marks are kept in order, so what one holds came before it."""
    whole: list[str] = []
    for one in kept:
        whole.append(_MARK.sub(lambda found: whole[int(found[1])], one))
    return _MARK.sub(lambda found: whole[int(found[1])], html)


def _macros(text: str, kept: list[str], depth: int) -> str:
    """Macros and what they hold are set aside; the rest is read line by line."""
    tokens = [one for one in _MACRO.finditer(text) if not _escaped(text, one.start())]
    ends: dict[str, list[int]] = {}
    for number, token in enumerate(tokens):
        if token[2] is None:
            ends.setdefault(token[1].lower(), []).append(number)
    parts: list[str] = []
    at = number = 0
    while number < len(tokens):
        token = tokens[number]
        name = token[1].lower()
        closing = ends.get(name, [])
        after = bisect_right(closing, number)
        end = closing[after] if after < len(closing) and name not in _ALONE else None
        parts.append(text[at : token.start()])
        if name == "color":
            at, number = token.end(), number + 1
            continue
        body = None if end is None else text[token.end() : tokens[end].start()]
        parts.append(_macro(name, token[2] or "", body, kept, depth))
        at = token.end() if end is None else tokens[end].end()
        number = number + 1 if end is None else end + 1
    parts.append(text[at:])
    return _blocks("".join(parts), kept)


def _escaped(text: str, at: int) -> bool:
    return (at > 0 and text[at - 1] in "\\{") or text[at + 1 : at + 2] == "{"


def _macro(name: str, told: str, body: str | None, kept: list[str], depth: int) -> str:
    if name == "quote" and body is not None and depth < _DEEPEST:
        quoted = _macros(body, kept, depth + 1)
        return f"\n{_keep(kept, f'<blockquote>{quoted}</blockquote>')}\n"
    parameters = "".join(_parameter(name, part) for part in told.split("|") if part)
    inner = ""
    if body is not None and name in _VERBATIM:
        text = body.replace("]]>", "]]]]><![CDATA[>")
        inner = f"<ac:plain-text-body><![CDATA[{text}]]></ac:plain-text-body>"
    elif body is not None and depth < _DEEPEST:
        inner = f"<ac:rich-text-body>{_macros(body, kept, depth + 1)}</ac:rich-text-body>"
    elif body is not None:
        inner = f"<ac:rich-text-body>{escape(body, quote=False)}</ac:rich-text-body>"
    html = f'<ac:structured-macro ac:name="{name}">{parameters}{inner}</ac:structured-macro>'
    mark = _keep(kept, html)
    return f"\n\n{mark}\n\n" if inner else mark


def _parameter(macro: str, part: str) -> str:
    name, found, value = part.partition("=")
    if not found:
        name, value = ("language" if macro == "code" else ""), part
        if macro in ("jira", "jiraissues"):
            name = "key"
    quoted = escape(value.strip(), quote=False)
    return f'<ac:parameter ac:name="{escape(name.strip())}">{quoted}</ac:parameter>'


def _blocks(text: str, kept: list[str]) -> str:
    html: list[str] = []
    lines = [_atoms(line, kept) for line in text.split("\n")]
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        reader = _reader(line)
        if not line:
            at += 1
        elif heading := _HEADING.fullmatch(line):
            html.append(f"<h{heading[1]}>{_words(heading[2])}</h{heading[1]}>")
            at += 1
        elif line.startswith("bq. "):
            html.append(f"<blockquote><p>{_words(line[4:])}</p></blockquote>")
            at += 1
        elif _RULE.fullmatch(line):
            html.append("<hr/>")
            at += 1
        elif reader is not None:
            at = reader(lines, at, html)
        else:
            at = _paragraph(lines, at, html)
    return "\n".join(html)


def _reader(line: str) -> Callable[[list[str], int, list[str]], int] | None:
    if line.startswith("|"):
        return _table
    return _list if _LIST.fullmatch(line) else None


def _paragraph(lines: list[str], at: int, html: list[str]) -> int:
    first = at
    while at < len(lines) and (line := lines[at].strip()):
        block = _HEADING.fullmatch(line) or line.startswith("bq. ") or _RULE.fullmatch(line)
        if at > first and (block or _reader(line) or _MARK.fullmatch(lines[at - 1].strip())):
            break
        at += 1
    said = "<br/>".join(_words(line.strip()) for line in lines[first:at])
    html.append(said if _MARK.fullmatch(said) else f"<p>{said}</p>")
    return at


def _table(lines: list[str], at: int, html: list[str]) -> int:
    rows: list[str] = []
    while at < len(lines) and (line := lines[at].strip()).startswith("|"):
        at += 1
        # A cell goes on until the row's last bar.
        while not line.endswith("|") and at < len(lines) and (more := lines[at].strip()):
            if more.startswith("|"):
                break
            line, at = f"{line}<br/>{more}", at + 1
        cells = re.findall(r"(\|\|?)([^|]*)", line.rstrip("|") if line.endswith("|") else line)
        made = (
            f"<{tag}>{_words(cell.strip())}</{tag}>"
            for bar, cell in cells
            for tag in ("th" if bar == "||" else "td",)
        )
        rows.append(f"<tr>{''.join(made)}</tr>")
    html.append(f"<table><tbody>{''.join(rows)}</tbody></table>")
    return at


def _list(lines: list[str], at: int, html: list[str]) -> int:
    open_tags: list[str] = []
    made: list[str] = []
    while at < len(lines) and (item := _LIST.fullmatch(lines[at].strip())):
        wanted = ["ol" if sign == "#" else "ul" for sign in item[1]]
        same = 0
        while same < min(len(wanted), len(open_tags)) and wanted[same] == open_tags[same]:
            same += 1
        while len(open_tags) > same:
            made.append(f"</li></{open_tags.pop()}>")
        if same == len(wanted):
            made.append("</li><li>")
        for tag in wanted[same:]:
            made.append(f"<{tag}><li>")
            open_tags.append(tag)
        made.append(_words(item[2]))
        at += 1
        while at < len(lines) and (more := lines[at].strip()) and _continues(more):
            made.append(f"<br/>{_words(more)}")
            at += 1
    made += [f"</li></{tag}>" for tag in reversed(open_tags)]
    html.append("".join(made))
    return at


def _continues(line: str) -> bool:
    block = _HEADING.fullmatch(line) or line.startswith("bq. ") or _RULE.fullmatch(line)
    return not block and _reader(line) is None


def _atoms(line: str, kept: list[str]) -> str:
    """What holds signs that mean something else elsewhere is set aside first."""
    line = escape(line, quote=False)
    line = line.replace("\\\\", _keep(kept, "<br/>")) if "\\\\" in line else line
    line = _ESCAPE.sub(lambda found: _keep(kept, f"&#{ord(found[1])};"), line)
    line = _MONO.sub(lambda found: _keep(kept, f"<code>{found[1]}</code>"), line)
    line = _LINK.sub(lambda found: _keep(kept, _link(found[1])), line)
    line = _IMAGE.sub(lambda found: _picture(found, kept), line)
    return _URL.sub(lambda found: _keep(kept, f'<a href="{found[0]}">{found[0]}</a>'), line)


def _words(line: str) -> str:
    for pattern, put in _INLINE:
        line = pattern.sub(put, line)
    return _SMILES.sub(lambda found: _EMOTICONS[found[0]], line)


def _link(told: str) -> str:
    parts = [part.strip() for part in told.split("|")]
    target = (parts[1] if len(parts) > 1 else parts[0]).strip()
    said = parts[0] if len(parts) > 1 else ""
    quoted = target.replace('"', "&quot;")
    if re.match(r"(?:[a-z][a-z+.-]{1,15}://|mailto:)", target, re.I):
        return f'<a href="{quoted}">{_words(said) or target.removeprefix("mailto:")}</a>'
    if not target or (target.startswith("$") and not said):
        return f"[{told}]" if told.strip("| ") else ""
    body = f"<ac:link-body>{_words(said)}</ac:link-body>" if said else ""
    if target.startswith("~"):
        return f'<ac:link><ri:user ri:username="{quoted[1:]}"/>{body}</ac:link>'
    if target.startswith("^"):
        return f'<ac:link><ri:attachment ri:filename="{quoted[1:]}"/>{body}</ac:link>'
    title, _, anchor = quoted.partition("#")
    space, colon, rest = title.partition(":")
    if not colon or " " in space:
        space, rest = "", title
    rest, _, file = rest.partition("^")
    if not rest and space:
        return f'<ac:link><ri:space ri:space-key="{space}"/>{body}</ac:link>'
    owner = f'<ri:page ri:content-title="{rest}" ri:space-key="{space}"/>' if rest else ""
    inside = f'<ri:attachment ri:filename="{file}">{owner}</ri:attachment>' if file else owner
    return f'<ac:link ac:anchor="{anchor}">{inside}{body}</ac:link>'


def _picture(found: re.Match[str], kept: list[str]) -> str:
    name = found[1].strip().replace('"', "&quot;")
    if not _PICTURES.search(name.partition("?")[0]) and found[2] is None:
        return found[0]
    owner, caret, file = name.rpartition("^")
    if "://" in name:
        inside = f'<ri:url ri:value="{name}"/>'
    elif caret:
        page = f'<ri:page ri:content-title="{owner}"/>'
        inside = f'<ri:attachment ri:filename="{file}">{page}</ri:attachment>'
    else:
        inside = f'<ri:attachment ri:filename="{name}"/>'
    return _keep(kept, f"<ac:image>{inside}</ac:image>")

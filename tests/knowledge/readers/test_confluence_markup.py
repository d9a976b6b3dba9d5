"""Confluence's two markups: cases by hand, and real ones beside the text that they must give."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from pathlib import Path
from xml.sax.saxutils import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.exports import Refused, check_text
from knowledge.readers._confluence_links import Page, Places
from knowledge.readers._confluence_storage import markdown
from knowledge.readers._confluence_wiki import wiki_markdown
from knowledge.types import LossKind

PLACES = Places(
    ids={"1": "Home", "2": "Radio Masts", "3": "Tariffs"},
    titles={("ops", "home"): "1", ("ops", "masts"): "2", ("bill", "tariffs"): "3"},
    homes={"ops": "1", "bill": "3"},
    person={"k1": "Mara Quill", "tobin": "Tobin Ashby"}.get,
)


def page(**files: str) -> Page:
    return Page(PLACES, "1", "OPS", {f"{name}.png": href for name, href in files.items()})


def storage(text: str, noted: Page | None = None) -> str:
    return markdown(text, noted or page(plan="attachments/plan.png"))


def wiki(text: str, noted: Page | None = None) -> str:
    return wiki_markdown(text, noted or page(plan="attachments/plan.png"))


def named(name: str, *parameters: str, rich: str = "", plain: str = "") -> str:
    told = "".join(
        f'<ac:parameter ac:name="{one.partition("=")[0]}">{one.partition("=")[2]}</ac:parameter>'
        for one in parameters
    )
    body = f"<ac:rich-text-body>{rich}</ac:rich-text-body>" if rich else ""
    if plain:
        body = f"<ac:plain-text-body><![CDATA[{plain}]]></ac:plain-text-body>"
    return f'<ac:structured-macro ac:name="{name}">{told}{body}</ac:structured-macro>'


STORAGE = {
    "headings": ("<h1>One</h1><h3>Three</h3><p>Text.</p>", "# One\n\n### Three\n\nText."),
    "nested lists": (
        "<ul><li>a<ol><li>b</li><li>c<ul><li>d</li></ul></li></ol></li><li>e</li></ul>",
        "- a\n  1. b\n  2. c\n     - d\n- e",
    ),
    "table": (
        "<table><tbody><tr><th>A</th><th>B</th></tr><tr><td><p>x|y</p></td><td>z</td></tr></tbody></table>",
        "| A | B |\n| --- | --- |\n| x\\|y | z |",
    ),
    "a table of one cell is a frame": (
        "<table><tbody><tr><td><ul><li>a</li><li>b</li></ul></td></tr></tbody></table>",
        "- a\n- b",
    ),
    "code": (
        named("code", "language=Java", "title=A.java", plain="if (a < b && c) {\n\tx[0]();\n}"),
        "**A.java**\n\n```java\nif (a < b && c) {\n\tx[0]();\n}\n```",
    ),
    "code that holds a fence": (named("code", plain="```\nx\n```"), "````\n```\nx\n```\n````"),
    "code in a cell": (
        "<table><tr><th>A</th><th>B</th></tr>"
        f"<tr><td>{named('code', plain='a|b')}</td><td>c</td></tr></table>",
        "| A | B |\n| --- | --- |\n| `a\\|b` | c |",
    ),
    "noformat": (named("noformat", plain=" a *b* _c_"), "```\n a *b* _c_\n```"),
    "quotes": (
        named("info", rich="<p>Mind.</p>") + named("panel", "title=T", rich="<p>P.</p>"),
        "> **Info**\n>\n> Mind.\n\n> **T**\n>\n> P.",
    ),
    "macros in macros": (
        named("expand", "title=More", rich=named("tip", rich=named("code", plain="x = 1"))),
        "**More**\n\n> **Tip**\n>\n> ```\n> x = 1\n> ```",
    ),
    "tasks": (
        "<ac:task-list><ac:task><ac:task-id>7</ac:task-id><ac:task-status>complete</ac:task-status>"
        "<ac:task-body><p>a</p></ac:task-body></ac:task><ac:task><ac:task-status>incomplete"
        "</ac:task-status><ac:task-body>b <time datetime='2024-01-02' /></ac:task-body></ac:task>"
        "</ac:task-list>",
        "- [x] a\n- [ ] b 2024-01-02",
    ),
    "code by another name": (
        named("code", "lang=Java", plain="a;") + named("paste-code-macro", "title=B", plain="b"),
        "```java\na;\n```\n\n**B**\n\n```\nb\n```",
    ),
    "an unknown macro's title stands once": (
        named("snippet", "title=T", "language=sql", plain="SELECT 1"),
        "**T**\n\n```sql\nSELECT 1\n```",
    ),
    "an unknown macro's address": (
        named("video", 'uri=<ri:url ri:value="https://v.example/1" />') + named("map", "zoom=3"),
        "[https://v.example/1](https://v.example/1)",
    ),
    "a list that is made anew": ("<p>a</p>" + named("spaces", "=all"), "a"),
    "a title that is encoded": (named("roadmap", "title=Next%20year"), "Next year"),
    "steps": (
        named(
            "ui-steps",
            rich=named("ui-step", "title=Off", rich="<p>Turn it off.</p>")
            + named("ui-step", rich="<p>Wait.</p>"),
        ),
        "1. **Off**\n\n   Turn it off.\n2. Wait.",
    ),
    "an emoticon without a picture": ('a <ac:emoticon ac:name="keycap: 1" />', "a :keycap: 1:"),
    "silent": (named("toc") + "<p>a</p>" + named("anchor", "=x"), "a"),
    "status": (f"<p>Is {named('status', 'title=DONE', 'colour=Green')}.</p>", "Is DONE."),
    "jira": (f"<p>See {named('jira', 'key=OPS-7')}.</p>", "See OPS-7."),
    "mentions": (
        '<p>Ask <ac:link><ri:user ri:userkey="k1" /></ac:link> or '
        '<ac:link><ri:user ri:username="tobin" /></ac:link>.</p>',
        "Ask Mara Quill or Tobin Ashby.",
    ),
    "link": (
        '<p><ac:link ac:anchor="Top"><ri:page ri:content-title="Masts" /><ac:plain-text-link-body>'
        "<![CDATA[the <masts>]]></ac:plain-text-link-body></ac:link></p>",
        "[the <masts>](../display/OPS/Masts#Top)",
    ),
    "link to a heading by the wiki's own anchor": (
        '<ac:link ac:anchor="RadioMasts-GuyWires"><ri:page ri:content-title="Radio Masts" />'
        "<ac:link-body>wires</ac:link-body></ac:link>",
        "[wires](../display/OPS/Radio+Masts#GuyWires)",
    ),
    "link without text": (
        '<ac:link><ri:page ri:space-key="BILL" ri:content-title="Tariffs" /></ac:link>',
        "[Tariffs](../display/BILL/Tariffs)",
    ),
    "link to a page that is not here": (
        '<ac:link><ri:page ri:space-key="HR" ri:content-title="Days off (2024)" /></ac:link>',
        "[Days off (2024)](../display/HR/Days+off+%282024%29)",
    ),
    "link to a place on the page": (
        '<ac:link ac:anchor="Far down"><ac:link-body>down</ac:link-body></ac:link>',
        "[down](#Far%20down)",
    ),
    "link to the page itself": ('<ac:link><ri:page ri:content-title="@self" /></ac:link>', "Home"),
    "a page that sends on": (named("viewport-redirect", "redirectMessage=It moved"), "It moved"),
    "link to a space": (
        '<ac:link><ri:space ri:space-key="BILL" /></ac:link>',
        "[BILL](../display/BILL)",
    ),
    "pasted address": (
        '<a href="https://wiki.fennmoor.example/display/BILL/Tariffs?src=x#a">t</a>',
        "[t](https://wiki.fennmoor.example/display/BILL/Tariffs?src=x#a)",
    ),
    "pasted cloud address": (
        '<a href="https://fennmoor.example/wiki/spaces/OPS/pages/2/Masts">t</a>',
        "[t](https://fennmoor.example/wiki/spaces/OPS/pages/2/Masts)",
    ),
    "short address": ('<a href="/x/Ag">t</a>', "[t](/x/Ag)"),
    "address elsewhere": ('<a href="https://a.example/b c">t</a>', "[t](https://a.example/b%20c)"),
    "picture": (
        '<ac:image ac:alt="the plan"><ri:attachment ri:filename="plan.png" /></ac:image>',
        "![the plan](attachments/plan.png)",
    ),
    "picture elsewhere": (
        '<ac:image><ri:url ri:value="https://a.example/b.png" /><ac:caption><p>So.</p></ac:caption>'
        "</ac:image>",
        "![](https://a.example/b.png) *So.*",
    ),
    "picture in a cell": (
        "<table><tr><th>A</th><th>B</th></tr><tr><td><p><ac:image>"
        '<ri:attachment ri:filename="plan.png" /></ac:image></p></td><td>b</td></tr></table>',
        "| A | B |\n| --- | --- |\n| ![plan.png](attachments/plan.png) | b |",
    ),
    "diagram": (named("drawio", "diagramName=plan"), "![plan](attachments/plan.png)"),
    "layout": (
        '<ac:layout><ac:layout-section ac:type="two_equal"><ac:layout-cell><p>a</p>'
        "</ac:layout-cell><ac:layout-cell><p>b</p></ac:layout-cell></ac:layout-section></ac:layout>",
        "a\n\nb",
    ),
    "markers": (
        '<p>a<ac:inline-comment-marker ac:ref="r">b</ac:inline-comment-marker>c</p>',
        "abc",
    ),
    "emoji": ('<p><ac:emoticon ac:name="tick" /> <ac:emoticon ac:emoji-id="1f4cb" /></p>', "✅ 📋"),
    "markdown": (named("markdown", plain="* a\n* b_c"), "* a\n* b_c"),
    "cloud panel": (
        '<ac:adf-extension><ac:adf-node type="panel"><ac:adf-attribute key="panel-type">note'
        "</ac:adf-attribute><ac:adf-content><p>Mind.</p></ac:adf-content></ac:adf-node>"
        "<ac:adf-fallback><p>Else.</p></ac:adf-fallback></ac:adf-extension>",
        "> Mind.",
    ),
    "unknown": (named("gauge", "title=Load", rich="<p>Usual.</p>"), "Load\n\nUsual."),
    "unknown with plain text": (named("chart", plain="1,2"), "```\n1,2\n```"),
    "hints": ("<p>a<ac:placeholder>type here</ac:placeholder></p>", "a"),
    "entities": ("<p>a&nbsp;&mdash;&nbsp;b &lt;c&gt;</p>", "a — b <c>"),
}  # fmt: skip


@pytest.mark.parametrize("name", STORAGE)
def test_storage_format(name: str) -> None:
    given, expected = STORAGE[name]

    assert storage(given) == expected


WIKI = {
    "heading": ("h2. Masts *here*", "## Masts **here**"),
    "words": (
        "*b* _i_ -gone- {{m_m}} +u+ a * b, 2 - 1 - x",
        "**b** *i* ~~gone~~ `m_m` u a \\* b, 2 - 1 - x",
    ),
    "escapes": (r"\*not\* \[x\] \{code\}", "\\*not\\* [x] {code}"),
    "lists": ("* a\n** b\n*# c\n# d\n- e", "- a\n  - b\n  1. c\n\n1. d\n\n- e"),
    "table": ("||A||B||\n|x|{{y|z}}|", "| A | B |\n| --- | --- |\n| x | `y\\|z` |"),
    "code": (
        "{code:python|title=a.py}\nx = '*a*'\n{code}",
        "**a.py**\n\n```python\nx = '*a*'\n```",
    ),
    "noformat": ("{noformat}\n| a\n{noformat}", "```\n| a\n```"),
    "panel": ("{panel:title=T}\n* a\n{panel}", "> **T**\n>\n> - a"),
    "quote": ("{quote}\na\n{quote}\nbq. b", "> a\n\n> b"),
    "link": ("[the masts|Masts#Top]", "[the masts](../display/OPS/Masts#Top)"),
    "link elsewhere": ("[BILL:Tariffs]", "[Tariffs](../display/BILL/Tariffs)"),
    "address": ("[t|https://a.example/x_y_z]", "[t](https://a.example/x_y_z)"),
    "bare address": (
        "at https://a.example/x_y_z.",
        "at [https://a.example/x_y_z](https://a.example/x_y_z).",
    ),
    "mention": ("[~tobin]", "Tobin Ashby"),
    "picture": ("!plan.png|width=300!", "![plan.png](attachments/plan.png)"),
    "not a picture": ("Stop! Now! Go!", "Stop! Now! Go!"),
    "rule": ("a\n----\nb", "a\n\n---\n\nb"),
    "colour": ("{color:red}a{color} b", "a b"),
    "breaks": ("a\nb", "a  \nb"),
    "html is text": ("a < b & <c>", "a < b & <c>"),
    "unclosed": ("{info}\na", "> **Info**\n\na"),
}


@pytest.mark.parametrize("name", WIKI)
def test_wiki_markup(name: str) -> None:
    given, expected = WIKI[name]

    assert wiki(given) == expected


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ('<ac:link><ri:page ri:content-title="masts" /></ac:link>', "2"),
        ('<ac:link><ri:page ri:space-key="bill" ri:content-title="Tariffs" /></ac:link>', "3"),
        ('<ac:link><ri:page ri:space-key="HR" ri:content-title="Leave" /></ac:link>', "hr:leave"),
        ('<ac:link><ri:page ri:content-title="Gone" /></ac:link>', "ops:gone"),
        ('<ac:link><ri:content-entity ri:content-id="77" /></ac:link>', "77"),
        ('<ac:link><ri:space ri:space-key="BILL" /></ac:link>', "3"),
        ('<ac:link><ri:page ri:content-title="@home" /></ac:link>', "1"),
        ('<a href="https://w.example/display/BILL/Tariffs?src=x#a">t</a>', "3"),
        ('<a href="https://w.example/c/display/public/BILL/Tariffs">t</a>', "3"),
        ('<a href="https://w.example/wiki/spaces/OPS/pages/2/Radio+Masts">t</a>', "2"),
        ('<a href="https://w.example/wiki/spaces/OPS/overview">t</a>', "1"),
        ('<a href="https://w.example/pages/viewpage.action?pageId=2&amp;focus=1">t</a>', "2"),
        ('<a href="/pages/viewpage.action?spaceKey=BILL&amp;title=Tariffs">t</a>', "3"),
        ('<a href="https://w.example/spaces/viewspace.action?key=BILL">t</a>', "3"),
        ('<a href="https://w.example/pages/viewpage.action?pageId=77">t</a>', "77"),
        ('<a href="https://w.example/x/Ag">t</a>', "2"),
        ('<a href="https://w.example/x/Bg">t</a>', None),
        ('<a href="https://w.example/elsewhere">t</a>', None),
        ('<a href="https://confluence.atlassian.com/display/DOC/Home">t</a>', None),
        ('<a href="mailto:a@w.example">t</a>', None),
    ],
)  # fmt: skip
def test_what_links_mean(link: str, target: str | None) -> None:
    noted = page()
    body = storage(link, noted)

    assert [one.target for one in noted.links] == ([] if target is None else [target])
    assert all(f"]({one.href})" in body for one in noted.links)


def test_a_body_does_not_tell_which_pages_there_are() -> None:
    """A page that a link means may be for fewer people than the page with the link."""
    links = (
        '<ac:link ac:anchor="x"><ri:page ri:content-title="Masts" /></ac:link>'
        '<ac:link><ri:space ri:space-key="BILL" /></ac:link>'
        '<a href="https://w.example/display/BILL/Tariffs">t</a> <a href="/x/Ag">t</a>'
    )

    assert markdown(links, Page(PLACES, "1", "OPS")) == markdown(links, Page(Places(), "1", "OPS"))


def test_no_text_passes_for_a_mark() -> None:
    text = "<p>a &#xe000;5&#xe001; \ue0000\ue001</p>" + named("markdown", plain="* b")

    assert storage(text) == "a  0\n\n* b"


def test_what_is_lost_is_counted() -> None:
    noted = page()
    storage(
        named("children")
        + named("gauge", rich="<p>x</p>")
        + named("gauge", rich="<p>y</p>")
        + named("include", "=Masts")
        + named("widget", "url=https://a.example/v")
        + '<ac:image><ri:attachment ri:filename="gone.png" /></ac:image>',
        noted,
    )

    assert {(one.kind, one.what): one.count for one in noted.losses()} == {
        (LossKind.MACRO, "children"): 1,
        (LossKind.MACRO, "gauge"): 2,
        (LossKind.MACRO, "include"): 1,
        (LossKind.EMBED, "widget"): 1,
        (LossKind.ATTACHMENT, "gone.png: not in the export"): 1,
    }
    assert [(one.href, one.target) for one in noted.links] == [("../display/OPS/Masts", "2")]


@pytest.mark.parametrize(
    "text",
    [
        "{a}" * 5_000,
        "{quote}" * 4_001,
        "[" * 20_000,
        "*" * 20_000,
        "!" * 20_000 + "a",
        "* a" + " *" * 20_000,
        "|" * 20_000,
        "{{" * 10_000,
        "\\" * 20_001,
        "\ue0100\ue011",
        "*#" * 2_000 + " a",
    ],
)
def test_hostile_wiki_markup_ends(text: str) -> None:
    assert isinstance(wiki(text), str)


# Real cases -----------------------------------------------------------------------------------


def words(text: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s\x00-\x7f\ufe0f\u200d]", text)


def expected_words(event: str) -> list[str]:
    """The words of an event stream, also of those inside macros; and code."""
    if event.lstrip().startswith("<"):
        event = unescape(event)
    # Where a comment was made within a word, the word goes on.
    event = re.sub(r"\]\nonMacroInline \[confluence_inline[^\n]*\]\nonWord \[", "", event)
    found = re.finditer(
        r"onWord \[([^\n]*?)\]$|<word>(.*?)</word>|^onMacro\w+ \[code\] \[[^\n]*?\] \[(.*?)\]$",
        event,
        re.M | re.S,
    )
    return [word for one in found for group in one.groups() for word in words(group or "")]


def common(one: list[str], other: list[str]) -> int:
    """The length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for word in one:
        before = row
        row = [0]
        for at, theirs in enumerate(other):
            row.append(before[at] + 1 if word == theirs else max(before[at + 1], row[at]))
    return row[-1]


def case_of(path: Path) -> tuple[str, str, str]:
    """The input's syntax, the input, and what is expected."""
    parts = re.split(r"^\.(?:input|expect)\|(\S+)$", path.read_text("utf-8"), flags=re.M)
    _, syntax, given, _, expected = parts
    lines = [line for line in given.split("\n") if not re.match(r"\.[#\w]", line)]
    return syntax, "\n".join(lines).strip("\n"), expected


def test_real_markup_arrives(shared: Path) -> None:
    """Of every case at least four in five words. These are missed, and no others."""
    misses: dict[str, list[str]] = {}
    cases = sorted((shared / "exports" / "confluence-markup").rglob("*.test"))
    for case in cases:
        syntax, given, expected = case_of(case)
        wanted = expected_words(expected)
        convert = markdown if "xhtml" in syntax else wiki_markdown
        got = words(convert(given, Page(Places())))
        arrived = common(wanted, got)
        assert arrived >= 0.8 * len(wanted), (case.stem, wanted, got)
        if arrived < len(wanted):
            left = Counter(wanted) - Counter(got)
            misses[case.stem] = sorted(left.elements()) or ["in another order"]

    assert len(cases) == 41
    # An emoji that is only named; and a link to a space's home whose key nobody gave.
    assert misses == {"emoji": ["💨", "😮"], "link6": ["currentSpace"]}


PIECES = st.sampled_from(
    "<p> </p> <ul><li> </li></ul> <table><tr><td> </td></tr></table> <ac:link> </ac:link>"
    ' <ac:structured-macro ac:name="code"> <ac:structured-macro ac:name="info">'
    ' <ac:structured-macro ac:name="drawio"> </ac:structured-macro> <ac:parameter ac:name="title">'
    " </ac:parameter> <ac:rich-text-body> </ac:rich-text-body> <ac:plain-text-body> <![CDATA["
    ' ]]> </ac:plain-text-body> <ri:page/> <ri:user/> <ri:attachment/> <ac:image> </ac:image>'
    " <ac:task-list> <ac:task> <ac:task-body> </ac:task> <ac:adf-extension> <ac:adf-node/>"
    ' <ac:emoticon/> <time/> <a> <img/> &#xd800; &nbsp; <?xml <!-- \ue0000\ue001 a | * `'.split(" ")
)  # fmt: skip
SIGNS = st.sampled_from(
    "* # - || | {code} {info:title=x} {info} {quote} {color:red} {{ }} [ ] [x|y] [~z] ! !a.png! h1."
    " bq. ---- \\ \\\\ _ ?? + ^ ~ a b \ue0100\ue011 \n \n\n https://a.example/".split(" ")
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_storage_format_is_text_or_refused(text: str) -> None:
    with suppress(Refused):  # that it nests too deeply
        check_text(storage(text))


@given(st.lists(SIGNS, max_size=40).map(" ".join) | st.lists(SIGNS, max_size=40).map("".join))
def test_any_wiki_markup_is_text(text: str) -> None:
    check_text(wiki(text))

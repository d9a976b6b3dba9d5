"""HTML as Markdown, whichever format it comes from."""

from __future__ import annotations

import time

import pytest

from knowledge.exports import Refused
from knowledge.readers import _html


def markdown(html: str) -> str:
    return _html.to_markdown(_html.soup(html)).strip()


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<h2>Two</h2><p>text</p>", "## Two\n\ntext"),
        ('<a href="a b(1).html#c">t</a>', "[t](a%20b%281%29.html#c)"),
        ('<img src="a b.png" alt="x [y]" title="z">', "![x (y)](a%20b.png)"),
        ('<h1><img src="logo.png" alt="L"> T</h1>', "# ![L](logo.png) T"),
        ("<ul><li><input type=checkbox checked> done</li></ul>", "- [x] done"),
        ("<ul><li><input type=checkbox>open</li></ul>", "- [ ] open"),
        ('<pre><code class="language-python">a\n  b</code></pre>', "```python\na\n  b\n```"),
        ("<pre>a<br>b</pre>", "```\na\nb\n```"),
        ("<pre>a ``` b</pre>", "````\na ``` b\n````"),
        ("<ul><li>a<ol start=3><li>b</li><li>c</li></ol></li></ul>", "- a\n  3. b\n  4. c"),
        ("<ul><li><p>a</p><p>b</p></li></ul>", "- a\n\n  b"),
        ("<details><summary>S</summary>inner</details>", "S\n\ninner"),
        (
            '<iframe src="https://v.example/x" title="The film"></iframe>',
            "[The film](https://v.example/x)",
        ),
        ('<video><source src="films/a.mp4"></video>', "[a.mp4](films/a.mp4)"),
        ("<form>words<button>Send</button></form>", "words"),
        (
            '<span class="katex"><span class="katex-mathml"><math><semantics><mi>x</mi><annotation'
            ' encoding="application/x-tex">x_1</annotation></semantics></math></span><span'
            ' class="katex-html">x1</span></span>',
            "$x_1$",
        ),
        (
            '<math><annotation encoding="application/x-tex">f*g*h\\ </annotation></math> is',
            "$f*g*h\\ $ is",
        ),
        ("<p><b>one</b><b> word</b> and</p>", "**one word** and"),
        ("<p><i>a</i><b> </b><i>b</i></p>", "*a* *b*"),
        ("<p><del>a</del><del><b>b</b></del></p>", "~~a**b**~~"),
        ("<script>no</script><style>no</style><!-- no -->yes", "yes"),
        ('<ol start="²"><li>a</li></ol>', "1. a"),
    ],
)
def test_conversion(html: str, expected: str) -> None:
    assert markdown(html) == expected


def test_a_table() -> None:
    html = (
        "<table><tr><td>a</td><td>b<br>c</td></tr>"
        '<tr><td>1|2</td><td><ul><li>x</li></ul></td></tr><tr><td colspan="²">w</td></tr></table>'
    )

    assert markdown(html).split("\n")[:3] == ["| a | b c |", "| --- | --- |", "| 1\\|2 | - x |"]


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><td><p>one</p></td></tr><tr><td><p>two</p></td></tr></table>",
        "<table><tr><td>one</td><td><table><tr><td>two</td></tr></table></td></tr></table>",
        "<table role=presentation><tr><td>one</td><td>two</td></tr></table>",
    ],
)
def test_a_table_for_layout_is_none(html: str) -> None:
    assert markdown(html) == "one\n\ntwo"


def test_embeds_are_told() -> None:
    tree = _html.soup('<iframe src="https://v.example"></iframe><video></video><embed src="x.swf">')

    assert _html.embeds(tree) == ["iframe", "embed"]


@pytest.mark.parametrize(
    "html",
    [
        "<ol>" + "<li>x" * 4_000,
        "<table><thead>" + "<tr><th>x</th></tr>" * 4_000,
        "<table><tr>" + "<td colspan=9999>x</td>" * 2_000,
        "<a href='" + "(" * 100_000 + "'>x</a>",
    ],
)
def test_hostile_html_takes_linear_time(html: str) -> None:
    start = time.process_time()
    made = markdown(html)

    assert time.process_time() - start < 15
    assert len(made) < 60 * len(html)


@pytest.mark.parametrize("tag", ["b", "div", "table", "ul><li"])
def test_html_that_nests_too_deeply_is_refused(tag: str) -> None:
    with pytest.raises(Refused, match="nests too deeply"):
        markdown(f"<{tag}>" * 1_000 + "x")


@pytest.mark.parametrize("tag", ["header", "table><tr><td", "math", "ac:link"])
def test_html_that_nests_too_deeply_is_refused_at_once(tag: str) -> None:
    start = time.process_time()
    with pytest.raises(Refused, match="nests too deeply"):
        markdown(f"<{tag}>" * 20_000 + "x")

    assert time.process_time() - start < 10

"""Pages of HTML: what is a page's own, what its head says, and what it links to."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge import readers
from knowledge.readers import _html
from knowledge.types import Contributor, LossKind, ReadFailure, Role, SourceDocument
from tests.contracts.test_readers import sample
from tests.knowledge.readers.support import document, read, refusal


def test_the_sample() -> None:
    items = list(readers.read_export(sample("html"), source="test"))
    pages = {item.external_id: item for item in items if isinstance(item, SourceDocument)}
    page = pages["index.html"]

    assert set(pages) == {"index.html", "rescue.html"}
    assert page.title == "Climbing the mast"
    assert page.contributors == (
        Contributor("Runa Ilvesdal", Role.AUTHOR, "runa.ilvesdal@fennmoor.example"),
    )
    assert page.tags == ("safety", "turbines")
    assert page.created_at == datetime(2024, 2, 5, 7, 30, tzinfo=UTC)
    assert page.updated_at == datetime(2024, 6, 11, tzinfo=UTC)
    assert page.url == "https://handbook.fennmoor.example/climbing"
    assert page.body == (
        "# Climbing the mast\n\n"
        "Clip in **before** the gate, and read [what is in the rescue kit](rescue.html#kit).\n\n"
        "| Wind | What to do |\n| --- | --- |\n| below 10 m/s | climb |\n"
        "| above | wait \\| call |\n\n"
        "![The latch](pictures/gate%20latch.svg)\n\nThe latch of the gate\n\n"
        "```sh\nlock --turbine heron-2\n```\n\n"
        "[How to clip in](https://films.example/climbing)\n"
    )
    assert [(link.href, link.target) for link in page.links] == [("rescue.html#kit", "rescue.html")]
    assert [(one.href, one.entry) for one in page.attachments] == [
        ("pictures/gate%20latch.svg", "pictures/gate latch.svg")
    ]
    assert [(loss.kind, loss.what) for loss in page.losses] == [(LossKind.EMBED, "iframe")]
    assert [link.target for link in pages["rescue.html"].links] == ["index.html", "missing.html"]


@pytest.mark.parametrize(
    ("html", "body"),
    [
        ("<body><nav>menu</nav><p>own</p><footer>end</footer></body>", "own"),
        (
            "<body><div>site</div><article><p>own words, many</p></article></body>",
            "own words, many",
        ),
        ("<body><p>site</p><main><p>own</p></main></body>", "own"),
        ("<body><nav><a href='x.html'>x</a></nav></body>", "[x](x.html)"),
        ("<body><header>site</header><header><h1>T</h1></header></body>", "# T"),
        ("<body><article>one</article><article>two</article></body>", "one\n\ntwo"),
        ("<p hidden>no</p>yes", "yes"),
        ("<body><nav role=navigation>a long menu</nav><p>own</p></body>", "own"),
    ],
)
def test_what_is_a_pages_own(tmp_path: Path, html: str, body: str) -> None:
    assert document(tmp_path, "a.html", html).body.strip() == body


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title>A | Site</title><h1>A</h1>", "A"),
        ("<title>A - Site</title><h1>Site</h1>", "A"),
        ("<title>T</title><h1>Other</h1>", "T"),
        ("<h1>Only</h1>", "Only"),
        ("<p>no title</p>", "Gear box"),
    ],
)
def test_titles(tmp_path: Path, html: str, title: str) -> None:
    assert document(tmp_path, "gear-box.html", html).title == title


def test_a_page_in_the_encoding_that_it_names(tmp_path: Path) -> None:
    data = '<html><meta charset="windows-1252"><p>Größe</p>'.encode("cp1252")
    (page,) = read(tmp_path, {"a.html": data})

    assert isinstance(page, SourceDocument)
    assert page.body == "Größe\n"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html><p>Gr\xf6\xdfe</p>", "UTF-8"),
        (b'<html><meta charset="zlib_codec"><p>Gr\xf6\xdfe</p>', "UTF-8"),
        (b"<html><body><script>x</script></body></html>", "no text"),
        (b"<html>" + b"<div>" * 3000 + b"x", "nests too deeply"),
    ],
)
def test_what_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    assert reason in refusal(tmp_path, "a.html", data)


def test_what_a_page_attaches_is_not_refused_besides(tmp_path: Path) -> None:
    items = read(tmp_path, {"a.html": '<a href="b.xyz">b</a>', "b.xyz": "b", "c.xyz": "c"})

    assert [item.name for item in items if isinstance(item, ReadFailure)] == ["c.xyz"]


def test_real_pages(shared: Path) -> None:
    items = list(readers.read_export(shared / "exports/html", source="test"))
    pages = {item.external_id: item for item in items if isinstance(item, SourceDocument)}

    assert not [item for item in items if isinstance(item, ReadFailure)]
    assert len(pages["embeds.html"].attachments) == 10
    assert {link.target for link in pages["links.html"].links} >= {
        "embeds.html",
        "special filename#.html",
    }


@pytest.mark.slow
def test_html_that_broke_parsers(shared: Path, tmp_path: Path) -> None:
    """html5lib's inputs: each is read, or refused with a reason."""
    files = sorted((shared / "hostile/html/tree-construction").glob("*.dat"))
    cases = [
        case.split(b"\n#errors")[0]
        for file in files
        for case in file.read_bytes().split(b"#data\n")[1:]
    ]
    for at, case in enumerate(cases):
        (tmp_path / f"{at}.html").write_bytes(case)
    items = list(readers.read_export(tmp_path, source="test"))

    assert len(items) == len(cases) > 1000
    refused = {item.reason for item in items if isinstance(item, ReadFailure)}
    assert not any("understood" in reason for reason in refused)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            "<tr><th>A</th><th>B</th><th>C</th></tr>"
            "<tr><td rowspan=2>a</td><td>b</td><td>c</td></tr>"
            "<tr><td>d</td><td>e</td></tr><tr><td>f</td><td>g</td><td>h</td></tr>",
            "| A | B | C |\n| --- | --- | --- |\n| a | b | c |\n|  | d | e |\n| f | g | h |",
        ),
        (
            "<tr><th>A</th><th>B</th><th>C</th></tr>"
            "<tr><td>a</td><td colspan=2 rowspan=2>b</td></tr>"
            "<tr><td>c</td></tr><tr><td>d</td><td>e</td><td>f</td></tr>",
            "| A | B | C |\n| --- | --- | --- |\n| a | b | |\n| c |  |  |\n| d | e | f |",
        ),
        (
            "<tr><th>A</th><th>B</th></tr><tr><td><pre>x = 1\ny | z</pre></td><td>b</td></tr>",
            "| A | B |\n| --- | --- |\n| `x = 1 y \\| z` | b |",
        ),
    ],
    ids=["down", "down and across", "code"],
)
def test_columns_stay_columns(rows: str, expected: str) -> None:
    assert _html.to_markdown(_html.soup(f"<table>{rows}</table>")).strip() == expected

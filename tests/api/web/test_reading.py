"""What is shown of a text: safe, in order, and with the wanted passage marked."""

from __future__ import annotations

import pytest

from api.excerpts import Piece, excerpt
from api.web.prose import NOWHERE, Targets, Wanted, phrase, prose
from api.web.reading import PART, reading
from knowledge.types import Document, Kind, Passage, Share


def passage(text: str, start: int = 0, **more: object) -> Passage:
    return Passage(7, 1, 0, (), start, start + len(text), text, **more)  # type: ignore[arg-type]


def shown(text: str, title: str = "T", base: str | None = None) -> str:
    return str(prose(text, title, Targets(base), None))


def test_marks_count_code_points() -> None:
    text = "𝔘 😀😀. The vault opens 🧾 at noon. Not before."
    start = text.index("The")
    pieces = excerpt(passage(text), [(start, text.index(" Not"))]).pieces
    assert [(p.text, p.marked) for p in pieces] == [
        ("𝔘 😀😀. ", False),
        ("The vault opens 🧾 at noon.", True),
        (" Not before.", False),
    ]


def test_an_excerpt_is_words_of_one_paragraph() -> None:
    text = "# Vault\n\n- Turn the **wheel**.\n- Ask [Ben](https://b.example).\n\nElsewhere."
    start = text.index("- Turn")
    pieces = excerpt(passage(text), [(start, text.index("\n- Ask"))]).pieces
    assert "".join(p.text for p in pieces) == "Turn the wheel. • Ask Ben."


def test_a_long_sentence_is_cut_between_words() -> None:
    text = "word " * 1000
    before, marked, after = excerpt(passage(text), [(2000, 3000)]).pieces
    assert before.text.startswith("… word")
    assert (set(marked.text.split()), after) == ({"word"}, Piece(" …", False))
    assert len(before.text + marked.text) < 600


def test_a_row_and_a_line_of_code_are_shown_whole() -> None:
    row = "| Vault. | " + "At noon. " * 60 + "|"
    text = f"| Door | When |\n|---|---|\n{row}\n\n```\nmake *go*. now\n```"
    start = text.index(row)
    (piece,) = excerpt(passage(text), [(start, start + len(row))]).pieces
    assert piece == Piece("Vault. · " + " ".join(["At noon."] * 60), True)
    start = text.index("make")
    pieces = excerpt(passage(text), [(start, start + len("make *go*. now"))]).pieces
    assert pieces == (Piece("make *go*. now", True),)


def test_who_says_it_and_when_stand_apart() -> None:
    text = "**Ada:** \\[00:03\\] Hello.\n\n**Ben:** \\[01:05\\] It is here."
    start = text.index("It is")
    found = excerpt(
        passage(text, speakers=(Share("Ada", 0.5), Share("Ben", 0.5))), [(start, len(text))]
    )
    assert (found.speaker, found.at_s) == ("Ben", 65.0)
    assert [p.text for p in found.pieces] == ["It is here."]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[a](javascript:alert(1))",
        "[a](data:text/html,x)",
        "[a](JaVaScRiPt:x)",
        "![a](https://spy.example/p.gif)",
        '<img src=x onerror="x">',
        "<style>*{}</style>",
        "| a |\n|--:|\n| b |",
    ],
)
def test_no_text_brings_its_own_markup(text: str) -> None:
    html = shown(text)
    for wrong in ("<script", "<img", "<style", " style=", 'href="javascript', 'href="data'):
        assert wrong not in html.lower()


def test_links_lead_away_without_a_trace_and_pictures_are_links() -> None:
    html = shown("[a](b.md) ![plan](p.png) [c](mailto:c@example.org)", base="https://w.example/x/")
    assert html.count('rel="noopener nofollow"') == 3
    assert 'href="https://w.example/x/b.md"' in html
    assert 'href="https://w.example/x/p.png"' in html
    assert ">Picture: plan</a>" in html
    assert "<a" not in shown("[a](b.md)")


def test_headings_begin_below_the_title_and_skip_none() -> None:
    html = shown("# Title\n\n# A\n\n#### B\n\n## C", title="Title")
    assert "Title" not in html
    assert [html.index(x) for x in ('<h2 id="s-a">A', '<h3 id="s-b">B', '<h3 id="s-c">C')]


def test_tasks_have_boxes() -> None:
    html = shown("- [ ] Open\n- [x] Done\n- Not [ ] one\n\n[ ] Nor this")
    assert "<li>☐ Open</li>" in html
    assert "<li>☑ Done</li>" in html
    assert html.count("[ ]") == 2


def test_callouts_say_of_what_kind_they_are() -> None:
    told = shown(
        "> [!warning]- Before you *enter*\n> Wait.\n\n> [!NOTE]\n> Read.\n\n[!tip] no quote"
    )
    assert "<strong>Warning:</strong> Before you <em>enter</em><br>\nWait." in told
    assert "<strong>Note</strong><br>\nRead." in told
    assert told.count("[!") == 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_wanted_blocks_are_wrapped_once(end: str) -> None:
    text = f"One.{end}{end}Two.{end}{end}Three.{end}{end}Four."
    start = text.index("Two")
    html = str(prose(text, "T", NOWHERE, Wanted(start, text.index("Three") + 6, "p7")))
    inside = html.split('<div class="wanted" id="p7">')[1].split("</div>", maxsplit=1)[0]
    assert ("Two." in inside, "Three." in inside, "Four." in inside) == (True, True, False)
    assert html.count("wanted") == 1


def test_of_a_long_list_only_the_wanted_items_are_marked() -> None:
    text = "\n".join(f"- item {n}" for n in range(9))
    start = text.index("- item 4")
    html = str(prose(text, "T", NOWHERE, Wanted(start, start + 8, "p7")))
    assert '<li class="wanted" id="p7">item 4</li>' in html
    assert html.count("wanted") == 1


def test_a_phrase_is_escaped_and_unescaped_as_markdown_is() -> None:
    assert phrase("a \\* <b> *c*") == "a * &lt;b&gt; <em>c</em>"


def test_a_long_text_comes_in_parts_with_the_wanted_one_first() -> None:
    body = "\n\n".join(f"Paragraph {n} " + "x" * 1000 for n in range(200))
    document = Document(1, "wiki", "k", "T", Kind.WRITEUP, 1, 1)
    at = body.index("Paragraph 150")
    found = reading(document, body, passage("Paragraph 150", at), None)
    assert found.part > 1
    assert found.parts == -(-len(body) // PART) or found.parts > found.part
    assert 'id="p7"' in str(found.prose)
    every = [str(reading(document, body, None, n + 1).prose) for n in range(found.parts)]
    assert sum(one.count("Paragraph") for one in every) == 200
    assert reading(document, body, None, 10**9).part == found.parts


@pytest.mark.parametrize("unit", ["[", "*a ", "![](", "> ", "- ", "`a", "x|\n-|\n"])
def test_no_text_takes_long(unit: str) -> None:
    document = Document(1, "wiki", "k", "T", Kind.WRITEUP, 1, 1)
    assert reading(document, unit * 1_000_000, None, None).prose is not None


def test_addresses_that_no_browser_may_follow_are_no_links() -> None:
    for url, kept in (("javascript:x", False), ("https://[", False), ("https://w.example", True)):
        document = Document(1, "wiki", "k", "T", Kind.WRITEUP, 1, 1, url=url)
        assert (reading(document, "x", None, None).source_url is not None) == kept

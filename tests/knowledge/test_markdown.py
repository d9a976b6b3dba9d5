from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.markdown import MAX_PARSED_LINE, blanked, blocks, plain

DOCUMENT = """# Deploy *it*\r\nIntro.\r\n\r\n## With [helm](http://a.b/c)
- one
  - two
    more
- three

> quoted
> # no heading

| a | b |
|---|:--|
| 1 | 2 |

```sh
  helm up

```
Set
===
<div>html</div>
"""


def test_kinds_paths_and_ranges() -> None:
    helm = ("Deploy it", "With helm")
    got = [(b.kind, b.level, b.heading_path, DOCUMENT[b.start : b.end]) for b in blocks(DOCUMENT)]
    assert got == [
        ("heading", 1, ("Deploy it",), "# Deploy *it*"),
        ("paragraph", 0, ("Deploy it",), "Intro."),
        ("heading", 2, helm, "## With [helm](http://a.b/c)"),
        ("list_item", 1, helm, "- one"),
        ("list_item", 2, helm, "- two\n    more"),
        ("list_item", 1, helm, "- three"),
        ("quote", 1, helm, "> quoted"),
        ("quote", 1, helm, "> # no heading"),
        ("table", 0, helm, "| a | b |\n|---|:--|\n| 1 | 2 |"),
        ("code", 0, helm, "```sh\n  helm up\n\n```"),
        ("heading", 1, ("Set",), "Set\n==="),
        ("html", 0, ("Set",), "<div>html</div>"),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_offsets_are_of_the_body_as_it_came(end: str) -> None:
    body = f"a\x00b \u2028 \x85 c{end}{end}# H\x00{end}d\u2029e{end}{end}    code{end}"
    got = [(b.kind, body[b.start : b.end]) for b in blocks(body)]
    assert got == [
        ("paragraph", "a\x00b \u2028 \x85 c"),
        ("heading", "# H\x00"),
        ("paragraph", "d\u2029e"),
        ("code", "    code"),
    ]


def test_plain_text_is_paragraphs() -> None:
    body = "====== Wiki ======\nA line.\n\n  * item\n\n[ref]: http://example.org\n\nEnd."
    assert [b.heading_path for b in blocks(body)] == [()] * 4
    underlined = "word " * 100 + "\n---\n\nEnd."
    assert [b.kind for b in blocks(underlined)] == ["paragraph", "paragraph"]


LINES = st.lists(
    st.tuples(
        st.sampled_from(
            ["", "# ", "## ", "- ", "    ", "> ", "1. ", "```", "|a|\n|-|\n|", "[a]: "]
        ),
        st.text(alphabet="ab *_`[]()<>\x00\x0b\u2028|#-", max_size=20),
        st.sampled_from(["\n", "\n\n", "\r\n", "\r"]),
    ),
    max_size=30,
).map(lambda lines: "".join(map("".join, lines)))


@given(LINES | st.text())
def test_blocks_hold_every_character_in_order(body: str) -> None:
    at = 0
    for block in blocks(body):
        assert block.start >= at
        assert not body[at : block.start].strip()
        assert body[block.start : block.end].strip()
        at = block.end
    assert not body[at:].strip()


@given(st.text(alphabet="ab *_`[]()<>!#-=~|\\&;:/\n.", max_size=60) | LINES)
def test_blanking_only_puts_spaces(text: str) -> None:
    result = blanked(text)
    assert len(result) == len(text)
    kept = re.sub(r"&(?:nbsp|amp|lt|gt|quot|#39|apos);", "", text)
    if kept == text:
        assert all(b in (" ", a) for a, b in zip(text, result, strict=True))
    letters = [c for c in result if c.isalpha()]
    assert len(letters) <= sum(c.isalpha() for c in text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("see [the docs](http://a.b/(c) 'x') now", "see the docs now"),
        ("![a chart](data:image/png;base64,AAA=) below", "a chart below"),
        ("[![alt](i.png)](http://a.b)", "alt"),
        ("[text][ref] and [own]", "text and [own]"),
        ("**bold** _it_ `code` ~~gone~~", "bold it code gone"),
        ("snake_case, 2 * 3, ~/bin, C# and a|b", "snake_case, 2 * 3, ~/bin, C# and a|b"),
        ("<p class='x'>Hi<br/>there</p> List<String>", "Hi there List<String>"),
        ("a <!-- note --> b", "a b"),
        ("### Head ###", "Head"),
        (r"\[01:02\] a&nbsp;b &amp; c", "[01:02] a b & c"),
        ("| a | b |\n|:--|---|\n| c | d |", "a b c d"),
        ("`make`, then **[run](http://a.b)**!", "make, then run!"),
        ("git log --oneline", "git log --oneline"),
        ("[id]: http://example.org/a", "id"),
    ],
)
def test_plain(text: str, words: str) -> None:
    assert plain(text) == words


HOSTILE = [
    ">" * 200_000,
    "- " * 5_000,
    "[" * 200_000,
    "](" * 100_000,
    "[a](" * 50_000,
    "![" * 100_000,
    "[a" * 100_000,
    "[a]: b\n" * 20_000,
    "*a " * 100_000,
    "`" * 200_000,
    "<a " * 100_000,
    "<!--" * 100_000,
    "|" * 9_000 + "\n" + "|-" * 9_000,
    "> a\n" * 20_000,
    "\n".join(">" * depth + " a" for depth in range(300)),
    "\n".join("  " * depth + "- a" for depth in range(1_000)),
    "a\n\n" * 120_000,
    "```\n" * 20_001,
    "x" * 5_000_000,
    " \n" * 200_000,
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_takes_linear_time(body: str) -> None:
    started = time.process_time()
    blocks(body)
    blanked(body)
    # Some 0.1 to 1 s; what is quadratic takes minutes.
    assert time.process_time() - started < 10


def test_what_is_not_parsed_is_paragraphs() -> None:
    body = "# H\n\n" + "word " * MAX_PARSED_LINE + "\n\nEnd."
    assert [b.kind for b in blocks(body)] == ["paragraph"] * 3

"""What every chunker must do."""

from __future__ import annotations

import re
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from indexer import chunkers
from indexer.protocols import Chunker
from knowledge.errors import InvalidSettings
from knowledge.types import Kind, PassageDraft, SourceDocument

NAMES = chunkers.names()


def token_starts(text: str) -> NDArray[np.int64]:
    """Words and punctuation marks: about what WordPiece makes of plain English."""
    starts = [match.start() for match in re.finditer(r"\w+|[^\w\s]", text)]
    return np.array(starts, dtype=np.int64)


def document(body: str, title: str = "A title") -> SourceDocument:
    return SourceDocument("source", "id-1", title, body, Kind.TRANSCRIPT)


def check(body: str, drafts: list[PassageDraft]) -> None:
    """Everything that holds for any document's passages."""
    assert [draft.ordinal for draft in drafts] == list(range(len(drafts)))
    assert bool(drafts) == bool(body.strip())
    reached, start = 0, -1
    for draft in drafts:
        assert draft.text == body[draft.start : draft.end]
        assert draft.text.strip()
        assert draft.start > start
        assert draft.end > reached
        assert not body[reached : draft.start].strip(), "a character is in no passage"
        assert draft.embed_text.strip()
        hashed = sha256(draft.embed_text.encode(errors="surrogatepass")).hexdigest()
        assert draft.text_hash == hashed
        assert all(0 < share.share <= 1 for share in draft.speakers)
        assert sum(share.share for share in draft.speakers) <= 1 + 1e-9
        reached, start = max(reached, draft.end), draft.start
    assert not body[reached:].strip(), "the end is in no passage"


WORDS = st.sampled_from(
    [
        "alpha",
        "Beta.",
        "gamma,",
        "e.g.",
        "v1.2",
        "`code`",
        "**bold**",
        "[a](http://b.c/d)",
        "—",
        "漢字。",
    ]
)
LINE = st.lists(WORDS, min_size=1, max_size=60).map(" ".join)
START = st.sampled_from(
    [
        "",
        "# ",
        "## ",
        "- ",
        "  - ",
        "> ",
        "```\n",
        "| a | b |\n|---|---|\n| ",
        "    ",
        "Ann Lee: ",
        "**Bo Day:** ",
        "**Bo Day:** \\[00:12\\] ",
        "\\[01:02:03.5\\] ",
        "\r\n",
        "\x00",
        "\u2028",
    ]
)
BODIES = st.lists(
    st.tuples(START, LINE, st.sampled_from(["\n", "\n\n", "\r\n", "\r"])), max_size=30
)
MARKDOWN = BODIES.map(lambda parts: "".join(a + b + c for a, b, c in parts))
ODD = [
    "",
    " \n\t\r\n",
    "x",
    "# only\n## headings\n### here",
    "<!-- -->",
    "![](data:image/png;base64,AAAA)",
    "****",
    "Ann Lee: \nBo Day: ",
    "\ud800 half a surrogate. " * 200,
    "x" * 100_000,
    "漢字" * 5_000,
    "> " * 5_000 + "deep",
    "\n".join("  " * depth + "- item" for depth in range(300)),
    "no end " * 20_000,
    "a,b\n" * 5_000,
    "| a | b |\n|---|---|\n" + "| one | two |\n" * 2_000,
    "```\n" + "call(x);\n" * 2_000,
    "Ann Lee: " + "word " * 2_000 + "\nBo Day: yes",
    "\n".join(f"Ann Lee: hi {n}\nBo Day: \n" for n in range(500)),
]


@pytest.fixture(params=NAMES)
def chunker(request: pytest.FixtureRequest) -> Chunker:
    return chunkers.load(request.param)


@pytest.mark.parametrize("body", ODD, ids=range(len(ODD)))
def test_odd_bodies(chunker: Chunker, body: str) -> None:
    check(body, chunker(document(body), token_starts))


@pytest.mark.parametrize("name", NAMES)
@given(body=st.one_of(st.text(max_size=2000), MARKDOWN), title=st.text(max_size=300))
def test_every_passage_is_a_range_and_they_hold_everything(
    name: str, body: str, title: str
) -> None:
    chunker = chunkers.load(name)
    drafts = chunker(document(body, title), token_starts)
    check(body, drafts)
    assert chunker(document(body, title), token_starts) == drafts


@pytest.mark.parametrize("name", NAMES)
@given(body=MARKDOWN)
def test_no_passage_is_too_long_for_the_model(name: str, body: str) -> None:
    """256 tokens less the two special ones: 180 of text, 40 of headings, a table's header."""
    for draft in chunkers.load(name)(document(body), token_starts):
        assert len(token_starts(draft.embed_text)) <= 254


def test_the_kind_and_the_body_choose() -> None:
    talk = "Ann Lee: Hello.\nBo Day: Good morning."
    assert chunkers.name_for(document(talk)) == "turns"
    assert chunkers.name_for(document("Minutes of a meeting.")) == "headings"
    note = SourceDocument("source", "id-1", "A note", talk, Kind.NOTE)
    assert chunkers.name_for(note) == "headings"
    assert chunkers.chunk(note, token_starts) == chunkers.load("headings")(note, token_starts)


def test_unknown_name() -> None:
    with pytest.raises(InvalidSettings, match="pages"):
        chunkers.load("pages")

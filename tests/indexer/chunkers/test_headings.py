from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from indexer.chunkers._pack import Sizes
from indexer.chunkers.headings import SIZES, chunk
from knowledge.types import PassageDraft, SourceDocument
from tests.contracts.test_chunkers import token_starts


def cut(body: str, title: str = "Deploying", **options: Any) -> list[PassageDraft]:
    return chunk(SourceDocument("source", "id", title, body), token_starts, **options)


def prose(topic: str, sentences: int) -> str:
    """Sentences of 10 tokens, all different."""
    return " ".join(f"The {topic} has a part that is number {n}." for n in range(sentences))


def tokens(text: str) -> int:
    return len(token_starts(text))


def test_title_and_headings_stand_before_the_text() -> None:
    body = f"# Deploying\n\nIntro.\n\n## With `helm`, safely\n\n{prose('chart', 6)}"
    (passage,) = cut(body, tiny=0)[1:]
    assert passage.heading_path == ("With helm, safely",)
    assert passage.embed_text.startswith("Deploying › With helm, safely\nWith helm , safely\nThe ")
    assert passage.text.startswith("## With `helm`, safely\n\nThe chart")


def test_no_title_no_line_before_the_text() -> None:
    assert cut("Only text.", title="")[0].embed_text == "Only text."


def test_a_long_path_is_cut_to_what_the_model_can_bear() -> None:
    body = f"# {'long ' * 30}\n\n## {'middle ' * 20}\n\n### Last\n\n{prose('x', 5)}"
    passage = cut(body, title="title " * 60)[-1]
    first = passage.embed_text.split("\n")[0]
    assert tokens(first) <= 40
    assert first.startswith("title title")
    assert first.endswith("› Last")


def test_sizes_and_overlap_of_plain_text() -> None:
    body = prose("engine", 100)
    passages = cut(body)
    assert all(120 <= tokens(p.text) <= 180 for p in passages[:-1])
    for before, after in pairwise(passages):
        # One sentence is said twice.
        assert tokens(body[after.start : before.end]) == 10


def test_a_cut_prefers_the_end_of_a_paragraph() -> None:
    body = prose("first", 13) + "\n\n" + prose("second", 13)
    first, second = cut(body, sizes=Sizes(overlap_units=0))
    assert first.text == prose("first", 13)
    assert second.text == prose("second", 13)


def test_sections_do_not_share_passages() -> None:
    body = "".join(f"## Part {n}\n\n{prose(f'part{n}', 6)}\n\n" for n in range(4))
    passages = cut(body)
    assert [p.heading_path for p in passages] == [(f"Part {n}",) for n in range(4)]


def test_an_edit_changes_the_passages_of_its_section_alone() -> None:
    parts = [f"## Part {n}\n\n{prose(f'part{n}', 40)}\n\n" for n in range(4)]
    before = {p.text_hash: p.heading_path for p in cut("".join(parts))}
    parts[1] = parts[1].replace("number 3.", "number three, which was said in other words.")
    after = {p.text_hash: p.heading_path for p in cut("".join(parts))}
    assert {path for key, path in before.items() if key not in after} == {("Part 1",)}


def test_an_edit_at_the_end_leaves_what_is_well_before_it() -> None:
    body = prose("engine", 200)
    before = [p.text_hash for p in cut(body)]
    after = [p.text_hash for p in cut(body + " And something new.")]
    assert before[:-3] == after[: len(before) - 3]


def test_tiny_sections_join_their_siblings() -> None:
    body = "# Terms\n\n" + "".join(f"## T{n}\n\nShort.\n\n" for n in range(30))
    passages = cut(body)
    assert all(tokens(p.text) >= 40 for p in passages)
    assert passages[0].heading_path == ("Terms",)
    assert "T0" in passages[0].embed_text


def test_a_tiny_section_does_not_join_another_parent() -> None:
    body = f"# A\n\n{prose('a', 6)}\n\n## A1\n\nShort.\n\n# B\n\n{prose('b', 6)}"
    assert [p.heading_path for p in cut(body)] == [("A",), ("B",)]
    assert "Short." in cut(body)[0].text


def test_a_bare_heading_goes_with_its_first_subsection() -> None:
    (passage,) = cut(f"# A\n\n## B\n\n{prose('b', 6)}")
    assert passage.heading_path == ("A", "B")
    assert passage.text.startswith("# A\n\n## B")


def test_a_path_is_that_of_the_passage_not_of_what_was_merged() -> None:
    passages = cut(f"# A\n\nTiny.\n\n## B\n\n{prose('b', 40)}")
    assert [p.heading_path for p in passages] == [("A",)] + [("A", "B")] * (len(passages) - 1)
    assert len(passages) > 2


def test_headings_alone_are_a_passage() -> None:
    (passage,) = cut("# A\n\n## B\n\n## C")
    assert passage.text == "# A\n\n## B\n\n## C"


@pytest.mark.parametrize("fence", ["```\n{}```", "| a | b |\n|---|---|\n{}"])
def test_code_and_tables_that_fit_are_whole(fence: str) -> None:
    block = fence.format("| call | it |\n" * 16)
    body = f"{prose('before', 10)}\n\n{block}\n\n{prose('after', 10)}"
    holding = [p for p in cut(body) if "call" in p.text]
    assert len(holding) == 1
    assert block.strip() in holding[0].text


def test_a_long_table_is_cut_between_rows_and_keeps_its_header() -> None:
    rows = [f"| {n} | value of {n} | and more words |" for n in range(60)]
    body = "| key | value | remark |\n|---|---|---|\n" + "\n".join(rows)
    passages = cut(body)
    assert len(passages) > 2
    for passage in passages:
        assert set(passage.text.split("\n")) <= {*rows, *body.split("\n")[:2]}
        assert passage.embed_text.count("key value remark") == 1
    assert not passages[1].text.startswith("| key")


def test_a_long_code_block_is_cut_between_lines() -> None:
    lines = [f"    call_{n}(a, b)" for n in range(100)]
    body = "```\n" + "\n".join(lines) + "\n```"
    for passage in cut(body):
        assert set(passage.text.split("\n")) <= {*lines, "```"}
        assert tokens(passage.text) <= SIZES.high


def test_an_endless_word_is_cut_by_characters() -> None:
    passages = cut("word " + "x" * 20_000)
    assert all(len(p.text) <= SIZES.high * 16 for p in passages)


def test_lengths_are_those_of_the_words_that_are_embedded() -> None:
    link = "[word](https://example.org/a/very/long/path?with=many&parameters=1#and-more)"
    passages = cut(" ".join([link] * 300))
    assert all(len(p.embed_text.split()) > 100 for p in passages[:-1])
    assert "example.org" not in passages[0].embed_text
    assert "example.org" in passages[0].text

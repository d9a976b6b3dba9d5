from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest

from indexer import chunkers
from indexer.chunkers._cohesion import cohesion
from indexer.chunkers.turns import chunk
from knowledge.transcript import render, turns
from knowledge.types import Kind, PassageDraft, Share, SourceDocument
from tests.contracts.test_chunkers import token_starts

COOKING = "oven bread flour yeast dough crust butter salt recipe kitchen".split()
SAILING = "mast harbour wind anchor rudder deck sails ropes waves captain".split()


def cut(body: str, title: str = "Weekly call", **options: Any) -> list[PassageDraft]:
    document = SourceDocument("source", "talks/weekly-1", title, body, Kind.TRANSCRIPT)
    return chunk(document, token_starts, **options)


def talk(vocabulary: list[str], count: int, seed: int) -> list[str]:
    """Turns of 10 words and a full stop."""
    chance = random.Random(seed)
    return [" ".join(chance.choices(vocabulary, k=10)) + "." for _ in range(count)]


def body_of(texts: list[str]) -> str:
    return "\n".join(f"{('Ann Lee', 'Bo Day')[n % 2]}: {text}" for n, text in enumerate(texts))


def test_passages_are_whole_turns_of_the_right_length() -> None:
    body = body_of(talk(COOKING + SAILING, 200, 1))
    passages = cut(body)
    limits = {limit for turn in turns(body) for limit in (turn.start, turn.end)}
    for passage in passages[:-1]:
        assert {passage.start, passage.end} <= limits
        assert 120 <= len(token_starts(passage.embed_text)) - 2 <= 180
    for before, after in pairwise(passages):
        repeated = turns(body[after.start : before.end])
        assert 1 <= len(repeated) <= 2


def test_the_cut_is_where_the_topic_shifts() -> None:
    for first in (12, 13, 14, 15):
        body = body_of(talk(COOKING, first, first) + talk(SAILING, 20, first))
        passage = cut(body)[0]
        assert not set(passage.embed_text.replace(".", "").split()) & set(SAILING)
        assert len(turns(passage.text)) == first


@pytest.mark.parametrize(
    ("body", "speakers", "start_s"),
    [
        ("Ann Lee: The kiln cools slowly.\n\nNobody opens it.", ("Ann Lee",), None),
        (r"**Ann Lee:** \[01:05\] The kiln cools slowly.", ("Ann Lee",), 65.0),
        (r"\[01:05\] The kiln cools slowly.", (), 65.0),
        ("# Notes\n\nThe kiln cools slowly.", (), None),
    ],
)
def test_one_turn_is_as_good_as_many(
    body: str, speakers: tuple[str, ...], start_s: float | None
) -> None:
    document = SourceDocument("source", "talks/1", "Weekly call", body, Kind.TRANSCRIPT)
    (passage,) = chunkers.chunk(document, token_starts)
    assert tuple(share.label for share in passage.speakers) == speakers
    assert passage.start_s == start_s


def test_neither_names_nor_times_are_embedded() -> None:
    body = render([("Ann Lee", 1, 2, "Hello **there**."), ("Bo Day", 2, 3, "Good `morning`.")])
    (passage,) = cut(body)
    assert passage.embed_text == "Weekly call\nHello there .\nGood morning ."
    assert passage.text == body


@pytest.mark.parametrize("title", ["talks/weekly-1", "weekly-1", " "])
def test_a_title_that_is_an_id_is_not_embedded(title: str) -> None:
    assert cut("Ann Lee: Hi.\nBo Day: Hello.", title)[0].embed_text == "Hi.\nHello."


def test_shares_are_of_words_largest_first() -> None:
    (passage,) = cut("Ann Lee: One.\nSpeaker 2: One two three.\nBo Day: One two three four.")
    assert passage.speakers == (
        Share("Bo Day", 0.5),
        Share("Speaker 2", 0.375),
        Share("Ann Lee", 0.125),
    )


def test_shares_of_a_passage_inside_a_turn() -> None:
    body = "Ann Lee: " + "It goes on and on. " * 100 + "\nBo Day: Yes."
    passages = cut(body)
    assert len(passages) > 2
    assert passages[1].speakers == (Share("Ann Lee", 1.0),)
    for passage in passages:
        assert passage.text.endswith(".")


def test_a_long_turn_is_cut_between_paragraphs() -> None:
    paragraph = " ".join("One of its seven parts is number ten." for _ in range(15))
    body = "**Ann Lee:** " + "\n\n".join([paragraph] * 6) + "\n\n**Bo Day:** Yes."
    for passage in cut(body)[:-1]:
        assert passage.text.endswith(paragraph)


def test_times_hold_the_passage() -> None:
    body = render([("Ann Lee", n * 10.0, n * 10.0 + 9, "word " * 50) for n in range(12)])
    for passage in cut(body):
        inside = turns(passage.text)
        assert (passage.start_s, passage.end_s) == (inside[0].start_s, inside[-1].end_s)


def test_the_nearest_times_where_few_are_given() -> None:
    texts = talk(COOKING, 60, 3)
    said = [("Ann Lee", 60.0 * n if n % 30 == 0 else None, None, t) for n, t in enumerate(texts)]
    passages = cut(render(said))
    assert (passages[0].start_s, passages[0].end_s) == (0.0, 1800.0)
    assert (passages[-1].start_s, passages[-1].end_s) == (1800.0, None)


def test_no_times() -> None:
    passage = cut("Ann Lee: Hi.\nBo Day: Hello.")[0]
    assert (passage.start_s, passage.end_s) == (None, None)


def test_an_edit_at_the_end_leaves_what_is_well_before_it() -> None:
    texts = talk(COOKING + SAILING, 200, 5)
    before = [p.text_hash for p in cut(body_of(texts))]
    after = [p.text_hash for p in cut(body_of([*texts[:-1], "Something else entirely."]))]
    assert before[:-4] == after[: len(before) - 4]


def test_cohesion_is_the_cosine_of_both_sides() -> None:
    texts = ["apple banana", "apple cherry", "melon cherry"]
    # {apple, banana} against {apple, cherry x2, melon}, then {apple x2, banana, cherry}
    # against {melon, cherry}: 1 / sqrt(2 * 6) twice.
    assert cohesion(texts, 100) == pytest.approx([0.0, 1 / 12**0.5, 1 / 12**0.5])


def test_cohesion_of_windows_equals_counting_anew() -> None:
    texts = talk(COOKING + SAILING, 40, 7)
    for at, value in enumerate(cohesion(texts, 20)):
        left, right = " ".join(texts[max(0, at - 2) : at]), " ".join(texts[at : at + 2])
        assert value == pytest.approx(cohesion([left, right], 1000)[1])


def test_words_of_grammar_are_no_topic() -> None:
    assert cohesion(["this is what they said", "what they said is this"], 10) == [0.0, 0.0]

"""The probabilities that confidence and bands rest on."""

from __future__ import annotations

import math

import pytest

from indexer.search.confidence import ANSWERED, KNOWS, Judge, Logistic, of_people, somebody
from indexer.search.experts import Candidate, Vote
from indexer.search.results import AnswerSigns, PersonSigns
from knowledge.types import Passage, Role


def analyze(text: str) -> list[str]:
    return text.lower().split()


def passage(key: int, text: str, *headings: str) -> Passage:
    return Passage(key, 1, 0, headings, 0, len(text), text)


def candidate(person: int, *cosines: float) -> Candidate:
    votes = [
        Vote(10 * person + at, at, Role.AUTHOR.value, 1.0, c, 0) for at, c in enumerate(cosines)
    ]
    return Candidate(person, 1.0, tuple(votes))


TEXTS = {
    1: passage(1, "the vault is sealed at night"),
    2: passage(2, "keys hang here", "Vault", "Keys"),
}


def test_only_words_that_say_something_are_to_be_covered() -> None:
    signs = Judge("how is the vault sealed", analyze, TEXTS, 999).answer(0.5, [1])
    assert signs == AnswerSigns(0.5, 1.0, math.log(999))


def test_the_passage_that_covers_most_counts_and_its_headings_too() -> None:
    judge = Judge("vault keys shelf", analyze, TEXTS, 999)
    assert judge.answer(0.5, [1]).coverage == pytest.approx(1 / 3)
    assert judge.answer(0.5, [1, 2]).coverage == pytest.approx(2 / 3)
    assert judge.answer(0.5, []).coverage == 0.0
    assert Judge("what is it", analyze, TEXTS, 999).answer(0.5, [1]).coverage == 0.0


def test_what_is_not_loaded_may_not_be_read_and_covers_nothing() -> None:
    assert Judge("vault", analyze, TEXTS, 999).answer(0.5, [3]).coverage == 0.0


def test_a_person_is_judged_by_the_nearest_evidence_wherever_it_ranks() -> None:
    told = of_people([candidate(1, 0.3, 0.7), candidate(2, 0.6)], 999)
    assert (told[1].cosine, told[1].size) == (0.7, math.log(999))
    assert told == of_people([candidate(2, 0.6), candidate(1, 0.7, 0.3)], 999)


def test_parts_fall_with_the_distance_from_the_nearest() -> None:
    told = of_people([candidate(1, 0.6), candidate(2, 0.5), candidate(3, 0.6, 0.6)], 999)
    assert told[1].part / told[2].part == pytest.approx(math.e)
    assert told[3].part / told[1].part == pytest.approx(1.7)


def test_only_the_ten_with_most_evidence_are_compared() -> None:
    assert of_people([candidate(person, 0.6) for person in range(20)], 999)[0].part == 0.1
    assert of_people([], 999) == {}


def test_a_stranger_makes_nobody_an_expert_nor_less_of_one() -> None:
    alone = of_people([candidate(1, 0.6, 0.6)], 999)[1]
    beside = of_people([candidate(1, 0.6, 0.6), candidate(2, 0.1)], 999)[1]
    assert alone == beside
    assert alone.part > 0.6
    assert KNOWS.of(alone) > 0.3


def test_every_sign_of_knowledge_makes_it_likelier() -> None:
    weak, strong = AnswerSigns(0.3, 0.2, 9.0), AnswerSigns(0.7, 1.0, 9.0)
    assert 0.0 < ANSWERED.of(weak) < 0.1 < 0.7 < ANSWERED.of(strong) < 1.0
    few, many = PersonSigns(0.3, 0.05, 9.0), PersonSigns(0.9, 0.7, 9.0)
    assert 0.0 < KNOWS.of(few) < 0.1 < 0.6 < KNOWS.of(many) < 1.0
    assert Logistic(0.0, (1.0, 0.0, 0.0)).of(AnswerSigns(0.0, 9.0, 9.0)) == 0.5


def test_the_nearest_of_few_is_likelier_right_than_that_of_many() -> None:
    few, many = AnswerSigns(0.45, 0.5, math.log(300)), AnswerSigns(0.45, 0.5, math.log(30_000))
    assert ANSWERED.of(few) > ANSWERED.of(many) + 0.3


def test_a_handful_of_passages_is_judged_like_some_hundreds() -> None:
    few, more = (Judge("vault", analyze, TEXTS, size).answer(0.1, [2]) for size in (3, 300))
    assert few == more
    assert ANSWERED.of(few) < 0.1


def test_several_who_may_know_are_likelier_than_each_in_any_order() -> None:
    assert somebody([]) == 0.0
    assert somebody([0.5, 0.2]) == pytest.approx(0.6)
    assert somebody([0.1, 0.2, 0.3, 0.5]) == somebody([0.5, 0.3, 0.2])

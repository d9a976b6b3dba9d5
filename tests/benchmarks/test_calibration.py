"""The arithmetic by which probabilities are fitted and judged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import results
from benchmarks.calibration import (
    ASKED_OF,
    answer_cases,
    ask,
    foreign_to,
    known_cases,
    person_cases,
)
from benchmarks.reliability import Case, expected_error, fitted, reliability, report, weighed
from benchmarks.samples import CORPUS
from indexer import judged
from indexer.judged import Collection, JudgedQuery
from indexer.search.confidence import ANSWERED, KNOWS


def collection(name: str, *texts: str) -> Collection:
    queries = tuple(JudgedQuery(text, text) for text in texts)
    return Collection(name, Path(name), queries, {text: {"d": 1} for text in texts}, {}, {})


def test_questions_about_the_same_are_not_foreign() -> None:
    held = [collection("ships", "a"), collection("ships-people", "b"), collection("birds", "c")]
    assert [(q.id, q.answerable) for q in foreign_to(held[0], held)] == [("birds c", False)]


def test_foreign_questions_weigh_as_much_as_own_ones_of_their_length() -> None:
    cases = [Case((0.0,), True, True), Case((0.0,), True, True), Case((0.0,), True, True)]
    cases += [Case((0.0,), False, False)] * 2
    told = weighed(cases, [1.0, 1.0, 3.0, 1.0, 3.0])
    assert [case.weight for case in told] == [1.0, 1.0, 1.0, 2.0, 1.0]


def test_what_has_no_own_question_of_its_length_weighs_nothing() -> None:
    told = weighed([Case((), True, True), Case((), False, False)], [1.0, 4.0])
    assert [case.weight for case in told] == [1.0, 0.0]


def test_the_error_is_the_distance_between_what_is_said_and_what_is_so() -> None:
    said, right = np.array([0.25, 0.25, 0.85, 0.85]), np.array([True, False, True, True])
    weight = np.array([1.0, 1.0, 1.0, 1.0])
    assert expected_error(said, right, weight) == pytest.approx((0.25 + 0.15) / 2)
    bins = reliability(said, right, weight)
    assert [(row["low"], row["said"], row["was"], row["count"]) for row in bins] == [
        (0.2, 0.25, 0.5, 2),
        (0.8, 0.85, 1.0, 2),
    ]


def separable(shift: float) -> list[Case]:
    chance = np.random.default_rng(1)
    yes = [Case((0.6 + shift + x, 1.0), True, True) for x in chance.normal(0, 0.05, 80)]
    no = [Case((0.3 + shift + x, 1.0), False, False) for x in chance.normal(0, 0.05, 80)]
    return yes + no


def test_a_fit_tells_apart_what_it_did_not_see() -> None:
    told = report({"one": separable(0.0), "two": separable(0.02)}, 0.5, (10,))
    assert [row["collection"] for row in told["left_out"]] == ["one", "two"]
    for row in told["left_out"]:
        assert row["auroc"] > 0.98
        assert row["abstained"] > 0.9
        assert row["falsely"] < 0.1
    assert told["weights"][0] > 0


def test_collections_weigh_alike_whatever_their_size() -> None:
    large = separable(0.0) * 50
    model = fitted([large, separable(0.2)])
    middle = -model.intercept_[0] / model.coef_[0][0] - model.coef_[0][1] / model.coef_[0][0]
    assert middle == pytest.approx(0.55, abs=0.05)


def test_the_code_holds_what_was_fitted_and_published() -> None:
    figures = results.read("calibration")
    assert figures is not None
    for held, part in ((ANSWERED, "answers"), (KNOWS, "people")):
        fit = figures["figures"][part]
        assert (held.base, list(held.weights)) == (fit["base"], fit["weights"])


@pytest.mark.slow
def test_the_sample_company_is_asked_through_the_pipeline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WHOKNOWS_EMBEDDER", "hashing")
    company = judged.load(CORPUS.parent)
    foreign = [JudgedQuery("x", "what do puffins eat at sea", answerable=False)]
    asked = list(ask(company, foreign, None))
    assert [one.tenths for one in asked] == list(ASKED_OF)
    assert [len(one.held) for one in asked] == sorted({len(one.held) for one in asked})[::-1]
    whole, tenth = answer_cases(asked[0]), answer_cases(asked[-1])
    assert len(whole) == len(company.queries) + 1
    assert not whole[-1].right
    assert any(case.right for case in whole)
    assert len(tenth) < len(whole)
    assert max(case.signs[2] for case in tenth) < min(case.signs[2] for case in whole)
    people = person_cases(asked[0])
    assert any(case.right for case in people)
    assert all(0.0 <= case.signs[0] <= 1.0 for case in known_cases(asked[0]))

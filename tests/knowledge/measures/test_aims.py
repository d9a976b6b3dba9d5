"""Goals and interventions: set by those who look after learning, measured by what is published."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from knowledge.errors import Conflict, InvalidInput, NotFound
from knowledge.measures.aims import GivenGoal, GivenIntervention
from knowledge.measures.goals import Goals
from knowledge.measures.kinds import after, bounds
from knowledge.requests import RequestKey
from knowledge.roles import EVERYTHING
from knowledge.store import aims
from knowledge.store import measures as store
from knowledge.types import OPERATOR, Principal
from tests.builders import settings
from tests.knowledge.measures.building import Clock, Company, founded


def publish(given: Company, month: str, **told: float) -> None:
    """What is told of readers of a month, as it is published."""
    figures: list[dict[str, Any]] = [
        {
            "measure": "readers",
            "partition": "company" if place == "company" else f"team:{place}",
            "version": 1,
            "value": value,
            "numerator": value,
            "denominator": 1,
            "told": value,
        }
        for place, value in told.items()
    ]
    with given.services.database.write() as connection:
        store.publish(connection, month, bounds(month)[1] + timedelta(days=7), figures)


def test_a_goal_tells_how_far_one_is_by_what_is_published(tmp_path: Path) -> None:
    clock = Clock(datetime.fromisoformat("2026-03-10T12:00Z"))
    with founded(settings(tmp_path), clock) as company:
        who = company.team("Kilns", 1)[0]
        publish(company, "2026-01", company=20, Kilns=5)
        publish(company, "2026-02", company=30)
        goals = company.services.goals
        made = goals.create(
            GivenGoal("readers", "company", 50, "2026-06"), Principal(who), EVERYTHING
        )
        (goal,) = goals.all_of_them(EVERYTHING)
        assert (goal.id, goal.by_id, goal.start, goal.latest) == (made, who, 30, 30)
        assert (goal.progress, goal.reached, goal.latest_month) == (0.0, False, "2026-02")
        publish(company, "2026-03", company=45)
        goal = goals.get(made, EVERYTHING)
        assert (goal.start, goal.latest, goal.progress) == (30, 45, 0.75)
        publish(company, "2026-04", company=55)
        goal = goals.get(made, EVERYTHING)
        assert (goal.progress, goal.reached) == (1.0, True)
        goals.replace(made, GivenGoal("readers", "team:Kilns", 10, "2026-07"), EVERYTHING)
        goal = goals.get(made, EVERYTHING)
        assert (goal.start, goal.latest_month, goal.progress) == (5, "2026-01", 0.0)
        goals.remove(made, EVERYTHING)
        for ask in (goals.get, goals.remove):
            with pytest.raises(NotFound):
                ask(made, EVERYTHING)


def test_a_goal_is_judged_by_the_month_in_which_it_is_due(tmp_path: Path) -> None:
    clock = Clock(datetime.fromisoformat("2026-03-10T12:00Z"))
    with founded(settings(tmp_path), clock) as company:
        publish(company, "2026-02", company=30)
        goals = company.services.goals
        late, met, missing = (
            goals.create(GivenGoal("readers", place, target, "2026-04"), OPERATOR, EVERYTHING)
            for place, target in (("company", 50), ("company", 30), ("team:Kilns", 5))
        )

        def judged(key: int) -> tuple[float | None, bool, bool, bool]:
            goal = goals.get(key, EVERYTHING)
            return goal.latest, goal.reached, goal.over, goal.met_before

        assert judged(late) == (30, False, False, False)
        assert judged(met) == (30, True, False, True)
        publish(company, "2026-03", company=55)
        assert judged(late) == (55, True, False, False)
        publish(company, "2026-04", company=45)
        for later in ("2026-05", "2026-06"):
            assert judged(late) == (45, False, True, False)
            assert judged(met) == (45, True, True, True)
            assert judged(missing) == (None, False, True, False)
            publish(company, later, company=60, Kilns=10)
        assert goals.get(late, EVERYTHING).latest_month == "2026-04"


def test_less_is_better_of_some(tmp_path: Path) -> None:
    with founded(settings(tmp_path)) as company:
        goals = company.services.goals
        key = goals.create(GivenGoal("answer_hours", "company", 8, "2026-06"), OPERATOR, EVERYTHING)
        goal = goals.get(key, EVERYTHING)
        assert (goal.latest, goal.progress, goal.reached, goal.by_id) == (None, None, False, None)
        with company.services.database.write() as connection:
            told = {"measure": "answer_hours", "partition": "company", "version": 1, "told": 7.0}
            rest = {"value": 7, "numerator": 7, "denominator": 1}
            store.publish(connection, "2026-05", bounds("2026-06")[0], [told | rest])
        assert goals.get(key, EVERYTHING).reached


@pytest.mark.parametrize(
    "wrong",
    [
        GivenGoal("readers", "kind:note", 5, "2026-06"),
        GivenGoal("readers", "company", 5, "2026-W06"),
        GivenGoal("success", "company", 1.2, "2026-06"),
        GivenGoal("comfort_asking", "company", 0.5, "2026-06"),
        GivenGoal("success", "team:Kilns", 0.5, "2026-06"),
        GivenGoal("readers", "company", float("nan"), "2026-06"),
        GivenGoal("readers", "team:" + "x" * 300, 5, "2026-06"),
    ],
)
def test_a_goal_that_cannot_be_meant_is_refused(tmp_path: Path, wrong: GivenGoal) -> None:
    with founded(settings(tmp_path)) as company, pytest.raises(InvalidInput):
        company.services.goals.create(wrong, OPERATOR, EVERYTHING)


def test_what_is_asked_twice_is_made_once_and_there_is_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Goals, "most", 2)
    key = RequestKey("person:1", "k", "0" * 64)
    given = GivenGoal("readers", "company", 5, "2026-06")
    step = GivenIntervention("Week of kilns", "readers", "2026-03", ("team:B", "team:A"))
    with founded(settings(tmp_path)) as company:
        goals, steps = company.services.goals, company.services.interventions
        assert goals.create(given, OPERATOR, EVERYTHING, key) == goals.create(
            given, OPERATOR, EVERYTHING, key
        )
        other = RequestKey("person:1", "i", "0" * 64)
        made = [steps.create(step, OPERATOR, EVERYTHING, other) for _ in range(2)]
        assert len(set(made)) == len(steps.all_of_them(EVERYTHING)) == 1
        goals.create(given, OPERATOR, EVERYTHING)
        with pytest.raises(Conflict):
            goals.create(given, OPERATOR, EVERYTHING)
        with pytest.raises(NotFound):
            goals.create(GivenGoal("x", "company", 5, "2026-06"), OPERATOR, EVERYTHING)


def test_an_intervention_tells_its_effect_against_those_whom_it_left_out(tmp_path: Path) -> None:
    with founded(settings(tmp_path)) as company:
        for n in range(12):
            common = 100 + 10 * (n % 2)
            told = {"company": 3.0 * common, "A": common + 40.0 * (n >= 6), "B": float(common)}
            publish(company, after("2025-03", n), **told)
        steps = company.services.interventions
        given = GivenIntervention(" Week  of kilns ", "readers", "2025-09", ("team:A",))
        key = steps.create(given, OPERATOR, EVERYTHING)
        found = steps.get(key, EVERYTHING)
        assert (found.given.name, found.effect.control) == ("Week of kilns", ("team:B",))
        assert (found.effect.months_before, found.effect.months_after) == (6, 6)
        assert found.effect.difference == 40
        assert found.effect.low is not None
        assert found.effect.high is not None
        assert 35 < found.effect.low < 40 < found.effect.high < 45
        steps.replace(
            key, GivenIntervention("Kilns", "readers", "2026-02", ("company",)), EVERYTHING
        )
        assert "Too few months" in steps.get(key, EVERYTHING).effect.reason
        steps.remove(key, EVERYTHING)
        with pytest.raises(NotFound):
            steps.get(key, EVERYTHING)


@pytest.mark.parametrize(
    "wrong",
    [
        GivenIntervention("", "readers", "2026-03", ("company",)),
        GivenIntervention("x" * 201, "readers", "2026-03", ("company",)),
        GivenIntervention("x", "readers", "March", ("company",)),
        GivenIntervention("x", "readers", "2026-03", ()),
        GivenIntervention("x", "readers", "2026-03", ("company", "team:A")),
        GivenIntervention("x", "success", "2026-03", ("team:A",)),
        GivenIntervention("x", "readers", "2026-03", ("person:1",)),
    ],
)
def test_an_intervention_that_cannot_be_meant_is_refused(
    tmp_path: Path, wrong: GivenIntervention
) -> None:
    with founded(settings(tmp_path)) as company, pytest.raises(InvalidInput):
        company.services.interventions.create(wrong, OPERATOR, EVERYTHING)


def test_of_who_is_erased_goals_and_interventions_stay_as_nobodys(tmp_path: Path) -> None:
    with founded(settings(tmp_path)) as company:
        who = company.team("Kilns", 1)[0]
        asker = Principal(who)
        company.services.goals.create(
            GivenGoal("readers", "company", 5, "2026-06"), asker, EVERYTHING
        )
        company.services.interventions.create(
            GivenIntervention("Kilns", "readers", "2026-03", ("company",)), asker, EVERYTHING
        )
        with company.services.database.write() as connection:
            aims.be_nobodys(connection, [who])
        assert [one.by_id for one in company.services.goals.all_of_them(EVERYTHING)] == [None]
        (one,) = company.services.interventions.all_of_them(EVERYTHING)
        assert one.by_id is None

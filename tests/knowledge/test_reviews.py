"""The monthly review: what changed, what to try, and decisions that come up again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge import advising
from knowledge.errors import Conflict, InvalidInput, NotAllowed, NotFound
from knowledge.measures import registry
from knowledge.measures.kinds import COMPANY
from knowledge.reviews import MAX_TEXT, Plan, Reviews
from knowledge.roles import EVERYTHING, MEMBER, Standing
from knowledge.store import reviews as store
from knowledge.types import ANYONE, Audience, Contributor, Role
from tests.builders import document
from tests.knowledge.test_meetings import ADA, BEN, CLEO, Company
from tests.measured import Figures, published

CURATOR = Standing(topics=frozenset({"kilns"}))
PLATFORM = "team:Platform"
FIGURES: Figures = {
    "success": (0.5, 0.5, 0.5, 0.7),
    "zero_result": (0.05, 0.05, 0.05, 0.05),
    "answer_hours": (24.0, 24.0, 30.0, 48.0),
    "contributors": (40.0, 40.0, 40.0, 45.0),
    ("contributors", PLATFORM): (20.0, None, 20.0, 5.0),
    "comfort_asking": (4.0, None, None, 3.0),
}
MONTHS = ["2026-03", "2026-04", "2026-05", "2026-06"]
PLAN = Plan("Demos on Fridays.", "2026-06", "success")


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    made = Company(tmp_path / "data")
    assert published(made.services.database, FIGURES) == MONTHS
    yield made
    made.services.close()


def reviews(company: Company) -> Reviews:
    return company.services.reviews


def test_what_changed_most_comes_first_and_what_did_not_is_left_out(company: Company) -> None:
    found = reviews(company).show("2026-06", company.who(ADA), CURATOR).changes
    told = [(one.measure.key, one.partition, one.now, one.before, one.usual) for one in found]
    assert told == [
        ("answer_hours", COMPANY, 48.0, 30.0, 26.0),
        ("contributors", PLATFORM, 5.0, 20.0, None),
        ("success", COMPANY, 0.7, 0.5, 0.5),
    ]
    assert [one.better for one in found] == [False, False, True]


def test_only_what_is_told_is_compared(company: Company) -> None:
    """The month before is not told, and one month is no year."""
    found = reviews(company).show("2026-06", company.who(ADA), CURATOR)
    assert "comfort_asking" not in {one.measure.key for one in found.changes}
    series = company.services.measures.series("contributors", CURATOR)
    line = series.line(PLATFORM)
    assert line is not None
    assert advising.compared(series.measure, line, "2026-04") is None
    assert advising.compared(series.measure, line, "2026-05") is None


def test_what_may_be_rounding_is_no_change(company: Company) -> None:
    series = company.services.measures.series("contributors", CURATOR)
    line = series.line(PLATFORM)
    assert line is not None
    few = replace(line, figures=tuple(replace(f, value=5.0) for f in line.figures[:-1]))
    last = replace(line.figures[-1], value=10.0)
    change = advising.compared(
        series.measure, replace(few, figures=(*few.figures, last)), MONTHS[3]
    )
    assert change is not None
    assert (change.before, change.far) == (5.0, 0.0)


def test_advice_has_the_figure_that_it_rests_on(company: Company) -> None:
    found = reviews(company).show("2026-06", company.who(ADA), CURATOR).advice
    assert [(one.measure.key, one.now, one.usual) for one in found] == [
        ("answer_hours", 48.0, 26.0),
        ("comfort_asking", 3.0, None),
    ]
    # 30 hours of Monday to Friday are not two of those days yet.
    earlier = reviews(company).show("2026-05", company.who(ADA), CURATOR).advice
    assert earlier == ()


def test_what_may_not_hold_any_more_leads_to_the_health_of_what_is_written() -> None:
    (rule,) = (one for one in advising._RULES if one.measure == "stale")
    assert (rule.path, rule.page) == ("/admin/health", "Content health")


def test_every_rule_is_of_a_measure() -> None:
    assert {rule.measure for rule in advising._RULES} <= registry.ALL.keys()


def test_a_decision_comes_up_when_it_is_due_with_the_figures_then_and_now(company: Company) -> None:
    made = reviews(company).decide("2026-05", PLAN, company.who(ADA), CURATOR)

    def shown(month: str) -> tuple[list[int], list[int], list[int]]:
        found = reviews(company).show(month, company.who(BEN), CURATOR)
        parts = (found.due, found.recorded, found.looked)
        return tuple([one.id for one in part] for part in parts)  # type: ignore[return-value]

    assert shown("2026-05") == ([], [made], [])
    assert shown("2026-06") == ([made], [], [])
    assert shown("2026-04") == ([], [], [])
    (due,) = reviews(company).show("2026-06", company.who(BEN), CURATOR).due
    assert due.owner is not None
    assert (due.owner.name, due.text, due.then, due.now) == ("Ada Field", PLAN.text, 0.5, 0.7)
    assert not due.own
    reviews(company).look(made, "More was found.", CURATOR)
    with pytest.raises(Conflict):
        reviews(company).look(made, "Or not.", CURATOR)
    assert shown("2026-06") == ([], [], [made])
    (looked,) = reviews(company).show("2026-06", company.who(BEN), CURATOR).looked
    assert looked.outcome == "More was found."


def test_a_decision_that_is_not_due_waits(company: Company) -> None:
    reviews(company).decide("2026-05", replace(PLAN, again="2026-07"), company.who(ADA), CURATOR)
    assert reviews(company).show("2026-06", company.who(ADA), CURATOR).due == ()


def test_who_recorded_it_takes_it_back_until_it_is_looked_at(company: Company) -> None:
    made = reviews(company).decide("2026-05", PLAN, company.who(ADA), CURATOR)
    with pytest.raises(Conflict):
        reviews(company).take_back(made, company.who(BEN), CURATOR)
    reviews(company).take_back(made, company.who(ADA), CURATOR)
    with pytest.raises(NotFound):
        reviews(company).take_back(made, company.who(ADA), CURATOR)
    made = reviews(company).decide("2026-05", PLAN, company.who(ADA), CURATOR)
    reviews(company).look(made, "Done.", CURATOR)
    with pytest.raises(Conflict):
        reviews(company).take_back(made, company.who(ADA), CURATOR)
    reviews(company).take_back(made, company.who(CLEO), EVERYTHING)


@pytest.mark.parametrize(
    "plan",
    [
        replace(PLAN, text="  "),
        replace(PLAN, text="x" * (MAX_TEXT + 1)),
        replace(PLAN, text="x\0"),
        replace(PLAN, again="2026-05"),
        replace(PLAN, again="2026-04"),
        replace(PLAN, again="2028-06"),
        replace(PLAN, again="soon"),
        replace(PLAN, measure="joy"),
        replace(PLAN, partition="team:Unknown"),
    ],
)
def test_what_is_no_decision_is_refused(company: Company, plan: Plan) -> None:
    with pytest.raises(InvalidInput):
        reviews(company).decide("2026-05", plan, company.who(ADA), CURATOR)


def test_there_are_reviews_of_published_months_alone(company: Company) -> None:
    for month in ("2026-07", "2026-02", "now"):
        with pytest.raises(NotFound):
            reviews(company).show(month, company.who(ADA), CURATOR)
        with pytest.raises(NotFound):
            reviews(company).decide(month, PLAN, company.who(ADA), CURATOR)


def test_reviews_are_for_those_who_look_after_learning(company: Company) -> None:
    ada, one = company.who(ADA), reviews(company)
    made = one.decide("2026-05", PLAN, ada, CURATOR)
    for call in (
        lambda: one.show("2026-05", ada, MEMBER),
        lambda: one.decide("2026-05", PLAN, ada, MEMBER),
        lambda: one.look(made, "So.", MEMBER),
        lambda: one.take_back(made, ada, MEMBER),
        lambda: one.stories(ada, MEMBER, 5),
        lambda: one.decide("2026-05", PLAN, ANYONE, EVERYTHING),
    ):
        with pytest.raises(NotAllowed):
            call()


def test_of_who_is_erased_the_decision_stays_without_their_name(company: Company) -> None:
    ada = company.who(ADA)
    plan = replace(PLAN, text="Ada Field asks Ben Osei.")
    reviews(company).decide("2026-05", plan, ada, CURATOR)
    assert ada.person_id is not None
    company.services.erasing.erase(ada.person_id)
    (left,) = reviews(company).show("2026-05", company.who(BEN), CURATOR).recorded
    assert (left.owner, "Ada" in left.text, "Ben Osei" in left.text) == (None, False, True)
    with company.services.database.read() as connection:
        (row,) = store.all_of_them(connection)
    assert row.person_id is None


def test_stories_are_what_the_asker_may_read(company: Company) -> None:
    by = (Contributor("Ada Field", Role.AUTHOR, email="ada@example.org"),)
    for name, tag, audience in (
        ("open", "Story", Audience.of("everyone")),
        ("closed", "testimonial", Audience.of("group:kilns")),
        ("other", "kiln", Audience.of("everyone")),
    ):
        company.services.capture.save(
            document(name, "A kiln.", title=name, tags=(tag,), audience=audience, contributors=by)
        )
    told = {
        who: [one.title for one in reviews(company).stories(company.who(who), CURATOR, 5)]
        for who in (ADA, CLEO)
    }
    assert told == {ADA: ["closed", "open"], CLEO: ["open"]}
    assert len(reviews(company).stories(company.who(ADA), CURATOR, 1)) == 1

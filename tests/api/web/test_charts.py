"""What is drawn of a measure, and how it is said."""

from __future__ import annotations

import pytest

from api.web import charts, measuring
from knowledge.measures import registry
from knowledge.measures.aims import Effect
from knowledge.measures.kinds import COMPANY, Figure, Line, Series, Unit

SHARE, COUNT = registry.ALL["success"], registry.ALL["contributors"]
MONTHS = ("2026-03", "2026-04", "2026-05", "2026-06")


def line(*told: float | None, partition: str = COMPANY) -> Line:
    pairs = zip(MONTHS, told, strict=True)
    return Line(partition, tuple(Figure(month, partition, value) for month, value in pairs))


def test_what_is_not_told_is_a_gap_and_no_point() -> None:
    made = charts.chart(SHARE, [line(0.2, None, 0.4, 0.5)])
    (path,) = made.paths
    assert len(path.dots) == 3
    # One month alone is a dot and no line.
    (piece,) = path.pieces
    assert len(piece.split()) == 2
    assert [row.cells[0] for row in made.rows] == [
        ("50\u00a0%", 50.0),
        ("40\u00a0%", 40.0),
        ("not told", None),
        ("20\u00a0%", 20.0),
    ]
    assert [row.month for row in made.rows] == ["Jun 2026", "May 2026", "Apr 2026", "Mar 2026"]


def test_nothing_told_is_nothing_drawn() -> None:
    made = charts.chart(COUNT, [line(None, None, None, None)])
    assert not made.told
    assert {row.cells[0] for row in made.rows} == {("not told", None)}


def test_points_lie_in_the_drawing_the_higher_the_more() -> None:
    made = charts.chart(COUNT, [line(0.0, 10.0, 40.0, 70.0)])
    dots = made.paths[0].dots
    assert all(0 <= x <= charts.WIDTH and 0 <= y <= charts.HEIGHT for x, y in dots)
    assert [y for _, y in dots] == sorted((y for _, y in dots), reverse=True)
    assert (made.least, made.most) == (0, 100)


@pytest.mark.parametrize(
    ("unit", "told", "ends"),
    [
        (Unit.SCORE, [3.1], (1, 5)),
        (Unit.SHARE, [96.0], (0, 100)),
        (Unit.SHARE, [3.0], (0, 5)),
        (Unit.COUNT, [], (0, 1)),
        (Unit.COUNT, [0.0], (0, 1)),
        (Unit.COUNT, [120.0], (0, 200)),
        (Unit.HOURS, [21.0], (0, 25)),
    ],
)
def test_an_axis_ends_at_a_round_number(
    unit: Unit, told: list[float], ends: tuple[float, float]
) -> None:
    assert charts.bounds(unit, told) == ends


def test_bars_are_of_teams_in_one_month() -> None:
    platform = line(1.0, 1.0, 1.0, 20.0, partition="team:Platform")
    data = line(5.0, 5.0, 5.0, None, partition="team:Data")
    series = Series(COUNT, (line(30.0, 30.0, 30.0, 30.0), platform, data))
    made = charts.bars(series, "2026-06")
    assert [(bar.name, bar.text, bar.width) for bar in made] == [
        ("Platform", "20", charts.WIDTH),
        ("Data", "not told", None),
    ]
    assert charts.bars(Series(COUNT, series.lines[:1]), "2026-06") == []


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-0.02, 0.09, "Between −2 and +9 points; may be chance"),
        (0.03, 0.09, "Between +3 and +9 points; better, and more than chance explains"),
        (-0.09, -0.03, "Between −9 and −3 points; worse, and more than chance explains"),
    ],
)
def test_an_effect_is_an_interval_in_words(low: float, high: float, said: str) -> None:
    told = Effect(6, 6, (), 0.3, 0.3, (low + high) / 2, low, high)
    assert measuring.effect(SHARE, told) == said


def test_an_effect_of_too_few_months_says_so() -> None:
    assert measuring.effect(SHARE, Effect(1, 0, reason="Too few.")) == "Too few."
    hours = registry.ALL["answer_hours"]
    told = Effect(6, 6, (), 9.0, 5.0, -4.0, -6.0, -2.0)
    assert measuring.effect(hours, told).startswith("Between −6 and −2 hours; better")


def test_months_and_numbers_in_words() -> None:
    assert charts.month("2026-03") == "March 2026"
    assert charts.text(Unit.HOURS, 7.5) == "7.5\u00a0h"
    assert charts.text(Unit.COUNT, 1250.0) == "1,250"
    assert charts.number(-0.001) == "0"
    assert measuring.difference(Unit.SHARE, 0.5, 0.41) == "9 points more"
    assert measuring.difference(Unit.COUNT, 5, 10) == "5 less"

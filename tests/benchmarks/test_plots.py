"""Plots: well-formed, with everything on them that was given."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree.ElementTree import Element

import pytest

from benchmarks.plots import WIDTH, Series, bars, lines, short
from tests.benchmarks.svg import SVG, drawn


def texts(root: Element) -> list[str]:
    return [one.text or "" for one in root.iter(f"{SVG}text")]


def test_lines_are_named_and_lie_inside() -> None:
    one = Series("a <b> & c", [(1_000, 0.05), (10_000, 0.5), (1_000_000, 40)])
    root = drawn(lines('"Latency" & more', "passages", "ms", [one, Series("flat", [(1_000, 1)])]))
    assert root.get("aria-label") == '"Latency" & more'
    assert {"a <b> & c", "flat", "passages", "ms", "1,000", "1,000,000", "0.1"} <= set(texts(root))
    (path, _) = root.iter(f"{SVG}polyline")
    places = [tuple(map(float, place.split(","))) for place in path.get("points", "").split()]
    assert len(places) == 3
    assert all(0 < x < WIDTH and 0 < y < 400 for x, y in places)
    (left, low), _, (right, high) = places
    assert left < right
    assert high < low  # more is further up


def test_the_axes_are_logarithmic() -> None:
    text = lines("t", "x", "y", [Series("s", [(1, 1), (10, 10), (100, 100)])])
    (path,) = drawn(text).iter(f"{SVG}polyline")
    xs = [float(place.split(",")[0]) for place in path.get("points", "").split()]
    assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=0.2)


def test_names_of_lines_that_meet_stand_apart() -> None:
    series = [Series(name, [(1, 5), (10, 5)]) for name in "abc"]
    found = [
        float(one.get("y", "0"))
        for one in drawn(lines("t", "x", "y", series)).iter(f"{SVG}text")
        if one.text in ("a", "b", "c")
    ]
    assert all(below - above >= 13 for above, below in pairwise(found))


def test_bars_are_as_long_as_their_values() -> None:
    rows = [("one & two", [10.0, 5.0]), ("three", [0.0, 2.5])]
    root = drawn(bars("t", "ms", ("x", "y"), rows))
    assert {"one & two", "three", "x", "y", "ms", "10", "2.5"} <= set(texts(root))
    long, half, none, quarter = [
        float(one.get("width", "0")) for one in root.iter(f"{SVG}rect") if one.get("height") == "13"
    ]
    assert half == pytest.approx(long / 2, abs=0.1)
    assert quarter == pytest.approx(long / 4, abs=0.1)
    assert none == 1


def test_both_schemes_have_colours() -> None:
    style = re.search("<style>(.*)</style>", bars("t", "", ("x",), [("a", [1.0])]))
    assert style is not None
    assert "prefers-color-scheme:dark" in style[1]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (0.0123, "0.0123"), (0.5, "0.5"), (1.234, "1.23"), (12.34, "12.3"),
        (10.0, "10"), (99.97, "100"), (123.4, "123"), (1_234.5, "1,234"), (1_000_000, "1,000,000"),
    ],
)  # fmt: skip
def test_three_digits_matter(value: float, text: str) -> None:
    assert short(value) == text

"""What is drawn of a measure: a line by month and bars by team, made here, so that a page needs no
script for it. What is not told is never drawn, neither as nothing nor as a line across it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.measures.kinds import Figure, Line, Measure, Series, Unit, label

WIDTH, HEIGHT = 600, 120
_MARGIN = 8
NOT_TOLD = "not told"
_MONTHS = "January February March April May June July August September October November December"


@dataclass(frozen=True, slots=True)
class Path:
    """A partition's line: the ``pieces`` between what is not told, as points of an SVG polyline,
    and each month's dot."""

    name: str
    pieces: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A month of the table: each line's value, with its number where it is told."""

    month: str
    cells: tuple[tuple[str, float | None], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A measure by month; the newest row first. ``scale`` makes of a value what is drawn."""

    names: tuple[str, ...]
    paths: tuple[Path, ...]
    rows: tuple[Row, ...]
    least: float
    most: float
    unit: str
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def told(self) -> bool:
        """Whether there is anything to draw."""
        return any(path.dots for path in self.paths)


@dataclass(frozen=True, slots=True)
class TeamBar:
    """A team in a month: ``width`` of ``WIDTH`` where it is told."""

    name: str
    text: str
    width: float | None


def month(told: str) -> str:
    """A month in words, as in "March 2026"."""
    return f"{_MONTHS.split()[int(told[5:]) - 1]} {told[:4]}"


def short_month(told: str) -> str:
    """A month for an axis, as in "Mar 2026"."""
    return f"{month(told)[:3]} {told[:4]}"


def scaled(unit: Unit, value: float) -> float:
    """A value as it is drawn: shares in per cent."""
    return round(value * 100, 1) if unit is Unit.SHARE else value


def number(value: float) -> str:
    """A number as pages write it."""
    whole = f"{value:,.2f}".rstrip("0").rstrip(".")
    return "0" if whole == "-0" else whole.replace("-", "−")


def text(unit: Unit, value: float | None) -> str:
    """A value with its unit."""
    if value is None:
        return NOT_TOLD
    made = number(scaled(unit, value))
    # A number and its unit stay on one line.
    return f"{made}{_suffix(unit)}".replace(" ", "\u00a0")


def chart(measure: Measure, lines: Sequence[Line]) -> Chart:
    """Lines with the same months, the oldest first."""
    unit = measure.unit
    months = [figure.month for figure in lines[0].figures] if lines else []
    values = [[_drawn(unit, figure) for figure in line.figures] for line in lines]
    told = [value for line in values for value in line if value is not None]
    least, most = bounds(unit, told)
    rows = [
        Row(
            short_month(months[n]),
            tuple(
                (text(unit, line.figures[n].value), _drawn(unit, line.figures[n])) for line in lines
            ),
        )
        for n in reversed(range(len(months)))
    ]
    paths = tuple(
        _path(label(line.partition), held, least, most)
        for line, held in zip(lines, values, strict=True)
    )
    names = tuple(path.name for path in paths)
    return Chart(names, paths, tuple(rows), least, most, _suffix(unit))


def bars(series: Series, at: str) -> list[TeamBar]:
    """Every partition but the whole company in a month; nothing where none is told."""
    unit = series.measure.unit
    held = [
        (label(line.partition), next((f.value for f in line.figures if f.month == at), None))
        for line in series.lines[1:]
    ]
    told = [scaled(unit, value) for _, value in held if value is not None]
    if not told:
        return []
    _, most = bounds(unit, told)
    return [
        TeamBar(
            name,
            text(unit, value),
            None if value is None else round(scaled(unit, value) / most * WIDTH, 1),
        )
        for name, value in held
    ]


def bounds(unit: Unit, told: Sequence[float]) -> tuple[float, float]:
    """From where to where an axis goes: all of a scale that has ends, otherwise from nothing to a
    round number above everything."""
    if unit is Unit.SCORE:
        return 1, 5
    highest = max(told, default=0) or 1
    size = 10 ** math.floor(math.log10(highest))
    most = next(size * step for step in (1, 2, 2.5, 5, 10) if size * step >= highest)
    return 0, min(most, 100) if unit is Unit.SHARE else most


def _drawn(unit: Unit, figure: Figure) -> float | None:
    return None if figure.value is None else scaled(unit, figure.value)


def _path(name: str, values: Sequence[float | None], least: float, most: float) -> Path:
    step = (WIDTH - 2 * _MARGIN) / max(len(values) - 1, 1)
    places = [
        None
        if value is None
        else (
            round(_MARGIN + n * step, 1),
            round(HEIGHT - _MARGIN - (value - least) / (most - least) * (HEIGHT - 2 * _MARGIN), 1),
        )
        for n, value in enumerate(values)
    ]
    pieces: list[list[str]] = [[]]
    for place in places:
        if place is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{place[0]},{place[1]}")
    return Path(
        name,
        tuple(" ".join(piece) for piece in pieces if len(piece) > 1),
        tuple(place for place in places if place is not None),
    )


def _suffix(unit: Unit) -> str:
    return {Unit.SHARE: " %", Unit.HOURS: " h"}.get(unit, "")

"""Plots as SVG: lines over two axes, and bars. Readable on light and on dark pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Protocol
from xml.sax.saxutils import escape, quoteattr

WIDTH = 760
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 150, 44, 56
_HEIGHT = 400
_BAR, _GAP = 15, 12
_NAMES = 150
_LINE_PX = 14
_FEW = 8  # places on an axis that are marked as they are

# Told apart by dashes and marks too, for those who do not see the colours.
_COLOURS = (
    ("#0969da", "#58a6ff"),
    ("#bc4c00", "#f0883e"),
    ("#1a7f37", "#3fb950"),
    ("#8250df", "#bc8cff"),
    ("#cf222e", "#ff7b72"),
    ("#57606a", "#8b949e"),
)
_DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 2", "1 2")


@dataclass(frozen=True, slots=True)
class Series:
    """A line: its points ascending by x; on logarithmic axes both must be above 0."""

    name: str
    points: Sequence[tuple[float, float]]


def short(value: float) -> str:
    """Three digits that matter, without exponents: 0.0123, 1.23, 12.3, 1,230."""
    if value == 0:
        return "0"
    digits = max(0, 2 - floor(log10(abs(value))))
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if digits else text


def lines(title: str, x: str, y: str, series: Sequence[Series], *, linear: bool = False) -> str:
    """Lines over two axes, logarithmic ones if not ``linear``, named at their right ends. ``x``,
    ``y``: what the axes show, with units."""
    points = [point for one in series for point in one.points]
    axis = _Linear if linear else _Logarithmic
    across = axis([p[0] for p in points], _LEFT, WIDTH - _RIGHT)
    up = axis([p[1] for p in points], _HEIGHT - _BOTTOM, _TOP)
    given = sorted({p[0] for p in points})
    marks = given if len(given) <= _FEW else across.marks()
    drawn = list(_grid(across, up, marks))
    ends = _apart([up.at(one.points[-1][1]) for one in series])
    for number, (one, end) in enumerate(zip(series, ends, strict=True)):
        colour = number % len(_COLOURS)
        places = [(across.at(px), up.at(py)) for px, py in one.points]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in places)
        dash = f' stroke-dasharray="{_DASHES[colour]}"' if _DASHES[colour] else ""
        drawn.append(f'<polyline class="l c{colour}" points="{path}"{dash}/>')
        drawn += [
            f'<circle class="d c{colour}" cx="{px:.1f}" cy="{py:.1f}" r="3.5"/>'
            for px, py in places
        ]
        drawn.append(_text(places[-1][0] + 10, end + 4, one.name, f"n c{colour}"))
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    drawn.append(_text((_LEFT + WIDTH - _RIGHT) / 2, _HEIGHT - 14, x, "a m"))
    drawn.append(
        f'<text class="a m" transform="translate(18 {middle:.0f}) rotate(-90)">{escape(y)}</text>'
    )
    return _svg(title, _HEIGHT, drawn)


def bars(
    title: str, unit: str, names: Sequence[str], rows: Sequence[tuple[str, Sequence[float]]]
) -> str:
    """A bar for every row and name, from 0. ``names``: what the values of a row are, in order."""
    most = max((value for _, values in rows for value in values), default=0.0) or 1.0
    room = WIDTH - _NAMES - 90
    drawn, top = [], _TOP + 24
    at = float(_NAMES)
    for number, name in enumerate(names):
        drawn.append(
            f'<rect class="b c{number}" x="{at:.0f}" y="{_TOP - 4}" width="11" height="11"/>'
        )
        drawn.append(_text(at + 17, _TOP + 6, name, "a"))
        at += 40 + 7 * len(name)
    drawn.append(_text(WIDTH - 12, _TOP + 6, unit, "a e"))
    for label, values in rows:
        middle = top + _BAR * len(values) / 2 + 4
        drawn.append(_text(_NAMES - 10, middle, label, "n e"))
        for number, value in enumerate(values):
            wide = max(1.0, room * value / most)
            drawn.append(
                f'<rect class="b c{number}" x="{_NAMES}" y="{top}" width="{wide:.1f}" '
                f'height="{_BAR - 2}"/>'
            )
            drawn.append(_text(_NAMES + wide + 6, top + _BAR - 4, short(value), "a"))
            top += _BAR
        top += _GAP
    return _svg(title, top + 8, drawn)


class _Axis(Protocol):
    """From values to places in the drawing."""

    def at(self, value: float) -> float: ...

    def marks(self) -> Iterator[float]: ...


class _Logarithmic:
    """A logarithmic axis from one place in the drawing to another."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        low, high = log10(min(values)), log10(max(values))
        room = 0.04 * max(high - low, 1.0)
        self._low, self._high = low - room, high + room
        self._start, self._end = start, end

    def at(self, value: float) -> float:
        share = (log10(value) - self._low) / (self._high - self._low)
        return self._start + share * (self._end - self._start)

    def marks(self) -> Iterator[float]:
        """Powers of ten, and between them where there are few."""
        steps = (1, 2, 5) if self._high - self._low < 2.5 else (1,)
        for power in range(floor(self._low), ceil(self._high) + 1):
            for step in steps:
                value = step * 10.0**power
                if self._low <= log10(value) <= self._high:
                    yield value


class _Linear:
    """An axis of equal steps, with marks at fifths of the power of ten above the highest."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        self._step = 10.0 ** ceil(log10(max(values))) / 5
        self._low = floor(min(values) / self._step) * self._step
        self._high = ceil(max(values) / self._step) * self._step
        self._start, self._end = start, end

    def at(self, value: float) -> float:
        share = (value - self._low) / (self._high - self._low)
        return self._start + share * (self._end - self._start)

    def marks(self) -> Iterator[float]:
        """Every step."""
        for number in range(round((self._high - self._low) / self._step) + 1):
            yield self._low + number * self._step


def _grid(across: _Axis, up: _Axis, marks: Iterable[float]) -> Iterator[str]:
    bottom = _HEIGHT - _BOTTOM
    for value in marks:
        px = across.at(value)
        yield f'<line class="g" x1="{px:.1f}" y1="{_TOP}" x2="{px:.1f}" y2="{bottom}"/>'
        yield _text(px, bottom + 18, short(value), "a m")
    for value in up.marks():
        py = up.at(value)
        yield f'<line class="g" x1="{_LEFT}" y1="{py:.1f}" x2="{WIDTH - _RIGHT}" y2="{py:.1f}"/>'
        yield _text(_LEFT - 8, py + 4, short(value), "a e")


def _apart(heights: Sequence[float]) -> list[float]:
    """Moved down where names would stand on one another."""
    placed = list(heights)
    last = float("-inf")
    for at in sorted(range(len(heights)), key=heights.__getitem__):
        last = placed[at] = max(heights[at], last + _LINE_PX)
    return placed


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _svg(title: str, height: float, drawn: Sequence[str]) -> str:
    light = "".join(f".c{n}{{--c:{pair[0]}}}" for n, pair in enumerate(_COLOURS))
    dark = "".join(f".c{n}{{--c:{pair[1]}}}" for n, pair in enumerate(_COLOURS))
    style = (
        "text{font:12px system-ui,sans-serif;fill:#57606a}.t{font-weight:600;font-size:14px;"
        "fill:#1f2328}.m{text-anchor:middle}.e{text-anchor:end}.n{fill:var(--c,#1f2328)}"
        ".p{fill:#fff}.g{stroke:#d8dee4}.l{fill:none;stroke:var(--c);stroke-width:2}"
        f".d,.b{{fill:var(--c)}}{light}"
        "@media(prefers-color-scheme:dark){text{fill:#9198a1}.t{fill:#f0f6fc}"
        f".n{{fill:var(--c,#f0f6fc)}}.p{{fill:#0d1117}}.g{{stroke:#30363d}}{dark}}}"
    )
    size = f'viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}"'
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label={quoteattr(title)}>',
        f"<style>{style}</style>",
        '<rect class="p" width="100%" height="100%" rx="6"/>',
        _text(16, 24, title, "t"),
    ]
    return "\n".join([*head, *drawn, "</svg>"]) + "\n"

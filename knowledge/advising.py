"""What a month's figures say: what changed, and what one could try. Rules, each with its reason.

A figure is far from another by its distance in steps that somebody would notice: ten points of a
share, half a point of a score from 1 to 5, a quarter of anything else. What may be rounding alone
is no distance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from knowledge.measures import rounding
from knowledge.measures.kinds import COMPANY, Line, Measure, Series, Unit, after

YEAR = 12
MOST_CHANGES = 8
_FEWEST_MONTHS = 3
_STEPS = {Unit.SHARE: 0.1, Unit.SCORE: 0.5}
_PART = 0.25
# So that one more than none is no endless change.
_LEAST = 1.0


@dataclass(frozen=True, slots=True)
class Change:
    """A figure and what it is compared with: ``before`` is of the month before, ``usual`` the mean
    of what is told of the ``months`` months before it, twelve at most; None where nothing is told,
    or less than three months. ``far``: the larger distance, in steps."""

    measure: Measure
    partition: str
    now: float
    before: float | None
    usual: float | None
    months: int
    far: float

    @property
    def better(self) -> bool | None:
        """Whether it became better than what it is farther from; None where neither is better."""
        if not self.measure.better:
            return None
        return (self.now > self._against) == (self.measure.better > 0)

    @property
    def _against(self) -> float:
        held = [one for one in (self.before, self.usual) if one is not None]
        return max(held, key=lambda one: _distance(self.measure, self.now, one))


@dataclass(frozen=True, slots=True)
class Advice:
    """What one could try, and because of which figure. ``path``: where, if it is a page."""

    measure: Measure
    now: float
    usual: float | None
    text: str
    path: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    measure: str
    holds: Callable[[float, float | None], bool]
    text: str
    path: str = ""
    page: str = ""


def _over(limit: float) -> Callable[[float, float | None], bool]:
    return lambda now, _: now >= limit


def _under(limit: float) -> Callable[[float, float | None], bool]:
    return lambda now, _: now < limit


def _fell(part: float) -> Callable[[float, float | None], bool]:
    return lambda now, usual: usual is not None and now < usual * part


# Each limit is where somebody who looks after learning would begin to ask: see docs/pulse.md.
_RULES = (
    _Rule(
        "abstention",
        _over(0.3),
        "Many searches end without a sure answer. Look what several people missed, and ask those "
        "who might know.",
        "/gaps",
        "Gaps",
    ),
    _Rule(
        "zero_result",
        _over(0.1),
        "Many searches find nothing at all. Perhaps people call things otherwise than documents "
        "do: gaps show the words, and an administrator can say what jargon means.",
        "/gaps",
        "Gaps",
    ),
    _Rule(
        "answer_hours",
        _over(48),
        "Questions wait two working days and more. Let them go on to further colleagues sooner "
        "(WHOKNOWS_ASK_ESCALATE_HOURS), or let each colleague be asked more often in a week "
        "(WHOKNOWS_ASK_WEEKLY).",
    ),
    _Rule(
        "repeat_questions",
        _over(0.2),
        "The same is asked again. Whoever accepts an answer makes it a thread that the next search "
        "finds: ask those who asked to do so.",
        "/gaps",
        "Gaps",
    ),
    _Rule(
        "cross_team",
        _under(0.2),
        "Few answers come from another team. A session in which teams show each other what they do "
        "makes people known to each other.",
        "/sessions/new",
        "Offer a session",
    ),
    _Rule(
        "at_risk",
        _over(0.25),
        "Much is known by one person alone. Ask them for a session or a note, topic by topic.",
        "/topics",
        "Topics",
    ),
    _Rule(
        "stale",
        _over(0.3),
        "Much of what is written may not hold any more. Ask those who look after it to verify it "
        "or to call it outdated.",
        "/admin/health",
        "Content health",
    ),
    _Rule(
        "contributors",
        _fell(0.75),
        "Fewer people share than usual. A quick note of two lines is the smallest step; ask for "
        "one in a meeting, and write the first.",
        "/write/quick",
        "A quick note",
    ),
    _Rule(
        "response_rate",
        _under(0.5),
        "Few say what they think of sessions. Hosts can leave a minute for it at the end.",
        "/sessions",
        "Sessions",
    ),
    _Rule(
        "comfort_asking",
        _under(3.5),
        "Asking does not feel safe to all. It helps when those who lead ask in the open, "
        "and thank for questions.",
        "/ask",
        "Ask",
    ),
    _Rule(
        "comfort_mistakes",
        _under(3.5),
        "Mistakes are not easily told. A session about one of one's own, held by somebody senior, "
        "shows that it is possible.",
        "/sessions/new",
        "Offer a session",
    ),
    _Rule(
        "comfort_sharing",
        _under(3.5),
        "Sharing what is unfinished does not come easily. Rough notes are made for it.",
        "/write/quick",
        "A quick note",
    ),
    _Rule(
        "comfort_time",
        _under(3.0),
        "People lack the time to learn from each other. That is decided by those who plan the "
        "work: agree on an hour a week, and record it below.",
    ),
)


def changes(all_series: Iterable[Series], month: str) -> list[Change]:
    """What changed most in a month, of everything that is told; at most ``MOST_CHANGES``, and only
    what changed by a step or more."""
    found = [
        change
        for series in all_series
        for line in series.lines
        if (change := compared(series.measure, line, month)) is not None and change.far >= 1
    ]
    order = sorted(found, key=lambda one: (-one.far, one.partition != COMPANY, one.measure.key))
    return order[:MOST_CHANGES]


def compared(measure: Measure, line: Line, month: str) -> Change | None:
    """A figure and what it is compared with; None where one of both is not told."""
    told = {one.month: one.value for one in line.figures if one.value is not None}
    now, before = told.get(month), told.get(after(month, -1))
    if now is None:
        return None
    held = [told[one] for one in told if after(month, -YEAR) <= one < month]
    usual = _mean(measure.unit, held) if len(held) >= _FEWEST_MONTHS else None
    against = [one for one in (before, usual) if one is not None]
    if not against:
        return None
    far = max(_distance(measure, now, one) for one in against)
    return Change(measure, line.partition, now, before, usual, len(held), far)


def advice(all_series: Sequence[Series], month: str) -> list[Advice]:
    """What one could try, by the figures of the whole company, in the order of the rules."""
    held = {series.measure.key: series for series in all_series}
    found = []
    for rule in _RULES:
        series = held[rule.measure]
        line = series.line()
        now = value_of(line, month)
        if line is None or now is None:
            continue
        change = compared(series.measure, line, month)
        usual = None if change is None else change.usual
        if rule.holds(now, usual):
            found.append(Advice(series.measure, now, usual, rule.text, rule.path, rule.page))
    return found


def value_of(line: Line | None, month: str) -> float | None:
    """What is told of a month."""
    figures = () if line is None else line.figures
    return next((one.value for one in figures if one.month == month), None)


def _mean(unit: Unit, values: Sequence[float]) -> float:
    """As exact as single figures are, for those are rounded."""
    return round(fmean(values), 2 if unit is Unit.SHARE else 1)


def _distance(measure: Measure, one: float, other: float) -> float:
    found = abs(one - other)
    # Two figures that are told one step apart may be nearly the same.
    if found <= rounding.step(measure):
        return 0.0
    return found / (_STEPS.get(measure.unit) or _PART * max(abs(other), _LEAST))

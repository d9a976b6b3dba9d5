"""What each measure should be, counted from the facts by docs/measures.md, and by nothing else.

A ``Truth`` is exact. What is told of it may be rounded, or kept back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, median

from tests.year.acts import first_of, month_of
from tests.year.facts import Asked, Facts, Held, Searched, working_hours

COMPANY, OTHERS, GONE = "company", "others", ""
FEWEST = 5
NOTE_HOURS, ANSWER_HOURS, SESSION_HOURS, MOST_HOURS = 0.25, 1 / 6, 1.0, 40.0
"""What docs/measures.md estimates of a note and an answer, how long the sessions are, and what
counts of one person."""
_TAP = {"yes": 1.0, "partly": 0.5, "no": 0.0}


@dataclass(frozen=True, slots=True)
class Truth:
    """A value, and how many different people stand behind it."""

    value: float
    people: int


SEARCHES = ("success", "zero_result", "abstention")
"""What becomes of a search: one of these."""
Figures = dict[tuple[str, int, str], Truth]
"""Measure, month and partition -> what it is."""


class Counting:
    """The truth of months that were published at some times."""

    def __init__(self, facts: Facts, published: dict[int, datetime]) -> None:
        self._facts = facts
        self._published = published

    def all_of_them(self) -> Figures:
        """Every figure that there is."""
        found: Figures = {}
        for month in self._published:
            for measure, values in self._people(month):
                for partition, told in values.items():
                    found[measure, month, partition] = told
            for measure, truth in self._company(month):
                found[measure, month, COMPANY] = truth
        return found

    def _people(self, month: int) -> Iterator[tuple[str, dict[str, Truth]]]:
        makers = self._contributors(month)
        yield "contributors", self._by_team(month, dict.fromkeys(makers, 1.0), sum)
        opened = [one for one in self._facts.opened if month_of(one.at) == month]
        days: dict[int, set[str]] = {}
        read: dict[int, set[int]] = {}
        for one in opened:
            days.setdefault(one.who, set()).add(f"{one.at:%d}")
            read.setdefault(one.who, set()).add(one.document)
        yield "readers", self._by_team(month, dict.fromkeys(days, 1.0), sum)
        yield "frequency", self._by_team(month, {o: float(len(s)) for o, s in days.items()}, fmean)
        yield "depth", self._by_team(month, {o: float(len(s)) for o, s in read.items()}, fmean)
        taught = self._taught(month)
        yield "teachers", self._by_team(month, dict.fromkeys(taught, 1.0), sum)
        yield "teaching_hours", self._by_team(month, taught, fmean)
        yield "cross_team", self._answers(month)
        yield "answer_hours", self._hours(month)

    def _company(self, month: int) -> Iterator[tuple[str, Truth]]:
        before = {w for m in range(1, month) for w in self._contributors(m)}
        first = self._contributors(month) - before
        yield "first_sharers", Truth(len(first), len(first))
        yield from self._searches(month)
        questions = [one for one in self._facts.asked if month_of(one.at) == month]
        before_it = [one for one in self._facts.asked if one.at < first_of(month)]
        earlier = Counter(one.title.casefold() for one in before_it)
        # The embedder of the tests knows words, and not their order.
        told = [(one.taken[0], _words(one)) for one in self._facts.asked if one.taken is not None]
        again = []
        for one in sorted(questions, key=lambda one: one.at):
            same = any(at <= one.at and words == _words(one) for at, words in told)
            if same or earlier[one.title.casefold()]:
                again.append(one.who)
            earlier[one.title.casefold()] += 1
        if questions:
            yield "repeat_questions", Truth(len(again) / len(questions), len(set(again)))
        yield from self._sessions(month)
        reciprocity = self._reciprocity(month)
        if reciprocity is not None:
            yield "reciprocity", reciprocity
        stories = [
            one for one in self._facts.written if month_of(one.at) == month and "story" in one.tags
        ]
        yield from self._comfort(month)
        yield from self._health(month)
        yield "stories", Truth(len(stories), len({one.who for one in stories}))

    def _contributors(self, month: int) -> set[int]:
        return {
            one.who
            for one in self._facts.written
            if month_of(one.said_at) == month and one.at < self._published[month]
        }

    def _taught(self, month: int) -> dict[int, float]:
        """By person: the hours of what they wrote, answered and held. Nobody of them says how long
        an act takes them."""
        hours: dict[int, float] = {}
        acts = [(one.at, one.who, NOTE_HOURS) for one in self._facts.written if not one.thread]
        acts += [(at, who, ANSWER_HOURS) for one in self._facts.asked for at, who in one.answers]
        acts += [(one.at, one.host, SESSION_HOURS) for one in self._facts.held]
        for at, who, taken in acts:
            if month_of(at) == month:
                hours[who] = hours.get(who, 0.0) + taken
        return {who: min(taken, MOST_HOURS) for who, taken in hours.items()}

    def _team(self, who: int, month: int) -> str | None:
        """Somebody's team on the day on which a month is published; None for who is not there."""
        return self._facts.team_at(who, self._published[month])

    def sizes(self, month: int) -> dict[str, int]:
        """How many are in each team on that day."""
        there = [self._team(who, month) for who in self._facts.teams]
        return dict(Counter(team for team in there if team is not None))

    def partitions(self, month: int) -> dict[str, int]:
        """How many are in each partition on that day."""
        found: Counter[str] = Counter()
        for team, size in self.sizes(month).items():
            found[f"team:{team}" if size >= FEWEST else OTHERS] += size
        return dict(found)

    def _place(self, who: int, month: int) -> str:
        """Somebody's partition: teams under five are told together."""
        team = self._team(who, month)
        if team is None:
            return GONE
        return f"team:{team}" if self.sizes(month)[team] >= FEWEST else OTHERS

    def _by_team(self, month: int, values: dict[int, float], sum_up: object) -> dict[str, Truth]:
        assert callable(sum_up)
        grouped: dict[str, list[float]] = {COMPANY: list(values.values())}
        for who, value in values.items():
            grouped.setdefault(self._place(who, month), []).append(value)
        return {
            partition: Truth(float(sum_up(held)), len(held))
            for partition, held in grouped.items()
            if held
        }

    def _open_asked(self) -> Iterator[Asked]:
        return (one for one in self._facts.asked if not one.anonymous)

    def _answers(self, month: int) -> dict[str, Truth]:
        grouped: dict[str, list[tuple[int, bool]]] = {}
        for asked in self._open_asked():
            theirs = self._team(asked.who, month)
            for at, who in asked.answers:
                team = self._team(who, month)
                if month_of(at) == month and None not in (team, theirs):
                    other = team != theirs
                    for partition in (COMPANY, self._place(asked.who, month)):
                        grouped.setdefault(partition, []).append((asked.who, other))
        return {
            partition: Truth(fmean(other for _, other in held), len({who for who, _ in held}))
            for partition, held in grouped.items()
        }

    def _hours(self, month: int) -> dict[str, Truth]:
        grouped: dict[str, list[tuple[int, float]]] = {}
        for asked in self._facts.asked:
            answers = [at for at, _ in asked.answers if at < self._published[month]]
            if month_of(asked.at) == month and answers:
                hours = working_hours(asked.at, min(answers))
                mine = [] if asked.anonymous else [self._place(asked.who, month)]
                for partition in (COMPANY, *mine):
                    grouped.setdefault(partition, []).append((asked.who, hours))
        return {
            partition: Truth(median(h for _, h in held), len({who for who, _ in held}))
            for partition, held in grouped.items()
        }

    def _searches(self, month: int) -> Iterator[tuple[str, Truth]]:
        held = [one for one in self._facts.searched if month_of(one.at) == month]
        found = [o for o in held if o.answers and o.confident and o.verdict is not False]
        empty = [one for one in held if not one.answers]
        unsure = [o for o in held if o.answers and (not o.confident or o.verdict is False)]
        for measure, some in zip(SEARCHES, (found, empty, unsure), strict=True):
            yield measure, Truth(len(some) / len(held), _in_one_week(some))
        questions = [one for one in self._facts.asked if month_of(one.at) == month]
        both = len(found) + len(questions)
        yield "found_without_asking", Truth(len(found) / both, _in_one_week(found))
        best: dict[tuple[int, int], int] = {}
        for one in self._facts.opened:
            if month_of(one.at) == month and one.place is not None:
                key = (one.who, one.document)
                best[key] = min(one.place, best.get(key, one.place))
        if best:
            yield "click_position", Truth(fmean(best.values()), len({who for who, _ in best}))

    def _sessions(self, month: int) -> Iterator[tuple[str, Truth]]:
        held = [one for one in self._facts.held if month_of(_end(one)) == month]
        whole = [taps for one in held for taps in one.taps[: len(one.taps) // 5 * 5]]
        for number, measure in enumerate(("useful", "relevant", "engaging")):
            if whole:
                yield measure, Truth(fmean(_TAP[taps[number]] for taps in whole), len(whole))
        came = [who for one in held for who in one.came]
        if came:
            share = sum(len(one.taps) for one in held) / len(came)
            yield "response_rate", Truth(share, len(set(came)))

    def _comfort(self, month: int) -> Iterator[tuple[str, Truth]]:
        felt = [one.scores for one in self._facts.felt if month_of(one.at) == month]
        whole = felt[: len(felt) // FEWEST * FEWEST]
        for number, measure in enumerate(("asking", "mistakes", "sharing", "time")):
            if whole:
                mean = fmean(scores[number] for scores in whole)
                yield f"comfort_{measure}", Truth(mean, len(whole))

    def _health(self, month: int) -> Iterator[tuple[str, Truth]]:
        at = self._published[month]
        there = [one for one in self._facts.written if one.at < at]
        verified = {document for when, document in self._facts.verified if when < at}
        yield "verified", Truth(len(verified) / len(there), FEWEST)
        yield "stale", Truth(0.0, FEWEST)

    def _reciprocity(self, month: int) -> Truth | None:
        flow: Counter[tuple[str, str]] = Counter()
        givers: set[int] = set()
        others: set[int] = set()

        def add(giver: int, takers: Iterable[int]) -> None:
            for taker in takers:
                pair = self._place(giver, month), self._place(taker, month)
                if pair[0] != pair[1] and not {GONE, OTHERS} & set(pair):
                    flow[pair] += 1
                    givers.add(giver)
                    others.add(taker)

        for asked in self._open_asked():
            for at, who in asked.answers:
                if month_of(at) == month:
                    add(who, [asked.who])
        for one in self._facts.held:
            if month_of(_end(one)) == month:
                add(one.host, one.came)
        pairs = {tuple(sorted(pair)) for pair in flow}
        total = sum(flow.values())
        if not total:
            return None
        even = sum(min(flow[a, b], flow[b, a]) for a, b in pairs)
        return Truth(2 * even / total, min(len(givers), len(others)))


def _in_one_week(some: Iterable[Searched]) -> int:
    """How many different people searched in the week in which most did: who did in two weeks is
    known to nobody."""
    weeks: dict[int, set[int]] = {}
    for one in some:
        weeks.setdefault(one.at.isocalendar().week, set()).add(one.who)
    return max(map(len, weeks.values()), default=0)


def _end(one: Held) -> datetime:
    return one.at + timedelta(hours=1)


def _words(question: Asked) -> list[str]:
    return sorted(question.title.casefold().rstrip("?").split())

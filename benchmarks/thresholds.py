"""Fit the cosines below which nothing is claimed, and the one from which a band may be high.

    python -m benchmarks.thresholds COLLECTION [--foreign DIR]... [--vectors DIR]

The collection needs queries that nobody can answer and judged experts. The queries of a foreign
collection, about another world, count as such queries too: as they are, and as "who knows about …".
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from api.services import EvaluatedSystem, Services
from indexer import evaluation, judged
from indexer.search.pipeline import Pipeline
from indexer.search.results import Confidence, Intent, Request, SearchResult
from knowledge import readers
from knowledge.settings import Settings, load_settings
from knowledge.types import Principal

FOREIGN = 40
PRECISION = 0.8
# One-sided 90 %: as sure as so few calls let us be.
DEVIATIONS = 1.2816
GRID = np.arange(0.30, 0.805, 0.01)
RESAMPLED = 500

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """What one query gave at the depth that people see."""

    query: judged.JudgedQuery
    foreign: bool
    result: SearchResult


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody whom a query lists, and the highest floor at which their band is still high."""

    query: str
    up_to: float
    expert: bool


def main() -> None:
    """Ingest, ask everything, print the fits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("collection", type=Path)
    parser.add_argument("--foreign", type=Path, action="append", default=[])
    parser.add_argument("--vectors", type=Path)
    options = parser.parse_args()
    collection = judged.load(options.collection)
    items = list(readers.read_export(options.collection, format="judged", source=collection.name))
    now = evaluation.newest(items) or datetime.now(UTC)
    settings = load_settings()
    with tempfile.TemporaryDirectory(prefix="whoknows-fit-") as data:
        storage = settings.storage.model_copy(update={"data": Path(data), "database_url": None})
        settings = replace(settings, storage=storage)
        services = Services(settings, options.vectors, lambda: now)
        try:
            system = EvaluatedSystem(services)
            evaluation.ingest(system, items, lambda what, done, of: None)
            asked = [Asked(q, False, system.search(Request(q.text))) for q in collection.queries]
            for path in options.foreign:
                asked += [Asked(q, True, system.search(Request(q.text))) for q in _spread(path)]
            known = _floors(asked)
            _bands(services, settings, collection, known, now)
        finally:
            services.close()


def _spread(path: Path) -> list[judged.JudgedQuery]:
    """Evenly spread queries of a foreign collection, each asked for answers and for people."""
    held = judged.load(path).queries
    chosen = [held[at * len(held) // FOREIGN] for at in range(min(FOREIGN, len(held)))]
    plain = [replace(query, within=None, answerable=False) for query in chosen]
    return plain + [replace(query, text=f"who knows about {query.text}") for query in plain]


# The floors


def _floors(asked: Sequence[Asked]) -> float:
    """Print both floors, by intent and over every query. Returns the known floor."""
    print(f"{'floor':38}{'yes/no':>9} AUROC  value  5-95 %       accuracy  left out")
    kinds: tuple[tuple[str, Callable[[SearchResult], float], Intent], ...] = (
        ("WHOKNOWS_SEARCH_ANSWER_FLOOR", lambda result: result.nearest, Intent.ANSWER),
        ("WHOKNOWS_PEOPLE_KNOWN_FLOOR", lambda result: result.nearest_known, Intent.WHO),
    )
    value = 0.0
    for name, measured, intent in kinds:
        print(name)
        _row("own, every query", [a for a in asked if not a.foreign], measured)
        ours = [a for a in asked if a.result.intent is intent]
        _row("own, of this intent", [a for a in ours if not a.foreign], measured)
        if any(a.foreign for a in ours):
            value = _row("own and foreign, of this intent", ours, measured)
    return round(value, 2) if value else load_settings().people.known_floor


def _row(name: str, asked: Sequence[Asked], measured: Callable[[SearchResult], float]) -> float:
    yes = np.array([measured(a.result) for a in asked if a.query.answerable])
    no = np.array([measured(a.result) for a in asked if not a.query.answerable])
    if len(yes) < 2 or len(no) < 2:
        print(f"  {name:36}{len(yes):4}/{len(no):<4} too few to fit")
        return 0.0
    floor = fit(yes, no)
    low, high = _spread_of_fits(yes, no)
    print(
        f"  {name:36}{len(yes):4}/{len(no):<4} {auroc(yes, no):.3f}  {floor:.3f}  "
        f"{low:.2f} to {high:.2f}  {balanced(yes, no, floor):.3f}     {left_out(yes, no):.3f}"
    )
    return floor


def balanced(yes: Values, no: Values, floor: float) -> float:
    """The mean of the shares that are rightly claimed and rightly not."""
    return float(np.mean(yes >= floor) + np.mean(no < floor)) / 2


def fit(yes: Values, no: Values) -> float:
    """The floor with the best balanced accuracy; of several as good, the middle one."""
    values = np.unique(np.concatenate((yes, no)))
    floors = np.concatenate((values[:1], (values[1:] + values[:-1]) / 2))
    accuracy = np.array([balanced(yes, no, floor) for floor in floors])
    best = floors[accuracy >= accuracy.max() - 1e-9]
    return float(best[len(best) // 2])


def auroc(yes: Values, no: Values) -> float:
    """How often an answerable query has the larger value of the two; ties count half."""
    above = np.greater.outer(yes, no) + 0.5 * np.equal.outer(yes, no)
    return float(np.mean(above))


def left_out(yes: Values, no: Values) -> float:
    """Balanced accuracy when each query is judged by a floor fitted on all the others."""
    claimed = [value >= fit(np.delete(yes, at), no) for at, value in enumerate(yes)]
    refused = [value < fit(yes, np.delete(no, at)) for at, value in enumerate(no)]
    return float(np.mean(claimed) + np.mean(refused)) / 2


def _spread_of_fits(yes: Values, no: Values) -> tuple[float, float]:
    """Where nine of ten fits on resampled queries fall."""
    chance = np.random.default_rng(0)
    fits = [fit(chance.choice(yes, len(yes)), chance.choice(no, len(no))) for _ in range(RESAMPLED)]
    low, high = np.percentile(fits, (5, 95))
    return float(low), float(high)


# The bands


def _bands(
    services: Services,
    settings: Settings,
    collection: judged.Collection,
    known: float,
    now: datetime,
) -> None:
    """Print the lowest floor from which on enough of those called high are judged experts."""
    called = _called(services, settings, collection, known, lambda: now)
    floor = fit_high(called)
    print(f"WHOKNOWS_PEOPLE_HIGH_FLOOR, with a known floor of {known:.2f}")
    for at in np.arange(0.36, 0.62, 0.02):
        high, right = _counted(called, float(at))
        print(
            f"  {at:.2f}  {high:3} called high, {right:3} of them experts, "
            f"at least {surely(right, high):.0%}"
        )
    if floor is None:
        print(f"  no floor surely gives {PRECISION:.0%}")
        return
    high, right = _counted(called, floor)
    print(f"  fitted {floor:.2f}: {right} of {high}")
    high = right = 0
    for query in {call.query for call in called}:
        others = fit_high([call for call in called if call.query != query])
        if others is not None:
            own = _counted([call for call in called if call.query == query], others)
            high, right = high + own[0], right + own[1]
    print(f"  left out: {right} of {high}")


def _called(
    services: Services,
    settings: Settings,
    collection: judged.Collection,
    known: float,
    now: Callable[[], datetime],
) -> list[Called]:
    """Everybody listed for a query, judged or unanswerable, by the band rule of production."""
    reached: dict[tuple[str, str], float] = {}
    for floor in GRID:
        update = {"known_floor": known, "high_floor": float(floor)}
        banded = settings.people.model_copy(update=update)
        pipeline = Pipeline(
            services.database, services.index, services.embedder, settings.search, banded, now
        )
        for query in collection.queries:
            result = pipeline.search(Request(query.text), Principal(signed_in=True))
            for hit in result.people:
                name = (hit.person.handles or (hit.person.name,))[0]
                held = reached.setdefault((query.id, name), 0.0)
                if hit.confidence is Confidence.HIGH:
                    reached[query.id, name] = max(held, float(floor))
    unanswerable = {query.id for query in collection.queries if not query.answerable}
    return [
        Called(query, up_to, collection.experts.get(query, {}).get(name, 0) > 0)
        for (query, name), up_to in reached.items()
        if query in collection.experts or query in unanswerable
    ]


def fit_high(called: Sequence[Called]) -> float | None:
    """The lowest floor from which on surely enough are experts, as far as so few calls can say."""
    for floor in GRID:
        high, right = _counted(called, float(floor))
        if surely(right, high) >= PRECISION:
            return float(floor)
    return None


def surely(right: int, of: int) -> float:
    """The lower end of Wilson's one-sided interval for a share; 0 of nothing."""
    if not of:
        return 0.0
    share, slack = right / of, DEVIATIONS**2 / of
    root = (share * (1 - share) / of + slack / (4 * of)) ** 0.5
    return float((share + slack / 2 - DEVIATIONS * root) / (1 + slack))


def _counted(called: Sequence[Called], floor: float) -> tuple[int, int]:
    """How many are called high at this floor, and how many of them are experts."""
    high = [call for call in called if call.up_to >= floor - 1e-9]
    return len(high), sum(call.expert for call in high)


if __name__ == "__main__":
    main()

"""How often what is claimed is so: fits the probabilities of ``indexer/search/confidence.py``.

    python -m benchmarks.calibration DIR... --vectors DIR [--record]

Every collection is asked its own questions and, as questions that it cannot answer, those of
collections about something else: whose names begin with another word. These are weighed so that
they are as long as its own, and as many. An answer was found if one of the first three documents is
judged right; a person knows who is judged to. Every collection is judged by what was fitted on the
others; the last lines are fitted on all and are what the code should hold.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from api import judging
from api.services import EvaluatedSystem
from benchmarks import results
from benchmarks.gate import found
from indexer import evaluation
from indexer.judged import Collection, JudgedQuery
from indexer.search.confidence import NEAREST
from indexer.search.results import Request, SearchResult
from knowledge.settings import load_settings

FOREIGN = 450
BINS = 10
SHOWN = 5
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """Something claimed: its signs, whether it was so, and whether it could have been."""

    signs: tuple[float, ...]
    right: bool
    own: bool
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a collection's questions gave, and those that it cannot answer."""

    collection: Collection
    results: tuple[tuple[JudgedQuery, SearchResult], ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, fit, print and keep."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("collections", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--vectors", type=Path, help="directory of vectors to reuse and add to")
    parser.add_argument("--record", action="store_true", help="keep the figures for the docs")
    options = parser.parse_args(arguments)
    collections = [one for one in found(options.collections) if one.answers or one.experts]
    asked = [ask(one, foreign_to(one, collections), options.vectors) for one in collections]
    settings = load_settings()
    figures = {}
    answers = {a.collection.name: answer_cases(a) for a in asked if a.collection.answers}
    people = {a.collection.name: person_cases(a) for a in asked if a.collection.experts}
    for name, cases, sure in (
        ("answers", answers, settings.search.confident_from),
        ("people", people, settings.people.medium_from),
    ):
        if len(cases) > 1:
            figures[name] = report(cases, sure)
            print(f"{name}: {figures[name]}")
    figures["somebody"] = [
        somebody(a, settings.people.confident_from) for a in asked if a.collection.experts
    ]
    print(figures["somebody"])
    if options.record:
        print(results.keep("calibration", figures))
    return 0


def foreign_to(collection: Collection, collections: Sequence[Collection]) -> list[JudgedQuery]:
    """Evenly spread questions of collections about something else, as nobody here can answer."""
    others = [one for one in collections if _about(one) != _about(collection)]
    return [
        replace(query, id=f"{one.name} {query.id}", within=None, answerable=False)
        for one in others
        for query in one.queries[:: max(1, len(one.queries) * len(others) // FOREIGN)]
    ]


def _about(collection: Collection) -> str:
    return re.split(r"\W", collection.name)[0]


def ask(collection: Collection, foreign: Sequence[JudgedQuery], vectors: Path | None) -> Asked:
    """Take the collection in, and ask it everything at the depth that people see."""
    judged = collection.answers.keys() | collection.experts.keys()
    own = [query for query in collection.queries if query.id in judged or not query.answerable]
    with judging.fresh(load_settings(), collection, vectors) as services:
        system = EvaluatedSystem(services)
        evaluation.ingest(system, judging.documents(collection), lambda what, done, of: None)
        results = tuple((q, system.search(Request(q.text))) for q in (*own, *foreign))
    print(f"{collection.name}: asked", file=sys.stderr, flush=True)
    return Asked(collection, results)


def answer_cases(asked: Asked) -> list[Case]:
    """One a question."""
    made = []
    for query, result in asked.results:
        right = asked.collection.answers.get(query.id, {})
        names = [hit.document.external_id for hit in result.answers[:NEAREST]]
        is_right = any(right.get(name, 0) > 0 for name in names)
        made.append(Case(astuple(result.signs), is_right, query.answerable))
    return weighed(made, [result.signs.length for _, result in asked.results])


def person_cases(asked: Asked) -> list[Case]:
    """One for everybody whom a question lists."""
    made, lengths = [], []
    for query, result in asked.results:
        for hit in result.people[:SHOWN]:
            made.append(Case(astuple(hit.signs), _knows(asked, query, hit), query.answerable))
            lengths.append(result.signs.length)
    return weighed(made, lengths)


def _knows(asked: Asked, query: JudgedQuery, hit: Any) -> bool:
    name = (hit.person.handles or (hit.person.name,))[0]
    return asked.collection.experts.get(query.id, {}).get(name, 0) > 0


def weighed(cases: Sequence[Case], lengths: Sequence[float]) -> list[Case]:
    """With as much weight on what cannot be answered as on what can, for each length of question:
    otherwise short questions would be sure, only because this collection's are short.

    ``lengths`` are logarithms of words, see ``AnswerSigns``.
    """
    sizes = [round(length * 2) for length in lengths]
    own = dict.fromkeys(sizes, 0)
    foreign = dict(own)
    for case, size in zip(cases, sizes, strict=True):
        (own if case.own else foreign)[size] += 1
    total = sum(own[size] for size in own if foreign[size])
    scale = sum(own.values()) / max(total, 1)
    return [
        case if case.own else replace(case, weight=scale * own[size] / foreign[size])
        for case, size in zip(cases, sizes, strict=True)
    ]


def report(cases: dict[str, list[Case]], sure: float) -> dict[str, Any]:
    """Every collection judged by what was fitted on the others, and the fit on all."""
    rows, said, was, weights = [], [], [], []
    for name, held in cases.items():
        model = fitted([each for key, each in cases.items() if key != name])
        p = model.predict_proba(_signs(held))[:, 1]
        right, weight = _right(held), _weights(held)
        own = np.array([case.own for case in held])
        rows.append(
            {
                "collection": name,
                "questions": len(held),
                "auroc": _rounded(roc_auc_score(right, p, sample_weight=weight)),
                "auroc_cosine": _rounded(
                    roc_auc_score(right, _signs(held)[:, 0], sample_weight=weight)
                ),
                "ece": _rounded(expected_error(p, right, weight)),
                "abstained": _rounded(np.average(p[~own] < sure, weights=weight[~own])),
                "falsely": _rounded(np.mean(p[own & right] < sure)),
            }
        )
        said.append(p)
        was.append(right)
        weights.append(weight / weight.sum())
    model = fitted(list(cases.values()))
    return {
        "left_out": rows,
        "reliability": reliability(*map(np.concatenate, (said, was, weights))),
        "base": _rounded(model.intercept_[0]),
        "weights": [_rounded(weight) for weight in model.coef_[0]],
        "sure": sure,
    }


def somebody(asked: Asked, sure: float) -> dict[str, Any]:
    """Whether one of the first three knows, by the probabilities that the code holds now."""
    cases = [
        (
            result.known,
            any(_knows(asked, query, hit) for hit in result.people[:NEAREST]),
            query.answerable,
        )
        for query, result in asked.results
    ]
    lengths = [result.signs.length for _, result in asked.results]
    held = weighed([Case((), right, own) for _, right, own in cases], lengths)
    said = np.array([known for known, _, _ in cases])
    right, weight = _right(held), _weights(held)
    own = np.array([case.own for case in held])
    return {
        "collection": asked.collection.name,
        "questions": len(cases),
        "auroc": _rounded(roc_auc_score(right, said, sample_weight=weight)),
        "ece": _rounded(expected_error(said, right, weight)),
        "abstained": _rounded(np.average(said[~own] < sure, weights=weight[~own])),
        "falsely": _rounded(np.mean(said[own & right] < sure)),
        "sure": sure,
    }


def fitted(collections: Sequence[Sequence[Case]]) -> LogisticRegression:
    """On several collections, each of the same weight whatever its size."""
    signs = np.concatenate([_signs(cases) for cases in collections])
    right = np.concatenate([_right(cases) for cases in collections])
    weights = [_weights(cases) for cases in collections]
    weight = np.concatenate([each / each.sum() for each in weights])
    # Nearly without regularisation: four numbers from thousands of cases.
    model = LogisticRegression(C=1000.0, max_iter=5000)
    return model.fit(signs, right, weight * len(weight) / len(weights))


def expected_error(said: Vector, right: NDArray[np.bool_], weight: Vector) -> float:
    """ECE: the mean distance between what is said and what was so, over ten equal bins."""
    return sum(
        row["weight"] * abs(row["said"] - row["was"]) for row in _binned(said, right, weight)
    )


def reliability(said: Vector, right: NDArray[np.bool_], weight: Vector) -> list[dict[str, float]]:
    """What was said and what was so, by bin."""
    return [
        {key: round(float(value), 4) for key, value in row.items()}
        for row in _binned(said, right, weight)
    ]


def _binned(said: Vector, right: NDArray[np.bool_], weight: Vector) -> list[dict[str, float]]:
    bins = np.minimum((said * BINS).astype(int), BINS - 1)
    rows = []
    for at in range(BINS):
        held = bins == at
        if held.any():
            rows.append(
                {
                    "low": at / BINS,
                    "high": (at + 1) / BINS,
                    "count": int(held.sum()),
                    "weight": weight[held].sum() / weight.sum(),
                    "said": np.average(said[held], weights=weight[held]),
                    "was": np.average(right[held], weights=weight[held]),
                }
            )
    return rows


def _signs(cases: Sequence[Case]) -> Vector:
    return np.array([case.signs for case in cases], dtype=np.float64)


def _right(cases: Sequence[Case]) -> NDArray[np.bool_]:
    return np.array([case.right for case in cases])


def _weights(cases: Sequence[Case]) -> Vector:
    return np.array([case.weight for case in cases], dtype=np.float64)


def _rounded(value: Any) -> float:
    return round(float(value), 3)


if __name__ == "__main__":
    sys.exit(main())

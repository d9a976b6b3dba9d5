"""Fitting probabilities to cases, and how far they can be relied on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

BINS = 10
Vector = NDArray[np.float64]
Truth = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Case:
    """Something claimed: its signs, whether it was so, whether it could have been (``own``), and
    of how many tenths of a collection it was asked."""

    signs: tuple[float, ...]
    right: bool
    own: bool
    tenths: int = 10
    weight: float = 1.0


def weighed(cases: Sequence[Case], lengths: Sequence[float]) -> list[Case]:
    """With as much weight on what cannot be answered as on what can, for each length of question:
    otherwise short questions would be sure, only because this collection's are short.

    ``lengths`` are logarithms of the numbers of words.
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


def report(
    collections: Mapping[str, list[Case]], sure: float, shown: Sequence[int]
) -> dict[str, Any]:
    """Every collection judged by what was fitted on the others, and the fit on all.

    ``sure``: from which probability on something is claimed; ``shown``: rows for so many tenths.
    """
    rows: list[dict[str, Any]] = []
    said, was, weights = [], [], []
    for name, held in collections.items():
        model = fitted([each for key, each in collections.items() if key != name])
        p = model.predict_proba(_signs(held))[:, 1]
        for tenths in shown:
            at = np.array([case.tenths == tenths for case in held])
            part = [case for case in held if case.tenths == tenths]
            rows.append(
                {"collection": name, "tenths": tenths}
                | judged(p[at], part, sure)
                | {"auroc_cosine": _auroc(_signs(part)[:, 0], part)}
            )
        weight = _weights(held)
        said.append(p)
        was.append(_right(held))
        weights.append(weight / weight.sum())
    model = fitted(list(collections.values()))
    return {
        "left_out": rows,
        "reliability": reliability(
            np.concatenate(said), np.concatenate(was), np.concatenate(weights)
        ),
        "base": _rounded(model.intercept_[0]),
        "weights": [_rounded(weight) for weight in model.coef_[0]],
        "sure": sure,
    }


def somebody(
    collections: Mapping[str, list[Case]], sure: float, tenths: int
) -> list[dict[str, Any]]:
    """How far probabilities that are in use already can be relied on: the cases' only sign."""
    rows = []
    for name, cases in collections.items():
        part = [case for case in cases if case.tenths == tenths]
        rows.append({"collection": name} | judged(_signs(part)[:, 0], part, sure))
    return rows


def judged(said: Vector, cases: Sequence[Case], sure: float) -> dict[str, Any]:
    """What is said of cases against what was so."""
    right, weight = _right(cases), _weights(cases)
    own = np.array([case.own for case in cases])
    return {
        "cases": len(cases),
        "auroc": _auroc(said, cases),
        "ece": _rounded(expected_error(said, right, weight)),
        "abstained": _rounded(np.average(said[~own] < sure, weights=weight[~own])),
        "falsely": _rounded(np.mean(said[own & right] < sure)),
    }


def fitted(collections: Sequence[Sequence[Case]]) -> LogisticRegression:
    """On several collections, each of the same weight whatever its size."""
    from sklearn.linear_model import LogisticRegression  # slow to import

    signs = np.concatenate([_signs(cases) for cases in collections])
    right = np.concatenate([_right(cases) for cases in collections])
    weights = [_weights(cases) for cases in collections]
    weight = np.concatenate([each / each.sum() for each in weights])
    # Nearly without regularisation: a few numbers from thousands of cases.
    model = LogisticRegression(C=1000.0, max_iter=5000)
    return model.fit(signs, right, weight * len(weight) / len(weights))


def expected_error(said: Vector, right: Truth, weight: Vector) -> float:
    """ECE: the mean distance between what is said and what was so, over ten equal bins."""
    return sum(
        row["weight"] * abs(row["said"] - row["was"]) for row in _binned(said, right, weight)
    )


def reliability(said: Vector, right: Truth, weight: Vector) -> list[dict[str, float]]:
    """What was said and what was so, by bin."""
    return [
        {key: round(float(value), 4) for key, value in row.items()}
        for row in _binned(said, right, weight)
    ]


def _binned(said: Vector, right: Truth, weight: Vector) -> list[dict[str, float]]:
    bins = np.minimum((said * BINS).astype(int), BINS - 1)
    rows = []
    for at in range(BINS):
        held = bins == at
        if held.any() and weight[held].sum() > 0:
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


def _auroc(said: Vector, cases: Sequence[Case]) -> float:
    from sklearn.metrics import roc_auc_score

    return _rounded(roc_auc_score(_right(cases), said, sample_weight=_weights(cases)))


def _signs(cases: Sequence[Case]) -> Vector:
    return np.array([case.signs for case in cases], dtype=np.float64)


def _right(cases: Sequence[Case]) -> Truth:
    return np.array([case.right for case in cases])


def _weights(cases: Sequence[Case]) -> Vector:
    return np.array([case.weight for case in cases], dtype=np.float64)


def _rounded(value: Any) -> float:
    return round(float(value), 3)

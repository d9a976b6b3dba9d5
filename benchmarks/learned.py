"""A learned ranker over the search's own features, judged where it was not trained.

    python -m benchmarks.learned DIR... --vectors DIR [--record]

Logistic regression: whether a document answers, from what the search knows. Each collection is
ranked by what was trained on the others, and compared with what was set by hand.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import given, results
from benchmarks.ablations import arrangement
from benchmarks.ablations.__main__ import materials
from benchmarks.ablations.arrangement import PRODUCTION
from benchmarks.ablations.compare import DEPTH, mean, p_of
from benchmarks.ablations.material import Asked, Material
from indexer import evaluation
from indexer.search import fusion
from indexer.search.agreement import agreement

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

Matrix = NDArray[np.float64]
MEASURE = "nDCG@10"
# Of a query's candidates those that hand-set fusion puts first, and every relevant one.
TRAINED_ON = 60

FEATURES = (
    "meaning",
    "words",
    "best meaning",
    "best words",
    "further passages",
    "title",
    "cosine",
    "rank by meaning",
    "rank by words",
    "passages found",
    "passages",
    "both",
)
"""z-scores of the best passage; the highest of any passage; what further passages are above 1; the
title's agreement; the cosine; reciprocal ranks; logarithms of how many passages were found and are
there; the product of the first two."""
SETS = {"the same four": (0, 1, 4, 5), "all twelve": tuple(range(len(FEATURES)))}


@dataclass(frozen=True, slots=True)
class Judged:
    """One query: its documents, their features, shape (documents, features), and what is right."""

    query: str
    documents: list[str]
    features: Matrix
    right: NDArray[np.bool_]


def described(asked: Asked, material: Material) -> tuple[list[int], Matrix]:
    """Every candidate document with its features, best first by the passages' fused scores."""
    lists = PRODUCTION.lists(asked)
    dense, lexical = fusion.z_scores(lists.cosine), fusion.z_scores(lists.bm25)
    score = PRODUCTION.fused(lists, PRODUCTION.search.dense_weight)
    owners = lists.owners.tolist()
    agreed = agreement(asked.words, {key: material.entries[key].title for key in set(owners)})
    places: dict[int, list[int]] = {}
    for at in np.lexsort((lists.ids, -score)).tolist():
        places.setdefault(owners[at], []).append(at)
    rows = []
    for owner, held in places.items():
        best, scores = held[0], [float(score[at]) for at in held]
        rows.append(
            (
                dense[best],
                lexical[best],
                dense[held].max(),
                lexical[held].max(),
                fusion.worth(scores, 1.0) - scores[0],
                agreed.get(owner, 0.0),
                float(lists.cosine[best]),
                1.0 / (1.0 + lists.dense_rank[held].min()),
                1.0 / (1.0 + lists.lexical_rank[held].min()),
                math.log1p(len(held)),
                math.log1p(len(material.entries[owner].passages)),
                dense[best] * lexical[best],
            )
        )
    return list(places), np.array(rows, dtype=np.float64)


def judged_queries(material: Material) -> list[Judged]:
    """Every query with judged answers."""
    made = []
    for asked in material.asked:
        right = material.collection.answers.get(asked.query.id)
        if right:
            keys, features = described(asked, material)
            names = [material.names[key] for key in keys]
            is_right = np.array([right.get(name, 0) > 0 for name in names])
            made.append(Judged(asked.query.id, names, features, is_right))
    return made


def trained(held: Sequence[Sequence[Judged]], columns: Sequence[int]) -> LogisticRegression:
    """On several collections, each of the same weight whatever its size."""
    from sklearn.linear_model import LogisticRegression  # slow to import

    rows, right, weights = [], [], []
    for collection in held:
        for one in collection:
            if one.right.any():
                keep = np.arange(len(one.right)) < TRAINED_ON
                keep |= one.right
                rows.append(one.features[keep][:, columns])
                right.append(one.right[keep])
                weights.append(np.full(keep.sum(), 1.0 / len(collection)))
    weight = np.concatenate(weights)
    model = LogisticRegression(C=10.0, max_iter=1000)
    return model.fit(
        np.concatenate(rows), np.concatenate(right), weight * len(weight) / weight.sum()
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Train without each collection in turn, rank it, print and keep."""
    options, collections = given.asked(given.parser(__doc__), arguments)
    collections = [one for one in collections if one.answers]
    held, usual = {}, {}
    for material in materials(collections, options.vectors, feedback=False):
        held[material.collection.name] = material.collection.answers, judged_queries(material)
        run = {
            asked.query.id: [
                material.names[key] for key in arrangement.answers(asked, PRODUCTION, material)
            ][:DEPTH]
            for asked in material.asked
            if asked.query.id in material.collection.answers
        }
        answers = material.collection.answers
        usual[material.collection.name] = evaluation.measured(answers, run, [MEASURE])[MEASURE]
    rows = [
        _left_out(name, told, columns, held, usual)
        for told, columns in SETS.items()
        for name in held
    ]
    for row in rows:
        print(row)
    if options.record:
        print(results.keep("learned", {"rows": rows}))
    return 0


def _left_out(
    name: str,
    told: str,
    columns: Sequence[int],
    held: dict[str, tuple[Any, list[Judged]]],
    usual: dict[str, dict[str, float]],
) -> dict[str, Any]:
    model = trained([queries for key, (_, queries) in held.items() if key != name], columns)
    answers, queries = held[name]
    run = {}
    for one in queries:
        order = np.argsort(-(one.features[:, columns] @ model.coef_[0]), kind="stable")
        run[one.query] = [one.documents[at] for at in order[:DEPTH].tolist()]
    values = evaluation.measured(answers, run, [MEASURE])[MEASURE]
    weights = {
        FEATURES[c]: round(float(w), 3) for c, w in zip(columns, model.coef_[0], strict=True)
    }
    return {
        "collection": name,
        "features": told,
        "by_hand": round(mean(usual[name]), 4),
        "learned": round(mean(values), 4),
        "p": round(p_of(values, usual[name]), 4),
        "weights": weights,
    }


if __name__ == "__main__":
    sys.exit(main())

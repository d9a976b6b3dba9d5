"""How good the orders of documents are, and whether a difference is chance."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import mean
from typing import Any

import ir_measures
from ir_measures import nDCG

from benchmarks.significance import holm, paired_randomisation
from indexer.judged import Judgments

MEASURE = nDCG @ 10
Values = Mapping[str, float]


def values(judged: Judgments, run: Mapping[str, list[str]]) -> dict[str, float]:
    """nDCG@10 of every judged query, by its id, ascending; one that found nothing counts as 0."""
    qrels = [
        ir_measures.Qrel(query, document, grade)
        for query, grades in judged.items()
        for document, grade in grades.items()
    ]
    ranked = [
        ir_measures.ScoredDoc(query, document, -float(place))
        for query, documents in run.items()
        for place, document in enumerate(documents)
    ]
    told = dict.fromkeys(sorted(judged), 0.0)
    for metric in ir_measures.iter_calc([MEASURE], qrels, ranked):
        told[metric.query_id] = metric.value
    return told


def compared(judged: Mapping[str, Values], ours: str) -> dict[str, dict[str, Any]]:
    """By system its mean and, but for ours, the difference from ours with its p, corrected by
    Holm for the number of systems."""
    others = [name for name in judged if name != ours]
    base = list(judged[ours].values())
    ps = holm([paired_randomisation(list(judged[name].values()), base) for name in others])
    told: dict[str, dict[str, Any]] = {ours: {"ndcg": mean(base)}}
    for name, p in zip(others, ps, strict=True):
        value = mean(judged[name].values())
        told[name] = {"ndcg": value, "difference": value - mean(base), "p": p}
    return told

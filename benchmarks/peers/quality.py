"""How good the orders of documents are, and whether a difference is chance."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import mean
from typing import Any

from benchmarks.significance import holm, paired_randomisation
from indexer.evaluation import measured
from indexer.judged import Judgments

MEASURE = "nDCG@10"
Values = Mapping[str, float]


def values(judged: Judgments, run: Mapping[str, list[str]]) -> Values:
    """nDCG@10 of every judged query, by its id, ascending; one that found nothing counts as 0."""
    told = measured(judged, dict(run), [MEASURE])[MEASURE]
    return {query: told[query] for query in sorted(told)}


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

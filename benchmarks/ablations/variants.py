"""The stages of the search, and for each the ways it could work. The first way is production's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from benchmarks.ablations.arrangement import PRODUCTION, Arrangement, best, next_two, summed
from benchmarks.ablations.voting import RULES

Task = Literal["answers", "inside", "people"]


@dataclass(frozen=True, slots=True)
class Stage:
    """``ways`` by name; ``task`` says of which ranking. A ladder's ways build on each other and
    are not alternatives to choose from."""

    name: str
    task: Task
    ways: dict[str, Arrangement]
    ladder: bool = False


def _with(how: Arrangement = PRODUCTION, **changes: Any) -> Arrangement:
    """Settings and stages by name; what begins with ``people_`` are settings of the people."""
    of_people = {k.removeprefix("people_"): v for k, v in changes.items() if k[:7] == "people_"}
    searching = {k: v for k, v in changes.items() if k in type(how.search).model_fields}
    others = {k: v for k, v in changes.items() if k not in searching and k[:7] != "people_"}
    return replace(
        how,
        search=how.search.model_copy(update=searching),
        people=how.people.model_copy(update=of_people),
        **others,
    )


def _values(name: str, values: Iterable[Any], of: str = "{}") -> dict[str, Arrangement]:
    return {of.format(value): _with(**{name: value}) for value in values}


def weighted(dense_weight: float) -> Arrangement:
    """Production's way with another weight of meaning for answers."""
    return _with(dense_weight=dense_weight)


def stages() -> list[Stage]:
    """Every stage, in the order of the query path."""
    return [
        Stage("retrievers", "answers", _retrievers()),
        Stage("fusion", "answers", _fusions()),
        Stage("weight of meaning", "answers", _values("dense_weight", (0.65, 0.5, 0.6, 0.7, 0.8))),
        Stage("title agreement", "answers", _values("title", (1.0, 0.0, 0.5, 1.5))),
        Stage("document score", "answers", _worths()),
        Stage("candidates a retriever", "answers", _values("depth", (200, 50, 100, 400))),
        Stage("feedback", "answers", _values("feedback", ("none", "meaning", "words"))),
        Stage("together", "answers", _answers_together(), ladder=True),
        Stage("retrievers", "inside", _retrievers()),
        Stage("weight of meaning", "inside", _values("inside_weight", (0.5, 0.3, 0.4, 0.65, 0.8))),
        Stage("neighbours", "inside", _values("context", (0.6, 0.0, 0.4, 0.8, 1.2))),
        Stage("feedback", "inside", _values("feedback", ("none", "meaning", "words"))),
        Stage("retrievers", "people", _retrievers()),
        Stage(
            "weight of meaning",
            "people",
            _values("people_dense_weight", (0.45, 0.3, 0.4, 0.5, 0.6, 0.65)),
        ),
        Stage("vote rule", "people", {rule: _with(rule=rule) for rule in RULES}),
        Stage("vote rule by depth and sharpness", "people", _sharper_rules()),
        Stage("documents that count", "people", _values("people_votes", (6, 1, 3, 12, 24))),
        Stage("discount", "people", _values("people_discount", (0.7, 0.5, 0.85, 1.0))),
        Stage("sharpness", "people", _values("people_sharpness", (0.35, 0.2, 0.5, 0.7, 1.0))),
        Stage("share of a document", "people", _values("people_share", (0.15, 0.0, 0.3, 0.5, 1.0))),
        Stage(
            "half-life of evidence",
            "people",
            _values("people_half_life_days", (0.0, 3650.0, 1825.0, 730.0), "{:.0f} days"),
        ),
        Stage("topical profile", "people", _values("profile", (0.0, 0.25, 0.5, 1.0))),
        Stage("further passages", "people", _values("support", (0.2, 0.0, 0.1, 0.3))),
        Stage("candidates a retriever", "people", _values("depth", (200, 50, 100, 400))),
        Stage("feedback", "people", _values("feedback", ("none", "meaning", "words"))),
        Stage("together", "people", _people_together(), ladder=True),
    ]


def _retrievers() -> dict[str, Arrangement]:
    return {
        "both": PRODUCTION,
        "meaning alone": _with(retrieved="meaning"),
        "words alone (BM25)": _with(retrieved="words"),
    }


def _fusions() -> dict[str, Arrangement]:
    return {
        "z-scores": PRODUCTION,
        "from 0 to 1 (convex), best passage": _with(scale="convex", worth=best, title=0.25),
        "reciprocal ranks, best passage": _with(scale="reciprocal", worth=best, title=0.01),
    }


def _worths() -> dict[str, Arrangement]:
    return {
        "best + .2 of four above 1": PRODUCTION,
        "best passage": _with(worth=best),
        "best + .1 of the next two": _with(worth=next_two),
        "best + .1 of four above 1": _with(support=0.1),
        "best + .3 of four above 1": _with(support=0.3),
        "all above 0 (CombSUM)": _with(worth=summed),
    }


def _sharper_rules() -> dict[str, Arrangement]:
    """Where the uncapped rules come back: few candidates, or votes that fall steeply."""
    told = {"capped": PRODUCTION}
    for rule in ("expCombSUM", "expCombMNZ"):
        told[f"{rule}, 50 candidates"] = _with(rule=rule, depth=50)
        told[f"{rule}, sharpness 1"] = _with(rule=rule, people_sharpness=1.0)
        told[f"{rule}, sharpness 2"] = _with(rule=rule, people_sharpness=2.0)
    return told


def _answers_together() -> dict[str, Arrangement]:
    plain = _with(worth=best, title=0.0)
    return {
        "all of it": PRODUCTION,
        "BM25": _with(plain, retrieved="words"),
        "meaning": _with(plain, retrieved="meaning"),
        "both by reciprocal ranks": _with(plain, scale="reciprocal"),
        "both by z-scores, .5": _with(plain, dense_weight=0.5),
        "… .65": plain,
        "… + further passages": _with(title=0.0),
    }


def _people_together() -> dict[str, Arrangement]:
    plain = _with(
        people_dense_weight=0.5, people_share=0.0, worth=best, support=0.0, people_sharpness=0.35
    )
    return {
        "all of it": PRODUCTION,
        "BM25, expCombSUM": _with(plain, retrieved="words", rule="expCombSUM"),
        "meaning, expCombSUM": _with(plain, retrieved="meaning", rule="expCombSUM"),
        "both, expCombSUM": _with(plain, rule="expCombSUM"),
        "both, reciprocal ranks": _with(plain, rule="reciprocal ranks"),
        "both, six votes": plain,
        "… + further passages": _with(plain, support=0.2),
        "… weight .45": _with(plain, support=0.2, people_dense_weight=0.45),
    }

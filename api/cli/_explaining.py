"""What each stage of a search contributed, in words."""

from __future__ import annotations

from collections.abc import Iterator

from indexer.search.results import PersonHit, SearchHit

_ADDS = (
    ("meaning", "meaning"),
    ("words", "words"),
    ("neighbours", "passages around it"),
    ("further", "further passages"),
    ("title", "title"),
    ("level", "written for their level"),
)


def answer(hit: SearchHit) -> str:
    """Why an answer stands where it does."""
    features = hit.features
    told = [(name, value) for key, name in _ADDS if abs(value := getattr(features, key)) >= 0.005]
    return (
        f"score {features.score:.2f} = {_sum(told)} (cosine {features.cosine:.3f}, "
        f"BM25 {features.bm25:.2f}); about this with probability {hit.relevant:.2f}"
    )


def person(hit: PersonHit) -> Iterator[str]:
    """Why a person stands where they do."""
    quoted = [(f"“{one.title}”", one.adds) for one in hit.evidence]
    others = hit.score - sum(value for _, value in quoted)
    told = [*quoted, ("further documents", others)] if others >= 0.005 else quoted
    yield f"score {hit.score:.2f} = {_sum(told)}"
    signs = hit.signs
    yield (
        f"knows with probability {hit.knows:.2f}: the nearest evidence has cosine "
        f"{signs.cosine:.3f}, and {signs.part:.0%} of the nearest evidence for ten people is theirs"
    )


def _sum(told: list[tuple[str, float]]) -> str:
    if not told:
        return "nothing"
    first, *rest = (f"{'-' if value < 0 else '+'} {abs(value):.2f} {name}" for name, value in told)
    return " ".join([first.removeprefix("+ "), *rest])

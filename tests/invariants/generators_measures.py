"""Generators of requests for measures, goals and interventions."""

from __future__ import annotations

from collections.abc import Callable

from api.routes import V1
from knowledge.measures import registry
from tests.invariants.asking import Ask, Asking

Generator = Callable[[Asking], Ask]

MEASURES, GOALS, STEPS = f"{V1}/measures", f"{V1}/goals", f"{V1}/interventions"
PARTITIONS = ["company", "others", "no-team", "team:Kilns", "team:Zanzibar", "kind:note", ""]


def _anybody(a: Asking) -> str | None:
    return a.chance.choice([a.who(), a.who_judges()])


def read(path: str) -> Generator:
    """What is told at an address."""
    return lambda a: Ask("GET", path, who=_anybody(a))


def one_measure(a: Asking) -> Ask:
    key = a.chance.choice([*registry.ALL, "nothing"])
    return Ask("GET", f"{MEASURES}/{{key}}", {"key": key}, who=_anybody(a))


def _given(a: Asking, path: str) -> dict[str, object]:
    measure = a.chance.choice([*registry.ALL, "nothing"])
    month = a.chance.choice(["2026-01", "2026-12", "2026-13", "March"])
    partition = a.chance.choice(PARTITIONS)
    if path == GOALS:
        target = a.chance.choice([0, 0.5, 3, -1, 10**9])
        return {"measure": measure, "partition": partition, "target": target, "due": month}
    some = a.chance.choice([[], ["company"], ["company", partition], [partition]])
    return {"name": a.words(3), "measure": measure, "start": month, "partitions": some}


def make(path: str) -> Generator:
    """Something new."""
    return lambda a: Ask("POST", path, who=a.who_judges(), body=_given(a, path))


def at(method: str, path: str) -> Generator:
    """Something that may be there."""

    def ask(a: Asking) -> Ask:
        body = _given(a, path) if method == "PUT" else None
        number = a.chance.choice(["1", "1", "2", "99"])
        return Ask(method, f"{path}/{{id}}", {"id": number}, who=a.who_judges(), body=body)

    return ask


EVERY: dict[tuple[str, str], tuple[int, Generator]] = {
    ("GET", MEASURES): (1, read(MEASURES)),
    ("GET", f"{MEASURES}.csv"): (2, read(f"{MEASURES}.csv")),
    ("GET", f"{MEASURES}/{{key}}"): (3, one_measure),
} | {
    (method, f"{path}{place}"): (2, made)
    for path in (GOALS, STEPS)
    for method, place, made in (
        ("GET", "", read(path)),
        ("POST", "", make(path)),
        *((method, "/{id}", at(method, path)) for method in ("GET", "PUT", "DELETE")),
    )
}
"""(method, path): how often, and what asks it."""

"""Generators of requests for the monthly form, measures' pages and reviews."""

from __future__ import annotations

from collections.abc import Callable

from api.routes import V1
from tests.invariants.asking import Ask, Asking, Ref

Generator = Callable[[Asking], Ask]

COMFORT, REVIEW = f"{V1}/comfort", f"{V1}/reviews/{{month}}"
_GOOD = {"asking": 5, "mistakes": 4, "sharing": 3, "time": 2}


def _anybody(a: Asking) -> str | None:
    return a.chance.choice([a.who(), a.who_judges()])


def _month(a: Asking) -> dict[str, Ref | str]:
    return {"month": a.chance.choice(["2026-03", "2026-04", "soon"])}


def _one(a: Asking) -> dict[str, Ref | str]:
    return {"id": a.chance.choice(["1", "2", "99"])}


def answer(a: Asking) -> Ask:
    body = dict(_GOOD) | a.chance.choice([{}, {"time": 9}])
    return Ask("POST", COMFORT, who=a.who(), body=body)


def answer_page(a: Asking) -> Ask:
    form = {key: str(value) for key, value in _GOOD.items()}
    form["action"] = a.chance.choice(["answer", "away"])
    return Ask("POST", "/pulse/answer", form=form, who=a.who(), browser=True)


def plain(path: str, *, browser: bool = False) -> Generator:
    return lambda a: Ask("GET", path, who=_anybody(a), browser=browser)


def pulse(a: Asking) -> Ask:
    of = a.chance.choice(["company", "team:Platform", "team:Vault", a.words(2)])
    return Ask("GET", "/pulse", params=(("of", of),), who=_anybody(a), browser=True)


def review(path: str, *, browser: bool = False) -> Generator:
    return lambda a: Ask("GET", path, _month(a), who=_anybody(a), browser=browser)


def decide(a: Asking) -> Ask:
    body = {"text": a.words(), "again": "2026-09", "measure": "success"}
    return Ask("POST", f"{REVIEW}/decisions", _month(a), who=a.who_judges(), body=body)


def decide_page(a: Asking) -> Ask:
    form = {
        "action": a.chance.choice(["decide", "look", "delete", "dance"]),
        "id": a.chance.choice(["1", "99"]),
        "text": a.words(),
        "again": "2026-09",
        "outcome": a.words(),
    }
    path = "/pulse/review/{month}"
    return Ask("POST", path, _month(a), form=form, who=a.who_judges(), browser=True)


def look(a: Asking) -> Ask:
    path = f"{V1}/decisions/{{id}}/outcome"
    return Ask("PUT", path, _one(a), who=a.who_judges(), body={"outcome": a.words()})


def take_back(a: Asking) -> Ask:
    return Ask("DELETE", f"{V1}/decisions/{{id}}", _one(a), who=a.who_judges())


def aim(path: str) -> Generator:
    """A goal or what is tried: set, changed or deleted."""

    def asked(a: Asking) -> Ask:
        form = {
            "action": a.chance.choice(["change", "delete"]),
            "measure": a.chance.choice(["success", "contributors", "joy"]),
            "of": a.chance.choice(["company", "team:Platform"]),
            "target": "40",
            "due": "2027-01",
            "name": a.words(),
            "start": "2026-02",
        }
        at = _one(a) if "{id}" in path else {}
        return Ask("POST", path, at, form=form, who=a.who_judges(), browser=True)

    return asked


def figures(a: Asking) -> Ask:
    at: dict[str, Ref | str] = {"key": a.chance.choice(["success", "joy"])}
    return Ask("GET", f"{V1}/measures/{{key}}/csv", at, who=_anybody(a))


EVERY: dict[tuple[str, str], tuple[int, Generator]] = {
    ("GET", f"{V1}/measures/{{key}}/csv"): (1, figures),
    ("GET", COMFORT): (1, plain(COMFORT)),
    ("POST", COMFORT): (2, answer),
    ("GET", "/pulse/answer"): (1, plain("/pulse/answer", browser=True)),
    ("POST", "/pulse/answer"): (1, answer_page),
    ("GET", "/pulse"): (2, pulse),
    ("POST", "/pulse/goals"): (2, aim("/pulse/goals")),
    ("POST", "/pulse/goals/{id}"): (1, aim("/pulse/goals/{id}")),
    ("POST", "/pulse/interventions"): (2, aim("/pulse/interventions")),
    ("POST", "/pulse/interventions/{id}"): (1, aim("/pulse/interventions/{id}")),
    ("GET", "/pulse/review/{month}"): (2, review("/pulse/review/{month}", browser=True)),
    ("POST", "/pulse/review/{month}"): (1, decide_page),
    ("GET", REVIEW): (2, review(REVIEW)),
    ("POST", f"{REVIEW}/decisions"): (2, decide),
    ("PUT", f"{V1}/decisions/{{id}}/outcome"): (1, look),
    ("DELETE", f"{V1}/decisions/{{id}}"): (1, take_back),
}
"""(method, path): how often, and what asks it."""

"""Generators of requests for topics, and for what of them may be lost."""

from __future__ import annotations

from collections.abc import Callable

from api.routes import V1
from tests.invariants.asking import Ask, Asking, Ref

Generator = Callable[[Asking], Ask]
At = dict[str, Ref | str]

TOPICS, LEAVING = f"{V1}/topics", f"{V1}/people/{{id}}/leaving"


def _at(a: Asking) -> At:
    # What everybody reads forms the first ones, so their numbers are the same in both worlds.
    return {"id": a.chance.choice(["1", "1", "2", "3", "4", "99"])}


def _anybody(a: Asking) -> str | None:
    return a.chance.choice([a.who(), a.who_judges()])


def of_topic(part: str = "", *, browser: bool = False) -> Generator:
    """Something of one topic."""
    path = f"/topics/{{id}}{part}" if browser else f"{TOPICS}/{{id}}{part}"
    return lambda a: Ask("GET", path, _at(a), who=_anybody(a), browser=browser)


def every_topic(path: str, *, browser: bool = False) -> Generator:
    """The list of them."""
    return lambda a: Ask("GET", path, who=_anybody(a), browser=browser)


def change(a: Asking) -> Ask:
    said: dict[str, object] = {
        "name": a.chance.choice([None, a.words(3)]),
        "steward_id": a.chance.choice([None, a.person(), Ref("person", "ada")]),
    }
    some = dict(a.chance.sample(sorted(said.items()), a.chance.choice([1, 2])))
    return Ask("PATCH", f"{TOPICS}/{{id}}", _at(a), who=a.who_judges(), body=some)


def change_page(a: Asking) -> Ask:
    steward = a.chance.choice(["", "ada@example.org", "quirina@example.org"])
    form = {"name": a.words(3), "steward": steward}
    return Ask("POST", "/topics/{id}", _at(a), who=a.who_judges(), form=form, browser=True)


def leaving(part: str = "") -> Generator:
    """What would be lost."""
    path = f"{LEAVING}{part}"
    return lambda a: Ask("GET", path, {"id": a.person()}, who=_anybody(a))


def leaving_page(a: Asking) -> Ask:
    email = a.chance.choice(["dan@example.org", "quirina@example.org", "ben@example.org"])
    params = a.chance.choice([(("person", a.person()),), (("email", email),), ()])
    return Ask("GET", "/admin/leaving", params=params, who=_anybody(a), browser=True)


EVERY: dict[tuple[str, str], tuple[int, Generator]] = {
    ("GET", TOPICS): (3, every_topic(TOPICS)),
    ("GET", f"{TOPICS}/{{id}}"): (4, of_topic()),
    ("PATCH", f"{TOPICS}/{{id}}"): (2, change),
    ("GET", f"{TOPICS}/{{id}}/risk"): (4, of_topic("/risk")),
    ("GET", LEAVING): (4, leaving()),
    ("GET", f"{LEAVING}/guide"): (2, leaving("/guide")),
    ("GET", "/topics"): (2, every_topic("/topics", browser=True)),
    ("GET", "/topics/{id}"): (2, of_topic(browser=True)),
    ("POST", "/topics/{id}"): (1, change_page),
    ("GET", "/admin/leaving"): (2, leaving_page),
}
"""(method, path): how often, and what asks it."""

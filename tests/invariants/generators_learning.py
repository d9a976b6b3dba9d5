"""Generators of requests for sessions in which people learn from each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from api.routes import V1
from tests.invariants.asking import Ask, Asking, Ref
from tests.invariants.generators_writing import on_page
from tests.invariants.worlds import NOW, TAGS

Generator = Callable[[Asking], Ask]
_MEETINGS = f"{V1}/meetings"
_ONE = f"{_MEETINGS}/{{id}}"
_PAGE = "/sessions/{id}"
# Long after whatever time it is, and before: what begins then was announced never.
_LATER = NOW + timedelta(days=20_000)


def _which(a: Asking) -> dict[str, Ref | str]:
    return {"id": a.chance.choice(["1", "2", "3", "4", "99"])}


def _told(a: Asking) -> dict[str, object]:
    body: dict[str, object] = {
        "title": a.words(),
        "description": a.words(9),
        "kind": a.chance.choice(["talk", "demo", "party"]),
    }
    if a.chance.random() < 0.6:
        body["starts_at"] = _LATER.isoformat()
    if a.chance.random() < 0.3:
        body["audience"] = a.chance.choice([[["group:vault"]], [["everyone"]], [["public"]]])
    if a.chance.random() < 0.3:
        body["seats"] = 1
    return body


def create(a: Asking) -> Ask:
    return Ask("POST", _MEETINGS, who=a.who(), body=_told(a), headers=a.key())


def listed(a: Asking) -> Ask:
    box = a.chance.choice(["coming", "mine", "wanted", "past", "lost"])
    return Ask("GET", _MEETINGS, params=(("box", box), ("limit", 50)), who=a.who())


def change(a: Asking) -> Ask:
    return Ask("PUT", _ONE, _which(a), who=a.who(), body=_told(a))


def plain(method: str, path: str) -> Generator:
    return lambda a: Ask(method, path, _which(a), who=a.who())


def attendance(a: Asking) -> Ask:
    body = {"came": [a.person() for _ in range(a.chance.randrange(3))]}
    return Ask("POST", f"{_ONE}/attendance", _which(a), who=a.who(), body=body)


def answer(a: Asking) -> Ask:
    body = dict.fromkeys(("useful", "relevant", "engaging"), "yes") | {"line": a.words()}
    return Ask("POST", f"{_ONE}/poll", _which(a), who=a.who(), body=body)


def _filled(a: Asking) -> dict[str, object]:
    return {
        "title": a.words(),
        "kind": "talk",
        "minutes": "30",
        "starts_at": f"{_LATER:%Y-%m-%dT%H:%M}",
        "reach": a.chance.choice(["everyone", "groups"]),
        "wish": a.chance.choice(["", "yes"]),
    }


def new_page(a: Asking) -> Ask:
    params = (("title", a.words()), ("wish", a.chance.choice(["", "yes"])))
    return Ask("GET", "/sessions/new", params=params, who=a.who(), browser=True)


def create_on_page(a: Asking) -> Ask:
    return Ask("POST", "/sessions/new", form=_filled(a), who=a.who(), browser=True)


def teach(a: Asking) -> Ask:
    topic = a.chance.choice(["", *TAGS])
    return Ask("POST", "/sessions", form={"topic": topic}, who=a.who(), browser=True)


def page(a: Asking) -> Ask:
    return Ask("GET", _PAGE, _which(a), who=a.who(), browser=True)


def act(a: Asking) -> Ask:
    form = _filled(a) | {
        "action": a.chance.choice(["join", "leave", "change", "cancel", "came", "poll", "dance"]),
        "useful": "yes",
        "relevant": "no",
        "engaging": a.chance.choice(["", "partly"]),
    }
    return Ask("POST", _PAGE, _which(a), form=form, who=a.who(), browser=True)


LEARNING: dict[tuple[str, str], tuple[int, Generator]] = {
    ("POST", _MEETINGS): (3, create),
    ("GET", _MEETINGS): (3, listed),
    ("GET", _ONE): (2, plain("GET", _ONE)),
    ("PUT", _ONE): (1, change),
    ("DELETE", _ONE): (1, plain("DELETE", _ONE)),
    ("POST", f"{_ONE}/join"): (2, plain("POST", f"{_ONE}/join")),
    ("DELETE", f"{_ONE}/join"): (1, plain("DELETE", f"{_ONE}/join")),
    ("POST", f"{_ONE}/attendance"): (1, attendance),
    ("POST", f"{_ONE}/poll"): (1, answer),
    ("GET", f"{_ONE}/poll"): (1, plain("GET", f"{_ONE}/poll")),
    ("GET", f"{_ONE}/calendar"): (1, plain("GET", f"{_ONE}/calendar")),
    ("GET", "/sessions"): (3, on_page("/sessions")),
    ("POST", "/sessions"): (1, teach),
    ("GET", "/sessions/new"): (1, new_page),
    ("POST", "/sessions/new"): (1, create_on_page),
    ("GET", _PAGE): (2, page),
    ("POST", _PAGE): (2, act),
}

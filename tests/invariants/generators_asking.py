"""Generators of requests for questions to colleagues."""

from __future__ import annotations

from collections.abc import Callable

from api import cursors
from api.routes import V1
from knowledge.asking import Box
from tests.invariants.asking import Ask, Asking, Ref

Generator = Callable[[Asking], Ask]
_QUESTIONS = f"{V1}/questions"
_PAGE = "/questions/{id}"


def _which(a: Asking) -> dict[str, Ref | str]:
    return {"id": a.chance.choice(["1", "2", "3", "99"])}


def ask(a: Asking) -> Ask:
    body: dict[str, object] = {
        "title": a.words(),
        "body": a.words(9),
        "query": a.question(),
        "anonymous": a.chance.random() < 0.3,
    }
    if a.chance.random() < 0.3:
        body["audience"] = a.chance.choice([[["group:vault"]], [["everyone"]], [["public"]]])
    if a.chance.random() < 0.4:
        body["to_id"] = a.person()
    return Ask("POST", _QUESTIONS, who=a.who(), body=body, headers=a.key())


def listed(a: Asking) -> Ask:
    box = a.chance.choice([*Box, "lost"])
    params = (("box", box), ("limit", a.chance.choice([1, 50])))
    return Ask("GET", _QUESTIONS, params=params, who=a.who())


def listed_page(a: Asking) -> Ask:
    params: list[tuple[str, object]] = []
    for name, box in (("cursor", Box.ASKED), ("answered", Box.ANSWERED)):
        if a.chance.random() < 0.3:
            second = cursors.encode(1, "questions", box.value)
            params.append((name, a.chance.choice([second, second, "AAAA"])))
    return Ask("GET", "/questions", params=tuple(params), who=a.who(), browser=True)


def read(a: Asking) -> Ask:
    return Ask("GET", f"{_QUESTIONS}/{{id}}", _which(a), who=a.who())


def withdraw(a: Asking) -> Ask:
    return Ask("DELETE", f"{_QUESTIONS}/{{id}}", _which(a), who=a.who())


def answer(a: Asking) -> Ask:
    path = f"{_QUESTIONS}/{{id}}/answers"
    return Ask("POST", path, _which(a), who=a.who(), body={"body": a.words(9)})


def accept(a: Asking) -> Ask:
    path = f"{_QUESTIONS}/{{id}}/accept"
    return Ask("POST", path, _which(a), who=a.who(), body={"answer_id": 1})


def hand_on(a: Asking) -> Ask:
    body = {"to_id": a.person()} if a.chance.random() < 0.5 else {}
    return Ask("POST", f"{_QUESTIONS}/{{id}}/hand_on", _which(a), who=a.who(), body=body)


def ask_page(a: Asking) -> Ask:
    params: list[tuple[str, object]] = []
    if a.chance.random() < 0.8:
        params.append(("q", a.chance.choice([a.words(), a.question()])))
    if a.chance.random() < 0.4:
        params.append(("to", a.person()))
    return Ask("GET", "/ask", params=tuple(params), who=a.who(), browser=True)


def ask_on_page(a: Asking) -> Ask:
    form: dict[str, object] = {
        "title": a.words(),
        "body": a.words(9),
        "reach": a.chance.choice(["everyone", "groups"]),
        "anonymous": a.chance.choice(["", "yes"]),
    }
    if a.chance.random() < 0.4:
        form["person_id"] = a.person()
    return Ask("POST", "/ask", form=form, who=a.who(), browser=True)


def question_page(a: Asking) -> Ask:
    return Ask("GET", _PAGE, _which(a), who=a.who(), browser=True)


def act(a: Asking) -> Ask:
    form = {
        "action": a.chance.choice(["answer", "accept", "hand_on", "withdraw", "note", "dance"]),
        "body": a.words(9),
        "answer": "1",
        "to": a.chance.choice(["", "Ben Osei", "Quirina Vask", "Kit"]),
    }
    return Ask("POST", _PAGE, _which(a), form=form, who=a.who(), browser=True)


ASKING: dict[tuple[str, str], tuple[int, Generator]] = {
    ("POST", _QUESTIONS): (5, ask),
    ("GET", _QUESTIONS): (2, listed),
    ("GET", f"{_QUESTIONS}/{{id}}"): (2, read),
    ("DELETE", f"{_QUESTIONS}/{{id}}"): (1, withdraw),
    ("POST", f"{_QUESTIONS}/{{id}}/answers"): (1, answer),
    ("POST", f"{_QUESTIONS}/{{id}}/accept"): (1, accept),
    ("POST", f"{_QUESTIONS}/{{id}}/hand_on"): (1, hand_on),
    ("GET", "/ask"): (5, ask_page),
    ("POST", "/ask"): (3, ask_on_page),
    ("GET", "/questions"): (2, listed_page),
    ("GET", _PAGE): (2, question_page),
    ("POST", _PAGE): (2, act),
}

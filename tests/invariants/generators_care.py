"""Generators of requests for who looks after documents, and what replaces them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from api.routes import V1
from tests.invariants.asking import Ask, Asking, Ref

Generator = Callable[[Asking], Ask]
At = dict[str, Ref | str]

DOCUMENT = f"{V1}/documents/{{id}}"
ADDRESSES = ["", "ada@example.org", "dan@example.org", "quirina@example.org"]


def _anybody(a: Asking) -> str | None:
    return a.chance.choice([a.who(), a.who_judges()])


def of_document(part: str) -> Generator:
    """Something of one document."""
    return lambda a: Ask("GET", f"{DOCUMENT}/{part}", {"id": a.document()}, who=_anybody(a))


def pass_on(a: Asking) -> Ask:
    body = {"person_id": a.chance.choice([None, a.person(), Ref("person", "ada")])}
    return Ask("PUT", f"{DOCUMENT}/owner", {"id": a.document()}, who=_anybody(a), body=body)


def review(a: Asking) -> Ask:
    body = a.chance.choice(
        [{}, {"at": "2026-09-01"}, {"every_months": 6}, {"at": "2001-01-01"}, {"every_months": 0}]
    )
    return Ask("PUT", f"{DOCUMENT}/review", {"id": a.document()}, who=_anybody(a), body=body)


def supersede(a: Asking) -> Ask:
    body = {"document_id": a.document()}
    return Ask("PUT", f"{DOCUMENT}/successor", {"id": a.document()}, who=_anybody(a), body=body)


def merge(a: Asking) -> Ask:
    body = {"first": a.document(), "second": a.document(), "title": a.words(2), "body": a.words()}
    return Ask("POST", f"{V1}/documents/merges", who=_anybody(a), body=body)


def unmerge(a: Asking) -> Ask:
    path = f"{V1}/documents/merges/{{id}}"
    return Ask("DELETE", path, {"id": a.document()}, who=_anybody(a))


def restore(a: Asking) -> Ask:
    return Ask("DELETE", f"{DOCUMENT}/successor", {"id": a.document()}, who=_anybody(a))


def compare(a: Asking) -> Ask:
    at: At = {"id": a.document()}
    params = (("by", _other(a)),)
    return Ask("GET", "/documents/{id}/replace", at, params, who=_anybody(a), browser=True)


def _other(a: Asking) -> Ref | str:
    """What somebody types who means a document."""
    which = a.document()
    return a.chance.choice([which, Ref("address", which.name), a.title(), a.title()])


def plan(a: Asking) -> Ask:
    return Ask("GET", f"{V1}/people/{{id}}/hand-over", {"id": a.person()}, who=_anybody(a))


def plan_page(a: Asking) -> Ask:
    params = (("person", a.person()),)
    return Ask("GET", "/admin/hand-over", params=params, who=a.who_judges(), browser=True)


def hand_over(a: Asking) -> Ask:
    to = a.chance.choice([a.person(), Ref("person", "ada")])
    item = {"kind": a.chance.choice(["document", "topic"]), "id": a.document(), "person_id": to}
    body: dict[str, Any] = {"items": [item]}
    if a.chance.random() < 0.3:
        body["rest_person_id"] = a.person()
    path = f"{V1}/people/{{id}}/hand-over"
    return Ask("POST", path, {"id": a.person()}, who=_anybody(a), body=body)


def undo(a: Asking) -> Ask:
    return Ask("DELETE", f"{V1}/hand-overs/{{id}}", {"id": "1"}, who=_anybody(a))


def reply(a: Asking) -> Ask:
    path = f"{V1}/people/me/received/{{id}}/{{kind}}/{{item_id}}"
    at: At = {"id": "1", "kind": "document", "item_id": a.document()}
    return Ask("POST", path, at, who=a.who(), body={"declined": a.chance.choice([True, False])})


def form(part: str, forms: Callable[[Asking], dict[str, Any]]) -> Generator:
    """A form of a document's page."""

    def generate(a: Asking) -> Ask:
        at: At = {"id": a.document()}
        path = f"/documents/{{id}}/{part}"
        return Ask("POST", path, at, who=_anybody(a), form=forms(a), browser=True)

    return generate


def listed(path: str, *, judges: bool = False, browser: bool = False) -> Generator:
    """A list of what is to be done."""
    return lambda a: Ask("GET", path, who=a.who_judges() if judges else a.who(), browser=browser)


def stretch(path: str, *, browser: bool = False) -> Generator:
    """What is there twice, from the newest on or further down."""

    def generate(a: Asking) -> Ask:
        further = Ref("stretch", a.readable().name)
        cursor = a.chance.choice([None, further, further, "AAAA"])
        params = () if cursor is None else (("cursor", cursor),)
        return Ask("GET", path, params=params, who=a.who_judges(), browser=browser)

    return generate


EVERY: dict[tuple[str, str], tuple[int, Generator]] = {
    ("GET", f"{DOCUMENT}/owner"): (3, of_document("owner")),
    ("PUT", f"{DOCUMENT}/owner"): (2, pass_on),
    ("PUT", f"{DOCUMENT}/review"): (2, review),
    ("GET", f"{DOCUMENT}/successor"): (3, of_document("successor")),
    ("PUT", f"{DOCUMENT}/successor"): (3, supersede),
    ("DELETE", f"{DOCUMENT}/successor"): (1, restore),
    ("POST", f"{V1}/documents/merges"): (2, merge),
    ("DELETE", f"{V1}/documents/merges/{{id}}"): (1, unmerge),
    ("GET", f"{V1}/people/me/duplicates"): (2, listed(f"{V1}/people/me/duplicates")),
    ("GET", f"{V1}/duplicates"): (2, stretch(f"{V1}/duplicates")),
    ("GET", "/documents/{id}/replace"): (2, compare),
    ("POST", "/documents/{id}/replace"): (
        2,
        form("replace", lambda a: {"by": _other(a), "how": a.chance.choice(["old", "new", ""])}),
    ),
    ("POST", "/documents/{id}/restore"): (1, form("restore", lambda a: {})),
    ("GET", f"{V1}/people/{{id}}/hand-over"): (3, plan),
    ("POST", f"{V1}/people/{{id}}/hand-over"): (2, hand_over),
    ("DELETE", f"{V1}/hand-overs/{{id}}"): (1, undo),
    ("GET", f"{V1}/people/me/received"): (1, listed(f"{V1}/people/me/received")),
    ("POST", f"{V1}/people/me/received/{{id}}/{{kind}}/{{item_id}}"): (1, reply),
    ("GET", "/me/hand-over"): (2, listed("/me/hand-over", browser=True)),
    ("GET", "/admin/hand-over"): (2, plan_page),
    ("POST", "/hand-overs"): (
        1,
        lambda a: Ask("POST", "/hand-overs", who=_anybody(a), form={"to-topic-1": "Ada Field"}),
    ),
    ("POST", "/hand-overs/{id}/undo"): (
        1,
        lambda a: Ask("POST", "/hand-overs/{id}/undo", {"id": "1"}, who=a.who(), form={}),
    ),
    ("POST", "/me/care/received"): (
        1,
        lambda a: Ask("POST", "/me/care/received", who=a.who(), form={"handover": "1"}),
    ),
    ("GET", f"{V1}/people/me/reviews"): (2, listed(f"{V1}/people/me/reviews")),
    ("GET", f"{V1}/overdue"): (2, listed(f"{V1}/overdue", judges=True)),
    ("GET", "/me/care"): (2, listed("/me/care", browser=True)),
    ("GET", "/admin/health"): (2, stretch("/admin/health", browser=True)),
    ("POST", "/documents/{id}/owner"): (
        1,
        form("owner", lambda a: {"email": a.chance.choice(ADDRESSES)}),
    ),
    ("POST", "/documents/{id}/review"): (
        1,
        form("review", lambda a: {"months": a.chance.choice(["", "6", "x"])}),
    ),
}
"""(method, path): how often, and what asks it."""

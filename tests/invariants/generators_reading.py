"""Generators of requests for what readers do with documents, and people say of themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from api.routes import V1
from knowledge.notices import Matter
from tests.invariants.asking import Ask, Asking, Ref

Generator = Callable[[Asking], Ask]
At = dict[str, Ref | str]

MAIL, LINK = f"{V1}/people/me/mail", "/unsubscribe/{secret}"
WISHES, GAPS = f"{V1}/people/me/wishes", f"{V1}/gaps"
DOCUMENT, OFFERS, DISPUTES = f"{V1}/documents/{{id}}", f"{V1}/people/me/offers", f"{V1}/disputes"


def of_document(method: str, part: str) -> Generator:
    """Something of one document."""
    path = f"{DOCUMENT}/{part}"
    return lambda a: Ask(method, path, {"id": a.document()}, who=a.who())


def revision(a: Asking) -> Ask:
    number = a.chance.choice(["1", "1", "2", "x"])
    path = f"{DOCUMENT}/revisions/{{number}}"
    return Ask("GET", path, {"id": a.document(), "number": number}, who=a.who())


def judge(a: Asking) -> Ask:
    body = {"state": a.chance.choice(["verified", "verified", "outdated", "so what"])}
    who = a.chance.choice(["ada", "ada", "judge", None])
    return Ask("PUT", f"{DOCUMENT}/currency", {"id": a.document()}, who=who, body=body)


def doubt(a: Asking) -> Ask:
    body = {"reason": a.words()} if a.chance.random() < 0.5 else {}
    return Ask("POST", f"{DOCUMENT}/doubts", {"id": a.document()}, who=a.who(), body=body)


def offer(a: Asking) -> Ask:
    body = {"kind": a.chance.choice(["teach", "learn", "sell"]), "topic": a.words()}
    return Ask("POST", OFFERS, who=a.who(), body=body)


def take_back(a: Asking) -> Ask:
    return Ask("DELETE", f"{OFFERS}/{{id}}", {"id": a.chance.choice(["1", "2", "9"])}, who=a.who())


def wish(a: Asking) -> Ask:
    return Ask("POST", WISHES, who=a.who(), body={"text": a.words()})


def unwish(a: Asking) -> Ask:
    return Ask("DELETE", f"{WISHES}/{{id}}", {"id": a.chance.choice(["1", "2", "9"])}, who=a.who())


def gaps(path: str, browser: bool = False) -> Generator:
    """What nobody finds, in one state."""

    def generate(a: Asking) -> Ask:
        params = (("state", a.chance.choice(["open", "closed", "dismissed", "lost"])),)
        return Ask("GET", path, params=params, who=a.who_judges(), browser=browser)

    return generate


def move_gap(path: str) -> Generator:
    """Dismissing one that is not there, or opening it."""
    at: At = {"id": "1"}
    browser = not path.startswith(V1)
    form: dict[str, Any] | None = {} if browser else None
    return lambda a: Ask("POST", path, at, who=a.who_judges(), form=form, browser=browser)


def disputes(a: Asking) -> Ask:
    params = (("limit", a.chance.choice([1, 50])),)
    return Ask("GET", DISPUTES, params=params, who=a.who_judges(), all=True)


def settle(a: Asking) -> Ask:
    at: At = {"document_id": a.document(), "person_id": a.person()}
    return Ask("DELETE", f"{DISPUTES}/{{document_id}}/{{person_id}}", at, who=a.who_judges())


def page_of(part: str) -> Generator:
    """A page of one document."""

    def generate(a: Asking) -> Ask:
        at: At = {"id": a.document()}
        return Ask("GET", f"/documents/{{id}}/{part}", at, who=a.who(), browser=True)

    return generate


def history(a: Asking) -> Ask:
    params = (("from", a.chance.choice(["1", "2"])), ("to", a.chance.choice(["2", "3", "x"])))
    at: At = {"id": a.document()}
    some = params if a.chance.random() < 0.5 else ()
    return Ask("GET", "/documents/{id}/history", at, some, a.who(), browser=True)


def said_of(part: str, forms: Callable[[Asking], dict[str, Any]]) -> Generator:
    """A form of a document's page."""

    def generate(a: Asking) -> Ask:
        at: At = {"id": a.document()}
        path = f"/documents/{{id}}/{part}"
        return Ask("POST", path, at, who=a.who(), form=forms(a), browser=True)

    return generate


def delete(a: Asking) -> Ask:
    # Without the version, so that nothing goes: deleting is asked for elsewhere.
    at: At = {"id": a.document()}
    return Ask("POST", "/documents/{id}/delete", at, who=a.who(), form={}, browser=True)


def own(part: str, forms: Callable[[Asking], dict[str, Any]]) -> Generator:
    """A form of one's own page."""
    return lambda a: Ask("POST", f"/me/{part}", who=a.who(), form=forms(a), browser=True)


def object_to(a: Asking) -> Ask:
    at: At = {"document_id": a.document()}
    form = {"verdict": a.chance.choice(["hidden", "not_me", "outdated", "none", "what"])}
    return Ask("POST", "/me/evidence/{document_id}", at, who=a.who(), form=form, browser=True)


def paces(a: Asking) -> dict[str, Any]:
    return {one.value: a.chance.choice(["soon", "daily", "never", "daily"]) for one in Matter}


def choose_mail(a: Asking) -> Ask:
    body = {a.chance.choice([*Matter]).value: a.chance.choice(["soon", "never", "x"])}
    return Ask("PATCH", MAIL, who=a.who(), body=body)


def settle_page(a: Asking) -> Ask:
    form = {"document_id": a.document(), "person_id": a.person()}
    return Ask("POST", "/admin/disputes", who=a.who_judges(), form=form)


EVERY: dict[tuple[str, str], tuple[int, Generator]] = {
    ("GET", f"{DOCUMENT}/currency"): (3, of_document("GET", "currency")),
    ("PUT", f"{DOCUMENT}/currency"): (3, judge),
    ("DELETE", f"{DOCUMENT}/currency"): (1, of_document("DELETE", "currency")),
    ("POST", f"{DOCUMENT}/doubts"): (3, doubt),
    ("DELETE", f"{DOCUMENT}/doubts"): (1, of_document("DELETE", "doubts")),
    ("GET", f"{DOCUMENT}/revisions"): (2, of_document("GET", "revisions")),
    ("GET", f"{DOCUMENT}/revisions/{{number}}"): (2, revision),
    ("GET", f"{DOCUMENT}/related"): (3, of_document("GET", "related")),
    ("GET", OFFERS): (1, lambda a: Ask("GET", OFFERS, who=a.who())),
    ("POST", OFFERS): (2, offer),
    ("DELETE", f"{OFFERS}/{{id}}"): (1, take_back),
    ("GET", WISHES): (3, lambda a: Ask("GET", WISHES, who=a.who())),
    ("POST", WISHES): (3, wish),
    ("DELETE", f"{WISHES}/{{id}}"): (1, unwish),
    ("GET", GAPS): (2, gaps(GAPS)),
    ("POST", f"{GAPS}/{{id}}/dismiss"): (1, move_gap(f"{GAPS}/{{id}}/dismiss")),
    ("POST", f"{GAPS}/{{id}}/reopen"): (1, move_gap(f"{GAPS}/{{id}}/reopen")),
    ("GET", "/gaps"): (2, gaps("/gaps", browser=True)),
    ("POST", "/gaps/{id}/dismiss"): (1, move_gap("/gaps/{id}/dismiss")),
    ("POST", "/gaps/{id}/reopen"): (1, move_gap("/gaps/{id}/reopen")),
    ("GET", DISPUTES): (3, disputes),
    ("DELETE", f"{DISPUTES}/{{document_id}}/{{person_id}}"): (2, settle),
    ("GET", "/documents/{id}/history"): (2, history),
    ("GET", "/documents/{id}/delete"): (1, page_of("delete")),
    ("POST", "/documents/{id}/delete"): (1, delete),
    ("POST", "/documents/{id}/feedback"): (
        2,
        said_of(
            "feedback",
            lambda a: {"verdict": a.chance.choice(["helpful", "not_helpful", "x"])},
        ),
    ),
    ("POST", "/documents/{id}/doubts"): (
        2,
        said_of("doubts", lambda a: {"withdraw": a.chance.choice(["", "yes"])}),
    ),
    ("POST", "/documents/{id}/currency"): (
        2,
        said_of("currency", lambda a: {"state": a.chance.choice(["verified", "nothing", "x"])}),
    ),
    # How often they were shown rests on what others read: docs/security.md. So nobody asks before.
    ("GET", "/me"): (2, lambda a: Ask("GET", "/me", who=a.who(), browser=True)),
    ("POST", "/me/consents"): (
        1,
        own(
            "consents",
            lambda a: {
                "consent_written": a.chance.choice(["yes", "unsaid"]),
                "consent_spoken": a.chance.choice(["yes", "no", "x"]),
            },
        ),
    ),
    ("POST", "/me/pause"): (
        1,
        own("pause", lambda a: {"until": a.chance.choice(["2999-01-01", "2001-01-01", "x"])}),
    ),
    ("POST", "/me/topics"): (
        1,
        own("topics", lambda a: {"tag": a.words(2), "show_again": a.chance.choice(["", "yes"])}),
    ),
    ("POST", "/me/evidence/{document_id}"): (2, object_to),
    ("POST", "/me/offers"): (
        1,
        own("offers", lambda a: {"kind": "teach", "topic": a.words()}),
    ),
    ("POST", "/me/wishes"): (
        1,
        own("wishes", lambda a: {"text": a.words(), "take_back": a.chance.choice(["", "1"])}),
    ),
    ("GET", MAIL): (1, lambda a: Ask("GET", MAIL, who=a.who())),
    ("PATCH", MAIL): (1, choose_mail),
    ("POST", "/me/mail"): (1, own("mail", paces)),
    ("GET", LINK): (1, lambda a: Ask("GET", LINK, {"secret": a.words(2)})),
    ("POST", LINK): (1, lambda a: Ask("POST", LINK, {"secret": a.words(2)}, form={})),
    ("GET", "/admin/disputes"): (
        2,
        lambda a: Ask("GET", "/admin/disputes", who=a.who_judges()),
    ),
    ("POST", "/admin/disputes"): (1, settle_page),
}
"""(method, path): how often, and what asks it."""

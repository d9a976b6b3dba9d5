"""Generators of requests for what helps those who teach."""

from __future__ import annotations

from collections.abc import Callable

from api.routes import V1
from tests.invariants.asking import Ask, Asking, Ref
from tests.invariants.generators_writing import on_page

Generator = Callable[[Asking], Ask]
At = dict[str, Ref | str]

ME, DOCUMENT = f"{V1}/people/me", f"{V1}/documents/{{id}}"
_SLUGS = ["teach-one-thing", "note-trap", "ours", "none", "Ours!"]


def _which(a: Asking) -> At:
    return {"id": a.chance.choice(["1", "2", "3", "99"])}


def plain(method: str, path: str) -> Generator:
    return lambda a: Ask(method, path, who=a.who())


def set_milestone(a: Asking) -> Ask:
    deed = a.chance.choice(["notes", "hosted", "poems"])
    body = {"deed": deed, "number": a.chance.choice([0, 1, 3]), "due": "2027-01-31"}
    return Ask("POST", f"{ME}/milestones", who=a.who(), body=body)


def forget_milestone(a: Asking) -> Ask:
    return Ask("DELETE", f"{ME}/milestones/{{id}}", _which(a), who=a.who())


def say_minutes(a: Asking) -> Ask:
    body = {"note": a.chance.choice([None, 5, -1])}
    return Ask("PUT", f"{ME}/teaching", who=a.who(), body=body)


def say_level(a: Asking) -> Ask:
    body = {"level": a.chance.choice([None, "newcomer", "expert", "guru"])}
    return Ask("PUT", f"{ME}/level", who=a.who(), body=body)


def own_page(a: Asking) -> Ask:
    form = a.chance.choice(
        [
            {"deed": "notes", "number": "2", "due": "2027-01-31"},
            {"deed": a.words(2), "number": "x"},
            {"action": "minutes", "note": a.chance.choice(["", "3", "x"])},
            {"take_back": "1"},
        ]
    )
    return Ask("POST", "/me/milestones", who=a.who(), form=form, browser=True)


def level_page(a: Asking) -> Ask:
    form = {"level": a.chance.choice(["", "newcomer", "expert", "guru"])}
    return Ask("POST", "/me/level", who=a.who(), form=form, browser=True)


def steps(a: Asking) -> Ask:
    return Ask("GET", f"{DOCUMENT}/steps", {"id": a.document()}, who=a.who())


def _looks_after(a: Asking) -> str | None:
    return a.chance.choice(["ada", "ada", "judge", None])


def put_steps(a: Asking) -> Ask:
    sides = {name: [a.document() for _ in range(a.chance.randrange(3))] for name in ("x", "y")}
    body = {"before": sides["x"], "after": sides["y"]}
    return Ask("PUT", f"{DOCUMENT}/steps", {"id": a.document()}, who=_looks_after(a), body=body)


def steps_page(a: Asking) -> Ask:
    first, second = (
        a.chance.choice([Ref("address", a.document().name), a.title()]) for _ in range(2)
    )
    form = {"before": first, "after": a.chance.choice(["", second, "x"])}
    path, at = "/documents/{id}/steps", {"id": a.document()}
    return Ask("POST", path, at, who=_looks_after(a), form=form, browser=True)


def choose(a: Asking) -> Ask:
    at: At = {"id": a.document()}
    return Ask("PUT", f"{DOCUMENT}/exemplar", at, who=_looks_after(a), body={"why": a.words()})


def unchoose(a: Asking) -> Ask:
    return Ask("DELETE", f"{DOCUMENT}/exemplar", {"id": a.document()}, who=_looks_after(a))


def exemplar_page(a: Asking) -> Ask:
    action = a.chance.choice(["choose", "choose", "remove", "decline", "allow", "dance"])
    form = {"action": action, "why": a.words()}
    at: At = {"id": a.document()}
    path = "/documents/{id}/exemplar"
    return Ask("POST", path, at, who=_looks_after(a), form=form, browser=True)


def of_text(method: str, path: str) -> Generator:
    """A guide or template by its name."""

    def generate(a: Asking) -> Ask:
        at: At = {"slug": a.chance.choice(_SLUGS)}
        form = None
        if method == "POST":
            action = a.chance.choice(["save", "back"])
            form = {"title": a.words(), "body": a.words(), "action": action}
        who = a.who_judges() if path.startswith("/admin") else a.who()
        return Ask(method, path, at, who=who, form=form, browser=True)

    return generate


def add_text(a: Asking) -> Ask:
    kind = a.chance.choice(["guide", "template", "poem"])
    form = {"kind": kind, "begun": "note", "title": a.chance.choice(["Ours", a.words()])}
    form |= {"body": a.words()}
    return Ask("POST", "/admin/guides", who=a.who_judges(), form=form, browser=True)


def texts(a: Asking) -> Ask:
    return Ask("GET", "/admin/guides", who=a.who_judges(), browser=True)


def review(a: Asking) -> Ask:
    return Ask("GET", "/reviews/{id}", _which(a), who=a.who(), browser=True)


def picture(a: Asking) -> Ask:
    at: At = _which(a) | {"number": a.chance.choice(["0", "1", "-1"])}
    return Ask("GET", "/reviews/{id}/files/{number}", at, who=a.who(), browser=True)


def say(a: Asking) -> Ask:
    form = {"action": a.chance.choice(["give", "decline"]), "comment": a.words()}
    return Ask("POST", "/reviews/{id}", _which(a), who=a.who(), form=form, browser=True)


def ask_for_review(a: Asking) -> Ask:
    names = ["ben@example.org", "Ben Osei", "quirina@example.org", "dan@example.org", a.words(2)]
    form = {"colleague": a.chance.choice(names), "wish": a.words()}
    if a.chance.random() < 0.2:
        form = {"withdraw": a.chance.choice(["1", "2", "x"])}
    return Ask("POST", "/drafts/{id}/review", _which(a), who=a.who(), form=form, browser=True)


EVERY: dict[tuple[str, str], tuple[int, Generator]] = {
    ("GET", f"{ME}/milestones"): (2, plain("GET", f"{ME}/milestones")),
    ("POST", f"{ME}/milestones"): (2, set_milestone),
    ("DELETE", f"{ME}/milestones/{{id}}"): (1, forget_milestone),
    ("GET", f"{ME}/teaching"): (2, plain("GET", f"{ME}/teaching")),
    ("PUT", f"{ME}/teaching"): (1, say_minutes),
    ("GET", f"{ME}/level"): (1, plain("GET", f"{ME}/level")),
    ("PUT", f"{ME}/level"): (1, say_level),
    ("GET", "/me/milestones"): (2, on_page("/me/milestones")),
    ("POST", "/me/milestones"): (1, own_page),
    ("POST", "/me/level"): (1, level_page),
    ("GET", f"{DOCUMENT}/steps"): (4, steps),
    ("PUT", f"{DOCUMENT}/steps"): (4, put_steps),
    ("POST", "/documents/{id}/steps"): (2, steps_page),
    ("GET", f"{V1}/gallery"): (3, plain("GET", f"{V1}/gallery")),
    ("PUT", f"{DOCUMENT}/exemplar"): (4, choose),
    ("DELETE", f"{DOCUMENT}/exemplar"): (1, unchoose),
    ("GET", "/gallery"): (2, on_page("/gallery")),
    ("POST", "/documents/{id}/exemplar"): (2, exemplar_page),
    ("GET", "/guides"): (1, on_page("/guides")),
    ("GET", "/guides/{slug}"): (1, of_text("GET", "/guides/{slug}")),
    ("GET", "/admin/guides"): (1, texts),
    ("POST", "/admin/guides"): (1, add_text),
    ("GET", "/admin/guides/{slug}"): (1, of_text("GET", "/admin/guides/{slug}")),
    ("POST", "/admin/guides/{slug}"): (1, of_text("POST", "/admin/guides/{slug}")),
    ("GET", "/reviews"): (2, on_page("/reviews")),
    ("GET", "/reviews/{id}"): (2, review),
    ("POST", "/reviews/{id}"): (1, say),
    ("GET", "/reviews/{id}/files/{number}"): (1, picture),
    ("POST", "/drafts/{id}/review"): (3, ask_for_review),
}
"""(method, path): how often, and what asks it."""

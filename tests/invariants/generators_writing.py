"""Generators of requests for writing: drafts, hints, previews, and recording a session."""

from __future__ import annotations

from collections.abc import Callable

from api.routes import V1
from tests.invariants.asking import Ask, Asking, Ref

Generator = Callable[[Asking], Ask]
_DRAFTS = f"{V1}/drafts"
_EVERYONE = [["everyone"]]


def _text(a: Asking) -> dict[str, object]:
    """Words that are hidden, common or mistyped, or a link that is either."""
    body: Ref | str = f"## The one thing\n\n{a.words(9)} ZANZIBAR OBELISK"
    if a.chance.random() < 0.2:
        body = Ref("text", a.document().name)
    return {"form": a.chance.choice(["note", "writeup"]), "title": a.words(), "body": body}


def _draft(a: Asking) -> dict[str, object]:
    audience: object = a.chance.choice([_EVERYONE, [["group:vault"]], [[Ref("audience", "ada")]]])
    body = {**_text(a), "tags": [a.words(3)], "audience": audience}
    if a.chance.random() < 0.3:
        version = "0" * 32
        body["base"] = {"document_id": a.document(), "revision": 1, "version": version}
    if a.chance.random() < 0.3:
        body["knower_id"] = a.person()
    return body


def begin(a: Asking) -> Ask:
    return Ask("POST", _DRAFTS, who=a.who(), body=_draft(a), headers=a.key())


def listed(a: Asking) -> Ask:
    return Ask("GET", _DRAFTS, who=a.who())


def hints(a: Asking) -> Ask:
    return Ask("POST", f"{_DRAFTS}/hints", who=a.who(), body=_text(a))


def preview(a: Asking) -> Ask:
    body = _text(a)
    if a.chance.random() < 0.3:
        body["document_id"] = a.document()
    return Ask("POST", f"{V1}/preview", who=a.who(), body=body)


def _which(a: Asking) -> dict[str, Ref | str]:
    return {"id": a.chance.choice(["1", "2", "3", "99"])}


def read(a: Asking) -> Ask:
    return Ask("GET", f"{_DRAFTS}/{{id}}", _which(a), who=a.who())


def save(a: Asking) -> Ask:
    headers = {"If-Match": a.chance.choice(['"1"', '"2"', "*"])}
    return Ask("PUT", f"{_DRAFTS}/{{id}}", _which(a), who=a.who(), body=_draft(a), headers=headers)


def throw_away(a: Asking) -> Ask:
    return Ask("DELETE", f"{_DRAFTS}/{{id}}", _which(a), who=a.who())


def publish(a: Asking) -> Ask:
    # Of a draft that is not there: what is published would be found, in an order of its own.
    path = f"{_DRAFTS}/{{id}}/publish"
    return Ask("POST", path, {"id": "99"}, who=a.who(), headers=a.key())


def attach(a: Asking) -> Ask:
    content = a.chance.choice(["GIF89a" + a.words(2), a.words(3)])
    file = ("plan.gif", content)
    return Ask("POST", f"{_DRAFTS}/{{id}}/files", _which(a), who=a.who(), file=file)


def picture(a: Asking) -> Ask:
    at = {**_which(a), "number": a.chance.choice(["0", "1", "x"])}
    return Ask("GET", f"{_DRAFTS}/{{id}}/files/{{number}}", at, who=a.who())


def on_page(path: str) -> Generator:
    """A page that takes nothing."""
    return lambda a: Ask("GET", path, who=a.who(), browser=True)


def quick(a: Asking) -> Ask:
    return Ask("GET", "/write/quick", params=(("about", a.words()),), who=a.who(), browser=True)


def draft_page(a: Asking) -> Ask:
    params = (("preview", ""),) if a.chance.random() < 0.3 else ()
    return Ask("GET", "/drafts/{id}", _which(a), params, a.who(), browser=True)


def _form(a: Asking) -> dict[str, object]:
    return {
        "form": a.chance.choice(["note", "quick"]),
        "title": a.words(),
        "thing": a.words(9),
        "tags": a.words(2),
        "reach": a.chance.choice(["everyone", "me", "groups", "keep"]),
        "kept": "group:vault",
        "knower_name": a.chance.choice(["", "", "Ben Osei", "Quirina Vask", "Kit"]),
        "version": a.chance.choice(["1", "2"]),
        "action": a.chance.choice(["save", "preview", "discard"]),
    }


def begin_on_page(a: Asking) -> Ask:
    return Ask("POST", "/drafts", form=_form(a), who=a.who(), browser=True)


def save_on_page(a: Asking) -> Ask:
    return Ask("POST", "/drafts/{id}", _which(a), form=_form(a), who=a.who(), browser=True)


def merge(a: Asking) -> Ask:
    form = _form(a) | {"against": a.chance.choice(["draft", "document"]), "against_version": "1"}
    return Ask("POST", "/drafts/{id}/merge", _which(a), form=form, who=a.who(), browser=True)


def edit(a: Asking) -> Ask:
    return Ask("GET", "/documents/{id}/edit", {"id": a.document()}, who=a.who(), browser=True)


def record(a: Asking) -> Ask:
    # Without a file: what is recorded is an import, which has generators of its own.
    form = {"title": a.words(), "participants": a.words(), "agreed": "no"}
    return Ask("POST", "/write/session", form=form, who=a.who(), browser=True)


def recorded(a: Asking) -> Ask:
    return Ask("GET", "/write/session/{id}", {"id": a.an_import()}, who=a.who(), browser=True)


def speaker(a: Asking) -> Ask:
    form = {"label": a.chance.choice(["Boris", "Ada Field"]), "name": a.words(2)}
    path = "/write/session/{id}"
    return Ask("POST", path, {"id": a.an_import()}, form=form, who=a.who(), browser=True)


WRITING: dict[tuple[str, str], tuple[int, Generator]] = {
    ("POST", _DRAFTS): (3, begin),
    ("GET", _DRAFTS): (1, listed),
    ("POST", f"{_DRAFTS}/hints"): (6, hints),
    ("GET", f"{_DRAFTS}/{{id}}"): (2, read),
    ("PUT", f"{_DRAFTS}/{{id}}"): (2, save),
    ("DELETE", f"{_DRAFTS}/{{id}}"): (1, throw_away),
    ("POST", f"{_DRAFTS}/{{id}}/publish"): (1, publish),
    ("POST", f"{_DRAFTS}/{{id}}/files"): (1, attach),
    ("GET", f"{_DRAFTS}/{{id}}/files/{{number}}"): (1, picture),
    ("POST", f"{V1}/preview"): (3, preview),
    ("GET", "/write"): (1, on_page("/write")),
    ("GET", "/write/note"): (1, on_page("/write/note")),
    ("GET", "/write/quick"): (2, quick),
    ("GET", "/write/writeup"): (1, on_page("/write/writeup")),
    ("GET", "/drafts"): (1, on_page("/drafts")),
    ("POST", "/drafts"): (2, begin_on_page),
    ("GET", "/drafts/{id}"): (2, draft_page),
    ("POST", "/drafts/{id}"): (2, save_on_page),
    ("POST", "/drafts/{id}/merge"): (1, merge),
    ("GET", "/documents/{id}/edit"): (2, edit),
    ("GET", "/write/session"): (1, on_page("/write/session")),
    ("POST", "/write/session"): (1, record),
    ("GET", "/write/session/{id}"): (2, recorded),
    ("POST", "/write/session/{id}"): (1, speaker),
}

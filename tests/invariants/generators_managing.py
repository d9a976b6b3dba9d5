"""Generators of requests for the pages of whoever looks after the service."""

from __future__ import annotations

from collections.abc import Callable

from api.routes import V1
from tests.invariants.asking import Ask, Asking, Ref
from tests.invariants.worlds import SECRET_SOURCES, SOURCES, TAGS

Generator = Callable[[Asking], Ask]


def shown(path: str) -> Generator:
    """A page for administrators that takes nothing."""
    return lambda a: Ask("GET", path, who=a.who_judges(), browser=True)


def own(path: str) -> Generator:
    """A page about the asker's own things."""
    return lambda a: Ask("GET", path, who=a.who(), browser=True)


def sent(path: str, *fields: str) -> Generator:
    """A form for administrators. Its fields are words, so that it does nothing but to be refused,
    or people."""

    def generate(a: Asking) -> Ask:
        form = {name: a.person() if name in _PEOPLE else a.words(3) for name in fields}
        at: dict[str, Ref | str] = {"id": a.chance.choice(["3", "99"])} if "{id}" in path else {}
        return Ask("POST", path, at, who=a.who_judges(), form=form, browser=True)

    return generate


_PEOPLE = ("kept", "gone", "one", "other", "person")


def preview(a: Asking) -> Ask:
    params = (("kept", a.person()), ("gone", a.person()))
    return Ask("GET", "/admin/people/merge", params=params, who=a.who_judges(), browser=True)


def unmerge(a: Asking) -> Ask:
    form = {"merge": a.chance.choice(["1", "2", "99"])}
    return Ask("POST", "/admin/people/unmerge", who=a.who_judges(), form=form, browser=True)


def grant(a: Asking) -> Ask:
    email = a.chance.choice(["kit@example.org", "quirina@example.org", "ben@example.org"])
    form = {"email": email, "role": "topic", "of": a.chance.choice(TAGS)}
    return Ask("POST", "/admin/roles", who=a.who_judges(), form=form, browser=True)


def withdraw(a: Asking) -> Ask:
    form = {"person": a.person(), "role": "topic", "of": a.chance.choice(TAGS)}
    return Ask("POST", "/admin/roles/withdraw", who=a.who_judges(), form=form, browser=True)


def audit(a: Asking) -> Ask:
    params = (
        ("action", a.chance.choice(["", "role-granted", "nonsense"])),
        ("actor", a.chance.choice(["", "operator", "person:1"])),
        ("since", a.chance.choice(["", "2026-01-01", "never"])),
    )
    # Administrators see what everybody did, by ids alone: see docs/security.md.
    return Ask("GET", "/admin/audit", params=params, who=a.who(), browser=True)


def one_import(a: Asking) -> Ask:
    params = (("status", a.chance.choice(["", "added", "refused", "eaten"])),)
    at: dict[str, Ref | str] = {"id": a.an_import()}
    return Ask("GET", "/imports/{id}", at, params, a.who(), browser=True)


def change_import(a: Asking) -> Ask:
    form = {"action": a.chance.choice(["pause", "cancel", "keep_gone", "eat"])}
    at: dict[str, Ref | str] = {"id": a.an_import()}
    return Ask("POST", "/imports/{id}", at, who=a.who(), form=form, browser=True)


def start_import(path: str, *, browser: bool) -> Generator:
    """Of dry runs that are not the asker's, or were none."""

    def generate(a: Asking) -> Ask:
        at: dict[str, Ref | str] = {"id": Ref("import", a.chance.choice(["hidden", "none"]))}
        return Ask("POST", path, at, who=a.who(), browser=browser)

    return generate


def new_import(a: Asking) -> Ask:
    params = (("source", a.chance.choice(SOURCES + SECRET_SOURCES)),)
    return Ask("GET", "/imports/new", params=params, who=a.who(), browser=True)


def hand_in(a: Asking) -> Ask:
    """Without a file, so that nothing comes of it."""
    form = {"source": a.chance.choice(SOURCES + SECRET_SOURCES)}
    return Ask("POST", "/imports/new", who=a.who(), form=form, browser=True)


_START = f"{V1}/imports/{{id}}/start"
MANAGING: dict[tuple[str, str], tuple[int, Generator]] = {
    ("POST", _START): (1, start_import(_START, browser=False)),
    ("GET", "/imports"): (1, own("/imports")),
    ("GET", "/imports/new"): (1, new_import),
    ("POST", "/imports/new"): (1, hand_in),
    ("GET", "/imports/{id}"): (2, one_import),
    ("POST", "/imports/{id}"): (1, change_import),
    ("POST", "/imports/{id}/start"): (1, start_import("/imports/{id}/start", browser=True)),
    ("GET", "/admin/sources"): (4, shown("/admin/sources")),
    ("GET", "/admin/people"): (3, shown("/admin/people")),
    ("GET", "/admin/people/merge"): (2, preview),
    ("POST", "/admin/people/merge"): (1, sent("/admin/people/merge", "kept", "gone")),
    ("POST", "/admin/people/distinguish"): (1, sent("/admin/people/distinguish", "one", "other")),
    ("POST", "/admin/people/unmerge"): (1, unmerge),
    ("GET", "/admin/roles"): (2, shown("/admin/roles")),
    ("POST", "/admin/roles"): (1, grant),
    ("POST", "/admin/roles/withdraw"): (1, withdraw),
    ("GET", "/admin/tokens"): (1, shown("/admin/tokens")),
    ("POST", "/admin/tokens/{id}/revoke"): (1, sent("/admin/tokens/{id}/revoke")),
    ("GET", "/admin/sites"): (1, shown("/admin/sites")),
    ("POST", "/admin/sites"): (1, sent("/admin/sites", "name", "origins")),
    ("GET", "/admin/sites/{id}"): (
        1,
        lambda a: Ask("GET", "/admin/sites/{id}", {"id": "1"}, who=a.who_judges(), browser=True),
    ),
    ("POST", "/admin/sites/{id}"): (1, sent("/admin/sites/{id}", "name", "origins")),
    ("POST", "/admin/sites/{id}/revoke"): (1, sent("/admin/sites/{id}/revoke")),
    ("GET", "/admin/synonyms"): (1, shown("/admin/synonyms")),
    ("POST", "/admin/synonyms"): (1, sent("/admin/synonyms", "term", "meaning")),
    ("POST", "/admin/synonyms/{id}/remove"): (1, sent("/admin/synonyms/{id}/remove")),
    ("GET", "/admin/audit"): (1, audit),
    ("GET", "/account/tokens"): (1, own("/account/tokens")),
    ("POST", "/account/tokens"): (1, sent("/account/tokens", "name")),
    ("POST", "/account/tokens/{id}/rotate"): (1, sent("/account/tokens/{id}/rotate")),
    ("POST", "/account/tokens/{id}/revoke"): (1, sent("/account/tokens/{id}/revoke")),
}
"""(method, path): how often, and what asks it."""

"""One generator of requests for every route that is served."""

from __future__ import annotations

from collections.abc import Callable

from api.routes import V1
from tests.invariants import (
    generators_care,
    generators_measures,
    generators_pulse,
    generators_reading,
    generators_teaching,
    generators_topics,
)
from tests.invariants.asking import Ask, Asking, Ref
from tests.invariants.generators_asking import ASKING
from tests.invariants.generators_learning import LEARNING
from tests.invariants.generators_managing import MANAGING
from tests.invariants.generators_search import SEARCH
from tests.invariants.generators_writing import WRITING
from tests.invariants.worlds import TAGS

Generator = Callable[[Asking], Ask]


def search(a: Asking) -> Ask:
    limit = a.chance.choice([1, 2, 3, 50])
    params = [("q", a.question()), ("limit", limit), *a.narrowing()]
    if a.chance.random() < 0.05:
        params.append(a.chance.choice([("cursor", "AAAA"), ("explain", "true"), ("limit", 0)]))
    return Ask("GET", f"{V1}/search", params=tuple(params), who=a.who(), all=True)


def people(a: Asking) -> Ask:
    params = (("q", a.question()), ("limit", 50), *a.narrowing())
    return Ask("GET", f"{V1}/people", params=params, who=a.who())


def person(a: Asking) -> Ask:
    params = (("limit", a.chance.choice([1, 2, 50])),)
    return Ask("GET", f"{V1}/people/{{id}}", {"id": a.person()}, params, a.who(), all=True)


def suggest(a: Asking) -> Ask:
    params = (("q", a.prefix()), ("limit", a.chance.choice([1, 5, 20])))
    return Ask("GET", f"{V1}/suggest", params=params, who=a.who())


def list_documents(a: Asking) -> Ask:
    narrowing = [pair for pair in a.narrowing() if pair[0] in ("kind", "source")]
    params = [("limit", a.chance.choice([1, 3, 50])), *narrowing]
    if a.chance.random() < 0.2:
        params.append(("author", "me"))
    return Ask("GET", f"{V1}/documents", params=tuple(params), who=a.who(), all=True)


def read_document(a: Asking) -> Ask:
    return Ask("GET", f"{V1}/documents/{{id}}", {"id": a.document()}, who=a.who())


def read_file(a: Asking) -> Ask:
    number = a.chance.choice(["0", "0", "1", "x"])
    path = f"{V1}/documents/{{id}}/files/{{number}}"
    return Ask("GET", path, {"id": a.document(), "number": number}, who=a.who())


def write_document(a: Asking) -> Ask:
    # No more than two at a time: everything that matches shall be in every result.
    if len(a.alive) >= 2:
        return delete_document(a)
    return Ask("POST", f"{V1}/documents", who=a.who(), body=_written(a), headers=a.key())


def change_document(a: Asking) -> Ask:
    which = a.document()
    version = which if a.chance.random() < 0.8 else None
    path = f"{V1}/documents/{{id}}"
    return Ask("PUT", path, {"id": which}, who="ada", body=_written(a), version=version)


def delete_document(a: Asking) -> Ask:
    which = Ref("document", a.chance.choice(a.alive)) if a.alive else a.document()
    which = which if a.chance.random() < 0.6 else a.hidden()
    return Ask("DELETE", f"{V1}/documents/{{id}}", {"id": which}, who=a.who())


def _written(a: Asking) -> dict[str, object]:
    audience: list[object] = a.chance.choice(
        [[["everyone"]], [["public", "group:vault"]], [["group:vault"]], [[_ADA]]]
    )
    return {
        "title": a.words(),
        "body": f"# {a.words()}\n\n{a.words(9)}",
        "tags": [a.words(3)],
        "audience": audience,
        "kind": "note",
    }


_ADA = Ref("audience", "ada")


def feedback(a: Asking) -> Ask:
    about: dict[str, object] = (
        {"passage_id": a.passage()} if a.chance.random() < 0.6 else {"person_id": a.person()}
    )
    verdict = a.chance.choice(["helpful", "helpful", "not_helpful", "wrong_person"])
    query = Ref("query", str(a.chance.randrange(1, 50)))
    body = {"query_id": query, "verdict": verdict, **about}
    return Ask("POST", f"{V1}/feedback", who=a.who(), body=body, headers=a.key())


def hand_in(a: Asking) -> Ask:
    """Two files that come again and again, one of them by somebody who is otherwise hidden."""
    if a.chance.random() < 0.5:
        head = "author: Quirina Vask <quirina@example.org>\naudience: everyone"
        name = "a.md"
    else:
        head, name = (
            a.chance.choice(["level: 2", "audience: group:vault", "audience: nonsense"]),
            "b.md",
        )
    content = (
        f"---\n{head}\nupdated: 2024-01-01\ntags: [{a.chance.choice(TAGS)}]\n---\n{a.words(9)}"
    )
    form = {
        "source": a.chance.choice(["wiki", "boardroom"]),
        "dry_run": a.chance.choice(["true", "false"]),
    }
    who = a.chance.choice(["ada", "ada", None])
    return Ask("POST", f"{V1}/imports", who=who, form=form, file=(name, content), headers=a.key())


def change_import(a: Asking) -> Ask:
    action = a.chance.choice(["pause", "resume", "cancel", "archive_gone", "keep_gone", "eat"])
    path = f"{V1}/imports/{{id}}"
    return Ask("PATCH", path, {"id": a.an_import()}, who=a.who(), body={"action": action})


def list_imports(a: Asking) -> Ask:
    params = (("limit", a.chance.choice([1, 50])),)
    return Ask("GET", f"{V1}/imports", params=params, who=a.who(), all=True)


def of_import(part: str) -> Generator:
    """Something of one import."""
    path = f"{V1}/imports/{{id}}{part}"
    return lambda a: Ask("GET", path, {"id": a.an_import()}, who=a.who())


def add_synonym(a: Asking) -> Ask:
    body = {"term": a.words(2), "meaning": a.words(3), "both": a.chance.random() < 0.5}
    return Ask("POST", f"{V1}/synonyms", who=a.who(), body=body, headers=a.key())


def remove_synonym(a: Asking) -> Ask:
    key = a.chance.choice(["1", "2", "99"])
    return Ask("DELETE", f"{V1}/synonyms/{{id}}", {"id": key}, who=a.who())


def review(a: Asking) -> Ask:
    params = (("limit", a.chance.choice([1, 50])),)
    return Ask("GET", f"{V1}/people/review", params=params, who=a.who_judges())


def list_merges(a: Asking) -> Ask:
    params = (("limit", a.chance.choice([1, 50])),)
    return Ask("GET", f"{V1}/people/merges", params=params, who=a.who_judges(), all=True)


def merge(a: Asking) -> Ask:
    body = {"kept": a.person(), "gone": a.person()}
    return Ask("POST", f"{V1}/people/merges", who=a.who_judges(), body=body, headers=a.key())


def unmerge(a: Asking) -> Ask:
    path = f"{V1}/people/merges/{{id}}"
    return Ask("DELETE", path, {"id": a.chance.choice(["1", "2", "3", "99"])}, who=a.who_judges())


def distinguish(a: Asking) -> Ask:
    body = {"one": a.person(), "other": a.person()}
    path = f"{V1}/people/distinctions"
    return Ask("POST", path, who=a.who_judges(), body=body, headers=a.key())


def speakers(a: Asking) -> Ask:
    return Ask("GET", f"{V1}/documents/{{id}}/speakers", {"id": a.talk()}, who=a.who_judges())


def export(a: Asking) -> Ask:
    return Ask("GET", f"{ME}/export", who=a.who(), browser=True)


def readers(a: Asking) -> Ask:
    return Ask("GET", f"{V1}/documents/{{id}}/readers", {"id": a.document()}, who=a.who())


def assign_speaker(a: Asking) -> Ask:
    body: dict[str, object] = {
        "label": a.chance.choice(["Boris", "boris", "Ada Field", "Speaker 1"]),
        "everywhere": a.chance.random() < 0.5,
    }
    said = a.chance.choice(["person", "person", "nobody", "undo"])
    if said == "person":
        body["person_id"] = a.person()
    body["undo"] = said == "undo"
    path = f"{V1}/documents/{{id}}/speakers"
    version = Ref("document", "notes/talk") if a.chance.random() < 0.2 else None
    return Ask("PUT", path, {"id": a.talk()}, who=a.who_judges(), body=body, version=version)


def audit(a: Asking) -> Ask:
    # Administrators see what everybody did, by ids alone: see docs/security.md.
    params = (("limit", a.chance.choice([1, 50])),)
    return Ask("GET", f"{V1}/audit", params=params, who=a.who())


def list_tokens(a: Asking) -> Ask:
    params = (("limit", a.chance.choice([1, 50])),)
    return Ask("GET", f"{V1}/tokens", params=params, who=a.who(), all=True)


def make_token(a: Asking) -> Ask:
    body = {"name": a.words(3), "scopes": ["search"], "days": a.chance.choice([1, 0])}
    return Ask("POST", f"{V1}/tokens", who=a.who(), body=body, headers=a.key())


def of_token(method: str, part: str = "") -> Generator:
    """Something with one token of one's own."""
    at: dict[str, Ref | str] = {"id": "4"}
    body = {"overlap_hours": 1} if part else None
    return lambda a: Ask(method, f"{V1}/tokens/{{id}}{part}", at, who=a.who(), body=body)


def list_all_tokens(a: Asking) -> Ask:
    params = (("limit", a.chance.choice([1, 50])),)
    return Ask("GET", f"{V1}/tokens/all", params=params, who=a.who_judges(), all=True)


def revoke_any_token(a: Asking) -> Ask:
    at: dict[str, Ref | str] = {"id": a.chance.choice(["4", "99"])}
    return Ask("DELETE", f"{V1}/tokens/all/{{id}}", at, who=a.who_judges())


def make_site(a: Asking) -> Ask:
    origin = a.chance.choice(["https://a.example", "https://b.example:1", "http://c.example"])
    body = {"name": a.words(3), "origins": [origin]}
    return Ask("POST", f"{V1}/sites", who=a.who_judges(), body=body, headers=a.key())


def of_site(method: str) -> Generator:
    """Something with one site, but for the one that asks."""

    def generate(a: Asking) -> Ask:
        body = {"name": a.words(3), "origins": ["https://d.example"]} if method == "PUT" else None
        at: dict[str, Ref | str] = {"id": a.chance.choice(["2", "3", "99"])}
        return Ask(method, f"{V1}/sites/{{id}}", at, who=a.who_judges(), body=body)

    return generate


def grant_role(a: Asking) -> Ask:
    body = {"person_id": a.person(), "role": "curator", "topic": a.chance.choice(TAGS)}
    return Ask("PUT", f"{V1}/roles", who=a.who_judges(), body=body)


def withdraw_role(a: Asking) -> Ask:
    params = (("person_id", a.person()), ("role", "curator"), ("topic", a.chance.choice(TAGS)))
    return Ask("DELETE", f"{V1}/roles", params=params, who=a.who_judges())


def as_judge(path: str) -> Generator:
    """Of a route that takes nothing, and is for administrators."""
    return lambda a: Ask("GET", path, who=a.who_judges())


ME = f"{V1}/people/me"


def me(a: Asking) -> Ask:
    return Ask("GET", ME, who=a.who())


def decide(a: Asking) -> Ask:
    said: dict[str, object] = {
        "consent_written": a.chance.choice([True, False, None]),
        "consent_spoken": a.chance.choice([True, False, None]),
        "paused_until": a.chance.choice([None, "2026-06-03", "2025-01-01", "2999-01-01"]),
        "hidden_topics": a.chance.choice([[], TAGS[:1], ["acquisition"], [a.words(2)]]),
    }
    some = dict(a.chance.sample(sorted(said.items(), key=lambda one: one[0]), 2))
    return Ask("PATCH", ME, who=a.who(), body=some)


def topic(method: str) -> Generator:
    """Hiding a topic, and showing it again."""
    path = f"{ME}/topics/{{tag}}"
    tags = [*TAGS, "acquisition", "layoffs"]
    return lambda a: Ask(method, path, {"tag": a.chance.choice(tags)}, who=a.who())


def evidence(a: Asking) -> Ask:
    params = (("limit", a.chance.choice([1, 50])),)
    return Ask("GET", f"{ME}/evidence", params=params, who=a.who(), all=True)


def object_to(a: Asking) -> Ask:
    at: dict[str, Ref | str] = {"document_id": a.document()}
    verdict = a.chance.choice(["hidden", "not_me", "outdated", "so what"])
    path = f"{ME}/evidence/{{document_id}}"
    return Ask("PUT", path, at, who=a.who(), body={"verdict": verdict})


def withdraw_objection(a: Asking) -> Ask:
    at: dict[str, Ref | str] = {"document_id": a.document()}
    return Ask("DELETE", f"{ME}/evidence/{{document_id}}", at, who=a.who())


def search_page(a: Asking) -> Ask:
    if a.chance.random() < 0.05:
        return Ask("GET", "/", who=a.who(), browser=True)
    params = (("q", a.question()), ("limit", 50), *a.narrowing())
    return Ask("GET", "/", params=params, who=a.who(), browser=True)


def document_page(a: Asking) -> Ask:
    asked = [("passage", a.passage()), ("find", a.words(3)), ("at", 3), ("said", "helped")]
    asked.append(("for", a.words(3)))
    params = tuple(a.chance.sample(asked, a.chance.choice([0, 0, 1, 1, 2])))
    at: dict[str, Ref | str] = {"id": a.document()}
    return Ask("GET", "/documents/{id}", at, params, a.who(), browser=True)


def person_page(a: Asking) -> Ask:
    kind = a.chance.choice([None, None, "note", "transcript", "poem"])
    params = () if kind is None else (("kind", kind),)
    return Ask("GET", "/people/{id}", {"id": a.person()}, params, a.who(), browser=True)


def static(a: Asking) -> Ask:
    name = a.chance.choice(["style.css", "mark.svg", "none.css"])
    return Ask("GET", "/static/{digest}/{name}", {"digest": "0", "name": name}, who=a.who())


def sign_in_page(a: Asking) -> Ask:
    return Ask("GET", "/sign-in", params=(("next", "/?q=canary"),), who=a.who(), browser=True)


def sign_in(a: Asking) -> Ask:
    email = a.chance.choice(["ada@example.org", "kit@example.org", "quirina@example.org"])
    form = {"email": email, "password": a.words(4), "next": "/?q=" + a.words(2)}
    return Ask("POST", "/sign-in/password", form=form, who=None)


def at_provider(path: str) -> Generator:
    """Where there is no provider to sign in at."""
    return lambda a: Ask("GET", path, params=(("next", "/?q=" + a.words(2)), ("state", "x")))


def invitation(method: str) -> Generator:
    """A link, of which passwords that are too short leave everything as it is."""

    def generate(a: Asking) -> Ask:
        link = a.chance.choice([Ref("link", "ada"), "x" + a.words(2)])
        form = {"password": "short", "again": a.chance.choice(["short", "shorter"])}
        path = "/invitations/{secret}"
        return Ask(method, path, {"secret": link}, form=form if method == "POST" else None)

    return generate


def account(a: Asking) -> Ask:
    return Ask("GET", "/account", who=a.who(), browser=True)


def change_password(a: Asking) -> Ask:
    form = {"current": a.words(2), "password": "short", "again": "short"}
    return Ask("POST", "/account/password", form=form, who=a.who(), browser=True)


def end_session(method: str, path: str) -> Generator:
    """Of a session that is not theirs."""

    def generate(a: Asking) -> Ask:
        key = a.chance.choice(["7", "99"])
        return Ask(method, path, {"id": key}, who=a.who(), browser=a.chance.random() < 0.5)

    return generate


def plain(method: str, path: str) -> Generator:
    """Of a route that takes nothing."""
    return lambda a: Ask(method, path, who=a.who())


def asset(a: Asking) -> Ask:
    return Ask("GET", "/docs/{name}", {"name": a.chance.choice(["start.js", "none"])}, who=a.who())


def be_somebody(a: Asking) -> Ask:
    return Ask("POST", "/demo/person", form={"person": a.person(), "next": "/"}, who=a.who())


def heads(generator: Generator) -> Generator:
    """The same without the body."""

    def generate(a: Asking) -> Ask:
        asked = generator(a)
        return Ask("HEAD", asked.path, asked.at, asked.params, asked.who, browser=asked.browser)

    return generate


EVERY: dict[tuple[str, str], tuple[int, Generator]] = {
    ("GET", f"{V1}/search"): (30, search),
    ("GET", f"{V1}/people"): (12, people),
    ("GET", f"{V1}/people/{{id}}"): (6, person),
    ("GET", f"{V1}/suggest"): (12, suggest),
    ("GET", f"{V1}/documents"): (6, list_documents),
    ("POST", f"{V1}/documents"): (4, write_document),
    ("GET", f"{V1}/documents/{{id}}"): (6, read_document),
    ("GET", f"{V1}/documents/{{id}}/files/{{number}}"): (3, read_file),
    ("PUT", f"{V1}/documents/{{id}}"): (4, change_document),
    ("DELETE", f"{V1}/documents/{{id}}"): (3, delete_document),
    ("POST", f"{V1}/feedback"): (5, feedback),
    ("POST", f"{V1}/imports"): (5, hand_in),
    ("GET", f"{V1}/imports"): (2, list_imports),
    ("GET", f"{V1}/imports/{{id}}"): (3, of_import("")),
    ("PATCH", f"{V1}/imports/{{id}}"): (2, change_import),
    ("GET", f"{V1}/imports/{{id}}/items"): (3, of_import("/items")),
    ("GET", f"{V1}/imports/{{id}}/report"): (3, of_import("/report")),
    ("GET", f"{V1}/imports/{{id}}/report.csv"): (2, of_import("/report.csv")),
    ("GET", f"{V1}/imports/{{id}}/events"): (2, of_import("/events")),
    ("GET", f"{V1}/synonyms"): (1, plain("GET", f"{V1}/synonyms")),
    ("POST", f"{V1}/synonyms"): (2, add_synonym),
    ("DELETE", f"{V1}/synonyms/{{id}}"): (1, remove_synonym),
    ("GET", f"{V1}/people/review"): (3, review),
    ("GET", f"{V1}/people/merges"): (2, list_merges),
    ("POST", f"{V1}/people/merges"): (3, merge),
    ("DELETE", f"{V1}/people/merges/{{id}}"): (2, unmerge),
    ("POST", f"{V1}/people/distinctions"): (1, distinguish),
    ("GET", ME): (2, me),
    ("PATCH", ME): (2, decide),
    ("PUT", f"{ME}/topics/{{tag}}"): (1, topic("PUT")),
    ("DELETE", f"{ME}/topics/{{tag}}"): (2, topic("DELETE")),
    ("GET", f"{ME}/evidence"): (3, evidence),
    ("PUT", f"{ME}/evidence/{{document_id}}"): (2, object_to),
    ("DELETE", f"{ME}/evidence/{{document_id}}"): (2, withdraw_objection),
    ("GET", f"{ME}/appearances"): (1, plain("GET", f"{ME}/appearances")),
    ("GET", f"{ME}/export"): (1, export),
    ("GET", f"{V1}/documents/{{id}}/readers"): (3, readers),
    ("GET", f"{V1}/documents/{{id}}/speakers"): (3, speakers),
    ("PUT", f"{V1}/documents/{{id}}/speakers"): (3, assign_speaker),
    ("GET", f"{V1}/audit"): (1, audit),
    ("GET", f"{V1}/audit/head"): (1, plain("GET", f"{V1}/audit/head")),
    ("GET", f"{V1}/tokens"): (1, list_tokens),
    ("POST", f"{V1}/tokens"): (1, make_token),
    ("DELETE", f"{V1}/tokens/{{id}}"): (1, of_token("DELETE")),
    ("POST", f"{V1}/tokens/{{id}}/rotate"): (1, of_token("POST", "/rotate")),
    ("GET", f"{V1}/tokens/all"): (2, list_all_tokens),
    ("DELETE", f"{V1}/tokens/all/{{id}}"): (1, revoke_any_token),
    ("GET", f"{V1}/sites"): (1, as_judge(f"{V1}/sites")),
    ("POST", f"{V1}/sites"): (1, make_site),
    ("GET", f"{V1}/sites/{{id}}"): (1, of_site("GET")),
    ("PUT", f"{V1}/sites/{{id}}"): (1, of_site("PUT")),
    ("DELETE", f"{V1}/sites/{{id}}"): (1, of_site("DELETE")),
    ("GET", f"{V1}/roles"): (2, as_judge(f"{V1}/roles")),
    ("PUT", f"{V1}/roles"): (2, grant_role),
    ("DELETE", f"{V1}/roles"): (2, withdraw_role),
    ("GET", "/"): (12, search_page),
    ("HEAD", "/"): (1, heads(search_page)),
    ("GET", "/documents/{id}"): (5, document_page),
    ("HEAD", "/documents/{id}"): (1, heads(document_page)),
    ("GET", "/people/{id}"): (5, person_page),
    ("HEAD", "/people/{id}"): (1, heads(person_page)),
    ("GET", "/static/{digest}/{name}"): (1, static),
    ("HEAD", "/static/{digest}/{name}"): (1, heads(static)),
    ("GET", "/sign-in"): (1, sign_in_page),
    ("POST", "/sign-in/password"): (1, sign_in),
    ("GET", "/sign-in/oidc"): (1, at_provider("/sign-in/oidc")),
    ("GET", "/sign-in/oidc/callback"): (1, at_provider("/sign-in/oidc/callback")),
    ("GET", "/invitations/{secret}"): (1, invitation("GET")),
    ("POST", "/invitations/{secret}"): (1, invitation("POST")),
    ("GET", "/account"): (1, account),
    ("POST", "/account/password"): (1, change_password),
    ("POST", "/account/sessions/{id}"): (1, end_session("POST", "/account/sessions/{id}")),
    ("GET", f"{V1}/session"): (1, plain("GET", f"{V1}/session")),
    ("GET", f"{V1}/sessions"): (1, plain("GET", f"{V1}/sessions")),
    ("DELETE", f"{V1}/sessions/{{id}}"): (1, end_session("DELETE", f"{V1}/sessions/{{id}}")),
    ("POST", "/sign-out"): (1, plain("POST", "/sign-out")),
    ("POST", "/demo/person"): (1, be_somebody),
    ("GET", "/docs"): (1, plain("GET", "/docs")),
    ("GET", "/docs/{name}"): (1, asset),
    ("GET", f"{V1}/openapi.json"): (1, plain("GET", f"{V1}/openapi.json")),
    ("HEAD", f"{V1}/openapi.json"): (1, plain("HEAD", f"{V1}/openapi.json")),
    ("GET", "/livez"): (1, plain("GET", "/livez")),
    ("HEAD", "/livez"): (1, plain("HEAD", "/livez")),
    ("GET", "/readyz"): (1, plain("GET", "/readyz")),
    ("HEAD", "/readyz"): (1, plain("HEAD", "/readyz")),
    ("GET", "/metrics"): (1, plain("GET", "/metrics")),
    **WRITING,
    **ASKING,
    **LEARNING,
    **generators_reading.EVERY,
    **generators_topics.EVERY,
    **generators_measures.EVERY,
    **generators_pulse.EVERY,
    **generators_care.EVERY,
    **generators_teaching.EVERY,
    **MANAGING,
} | SEARCH
"""(method, path): how often, and what asks it."""

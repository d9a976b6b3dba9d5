"""One generator of requests for every route that is served."""

from __future__ import annotations

from collections.abc import Callable

from api.routes import V1
from tests.invariants.asking import Ask, Asking, Ref
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


def write_document(a: Asking) -> Ask:
    # No more than two at a time: everybody's documents shall fit into their evidence.
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


def search_page(a: Asking) -> Ask:
    if a.chance.random() < 0.05:
        return Ask("GET", "/", who=a.who(), browser=True)
    params = (("q", a.question()), ("limit", 50), *a.narrowing())
    return Ask("GET", "/", params=params, who=a.who(), browser=True)


def document_page(a: Asking) -> Ask:
    params = (("passage", a.passage()),) if a.chance.random() < 0.5 else ()
    at: dict[str, Ref | str] = {"id": a.document()}
    return Ask("GET", "/documents/{id}", at, params, a.who(), browser=True)


def person_page(a: Asking) -> Ask:
    return Ask("GET", "/people/{id}", {"id": a.person()}, who=a.who(), browser=True)


def static(a: Asking) -> Ask:
    name = a.chance.choice(["style.css", "mark.svg", "none.css"])
    return Ask("GET", "/static/{digest}/{name}", {"digest": "0", "name": name}, who=a.who())


def sign_in_page(a: Asking) -> Ask:
    return Ask("GET", "/sign-in", params=(("next", "/?q=canary"),), who=a.who(), browser=True)


def sign_in(a: Asking) -> Ask:
    token = a.chance.choice([Ref("token", "ada"), Ref("token", "machine"), "wk_" + a.words(2)])
    return Ask("POST", "/sign-in", form={"token": token, "next": "/?q=" + a.words(2)}, who=None)


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
    ("PUT", f"{V1}/documents/{{id}}"): (4, change_document),
    ("DELETE", f"{V1}/documents/{{id}}"): (3, delete_document),
    ("POST", f"{V1}/feedback"): (5, feedback),
    ("POST", f"{V1}/imports"): (5, hand_in),
    ("GET", f"{V1}/imports"): (2, list_imports),
    ("GET", f"{V1}/imports/{{id}}"): (3, of_import("")),
    ("GET", f"{V1}/imports/{{id}}/items"): (3, of_import("/items")),
    ("GET", f"{V1}/imports/{{id}}/events"): (2, of_import("/events")),
    ("GET", f"{V1}/synonyms"): (1, plain("GET", f"{V1}/synonyms")),
    ("POST", f"{V1}/synonyms"): (2, add_synonym),
    ("DELETE", f"{V1}/synonyms/{{id}}"): (1, remove_synonym),
    ("GET", "/"): (12, search_page),
    ("HEAD", "/"): (1, heads(search_page)),
    ("GET", "/documents/{id}"): (5, document_page),
    ("HEAD", "/documents/{id}"): (1, heads(document_page)),
    ("GET", "/people/{id}"): (5, person_page),
    ("HEAD", "/people/{id}"): (1, heads(person_page)),
    ("GET", "/static/{digest}/{name}"): (1, static),
    ("HEAD", "/static/{digest}/{name}"): (1, heads(static)),
    ("GET", "/sign-in"): (1, sign_in_page),
    ("POST", "/sign-in"): (1, sign_in),
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
}
"""(method, path): how often, and what asks it."""

"""Nothing that somebody writes or imports runs in a reader's browser, or calls another host.

Strings that do both where a page writes them as they are go in through every reader and through the
interface; then every page is opened in Chromium with its policies off, so that the pages themselves
are what is tested, and again with them on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx2
import pytest
from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse

from api.app import create_app
from api.auth.demo import DemoDoor
from api.services import Services
from indexer.search.query import MAX_CHARS
from knowledge import readers, reviews
from knowledge.capture import Terms
from knowledge.identity import AccountRole
from knowledge.limits import storable
from knowledge.measures.aims import GivenGoal, GivenIntervention
from knowledge.people import Profile
from knowledge.readers._attachments import embedded
from knowledge.roles import EVERYTHING
from knowledge.sites import Plan
from knowledge.types import (
    EVERYONE,
    OPERATOR,
    Audience,
    Contributor,
    Kind,
    Link,
    Principal,
    Role,
    Scope,
    SourceDocument,
)
from tests.browser.injecting import variants
from tests.browser.payloads import payloads
from tests.browser.support import CHROMIUM, browser, running
from tests.browser.teaching import review, teach
from tests.browser.watching import Watch
from tests.builders import settings, wired
from tests.contracts.test_readers import sample
from tests.invariants.asking import every_route
from tests.measured import LAST, published

pytest.importorskip("playwright", reason="playwright is not installed: make setup")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}"),
]
STRINGS = payloads(1000)
# Of the strings put into a sample, as many must be in what its reader makes of it.
SURVIVE = 150
MACHINES = ("/api/", "/docs/", "/static/", "/widget/", "/livez", "/readyz", "/metrics")
# Strings in one question.
_ASKED = 3


@dataclass
class Place:
    """A running service full of them. ``written``: the documents that hold each once or more in
    everything that they are made of."""

    address: str
    app: FastAPI
    written: list[int]
    documents: list[int] = field(default_factory=list)
    people: list[int] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    questions: list[int] = field(default_factory=list)
    meetings: list[int] = field(default_factory=list)
    sites: list[int] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    topics: list[int] = field(default_factory=list)
    reviews: list[int] = field(default_factory=list)


def written(number: int, told: str, other: str) -> SourceDocument:
    """A document with two strings in everything that it holds."""
    kind = list(Kind)[number % len(Kind)]
    line, beside = " ".join(told.split()), " ".join(other.split())
    if kind is Kind.TRANSCRIPT:
        body = f"**{beside[:90]}:** \\[00:01\\] {other}\n\n"
        body += f"**{line[:90]}:** \\[00:03\\] Kiln {told}\n\n**Ada Field:** \\[00:09\\] {told}\n"
    else:
        body = (
            f"Kiln {other}\n\n## {other}\n\n[{beside}]({beside}) ![{beside}](<{beside}>)\n\n"
            f"Kiln {told}\n\n# {told}\n\n[link {line}]({line}) [so](<{line}>) [ref][r{number}]\n\n"
            f"![alt {line}]({line}) ![so](<{line}> '{line}') ![ref][r{number}]\n\n"
            f"<{line}>\n\n`{line}`\n\n```{line}\n{told}\n```\n\n| {line} |\n|---|\n| {line} |\n\n"
            f"- {told}\n\n> {told}\n\n[r{number}]: {line}\n"
        )
    name = line[:200]
    return SourceDocument(
        source=name,
        external_id=line[:400],
        title=told.replace("\n", " ")[:300],
        body=body,
        kind=kind,
        url=line if number % 2 else f"https://wiki.example/{line}",
        contributors=(
            Contributor(name, Role.AUTHOR, handle=name, label=line[:90]),
            Contributor(beside[:200], Role.EDITOR, handle=beside[:200], label=beside[:90]),
            Contributor("Ada Field", Role.EDITOR, email="ada@example.org"),
        ),
        audience=Audience.of(EVERYONE),
        tags=(line[:100], beside[:100]),
        links=(Link(line[:400], line[:400]),),
        attachments=(
            embedded(f"<script>hit({number})</script>".encode(), line[:300], f"{name}.html"),
            embedded(b"<svg onload=hit(0)>", f"p{number}.png", "p.png"),
        ),
    )


def fill(services: Services, place: Path) -> tuple[dict[str, int], list[int]]:
    """Everything into a service; how many strings each reader let through, and the documents made
    of nothing else."""
    put = services.directory.put
    put(Profile("Ada Field", "ada@example.org", team="Kilns", groups=("vault",)))
    for number, told in enumerate(STRINGS[::4]):
        line = " ".join(told.split())
        put(
            Profile(
                line[:200],
                f"p{number}@example.org",
                team=line[:200],
                title=line[:200],
                handles=(("wiki", line[:200]),),
            )
        )
    kept: dict[str, int] = {}
    terms = Terms(speakers_consented=True, audience=Audience.of(EVERYONE))
    for name in readers.names():
        seen: set[str] = set()
        for documents, _ in variants(sample(name), name, STRINGS, place):
            list(services.capture.ingest(documents, terms))
            seen |= {number for one in documents for number in numbers(repr(one) + one.body)}
        kept[name] = len(seen)
    pairs = zip(STRINGS[::2], STRINGS[1::2], strict=True)
    told = [written(number, *pair) for number, pair in enumerate(pairs)]
    outcomes = list(services.capture.ingest(told, terms))
    refused = [one.reason for one in outcomes if one.reason]
    assert len(refused) < len(told) / 10, refused[:5]
    for one in STRINGS[:20]:
        services.jargon.add("kiln", " ".join(one.split())[:80], both=True)
    administer(services)
    return kept, [one.document_id for one in outcomes if one.document_id]


def administer(services: Services) -> None:
    """Let whoever looks at the pages look after everything, and have made some of it."""
    me = services.merging.find("ada@example.org")
    services.roles.grant(me, AccountRole.ADMINISTRATOR, "operator")
    for one in STRINGS[::50]:
        line = " ".join(one.split())
        services.roles.grant(me, AccountRole.CURATOR, "operator", source=line[:150])
        services.roles.grant(me, AccountRole.CURATOR, "operator", topic=line[:150])
        services.tokens.create_own(me, line[:200], [Scope.SEARCH])
        services.sites.create(Plan(line[:200], ("https://a.example",)), "operator")
    pairs = services.merging.review(limit=5)
    for pair in pairs[:2]:
        services.merging.merge(pair.kept.id, pair.other.id, force=True)


def numbers(text: str) -> set[str]:
    """Which strings a text holds."""
    found = re.findall(r"hit\((\d+)\)|evil\.example/(\d+)", text.replace("\\", ""))
    return {one or other for one, other in found}


def through_the_interface(address: str) -> None:
    """Write, import and judge with strings as a program would."""
    with httpx2.Client(base_url=f"{address}/api/v1") as client:
        for told in STRINGS[::10]:
            body = {"title": told[:300], "body": told, "tags": [told[:100]], "kind": "note"}
            made = client.post("/documents", json=body)
            assert made.status_code in (201, 422), made.text
        for told in STRINGS[::10]:
            begun = {"title": told[:300].replace("\n", " "), "body": told, "tags": [told[:100]]}
            made = client.post("/drafts", json=begun | {"form": "note"})
            assert made.status_code in (201, 422), made.text
        for number, told in enumerate(STRINGS[::50]):
            asked = {"title": f"{number} {told}"[:300].replace("\n", " "), "body": told, "to_id": 2}
            made = client.post("/questions", json=asked | {"query": told[:1000]})
            assert made.status_code in (201, 422), made.text
            planned = {"title": asked["title"], "description": told, "place": told[:1000]}
            made = client.post("/meetings", json=planned | {"starts_at": "2999-01-31"})
            assert made.status_code in (201, 422), made.text
        for told in STRINGS[::25]:
            form = {
                "source": told[:100],
                "url_template": f"{told[:300]}{{title}}",
                "session": f'{{"title": {httpx2.Response(200, json=told).text}}}',
            }
            file = (f"{told[:100]}.txt", "Ada Field: The kiln.\nBen Osei: It cools.\n")
            taken = client.post("/imports", data=form, files={"file": file})
            assert taken.status_code in (202, 422), taken.text
        for told in STRINGS[::50]:
            # No address begins like this, and a name may be on one line only.
            name = " ".join(told.split())[:100]
            files = {"file": (f"{name}.md", f"# {name}\n\nThe kiln.\n")}
            taken = client.post("/imports", data={"source": name}, files=files)
            assert taken.status_code in (202, 422), taken.text


def in_the_pulse(services: Services) -> None:
    """Teams, goals, what is tried and decisions, as administrators and directories name them."""
    names = [" ".join(told.split())[:150] for told in STRINGS[::25]][:50]
    teams = [f"team:{name}" for name in names if storable(name) and name]
    published(services.database, {("contributors", team): [5.0, 10.0] for team in teams})
    for team in teams:
        name = team.removeprefix("team:")
        given = GivenIntervention(name, "contributors", "2026-06", (team,))
        services.interventions.create(given, OPERATOR, EVERYTHING)
        goal = GivenGoal("contributors", team, 5.0, "2027-01")
        services.goals.create(goal, OPERATOR, EVERYTHING)
        plan = reviews.Plan(name, LAST, "contributors", team)
        services.reviews.decide("2026-05", plan, Principal(1), EVERYTHING)


@pytest.fixture(scope="module")
def kept(engine: str) -> dict[str, int]:
    """How many strings went through each reader; filled with the service."""
    return {}


@pytest.fixture(scope="module")
def place(
    tmp_path_factory: pytest.TempPathFactory, engine: str, kept: dict[str, int]
) -> Iterator[Place]:
    services = wired(settings(tmp_path_factory.mktemp("data")))
    try:
        let_through, documents = fill(services, tmp_path_factory.mktemp("samples"))
        kept |= let_through
        app = create_app(services, DemoDoor(services.database))

        @app.get("/careless")
        def careless(told: str) -> Response:
            return HTMLResponse(told)

        with running(app) as address:
            through_the_interface(address)
            while jobs := services.imports.unfinished():
                services.runner(lambda: False).run(jobs[0])
            services.topics.refresh()
            in_the_pulse(services)
            teach(services, STRINGS)
            made = whole(Place(address, app, documents))
            made.reviews += review(services, STRINGS)
            yield made
    finally:
        services.close()


def whole(made: Place) -> Place:
    """Everything there is to be opened, as the interface tells it."""
    with httpx2.Client(base_url=f"{made.address}/api/v1") as client:
        cursor: str | None = ""
        while cursor is not None:
            more = {"cursor": cursor} if cursor else {}
            told = client.get("/documents", params={"limit": 50, **more}).json()
            for one in told["documents"]:
                made.documents.append(one["id"])
            cursor = told["next_cursor"]
        people: set[int] = set()
        for key in made.documents:
            told = client.get(f"/documents/{key}").json()
            people |= {one["person_id"] for one in told["contributors"]}
            made.files += [one["url"] for one in told["files"][:1]]
        made.imports = [one["id"] for one in client.get("/imports").json()["imports"]]
        made.drafts = [one["id"] for one in client.get("/drafts").json()["drafts"]]
        made.questions = [one["id"] for one in client.get("/questions").json()["questions"]]
        made.meetings = [one["id"] for one in client.get("/meetings").json()["meetings"]]
        made.sites = [one["id"] for one in client.get("/sites").json()["sites"]]
        made.topics = [one["id"] for one in client.get("/topics").json()["topics"]]
    made.people = sorted(people)
    assert made.topics
    assert made.imports
    assert made.drafts
    assert made.questions
    assert made.meetings
    assert made.sites
    return made


@pytest.fixture(scope="module")
def chromium(engine: str) -> Iterator[Any]:
    with browser() as made:
        yield made


def pages(app: FastAPI) -> list[str]:
    """The templates of every address that a browser is led to; new ones are opened as well."""
    found = {path for method, path in every_route(app) if method == "GET"}
    return sorted(p for p in found if not p.startswith(MACHINES) and p != "/careless")


def things(place: Place, route: str) -> list[Any]:
    """The ids of what a route shows."""
    of = {
        "/documents/{id}": place.documents,
        "/people/{id}": place.people[::4],
        "/imports/{id}": place.imports,
        "/write/session/{id}": place.imports,
        "/drafts/{id}": place.drafts,
        "/questions/{id}": place.questions,
        "/sessions/{id}": place.meetings,
        "/admin/sites/{id}": place.sites,
        "/topics/{id}": place.topics,
        "/reviews/{id}": place.reviews,
        "/reviews/{id}/files/{number}": [],
    }
    # They say what the document's own page says once more, in fields and in changes.
    return place.written[::5] if route.startswith("/documents/{id}/") else of[route]


def addresses(place: Place, strings: list[str], every: int) -> Iterator[str]:
    """Every page of every thing, and every page that takes words with every string."""
    asked = ["q", "tag", "source", "team", "next", "kind", "author", "cursor", "passage", "part"]
    asked += ["find", "for", "at", "said", "query", "from", "to", "email"]
    for route in pages(place.app):
        if "{id}" in route:
            yield from (route.replace("{id}", str(key)) for key in things(place, route)[::every])
            for number, told in enumerate(strings[::50]):
                given = {asked[number % len(asked)]: told}
                first = route.replace("{id}", "1").replace("{number}", "1")
                yield f"{first}?{urlencode(given)}"
            continue
        if "{slug}" in route:
            slugs = [f"{lead}{n}" for lead in ("g", "note-g") for n in range(0, 20, every)]
            yield from (route.replace("{slug}", slug) for slug in slugs)
            continue
        if "{secret}" in route:
            # Without slashes at the end, from which the service leads to the address without.
            for told in strings[::20]:
                yield route.replace("{secret}", quote(told.rstrip("/"), safe=""))
            continue
        if "{month}" in route:
            yield route.replace("{month}", LAST)
            yield from (
                route.replace("{month}", quote(t[:40].rstrip("/"), safe="")) for t in strings[::50]
            )
            continue
        assert "{" not in route, f"say how {route} is opened"
        for number in range(0, len(strings) if route == "/" else 50, _ASKED):
            some = strings[number : number + _ASKED]
            given = {"q": f"kiln {' '.join(some)}"[:MAX_CHARS], asked[number % len(asked)]: some[0]}
            yield f"{route}?{urlencode(given if number % 2 else {'q': given['q']})}"
    for told in strings[::20]:
        yield "/" + urlencode({told: ""})[:500]


@pytest.mark.sqlite("the pages are the same on every database")
def test_nothing_runs_and_nobody_else_is_asked(
    place: Place, chromium: Any, kept: dict[str, int]
) -> None:
    assert set(kept) == set(readers.names())
    assert [f"{name}: {n}" for name, n in kept.items() if n < SURVIVE] == []
    watch = Watch(chromium, place.address, protected=False)
    for address in addresses(place, STRINGS, 1):
        watch.open(address)
    seen = watch.seen
    watch.close()
    assert seen.ran == []
    assert seen.elsewhere == []
    assert seen.danger == []
    assert seen.pages >= 1500


@pytest.mark.sqlite("the pages are the same on every database")
def test_no_page_needs_what_its_policy_forbids(place: Place, chromium: Any) -> None:
    watch = Watch(chromium, place.address, protected=True)
    for address in addresses(place, STRINGS[::20], 20):
        watch.open(address)
    seen = watch.seen
    watch.close()
    assert (seen.ran, seen.elsewhere, seen.violations, seen.danger) == ([], [], [], [])


@pytest.mark.sqlite("the pages are the same on every database")
def test_files_are_handed_over_and_run_nothing(place: Place, chromium: Any) -> None:
    assert len(place.files) > 300
    watch = Watch(chromium, place.address, protected=False)
    for address in [*place.files[::25], *(re.sub(r"\d+$", "1", one) for one in place.files[::25])]:
        watch.open(address)
    seen = watch.seen
    watch.close()
    assert (seen.ran, seen.elsewhere) == ([], [])


@pytest.mark.sqlite("the pages are the same on every database")
def test_a_careless_page_would_be_noticed_and_the_policy_would_hold(
    place: Place, chromium: Any
) -> None:
    """The strings do run and call, where a page writes them as they are: most by themselves."""
    wide = Watch(chromium, place.address, protected=False)
    for told in STRINGS[:60]:
        wide.open(f"/careless?{urlencode({'told': told})}")
    wide.page.wait_for_timeout(500)
    assert len(set(wide.seen.ran)) > 15
    assert len(set(wide.seen.elsewhere)) > 10
    assert wide.seen.danger
    wide.close()
    held = Watch(chromium, place.address, protected=True)
    for told in STRINGS[:60]:
        held.open(f"/careless?{urlencode({'told': told})}")
    held.page.wait_for_timeout(500)
    assert [one for one in held.seen.ran if not one.startswith("went to")] == []
    assert held.seen.violations
    held.close()


@pytest.mark.sqlite("the pages are the same on every database")
def test_the_description_can_be_tried_under_its_policy(place: Place, chromium: Any) -> None:
    """Swagger UI, the one page with scripts that are not ours."""
    watch = Watch(chromium, place.address, protected=True)
    watch.page.set_default_timeout(10_000)
    watch.page.goto("/docs")
    watch.page.locator(".opblock-summary-control").first.click()
    assert watch.page.locator(".opblock-body").first.inner_text()
    assert (watch.seen.violations, watch.seen.elsewhere) == ([], [])
    watch.close()

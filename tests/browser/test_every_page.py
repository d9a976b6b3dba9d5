"""Every page that is served, also those that come later: in light and dark, narrow and wide, large
and without scripts. What is on a page is tested beside it; here is what holds of all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api import routes, samples
from api.app import create_app
from api.auth.demo import COOKIE, DemoDoor
from api.auth.sealing import Seal
from api.auth.serving import ServeDoor
from api.mail import links
from api.routes import V1
from api.services import Services
from knowledge.drafting import Form
from knowledge.drafts import draft
from knowledge.mail_settings import MailSettings
from knowledge.measures.aims import GivenGoal, GivenIntervention
from knowledge.notices import Matter
from knowledge.reviews import Plan
from knowledge.roles import EVERYTHING
from knowledge.store import access, people
from knowledge.types import Kind
from tests.browser.support import CHROMIUM, STATES, browser, running
from tests.builders import settings
from tests.conftest import missing
from tests.measured import Figures, published

pytest.importorskip("playwright", reason="playwright is not installed: make setup")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.sqlite("pages are what is tested"),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}"),
]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
MACHINES = ("/api/", "/docs", "/static/", "/widget/", "/livez", "/readyz", "/metrics")
ELSEWHERE = {
    "/sign-in/oidc": "leads to the provider at once",
    "/sign-in/oidc/callback": "leads to the page that was asked for",
    "/reviews/{id}/files/{number}": "is a picture",
}

EXPORT = ("pages.md", "# Boilers\n\nThe boiler bleeds on Mondays.", "text/markdown")
TALK = (
    "talk.vtt",
    "WEBVTT\n\n00:00.000 --> 00:04.000\nSpeaker 1: The boiler bleeds.\n\n"
    "00:04.000 --> 00:09.000\nSpeaker 2: Only on Mondays.\n",
    "text/vtt",
)


@dataclass(frozen=True)
class Site:
    """A demo of the sample company and, ``gate``, the same where people sign in."""

    address: str
    gate: str
    administrator: int
    pages: dict[str, list[str]]
    """By the route: the addresses of its pages, some of them with ``gate``'s."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    # Nothing is sent by pages; what there is to choose is shown where something would be.
    mail = MailSettings(host="mail.example.org")
    services = Services(replace(settings(tmp_path_factory.mktemp("pages")), mail=mail))
    samples.load(services, samples.folder(), lambda *_: None)
    with services.database.read() as connection:
        administrator = people.by_email(connection, samples.ADMINISTRATOR)
    assert administrator is not None
    services.topics.refresh()
    pulsing(services)
    link = services.accounts.invite(samples.ADMINISTRATOR, "operator")
    stop = links.made(Seal(services.settings.storage.data), administrator, Matter)
    demo = create_app(services, DemoDoor(services.database))
    serving = create_app(services, ServeDoor(services))
    try:
        with running(demo) as address, running(serving) as gate:
            held = _held(services, address, administrator)
            pages = _pages(held) | {
                "/sign-in": [f"{gate}/sign-in"],
                "/invitations/{secret}": [f"{gate}/invitations/{link}"],
                "/unsubscribe/{secret}": [f"{gate}/unsubscribe/{stop}"],
            }
            yield Site(address, gate, administrator, pages)
    finally:
        services.close()


def pulsing(services: Services) -> None:
    """Months with gaps, a goal, something that was tried, and decisions: one due, one of now."""
    figures: Figures = {
        "success": [0.4, 0.5, 0.45, 0.6, 0.62, 0.4],
        "answer_hours": [9.0, 8.0, None, 9.0, 10.0, 30.0],
        "comfort_asking": [3.4, 3.2, 3.1, None, None, 3.0],
        "contributors": [30.0, 35.0, 40.0, 40.0, 45.0, 45.0],
        ("contributors", "team:Platform"): [10.0, 10.0, None, 15.0, 15.0, 5.0],
        ("contributors", "team:Data"): [5.0, 5.0, 5.0, 5.0, 5.0, None],
    }
    published(services.database, figures)
    who = services.principal(samples.ADMINISTRATOR)
    goal = GivenGoal("success", "company", 0.8, "2027-01")
    tried = GivenIntervention("Demos", "contributors", "2026-04", ("team:Platform",))
    services.goals.create(goal, who, EVERYTHING)
    services.interventions.create(tried, who, EVERYTHING)
    for month, again in (("2026-05", "2026-06"), ("2026-06", "2026-09")):
        plan = Plan("Ask **more**.", again, "answer_hours")
        services.reviews.decide(month, plan, who, EVERYTHING)


@dataclass(frozen=True)
class Held:
    """What was made for pages that are about something."""

    document: int
    draft: str
    dry_run: str
    done: str
    session: str
    site: int
    transcript: int
    query: str
    passage: int
    question: int
    meeting: int
    review: int


def _held(services: Services, address: str, administrator: int) -> Held:
    cookies = {COOKIE: str(administrator)}
    with httpx2.Client(base_url=address, cookies=cookies, timeout=60) as client:

        def made(path: str, **given: Any) -> Any:
            answer = client.post(f"{V1}{path}", **given)
            assert answer.is_success, answer.text
            return answer.json()

        text: dict[str, Any] = {
            "title": "Bleed a boiler",
            "body": "# Bleeding\n\nTurn the key.",
            "kind": "writeup",
        }
        text |= {"audience": [["everyone"]]}
        document = made("/documents", json=text)["id"]
        version = client.get(f"{V1}/documents/{document}").headers["etag"]
        changed = text | {"body": "# Bleeding\n\nTurn the key slowly."}
        path = f"{V1}/documents/{document}"
        assert client.put(path, json=changed, headers={"If-Match": version}).is_success
        begun = client.post("/drafts", data={"form": "writeup", "title": "Half a thought"})
        assert begun.status_code == 303, begun.text
        runs = [
            made("/imports", data={"source": "boilers", "dry_run": flag}, files={"file": EXPORT})
            for flag in ("true", "false")
        ]
        today = {"title": "Boilers, aloud", "date": "2026-03-02", "kind": "talk", "agreed": "no"}
        form = today | {"reach": "everyone", "host": "Leila Farsi"}
        recorded = client.post("/write/session", data=form, files={"file": TALK})
        assert recorded.status_code == 303, recorded.text
        while jobs := services.imports.unfinished():
            services.runner(lambda: False).run(jobs[0])
        other = made("/sites", json={"name": "Intranet", "origins": ["https://intranet.example"]})
        found = client.get(f"{V1}/search", params={"q": "bleed a boiler"}).json()
        listed = client.get(f"{V1}/documents", params={"kind": "transcript"}).json()
        question = made("/questions", json={"title": "Who bleeds a turbine?", "body": "**Soon**."})
        wish = {"title": "Bleeding turbines", "description": "**Soon**.", "place": "Hall"}
        meeting = made("/meetings", json=wish | {"starts_at": "2999-01-31T10:00"})
        set_to = {
            "deed": "notes",
            "number": 3,
            "due": f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%d}",
        }
        made("/people/me/milestones", json=set_to)
        why = {"why": "The title says what one can do."}
        assert client.put(f"{path}/exemplar", json=why).is_success
        around = {"before": [listed["documents"][0]["id"]], "after": []}
        assert client.put(f"{path}/steps", json=around).is_success
    return Held(
        document,
        begun.headers["location"].rpartition("/")[2],
        *(run["id"] for run in runs),
        recorded.headers["location"].rpartition("/")[2],
        other["id"],
        listed["documents"][0]["id"],
        found["query_id"],
        found["answers"][0]["passage_id"],
        question["id"],
        meeting["id"],
        _review(services, administrator),
    )


def _review(services: Services, reviewer: int) -> int:
    """Somebody else's draft, that waits for a look."""
    with services.database.read() as connection:
        listed = [key for key in people.listed(connection) if key != reviewer]
        author = access.principal_of(connection, listed[0])
    text = draft(title="Bleed it", body="**Slowly**.", kind=Kind.NOTE, audience=[["everyone"]])
    kept = services.drafting.create(Form.NOTE, text, author)
    return services.reviewing.ask(kept.id, reviewer, "Is it right?", author).id


def _pages(held: Held) -> dict[str, list[str]]:
    document = f"/documents/{held.document}"
    return {
        "/": [path for name, path in STATES.items() if name not in ("missing", "malformed")],
        "/documents/{id}": [document, f"/documents/{held.transcript}?find=the"],
        "/documents/{id}/history": [f"{document}/history", f"{document}/history?from=1&to=2"],
        "/documents/{id}/replace": [f"{document}/replace?by={held.transcript}"],
        "/documents/{id}/delete": [f"{document}/delete"],
        "/documents/{id}/edit": [f"{document}/edit"],
        "/people/{id}": ["/people/1"],
        "/me": ["/me"],
        "/me/care": ["/me/care"],
        "/me/hand-over": ["/me/hand-over"],
        "/admin/hand-over": ["/admin/hand-over?person=2"],
        "/admin/health": ["/admin/health"],
        "/me/milestones": ["/me/milestones"],
        "/guides": ["/guides"],
        "/guides/{slug}": ["/guides/teach-one-thing", "/guides/give-feedback"],
        "/gallery": ["/gallery"],
        "/reviews": ["/reviews"],
        "/reviews/{id}": [f"/reviews/{held.review}"],
        "/admin/guides": ["/admin/guides"],
        "/admin/guides/{slug}": ["/admin/guides/note-trap"],
        "/topics": ["/topics"],
        "/topics/{id}": ["/topics/1"],
        "/feedback": [
            "/feedback?said=yes",
            f"/feedback?query_id={held.query}&helpful={held.passage}",
        ],
        "/write": ["/write"],
        "/write/note": ["/write/note", "/write/note?template=note-trap"],
        "/write/quick": ["/write/quick?about=boilers"],
        "/write/writeup": ["/write/writeup"],
        "/write/session": ["/write/session"],
        "/write/session/{id}": [f"/write/session/{held.session}"],
        "/drafts": ["/drafts"],
        "/drafts/{id}": [f"/drafts/{held.draft}"],
        "/ask": ["/ask", "/ask?q=bleed+a+boiler", "/ask?to=1&q=boilers"],
        "/questions": ["/questions"],
        "/questions/{id}": [f"/questions/{held.question}"],
        "/sessions": ["/sessions", "/sessions?box=past"],
        "/sessions/new": ["/sessions/new", "/sessions/new?wish=yes&title=Boilers"],
        "/sessions/{id}": [f"/sessions/{held.meeting}"],
        "/imports": ["/imports"],
        "/imports/new": ["/imports/new"],
        "/imports/{id}": [f"/imports/{held.dry_run}", f"/imports/{held.done}"],
        "/admin/people": ["/admin/people"],
        "/admin/people/merge": ["/admin/people/merge?kept=1&gone=2"],
        "/admin/sources": ["/admin/sources"],
        "/admin/leaving": ["/admin/leaving", "/admin/leaving?person=1"],
        "/admin/roles": ["/admin/roles"],
        "/admin/tokens": ["/admin/tokens"],
        "/admin/sites": ["/admin/sites"],
        "/admin/sites/{id}": [f"/admin/sites/{held.site}"],
        "/admin/synonyms": ["/admin/synonyms"],
        "/admin/audit": ["/admin/audit"],
        "/admin/disputes": ["/admin/disputes"],
        "/gaps": ["/gaps", "/gaps?state=closed"],
        "/pulse": ["/pulse", "/pulse?of=team%3APlatform"],
        "/pulse/answer": ["/pulse/answer"],
        "/pulse/review/{month}": ["/pulse/review/2026-05", "/pulse/review/2026-06"],
        "/account": ["/account"],
        "/account/tokens": ["/account/tokens"],
    }


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as made:
        yield made


def _opened(chromium: Any, site: Site, width: int, **given: Any) -> Any:
    view = {"width": width, "height": 800}
    context = chromium.new_context(viewport=view, base_url=site.address, **given)
    chosen = {"name": COOKIE, "value": str(site.administrator), "url": site.address}
    context.add_cookies([chosen])
    return context


def _addresses(site: Site) -> list[str]:
    return [address for found in site.pages.values() for address in found]


def test_every_page_is_looked_at(site: Site) -> None:
    served = {
        route.path
        for route in routes.all_of_them()
        if "GET" in (route.methods or ()) and not route.path.startswith(MACHINES)
    }
    assert served == site.pages.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_breaks_a_rule_is_too_wide_or_complains(
    chromium: Any, site: Site, width: int, scheme: str
) -> None:
    if not AXE.exists():
        missing("axe-core is not there: npm install --no-save axe-core@4")
    context = _opened(chromium, site, width, color_scheme=scheme)
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    axe = AXE.read_text("utf-8")
    for address in _addresses(site):
        answer = page.goto(address)
        if answer.status != 200:
            wrong.append(f"{address}: {answer.status}")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"{address}: too wide")
        page.evaluate(axe)
        broken = page.evaluate(
            f"axe.run({{runOnly: {json.dumps(RULES)}}}).then(r => r.violations.map(v => "
            "`${v.id}: ${v.nodes.map(n => n.html).slice(0, 3)}`))"
        )
        wrong += [f"{address}: {one}" for one in broken]
    context.close()
    assert not wrong, "\n".join(wrong)


def test_letters_twice_as_large_fit(chromium: Any, site: Site) -> None:
    context = _opened(chromium, site, 1280)
    page = context.new_page()
    wide = []
    for address in _addresses(site):
        page.goto(address)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        if page.evaluate("document.documentElement.scrollWidth") > 1280:
            wide.append(address)
    context.close()
    assert wide == []


def test_every_page_says_the_same_without_scripts(chromium: Any, site: Site) -> None:
    told: list[dict[str, list[str]]] = []
    for scripts in (True, False):
        context = _opened(chromium, site, 1280, java_script_enabled=scripts)
        page = context.new_page()
        said = {}
        for address in _addresses(site):
            page.goto(address)
            said[address] = page.locator("main h1, main h2").all_inner_texts()
        context.close()
        told.append(said)
    with_scripts, without = told
    assert all(headings for headings in without.values())
    missing_there = {
        address: sorted(set(without[address]) ^ set(headings))
        for address, headings in with_scripts.items()
        if set(without[address]) - set(headings)
    }
    assert missing_there == {}


def test_every_page_has_one_main_heading_a_title_and_a_language(chromium: Any, site: Site) -> None:
    context = _opened(chromium, site, 1280)
    page = context.new_page()
    titles: dict[str, str] = {}
    for address in _addresses(site):
        page.goto(address)
        assert page.locator("h1").count() == 1, address
        assert page.locator("html").get_attribute("lang") == "en"
        titles[address] = page.title()
    context.close()
    assert all(title.endswith(" – whoknows") and len(title) > 11 for title in titles.values())

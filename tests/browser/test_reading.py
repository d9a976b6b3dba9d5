"""Reading a document, meeting a colleague, and deciding about oneself: as people do it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api import samples
from api.app import create_app
from api.auth.demo import COOKIE, DemoDoor
from api.services import Services
from knowledge import readers
from knowledge.currency import Verdict
from knowledge.editing import Editor
from knowledge.identity import Objection, OfferKind
from knowledge.store import access, documents, people
from knowledge.store import appearances as store
from knowledge.types import OPERATOR, SourceDocument
from tests import builders
from tests.browser.support import CHROMIUM, browser, running

pytest.importorskip("playwright", reason="playwright is not installed: make setup")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}"),
]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TALK, WRITEUP, NOTE = "Radio in cellars", "Restoring a backup", "Prove a restore"


class Place:
    """The sample company, in which some things were said; ids by the beginning of a title."""

    def __init__(self, services: Services, address: str) -> None:
        self.services = services
        self.address = address
        with services.database.read() as connection:
            held = documents.load_all(connection, OPERATOR)
            leila = people.by_email(connection, samples.ADMINISTRATOR)
        assert leila is not None
        self.leila = leila
        self._titles = {document.title: key for key, document in held.items()}

    def id(self, title: str) -> int:
        return next(key for whole, key in self._titles.items() if whole.startswith(title))

    def say(self) -> None:
        """Of each thing that pages show, one."""
        services, today = self.services, datetime.now(UTC)
        with services.database.read() as connection:
            admin = Editor(access.principal_of(connection, self.leila), True)
            reader = access.principal_of(connection, 1)
            held = documents.get(connection, self.id(WRITEUP), OPERATOR)
            maker = access.principal_of(connection, held.contributions[0].person_id)
        services.keeping.judge(self.id(WRITEUP), Verdict.VERIFIED, admin)
        services.keeping.judge(self.id(NOTE), Verdict.OUTDATED, admin)
        services.keeping.doubt(self.id(TALK), reader, "The repeaters are new.")
        services.privacy.object_to(maker, self.id(WRITEUP), Objection.OUTDATED)
        for kind, topic in zip(OfferKind, ("Reading a Heron's log", "SQL"), strict=True):
            services.offers.add(self.leila, kind, topic)
        with services.database.write() as connection:
            store.add(connection, f"{today:%Y-%m-%d}", {self.leila: 3})
        found = services.editing.show(self.id(WRITEUP), admin)
        items = readers.read_export(samples.folder() / "handbook", source="handbook")
        wanted = [one for one in items if getattr(one, "title", "") == found.document.title]
        assert isinstance(wanted[0], SourceDocument)
        body = wanted[0].body.replace("14 days", "30 days")
        list(services.capture.ingest([replace(wanted[0], body=body)]))
        services.keeping.judge(self.id(WRITEUP), Verdict.VERIFIED, admin)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[Place]:
    services = Services(builders.settings(tmp_path_factory.mktemp("demo")))
    samples.load(services, samples.folder(), lambda *_: None)
    try:
        with running(create_app(services, DemoDoor(services.database))) as address:
            made = Place(services, address)
            made.say()
            yield made
    finally:
        services.close()


@pytest.fixture(scope="module")
def chromium(engine: str) -> Iterator[Any]:
    with browser() as made:
        yield made


def opened(chromium: Any, place: Place, **more: Any) -> Iterator[Any]:
    """A page of the administrator on which every message and request elsewhere is a failure."""
    size = {"width": 1280, "height": 900}
    context = chromium.new_context(viewport=size, base_url=place.address, **more)
    context.add_cookies([{"name": COOKIE, "value": str(place.leila), "url": place.address}])
    made = context.new_page()
    made.set_default_timeout(10_000)
    wrong: list[str] = []
    made.on("console", lambda message: wrong.append(message.text))
    made.on("pageerror", lambda error: wrong.append(str(error)))
    made.on(
        "request",
        lambda asked: None if asked.url.startswith(place.address) else wrong.append(asked.url),
    )
    yield made
    context.close()
    assert [text for text in wrong if "status of 4" not in text] == []


@pytest.fixture
def page(chromium: Any, place: Place) -> Iterator[Any]:
    yield from opened(chromium, place)


@pytest.fixture
def plain(chromium: Any, place: Place) -> Iterator[Any]:
    """The same without scripts."""
    yield from opened(chromium, place, java_script_enabled=False)


def seen(page: Any, what: Any) -> bool:
    """Whether something stands within the window."""
    box = what.bounding_box()
    return bool(box) and 0 <= box["y"] < page.viewport_size["height"]


def test_a_search_leads_to_the_moment_of_a_recording(page: Any) -> None:
    page.goto("/?q=two+bars+is+workable&kind=transcript")
    page.locator(".answers h3 a").first.click()
    page.wait_for_url("**/documents/*passage=*")
    wanted = page.locator(".turn.wanted")
    assert "Two bars" in " ".join(wanted.all_inner_texts())
    assert seen(page, wanted.first)
    moment = wanted.locator("a.at").first
    moment.click()
    page.wait_for_url("**at=*")
    assert page.locator(".turn.wanted").count() == 1
    assert seen(page, page.locator(".turn.wanted"))
    page.reload()
    assert seen(page, page.locator(".turn.wanted"))


def test_a_question_for_people_leads_to_what_they_said_and_wrote(page: Any) -> None:
    page.goto("/?q=who+knows+about+restoring+a+backup")
    name = page.locator(".people h3 a").first
    called = name.inner_text()
    name.click()
    page.wait_for_url("**/people/*")
    assert page.locator("h1").inner_text() == called
    first = page.locator(".knows details").first
    assert not first.locator(".evidence").is_visible()
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    link = first.locator(".cite a").first
    title = link.inner_text()
    link.click()
    page.wait_for_url("**/documents/*passage=*")
    assert page.locator("h1").inner_text() == title
    assert seen(page, page.locator(".wanted").first)


def test_what_is_looked_for_is_drawn_beside_the_text(page: Any, place: Place) -> None:
    page.goto(f"/documents/{place.id(WRITEUP)}")
    assert page.locator(".minimap").count() == 0
    page.fill("#find", "restore")
    page.keyboard.press("Enter")
    page.wait_for_url("**find=restore")
    marks = page.locator(".text-of mark")
    assert marks.count() > 3
    assert page.locator(".minimap rect").count() == marks.count()
    height = page.evaluate("innerHeight")
    page.emulate_media(reduced_motion="reduce")
    page.mouse.click(1278, height - 4)
    assert page.evaluate("scrollY") > 300
    page.locator(".places a").last.click()
    page.wait_for_url("**passage=*")
    assert seen(page, page.locator(".wanted").first)


def tab_to(page: Any, name: str) -> None:
    """Go on by the keyboard until something of this name has the focus."""
    for _ in range(150):
        page.keyboard.press("Tab")
        told = page.evaluate("document.activeElement.innerText || document.activeElement.id")
        if told.strip().startswith(name):
            return
    raise AssertionError(f"no key leads to {name}")


def test_the_keyboard_alone_judges_a_text_and_decides_about_oneself(
    page: Any, place: Place
) -> None:
    page.goto(f"/documents/{place.id(NOTE)}")
    tab_to(page, "why")
    page.keyboard.type("Just what I needed")
    tab_to(page, "It helped")
    page.keyboard.press("Enter")
    page.wait_for_url("**said=helped*")
    assert page.locator("#judging [role=status]").inner_text().startswith("Thank you.")
    page.goto("/me")
    tab_to(page, "Hide")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**said=objected*")
    assert page.get_by_text("You hide it").count() == 1
    tab_to(page, "Take that back")
    page.keyboard.press("Enter")
    page.wait_for_url("**said=withdrawn*")
    assert page.get_by_text("You hide it").count() == 0


def test_everything_is_read_and_decided_without_scripts(plain: Any, place: Place) -> None:
    plain.goto(f"/documents/{place.id(NOTE)}")
    plain.fill("#find", "newest row")
    plain.get_by_role("button", name="Find").click()
    assert plain.locator(".places a").count() >= 1
    assert plain.locator(".text-of mark").count() >= 1
    plain.fill("#doubt", "The meter is another one")
    plain.get_by_role("button", name="This may be outdated").click()
    assert "You said that this may be outdated" in plain.locator("#judging").inner_text()
    plain.get_by_role("button", name="Take that back").click()
    plain.get_by_role("button", name="It holds: verify it").click()
    assert plain.locator(".holds").inner_text().startswith("Verified")
    plain.goto(f"/documents/{place.id(WRITEUP)}")
    plain.get_by_role("link", name="What changed").click()
    assert plain.locator("del", has_text="14").count() == 1
    assert plain.locator("ins", has_text="30").count() == 1
    plain.goto("/me")
    plain.fill("#topic", "Telling a story")
    plain.get_by_role("button", name="Add it").click()
    assert "Telling a story" in plain.locator("#offers").inner_text()
    plain.goto("/admin/disputes")
    plain.get_by_role("button", name="Settled").click()
    assert "It is settled." in plain.locator("main").inner_text()
    place.say()


def states(place: Place) -> list[str]:
    writeup, talk = place.id(WRITEUP), place.id(TALK)
    return [
        f"/documents/{writeup}",
        f"/documents/{writeup}?find=restore",
        f"/documents/{writeup}?find=zeppelin",
        f"/documents/{writeup}?find=%3F",
        f"/documents/{writeup}?said=helped",
        f"/documents/{writeup}/history",
        f"/documents/{talk}/history",
        f"/documents/{writeup}/delete",
        f"/documents/{talk}?at=60",
        f"/documents/{place.id(NOTE)}",
        f"/people/{place.leila}",
        "/people/2?kind=note",
        "/me",
        "/me?said=consents",
        "/admin/disputes",
        "/?q=how+do+I+restore+a+backup",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: npm install axe-core")
def test_no_rule_of_wcag_is_broken(page: Any, place: Place, width: int, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    tags = json.dumps(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    for address in states(place):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
        page.evaluate(AXE.read_text("utf-8"))
        broken = page.evaluate(
            f"axe.run({{runOnly: {tags}}}).then(r => r.violations.map(v => "
            "`${v.id}: ${v.nodes.map(n => n.html).slice(0, 3)}`))"
        )
        assert broken == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_what_to_read_first_is_picked_by_title(page: Any, plain: Any, place: Place) -> None:
    at = f"/documents/{place.id(WRITEUP)}"
    page.goto(at)
    page.locator("#steps summary").click()
    page.locator("#before-0").press_sequentially("prove a rest")
    page.locator("#titles option").first.wait_for(state="attached")
    (title,) = page.locator("#titles option").evaluate_all("all => all.map(one => one.value)")
    assert title.startswith(NOTE)
    page.fill("#before-0", title)
    page.locator("#steps").get_by_role("button", name="Save").click()
    page.wait_for_url("**said=steps*")
    assert page.get_by_role("link", name=title).first.is_visible()
    # Without scripts the whole title is typed; nothing is suggested, and nothing else differs.
    plain.goto(at)
    plain.locator("#steps summary").click()
    assert plain.locator("#before-0").input_value() == title
    plain.fill("#before-0", "")
    plain.fill("#after-0", title.upper())
    plain.locator("#steps").get_by_role("button", name="Save").click()
    plain.wait_for_url("**said=steps*")
    plain.locator("#steps summary").click()
    assert plain.locator("#before-0").input_value() == ""
    assert plain.locator("#after-0").input_value() == title

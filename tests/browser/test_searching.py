"""The search box and the page of a search with scripts: suggestions, keys, verdicts, coming
back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from api.app import create_app
from api.auth.demo import DemoDoor
from api.services import Services
from knowledge.capture import Terms
from knowledge.people import Profile
from knowledge.store.tables import feedback
from knowledge.types import EVERYONE, Audience
from tests.browser.support import AXE, CHROMIUM, TAGS, browser, running
from tests.browser.widgets import company
from tests.builders import document, opened

pytest.importorskip("playwright", reason="playwright is not installed: make setup")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(60),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}"),
    pytest.mark.sqlite("the browser is what is tested"),
]
HELPFUL = re.compile("^Helpful")
LANTERN = "/?q=trim+the+lantern"


@dataclass(frozen=True)
class Place:
    """A service in which the visitor is Ada."""

    services: Services
    address: str

    def said(self) -> list[tuple[str, str]]:
        """The verdicts that were kept, with their reasons."""
        with self.services.database.read() as connection:
            rows = connection.execute(select(feedback.c.verdict, feedback.c.reason))
            return [tuple(row) for row in rows]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with opened(tmp_path_factory.mktemp("data")) as services:
        services.directory.put(Profile("Ada Field", "ada@example.org", team="Watch"))
        services.directory.put(Profile("Ben Osei", "ben@example.org"))
        more = document("tide", "The tide table hangs by the lantern.", tags=("tides", "lantern"))
        terms = Terms(speakers_consented=True, audience=Audience.of(EVERYONE))
        list(services.capture.ingest([*company(), more], terms))
        with running(create_app(services, DemoDoor(services.database))) as address:
            yield Place(services, address)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as made:
        yield made


@pytest.fixture
def page(chromium: Any, place: Place) -> Iterator[Any]:
    """A page on which every message and every request elsewhere is a failure."""
    context = chromium.new_context(base_url=place.address)
    context.set_default_timeout(8000)
    made = context.new_page()
    wrong: list[str] = []
    made.on("console", lambda message: wrong.append(message.text))
    made.on("pageerror", lambda error: wrong.append(str(error)))
    yield made
    context.close()
    assert [text for text in wrong if "Failed to load resource" not in text] == []


def box(page: Any) -> Any:
    """The search box; there are other comboboxes, as who to be in the demo."""
    return page.get_by_role("combobox", name="Your question")


def suggested(page: Any) -> list[str]:
    page.locator(".suggested [role=option]").first.wait_for()
    return [str(one) for one in page.locator(".suggested [role=option]").all_inner_texts()]


# Suggestions


def test_titles_colleagues_and_topics_are_suggested(page: Any) -> None:
    page.goto("/")
    page.keyboard.type("be")
    assert suggested(page) == ["Ben Osei\nColleague"]
    field = box(page)
    assert field.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    active = page.locator(f"#{field.get_attribute('aria-activedescendant')}")
    assert active.get_attribute("aria-selected") == "true"
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/*")
    field = box(page)
    field.fill("trimming")
    assert suggested(page) == ["Trimming a lantern\nDocument"]
    page.locator(".suggested [role=option]").click()
    page.wait_for_url("**/documents/*")


def test_a_topic_is_asked_for_within_the_same_limits(page: Any) -> None:
    page.goto(f"{LANTERN}&kind=writeup")
    box(page).fill("tides")
    assert suggested(page) == ["tides\nTopic"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=tides&kind=writeup")


def test_escape_and_leaving_close_it_and_enter_searches(page: Any) -> None:
    page.goto("/")
    page.keyboard.type("lan")
    suggested(page)
    page.keyboard.press("Escape")
    assert page.locator(".suggested").is_hidden()
    assert box(page).input_value() == "lan"
    assert box(page).get_attribute("aria-expanded") == "false"
    page.keyboard.press("ArrowDown")
    suggested(page)
    page.keyboard.press("Tab")
    assert page.locator(".suggested").is_hidden()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=lan")


def test_an_older_suggestion_never_replaces_a_newer_one(page: Any) -> None:
    page.goto("/")
    held: list[Any] = []
    page.route(re.compile(r"/suggest\?.*q=be$"), lambda route: [held.append(route)])
    field = box(page)
    with page.expect_request(re.compile(r"q=be$")):
        field.fill("be")
    field.fill("trimming")
    assert suggested(page) == ["Trimming a lantern\nDocument"]
    for route in held:
        route.continue_()
    page.wait_for_timeout(200)
    assert suggested(page) == ["Trimming a lantern\nDocument"]


def test_what_was_asked_is_kept_here_alone_and_can_be_forgotten(page: Any) -> None:
    sent: list[str] = []
    for number in range(10):
        page.goto(f"/?q=lantern+{number}")
    page.on("request", lambda request: [sent.append(request.url)])
    page.goto("/")
    box(page).click()
    told = suggested(page)
    assert told == [f"lantern {number}\nAsked before" for number in range(9, 1, -1)]
    assert not [url for url in sent if "lantern" in url]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=lantern+9")
    box(page).fill("")
    suggested(page)
    page.get_by_role("button", name="Forget what I asked before").click()
    assert page.evaluate("localStorage.length") == 0
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("ArrowDown")
    assert page.locator(".suggested").is_hidden()


def test_where_nothing_can_be_kept_nothing_is_missing(page: Any) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('private'); } })"
    )
    page.goto(LANTERN)
    box(page).fill("tri")
    assert suggested(page) == ["Trimming a lantern\nDocument"]
    page.keyboard.press("Escape")
    page.locator("h1").evaluate("one => document.activeElement.blur()")
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()


# Keys


def focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('href')"))


def test_keys_move_open_and_come_back(page: Any) -> None:
    page.goto(LANTERN)
    links = page.locator(".results h3 a").evaluate_all(
        "all => all.map(a => a.getAttribute('href'))"
    )
    assert len(links) > 3
    for key, at in (("j", 0), ("j", 1), ("k", 0), ("k", 0), *[("j", n) for n in (1, 2)]):
        page.keyboard.press(key)
        assert focused(page) == links[at]
    page.keyboard.press("Enter")
    page.wait_for_url("**/documents/*")
    page.go_back()
    page.wait_for_url(f"**{LANTERN}")
    page.wait_for_function(
        "start => document.activeElement.getAttribute('href').startsWith(start)",
        # Each search has a name of its own.
        arg=links[2].partition("&")[0],
    )
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("j/?")
    assert box(page).input_value() == "j/?"
    assert page.locator("dialog").count() == 0


def test_the_keys_are_told_and_can_be_switched_off(page: Any) -> None:
    page.goto(LANTERN)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    assert "next answer or colleague" in dialog.inner_text()
    assert page.evaluate("document.activeElement.textContent") == "Close"
    page.keyboard.press("Escape")
    page.locator("dialog").wait_for(state="detached")
    page.get_by_role("button", name="Keys").click()
    dialog.get_by_label("Use these keys").uncheck()
    dialog.get_by_role("button", name="Close").click()
    page.locator("dialog").wait_for(state="detached")
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("?")
        assert page.locator("dialog").count() == 0
        assert page.evaluate("document.activeElement.closest('.results')") is None
        page.reload()
    page.get_by_role("button", name="Keys").click()
    dialog.get_by_label("Use these keys").check()
    page.keyboard.press("Escape")
    page.locator("dialog").wait_for(state="detached")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('.results') !== null")


# What is under way, and what is said of it


def test_a_search_under_way_is_said(page: Any) -> None:
    page.goto("/")
    # While a page is left nobody can look at it: so it stays.
    page.evaluate("() => { addEventListener('submit', event => event.preventDefault()) }")
    page.keyboard.type("lantern")
    page.keyboard.press("Enter")
    page.locator("main[aria-busy=true]").wait_for()
    assert page.locator(".box > button").inner_text() == "Searching…"
    assert "Searching…" in page.locator("form [role=status]").all_inner_texts()
    page.evaluate("() => { dispatchEvent(new Event('pageshow')) }")
    assert page.locator(".box > button").inner_text() == "Search"
    assert page.locator("main[aria-busy=true]").count() == 0


def test_verdicts_are_taken_in_place_by_keyboard(page: Any, place: Place) -> None:
    page.goto(LANTERN)
    place.services.queries.flush()
    before = len(place.said())
    helpful = page.get_by_role("button", name=HELPFUL).first
    helpful.focus()
    page.keyboard.press("Enter")
    page.get_by_text("Thank you.").wait_for()
    assert page.evaluate("document.activeElement.textContent").startswith("Thank you.")
    wrong = page.get_by_role("button", name="Not helpful").first
    wrong.focus()
    page.keyboard.press("Enter")
    page.keyboard.type("on the wrong tower")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.name") == "not_helpful"
    page.keyboard.press("Enter")
    page.keyboard.type("too old")
    page.keyboard.press("Enter")
    page.get_by_text("Thank you.").nth(1).wait_for()
    page.get_by_role("button", name="Not the right person – Ben Osei").click()
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Thank you.").nth(2).wait_for()
    assert place.said()[before:] == [
        *(("helpful", ""), ("not_helpful", "too old"), ("wrong_person", ""))
    ]
    assert page.url.endswith(LANTERN)


def test_a_verdict_that_was_not_kept_can_be_said_again(page: Any, place: Place) -> None:
    page.goto(LANTERN)
    place.services.queries.flush()
    page.route("**/api/v1/feedback", lambda route: route.abort())
    page.get_by_role("button", name=HELPFUL).first.click()
    page.get_by_text("That was not kept.").wait_for()
    page.unroute("**/api/v1/feedback")
    page.get_by_role("button", name=HELPFUL).first.click()
    page.get_by_text("Thank you.").wait_for()


def test_without_scripts_all_of_it_works(chromium: Any, place: Place) -> None:
    context = chromium.new_context(base_url=place.address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Your question").fill("trim the lantern")
    page.get_by_role("button", name="Search").click()
    assert page.get_by_role("button", name="Keys").count() == 0
    place.services.queries.flush()
    before = len(place.said())
    page.get_by_role("button", name="Not helpful").first.click()
    page.get_by_label("Why?").fill("too short")
    page.get_by_role("button", name="Say so").click()
    assert page.get_by_role("heading", name="Thank you").count() == 1
    page.get_by_role("link", name="Back to the answers").click()
    assert page.url == f"{place.address}{LANTERN}"
    assert place.said()[before:] == [("not_helpful", "too short")]
    context.close()


# For everybody


def test_a_phone_has_one_row_for_who_one_is_and_one_for_the_question(page: Any) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(LANTERN)
    middles = {
        round(page.locator(name).evaluate(MIDDLE))
        for name in (".brand", ".site .button", ".site summary")
    }
    assert len(middles) == 1
    assert page.locator(".top .search").evaluate(MIDDLE) > middles.pop() + 30
    assert page.get_by_role("link", name="Share what you know").count() == 1


MIDDLE = "one => one.getBoundingClientRect().top + one.getBoundingClientRect().height / 2"


def show(page: Any, state: str) -> None:
    page.goto(LANTERN)
    if state == "suggestions":
        box(page).fill("")
        suggested(page)
        page.keyboard.press("ArrowDown")
    elif state == "keys":
        page.keyboard.press("?")
    elif state == "reason":
        page.get_by_role("button", name="Not helpful").first.click()
    elif state == "thanks":
        page.get_by_role("button", name=HELPFUL).first.click()
        page.locator(".verdicts [role=status]:not(:empty)").wait_for()
    elif state == "feedback":
        form = page.locator("#verdict [name=query_id]").input_value()
        passage = page.locator("[name=helpful]").first.get_attribute("value")
        page.goto(f"/feedback?query_id={form}&not_helpful={passage}&next=%2F")
    elif state == "said":
        page.goto("/feedback?said=yes&next=%2F")


STATES = ("suggestions", "keys", "reason", "thanks", "feedback", "said")


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: npm install axe-core")
def test_no_state_breaks_a_rule_of_wcag(page: Any, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 700})
    for state in STATES:
        show(page, state)
        page.evaluate(AXE.read_text("utf-8"))
        found = "r => r.violations.map(v => `${v.id} ${v.nodes.map(n => n.html)}`)"
        assert page.evaluate(f"axe.run({{runOnly: {TAGS}}}).then({found})") == [], state
        assert page.evaluate("document.documentElement.scrollWidth") <= width, state

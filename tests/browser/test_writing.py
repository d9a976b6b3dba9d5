"""Writing as people do it: with the keyboard, on a small screen, without scripts, and with tabs
that die while they type."""

from __future__ import annotations

import contextlib
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.auth.demo import DemoDoor
from api.services import Services
from knowledge import drafts
from knowledge.drafting import Form
from knowledge.editing import Editor
from knowledge.people import Profile
from tests.browser.support import CHROMIUM, browser, running
from tests.builders import document, settings, wired

pytest.importorskip("playwright", reason="playwright is not installed: make setup")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}"),
    pytest.mark.sqlite("the pages are the same on every database"),
]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SAVED = ".saving [role=status]:text-is('Saved')"
# One pixel.
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5Erk"
    "Jggg=="
)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[Services]:
    """Ada, who comes first, Ben, and two documents of hers."""
    made = wired(settings(tmp_path_factory.mktemp("data")))
    for name in ("Ada Field", "Ben Osei"):
        made.directory.put(Profile(name, f"{name[:3].lower()}@example.org", groups=("ops",)))
    held = [
        document(key, f"Open the damper of the kiln a finger wide. {key}", tags=("kilns",))
        for key in ("one", "two")
    ]
    list(made.capture.ingest(held))
    yield made
    made.close()


@pytest.fixture(scope="module")
def site(services: Services) -> Iterator[str]:
    with running(create_app(services, DemoDoor(services.database))) as address:
        yield address


@pytest.fixture(scope="module")
def chromium(engine: str) -> Iterator[Any]:
    with browser() as made:
        yield made


@pytest.fixture
def context(chromium: Any, site: str, services: Services) -> Iterator[Any]:
    """A browser in which every message and violation is a failure; with no draft yet."""
    ada = services.principal("ada@example.org")
    for one in services.drafting.listed(ada):
        services.drafting.delete(one.id, ada)
    made = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=site)
    wrong: list[str] = []
    made.set_default_timeout(30_000)
    made.on("console", lambda message: wrong.append(message.text))
    made.on("weberror", lambda error: wrong.append(str(error.error)))
    yield made
    made.close()
    # Chromium says of every answer with such a status that it failed to load, and of a network
    # that was taken away.
    expected = ("status of 4", "ERR_INTERNET_DISCONNECTED")
    assert [text for text in wrong if not any(one in text for one in expected)] == []


@pytest.fixture
def page(context: Any) -> Any:
    return context.new_page()


def write(page: Any, title: str = "Cool a kiln slowly", thing: str = "Open the damper.") -> None:
    page.goto("/write/note")
    page.fill("#title", title)
    page.locator("#thing").press_sequentially(thing)
    page.wait_for_selector(SAVED)
    page.wait_for_url("**/drafts/*")


def found(page: Any, query: str) -> list[str]:
    page.goto(f"/?q={query}")
    titles: list[str] = page.locator(".answers h3").all_inner_texts()
    return titles


def test_a_note_is_written_published_and_found_by_the_next_search(page: Any) -> None:
    write(page, "Fire a kiln at dawn", "Light it before sunrise, when the gas is steady.")
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/documents/*")
    assert page.locator("h1").inner_text() == "Fire a kiln at dawn"
    assert page.evaluate("localStorage.length") == 0
    assert "Fire a kiln at dawn" in found(page, "light it before sunrise")


def test_a_note_is_written_with_the_keyboard_alone(page: Any) -> None:
    page.goto("/write/note")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "title":
            break
    page.keyboard.type("Glaze in thin layers")
    page.keyboard.press("Tab")
    page.keyboard.type("Two thin coats hold, one thick coat runs.")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "publish":
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/documents/*")
    assert "Glaze in thin layers" in found(page, "two thin coats hold")


def test_a_note_is_written_without_scripts(chromium: Any, site: str) -> None:
    context = chromium.new_context(java_script_enabled=False, base_url=site)
    page = context.new_page()
    page.goto("/write")
    page.get_by_role("link", name="Teach one thing").click()
    page.fill("#title", "Stack shelves upside down")
    page.fill("#thing", "The heaviest pots stand on the lowest shelf.")
    page.get_by_role("button", name="Save draft").click()
    assert "Saved." in page.inner_text(".notice")
    assert "Add one example" in page.inner_text(".hints")
    page.get_by_role("button", name="Preview").click()
    assert "lowest shelf" in page.inner_text(".preview .prose")
    page.get_by_role("button", name="Publish").click()
    assert page.locator("h1").inner_text() == "Stack shelves upside down"
    context.close()


def test_two_lines_and_who(page: Any) -> None:
    page.goto("/write/quick?about=Why%20does%20the%20kiln%20tick%3F")
    assert page.input_value("#title") == "Why does the kiln tick?"
    page.fill("#thing", "The elements cool unevenly, which is harmless.")
    page.locator("#knower_name").press_sequentially("Ben")
    page.wait_for_selector("#colleagues option", state="attached")
    page.fill("#knower_name", "Ben Osei")
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/documents/*")
    assert "Ben Osei" in page.inner_text(".about")
    assert "Rough" in page.inner_text("main")


PLACED = "one => getComputedStyle(one).position"


def test_a_phone_tells_the_next_hint_above_the_buttons(page: Any) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto("/write/note")
    told = page.locator(".next-hint")
    assert "of 8 hints followed. Next: Let the title say" in told.inner_text()
    page.fill("#title", "Cool a kiln with its damper")
    page.locator(".next-hint:has-text('Next: Say the one thing')").wait_for()
    page.set_viewport_size({"width": 1280, "height": 800})
    assert told.is_hidden()


def test_a_low_window_shows_the_fields_and_not_only_the_buttons(page: Any) -> None:
    page.goto("/write/note")
    assert page.locator(".bar").evaluate(PLACED) == "sticky"
    page.set_viewport_size({"width": 640, "height": 450})
    assert page.locator(".bar").evaluate(PLACED) == "static"


def test_publishing_nothing_keeps_nothing_and_leads_to_the_field(page: Any) -> None:
    page.goto("/write/note")
    page.get_by_role("button", name="Publish").click()
    page.wait_for_selector("#title[aria-invalid=true]:focus")
    page.goto("/drafts")
    assert "Nothing yet" in page.inner_text("main")


def test_who_took_part_is_suggested(page: Any) -> None:
    page.goto("/write/session")
    page.fill("#participants", "Somebody Else")
    page.get_by_label("Find a colleague").press_sequentially("Ben")
    page.wait_for_selector("#colleagues option[value='Ben Osei']", state="attached")
    page.get_by_label("Find a colleague").fill("Ben Osei")
    page.keyboard.press("Enter")
    assert page.input_value("#participants") == "Somebody Else\nBen Osei"
    page.locator("#host").fill("Be")
    page.wait_for_selector("#hosts option[value='Ben Osei']", state="attached")


def test_hints_neighbours_and_suggestions_come_while_one_types(page: Any) -> None:
    page.goto("/write/note")
    page.fill("#title", "Cool a kiln with its damper")
    page.fill("#thing", "Open the damper of the kiln a finger wide. The QXR tells how wide.")
    page.wait_for_selector(".near li a")
    assert "Page one" in page.inner_text(".near")
    assert "QXR" in page.inner_text(".hints")
    page.get_by_role("button", name="Add the tag kilns").click()
    assert page.input_value("#tags") == "kilns"
    # What is suggested stands below its field, not over others.
    level, tags = (page.locator(f"[data-suggest={name}]") for name in ("level", "tags"))
    assert (level.evaluate(PLACED), tags.evaluate(PLACED)) == ("static", "static")
    page.locator("#thing").focus()
    page.get_by_role("button", name="Link to Page one").click()
    assert re.search(r"how wide\. \[Page one\]\(/documents/\d+\)$", page.input_value("#thing"))
    page.fill("#example", "The tall kiln, for instance.")
    page.wait_for_selector(".hints [data-about=example].done")
    assert page.locator("button[value=publish]").is_enabled()


def test_a_preview_is_what_readers_will_see(page: Any) -> None:
    write(page, thing="**Wide** <img src=x onerror=alert(1)> [in](/documents/1)")
    page.get_by_role("button", name="Preview").click()
    page.wait_for_selector(".preview:not([hidden]) strong")
    assert page.locator(".preview strong").inner_text() == "Wide"
    assert page.locator(".preview img").count() == 0
    assert page.locator(".preview a[href='/documents/1']").count() == 1
    assert page.evaluate("document.activeElement.className") == "panel preview"


PASTE = """([field, told]) => {
  const bytes = Uint8Array.from(atob(told), (c) => c.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], "kiln.png", { type: "image/png" }));
  const more = { clipboardData: data, bubbles: true, cancelable: true };
  const made = new ClipboardEvent("paste", more);
  document.querySelector(field).dispatchEvent(made);
}"""


def test_a_picture_is_pasted_and_published(page: Any) -> None:
    page.goto("/write/note")
    page.fill("#title", "See a kiln from within")
    page.locator("#thing").press_sequentially("It looks like this: ")
    page.evaluate(PASTE, ["#thing", PNG])
    page.wait_for_url("**/drafts/*")
    for _ in range(100):
        if "![kiln](picture-" in page.input_value("#thing"):
            break
        page.evaluate("new Promise(requestAnimationFrame)")
    assert re.fullmatch(
        r"It looks like this: \n\n!\[kiln\]\(picture-[^)]+\)\n\n", page.input_value("#thing")
    )
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/documents/*")
    assert page.locator(".prose img").evaluate("image => image.decode().then(() => true)")


def test_a_killed_tab_loses_nothing_that_was_typed(context: Any, services: Services) -> None:
    """Twenty times: a tab is typed into and dies at a random moment; another goes on."""
    chance = random.Random(7)
    typed, lost = "", []
    address = "/write/writeup"
    for number in range(20):
        page = context.new_page()
        page.goto(address)
        have = page.input_value("#body")
        if have != typed:
            lost.append((number, typed[len(have) :]))
        typed = have
        page.locator("#body").focus()
        page.keyboard.press("Control+End")
        for word in range(chance.randrange(2, 14)):
            told = f"w{number}.{word} "
            page.keyboard.type(told, delay=chance.choice([0, 5, 40]))
            typed += told
        if chance.random() < 0.5:
            page.wait_for_selector(SAVED)
        address = page.url
        _kill(page)
    assert lost == []
    page = context.new_page()
    page.goto(address)
    assert page.input_value("#body") == typed
    page.wait_for_url("**/drafts/*")
    page.locator("#title").fill("Kept")
    page.wait_for_selector(SAVED)
    held = services.drafting.listed(services.principal("ada@example.org"))
    bodies = [services.drafting.get(one.id, services.principal("ada@example.org")) for one in held]
    assert [one.draft.body for one in bodies if one.draft.title == "Kept"] == [typed]


def _kill(page: Any) -> None:
    """End the tab's process at once: nothing of the page runs any more.

    By the tab itself and not by a signal to every renderer there is: a spare one that dies while
    the browser hands it to the next tab leaves that tab waiting for ever.
    """
    from playwright.sync_api import Error

    # Unlike an address of the web, this one ends the page without telling it.
    with page.expect_event("crash"), contextlib.suppress(Error):
        page.goto("chrome://kill")
    page.close()


def test_what_is_typed_is_at_the_service_within_two_seconds(page: Any) -> None:
    page.goto("/write/note")
    with page.expect_response(lambda one: one.url.endswith("/drafts") and one.status == 201):
        begun = page.evaluate("performance.now()")
        page.locator("#thing").press_sequentially("Open the damper", delay=100)
    ended = page.evaluate(
        "performance.getEntriesByType('resource').find(e => e.name.endsWith('/drafts')).responseEnd"
    )
    assert ended - begun < 2000


def test_what_is_typed_without_a_network_is_kept_and_sent_later(page: Any) -> None:
    write(page)
    page.context.set_offline(True)
    page.locator("#why").press_sequentially("It cracks otherwise.")
    page.wait_for_selector(".saving [role=status]:text-is('Offline, kept on this device')")
    kept = page.evaluate("Object.values(localStorage).join()")
    assert "It cracks otherwise." in kept
    page.context.set_offline(False)
    page.wait_for_selector(SAVED)
    address = page.url
    page.goto("/write")
    page.goto(address)
    assert page.input_value("#why") == "It cracks otherwise."
    assert page.evaluate("localStorage.length") == 0


SIGN_OUT = """() => {
  localStorage.setItem("whoknows-draft:1:new-note", "{}");
  const form = document.createElement("form");
  form.setAttribute("action", "/sign-out");
  form.method = "post";
  form.addEventListener("submit", (event) => event.preventDefault());
  document.body.append(form);
  form.requestSubmit();
  return localStorage.length;
}"""


def test_whoever_signs_out_leaves_nothing_on_the_device(page: Any) -> None:
    page.goto("/")
    assert page.evaluate(SIGN_OUT) == 0


def test_two_windows_meet_in_a_choice_and_nothing_is_lost(context: Any) -> None:
    one = context.new_page()
    write(one, thing="First.")
    other = context.new_page()
    other.goto(one.url)
    one.fill("#thing", "First, mine.")
    one.wait_for_selector(".saving time:not(:empty)")
    one.keyboard.press("Control+s")
    with other.expect_response(lambda answer: answer.status == 412):
        other.fill("#thing", "First, theirs.")
    other.get_by_role("button", name="Compare the two").click()
    other.wait_for_selector(".conflict")
    assert "First, mine." in other.inner_text(".conflict")
    assert "First, theirs." in other.inner_text(".conflict")
    other.get_by_label("Both, one after the other").check()
    other.get_by_role("button", name="Keep this text").click()
    other.wait_for_url("**/drafts/*")
    assert "First, mine." in other.input_value("#thing")
    assert "First, theirs." in other.input_value("#thing")


STATES = (
    *("/write", "/write/note", "/write/quick", "/write/writeup", "/write/session", "/drafts"),
    *("DRAFT", "DRAFT?preview", "REFUSED", "MERGE", "RECORDED", "EDIT", "IMPORTED"),
)
VTT = b"WEBVTT\n\n00:01.000 --> 00:04.000\n<v Speaker 1>The kiln is cold by noon.\n"


STALE = """() => {
  const form = document.querySelector("form.compose");
  form.elements.version.value = "0";
  form.elements.before.value = "## The one thing\\n\\nBefore.";
  form.elements.thing.value = "Second.";
  form.dataset.asis = "yes";
  form.requestSubmit(form.querySelector("button[value=save]"));
}"""


def open_state(page: Any, state: str, services: Services) -> None:
    """One of the states, made as people come to it."""
    if state.startswith("/"):
        page.goto(state)
    elif state.startswith("DRAFT"):
        write(page, thing="Open the damper of the kiln a finger wide, as **always**.")
        page.goto(page.url + state.removeprefix("DRAFT"))
    elif state == "REFUSED":
        page.goto("/write/quick")
        page.fill("#thing", "Typed.")
        page.fill("#knower_name", "Zebedee")
        page.get_by_role("button", name="Publish").click()
        page.wait_for_selector(".notice.wrong")
    elif state == "MERGE":
        write(page, thing="First.")
        page.evaluate(STALE)
        page.wait_for_selector(".conflict")
    elif state == "RECORDED":
        page.goto("/write/session")
        page.set_input_files("#file", {"name": "talk.vtt", "mimeType": "text/vtt", "buffer": VTT})
        page.fill("#title", "Kiln talk")
        page.get_by_label("No, or I did not ask").check()
        page.get_by_role("button", name="Hand it in").click()
        page.wait_for_url("**/write/session/*")
        for job in services.imports.unfinished():
            services.runner(lambda: False).run(job)
        page.wait_for_selector(".heard")  # it looks again by itself
    elif state == "EDIT":
        ada = services.principal("ada@example.org")
        made = services.drafting.create(*_note(), ada)
        key = services.drafting.publish(made.id, Editor(ada))
        page.goto(f"/documents/{key}/edit")
    elif state == "IMPORTED":
        page.goto("/documents/1/edit")


def _note() -> tuple[Any, Any]:
    text = "## The one thing\n\nOpen it."
    made = drafts.draft(title="Kilns", body=text, kind=Form.NOTE.kind, audience=[["everyone"]])
    return Form.NOTE, made


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: npm install axe-core")
def test_no_rule_of_wcag_is_broken_and_nothing_is_wider_than_the_screen(
    page: Any, services: Services, scheme: str, width: int
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    tags = json.dumps(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    for state in STATES:
        open_state(page, state, services)
        page.evaluate(AXE.read_text("utf-8"))
        broken = page.evaluate(
            f"axe.run({{runOnly: {tags}}}).then(r => r.violations.map(v => "
            "`${v.id}: ${v.nodes.map(n => n.html).slice(0, 3)}`))"
        )
        assert broken == [], state
        assert page.evaluate("document.documentElement.scrollWidth") <= width, state

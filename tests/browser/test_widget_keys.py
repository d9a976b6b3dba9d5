"""When the widget's hotkey is one, and when it is text; several widgets on one page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.support import CHROMIUM, browser
from tests.browser.widgets import FOUND, Place, Visit, place

pytest.importorskip("playwright", reason="playwright is not installed: make setup")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}"),
    pytest.mark.sqlite("the browser is what is tested"),
]
FIELDS = """<input id="text"><input id="check" type="checkbox"><textarea id="area"></textarea>
<select id="select"><option>a</option></select><p id="rich" contenteditable><b id="bold">x</b></p>
<p id="role" role="textbox" tabindex="0"></p><p id="plain" tabindex="0"></p>
<x-open></x-open><x-closed></x-closed>"""
ALL = "document.querySelectorAll('whoknows-search')"
SHADOWS = """() => { for (const mode of ['open', 'closed']) customElements.define(`x-${mode}`,
  class extends HTMLElement { constructor() { super();
    this.inner = document.createElement('input');
    this.attachShadow({mode}).append(this.inner); } }); }"""


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place(tmp_path_factory.mktemp("data")) as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as made:
        yield made


@pytest.fixture
def visit(chromium: Any) -> Iterator[Visit]:
    made = Visit(chromium)
    yield made
    assert made.close() == []


def page_of(there: Place, visit: Visit, *widgets: str, more: str = "") -> None:
    visit.open(there.put("/keys", more + "".join(widgets) + there.script))


def is_open(visit: Visit) -> bool:
    return bool(visit.page.locator("dialog[open]").count())


@pytest.mark.parametrize(("hotkey", "press"), [("mod+k", "Control+k"), ("/", "/")])
def test_a_hotkey_never_takes_what_is_typed(
    there: Place, visit: Visit, hotkey: str, press: str
) -> None:
    page_of(there, visit, there.element(f'hotkey="{hotkey}"'), more=FIELDS)
    page = visit.page
    page.evaluate(SHADOWS)
    for where in ("text", "area", "select", "rich", "role"):
        page.focus(f"#{where}")
        page.keyboard.press(press)
        assert not is_open(visit), where
    for where in ("open", "closed"):
        page.evaluate(f"document.querySelector('x-{where}').inner.focus()")
        page.keyboard.press(press)
        assert not is_open(visit), where
    for where in ("check", "plain"):
        page.focus(f"#{where}")
        page.keyboard.press(press)
        assert is_open(visit), where
        page.keyboard.press("Escape")
    page.focus("#plain")
    page.evaluate("document.designMode = 'on'")
    page.keyboard.press(press)
    assert not is_open(visit)


def test_a_hotkey_leaves_what_others_took_and_what_composes(there: Place, visit: Visit) -> None:
    page_of(there, visit, there.element())
    press = """more => { const event = new KeyboardEvent('keydown', {key: 'k', ctrlKey: true,
      bubbles: true, cancelable: true, ...more}); if (more.taken) event.preventDefault();
      document.body.dispatchEvent(event); return event.defaultPrevented; }"""
    for more in (
        *({"taken": True}, {"isComposing": True}, {"keyCode": 229}, {"repeat": True}),
        *({"shiftKey": True}, {"altKey": True}, {"metaKey": True}),
    ):
        visit.page.evaluate(press, more)
        assert not is_open(visit), more
    assert visit.page.evaluate(press, {}) is True
    assert is_open(visit)


def test_no_hotkey_is_none(there: Place, visit: Visit) -> None:
    page_of(there, visit, there.element('hotkey="none"'))
    for press in ("Control+k", "/"):
        visit.page.keyboard.press(press)
    assert not is_open(visit)
    assert visit.page.locator("kbd").count() == 0


@pytest.mark.parametrize(
    ("first", "second", "opens"),
    [("", "", 0), ('hotkey="none"', "", 1), ('hotkey="/"', "", 1)],
)
def test_of_two_widgets_one_takes_the_hotkey(
    there: Place, visit: Visit, first: str, second: str, opens: int
) -> None:
    page_of(there, visit, there.element(first), there.element(second))
    visit.page.keyboard.press("Control+k")
    which = """() => [...document.querySelectorAll('whoknows-search')].map(
      one => Boolean(one.shadowRoot.querySelector('dialog[open]')))"""
    assert visit.page.evaluate(which) == [number == opens for number in (0, 1)]
    visit.ask(FOUND)
    visit.page.keyboard.press("Escape")
    # Each has its own question and its own answers, and only one is open.
    visit.page.evaluate(f"{ALL}[{1 - opens}].open()")
    assert visit.page.get_by_role("combobox").input_value() == ""
    visit.page.evaluate(f"{ALL}[{opens}].open()")
    assert sum(visit.page.evaluate(which)) == 1


def test_the_script_twice_is_no_error(there: Place, visit: Visit) -> None:
    again = there.script.replace("widget.js", "widget.js?again")
    visit.open(there.put("/twice", there.element() + there.script + again))
    visit.page.keyboard.press("Control+k")
    visit.ask(FOUND)


def test_an_input_method_keeps_enter_and_escape(there: Place, visit: Visit) -> None:
    page_of(there, visit, there.element())
    page = visit.page
    page.keyboard.press("Control+k")
    session = visit.context.new_cdp_session(page)
    session.send(
        "Input.imeSetComposition", {"text": "かん", "selectionStart": 2, "selectionEnd": 2}
    )
    for key, code in (("Enter", 13), ("Escape", 27), ("ArrowDown", 40)):
        session.send(
            "Input.dispatchKeyEvent",
            {"type": "rawKeyDown", "key": key, "code": key, "windowsVirtualKeyCode": 229},
        )
        session.send(
            "Input.dispatchKeyEvent",
            {"type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": code},
        )
        assert is_open(visit), key
    page.wait_for_timeout(700)
    assert visit.to_service(there.who) == [], "asked for a word that was not finished"
    session.send("Input.insertText", {"text": "感"})
    page.keyboard.press("Enter")
    page.locator("dialog[data-state=found], dialog[data-state=empty]").wait_for()
    page.keyboard.press("Escape")
    assert not is_open(visit)


def test_what_is_typed_there_is_no_shortcut_of_the_page(there: Place, visit: Visit) -> None:
    page_of(there, visit, there.element('mode="box"'))
    visit.page.evaluate("window.seen = []; addEventListener('keydown', e => seen.push(e.key))")
    visit.page.keyboard.press("Tab")
    visit.page.keyboard.type("lantern")
    assert visit.page.get_by_role("combobox").input_value() == "lantern"
    assert visit.page.evaluate("seen") == ["Tab", "l"]


def test_taken_out_of_the_page_it_leaves_nothing(there: Place, visit: Visit) -> None:
    page_of(there, visit, there.element())
    page = visit.page
    page.keyboard.press("Control+k")
    page.evaluate("window.one = document.querySelector('whoknows-search'); one.remove()")
    page.keyboard.press("Control+k")
    assert not is_open(visit)
    page.evaluate("document.body.append(one)")
    page.keyboard.press("Control+k")
    visit.ask(FOUND)

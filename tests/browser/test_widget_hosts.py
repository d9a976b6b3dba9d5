"""Hostile pages: nothing of theirs gets into the widget, and nothing of it into them.

Every element of the widget is computed to the same styles as on a plain page, and looks the same;
so does every element of the page, with the widget and without.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.browser.support import CHROMIUM, browser
from tests.browser.widgets import FOUND, STRICT, Place, Visit, place

pytest.importorskip("playwright", reason="playwright is not installed: make setup")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}"),
    pytest.mark.sqlite("the browser is what is tested"),
]

OWN = """<div id="own"><h1>Ours</h1><p>Text <mark>marked</mark> <button>Press</button>
<input value="typed"> <a href="#own">link</a></p><table><tr><td>cell</td></tr></table></div>"""
DARK = '<meta name="color-scheme" content="dark">'


@dataclass(frozen=True)
class Host:
    """A page: its styles, what is around the widget, its policy. ``like``: what the plain page has
    in common with it."""

    style: str = ""
    around: tuple[str, str] = ("", "")
    policy: str = ""
    head: str = ""
    root: str = ""


HOSTS = {
    "everything unset": Host("*, *::before, *::after { all: unset !important }"),
    "rules for every element": Host(
        "html { font-size: 62.5%; line-height: 3; letter-spacing: .2em; text-transform: uppercase }"
        "button, input, a, kbd, mark, p, span, svg, path { all: unset; color: red !important;"
        " font: 30px serif !important; background: yellow !important; padding: 40px !important;"
        " display: block !important; fill: blue !important }"
        "div { float: right; width: 10px !important; position: static !important;"
        " border: 9px solid lime !important }"
        "dialog, dialog[open] { display: none !important; width: 9px !important; opacity: .1 }"
        "dialog::backdrop, ::backdrop { background: red !important }"
        "[role=option], [hidden], .text { display: block !important; visibility: hidden }"
        "whoknows-search { color: red; font: 40px cursive; visibility: visible; cursor: wait;"
        " text-shadow: 3px 3px red; white-space: pre; word-spacing: 2em; opacity: .5;"
        " pointer-events: none; user-select: none }"
    ),
    "a war of layers": Host(
        "#war { position: fixed; inset: 0; z-index: 2147483647; background: #0f08 }"
        "#trap { transform: rotate(3deg); overflow: hidden; height: 9px; filter: blur(1px);"
        " contain: strict; will-change: transform; perspective: 9px; opacity: .2; z-index: -1;"
        " position: relative; isolation: isolate; clip-path: inset(5px); mix-blend-mode: multiply }"
        "body { overflow: hidden }",
        ('<div id="war"></div><div id="trap">', "</div>"),
    ),
    "trusted types and nobody else's origin": Host(policy=STRICT),
    "right to left and dark": Host(
        "html { background: #000; color: #fff } * { direction: rtl; text-align: right }",
        head=DARK,
        root='dir="rtl"',
    ),
}

# What a box is measured to depends on the room that the page gives to the button.
_STYLES = """root => { const told = [];
  for (const one of root.querySelectorAll('*')) {
    const special = {dialog: '::backdrop', input: '::placeholder'}[one.localName] ?? '::after';
    for (const pseudo of [null, '::before', special]) {
      const styles = getComputedStyle(one, pseudo), all = {};
      if (/before|after/.test(pseudo) && styles.content === 'none') continue;
      for (const name of styles) all[name] = styles[name];
      told.push([one.localName + (pseudo ?? ''), all]);
    } }
  return told; }"""
_ROOT = "document.querySelector('whoknows-search').shadowRoot"
_INSIDE = f"() => ({_STYLES})({_ROOT}.querySelector('dialog').parentNode)"
_OUTSIDE = f"() => ({_STYLES})(document.querySelector('#own'))"
_BOX = """() => { const box = document.querySelector('whoknows-search').shadowRoot
  .querySelector('dialog').getBoundingClientRect();
  return [box.x, box.y, box.width, box.height]; }"""
_PAINTED = """() => { document.activeElement.blur(); return new Promise(done =>
  requestAnimationFrame(() => requestAnimationFrame(() => done(true)))); }"""
# Of round corners a pixel or two is drawn now so and now so.
_NOISE = 4
_SIZES = {
    *("width", "height", "inline-size", "block-size", "perspective-origin", "transform-origin"),
}


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place(tmp_path_factory.mktemp("data")) as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as made:
        yield made


@pytest.fixture(scope="module")
def plain() -> dict[tuple[str, str], Any]:
    """What plain pages look like, by what they have in common with hostile ones."""
    return {}


def page_of(there: Place, host: Host, widget: bool) -> str:
    """The page, with the widget at its end or without it."""
    style = host.style and f"<style>{host.style}</style>"
    element = there.element() + there.script if widget else ""
    before, after = host.around
    body = f"{OWN}{before}{element}{after}"
    return there.put("/host", body, head=host.head + style, policy=host.policy, root=host.root)


def shown(there: Place, chromium: Any, host: Host) -> tuple[list[Any], bytes]:
    """The open widget with what was found: its styles, and how it looks."""
    visit = Visit(chromium, reduced_motion="reduce")
    visit.open(page_of(there, host, widget=True))
    visit.page.keyboard.press("Control+k")
    visit.ask(FOUND)
    visit.page.keyboard.press("ArrowDown")
    styles = visit.page.evaluate(_INSIDE)
    x, y, width, height = visit.page.evaluate(_BOX)
    # Between its round corners stands the page.
    clip = {"x": x + 24, "y": y + 24, "width": width - 48, "height": height - 48}
    seen = visit.page.screenshot(clip=clip, caret="hide")
    middle = [x + width / 2, y + height / 2]
    hit = "([x, y]) => document.elementFromPoint(x, y)?.localName"
    assert visit.page.evaluate(hit, middle) == "whoknows-search"
    assert visit.close() == []
    return styles, seen


def differing(chromium: Any, one: bytes, other: bytes) -> int:
    """In how many pixels two pictures differ; in all if they are of different sizes."""
    page = chromium.new_page()
    told = page.evaluate(
        """async both => { const [a, b] = await Promise.all(both.map(async text => {
          const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
          const map = await createImageBitmap(new Blob([bytes]));
          const pen = new OffscreenCanvas(map.width, map.height).getContext('2d');
          pen.drawImage(map, 0, 0); return pen.getImageData(0, 0, map.width, map.height); }));
        if (a.width !== b.width || a.height !== b.height) return a.data.length;
        let told = 0;
        for (let at = 0; at < a.data.length; at += 4)
          if ([0, 1, 2].some(n => a.data[at + n] !== b.data[at + n])) told += 1;
        return told; }""",
        [base64.b64encode(picture).decode() for picture in (one, other)],
    )
    page.close()
    return int(told)


def apart(one: list[Any], other: list[Any], but: frozenset[str] = frozenset()) -> list[str]:
    """What is computed otherwise."""
    assert [name for name, _ in one] == [name for name, _ in other]
    return [
        f"{name} {key}: {value} / {second[key]}"
        for (name, first), (_, second) in zip(one, other, strict=True)
        for key, value in first.items()
        if value != second[key] and key not in but
    ]


@pytest.mark.parametrize("name", HOSTS)
def test_nothing_of_the_page_gets_in(
    there: Place, chromium: Any, plain: dict[tuple[str, str], Any], name: str
) -> None:
    host = HOSTS[name]
    key = (host.head, host.root)
    if key not in plain:
        plain[key] = shown(there, chromium, Host(head=host.head, root=host.root))
    wanted, looks = plain[key]
    styles, seen = shown(there, chromium, host)
    assert len(styles) > 40
    # The first ones are the button, for which the page makes room, or none.
    button = next(n for n, (tag, _) in enumerate(wanted) if tag == "dialog")
    assert apart(wanted[button:], styles[button:]) == []
    assert apart(wanted[:button], styles[:button], frozenset(_SIZES)) == []
    assert differing(chromium, looks, seen) <= _NOISE, "it looks otherwise"


@pytest.mark.parametrize("name", HOSTS)
def test_nothing_of_it_gets_out(there: Place, chromium: Any, name: str) -> None:
    host = HOSTS[name]
    told = []
    for widget in (False, True):
        visit = Visit(chromium, reduced_motion="reduce")
        visit.open(page_of(there, host, widget), widget=widget)
        if widget:
            visit.page.keyboard.press("Control+k")
            visit.ask(FOUND)
            visit.page.keyboard.press("Escape")
        styles = visit.page.evaluate(_OUTSIDE)
        globals_ = visit.page.evaluate("Object.keys(window).sort()")
        visit.page.evaluate(_PAINTED)
        box = visit.page.locator("#own").bounding_box()
        told.append(
            (
                styles,
                globals_,
                visit.page.screenshot(clip=box),
                visit.page.evaluate("[...document.body.attributes].length"),
            )
        )
        assert visit.close() == []
    (before, names, looks, attributes), (after, more, seen, also) = told
    assert apart(before, after) == []
    assert (names, attributes) == (more, also)
    assert differing(chromium, looks, seen) <= _NOISE, "the page looks otherwise"


def test_a_leak_would_be_noticed(there: Place, chromium: Any) -> None:
    """The comparison sees what a page does to an element that is not shielded."""
    page = Visit(chromium)
    page.open(page_of(there, Host(), widget=False), widget=False)
    plain = page.page.evaluate(_OUTSIDE)
    page.open(page_of(there, HOSTS["rules for every element"], widget=False), widget=False)
    assert len(apart(plain, page.page.evaluate(_OUTSIDE))) > 20
    page.close()


def test_colours_and_parts_are_the_page_s_to_choose(there: Place, chromium: Any) -> None:
    style = (
        "whoknows-search { --whoknows-accent: rgb(1, 2, 3); --whoknows-paper: rgb(250, 1, 1) }"
        "whoknows-search::part(button) { border-radius: 33px }"
    )
    visit = Visit(chromium)
    visit.open(page_of(there, Host(style), widget=True))
    visit.page.keyboard.press("Control+k")
    told = """() => { const root = document.querySelector('whoknows-search').shadowRoot;
      return [getComputedStyle(root.querySelector('dialog')).backgroundColor,
        getComputedStyle(root.querySelector('[part=all]')).color,
        getComputedStyle(root.querySelector('button')).borderRadius]; }"""
    assert visit.page.evaluate(told) == ["rgb(250, 1, 1)", "rgb(1, 2, 3)", "33px"]
    assert visit.close() == []


@pytest.mark.parametrize(
    ("theme", "scheme", "head", "dark"),
    [
        ("auto", "dark", '<meta name="color-scheme" content="light dark">', True),
        ("auto", "light", '<meta name="color-scheme" content="light dark">', False),
        ("auto", "dark", "", False),
        ("dark", "light", "", True),
        ("light", "dark", DARK, False),
    ],
)
def test_it_is_as_dark_as_the_page_or_as_it_is_told(
    there: Place, chromium: Any, theme: str, scheme: str, head: str, dark: bool
) -> None:
    visit = Visit(chromium, color_scheme=scheme)
    visit.open(there.plain(f'theme="{theme}"', head=head))
    visit.page.keyboard.press("Control+k")
    paper = visit.page.locator("dialog").evaluate("one => getComputedStyle(one).backgroundColor")
    assert paper == ("rgb(23, 33, 30)" if dark else "rgb(255, 255, 255)")
    assert visit.close() == []


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_it_reads_in_the_direction_of_the_page(there: Place, chromium: Any, direction: str) -> None:
    visit = Visit(chromium)
    visit.open(there.plain(root=f'dir="{direction}"'))
    visit.page.keyboard.press("Control+k")
    close, box = (
        visit.page.locator(f"[part={part}]").bounding_box()["x"] for part in ("close", "input")
    )
    assert (close > box) is (direction == "ltr")
    assert visit.close() == []


def test_forced_colours_leave_what_is_chosen_visible(there: Place, chromium: Any) -> None:
    visit = Visit(chromium, forced_colors="active")
    visit.open(there.plain())
    visit.page.keyboard.press("Control+k")
    visit.ask(FOUND)
    visit.page.keyboard.press("ArrowDown")
    chosen = visit.page.locator("[aria-selected=true]")
    assert chosen.evaluate("one => getComputedStyle(one).outlineWidth") == "3px"
    assert visit.close() == []

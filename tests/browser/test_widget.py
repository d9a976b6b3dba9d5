"""The widget as people use it on another site: found, chosen, announced; and what it never does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.browser.support import AXE, CHROMIUM, TAGS, browser
from tests.browser.widgets import FOUND, NOTHING, STRICT, Place, Visit, place
from tests.knowledge.vouchers import signed

pytest.importorskip("playwright", reason="playwright is not installed: make setup")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}"),
    pytest.mark.sqlite("the browser is what is tested"),
]
LISTEN = """window.heard = [];
for (const name of ['open', 'query', 'results', 'select', 'error'])
  addEventListener(`whoknows:${name}`, e => heard.push([name, structuredClone(e.detail)]));"""


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
    made.page.add_init_script(LISTEN)
    yield made
    assert made.close() == []


def heard(visit: Visit) -> list[Any]:
    return list(visit.page.evaluate("heard"))


def names(visit: Visit) -> list[str]:
    return [str(one) for one in visit.page.locator("[role=option] .name").all_inner_texts()]


def test_a_question_finds_what_anybody_may_read(there: Place, visit: Visit) -> None:
    visit.open(there.plain())
    assert visit.to_service(there.who) == [], "asked before anybody opened it"
    visit.page.get_by_role("button", name="Search what colleagues know").click()
    assert visit.to_service(there.who) == []
    visit.ask(FOUND)
    assert visit.told == "2 answers, 2 people"
    assert set(names(visit)) == {
        *("Trimming a lantern", "An evening on the tower", "Ada Field", "Ben Osei")
    }
    # Offsets are of code points, and the text has others than JavaScript counts.
    marks = visit.page.locator("[role=option] mark").all_inner_texts()
    assert "To trim the lantern, cut the wick 🔥 straight across." in marks
    assert "I trim the lantern every evening, before the tide." in marks
    told = visit.page.locator("dialog").inner_text()
    assert "before the tide. Ada Field: Good. Then it lasts" in told
    assert not re.search(r"[*#\\]|\[\d", told), "notation"
    assert "Watch" not in told
    links = visit.page.locator("[role=option]").evaluate_all(
        "all => all.map(one => [one.getAttribute('href'), one.target, one.rel])"
    )
    for href, target, rel in links:
        assert re.fullmatch(
            re.escape(there.who)
            + r"/(documents/\d+\?passage=(\d+)&for=[^#&]+(&at=\d+#at|#p\2)|people/\d+)",
            href,
        )
        assert (target, rel) == ("_blank", "noopener")
    assert any("&at=65#at" in href for href, *_ in links)
    every = visit.page.get_by_role("link", name="Open in whoknows").get_attribute("href")
    assert every == f"{there.who}/?q=how%20do%20I%20trim%20the%20lantern"


def test_of_what_is_only_near_no_sentence_stands_out(there: Place, visit: Visit) -> None:
    visit.open(there.plain())
    visit.page.keyboard.press("Control+k")
    visit.ask("which bicycle did the postman wait for")
    assert visit.page.get_by_text("Closest matches").count() == 1
    assert visit.page.locator("[role=option] .text").count() > 0
    assert visit.page.locator("[role=option] mark").count() == 0


def test_no_cookie_goes_along_and_no_answer_is_to_anybody_else(there: Place, visit: Visit) -> None:
    visit.context.add_cookies([{"name": "held", "value": "here", "url": there.who}])
    visit.open(there.plain(policy=STRICT))
    visit.page.keyboard.press("Control+k")
    visit.ask(FOUND)
    asked = visit.to_service(there.who)
    assert asked
    for one in asked:
        headers = one.all_headers()
        assert "cookie" not in headers
        assert one.method == "OPTIONS" or headers["x-site-key"] == there.key
        assert "authorization" not in headers
    assert visit.context.cookies(there.hosts.address) == [
        one for one in visit.context.cookies() if one["name"] == "held"
    ]


def test_the_keyboard_alone_asks_chooses_and_closes(there: Place, visit: Visit) -> None:
    visit.open(there.plain())
    page = visit.page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    box = page.get_by_role("combobox")
    assert box.get_attribute("aria-expanded") == "false"
    page.keyboard.type(FOUND)
    page.keyboard.press("Enter")
    visit.until("found")
    assert box.get_attribute("aria-expanded") == "true"

    def active() -> str:
        return str(
            page.evaluate(
                """() => { const root = document.querySelector('whoknows-search').shadowRoot;
                const box = root.activeElement, id = box.getAttribute('aria-activedescendant');
                const all = [...root.querySelectorAll('[role=option]')];
                const chosen = all.filter(one => one.ariaSelected === 'true').map(one => one.id);
                if (box.role !== 'combobox' || chosen.length > 1 || (chosen[0] ?? null) !== id)
                  return `broken: ${id} ${chosen}`;
                return id ?? ''; }"""
            )
        )

    seen = []
    for key in ["ArrowDown"] * 5 + ["ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown", "ArrowDown"]:
        page.keyboard.press(key)
        seen.append(active())
    ids = [f"found-{number}" for number in range(4)]
    assert seen == [*ids, "", ids[3], ids[2], ids[3], "", ids[0]]
    with visit.context.expect_page() as opened:
        page.keyboard.press("Enter")
    assert opened.value.url.startswith(f"{there.who}/")
    opened.value.close()
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    focused = "document.querySelector('whoknows-search').shadowRoot.activeElement?.part.value"
    assert page.evaluate(focused) == "button"


def test_what_is_typed_is_suggested_and_a_pause_searches(there: Place, visit: Visit) -> None:
    visit.open(there.plain())
    visit.page.keyboard.press("Control+k")
    visit.page.keyboard.type("trim")
    visit.until("suggestions")
    assert (visit.told, names(visit)) == ("1 suggestion", ["Trimming a lantern"])
    visit.until("found")
    # Whoever is choosing is left alone.
    visit.page.get_by_role("combobox").fill("")
    visit.page.keyboard.type("lant")
    visit.until("suggestions")
    before = len(visit.to_service(there.who))
    visit.page.keyboard.press("ArrowDown")
    visit.page.wait_for_timeout(700)
    assert len(visit.to_service(there.who)) == before


def test_the_page_is_told_and_may_lead_elsewhere(there: Place, visit: Visit) -> None:
    visit.open(there.plain())
    visit.page.keyboard.press("Control+k")
    visit.ask(FOUND)
    visit.page.evaluate("addEventListener('whoknows:select', e => e.preventDefault())")
    visit.page.get_by_role("option").first.click()
    assert len(visit.context.pages) == 1
    told = heard(visit)
    assert [name for name, _ in told] == ["open", "query", "results", "select"]
    assert told[1][1] == {"query": FOUND}
    counts = {key: told[2][1][key] for key in ("query", "answers", "people")}
    assert counts == {"query": FOUND, "answers": 2, "people": 2}
    assert told[3][1]["url"].startswith(there.who)
    assert told[3][1] | {"kind": "answer", "query": FOUND} == told[3][1]


def test_who_is_asking_is_said_by_the_host_and_said_anew(there: Place, visit: Visit) -> None:
    (site,) = there.services.sites.all_of_them()
    proof = signed(site, datetime.now(UTC))
    visit.open(there.plain())
    visit.page.evaluate(
        """proof => { window.asked = 0;
        document.querySelector('whoknows-search').getToken =
          async () => ++asked === 1 ? 'too old' : proof; }""",
        proof,
    )
    visit.page.keyboard.press("Control+k")
    visit.ask(FOUND)
    assert visit.page.evaluate("asked") == 2
    assert "Lanterns inside" in names(visit)
    sent = [one for one in visit.to_service(there.who) if "authorization" in one.all_headers()]
    assert len(sent) >= 2
    # A host that cannot say it is told so, and nothing is asked as anybody.
    visit.page.keyboard.press("Escape")
    visit.page.evaluate(
        "() => { document.querySelector('whoknows-search').getToken = () => { throw Error('no') } }"
    )
    visit.page.keyboard.press("Control+k")
    visit.ask("lantern tower", "unauthorised")
    assert heard(visit)[-1] == ["error", {"state": "unauthorised", "status": 0, "retryAfter": 0}]


def test_all_words_can_be_replaced_before_and_after(there: Place, visit: Visit) -> None:
    words = {
        "button": "Kolleginnen fragen",
        "found": "{people} und {answers}",
        "answer": {"one": "{n} Antwort", "other": "{n} Antworten"},
        "person": {"one": "{n} Person", "other": "{n} Personen"},
    }
    early = "document.querySelector('whoknows-search').words"
    visit.page.add_init_script(
        f"addEventListener('readystatechange', () => {{ {early} ??= {json.dumps(words)} }},"
        "{capture: true, once: true})"
    )
    visit.open(there.plain('lang="de"'))
    visit.page.get_by_role("button", name="Kolleginnen fragen").click()
    visit.ask(FOUND)
    assert visit.told == "2 Personen und 2 Antworten"
    visit.page.keyboard.press("Escape")
    visit.page.evaluate(f"{early} = {{ button: 'Frag' }}")
    visit.page.get_by_role("button", name="Frag").click()
    visit.ask(FOUND)
    assert visit.told == "2 answers, 2 people"


# States


def fails(visit: Visit, status: int, headers: dict[str, str] | None = None) -> None:
    """Let the service answer so."""
    shown = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}
    visit.page.route(
        "**/api/v1/*",
        lambda route: (
            route.fulfill(status=status, headers=shown | (headers or {}), body="{}")
            if route.request.method != "OPTIONS"
            else route.continue_()
        ),
    )


def opened(there: Place, visit: Visit, more: str = "") -> None:
    visit.open(there.plain(more, head='<meta name="color-scheme" content="light dark">'))
    visit.page.get_by_role("button", name="Search what colleagues know").click()


def show(state: str, there: Place, visit: Visit) -> None:
    """Bring the open dialog into a state."""
    if state == "found":
        visit.ask(FOUND)
    elif state == "empty":
        visit.ask(NOTHING, "empty")
    elif state == "suggestions":
        visit.page.keyboard.type("lant")
        visit.until("suggestions")
        visit.page.keyboard.press("ArrowDown")
    elif state == "loading":
        visit.page.route("**/api/v1/search*", lambda route: None)
        visit.ask(FOUND, "loading")
    elif state == "offline":
        visit.context.set_offline(True)
        visit.ask(FOUND, "offline")
    elif state != "hint":
        fails(visit, {"error": 500, "unauthorised": 403, "limited": 429}[state])
        visit.ask(FOUND, state)


STATES = (
    *("hint", "suggestions", "loading", "found", "empty"),
    *("error", "offline", "unauthorised", "limited"),
)


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_no_state_breaks_a_rule_of_wcag(
    there: Place, chromium: Any, state: str, scheme: str, width: int
) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not there: npm install axe-core")
    given = {"color_scheme": scheme, "viewport": {"width": width, "height": 700}}
    visit = Visit(chromium, reduced_motion="reduce", **given)
    opened(there, visit)
    show(state, there, visit)
    visit.page.evaluate(AXE.read_text("utf-8"))
    assert (
        visit.page.evaluate(f"axe.run({{runOnly: {TAGS}}}).then(r => r.violations.map(v => v.id))")
        == []
    )
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    inside = visit.page.locator("dialog").evaluate("one => one.scrollWidth - one.clientWidth")
    assert inside <= 0
    assert visit.close() == []


def test_each_failure_is_told_apart_and_how_it_goes_on(there: Place, visit: Visit) -> None:
    opened(there, visit)
    fails(visit, 429, {"Retry-After": "1"})
    visit.ask(FOUND, "limited")
    assert "in 1 s" in visit.told
    visit.page.unroute("**/api/v1/*")
    visit.until("found")
    fails(visit, 500)
    visit.ask("lantern", "error")
    visit.page.unroute("**/api/v1/*")
    visit.page.get_by_role("button", name="Try again").click()
    visit.until("found")
    visit.context.set_offline(True)
    visit.ask("the tower", "offline")
    visit.context.set_offline(False)
    visit.until("found")
    states = [detail["state"] for name, detail in heard(visit) if name == "error"]
    assert states == ["limited", "error", "offline"]


def test_a_key_of_another_site_is_no_mystery(there: Place, visit: Visit) -> None:
    body = f'<whoknows-search endpoint="{there.who}" key="wks_none"></whoknows-search>'
    visit.open(there.put("/wrong", body + there.script))
    visit.page.keyboard.press("Control+k")
    visit.ask(FOUND, "error")
    # Without CORS no page may read even why: what it is told is that nothing came.
    assert "cannot be reached" in visit.told
    visit.wrong.clear()


def test_an_older_answer_never_replaces_a_newer_one(there: Place, visit: Visit) -> None:
    opened(there, visit)
    held: list[Any] = []
    visit.page.route(
        re.compile(r"/api/v1/search\?.*q=lantern$"), lambda route: [held.append(route)]
    )
    visit.ask("lantern", "loading")
    visit.ask(NOTHING, "empty")
    for route in held:
        route.continue_()
    visit.page.wait_for_timeout(300)
    assert held
    assert visit.told == "Nothing found"
    assert [detail["query"] for name, detail in heard(visit) if name == "results"] == [NOTHING]

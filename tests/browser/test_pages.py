"""The pages as people use them: with eyes, with a keyboard, on a small screen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from api.web.examples import RESTRICTED
from knowledge.settings import EmbeddingSettings
from tests import builders
from tests.browser.support import CHROMIUM, QUESTION, STATES, browser, serving

pytest.importorskip("playwright", reason="playwright is not installed: make setup")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.model,
    pytest.mark.timeout(600),  # the first one loads the samples
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}"),
]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[str]:
    data = tmp_path_factory.mktemp("demo")
    settings = replace(builders.settings(data), embedding=EmbeddingSettings())
    with serving(settings) as address:
        yield address


@pytest.fixture(scope="module")
def chromium(engine: str) -> Iterator[Any]:
    with browser() as made:
        yield made


@pytest.fixture
def page(chromium: Any, site: str) -> Iterator[Any]:
    """A page on which every message, violation and request elsewhere is a failure."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=site)
    made = context.new_page()
    wrong: list[str] = []
    made.on("console", lambda message: wrong.append(message.text))
    made.on("pageerror", lambda error: wrong.append(str(error)))
    made.on("request", lambda request: _foreign(request.url, site, wrong))
    yield made
    context.close()
    # Chromium says of every page with such a status that it failed to load.
    assert [text for text in wrong if "status of 4" not in text] == []


def _foreign(address: str, site: str, wrong: list[str]) -> None:
    if not address.startswith(site):
        wrong.append(f"asked for {address}")


def test_a_question_is_answered_with_a_mark(page: Any) -> None:
    page.goto(QUESTION)
    assert "restore a backup" in page.locator("mark").first.inner_text().lower()


def test_the_keyboard_alone_leads_from_the_question_to_the_passage(page: Any) -> None:
    page.goto("/people/1")
    while page.evaluate("document.activeElement.id") != "q":
        page.keyboard.press("Tab")
    page.keyboard.type("how do I restore a backup")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=*")
    first = page.locator(".answers h3 a").first.get_attribute("href")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href')") == first:
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/documents/*")
    wanted = page.locator(".wanted").first
    assert "restore a backup" in wanted.inner_text().lower()
    assert 0 <= wanted.bounding_box()["y"] < 900


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_is_wider_than_the_screen(page: Any, width: int, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 700})
    for address in _every_state(page):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: npm install axe-core")
def test_no_rule_of_wcag_is_broken(page: Any, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    tags = json.dumps(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    for address in _every_state(page):
        page.goto(address)
        page.evaluate(AXE.read_text("utf-8"))
        broken = page.evaluate(
            f"axe.run({{runOnly: {tags}}}).then(r => r.violations.map(v => "
            "`${v.id}: ${v.nodes.map(n => n.html).slice(0, 3)}`))"
        )
        assert broken == [], address


def test_being_somebody_else_changes_what_is_found(page: Any) -> None:
    page.goto(f"/?{urlencode({'q': RESTRICTED})}")
    titles = page.locator(".answers h3").all_inner_texts()
    assert titles[0].startswith("Salary bands")
    assert page.locator(".answers article.best").count() == 1
    page.select_option("#person", label="Samuel Osei (People and Finance)")
    page.get_by_role("button", name="Switch").click()
    page.wait_for_load_state()
    assert "salary" in page.url
    assert page.locator("#person option:checked").inner_text().startswith("Samuel Osei")
    assert titles[0] not in page.locator(".answers h3").all_inner_texts()


def _every_state(page: Any) -> list[str]:
    """The states, and a write-up and a transcript with their passages."""
    page.goto(QUESTION)
    found: dict[str, str] = {}
    for article in page.locator(".answers article").all():
        kind = article.locator(".kind").inner_text()
        found.setdefault(kind, article.locator("h3 a").get_attribute("href"))
    assert {"Write-up", "Transcript"} <= found.keys()
    return [*STATES.values(), *found.values()]

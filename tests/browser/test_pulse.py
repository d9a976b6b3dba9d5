"""Charts of measures in a browser: from the table beside them, with pointer and keys, and without
scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from api import samples
from api.app import create_app
from api.auth.demo import COOKIE, DemoDoor
from knowledge.identity import AccountRole
from knowledge.people import Profile
from tests.browser.support import CHROMIUM, browser, running
from tests.builders import settings, wired
from tests.measured import Figures, published

pytest.importorskip("playwright", reason="playwright is not installed: make setup")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.sqlite("pages are what is tested"),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}"),
]
FIGURES: Figures = {
    "success": [0.4, 0.5, None, 0.6],
    "contributors": [30.0, 35.0, 40.0, 45.0],
    ("contributors", "team:Platform"): [10.0, None, 15.0, 5.0],
}


# Until every chart is drawn as wide as its place.
_DRAWN = """() => new Promise(done => {
  const wide = one => one.querySelector('canvas') &&
    Math.abs(one.querySelector('.uplot').clientWidth - one.clientWidth) < 2;
  const look = () => [...document.querySelectorAll('.plot')].every(wide)
    ? done() : requestAnimationFrame(look);
  look();
})"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    services = wired(settings(tmp_path_factory.mktemp("pulse")))
    try:
        ada = services.directory.put(Profile("Ada Field", samples.ADMINISTRATOR))
        services.roles.grant(ada, AccountRole.ADMINISTRATOR, "operator")
        published(services.database, FIGURES)
        with running(create_app(services, DemoDoor(services.database))) as address:
            yield address, ada
    finally:
        services.close()


@pytest.fixture
def opened(site: tuple[str, int], request: pytest.FixtureRequest) -> Iterator[Any]:
    """A tab as Ada's; ``request.param``: whether scripts run."""
    address, ada = site
    with browser() as made:
        context = made.new_context(base_url=address, java_script_enabled=request.param)
        context.add_cookies([{"name": COOKIE, "value": str(ada), "url": address}])
        page = context.new_page()
        wrong: list[str] = []
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        yield page
        assert wrong == []


@pytest.mark.parametrize("opened", [True], indirect=True)
def test_a_chart_is_drawn_from_its_table_and_followed_with_keys(opened: Any) -> None:
    opened.goto("/pulse?of=team:Platform")
    panel = opened.locator("section.measure", has=opened.locator("#m-contributors"))
    chart = panel.get_by_role("slider", name="Contributors by month")
    assert chart.locator("canvas").count() == 1
    assert chart.locator("svg").count() == 0
    said = chart.locator(".told-of")
    assert said.inner_text() == "Jun 2026: Platform 5, Whole company 45"
    chart.focus()
    opened.keyboard.press("ArrowLeft")
    assert said.inner_text() == "May 2026: Platform 15, Whole company 40"
    opened.keyboard.press("ArrowLeft")
    assert said.inner_text() == "Apr 2026: Platform not told, Whole company 35"
    assert chart.get_attribute("aria-valuetext") == said.inner_text()
    opened.keyboard.press("Home")
    opened.keyboard.press("ArrowLeft")
    assert said.inner_text() == "Mar 2026: Platform 10, Whole company 30"
    assert chart.get_attribute("aria-valuenow") == "1"
    opened.keyboard.press("End")
    assert said.inner_text().startswith("Jun 2026")


@pytest.mark.parametrize("opened", [True], indirect=True)
def test_a_chart_is_as_wide_as_its_place(opened: Any) -> None:
    for width, anew in ((1280, True), (340, True), (700, False)):
        opened.set_viewport_size({"width": width, "height": 800})
        if anew:
            opened.goto("/pulse")
        opened.evaluate(_DRAWN)
    assert opened.locator(".plot").count() > 1


@pytest.mark.parametrize("opened", [False], indirect=True)
def test_without_scripts_there_are_the_drawing_and_the_table(opened: Any) -> None:
    opened.goto("/pulse")
    panel = opened.locator("section.measure", has=opened.locator("#m-success"))
    drawing = panel.get_by_role("img", name="Successful searches by month")
    assert drawing.is_visible()
    assert drawing.locator("polyline").count() == 1
    assert panel.locator(".told-of").is_hidden()
    panel.get_by_text("The same as a table").click()
    rows = panel.get_by_role("table").get_by_role("row").all_inner_texts()
    assert [" ".join(row.split()) for row in rows] == [
        "Month Whole company",
        "Jun 2026 60 %",
        "May 2026 not told",
        "Apr 2026 50 %",
        "Mar 2026 40 %",
    ]


@pytest.mark.parametrize("opened", [False], indirect=True)
def test_the_form_is_answered_without_scripts(opened: Any) -> None:
    opened.goto("/")
    opened.get_by_role("link", name="how comfortable is it to ask and to share?").click()
    for group in opened.locator("fieldset").all():
        group.get_by_label("4 mostly").check()
    opened.get_by_role("button", name="Answer").click()
    assert opened.get_by_text("You answered this month.").is_visible()

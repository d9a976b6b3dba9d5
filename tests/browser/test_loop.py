"""The loop of peer learning in a browser: what nobody finds is asked, answered, and found, and the
measure of it moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from api.app import create_app
from api.auth.demo import COOKIE, DemoDoor
from api.routes import V1
from knowledge.identity import AccountRole
from knowledge.people import Profile
from tests.browser.support import CHROMIUM, browser, running
from tests.builders import document, settings, wired

pytest.importorskip("playwright", reason="playwright is not installed: make setup")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}"),
]
NAMES = ("Ada Field", "Ben Osei", "Cleo Marsh", "Dan Reed", "Eve Stone", "Leila Farsi")
SEARCHERS = ("ada", "ben", "cleo", "dan", "eve")
MISSED = "descaling heraldic ovens monthly with vinegar"
KNOWN = "an oven is hot"
# Of a month that is told eight days after its end, while its searches are still in the log.
MARCH, APRIL, MAY = (
    datetime(2026, month, day, 9, tzinfo=UTC) for month, day in ((3, 16), (4, 9), (5, 8))
)


@dataclass
class Place:
    """A running service whose clock stands, and the ids of who is there."""

    address: str
    people: dict[str, int]
    services: Any
    chromium: Any
    now: datetime = MARCH

    @contextmanager
    def as_(self, who: str) -> Iterator[Any]:
        """A page of somebody, on which no message and no violation is right."""
        context = self.chromium.new_context(base_url=self.address)
        context.set_default_timeout(8000)
        key = str(self.people[who])
        context.add_cookies([{"name": COOKIE, "value": key, "url": self.address}])
        page = context.new_page()
        wrong: list[str] = []
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        yield page
        context.close()
        assert wrong == []

    def search(self, who: str, question: str, **filters: str) -> Any:
        """What a program of somebody's is answered."""
        cookies = {COOKIE: str(self.people[who])}
        with httpx2.Client(base_url=f"{self.address}{V1}", cookies=cookies) as client:
            return client.get("/search", params={"q": question, **filters}).json()

    def published(self, month: str, now: datetime) -> tuple[str, str]:
        """The share of successful searches on the page once a month is published, and what it is
        beside the month before."""
        # Who asked is known within their week alone.
        self.services.queries.flush()
        self.now = now
        assert self.services.publishing.publish() == [month]
        with self.as_("leila") as page:
            page.goto("/pulse")
            panel = page.get_by_role("region", name="Successful searches", exact=True)
            return panel.locator(".latest").inner_text(), panel.locator(".hint").first.inner_text()


@pytest.fixture
def place(tmp_path: Any, engine: str) -> Iterator[Place]:
    at: list[Place] = []
    services = wired(settings(tmp_path), now=lambda: at[0].now if at else MARCH)
    try:
        for name in NAMES:
            mail = f"{name.split()[0].lower()}@example.org"
            services.directory.put(Profile(name, mail))
        ids = {
            name.split()[0].lower(): services.merging.find(f"{name.split()[0].lower()}@example.org")
            for name in NAMES
        }
        services.roles.grant(ids["leila"], AccountRole.ADMINISTRATOR, "operator")
        services.capture.save(document("1", "An oven is hot.", tags=("ovens",)))
        with running(create_app(services, DemoDoor(services.database))) as address, browser() as b:
            at.append(Place(address, ids, services, b))
            yield at[0]
    finally:
        services.close()


def search(page: Any, question: str) -> None:
    page.goto("/")
    page.locator("#q").fill(question)
    page.locator("#q").press("Enter")
    page.wait_for_url("**/?q=*")


@pytest.mark.sqlite("the pages are the same on every database")
def test_from_a_search_that_fails_to_one_that_succeeds(place: Place) -> None:
    # What five people miss in one week is a gap.
    for who in SEARCHERS:
        # A share is told where five are behind each of its parts.
        assert place.search(who, KNOWN)["confident"]
        assert place.search(who, "penguins", kind="transcript")["answers"] == []
        if who != "ben":
            assert not place.search(who, MISSED)["confident"]
    with place.as_("ben") as page:
        search(page, MISSED)
        place.services.queries.flush()
        with place.as_("leila") as desk:
            desk.goto("/gaps")
            assert desk.get_by_role("heading", name=MISSED).count() == 1
        # Whoever finds nothing asks those who likely know.
        page.get_by_role("link", name="Ask the company").click()
        assert page.get_by_label("Your question in one line").input_value() == MISSED
        page.get_by_role("button", name="Ask", exact=True).click()
        page.wait_for_url("**/questions/*")
        question = page.url
    with place.as_("cleo") as page:
        assert page.request.get(question).status == 404
    # They answer, and make a note of it.
    with place.as_("ada") as page:
        page.goto("/questions")
        page.get_by_role("link", name=MISSED).click()
        said = "Descaling heraldic ovens monthly with vinegar: a cup, half an hour, then rinse."
        page.get_by_label("Your answer").fill(said)
        page.get_by_role("button", name="Answer", exact=True).click()
        page.get_by_role("button", name="Make a note of it").click()
        page.wait_for_url("**/drafts/*")
        assert page.get_by_label("Title").input_value() == MISSED
        page.get_by_role("button", name="Publish").click()
        page.wait_for_url("**/documents/*")
    with place.as_("ben") as page:
        page.goto(question)
        page.get_by_role("button", name="This answers it").click()
        page.wait_for_url("**/documents/*")
    # The next one finds it, and the gap is closed.
    with place.as_("cleo") as page:
        search(page, MISSED)
        assert page.locator(".unsure").count() == 0
        assert "half an hour" in page.locator("mark").first.inner_text()
        assert "Ada Field" in page.locator("main").inner_text()
    with place.as_("leila") as page:
        page.goto("/gaps")
        assert page.get_by_role("heading", name=MISSED).count() == 0
        page.goto("/gaps?state=closed")
        assert page.get_by_role("heading", name=MISSED).count() == 1
    # A month later the measure tells of it.
    before, _ = place.published("2026-03", APRIL)
    for who in SEARCHERS:
        assert place.search(who, MISSED)["confident"]
        assert place.search(who, KNOWN)["confident"]
        assert place.search(who, "penguins", kind="transcript")["answers"] == []
        assert not place.search(who, "mating habits of giraffes")["confident"]
    after, compared = place.published("2026-04", MAY)
    assert (before, after) == ("40\u00a0%", "50\u00a0%")
    assert before in compared

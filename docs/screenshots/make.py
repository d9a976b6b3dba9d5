"""Take the pictures of the documentation from the sample company's pages.

Run it from the checkout: ``python docs/screenshots/make.py``. It needs /usr/bin/chromium.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402
from playwright.sync_api import Page, ViewportSize  # noqa: E402

from knowledge.settings import load_settings  # noqa: E402
from tests.browser.support import QUESTION, WHO, browser, serving  # noqa: E402

MOST_BYTES = 150_000
WIDE, NARROW = (1280, 900), (320, 720)
TALL: ViewportSize = {"width": 1280, "height": 1340}
PICTURES = {
    "search": (QUESTION, WIDE, "light"),
    "search-dark": (QUESTION, WIDE, "dark"),
    "search-narrow": (QUESTION, NARROW, "light"),
    "search-narrow-dark": (QUESTION, NARROW, "dark"),
    "who": (WHO, WIDE, "light"),
    "person": ("/people/1", WIDE, "light"),
    "me": ("/me", WIDE, "light"),
    "note": ("/write/note", WIDE, "light"),
    "import": ("/imports/new", WIDE, "light"),
    "question": ("/questions", (1280, 560), "light"),
    "gallery": ("/gallery", (1280, 620), "light"),
}


def a_document(page: Page) -> None:
    """Where an answer leads."""
    page.goto(QUESTION)
    page.locator(".answers h3 a").first.click()
    page.wait_for_url("**/documents/*")


def a_recording(page: Page) -> None:
    """A moment of a talk, found in it."""
    page.goto("/?q=the+key+for+the+backups&kind=transcript")
    page.locator(".answers h3 a").first.click()
    page.wait_for_url("**/documents/*")


def a_widget(page: Page) -> None:
    """The window of the widget, as the preview of a site shows it."""
    site = {"name": "Intranet", "origins": ["https://intranet.fennmoor.example"]}
    made = page.context.request.post("/api/v1/sites", data=site).json()["id"]
    page.goto(f"/admin/sites/{made}")
    page.locator("whoknows-search button").first.click()
    page.keyboard.type("how do I restore a backup")
    page.locator("whoknows-search mark").first.wait_for()


def a_pulse(page: Page) -> None:
    """What is told of the company, when its charts are drawn."""
    page.set_viewport_size(TALL)
    page.goto("/pulse")
    page.locator(".plot canvas").first.wait_for()


def a_review(page: Page) -> None:
    """That of the last month."""
    page.set_viewport_size(TALL)
    page.goto("/pulse")
    page.get_by_role("link", name="Review of").click()
    page.wait_for_url("**/pulse/review/*")


def a_gap(page: Page) -> None:
    """What several missed."""
    page.goto("/gaps")


def a_health(page: Page) -> None:
    """What nobody looks after."""
    page.goto("/admin/health")


def a_topic(page: Page) -> None:
    """One that a colleague knows nearly alone."""
    page.set_viewport_size(TALL)
    page.goto("/topics")
    page.get_by_role("link", name="nozzle").click()
    page.wait_for_url("**/topics/*")


def a_session(page: Page) -> None:
    """What those who came say of it, for its host."""
    page.select_option("#person", label="Nadia Okafor (Platform)")
    page.get_by_role("button", name="Switch").click()
    page.wait_for_load_state()
    page.goto("/sessions")
    page.get_by_role("link", name="Incidents we are glad to have had").first.click()
    page.wait_for_url("**/sessions/*")


STEPS = {
    "document": a_document,
    "recording": a_recording,
    "widget": a_widget,
    "pulse": a_pulse,
    "review": a_review,
    "gap": a_gap,
    "health": a_health,
    "topic": a_topic,
    "session": a_session,
}


def main() -> None:
    """Write every picture beside this file. The company has had its past, as in the demo."""
    settings = load_settings()
    with tempfile.TemporaryDirectory() as data:
        storage = settings.storage.model_copy(update={"data": Path(data), "database_url": None})
        with serving(replace(settings, storage=storage), lived=True) as site, browser() as chromium:
            for name, (address, (width, height), scheme) in PICTURES.items():
                size = {"width": width, "height": height}
                page = chromium.new_page(base_url=site, viewport=size, color_scheme=scheme)
                page.goto(address)
                keep(page, name)
            for name, step in STEPS.items():
                size = {"width": WIDE[0], "height": WIDE[1]}
                page = chromium.new_page(base_url=site, viewport=size)
                as_administrator(page)
                step(page)
                keep(page, name)


def as_administrator(page: Page) -> None:
    """Be the one who looks after the service."""
    page.goto("/")
    page.select_option("#person", label="Leila Farsi (People and Finance)")
    page.get_by_role("button", name="Switch").click()
    page.wait_for_load_state()


def keep(page: Page, name: str) -> None:
    """Write the picture, and close the page."""
    path = Path(__file__).with_name(f"{name}.png")
    page.screenshot(path=path)
    page.close()
    # Pages have few colours: a palette of them takes a third of the bytes.
    with Image.open(path) as taken:
        few = taken.convert("RGB").quantize(256, kmeans=2, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{path} has {size:,} bytes; at most {MOST_BYTES:,}")


if __name__ == "__main__":
    main()

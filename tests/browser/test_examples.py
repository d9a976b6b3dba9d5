"""The examples of other sites, each as it stands but for the addresses, tried in a browser."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.support import CHROMIUM, browser
from tests.browser.widgets import FOUND, Hosts, Place, Visit, hosting, place
from tests.conftest import missing

pytest.importorskip("playwright", reason="playwright is not installed: make setup")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}"),
    pytest.mark.sqlite("the browser is what is tested"),
]
ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
ESBUILD = ROOT / "node_modules" / "esbuild" / "bin" / "esbuild"
MKDOCS = ROOT / ".venv" / "examples" / "bin" / "mkdocs"


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


def served(name: str, there: Place, hosts: Hosts, folder: Path) -> Path:
    """An example with the real addresses and key, on the other site."""
    shutil.copytree(EXAMPLES / name, folder, dirs_exist_ok=True)
    for path in (path for path in folder.rglob("*") if path.is_file()):
        text = path.read_text("utf-8")
        for placeholder, real in (
            ("https://whoknows.example.org", there.who),
            ("https://intranet.example.org", there.hosts.address),
            ("wks_YOUR_SITE_KEY", there.key),
        ):
            text = text.replace(placeholder, real)
        path.write_text(text, "utf-8")
    hosts.files = folder
    return folder


def test_every_example_is_tried() -> None:
    assert {path.name for path in EXAMPLES.iterdir()} == {"plain", "react", "mkdocs", "iframe"}


def test_a_plain_page(there: Place, visit: Visit, tmp_path: Path) -> None:
    served("plain", there, there.hosts, tmp_path)
    visit.open(f"{there.hosts.address}/index.html")
    visit.page.keyboard.press("Control+k")
    visit.ask(FOUND)
    visit.choose(0)
    assert visit.page.locator("#last").inner_text().startswith(f"answer: {there.who}/documents/")
    visit.page.keyboard.press("Escape")
    visit.page.keyboard.press("/")
    assert visit.page.locator("dialog[open]").get_attribute("aria-label") == "Ask a colleague"
    visit.page.keyboard.press("Escape")
    visit.page.get_by_role("button", name="Search what colleagues know").click()
    assert visit.page.get_by_role("combobox").input_value() == FOUND


def packages() -> str:
    """Where esbuild finds React."""
    found = [str(ROOT / "node_modules"), *os.environ.get("NODE_PATH", "").split(":")]
    if not any((Path(one) / "react-dom").exists() for one in found if one) or not ESBUILD.exists():
        missing("React or esbuild is not there: npm install react react-dom esbuild")
    return ":".join(found)


def test_a_react_page(there: Place, visit: Visit, tmp_path: Path) -> None:
    environment = os.environ | {"NODE_PATH": packages()}
    folder = served("react", there, there.hosts, tmp_path)
    build = [str(ESBUILD), "app.jsx", "--bundle", "--jsx=automatic", "--outfile=app.js"]
    subprocess.run([*build, "--log-level=error"], cwd=folder, check=True, env=environment)
    visit.open(f"{there.hosts.address}/index.html")
    for _ in range(2):
        visit.page.get_by_role("button", name="Ask a colleague").click()
        visit.ask(FOUND)
        visit.choose(3)
        assert visit.page.locator("output").inner_text().startswith(f"{there.who}/people/")
        visit.page.keyboard.press("Escape")
        # Taken out and put in again, it is a new one with the same words.
        visit.page.get_by_role("button", name="Hide the search").click()
        assert visit.page.locator("whoknows-search").count() == 0
        visit.page.get_by_role("button", name="Show the search").click()


def test_an_mkdocs_site(there: Place, visit: Visit, tmp_path: Path) -> None:
    program = shutil.which("mkdocs") or (str(MKDOCS) if MKDOCS.exists() else None)
    if program is None:
        missing("MkDocs is not there: pip install mkdocs, or see .ci/run")
    folder = served("mkdocs", there, there.hosts, tmp_path)
    command = [program, "build", "--strict", "--quiet"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    there.hosts.files = folder / "site"
    visit.open(f"{there.hosts.address}/index.html")
    visit.page.keyboard.press("Control+k")
    # The letters s, n and p are shortcuts of its theme.
    visit.page.keyboard.type("some snap of the lantern")
    visit.until("found")
    assert visit.page.get_by_role("combobox").input_value() == "some snap of the lantern"
    assert visit.page.url == f"{there.hosts.address}/index.html"
    assert visit.page.locator(".modal.show").count() == 0


def test_a_frame_in_a_page_of_somebody_else(there: Place, visit: Visit, tmp_path: Path) -> None:
    served("iframe", there, there.hosts, tmp_path)
    with hosting() as others:
        others.files = tmp_path
        visit.open(f"{others.address}/outer.html", widget=False)
        inside = visit.page.frame_locator("iframe")
        inside.get_by_role("button", name="Search what colleagues know").click()
        inside.get_by_role("combobox").fill(FOUND)
        inside.get_by_role("combobox").press("Enter")
        inside.locator("dialog[data-state=found]").wait_for()
        assert inside.get_by_role("status").inner_text() == "2 answers, 2 people"
        box = inside.locator("dialog").bounding_box()
        frame = visit.page.locator("iframe").bounding_box()
        assert box["y"] + box["height"] <= frame["y"] + frame["height"]
        visit.page.goto("about:blank")

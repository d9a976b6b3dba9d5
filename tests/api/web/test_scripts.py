"""The bundles that are served: made from the sources beside them, and small."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SOURCES = ROOT / "api" / "web" / "scripts"
STATIC = ROOT / "api" / "web" / "static"
TEMPLATES = ROOT / "api" / "web" / "templates"
MOST_BYTES = 40_000
# With its styles: pages of other sites load it beside all that is theirs.
MOST_OF_THE_WIDGET = 8_000
BY_HAND = {"docs.js"}

_LOADED = re.compile(r'static\("([\w-]+\.js)"\)')


def bundles() -> set[str]:
    return {path.name for path in STATIC.glob("*.js")} - BY_HAND


def test_every_entry_has_its_bundle_and_every_bundle_its_entry() -> None:
    assert bundles() == {path.name for path in SOURCES.glob("*.js")}


@pytest.mark.skipif(
    "CI" not in os.environ
    and not (
        all((ROOT / "node_modules" / name).exists() for name in ("esbuild", "uplot"))
        and shutil.which("node")
    ),
    reason="esbuild or uPlot is not there: make scripts",
)
def test_the_bundles_are_what_their_sources_make(tmp_path: Path) -> None:
    subprocess.run(["node", str(SOURCES / "build.mjs"), str(tmp_path)], check=True, cwd=ROOT)
    stale = [
        name for name in bundles() if (tmp_path / name).read_bytes() != (STATIC / name).read_bytes()
    ]
    assert not stale, "make them anew: make scripts"


@pytest.mark.parametrize("page", sorted(TEMPLATES.glob("*.html")), ids=lambda page: page.stem)
def test_a_page_loads_little(page: Path) -> None:
    everywhere = _LOADED.findall((TEMPLATES / "base.html").read_text("utf-8"))
    names = {*everywhere, *_LOADED.findall(page.read_text("utf-8"))}
    sizes = [len(gzip.compress((STATIC / name).read_bytes())) for name in names]
    assert sum(sizes) <= MOST_BYTES


def test_the_widget_is_small_enough_for_the_pages_of_others() -> None:
    assert len(gzip.compress((STATIC / "widget.js").read_bytes())) <= MOST_OF_THE_WIDGET


@pytest.mark.parametrize("script", sorted(SOURCES.rglob("*.js")), ids=lambda path: path.stem)
def test_no_script_writes_html(script: Path) -> None:
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|Function\("
    )
    assert not re.findall(forbidden, script.read_text("utf-8"))

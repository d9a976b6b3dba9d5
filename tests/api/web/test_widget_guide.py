"""The guide to the widget names all that the widget has, and its example signs what counts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from knowledge.people import Profile
from knowledge.sites import Plan
from tests.builders import opened
from tests.knowledge.vouchers import key, planned

ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "api" / "web" / "scripts"
GUIDE = (ROOT / "docs" / "widget.md").read_text("utf-8")
WIDGET = (SCRIPTS / "widget.js").read_text("utf-8")
STYLE = (SCRIPTS / "widget.css").read_text("utf-8")
SHOWN = WIDGET + (SCRIPTS / "lib" / "results.js").read_text("utf-8")


def code(text: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", text))


@pytest.mark.parametrize(
    "found",
    [
        re.findall(r"^  (\w+): ", (SCRIPTS / "lib" / "words.js").read_text("utf-8"), re.M),
        [f"whoknows:{name}" for name in re.findall(r'#tell\("(\w+)"', WIDGET)],
        re.findall(r'getAttribute\("([\w-]+)"\)', WIDGET),
        re.findall(r'part: "(\w+)"', SHOWN) + re.findall(r'\btext\(\s*"(\w+)"', SHOWN),
    ],
    ids=["words", "events", "attributes", "parts"],
)
def test_the_guide_names_all(found: list[str]) -> None:
    assert len(found) > 4
    assert sorted(set(found) - code(GUIDE)) == []


def test_the_guide_names_every_property_that_a_page_may_choose() -> None:
    used, told = (set(re.findall(r"--whoknows-[\w-]+", text)) for text in (STYLE, GUIDE))
    assert used == told


def test_the_guide_s_example_signs_who_is_asking(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE, re.S)
    names: dict[str, Any] = {}
    exec(example, names)
    with opened(tmp_path) as services:
        ada = services.directory.put(Profile("Ada Field", "ada@example.org"))
        here = "https://intranet.example.org"
        site = services.sites.create(Plan("Intranet", (here,), **planned("ES256")), "operator")
        pem = key("ES256").as_pem(private=True)
        proof = names["whoknows_token"]("ada@example.org", site.key, pem)
        visitor = services.sites.identify(site.key, here, proof)
        assert visitor.person is not None
        assert visitor.person.id == ada

"""docs/measures.md says of every measure what the registry says, and of no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from knowledge.measures import registry

PAGE = (Path(__file__).parents[3] / "docs" / "measures.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^### (.+?)\n\n(.+?)(?=\n\n##|\n*\Z)", PAGE, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("key", registry.ALL)
def test_each_measure_has_its_section(key: str) -> None:
    one = registry.ALL[key]
    better = {1: "more", -1: "less", 0: "neither"}[one.better]
    told = "company and teams" if one.teams else "company"
    assert SECTIONS[one.name] == (
        f"`{key}`: {one.unit.value}, of {told}; better: {better}; version {one.version}.\n\n"
        f"- Formula: {one.formula}\n- Source: {one.source}\n- Caveats: {one.caveats}"
    )


def test_there_is_no_other_section_and_every_family_has_its_own() -> None:
    assert list(SECTIONS) == [one.name for one in registry.ALL.values()]
    families = dict.fromkeys(one.family.value.capitalize() for one in registry.ALL.values())
    assert [name for name in re.findall(r"^## (.+)$", PAGE, re.MULTILINE) if name in families] == [
        *families
    ]

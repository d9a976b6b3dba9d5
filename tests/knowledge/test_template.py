"""The parts of a note and its Markdown."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import template
from knowledge.readers._text import headings

PLAIN = st.text(st.sampled_from("ab \n#-*`1."), max_size=60)


def test_a_note_is_its_parts_under_their_headings() -> None:
    body = template.composed({"thing": "Stop first.", "why": " \n", "steps": "1. a\n2. b"})
    assert body == "## The one thing\n\nStop first.\n\n## Steps\n\n1. a\n2. b"
    assert template.parts(body) == {"thing": "Stop first.", "steps": "1. a\n2. b"}


def test_headings_of_ones_own_stay_where_they_stand() -> None:
    body = template.composed({"thing": "Do it.\n\n### At night\n\nTwice.", "pitfall": "Dark."})
    assert template.parts(body) == {"thing": "Do it.\n\n### At night\n\nTwice.", "pitfall": "Dark."}


def test_what_is_not_of_the_template_has_no_parts() -> None:
    assert template.parts("Just a text.") is None
    assert template.parts("Before.\n\n## Steps\n\n1.") is None
    assert template.parts("## Steps\n\n1.\n\n## Steps\n\n2.") is None
    assert template.parts("") == {}


@given(st.dictionaries(st.sampled_from(sorted(template.PARTS)), PLAIN))
def test_nothing_is_lost_on_the_way(told: dict[str, str]) -> None:
    body = template.composed(told)
    found = template.parts(body)
    assert found is not None
    kept = "".join(re.sub(r"\s", "", found.get(name, "")) for name in template.PARTS)
    if all(not list(headings(text)) and "`" not in text for text in told.values()):
        assert kept == "".join(re.sub(r"\s", "", told.get(name, "")) for name in template.PARTS)
    assert template.composed(found) == body


@pytest.mark.timeout(10)
@pytest.mark.parametrize("blank", [" ", "\n", "\n ", "\r\n", "\t"])
def test_no_blanks_take_long(blank: str) -> None:
    text = f"Do{blank * 100_000}it."
    assert template.composed({"thing": f"\n \n{text}{blank * 100}"}).endswith(text)

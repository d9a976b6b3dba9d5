"""What only the real model can do: find what shares no word with the question."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.services import Services
from indexer.search.results import Mode, Request
from knowledge.settings import load_settings
from knowledge.types import OPERATOR, Contributor, Role
from tests.builders import document

pytestmark = pytest.mark.model

PAGES = {
    "leave": (
        "Time away after a birth",
        "Parents stay at home for fourteen weeks, fully paid.",
        "Ida",
    ),
    "deploy": ("Rolling out", "Releases go to one server first, then to all the others.", "Raj"),
    "coffee": ("Kitchen", "The espresso machine is descaled every Friday.", "Mo"),
}


def test_meaning_is_found_without_shared_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHOKNOWS_DATA", str(tmp_path))
    services = Services(load_settings())
    for key, (title, body, name) in PAGES.items():
        services.capture.save(
            document(key, body, title=title, contributors=(Contributor(name, Role.AUTHOR),))
        )
    for query, expected in (
        ("maternity holiday length", "leave"),
        ("who knows about shipping software to production", "deploy"),
    ):
        result = services.pipeline.search(Request(query), OPERATOR)
        assert result.answers[0].document.external_id == expected
        assert result.people[0].person.name == PAGES[expected][2]
        lexical = services.pipeline.search(Request(query, mode=Mode.LEXICAL), OPERATOR)
        assert lexical.answers == ()
    assert services.index.verify() == []
    unknown = services.pipeline.search(Request("quantum chromodynamics lattice"), OPERATOR)
    assert not unknown.confident
    assert not unknown.people_confident
    services.close()

"""Words of the domain that do something."""

from __future__ import annotations

from knowledge.types import owned_source, source_name


def test_a_source_is_shown_without_its_owner() -> None:
    assert source_name("wiki") == "wiki"
    assert source_name(owned_source("person:7", "wiki")) == "wiki"
    assert source_name(owned_source("token:3", "person:7/wiki")) == "person:7/wiki"
    assert source_name("person:7/") == "person:7/"
    assert source_name("people/person:7/a") == "people/person:7/a"

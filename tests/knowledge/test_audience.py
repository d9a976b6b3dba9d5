"""Audiences are values; a malformed token is none."""

from __future__ import annotations

import pytest

from knowledge.types import EVERYONE, Audience


@pytest.mark.parametrize(
    "token", ["", "staff", "group:", "group:a | group:b", "group:a & b", "person:ada", "person:"]
)
def test_malformed_tokens_are_refused(token: str) -> None:
    with pytest.raises(ValueError, match="audience"):
        Audience.of([token] if token else [])


def test_equal_audiences_are_equal_values() -> None:
    one = Audience.of(["group:b", "group:a"], EVERYONE)
    assert one == Audience.of(EVERYONE, ["group:a", "group:b", "group:a"], EVERYONE)
    assert one.both(Audience.of("person:7")).clauses[-1] == ("person:7",)

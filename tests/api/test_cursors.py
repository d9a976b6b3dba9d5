"""Cursors: they lead on in their own list and in no other."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import cursors
from indexer.protocols import Filters
from indexer.search.results import Mode, Request
from knowledge.errors import InvalidInput

REQUEST = Request("backup", Filters(kind=frozenset({"note", "writeup"})))


@given(st.integers(0, 2**63 - 1), st.text())
def test_a_cursor_leads_back_to_its_place(position: int, about: str) -> None:
    made = cursors.encode(position, about)
    assert cursors.decode(made, about) == position
    with pytest.raises(InvalidInput, match="another list"):
        cursors.decode(made, about, "narrowed")


@given(st.text(max_size=40) | st.binary(max_size=40).map(lambda b: base64.b64encode(b).decode()))
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        cursors.decode(text, "list")


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, query="backups"),
        replace(REQUEST, mode=Mode.LEXICAL),
        replace(REQUEST, spelling=False),
        replace(REQUEST, literal=True),
        replace(REQUEST, filters=Filters()),
        replace(REQUEST, filters=Filters(tag=frozenset({"note", "writeup"}))),
        replace(REQUEST, filters=Filters(updated_after=datetime(2026, 1, 1, tzinfo=UTC))),
    ],
)
def test_another_search_is_another_list(other: Request) -> None:
    cursor = cursors.encode(10, *cursors._search(REQUEST))
    assert cursors.resume(replace(REQUEST, limit=3), cursor).offset == 10
    with pytest.raises(InvalidInput):
        cursors.resume(other, cursor)


def test_no_search_goes_on_for_ever() -> None:
    with pytest.raises(InvalidInput, match="further on"):
        cursors.resume(REQUEST, cursors.encode(10**9, *cursors._search(REQUEST)))

"""What a query asks for."""

from __future__ import annotations

import pytest

from indexer.search.query import MAX_CHARS, parse
from knowledge.errors import InvalidQuery


@pytest.mark.parametrize("text", ["", "  \n", "?!…", "\x00", "a" * (MAX_CHARS + 1), '"(*:-'])
def test_what_holds_nothing_is_refused_with_advice(text: str) -> None:
    with pytest.raises(InvalidQuery, match=r"type what|one thing"):
        parse(text)

"""Whether what people wait for can be answered now: searched for by themselves, with what they may
read."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from indexer.search.pipeline import Pipeline
from indexer.search.results import Request
from knowledge.asked import Wish
from knowledge.errors import DataUnavailable, InvalidQuery
from knowledge.types import Principal
from knowledge.wishes import Wishes

AT_ONCE = 3


class Wishing:
    """Looks at people's wishes. Safe to share between threads."""

    def __init__(self, wishes: Wishes, pipeline: Pipeline) -> None:
        self._wishes = wishes
        self._pipeline = pipeline

    def look(self, principal: Principal) -> list[Wish]:
        """All wishes of the asker, a person, after looking at a few of those that were not looked
        at for an hour. The searches are not counted as theirs."""
        person_id = principal.person_id
        assert person_id is not None
        due = self._wishes.due(person_id, AT_ONCE)
        if due:
            answered = {wish: self._confident(wish.text, principal) for wish in due}
            # Otherwise the page is shown all the same, and they are looked at again.
            with suppress(DataUnavailable):
                self._wishes.looked_at(answered)
        return self._wishes.of(person_id)

    def look_for(self, persons: Collection[int]) -> None:
        """The same for people who do not look themselves, all that is due of each. Raises
        DataUnavailable."""
        for person_id in persons:
            principal = self._wishes.principal(person_id)
            while due := self._wishes.due(person_id, AT_ONCE):
                answered = {wish: self._confident(wish.text, principal) for wish in due}
                self._wishes.looked_at(answered)

    def _confident(self, text: str, principal: Principal) -> bool:
        try:
            return self._pipeline.search(Request(text), principal).confident
        except InvalidQuery:
            return False

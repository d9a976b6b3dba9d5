"""What a query asks for: its intent and its topic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from indexer.search.intent import asked_of_people
from indexer.search.results import Intent
from knowledge.errors import InvalidQuery

MAX_CHARS = 4000
_EDGE = "?!.,:;"


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """``topic`` is what the retrievers get: the text without "who knows about…" around it, and
    with its spelling ``corrected``, where that is not None."""

    text: str
    topic: str
    intent: Intent
    corrected: str | None = None

    def corrected_by(self, correct: Callable[[str], str | None]) -> ParsedQuery:
        """The query with its topic put right; what stands around a topic needs no correction."""
        better = correct(self.topic)
        if better is None:
            return self
        pairs = zip(self.topic.split(), better.split(), strict=True)
        right = {typed.rstrip(_EDGE): put.rstrip(_EDGE) for typed, put in pairs}
        corrected = " ".join(
            right.get(core := typed.rstrip(_EDGE), core) + typed[len(core) :]
            for typed in self.text.split()
        )
        # A question for people may have been mistyped itself.
        again = parse(corrected)
        return replace(again, text=self.text, corrected=corrected)


def parse(text: str) -> ParsedQuery:
    """Raises InvalidQuery, with what to do about it, for a query that holds nothing to find."""
    if len(text) > MAX_CHARS:
        raise InvalidQuery(
            f"the query is longer than {MAX_CHARS:,} characters; ask for one thing at a time"
        )
    shown = " ".join(text.replace("\x00", " ").split())
    if not shown:
        raise InvalidQuery("the query is empty; type what you want to know")
    if not any(character.isalnum() for character in shown):
        raise InvalidQuery("the query holds no word or number; type what you want to know")
    about = asked_of_people(shown)
    if about is None:
        return ParsedQuery(shown, shown, Intent.ANSWER)
    return ParsedQuery(shown, about, Intent.WHO)

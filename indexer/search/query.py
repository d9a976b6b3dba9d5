"""What a query asks for: its intent, its topic, and the signs in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from indexer.search.carriers import topic
from indexer.search.intent import asked_of_people
from indexer.search.operators import NAMING, PHRASE, Sign, signs
from indexer.search.results import Intent, Understood
from knowledge.errors import InvalidQuery

MAX_CHARS = 4000
_EDGE = "?!.,:;"


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """``topic`` is what the retrievers get: the text without "who knows about…" or "summarize the
    discussion about…" around it and without its ``signs``, and with its spelling ``corrected``,
    where that is not None. What narrows it is ``understood`` later, or ``missing``, a phrase that
    nothing holds."""

    text: str
    topic: str
    intent: Intent
    signs: tuple[Sign, ...] = ()
    corrected: str | None = None
    understood: tuple[Understood, ...] = ()
    missing: tuple[str, ...] = ()

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

    def without_phrases(self) -> ParsedQuery:
        """The query with its phrases taken for words, since nothing holds them all."""
        phrases = tuple(one.value for one in self.understood if one.field == PHRASE)
        others = tuple(one for one in self.understood if one.field != PHRASE)
        return replace(self, understood=others, missing=phrases)


def parse(text: str, literal: bool = False) -> ParsedQuery:
    """``literal``: take every sign for a word.

    Raises InvalidQuery, with what to do about it, for a query that holds nothing to find.
    """
    if len(text) > MAX_CHARS:
        raise InvalidQuery(
            f"the query is longer than {MAX_CHARS:,} characters; ask for one thing at a time"
        )
    shown = " ".join(text.replace("\x00", " ").split())
    if not shown:
        raise InvalidQuery("the query is empty; type what you want to know")
    if not any(character.isalnum() for character in shown):
        raise InvalidQuery("the query holds no word or number; type what you want to know")
    words, found = (shown, ()) if literal else _apart(shown)
    about = asked_of_people(words)
    if about is None:
        return ParsedQuery(shown, words if literal else topic(words), Intent.ANSWER, found)
    return ParsedQuery(shown, about, Intent.WHO, found)


def _apart(text: str) -> tuple[str, tuple[Sign, ...]]:
    """The words of a text, those of its phrases too, and its signs.

    Where nothing but signs stands, the values that they name are what is looked for; what only
    leaves out and dates names nothing, and is taken for words.
    """
    found = tuple(signs(text))
    pieces, end = [], 0
    for sign in found:
        if sign.name != PHRASE:
            pieces.append(text[end : sign.start])
            end = sign.end
    words = " ".join("".join([*pieces, text[end:]]).split())
    if any(character.isalnum() for character in words):
        return words, found
    named = [sign.value for sign in found if sign.name in NAMING]
    return (" ".join(named), found) if named else (text, ())

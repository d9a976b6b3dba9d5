"""Who wrote what is left of a page: each sentence is whose who first put it there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from knowledge.readers._nobody import is_nobody
from knowledge.types import Contributor, Role

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_BOT = re.compile(r"(?i:\bbot\d*\b|\bscript$)|(?<=[a-z0-9])B(?:ot|OT)\d*\b|[a-z0-9]bot\d*$")
# Surnames that end like a bot's name.
_NAMES = re.compile(r"(?:ab|tal|ca|cha|gui|thi|ro|ja|ra|pi|gar|lam|ni|tur)bot$", re.I)
# Visitors without an account, who since MediaWiki 1.43 get one for some days.
_TEMPORARY = re.compile(r"~\d{4}-\d")
_NOBODY = frozenset(
    ("mediawiki default", "maintenance script", "conversion script", "new user message")
)
_MOST_PEOPLE = 50
_MOST_SENTENCES = 200_000


@dataclass(slots=True)
class _Person:
    at: datetime | None = None


def person(username: str) -> str:
    """An account's name; "" for bots, addresses and what MediaWiki does itself."""
    # What came over from another wiki has that before its name.
    name = " ".join(username.replace("_", " ").rpartition(">")[2].split())
    bot = _BOT.search(name) and not _NAMES.fullmatch(name.rpartition(" ")[2])
    if bot or is_nobody(name) or _TEMPORARY.match(name) or name.lower() in _NOBODY:
        return ""
    return name


class Survival:
    """The revisions of one page, oldest first; in time and memory linear in their text.

    A sentence that comes back after it was taken out is still its first author's.
    """

    def __init__(self) -> None:
        self._first: tuple[str, str] | None = None
        self._revisions = 0
        self._author = ""
        self._owners: dict[int, str] = {}
        self._people: dict[str, _Person] = {}

    def revision(self, text: str, who: str, at: datetime | None, *, follows: bool = False) -> None:
        """The next revision. ``who`` is "" where no person is known; ``follows``: there were
        others before it, also where they are not told."""
        if who:
            self._people.setdefault(who, _Person()).at = at
        self._revisions += 1
        if self._revisions == 1:
            self._author = "" if follows else who
            self._first = (text, who)
            return
        if self._first is not None:
            # Most dumps hold one revision a page: nothing is to be compared there.
            self._own(*self._first)
            self._first = None
        self._own(text, who)

    def contributors(self, text: str) -> tuple[Contributor, ...]:
        """Everybody of whom something is left, by how many words that is."""
        if self._revisions == 1:
            weights = {who: float(max(1, len(text.split()))) for who in self._people}
        else:
            weights = {}
            for sentence in _sentences(text):
                owner = self._owners.get(hash(sentence), "")
                if owner:
                    weights[owner] = weights.get(owner, 0.0) + len(sentence.split())
        ranked = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_PEOPLE]
        return tuple(
            Contributor(
                name=who,
                role=Role.AUTHOR if who == self._author else Role.EDITOR,
                handle=who,
                weight=weight,
                at=self._people[who].at,
            )
            for who, weight in ranked
        )

    def _own(self, text: str, who: str) -> None:
        for sentence in _sentences(text):
            self._owners.setdefault(hash(sentence), who)
        if len(self._owners) > _MOST_SENTENCES:
            kept = {hash(sentence) for sentence in _sentences(text)}
            self._owners = {key: owner for key, owner in self._owners.items() if key in kept}


def _sentences(text: str) -> Iterator[str]:
    return (part for part in _SENTENCE.split(text) if part.strip(" *#:;=|'"))

"""The use case: administrators say what the company's jargon means.

Every search reads all of them, so that each process knows of a change at once; that is why their
number is bounded.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from knowledge import audit, requests
from knowledge.asked import Synonym
from knowledge.audit import Action
from knowledge.errors import Conflict, InvalidInput, NotFound
from knowledge.requests import Repeated, RequestKey
from knowledge.store import synonyms
from knowledge.store.database import Database

MAX_CHARS = 100
MOST = 500


class Jargon:
    """Everything that concerns synonyms but searching by them. Safe to share between threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def all_of_them(self) -> tuple[Synonym, ...]:
        """Every synonym, oldest first."""
        with self._database.read() as connection:
            return synonyms.all_of_them(connection)

    def add(
        self,
        term: str,
        meaning: str,
        both: bool = False,
        key: RequestKey | None = None,
        by: str = "operator",
    ) -> Synonym:
        """Whoever asks for ``term`` also asks for ``meaning``; with ``both`` also the reverse.

        A repeated request gets what it made. Raises InvalidInput for what holds no word or is too
        long, Conflict when these two are paired already or there are too many.
        """
        term, meaning = _text(term), _text(meaning)
        if term.casefold() == meaning.casefold():
            raise InvalidInput("a synonym is another word; these two are the same")
        now = self._now()
        try:
            with self._database.write() as connection:
                requests.begin(connection, key, now)
                held = synonyms.all_of_them(connection)
                pair = {term.casefold(), meaning.casefold()}
                if any({one.term.casefold(), one.meaning.casefold()} == pair for one in held):
                    raise Conflict(
                        f"{term!r} and {meaning!r} are paired already; remove that first"
                    )
                if len(held) >= MOST:
                    raise Conflict(f"there are {MOST} synonyms already, no more fit; remove some")
                made = synonyms.add(connection, term, meaning, both, now)
                requests.remember(connection, key, str(made.id), now)
                audit.record(connection, by, Action.SYNONYM_ADDED, f"synonym:{made.id}", at=now)
                return made
        except Repeated as before:
            return next(
                (one for one in self.all_of_them() if str(one.id) == before.made),
                Synonym(int(before.made), term, meaning, both),
            )

    def remove(self, synonym_id: int, by: str = "operator") -> None:
        """Forget one. Raises NotFound."""
        with self._database.write(frees=True) as connection:
            if not synonyms.remove(connection, synonym_id):
                raise NotFound(f"there is no synonym {synonym_id}")
            subject = f"synonym:{synonym_id}"
            audit.record(connection, by, Action.SYNONYM_REMOVED, subject, at=self._now())


def _text(given: str) -> str:
    told = " ".join(given.split())
    if not any(character.isalnum() for character in told) or "\0" in told:
        raise InvalidInput("a synonym needs a word on both sides")
    if len(told) > MAX_CHARS:
        raise InvalidInput(f"a synonym is a word or a few, of at most {MAX_CHARS} characters")
    return told

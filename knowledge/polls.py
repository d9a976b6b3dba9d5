"""The use case: those who came to a session say what they think of it, and nobody is told who.

Answers are told to the host in whole fives: the difference between what is told earlier and later
is five people at least. What somebody says is kept without them, that they said it apart from it.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row

from knowledge import drafts, limits, meeting, template
from knowledge.drafting import Drafting, Form
from knowledge.errors import Conflict, InvalidInput
from knowledge.meeting import State
from knowledge.store import access
from knowledge.store import meetings as store
from knowledge.store.database import Database
from knowledge.types import Kind, Principal

THRESHOLD = 5
MAX_LINE = 500
MAX_PASSED_ON = 20_000
ASKED = ("useful", "relevant", "engaging")


class Tap(StrEnum):
    """An answer that takes one tap."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody who came says of it; ``line`` in words, and what they would ``pass_on``."""

    useful: Tap
    relevant: Tap
    engaging: Tap
    line: str = ""
    pass_on: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What was said, of ``count`` people: none, or a multiple of five."""

    count: int
    taps: Mapping[str, Mapping[Tap, int]]
    lines: tuple[str, ...]


class Polls:
    """What is said of sessions. Safe to share between threads."""

    def __init__(self, database: Database, drafting: Drafting) -> None:
        self._database = database
        self._drafting = drafting

    def answer(self, meeting_id: int, given: Opinion, asker: Principal) -> int | None:
        """Say it, once. Returns the id of the draft of what one would pass on, which is the
        asker's alone.

        Raises NotFound, Conflict for who did not come or has said it, InvalidInput.
        """
        line, thing = " ".join(given.line.split()), given.pass_on.strip()
        for text, most in ((line, MAX_LINE), (thing, MAX_PASSED_ON)):
            if len(text) > most or not limits.storable(text):
                raise InvalidInput(f"that is longer than {most:,} characters, or no text")
        with self._database.read() as connection:
            row = self._asked(connection, meeting_id, asker)
            audience = access.audience_of(connection, row.audience_id)
        made = None
        if thing:
            # Before the answer: what cannot be kept is said while one can still mend it.
            note = drafts.draft(
                title=row.title,
                body=f"## {template.THE_THING}\n\n{thing}\n",
                kind=Kind.NOTE,
                audience=audience.clauses,
            )
            made = self._drafting.create(Form.NOTE, note, asker).id
        with self._database.write() as connection:
            self._asked(connection, meeting_id, asker)
            values = {
                "drawn": secrets.token_hex(16),
                "meeting_id": meeting_id,
                "batch": store.count_answers(connection, meeting_id) // THRESHOLD,
                **{name: getattr(given, name).value for name in ASKED},
                "line": line,
            }
            store.add_answer(connection, values, meeting.records(asker))
        return made

    def _asked(self, connection: Connection, meeting_id: int, asker: Principal) -> Row[Any]:
        theirs = meeting.records(asker)
        row = store.readable(connection, meeting_id, asker, theirs)
        meeting.check_state(row, State.PLANNED, State.HELD)
        joined = store.taking_part(connection, [row.id]).get(row.id, [])
        own = next((one for one in joined if one.person in theirs), None)
        if row.host_id in theirs or own is None or not own.came or row.state != State.HELD:
            raise Conflict("it asks those who came, as its host says")
        if own.answered:
            raise Conflict("you said already what you think of it")
        return row

    def result(self, meeting_id: int, asker: Principal) -> Result:
        """What was said, for the host. Raises NotFound, Conflict for others."""
        with self._database.read() as connection:
            row = meeting.hosted(connection, meeting_id, asker)
            whole = store.count_answers(connection, row.id) // THRESHOLD
            said = store.answers(connection, row.id, whole)
        counted = {name: Counter(getattr(one, name) for one in said) for name in ASKED}
        taps = {name: {tap: held[tap.value] for tap in Tap} for name, held in counted.items()}
        return Result(len(said), taps, tuple(one.line for one in said if one.line))

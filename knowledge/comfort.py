"""What the anonymous pulse says of comfort: kept in whole batches, of nobody.

A batch is five answers or more to one question in one month, counted by score. Whoever collects
answers writes a batch when it is whole, and only then; see docs/decisions/0039.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection

from knowledge.errors import InvalidInput
from knowledge.store import measures as store

FEWEST = 5
SCORES = (1, 2, 3, 4, 5)
QUESTIONS = (
    "I can ask colleagues for help without fear of looking foolish.",
    "I can tell colleagues of a mistake of mine, so that they learn from it.",
    "I feel at ease sharing what I know, even when it is unfinished.",
    "I find the time to learn from colleagues.",
)
"""From 1, not at all, to 5, wholly. Numbered from 1."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Answers to one question (1 to 4) in a month (``YYYY-MM``): how many gave each score from 1
    to 5."""

    month: str
    question: int
    counts: tuple[int, int, int, int, int]


def add(connection: Connection, batch: Batch) -> None:
    """Keep a whole batch. Raises InvalidInput for fewer than five answers, and for no question."""
    if sum(batch.counts) < FEWEST or min(batch.counts) < 0:
        raise InvalidInput(f"a batch has {FEWEST} answers or more")
    if not 1 <= batch.question <= len(QUESTIONS):
        raise InvalidInput(f"there are the questions 1 to {len(QUESTIONS)}")
    drawn = secrets.token_hex(16)
    store.add_batch(connection, drawn, batch.month, batch.question, batch.counts)


def of_month(connection: Connection, month: str) -> list[Batch]:
    """What was said in a month, in an order that tells nothing."""
    return [Batch(month, *row) for row in store.batches(connection, month)]

"""Searches of people in the log, as if they had been asked at some time."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import insert

from knowledge.asked import AskedQuery, Feedback, Verdict
from knowledge.store import feedback
from knowledge.store.database import Database
from knowledge.store.tables import queries


def log(
    database: Database,
    text: str,
    askers: Iterable[object],
    at: datetime,
    *,
    sure: bool = False,
    rejected: bool = False,
) -> None:
    """One search of each asker, whose pseudonym is what they are called here."""
    with database.write() as connection:
        for asker in askers:
            asked = AskedQuery(uuid.uuid4().hex, text, "answer", 1, sure, at)
            row = {name: getattr(asked, name) for name in AskedQuery.__dataclass_fields__}
            connection.execute(insert(queries).values(**row, asker=str(asker)))
            if rejected:
                told = Feedback(asked.id, 1, None, Verdict.NOT_HELPFUL)
                feedback.add(connection, told, at)

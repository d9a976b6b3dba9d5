"""Queries about feedback."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, insert

from knowledge.asked import Feedback
from knowledge.store.tables import feedback


def add(connection: Connection, given: Feedback, at: datetime) -> None:
    """Keep what somebody said."""
    connection.execute(insert(feedback).values(**asdict(given), at=at))

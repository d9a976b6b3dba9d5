"""Somebody who is erased is named in nothing that others wrote beside documents."""

from __future__ import annotations

from sqlalchemy import Connection

from knowledge.redaction import Called
from knowledge.store import aims, drafts, meetings, questions, topics


def clean(connection: Connection, called: Called) -> None:
    """Take what somebody is called out of topics, drafts, questions, sessions and interventions."""
    topics.forget(connection, called)
    drafts.clean(connection, called)
    questions.clean(connection, called)
    meetings.clean(connection, called)
    aims.clean(connection, called)

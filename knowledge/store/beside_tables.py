"""The tables that stand in files of their own, one file a concern."""

from knowledge.store import (
    asked_tables,
    draft_tables,
    identity_tables,
    measure_tables,
    meeting_tables,
    question_tables,
    reading_tables,
    teaching_tables,
    topic_tables,
)

BESIDE = (
    identity_tables,
    draft_tables,
    reading_tables,
    question_tables,
    asked_tables,
    meeting_tables,
    topic_tables,
    measure_tables,
    teaching_tables,
)

"""The tables that stand in files of their own, one file a concern."""

from knowledge.store import (
    asked_tables,
    care_tables,
    draft_tables,
    identity_tables,
    mail_tables,
    measure_tables,
    meeting_tables,
    pulse_tables,
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
    pulse_tables,
    care_tables,
    teaching_tables,
    mail_tables,
)

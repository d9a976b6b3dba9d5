"""The tables that stand in files of their own, one file a concern."""

from knowledge.store import (
    draft_tables,
    identity_tables,
    meeting_tables,
    question_tables,
    reading_tables,
)

BESIDE = (identity_tables, draft_tables, reading_tables, question_tables, meeting_tables)

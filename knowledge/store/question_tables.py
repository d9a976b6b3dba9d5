"""The tables of what people ask each other."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    String,
    Table,
    Text,
    false,
)

from knowledge.store import schema

metadata, Id, UtcDateTime = schema.metadata, schema.Id, schema.UtcDateTime

questions = Table(
    "questions",
    metadata,
    Column("id", Id, primary_key=True),
    # Who asks; nobody, when they were erased since. Whoever reads it for somebody else has to look
    # at ``anonymous`` first.
    Column("person_id", ForeignKey("people.id"), index=True),
    Column("anonymous", Boolean, nullable=False),
    Column("title", String(300), nullable=False),
    # Without case and further spaces: nobody asks the same twice.
    Column("title_key", String(300), nullable=False),
    Column("body", Text, nullable=False),
    # The search that led to it, as words.
    Column("query", Text, nullable=False),
    Column("audience", JSON, nullable=False),
    # See knowledge.questions.State.
    Column("state", String(20), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    # When further people are asked, if nobody has answered; never, where there is nobody further.
    Column("due_at", UtcDateTime, index=True),
    # What the accepted answer became. No foreign key: the document may go.
    Column("document_id", BigInteger, index=True),
    # The thread that meant the same when it was asked, if everybody could read one: for measures.
    # No foreign key, as above.
    Column("asked_before", BigInteger),
    sqlite_autoincrement=True,
)

# Who may know: of those that a search found, and of those that were named.
question_people = Table(
    "question_people",
    metadata,
    Column("question_id", ForeignKey("questions.id"), primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True, index=True),
    Column("quality", Float, nullable=False),
    Column("named", Boolean, nullable=False),
    # Whether they hold the topic that the question is about.
    Column("holder", Boolean, nullable=False, server_default=false()),
    # Nothing before they are asked.
    Column("asked_at", UtcDateTime, index=True),
    Column("handed_on_at", UtcDateTime),
)

question_answers = Table(
    "question_answers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("question_id", ForeignKey("questions.id"), nullable=False, index=True),
    # Nobody, when they were erased since.
    Column("person_id", ForeignKey("people.id"), index=True),
    Column("body", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("accepted", Boolean, nullable=False),
    sqlite_autoincrement=True,
)

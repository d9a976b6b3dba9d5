"""The tables of what people are told by mail: see ``knowledge.notices``."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, UniqueConstraint

from knowledge.store import schema

metadata, Id, UtcDateTime = schema.metadata, schema.Id, schema.UtcDateTime

# How soon somebody wants to be told of something; what is not here is as usual.
mail_choices = Table(
    "mail_choices",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    # See knowledge.notices.Matter and Pace.
    Column("matter", String(20), primary_key=True),
    Column("pace", String(10), nullable=False),
)

# What somebody is to be told, or was: that a row is there keeps it from being told again. No words:
# these are made when it is sent, of what its receiver may read then.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
    # See knowledge.notices.Notice.
    Column("kind", String(20), nullable=False),
    # What it is about. No foreign key: each kind has a table of its own, and the thing may go.
    Column("item_id", BigInteger, nullable=False),
    # Which time it is told of the same thing: an answer's id, a week, when a session begins.
    Column("occasion", String(20), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # See knowledge.notices.State.
    Column("state", String(10), nullable=False, index=True),
    Column("ended_at", UtcDateTime),
    # When the server first did not take it, how often since, and when it is offered again.
    Column("tried_at", UtcDateTime),
    Column("tries", Integer, nullable=False),
    Column("next_at", UtcDateTime),
    UniqueConstraint("person_id", "kind", "item_id", "occasion"),
    sqlite_autoincrement=True,
)

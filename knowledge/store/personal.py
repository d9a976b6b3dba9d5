"""What the tables hold of a person: what they are given of it, and what is deleted with them.

A test finds every column that may name somebody, and fails when one is in no list here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, or_, select

from knowledge.store import drafts as draft_store
from knowledge.store.asked_tables import wishes
from knowledge.store.care_tables import care, handover_items, handovers
from knowledge.store.draft_tables import drafts
from knowledge.store.identity_tables import (
    appearances,
    audit,
    claimed_groups,
    hidden_topics,
    identities,
    invitations,
    objections,
    passwords,
    roles,
    sessions,
    tokens,
)
from knowledge.store.mail_tables import mail_choices, outbox
from knowledge.store.measure_tables import goals, interventions, reading_days, readings
from knowledge.store.meeting_tables import meeting_people, meetings
from knowledge.store.pulse_tables import comfort_marks, review_decisions
from knowledge.store.question_tables import question_answers, question_people, questions
from knowledge.store.reading_tables import currency, doubts, offers, settlements
from knowledge.store.tables import (
    contributions,
    distinctions,
    feedback,
    group_members,
    import_items,
    imports,
    merges,
    people,
    person_emails,
    person_handles,
    queries,
    requests,
    speaker_assignments,
)
from knowledge.store.teaching_tables import (
    draft_reviews,
    milestones,
    reader_levels,
    teaching_minutes,
)
from knowledge.store.topic_tables import topics


@dataclass(frozen=True, slots=True)
class Held:
    """Rows of a person. ``columns`` name them, by id or (``owned``) as ``person:ID``; ``told`` are
    the columns that they are given: no secrets, and nothing that is about others."""

    table: Table
    columns: tuple[str, ...]
    told: tuple[str, ...]
    owned: bool = False

    def theirs(self, ids: Collection[int]) -> ColumnElement[bool]:
        """The condition on the table's rows."""
        wanted: list[Any] = [f"person:{key}" for key in ids] if self.owned else list(ids)
        return or_(*(self.table.c[name].in_(wanted) for name in self.columns))


_OWN = ("person_id",)
DELETED = (
    Held(identities, _OWN, ("issuer", "subject", "created_at", "seen_at")),
    Held(passwords, _OWN, ("changed_at",)),
    Held(invitations, _OWN, ("created_at", "expires_at", "used_at")),
    Held(
        sessions,
        _OWN,
        ("id", "issuer", "agent", "created_at", "seen_at", "expires_at", "ended_at"),
    ),
    Held(
        tokens,
        _OWN,
        (
            *("id", "name", "scopes", "made_by", "replaces"),
            *("created_at", "expires_at", "last_used_at", "revoked_at"),
        ),
    ),
    Held(roles, _OWN, ("role", "source", "topic", "at")),
    Held(claimed_groups, _OWN, ("slug",)),
    Held(group_members, _OWN, ("slug",)),
    Held(person_emails, _OWN, ("email", "vouched")),
    Held(person_handles, _OWN, ("namespace", "handle", "vouched")),
    Held(hidden_topics, _OWN, ("topic", "at")),
    Held(objections, _OWN, ("document_id", "verdict", "at")),
    Held(settlements, _OWN, ("document_id", "at")),
    Held(doubts, _OWN, ("document_id", "reason", "at")),
    Held(offers, _OWN, ("kind", "topic", "at")),
    Held(question_people, _OWN, ("question_id", "asked_at", "handed_on_at")),
    Held(wishes, _OWN, ("text", "at", "told_at")),
    Held(meeting_people, _OWN, ("meeting_id", "joined_at", "came", "answered")),
    Held(comfort_marks, _OWN, ("month", "answered")),
    Held(handover_items, ("to_id",), ("kind", "item_id", "seen_at", "declined_at")),
    Held(handovers, _OWN, ("id", "at", "undone_at")),
    Held(milestones, _OWN, ("id", "deed", "number", "due_at", "set_at")),
    Held(teaching_minutes, _OWN, ("act", "minutes")),
    Held(reader_levels, _OWN, ("level",)),
    Held(mail_choices, _OWN, ("matter", "pace")),
    Held(outbox, _OWN, ("kind", "created_at", "state", "ended_at")),
    Held(
        draft_reviews,
        ("author_id", "reviewer_id"),
        ("id", "state", "wish", "comment", "points", "asked_at", "ended_at"),
    ),
    Held(appearances, _OWN, ("day", "shown")),
    Held(reading_days, _OWN, ("day",)),
    Held(readings, _OWN, ("month", "document_id", "place")),
    Held(
        drafts,
        _OWN,
        (
            *("id", "form", "title", "body", "tags", "level", "audience", "url", "rough"),
            *("document_id", "created_at", "changed_at"),
        ),
    ),
    Held(feedback, _OWN, ("verdict", "at")),
    Held(requests, ("owner",), ("key", "made", "at"), owned=True),
    Held(
        imports,
        ("owner",),
        (
            *("id", "file_name", "format", "source", "state", "error", "counts", "options"),
            *("summary", "created_at", "started_at", "finished_at"),
        ),
        owned=True,
    ),
    Held(merges, ("kept", "gone"), ("kept", "gone", "at", "undone_at")),
    Held(distinctions, ("one", "other"), ("one", "other", "at")),
)
"""Rows that go with their person."""

CHANGED = (
    Held(
        people,
        ("id", "merged_into"),
        (
            *("id", "name", "team", "title", "listed", "address", "merged_into"),
            *("consent_written", "consent_written_by", "consent_spoken", "consent_spoken_by"),
            *("disabled_at", "paused_until"),
        ),
    ),
    Held(contributions, _OWN, ("document_id", "role", "name", "weight", "at")),
    Held(speaker_assignments, _OWN, ("document_id", "label", "name", "at")),
    Held(currency, _OWN, ("document_id", "state", "at")),
    Held(
        questions,
        _OWN,
        ("id", "title", "body", "query", "anonymous", "audience", "state", "created_at"),
    ),
    Held(question_answers, _OWN, ("question_id", "body", "at", "accepted")),
    Held(
        meetings,
        ("host_id", "asker_id"),
        (
            *("id", "kind", "state", "title", "description", "level", "starts_at", "minutes"),
            *("place", "seats", "created_at"),
        ),
    ),
    Held(topics, ("steward_id",), ("id", "first_seen_at")),
    Held(goals, _OWN, ("id", "measure", "partition", "target", "due", "at")),
    Held(interventions, _OWN, ("id", "name", "measure", "start", "partitions", "at")),
    Held(
        review_decisions,
        _OWN,
        ("id", "month", "again", "text", "measure", "partition", "outcome", "at", "looked_at"),
    ),
    Held(care, ("owner_id",), ("document_id", "review_at", "every_months")),
)
"""Rows of which more has to be done than to delete them: see ``knowledge.erasing``."""

ACTED = Held(audit, ("actor",), ("at", "action"), owned=True)
"""What they did; it stays, with an id that leads to nobody."""

ONLY_IDS = frozenset(
    {
        ("audit", "actor"),
        ("audit", "subject"),
        ("erasures", "person_id"),
        ("tokens", "made_by"),
        ("audience_tokens", "token"),
        ("sources", "name"),
        *((name, "by") for name in ("roles", "merges", "distinctions", "speaker_assignments")),
        ("settlements", "by"),
        ("gaps", "by"),
        ("topics", "by"),
        ("successors", "by"),
        ("handovers", "by"),
        ("exemplars", "declined_by"),
    }
)
"""Columns in which an erased person stays as a number that leads to nobody."""


def records(connection: Connection, person_id: int) -> list[int]:
    """The ids of a person and of all records that are part of them, the person's first."""
    query = select(people.c.id).where(people.c.merged_into == person_id).order_by(people.c.id)
    return [person_id, *connection.execute(query).scalars()]


def rows(connection: Connection, held: Held, ids: Collection[int]) -> list[dict[str, Any]]:
    """What a person is given of a table."""
    columns = [held.table.c[name] for name in held.told]
    found = connection.execute(select(*columns).where(held.theirs(ids)).order_by(*columns[:1]))
    return [dict(row) for row in found.mappings()]


def asked_by(connection: Connection, pseudonyms: Collection[str]) -> list[dict[str, Any]]:
    """What was searched for under pseudonyms that are still known."""
    query = select(queries.c.text, queries.c.at).where(queries.c.asker.in_(sorted(pseudonyms)))
    return [dict(row) for row in connection.execute(query.order_by(queries.c.at)).mappings()]


def delete_rows(connection: Connection, ids: Collection[int]) -> None:
    """Everything in ``DELETED``."""
    owned = select(imports.c.id).where(imports.c.owner.in_([f"person:{key}" for key in ids]))
    connection.execute(delete(import_items).where(import_items.c.import_id.in_(owned)))
    gone = select(handovers.c.id).where(handovers.c.person_id.in_(list(ids)))
    connection.execute(delete(handover_items).where(handover_items.c.handover_id.in_(gone)))
    # With their pictures.
    draft_store.remove(connection, draft_store.of_people(connection, ids))
    for held in DELETED:
        connection.execute(delete(held.table).where(held.theirs(ids)))

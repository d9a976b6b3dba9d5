"""What was done, by whom and when: a chain that shows when somebody has tampered with it.

Each row is sealed with the SHA-256 of the seal before it and of all that it says, so a row that is
changed, removed or put elsewhere breaks the chain. Whoever can write to the database can also make
a new chain from the first row on, so the last seal is told, to be kept elsewhere: ``Journal.head``.

People stand in it as ids only, texts of queries and secrets not at all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from knowledge.store import audit as store
from knowledge.store.database import Database


class Action(StrEnum):
    """What is told of."""

    SIGNED_IN = "signed-in"
    SIGN_IN_FAILED = "sign-in-failed"
    SIGNED_OUT = "signed-out"
    SESSION_ENDED = "session-ended"
    PASSWORD_SET = "password-set"
    INVITED = "invited"
    DENIED = "denied"
    ACCESS_CHANGED = "access-changed"
    EXPORTED = "exported"
    ERASED = "erased"
    IMPORT_BEGUN = "import-begun"
    IMPORTED = "imported"
    IMPORT_CANCELLED = "import-cancelled"
    TOKEN_MADE = "token-made"
    TOKEN_ROTATED = "token-rotated"
    TOKEN_REVOKED = "token-revoked"
    SITE_MADE = "site-made"
    SITE_CHANGED = "site-changed"
    SITE_REVOKED = "site-revoked"
    ROLE_GRANTED = "role-granted"
    ROLE_WITHDRAWN = "role-withdrawn"
    PERSON_DISABLED = "person-disabled"
    PERSON_ENABLED = "person-enabled"
    PEOPLE_MERGED = "people-merged"
    PEOPLE_UNMERGED = "people-unmerged"
    PEOPLE_DISTINGUISHED = "people-distinguished"
    SYNONYM_ADDED = "synonym-added"
    SYNONYM_REMOVED = "synonym-removed"
    DIRECTORY_CHANGED = "directory-changed"
    SPEAKER_ASSIGNED = "speaker-assigned"
    DISPUTE_SETTLED = "dispute-settled"
    GAP_DISMISSED = "gap-dismissed"
    GAP_REOPENED = "gap-reopened"
    TOPIC_CHANGED = "topic-changed"
    OWNER_CHANGED = "owner-changed"
    REPLACED = "replaced"
    MERGED = "merged"
    HANDED_OVER = "handed-over"
    HANDOVER_UNDONE = "handover-undone"
    TEXT_CHANGED = "text-changed"
    DELETED = "deleted"
    BACKED_UP = "backed-up"
    RESTORED = "restored"


COMINGS = (Action.SIGNED_IN, Action.SIGNED_OUT, Action.SESSION_ENDED)
"""When somebody comes and goes: told of everybody or of nobody, never as a list of one person."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. ``actor`` is ``person:ID``, ``token:ID``, ``operator`` or ``nobody``; ``subject``
    names what it was done to in the same way: ``document:12``, ``person:7``, ``import:HEX``."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    seal: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What checking the chain came to. ``problem`` is nothing where it holds."""

    entries: int
    seal: str
    problem: str


def record(
    connection: Connection,
    actor: str,
    action: Action,
    subject: str = "",
    *,
    at: datetime | None = None,
    **detail: str | int | bool | list[str],
) -> None:
    """Tell of something in the transaction that does it: both are kept, or neither."""
    sequence, before = store.head(connection)
    row = {
        "sequence": sequence + 1,
        "at": at or datetime.now(UTC),
        "actor": actor,
        "action": action.value,
        "subject": subject,
        "detail": detail,
    }
    store.add(connection, row | {"seal": _seal(before, row)})


def record_groups(
    connection: Connection,
    actor: str,
    person_id: int,
    before: Collection[str],
    after: Collection[str],
    *,
    at: datetime | None = None,
    listed: bool = False,
) -> None:
    """Tell which groups somebody came into and left, and whether the directory lists them from now
    on; where nothing of it is so, nothing."""
    detail: dict[str, bool | list[str]] = {
        "added": sorted(set(after) - set(before)),
        "removed": sorted(set(before) - set(after)),
    }
    if listed:
        detail["listed"] = True
    if any(detail.values()):
        subject = f"person:{person_id}"
        record(connection, actor, Action.DIRECTORY_CHANGED, subject, at=at, **detail)


class Journal:
    """The audit as a whole. Safe to share between threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def tell(
        self, actor: str, action: Action, subject: str = "", **detail: str | int | bool | list[str]
    ) -> None:
        """Tell of something by itself, in a transaction of its own."""
        with self._database.write() as connection:
            record(connection, actor, action, subject, at=self._now(), **detail)

    def newest(
        self,
        limit: int,
        *,
        before: int | None = None,
        since: datetime | None = None,
        actor: str | None = None,
        action: Action | None = None,
    ) -> list[Entry]:
        """The last entries before a sequence, the newest first; those of one ``actor`` without
        when they came and went."""
        with self._database.read() as connection:
            rows = store.newest(
                connection,
                limit,
                before=before,
                since=since,
                actor=actor,
                action=action and action.value,
                but=() if actor is None else COMINGS,
            )
        return [Entry(**row) for row in rows]

    def head(self) -> tuple[int, str]:
        """How many entries there are, and the last seal."""
        with self._database.read() as connection:
            return store.head(connection)

    def verify(self, known: tuple[int, str] | None = None) -> Verdict:
        """Check every entry. ``known``: the sequence and the seal of one that were noted before."""
        before, expected, problem = "", 0, ""
        with self._database.read() as connection, ExitStack() as stack:
            last = store.head(connection)
            for row in stack.enter_context(closing(store.rows(connection))):
                expected += 1
                seal = row.pop("seal")
                if row["sequence"] != expected:
                    problem = f"entry {expected} is missing"
                elif seal != _seal(before, row):
                    problem = f"entry {expected} is not what was written"
                elif known is not None and known[0] == expected and known[1] != seal:
                    problem = f"entry {expected} is another one than was noted"
                if problem:
                    return Verdict(expected, before, problem)
                before = seal
        if (expected, before) != last:
            problem = f"entry {expected + 1} is missing"
        elif known is not None and known[0] > expected:
            problem = f"entry {known[0]}, which was noted, is missing"
        return Verdict(expected, before, problem)


def _seal(before: str, row: dict[str, Any]) -> str:
    told = row | {"at": row["at"].astimezone(UTC).isoformat(timespec="microseconds")}
    text = json.dumps(told, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()

"""What was done, for administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api import cursors
from api.auth import Administrator
from api.deps import Wired
from api.routes import V1
from api.schemas.audit import AuditHead, AuditList, AuditQuestion, entry_out

router = APIRouter(prefix=f"{V1}/audit", tags=["audit"])


@router.get("")
def audit(
    asked: Annotated[AuditQuestion, Query()], _asker: Administrator, services: Wired
) -> AuditList:
    """Entries of the audit, newest first."""
    about = ("audit", asked.since, asked.actor, asked.action)
    found = services.journal.newest(
        asked.limit + 1,
        before=cursors.decode(asked.cursor, *about),
        since=asked.since,
        actor=asked.actor,
        action=asked.action,
    )
    shown = found[: asked.limit]
    more = len(found) > len(shown)
    return AuditList(
        entries=[entry_out(entry) for entry in shown],
        next_cursor=cursors.encode(shown[-1].sequence, *about) if more else None,
    )


@router.get("/head")
def head(_asker: Administrator, services: Wired) -> AuditHead:
    """How many entries there are, and the seal of the last one.

    Keep it elsewhere: whoever could write the database anew cannot make a chain that ends so.
    """
    sequence, seal = services.journal.head()
    return AuditHead(sequence=sequence, seal=seal)

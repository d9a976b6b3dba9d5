"""The audit as a page: what was done, by whom and when."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import ValidationError

from api import cursors, mistakes
from api.auth import Administrator
from api.deps import Wired
from api.schemas.audit import AuditQuestion
from api.web import managing
from api.web.rendering import page
from knowledge.errors import InvalidInput

router = APIRouter(prefix="/admin/audit", include_in_schema=False)

Text = Annotated[str, Query(max_length=200)]
_SHOWN = 50


@router.get("")
def show(
    request: Request,
    asker: Administrator,
    services: Wired,
    action: Text = "",
    actor: Text = "",
    since: Text = "",
    cursor: Text = "",
) -> Response:
    """Entries, the newest first, narrowed by what was done, by whom and since when."""
    told = {"action": action, "actor": actor.strip(), "since": since}
    mistake = mistakes.NONE
    try:
        asked = AuditQuestion.model_validate(
            {name: value for name, value in told.items() if value} | {"limit": _SHOWN}
        )
        about = ("audit", asked.since, _actor(asked.actor), asked.action)
        before = cursors.decode(cursor or None, *about)
    except (ValidationError, InvalidInput) as error:
        mistake = mistakes.of(request, error)
        told["since"] = ""  # what is no date cannot stand in its field
        asked, before = AuditQuestion(limit=_SHOWN), None
        about = ("audit", None, None, None)
    found = services.journal.newest(
        _SHOWN + 1,
        before=before,
        since=asked.since,
        actor=_actor(asked.actor),
        action=asked.action,
    )
    entries = found[:_SHOWN]
    sequence, seal = services.journal.head()
    people = {
        int(number)
        for entry in entries
        for kind, _, number in (entry.actor.partition(":"), entry.subject.partition(":"))
        if kind == "person" and number.isdigit()
    }
    made = page(
        request,
        asker,
        "audit.html",
        entries=entries,
        names=services.profiles.named(people, asker.principal),
        following=cursors.encode(entries[-1].sequence, *about) if len(found) > _SHOWN else None,
        earlier=bool(cursor),
        actions=managing.ACTIONS,
        told=told,
        sequence=sequence,
        seal=seal,
        mistake=mistake,
    )
    made.status_code = mistake.status
    return made


def _actor(told: str | None) -> str | None:
    """A number alone is a person's."""
    return f"person:{told}" if told and told.isascii() and told.isdigit() else told

"""Whether an import may still go on: what its owner may do no more, no import does for them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from knowledge.jobs import Import
from knowledge.roles import standing_of
from knowledge.store import accounts, people, tokens
from knowledge.tokens import OPERATOR_MADE, works
from knowledge.types import Scope, source_name

_OUT = "whoever handed this in may not sign in any more"
_ENDED = "the token that handed this in has expired or was revoked"
_KEPT = "whoever handed this in may not import into this source any more"


def barred(connection: Connection, job: Import, at: datetime) -> str:
    """Why an import must not go on, as its owner stands now; blank where it may."""
    kind, _, number = job.owner.partition(":")
    kept = source_name(job.source) == job.source
    if kind == "token":
        token = tokens.get(connection, int(number))
        if token is not None and not works(token, at):
            return _ENDED
        keeps = token is not None and Scope.ADMIN in token.scopes
    else:
        person_id = people.whole(connection, int(number))
        if person_id in accounts.disabled_since(connection):
            return _OUT
        keeps = not kept or _keeps(connection, person_id, job.source, at)
    return _KEPT if kept and not keeps else ""


def _keeps(connection: Connection, person_id: int, source: str, at: datetime) -> bool:
    """By a role, or by a token to which the operator gave more than that."""
    if standing_of(connection, person_id).keeps(source):
        return True
    return any(
        token.person_id == person_id
        and token.made_by == OPERATOR_MADE
        and Scope.ADMIN in token.scopes
        and works(token, at)
        for token in tokens.all_of_them(connection)
    )

"""What the audit is told of imports: that they began, and how they ended."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection

from knowledge import audit
from knowledge.audit import Action, Journal
from knowledge.jobs import Import, ImportState

_COUNTS = ("added", "changed", "unchanged", "refused", "moved", "archived")


def begun(connection: Connection, job: Import, at: datetime) -> None:
    """An import was handed in."""
    subject = _subject(job)
    audit.record(connection, job.owner, Action.IMPORT_BEGUN, subject, at=at, dry_run=job.dry_run)


def ended(connection: Connection, job: Import, at: datetime) -> None:
    """An import is in a state; nothing is told of one that goes on."""
    if job.state is ImportState.CANCELLED:
        audit.record(connection, job.owner, Action.IMPORT_CANCELLED, _subject(job), at=at)
    elif job.state.ended:
        counts = {name: job.counts.get(name, 0) for name in _COUNTS}
        state = job.state.value
        subject = _subject(job)
        audit.record(connection, job.owner, Action.IMPORTED, subject, at=at, state=state, **counts)


def cancelled(connection: Connection, job: Import, by: str, at: datetime) -> None:
    """Another than its owner ended an import."""
    audit.record(connection, by, Action.IMPORT_CANCELLED, _subject(job), at=at)


@contextmanager
def by_operator(journal: Journal, counts: Callable[[], Mapping[str, int]]) -> Iterator[None]:
    """While the operator brings something in from the shell, which is kept nowhere else."""
    subject = f"import:{uuid.uuid4().hex}"
    journal.tell("operator", Action.IMPORT_BEGUN, subject, dry_run=False)
    state = ImportState.FAILED
    try:
        yield
        state = ImportState.DONE
    except KeyboardInterrupt:
        state = ImportState.CANCELLED
        raise
    finally:
        if state is ImportState.CANCELLED:
            journal.tell("operator", Action.IMPORT_CANCELLED, subject)
        else:
            came = {name: counts().get(name, 0) for name in _COUNTS}
            journal.tell("operator", Action.IMPORTED, subject, state=state.value, **came)


def _subject(job: Import) -> str:
    return f"import:{job.id}"

"""From one state of an import to the next: which actions are to be had, and what they change."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from knowledge.jobs import Action, Gone, Import, ImportState

SAID = {
    Action.PAUSE: "be paused",
    Action.RESUME: "be resumed",
    Action.CANCEL: "be cancelled",
    Action.ARCHIVE_GONE: "be told what to do with documents that are gone",
    Action.KEEP_GONE: "be told what to do with documents that are gone",
}


def changed(job: Import, action: Action, now: datetime) -> dict[str, Any] | None:
    """The columns that an action changes; None where it is not to be had."""
    state = job.state
    if state is ImportState.RUNNING and job.error:
        return None  # an administrator has cancelled it
    if state is ImportState.RUNNING and action in (Action.PAUSE, Action.CANCEL):
        return {"wish": action.value}
    if state is ImportState.QUEUED and action is Action.PAUSE:
        return paused()
    if state is ImportState.PAUSED and action is Action.RESUME:
        return {"state": ImportState.QUEUED.value}
    if state is ImportState.RUNNING and job.wish is Action.PAUSE and action is Action.RESUME:
        return {"wish": None}
    if action is Action.CANCEL and not state.ended:
        return ended(ImportState.CANCELLED, now)
    if state is not ImportState.ASKING:
        return None
    if action is Action.ARCHIVE_GONE:
        options = asdict(replace(job.options, gone=Gone.ARCHIVE))
        return {"state": ImportState.QUEUED.value, "options": options, "question": None}
    if action is Action.KEEP_GONE:
        return ended(ImportState.DONE, now)
    return None


def paused() -> dict[str, Any]:
    """The columns of one that waits."""
    return {"state": ImportState.PAUSED.value, "wish": None}


def ended(state: ImportState, now: datetime) -> dict[str, Any]:
    """The columns of one that is over."""
    return {
        "state": state.value,
        "wish": None,
        "question": None,
        "stored_as": None,
        "finished_at": now,
    }

"""The words of imports: a file that was handed in, and what became of what is in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from knowledge.types import Audience, Loss

KEPT = timedelta(hours=24)
"""How long the file of a dry run waits to be imported for real."""


class ImportState(StrEnum):
    """How far an import is. What runs while no worker lives is resumed by the next one.

    ``ASKING``: so much is gone from the export that its owner has to say what is to happen.
    """

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    ASKING = "asking"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self in (ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED)


class Action(StrEnum):
    """What its owner may do with an import."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    ARCHIVE_GONE = "archive_gone"
    KEEP_GONE = "keep_gone"


class Gone(StrEnum):
    """What happens to documents that a whole export no longer holds."""

    ASK = "ask"
    """They are archived, unless they are too many: then the import asks."""
    ARCHIVE = "archive"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Options:
    """How an import is to be done. ``full``: the export holds everything of its source; None: as
    its format is meant. ``url_template``: see ``knowledge.addresses``; ``record``: the
    session record of a single transcript, as text."""

    full: bool | None = None
    gone: Gone = Gone.ASK
    url_template: str | None = None
    speakers_consented: bool | None = None
    record: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """``gone`` of the ``held`` documents of a source are not in its export; ``names`` some."""

    gone: int
    held: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """A file that was handed in to be read. ``owner`` is ``person:ID`` or ``token:ID``.

    ``stored_as`` names the file in the spool, None once it was given back. ``counts`` holds how
    many inputs were added, changed, unchanged and refused, how many people they name, how many
    documents were moved and archived, and the bytes read and in all; ``runs`` is how often it was
    begun or resumed. ``wish`` is what its owner asked of it while it ran. ``summary`` is what was
    found in it, see ``knowledge.survey``; None before its end.
    """

    id: str
    owner: str
    file_name: str
    stored_as: str | None
    format: str
    source: str
    audience: Audience | None
    dry_run: bool
    state: ImportState
    counts: dict[str, int]
    created_at: datetime
    runs: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    error: str | None = None
    options: Options = field(default_factory=Options)
    wish: Action | None = None
    question: Question | None = None
    summary: dict[str, Any] | None = None

    @property
    def kept_until(self) -> datetime | None:
        """Until when the file of a dry run that is done can be imported for real; None where it
        was given back."""
        done = self.state is ImportState.DONE and self.dry_run
        waits = done and self.stored_as is not None and self.finished_at is not None
        return self.finished_at + KEPT if waits and self.finished_at else None


@dataclass(frozen=True, slots=True)
class ImportItem:
    """What became of one input; ``number`` ascends in its import, in the order of reading."""

    number: int
    name: str
    status: str
    reason: str = ""
    document_id: int | None = None
    losses: tuple[Loss, ...] = ()

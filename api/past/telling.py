"""How the sample company's past is described: ``data/samples/past/past.yaml``."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from knowledge.identity import OfferKind
from knowledge.meeting import Format
from knowledge.milestones import Deed
from knowledge.types import Kind, Level


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Dated(_Told):
    """``at``: the number of the month, and the day."""

    at: tuple[int, int]


class Searches(_Told):
    """How many ``people`` search in each month, and for which ``texts``; among documents of a
    ``kind`` and for a ``level`` alone, if they are given."""

    people: tuple[int, ...]
    texts: tuple[str, ...]
    kind: Kind | None = None
    level: Level | None = None


class Thing(_Told):
    """One thing worth knowing, by somebody; ``why`` it matters."""

    by: str
    title: str
    thing: str
    why: str


class Note(Dated, Thing):
    """``review``: after how many months its author looks at it again."""

    tags: tuple[str, ...]
    review: int | None = None


class Question(Dated):
    """It is meant for one colleague, who answers after so many ``hours``; ``taken``: the answer is,
    so that both become a thread."""

    by: str
    to: str
    ask: str
    hours: int
    answer: str
    taken: bool = True


class Session(Dated):
    """How many joined and came; ``said`` has the first letters of each answer to its poll."""

    host: str
    kind: Format
    title: str
    joined: int
    came: int
    said: tuple[str, ...]
    lines: tuple[str, ...] = ()


class Said(Dated):
    """Something about a document by its title; ``why`` where it is told, ``to`` for whom."""

    by: str
    title: str
    why: str = ""
    to: str = ""


class Left(Dated):
    """Somebody left the company."""

    who: str


class Goal(_Told):
    """Set when ``month`` was published, to be met by the month ``due``."""

    month: int
    by: str
    measure: str
    target: float
    due: int


class Intervention(_Told):
    """Noted when ``month`` was published; in ``teams`` from the month ``start`` on."""

    month: int
    by: str
    name: str
    measure: str
    start: int
    teams: tuple[str, ...]


class Decision(_Told):
    """Made in the review of ``month``; with an ``outcome``, looked at in that of ``again``."""

    month: int
    by: str
    again: int
    measure: str
    text: str
    team: str | None = None
    outcome: str = ""


class Missed(_Told):
    """What so many people searched for on one day, and did not find."""

    days: int
    people: int
    text: str


class Waiting(_Told):
    """A question that nobody has answered yet."""

    days: int
    by: str
    to: str
    ask: str
    body: str = ""
    anonymous: bool = False


class Offer(_Told):
    """What somebody would teach, or wants to learn."""

    days: int
    by: str
    kind: OfferKind
    topic: str


class Wanted(_Told):
    """A session that somebody asked for."""

    days: int
    by: str
    kind: Format
    title: str


class Planned(_Told):
    """A session that ``begins`` so many days after it was announced."""

    days: int
    host: str
    kind: Format
    title: str
    begins: int
    joined: int


class Draft(Thing):
    """A draft that a colleague was asked to look at, with the ``wish``."""

    days: int
    to: str
    wish: str


class Milestone(_Told):
    """Somebody's own, to be met ``within`` so many days."""

    days: int
    by: str
    deed: Deed
    number: int
    within: int


class Lately(_Told):
    """What happened in the last ``days``, since the months that are told of."""

    missed: Missed
    questions: tuple[Waiting, ...]
    offers: tuple[Offer, ...]
    wanted: tuple[Wanted, ...]
    planned: tuple[Planned, ...]
    draft: Draft
    milestone: Milestone


class Past(_Told):
    """All of it. ``reads``: by team, how many of it read in each month; ``comfort``: by question,
    the mean of each month's answers."""

    reads: dict[str, tuple[int, ...]]
    searches: tuple[Searches, ...]
    comfort: dict[str, tuple[float, ...]]
    notes: tuple[Note, ...]
    questions: tuple[Question, ...]
    sessions: tuple[Session, ...]
    verified: tuple[Said, ...]
    doubts: tuple[Said, ...]
    passed_on: tuple[Said, ...]
    left: tuple[Left, ...]
    examples: tuple[Said, ...]
    goals: tuple[Goal, ...]
    interventions: tuple[Intervention, ...]
    decisions: tuple[Decision, ...]
    lately: Lately

    @property
    def months(self) -> int:
        """How many whole months it has."""
        return max(len(one) for one in self.reads.values())

    @model_validator(mode="after")
    def _of_every_month(self) -> Past:
        counts = (*self.reads.values(), *self.comfort.values(), *(s.people for s in self.searches))
        if any(len(one) < self.months for one in counts):
            raise ValueError(f"what is told by month is told of all {self.months} months")
        return self


def read(file: Path) -> Past:
    """The past as a file describes it. Raises ValueError for one that does not."""
    return Past.model_validate(yaml.safe_load(file.read_text("utf-8")))

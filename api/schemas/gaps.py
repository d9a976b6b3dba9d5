"""What people search for and do not find, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from api.schemas.fields import NextCursor, Told
from api.schemas.people import PageQuestion
from api.schemas.results import RankedPerson, ranked_person
from indexer.gaps import ShownGap
from knowledge.asked import By, GapState
from knowledge.gapped import Failing


class GapQuestion(PageQuestion):
    """Which gaps."""

    limit: Annotated[int, Field(ge=1, le=20, description="How many at most.")] = 10
    state: Annotated[GapState, Field(description="In which state.")] = GapState.OPEN


class WeekOut(Told):
    """One week in which enough people failed."""

    week: str = Field(examples=["2026-W05"])
    askers: int
    searches: int


class GapOut(Told):
    """What several people searched for and did not find."""

    id: int
    text: str = Field(description="What stands for it, as it was when it was first seen.")
    state: GapState
    first_seen: datetime
    changed_at: datetime = Field(description="Since when it is in this state.")
    by: Literal["searches", "answer", "somebody"] = Field(
        description="What brought it there: searches of others, an answer that all may read, or "
        "somebody who looks after something."
    )
    texts: list[str] = Field(description="What at least five people of one week searched for.")
    words: list[str] = Field(
        description="Where there is no such text: words that at least five of one week used."
    )
    askers: int | None = Field(description="How many people failed at most in one week.")
    searches: int | None = Field(description="How often they did, in the weeks that count.")
    failing: Failing | None = Field(
        description="How often searches for it fail; null where none are kept any more."
    )
    weeks: list[WeekOut] = Field(
        description="The oldest first; those of fewer than five are not, nor those before searches "
        "opened it again."
    )
    topic: str | None = Field(
        description="The tag that the nearest documents have which you may read."
    )
    people: list[RankedPerson] = Field(description="Who might know, from what you may read.")


class GapList(Told):
    """What most people miss first; what is no longer open, the newest first."""

    gaps: list[GapOut]
    next_cursor: NextCursor


def by_of(shown: ShownGap) -> Literal["searches", "answer", "somebody"]:
    """What brought a gap into its state; not who."""
    if shown.gap.by == By.ANSWER:
        return "answer"
    return "searches" if shown.gap.by == By.SEARCHES else "somebody"


def gap_out(shown: ShownGap) -> GapOut:
    """One of them."""
    gap, cluster = shown.gap, shown.cluster
    return GapOut(
        id=gap.id,
        text=gap.text,
        state=gap.state,
        first_seen=gap.first_seen,
        changed_at=gap.changed_at,
        by=by_of(shown),
        texts=list(cluster.texts) if cluster else [],
        words=list(cluster.words) if cluster else [],
        askers=shown.askers or None,
        searches=shown.failed or None,
        failing=cluster and cluster.failing,
        weeks=[
            WeekOut(week=one.period, askers=one.askers, searches=one.searches)
            for one in shown.weeks
        ],
        topic=shown.topic,
        people=[ranked_person(hit) for hit in shown.people],
    )

"""What you set yourself, and how long you teach: for you alone."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.auth import OwnReader, OwnWriter
from api.deps import PathId, Wired
from api.routes import V1
from api.schemas.teaching import (
    GivenLevel,
    GivenMilestone,
    GivenMinutes,
    LevelOut,
    MilestoneList,
    TimeOut,
    milestone_out,
    time_out,
)
from knowledge.teaching_time import Act

_Responses = dict[int | str, dict[str, Any]]
_NOBODY: _Responses = {403: {"description": "You are nobody in particular"}}
_FULL: _Responses = {507: {"description": "The disk is full; nothing was kept"}}

router = APIRouter(prefix=f"{V1}/people/me", tags=["people"], responses=_NOBODY)


@router.get("/milestones")
def milestones(asker: OwnReader, services: Wired) -> MilestoneList:
    """What you set yourself, and how far you are."""
    held = services.milestones.of(asker.principal)
    return MilestoneList(milestones=[milestone_out(one) for one in held])


@router.post("/milestones", status_code=201, responses=_FULL)
def set_milestone(given: GivenMilestone, asker: OwnWriter, services: Wired) -> MilestoneList:
    """Set yourself something to reach; it is counted from now on."""
    services.milestones.add(asker.principal, given.deed, given.number, given.due)
    return milestones(asker, services)


@router.delete("/milestones/{id}", status_code=204, responses=_FULL)
def forget_milestone(id: PathId, asker: OwnWriter, services: Wired) -> None:
    """Take back something that you set yourself."""
    services.milestones.remove(asker.principal, id)


@router.get("/teaching")
def teaching(asker: OwnReader, services: Wired) -> TimeOut:
    """How long you taught, in each of the last twelve months."""
    return time_out(services.teaching_time.of(asker.principal))


@router.put("/teaching", responses=_FULL)
def say_minutes(given: GivenMinutes, asker: OwnWriter, services: Wired) -> TimeOut:
    """Say how long one act of teaching takes you."""
    services.teaching_time.say(asker.principal, {act: getattr(given, act.value) for act in Act})
    return teaching(asker, services)


@router.get("/level")
def level(asker: OwnReader, services: Wired) -> LevelOut:
    """For whom what you read should be written, as you say."""
    return LevelOut(level=services.levels.of(asker.principal))


@router.put("/level", responses=_FULL)
def say_level(given: GivenLevel, asker: OwnWriter, services: Wired) -> LevelOut:
    """Say for whom what you read should be written: of answers that are about as good, those for
    you come first."""
    services.levels.say(asker.principal, given.level)
    return LevelOut(level=given.level)

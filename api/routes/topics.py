"""Topics that are found in what is stored, and what of them may be lost."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api import cursors
from api.auth import Administrator, Asker, Reader
from api.deps import PathId, Wired
from api.routes import V1
from api.schemas.people import PageQuestion
from api.schemas.topics import (
    GivenTopic,
    RiskOut,
    TopicList,
    TopicOut,
    TopicPageOut,
    page_out,
    risk_out,
    topic_out,
)
from knowledge.types import Scope

_Responses = dict[int | str, dict[str, Any]]
_GONE: _Responses = {404: {"description": "You may read nothing of such a topic"}}

router = APIRouter(prefix=f"{V1}/topics", tags=["topics"])


@router.get("")
def topics(asker: Reader, services: Wired) -> TopicList:
    """Every topic of which you may read something. Their names and counts are of that alone."""
    found = services.topics.all_of_them(asker.principal, admin=is_admin(asker))
    return TopicList(topics=[topic_out(one) for one in found])


@router.get("/{id}", responses=_GONE)
def topic(
    id: PathId, asked: Annotated[PageQuestion, Query()], asker: Reader, services: Wired
) -> TopicPageOut:
    """A topic with its documents that you may read and those who are known for it, as far as they
    agree to be."""
    about = ("topic", id)
    offset = cursors.decode(asked.cursor, *about) or 0
    page, more = services.topics.show(
        id, asker.principal, admin=is_admin(asker), offset=offset, limit=asked.limit
    )
    return page_out(page, cursors.encode(offset + asked.limit, *about) if more else None)


@router.patch(
    "/{id}",
    responses=_GONE | {507: {"description": "The disk is full; nothing was kept"}},
)
def change(id: PathId, given: GivenTopic, asker: Administrator, services: Wired) -> TopicOut:
    """Call a topic otherwise, or entrust it to a steward: only then is what is at risk of it told
    to somebody who is no administrator. What you call it is told to whoever may read five of its
    documents."""
    told = given.model_dump(exclude_unset=True)
    services.stewardship.change(id, asker.principal, asker.owner, **told)
    page, _ = services.topics.show(id, asker.principal, admin=True, limit=1)
    return topic_out(page.topic)


@router.get("/{id}/risk", responses=_GONE)
def risk(id: PathId, asker: Reader, services: Wired) -> RiskOut:
    """Who holds the topic, how much it is searched for and how much of it is out of date. For its
    steward and administrators, by what they may read themselves."""
    return risk_out(services.topics.risk(id, asker.principal, admin=is_admin(asker)))


def is_admin(asker: Asker) -> bool:
    """Whether whoever asks is an administrator now."""
    return Scope.ADMIN in asker.scopes

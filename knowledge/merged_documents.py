"""What two documents bring along when a third is made of them: files, makers, and what was said of
either. Who may do it, and what it is for, is said in ``knowledge.succession``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from knowledge import care, drafts, markdown
from knowledge.drafts import Draft
from knowledge.errors import Conflict
from knowledge.steps import MOST, OTHER, Way
from knowledge.store import access, attachments, documents, privacy, steps, teaching
from knowledge.store import care as owning
from knowledge.types import OPERATOR, Attachment, Contribution, Document


def draft_of(
    connection: Connection, first: Document, second: Document, title: str, body: str
) -> Draft:
    """What the two become: with the tags of both, for who may read both."""
    held = [access.audience_of(connection, one.audience_id) for one in (first, second)]
    before = drafts.draft_of(first, body, held[0].both(held[1]))
    tags = tuple(dict.fromkeys((*first.tags, *second.tags)))
    return replace(before, title=" ".join(title.split()), tags=tags, rough=False)


def files_of(connection: Connection, parts: Sequence[Document], body: str) -> list[Attachment]:
    """The files of both. Raises Conflict where the text shows one by a name that is of different
    files in the two: nothing says which is meant."""
    shown = set(markdown.hrefs(body))
    found: dict[str, Attachment] = {}
    for part in parts:
        for one in attachments.told(connection, part.id):
            if found.setdefault(one.href, one).digest != one.digest and one.href in shown:
                raise Conflict(
                    f"both have a file called {one.name}, and these differ; attach one of them "
                    "anew first"
                )
    return list(found.values())


def makers_of(parts: Sequence[Document]) -> tuple[Contribution, ...]:
    """Those who made either, once in each role: with more weight and the later time."""
    found: dict[tuple[int, str], Contribution] = {}
    for one in (made for part in parts for made in part.contributions):
        key = one.person_id, one.role.value
        before = found.get(key)
        if before is None:
            found[key] = one
        else:
            times = [at for at in (before.at, one.at) if at is not None]
            weight = max(before.weight, one.weight)
            found[key] = replace(before, weight=weight, at=max(times, default=None))
    return tuple(found.values())


def carry(connection: Connection, parts: Sequence[Document], made_id: int) -> None:
    """Say of what was made what was said of either: who looks after it and when, who does not want
    to be found by it or have it as an example, what stands before and after it."""
    # What somebody did not want to be found by, they do not want to be found by here.
    privacy.objections_too(connection, [part.id for part in parts], made_id)
    _carry_care(connection, parts, made_id)
    _carry_steps(connection, [part.id for part in parts], made_id)
    _carry_declined(connection, parts, made_id)


def _carry_care(connection: Connection, parts: Sequence[Document], made_id: int) -> None:
    """The first owner who reads it; the earlier day of review."""
    made = documents.get(connection, made_id, OPERATOR)
    for part in parts:
        owner = care.owner_of(connection, part)
        if owner is not None and care.reads(connection, owner, made):
            if owner != care.owner_of(connection, made):
                owning.own(connection, made_id, owner)
            break
    said = [owning.get(connection, part.id) for part in parts]
    days = [(one.review_at, one.every_months) for one in said if one.review_at is not None]
    if days:
        owning.review(connection, made_id, *min(days, key=lambda day: day[0]))


def _carry_steps(connection: Connection, parts: Sequence[int], made_id: int) -> None:
    """Also those that name one of the two, from the other side: what others said stays theirs."""
    told = [one for part in parts for one in steps.of(connection, part)]
    told += [
        (OTHER[Way(way)], key) for part in parts for way, key in steps.leading_to(connection, part)
    ]
    side: dict[int, Way] = {}
    for way, key in told:
        if key not in parts:
            side.setdefault(key, Way(way))
    for way in Way:
        chosen = [key for key, one in side.items() if one is way]
        steps.put(connection, made_id, way, chosen[:MOST])


def _carry_declined(connection: Connection, parts: Sequence[Document], made_id: int) -> None:
    rows = [teaching.exemplar(connection, part.id) for part in parts]
    declined = [row for row in rows if row is not None and row.declined]
    if declined:
        # What two people declined, neither takes back alone.
        whose = {row.declined_by for row in declined}
        by = whose.pop() if len(whose) == 1 else None
        at = max(row.at for row in declined)
        teaching.put_exemplar(connection, made_id, why="", at=at, declined=True, declined_by=by)

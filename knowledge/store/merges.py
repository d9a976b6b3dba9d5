"""Queries that make one person of two, and two again. Whether they may is decided in
``knowledge.merging``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, insert, or_, select, update

from knowledge.store import decisions, moving
from knowledge.store.identity_tables import (
    claimed_groups,
    identities,
    passwords,
    roles,
    tokens,
)
from knowledge.store.moving import Moved
from knowledge.store.tables import (
    audience_tokens,
    distinctions,
    group_members,
    imports,
    merges,
    people,
    sources,
)

_FINISHED = ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Logged:
    """A merge as it is remembered; ``undone_at`` None while it holds."""

    id: int
    kept: int
    gone: int
    by: str
    at: datetime
    moved: Moved
    undone_at: datetime | None


def doors(connection: Connection, gone: int, kept: int, now: datetime) -> list[str]:
    """What is open to ``gone`` in particular and not to ``kept``, in a few words each."""
    told = []
    groups = _all_groups(connection, gone) - _all_groups(connection, kept)
    if groups:
        told.append(f"is in {', '.join(sorted(groups))}")
    every = [gone, *_parts(connection, gone)]
    named = [f"person:{key}" for key in every]
    if _any(connection, audience_tokens.c.token.in_(named)):
        told.append("is named in audiences")
    alive = tokens.c.revoked_at.is_(None) & (tokens.c.expires_at > now)
    if _any(connection, (tokens.c.person_id == gone) & alive):
        told.append("has an access token")
    # Whoever signs in as one of them would be the other.
    if any(_any(connection, table.c.person_id.in_(every)) for table in (passwords, identities)):
        told.append("can sign in")
    if _any(connection, roles.c.person_id == gone):
        told.append("has a role")
    if _any(connection, (people.c.id == gone) & people.c.disabled_at.is_not(None)):
        told.append("is disabled")
    owned = or_(*(sources.c.name.startswith(f"{name}/", autoescape=True) for name in named))
    if _any(connection, imports.c.owner.in_(named)) or _any(connection, owned):
        told.append("has imported something")
    return told


def _any(connection: Connection, condition: Any) -> bool:
    return bool(connection.execute(select(exists().where(condition))).scalar())


def importing(connection: Connection, person_id: int) -> bool:
    """Whether an import of theirs is waiting or running."""
    theirs = imports.c.owner == f"person:{person_id}"
    return _any(connection, theirs & imports.c.state.notin_(_FINISHED))


def _groups(connection: Connection, person_id: int) -> set[str]:
    query = select(group_members.c.slug).where(group_members.c.person_id == person_id)
    return set(connection.execute(query).scalars())


def _all_groups(connection: Connection, person_id: int) -> set[str]:
    """Those of the directory, and those that a provider says, which stay with its account."""
    query = select(claimed_groups.c.slug).where(claimed_groups.c.person_id == person_id)
    return _groups(connection, person_id) | set(connection.execute(query).scalars())


def _parts(connection: Connection, person_id: int) -> list[int]:
    query = select(people.c.id).where(people.c.merged_into == person_id).order_by(people.c.id)
    return list(connection.execute(query).scalars())


def join(connection: Connection, kept: int, gone: int) -> Moved:
    """Move all that ``gone`` has to ``kept``, rights and all, and say what it was."""
    moved: Moved = moving.identities(connection, kept, gone)
    groups, held = _groups(connection, gone), _groups(connection, kept)
    moved |= {"groups": sorted(groups), "added": sorted(groups - held)}
    connection.execute(delete(group_members).where(group_members.c.person_id == gone))
    _add_groups(connection, kept, groups - held)
    moved["parts"] = _parts(connection, gone)
    _be_part(connection, [gone, *moved["parts"]], kept)
    moved |= _profiles(connection, kept, gone)
    moved |= decisions.join(connection, kept, gone)
    moved |= moving.evidence(connection, kept, gone)
    return moved


def _add_groups(connection: Connection, person_id: int, slugs: Iterable[str]) -> None:
    rows = [{"slug": slug, "person_id": person_id} for slug in sorted(slugs)]
    if rows:
        connection.execute(insert(group_members), rows)


def _be_part(connection: Connection, ids: list[int], of: int | None) -> None:
    connection.execute(update(people).where(people.c.id.in_(ids)).values(merged_into=of))


def _row(connection: Connection, person_id: int) -> Row[Any]:
    return connection.execute(select(people).where(people.c.id == person_id)).one()


def _profiles(connection: Connection, kept: int, gone: int) -> Moved:
    """``kept`` stays who they are; what nobody said of them is taken over, and a refusal."""
    one, other = _row(connection, kept), _row(connection, gone)
    new: dict[str, Any] = {
        field: getattr(other, field)
        for field in ("team", "title")
        if getattr(one, field) is None and getattr(other, field) is not None
    }
    # Only the directory asks; what it never listed has a default, which says nothing.
    if other.listed:
        new |= {
            field: False
            for field in ("consent_written", "consent_spoken")
            if getattr(one, field) and not getattr(other, field)
        }
    for field in ("consent_written", "consent_spoken"):
        # Who refused themselves is not found by what holds of those who said nothing.
        by = getattr(other, f"{field}_by")
        if (
            by
            and not getattr(other, field)
            and (getattr(one, field) or not getattr(one, f"{field}_by"))
        ):
            if getattr(one, field):
                new[field] = False
            new[f"{field}_by"] = by
    if new:
        connection.execute(update(people).where(people.c.id == kept).values(**new))
    connection.execute(update(people).where(people.c.id == gone).values(listed=False))
    changed = {field: [getattr(one, field), value] for field, value in new.items()}
    return {"profile": changed, "listed": other.listed}


def part(connection: Connection, logged: Logged) -> list[int]:
    """Give ``gone`` back what was moved and is still there. Returns the documents concerned."""
    kept, gone, moved = logged.kept, logged.gone, logged.moved
    moving.return_identities(connection, kept, gone, moved)
    others = standing(connection, kept=kept)[::-1]
    earlier = [other.moved for other in others if other.id < logged.id]
    later = [other for other in others if other.id > logged.id]
    told = [dict(other.moved) for other in later]
    # A right that ended meanwhile has ended for both.
    held = _groups(connection, kept)
    ended = set(moved["added"]) & held
    for one in told:
        stays = ended & set(one["groups"])
        one["added"] = sorted({*one["added"], *stays})
        ended -= stays
    connection.execute(
        delete(group_members).where(
            group_members.c.person_id == kept, group_members.c.slug.in_(sorted(ended))
        )
    )
    _add_groups(connection, gone, set(moved["groups"]) & held)
    _be_part(connection, [gone], None)
    _be_part(connection, [key for key in moved["parts"] if key in _parts(connection, kept)], gone)
    person = _row(connection, kept)
    back = {
        field: before
        for field, (before, after) in moved["profile"].items()
        if getattr(person, field) == after
    }
    if person.address in moved["emails"]:
        back["address"] = None
    if back:
        connection.execute(update(people).where(people.c.id == kept).values(**back))
    connection.execute(update(people).where(people.c.id == gone).values(listed=moved["listed"]))
    standing_ones = [other.moved for other in others if other.id != logged.id]
    decisions.part(connection, kept, gone, moved, standing_ones)
    touched = moving.return_evidence(connection, kept, gone, moved, earlier, told)
    of_kept = select(merges).where(merges.c.kept == kept)
    ever = [_logged(row).moved for row in connection.execute(of_kept)]
    decisions.share(connection, kept, gone, logged.at, moved, standing_ones, ever)
    for other, now in zip(later, told, strict=True):
        if now != other.moved:
            _remember(connection, other.id, now)
    return touched


def settle_consent(connection: Connection, person_id: int, fields: Iterable[str]) -> None:
    """What a merge changed of a consent that somebody now gave is no longer to be undone."""
    for one in standing(connection, kept=person_id):
        profile = {key: value for key, value in one.moved["profile"].items() if key not in fields}
        if profile != one.moved["profile"]:
            _remember(connection, one.id, one.moved | {"profile": profile})


def _remember(connection: Connection, merge_id: int, moved: Moved) -> None:
    connection.execute(update(merges).where(merges.c.id == merge_id).values(moved=moved))


def add(
    connection: Connection, kept: int, gone: int, by: str, at: datetime, moved: Moved
) -> Logged:
    """Remember a merge. Whoever made it does not think that they are two."""
    connection.execute(delete(distinctions).where(_pair(kept, gone)))
    values = {"kept": kept, "gone": gone, "by": by, "at": at, "moved": moved}
    key = connection.execute(insert(merges).values(**values)).inserted_primary_key
    assert key is not None
    return Logged(int(key[0]), kept, gone, by, at, moved, None)


def undo(connection: Connection, merge_id: int, at: datetime) -> None:
    """Remember that it no longer holds."""
    connection.execute(update(merges).where(merges.c.id == merge_id).values(undone_at=at))


def get(connection: Connection, merge_id: int) -> Logged | None:
    """One merge, whether it holds or not."""
    row = connection.execute(select(merges).where(merges.c.id == merge_id)).first()
    return None if row is None else _logged(row)


def standing(
    connection: Connection, *, kept: int | None = None, gone: int | None = None
) -> list[Logged]:
    """The merges that hold, newest first; those into ``kept``, those of ``gone``."""
    query = select(merges).where(merges.c.undone_at.is_(None))
    if kept is not None:
        query = query.where(merges.c.kept == kept)
    if gone is not None:
        query = query.where(merges.c.gone == gone)
    return [_logged(row) for row in connection.execute(query.order_by(merges.c.id.desc()))]


def _logged(row: Row[Any]) -> Logged:
    return Logged(row.id, row.kept, row.gone, row.by, row.at, row.moved, row.undone_at)


def distinguish(connection: Connection, one: int, other: int, by: str, at: datetime) -> None:
    """Remember that these are two; twice is once."""
    connection.execute(delete(distinctions).where(_pair(one, other)))
    low, high = sorted((one, other))
    connection.execute(insert(distinctions).values(one=low, other=high, by=by, at=at))


def distinct(connection: Connection) -> set[tuple[int, int]]:
    """Everybody who was told apart, as pairs of people of now, the lower id first."""
    pairs = [(row.one, row.other) for row in connection.execute(select(distinctions))]
    query = select(people.c.id, people.c.merged_into).where(people.c.merged_into.is_not(None))
    wholes = {row.id: row.merged_into for row in connection.execute(query)}
    told = (sorted((wholes.get(a, a), wholes.get(b, b))) for a, b in pairs)
    return {(low, high) for low, high in told}


def _pair(one: int, other: int) -> Any:
    low, high = sorted((one, other))
    return (distinctions.c.one == low) & (distinctions.c.other == high)

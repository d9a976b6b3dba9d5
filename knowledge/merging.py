"""The use case: an administrator says who is one person, who is not, and takes it back.

A merge joins two records, and with them what is open to each. So the operator alone, who reads
everything, joins records of which the one that goes has rights of its own, or that the directory
lists as two; and no administrator merges themselves. Where an administrator may merge, nobody reads
more by it at that moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from knowledge import audit, likeness, queries, requests
from knowledge.audit import Action
from knowledge.errors import Conflict, InvalidInput, NotAllowed, NotFound
from knowledge.likeness import Known, Pair
from knowledge.people import clean_email
from knowledge.requests import Repeated, RequestKey
from knowledge.store import changes, erasing, merges, profiles, review
from knowledge.store import people as store
from knowledge.store.database import Database
from knowledge.store.merges import Logged
from knowledge.types import OPERATOR, Person, Principal


@dataclass(frozen=True, slots=True)
class Merge:
    """Two records that are one person. ``kept`` is as the asker may see them; ``documents`` are
    those that named ``gone``, whoever may read them."""

    id: int
    kept: Person
    gone: int
    by: str
    at: datetime
    documents: int
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class By:
    """Who says so. ``name`` is kept in the log."""

    principal: Principal
    name: str


THE_OPERATOR = By(OPERATOR, "operator")


def find(connection: Connection, told: str) -> int:
    """The person with this address or id. Raises NotFound."""
    told = told.strip()
    if told.isascii() and told.isdigit() and len(told) <= 18:
        return store.get(connection, int(told)).id
    found = store.by_email(connection, clean_email(told) or "")
    if found is None:
        raise NotFound(f"nobody with the address or id {told!r} is known")
    return found


class Merging:
    """Everything that joins and parts people. Safe to share between threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def find(self, told: str) -> int:
        """The person with this address or id. Raises NotFound."""
        with self._database.read() as connection:
            return find(connection, told)

    def merge(
        self,
        kept: int,
        gone: int,
        by: By = THE_OPERATOR,
        *,
        force: bool = False,
        key: RequestKey | None = None,
    ) -> Merge:
        """Make ``gone`` part of ``kept``, from the next request on.

        ``force``: also where ``gone`` brings rights of their own, or the directory lists both; the
        operator's alone. Raises NotFound, InvalidInput for one person, Conflict when they cannot be
        joined, NotAllowed.
        """
        now = self._now()
        try:
            with self._database.write() as connection:
                requests.begin(connection, key, now)
                for person_id in (kept, gone):
                    profiles.seen(connection, person_id, by.principal)
                _check(connection, kept, gone, by, now, force)
                of_both = store.documents_of(connection, kept)
                moved = merges.join(connection, kept, gone)
                queries.join(connection, kept, gone)
                logged = merges.add(connection, kept, gone, by.name, now, moved)
                requests.remember(connection, key, str(logged.id), now)
                _tell(connection, by, Action.PEOPLE_MERGED, kept, gone, now)
                touched = set(moved["documents"])
                if "team" in moved["profile"]:
                    touched.update(of_both)
                changes.record(connection, sorted(touched))
                return _merge(connection, logged, by.principal)
        except Repeated as before:
            return self.get(int(before.made), by)

    def unmerge(self, merge_id: int, by: By = THE_OPERATOR) -> Merge:
        """Make two of one again: what was moved and is still there goes back, and they are told
        apart from now on.

        Raises NotFound, also for what is undone already; Conflict when ``kept`` is by now part of
        somebody else.
        """
        with self._database.write() as connection:
            logged = merges.get(connection, merge_id)
            if logged is None or logged.undone_at is not None:
                raise _unknown(merge_id)
            later = merges.standing(connection, gone=logged.kept)
            if later:
                _visible(connection, later[0].kept, by, _unknown(merge_id))
                raise Conflict(
                    f"who was kept is part of somebody else since; undo merge {later[0].id} first"
                )
            _visible(connection, logged.kept, by, _unknown(merge_id))
            _not_oneself((logged.kept, logged.gone), by)
            now = self._now()
            of_both = store.documents_of(connection, logged.kept)
            touched = set(merges.part(connection, logged))
            queries.part(connection, logged.kept, logged.gone)
            merges.undo(connection, merge_id, now)
            merges.distinguish(connection, logged.kept, logged.gone, by.name, now)
            _tell(connection, by, Action.PEOPLE_UNMERGED, logged.kept, logged.gone, now)
            if "team" in logged.moved["profile"]:
                touched.update(of_both)
            changes.record(connection, sorted(touched))
            held = merges.get(connection, merge_id)
            assert held is not None
            return _merge(connection, held, OPERATOR)

    def get(self, merge_id: int, by: By = THE_OPERATOR) -> Merge:
        """One merge. Raises NotFound, also for one of somebody whom the asker may not see."""
        with self._database.read() as connection:
            logged = merges.get(connection, merge_id)
            if logged is None:
                raise _unknown(merge_id)
            _visible(connection, store.whole(connection, logged.kept), by, _unknown(merge_id))
            return _merge(connection, logged, by.principal)

    def standing(self, by: By = THE_OPERATOR) -> list[Merge]:
        """The merges that hold and whose people the asker may see, newest first."""
        found = []
        with self._database.read() as connection:
            for logged in merges.standing(connection):
                try:
                    found.append(_merge(connection, logged, by.principal))
                except NotFound:
                    continue
        return found

    def review(self, by: By = THE_OPERATOR, limit: int = 50) -> list[Pair]:
        """Who may be one person, the likeliest first, by what the asker may see."""
        with self._database.read() as connection:
            known = review.everybody(connection, by.principal)
            distinct = frozenset(merges.distinct(connection))
        return likeness.pairs(known, distinct, limit)

    def both(self, one: int, other: int, by: By = THE_OPERATOR) -> tuple[Known, Known]:
        """Two people side by side, by what the asker may see. Raises NotFound, and InvalidInput
        for one person."""
        with self._database.read() as connection:
            ids = [store.whole(connection, key) for key in (one, other)]
            known = {person.id: person for person in review.everybody(connection, by.principal)}
        if not known.keys() >= set(ids):
            raise NotFound("there is nobody of this id")
        if ids[0] == ids[1]:
            raise InvalidInput("a merge takes two people; these are one")
        return known[ids[0]], known[ids[1]]

    def likely(self, person_id: int) -> list[Known]:
        """Further records that may be of a person, the likeliest first, as the operator sees
        them."""
        with self._database.read() as connection:
            known = review.everybody(connection, OPERATOR)
            distinct = frozenset(merges.distinct(connection))
            whole = store.whole(connection, person_id)
        found = likeness.pairs(known, distinct, len(known) ** 2)
        both = [(pair.kept, pair.other) for pair in found]
        return [a if b.id == whole else b for a, b in both if whole in (a.id, b.id)]

    def distinguish(
        self, one: int, other: int, by: By = THE_OPERATOR, key: RequestKey | None = None
    ) -> None:
        """Say that these are two people, so that nobody is asked again.

        Raises NotFound, InvalidInput for one person.
        """
        now = self._now()
        try:
            with self._database.write() as connection:
                requests.begin(connection, key, now)
                for person_id in (one, other):
                    profiles.seen(connection, person_id, by.principal)
                if store.whole(connection, one) == store.whole(connection, other):
                    raise InvalidInput("these are one person; undo the merge to tell them apart")
                merges.distinguish(connection, one, other, by.name, now)
                _tell(connection, by, Action.PEOPLE_DISTINGUISHED, one, other, now)
                requests.remember(connection, key, f"{min(one, other)}-{max(one, other)}", now)
        except Repeated:
            return


def _tell(
    connection: Connection, by: By, action: Action, one: int, other: int, now: datetime
) -> None:
    audit.record(connection, by.name, action, f"person:{one}", at=now, other=f"person:{other}")


def _visible(connection: Connection, person_id: int, by: By, unknown: NotFound) -> None:
    try:
        profiles.seen(connection, person_id, by.principal)
    except NotFound as error:
        raise unknown from error


def _unknown(merge_id: int) -> NotFound:
    return NotFound(f"there is no merge {merge_id}, or it is undone already")


def _not_oneself(persons: tuple[int, int], by: By) -> None:
    if not by.principal.operator and by.principal.person_id in persons:
        raise NotAllowed("nobody decides who they are themselves; another administrator may")


def _check(
    connection: Connection, kept: int, gone: int, by: By, now: datetime, force: bool
) -> None:
    if kept == gone:
        raise InvalidInput("a merge takes two people; these are one")
    for person_id in (kept, gone):
        whole = store.whole(connection, person_id)
        if whole != person_id:
            raise Conflict(f"{person_id} is part of {whole} already; name {whole}")
    if erasing.is_former(connection, kept) or erasing.is_former(connection, gone):
        raise Conflict("one of them stands for all who were erased, and is nobody")
    _not_oneself((kept, gone), by)
    people = store.load(connection, [kept, gone])
    if people[gone].listed and not people[kept].listed:
        raise Conflict(
            "the directory lists the second one and not the first; do it the other way round"
        )
    if merges.importing(connection, gone):
        raise Conflict("an import of theirs is not finished; try again when it is")
    doubts = merges.doors(connection, gone, kept, now)
    if people[gone].listed:
        doubts.insert(0, "is listed in the directory, as the other one is")
    if not doubts or (force and by.principal.operator):
        return
    if by.principal.operator:
        raise Conflict(
            f"{gone} {', '.join(doubts)}; who is merged may do what both may. If they are one "
            "person for certain, repeat it with --force"
        )
    raise NotAllowed(
        "the directory lists both, or something is open to the second one in particular; such a "
        "merge is the operator's: whoknows person merge --force"
    )


def _merge(connection: Connection, logged: Logged, principal: Principal) -> Merge:
    whole = store.whole(connection, logged.kept)
    kept = profiles.seen(connection, whole, principal)
    documents = len(logged.moved["documents"])
    return Merge(logged.id, kept, logged.gone, logged.by, logged.at, documents, logged.undone_at)

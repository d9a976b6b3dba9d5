"""The use case: people offer sessions and ask for some, take part, and are told who came.

Who reads what of a session stands in ``knowledge.meeting``, what those who came say of it in
``knowledge.polls``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row

from knowledge import meeting, requests
from knowledge.errors import Conflict, DataUnavailable, InvalidInput
from knowledge.meeting import Box, Meeting, Plan, State
from knowledge.requests import RequestKey
from knowledge.store import access
from knowledge.store import meetings as store
from knowledge.store.database import Database
from knowledge.types import Principal

MAX_OPEN = 100
_OPEN = (State.WANTED, State.PLANNED)


class Meetings:
    """All sessions in which people learn from each other. Safe to share between threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def create(self, plan: Plan, asker: Principal, key: RequestKey | None = None) -> int:
        """Offer a session, with ``starts_at``, or ask for one. A repeated request makes none and
        gives the id of before. Raises InvalidInput for what cannot be announced."""
        theirs, now = meeting.records(asker), self._now()
        plan = _cleaned(plan)
        meeting.check(plan, asker)
        offered = plan.starts_at is not None
        with self._database.write() as connection:
            made = requests.made_before(connection, key, now)
            if made is not None:
                return int(made)
            if offered:
                _check_time(plan, now)
            if store.count_led(connection, theirs, _OPEN) >= MAX_OPEN:
                raise InvalidInput(f"{MAX_OPEN} sessions of yours are open; cancel some first")
            values = meeting.values(connection, plan, now) | {
                "asker_id": None if offered else theirs[0],
                "host_id": theirs[0] if offered else None,
                "state": (State.PLANNED if offered else State.WANTED).value,
                "created_at": now,
                "sequence": 0,
            }
            made_id = store.add(connection, values)
            if not offered:
                # Whoever wishes for it would come.
                store.join(connection, made_id, theirs[0], now)
            requests.remember(connection, key, str(made_id), now)
        return made_id

    def listed(
        self, asker: Principal, box: Box, offset: int = 0, limit: int = 20
    ) -> tuple[list[Meeting], bool]:
        """The sessions of a box without their descriptions, and whether more follow."""
        theirs, now, page = meeting.records(asker), self._now(), (offset, limit + 1)
        with self._database.read() as connection:
            given = (connection, asker, theirs)
            if box is Box.MINE:
                rows = store.of(*given, page)
            elif box is Box.WANTED:
                rows = store.in_state(*given, [State.WANTED], page)
            elif box is Box.COMING:
                rows = store.in_state(*given, [State.PLANNED], page, ending_after=now)
            else:
                states = [State.PLANNED, State.HELD]
                rows = store.in_state(*given, states, page, ended_until=now)
            return meeting.told(connection, rows[:limit], asker, whole=False), len(rows) > limit

    def show(self, meeting_id: int, asker: Principal) -> Meeting:
        """A session. Raises NotFound, also for whoever it is not for."""
        with self._database.read() as connection:
            row = store.readable(connection, meeting_id, asker, meeting.records(asker))
            if row.import_id is None or row.document_id is not None:
                return meeting.told(connection, [row], asker)[0]
            became = store.document_of(connection, row.import_id)
        if became is not None:
            self._link(meeting_id, became)
        with self._database.read() as connection:
            row = store.readable(connection, meeting_id, asker, meeting.records(asker))
            return meeting.told(connection, [row], asker)[0]

    def _link(self, meeting_id: int, document_id: int) -> None:
        try:
            with self._database.write() as connection:
                store.put(connection, meeting_id, document_id=document_id)
        except DataUnavailable:
            # Whoever looks when it can be written links it.
            return

    def change(self, meeting_id: int, plan: Plan, asker: Principal) -> None:
        """Say it anew, as its host, or as who wished for it. Whoever else gives what is wanted a
        time holds it from now on.

        Raises NotFound, Conflict for what is not theirs or over, InvalidInput.
        """
        theirs, now = meeting.records(asker), self._now()
        plan = _cleaned(plan)
        with self._database.write() as connection:
            row = store.readable(connection, meeting_id, asker, theirs)
            takes = row.state == State.WANTED and plan.starts_at is not None
            if not takes:
                row = meeting.led(connection, meeting_id, asker)
            meeting.check_state(row, *_OPEN)
            if takes and row.asker_id not in theirs:
                # Those who wished for it keep seeing it.
                plan = replace(plan, audience=access.audience_of(connection, row.audience_id))
            meeting.check(plan, asker)
            if plan.starts_at is None and row.state == State.PLANNED:
                raise InvalidInput("a planned session needs a time; cancel it otherwise")
            if plan.starts_at is not None and plan.starts_at != row.starts_at:
                _check_time(plan, now)
            values = meeting.values(connection, plan, now)
            if takes:
                store.leave(connection, row.id, theirs)
                values |= {"host_id": theirs[0], "state": State.PLANNED.value}
            joined = self._still_for(connection, row, plan)
            if plan.seats is not None and len(joined) > plan.seats:
                raise Conflict(f"{len(joined)} take part already; leave them their seats")
            store.put(connection, row.id, sequence=row.sequence + 1, **values)

    def _still_for(self, connection: Connection, row: Row[Any], plan: Plan) -> list[Any]:
        """Who takes part, without those for whom it is no more."""
        left = []
        for one in store.taking_part(connection, [row.id]).get(row.id, []):
            who = access.principal_of(connection, one.person)
            if access.admits(plan.audience, who):
                left.append(one)
            else:
                store.leave(connection, row.id, meeting.records(who))
        return left

    def cancel(self, meeting_id: int, asker: Principal) -> None:
        """It will not be. Raises NotFound, Conflict for what is not theirs or over."""
        with self._database.write() as connection:
            row = meeting.led(connection, meeting_id, asker)
            meeting.check_state(row, *_OPEN)
            changes = {"state": State.CANCELLED.value, "changed_at": self._now()}
            store.put(connection, row.id, sequence=row.sequence + 1, **changes)

    def join(self, meeting_id: int, asker: Principal) -> None:
        """Take part; a second time is no other. Raises NotFound, Conflict when it is full, over, or
        the asker's own."""
        theirs, now = meeting.records(asker), self._now()
        # There is one writer at a time: nobody takes a seat between counting and joining.
        with self._database.write() as connection:
            row = store.readable(connection, meeting_id, asker, theirs)
            meeting.check_state(row, *_OPEN)
            if row.host_id in theirs:
                raise Conflict("you hold this session, and need no seat")
            if row.ends_at is not None and row.ends_at <= now:
                raise Conflict("that is over: the session has ended")
            joined = store.taking_part(connection, [row.id]).get(row.id, [])
            if any(one.person in theirs for one in joined):
                return
            if row.seats is not None and len(joined) >= row.seats:
                raise Conflict("every seat is taken")
            store.join(connection, row.id, theirs[0], now)

    def leave(self, meeting_id: int, asker: Principal) -> None:
        """Take part no more. Raises NotFound, Conflict for what was held."""
        theirs = meeting.records(asker)
        with self._database.write() as connection:
            row = store.readable(connection, meeting_id, asker, theirs)
            meeting.check_state(row, *_OPEN, State.CANCELLED)
            store.leave(connection, row.id, theirs)

    def attended(self, meeting_id: int, came: Collection[int], asker: Principal) -> None:
        """Say, as its host, that it was held, and who of those who take part came.

        Raises NotFound, Conflict for what is not theirs, cancelled or has not begun, InvalidInput
        for who does not take part.
        """
        with self._database.write() as connection:
            row = meeting.hosted(connection, meeting_id, asker)
            meeting.check_state(row, State.PLANNED, State.HELD)
            if row.starts_at is None or row.starts_at > self._now():
                raise Conflict("the session has not begun yet")
            joined = store.taking_part(connection, [row.id]).get(row.id, [])
            if set(came) - {one.person for one in joined}:
                raise InvalidInput("name only those who take part")
            own = [one.person_id for one in joined if one.person in set(came)]
            store.say_who_came(connection, row.id, own)
            store.put(connection, row.id, state=State.HELD.value)

    def recorded(self, meeting_id: int, import_id: str, asker: Principal) -> None:
        """Its transcript was handed in. Raises NotFound, Conflict for what is not theirs."""
        with self._database.write() as connection:
            row = meeting.hosted(connection, meeting_id, asker)
            store.put(connection, row.id, import_id=import_id, document_id=None)


def _cleaned(plan: Plan) -> Plan:
    return replace(
        plan,
        title=" ".join(plan.title.split()),
        description=plan.description.strip(),
        place=plan.place.strip(),
    )


def _check_time(plan: Plan, now: datetime) -> None:
    if plan.starts_at is not None and plan.starts_at <= now:
        raise InvalidInput("it begins in the past; choose a time that comes (in UTC)")

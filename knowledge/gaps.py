"""The use case: what several people searched for and did not find is kept, closed and dismissed.

A gap keeps its identity: what is searched for now is matched with what was before. It closes when
as many people found it as are needed to tell that they did not, or when it has an answer that all
may read; and opens again when as many fail once more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from knowledge import audit
from knowledge.asked import By, Gap, GapState, Search, Week
from knowledge.audit import Action
from knowledge.editing import Editor
from knowledge.errors import NotFound
from knowledge.gapped import Cluster, failed_again, key, succeeds, together
from knowledge.queries import period
from knowledge.roles import MEMBER, Standing
from knowledge.store import gaps as store
from knowledge.store import queries
from knowledge.store.database import Database

_KEPT = timedelta(days=365)
LOOKED_BACK = timedelta(days=91)
"""Thirteen weeks: however long searches are kept, a gap is of what is missed lately."""
_SEEN_EVERY = timedelta(days=1)
# So long after a week nobody can tell any more whose its searches were, and somebody who is erased
# takes none of them along.
_SETTLED = timedelta(days=1)

Match = Callable[[Sequence[Gap], Sequence[Cluster]], Mapping[int, int]]
"""Gaps and clusters -> the number of a cluster -> the id of the gap that it is."""


@dataclass(slots=True)
class _Plan:
    """What has to be written."""

    new: list[int] = field(default_factory=list)
    changed: list[tuple[int, GapState, datetime]] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)
    kept: dict[int, Cluster] = field(default_factory=dict)
    forgotten: list[int] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not (self.new or self.changed or self.seen or self.kept or self.forgotten)


class Gaps:
    """All gaps. Safe to share between threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def searches(self) -> list[Search]:
        """What people searched for lately and what came of it, the oldest first; texts as ``key``
        writes them."""
        with self._database.read() as connection:
            found = queries.searches(connection, self._now() - LOOKED_BACK)
        return [replace(one, text=key(one.text)) for one in found]

    def kept(self) -> list[Gap]:
        """Every gap, whatever its state, the oldest first."""
        with self._database.read() as connection:
            return store.all_of_them(connection)

    def settle(self, found: Sequence[Cluster], match: Match) -> dict[int, Cluster]:
        """Keep what was found, and what became of what was found before. Returns which gap each
        cluster is; one that is answered already, and never was a gap, is none. Writes only where
        something changed."""
        with self._database.read() as connection:
            held = store.all_of_them(connection)
        plan = self._planned(held, found, match(held, found))
        if plan.empty:
            return {gap: found[n] for n, gap in match(held, found).items()}
        with self._database.write() as connection:
            # Another process may have kept the same meanwhile.
            held = store.all_of_them(connection)
            matched = dict(match(held, found))
            plan = self._planned(held, found, matched)
            now = self._now()
            for number in plan.new:
                text = found[number].text
                made = store.add(connection, text, GapState.OPEN, By.SEARCHES.value, now)
                matched[number] = made
                self._keep(connection, made, (), found[number])
            by_id = {gap.id: gap for gap in held}
            for gap_id, cluster in plan.kept.items():
                self._keep(connection, gap_id, by_id[gap_id].weeks, cluster)
            for gap_id, state, since in plan.changed:
                store.change(connection, gap_id, state, By.SEARCHES.value, since)
            store.seen(connection, plan.seen, now)
            store.forget(connection, plan.forgotten)
        return {gap: found[n] for n, gap in matched.items()}

    def _planned(
        self, held: Sequence[Gap], found: Sequence[Cluster], matched: Mapping[int, int]
    ) -> _Plan:
        by_id, now, plan = {gap.id: gap for gap in held}, self._now(), _Plan()
        for number, cluster in enumerate(found):
            gap = by_id.get(matched.get(number, 0))
            if gap is None:
                if not succeeds(cluster.searches):
                    plan.new.append(number)
                continue
            if gap.state is GapState.OPEN and succeeds(cluster.searches):
                plan.changed.append((gap.id, GapState.CLOSED, now))
            if gap.state is GapState.CLOSED:
                again = failed_again(cluster.searches, gap.changed_at)
                if again is not None:
                    plan.changed.append((gap.id, GapState.OPEN, again))
            weeks = self._weeks(gap.weeks, cluster)
            if (gap.rejected, gap.weeks) != (cluster.probe is None, weeks):
                plan.kept[gap.id] = cluster
            if now - gap.seen_at >= _SEEN_EVERY:
                plan.seen.append(gap.id)
        there = set(matched.values())
        old = [gap.id for gap in held if gap.id not in there and now - gap.seen_at >= _KEPT]
        plan.forgotten.extend(old)
        return plan

    def _keep(
        self, connection: Connection, gap_id: int, before: Sequence[Week], cluster: Cluster
    ) -> None:
        weeks = self._weeks(before, cluster)
        store.keep(connection, gap_id, cluster.probe is None, weeks)

    def _weeks(self, before: Sequence[Week], cluster: Cluster) -> tuple[Week, ...]:
        """What is kept of the weeks of a gap: those that are over, of the last year."""
        now = self._now()
        first, current = period(now - _KEPT), period(now - _SETTLED)
        told = together(before, cluster.weeks)
        return tuple(week for week in told if first <= week.period < current)

    def tried(self, ids: Sequence[int], answered: Sequence[int]) -> None:
        """It was tried whether gaps are ``answered`` for all; those that are and are open close."""
        if not ids:
            return
        with self._database.write() as connection:
            now = self._now()
            store.checked(connection, ids, now)
            for gap in store.all_of_them(connection):
                if gap.id in answered and gap.state is GapState.OPEN:
                    store.change(connection, gap.id, GapState.CLOSED, By.ANSWER.value, now)

    def dismiss(self, gap_id: int, editor: Editor, standing: Standing = MEMBER) -> None:
        """Say that a gap is none; it comes back only when somebody reopens it. Raises NotFound, as
        for whoever looks after nothing."""
        self._move(gap_id, GapState.DISMISSED, Action.GAP_DISMISSED, editor, standing)

    def reopen(self, gap_id: int, editor: Editor, standing: Standing = MEMBER) -> None:
        """Say that it is one after all. It closes again only when enough people find it. Raises
        NotFound, as for whoever looks after nothing."""
        self._move(gap_id, GapState.OPEN, Action.GAP_REOPENED, editor, standing)

    def _move(
        self, gap_id: int, state: GapState, action: Action, editor: Editor, standing: Standing
    ) -> None:
        with self._database.write() as connection:
            gap = _one(connection, gap_id, editor, standing)
            if gap.state is not state:
                now = self._now()
                store.change(connection, gap_id, state, editor.name, now)
                audit.record(connection, editor.name, action, f"gap:{gap_id}", at=now)


def looks_after(editor: Editor, standing: Standing) -> bool:
    """Whether gaps are theirs to see: of administrators, and of curators of anything."""
    return editor.admin or bool(standing.sources or standing.topics)


def _one(connection: Connection, gap_id: int, editor: Editor, standing: Standing) -> Gap:
    held = store.all_of_them(connection) if looks_after(editor, standing) else []
    found = next((gap for gap in held if gap.id == gap_id), None)
    if found is None:
        raise NotFound("there is no such gap")
    return found

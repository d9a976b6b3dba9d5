"""What several people search for and do not find, from the log of searches, put together by
meaning."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from indexer.clusters import clusters
from indexer.protocols import Embedder, Vectors
from indexer.search.pipeline import Pipeline
from indexer.search.query import parse
from indexer.search.results import PersonHit, Request
from indexer.search.snippets import STOP
from knowledge.asked import By, Gap, GapState, Search, Week
from knowledge.editing import Editor
from knowledge.errors import DataUnavailable, InvalidQuery
from knowledge.gapped import Cluster, cluster_of, enough_failed, since_reopened, together
from knowledge.gaps import Gaps, looks_after
from knowledge.roles import MEMBER, Standing
from knowledge.store.database import Database, position
from knowledge.types import Principal

FRESH = timedelta(minutes=10)
"""So long what was found holds, unless documents change."""
CLOSED_FOR = timedelta(days=90)
"""So long a closed gap is listed."""
# Distinct texts, the most searched; and searches that try whether gaps are answered, at one look.
_MOST, _TRIED = 1500, 20
_TOPIC_FROM, PEOPLE = 10, 3
# Whoever is signed in, and nobody in particular: what they find all find.
_ALL = Principal(signed_in=True)


@dataclass(frozen=True, slots=True)
class ShownGap:
    """A gap for a curator. ``cluster``: what the searches of the last weeks say of it, if enough
    are kept; ``weeks``: in which enough people failed since it opened, also when their searches
    are forgotten. ``topic`` and ``people`` come from what this curator may read; ``people`` are
    those who may be asked."""

    gap: Gap
    cluster: Cluster | None
    topic: str | None = None
    people: tuple[PersonHit, ...] = ()

    @property
    def weeks(self) -> tuple[Week, ...]:
        """The oldest first; of a gap that opened again, those since."""
        told = together(self.gap.weeks, self.cluster.weeks if self.cluster else ())
        return since_reopened(self.gap, told)

    @property
    def askers(self) -> int:
        """How many failed at most in one week."""
        return max((week.askers for week in self.weeks), default=0)

    @property
    def failed(self) -> int:
        """How often they did, in the weeks that count."""
        return sum(week.searches for week in self.weeks)


class GapFinder:
    """Finds gaps, and says whom to ask. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        gaps: Gaps,
        embedder: Embedder,
        pipeline: Pipeline,
        alike: float,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``alike``: the mean cosine from which texts are for one thing."""
        self._database = database
        self._gaps = gaps
        self._embedder = embedder
        self._pipeline = pipeline
        self._alike = alike
        self._now = now
        self._looking = threading.Lock()
        self._vectors: dict[str, Vectors] = {}
        self._found: dict[int, Cluster] = {}
        self._found_at: tuple[datetime, tuple[str, int]] | None = None

    def page(
        self,
        editor: Editor,
        standing: Standing = MEMBER,
        state: GapState = GapState.OPEN,
        offset: int = 0,
        limit: int = 10,
    ) -> tuple[list[ShownGap], bool]:
        """Gaps in a state, what most people miss first, and whether more follow; nothing for who
        looks after nothing."""
        if not looks_after(editor, standing):
            return [], False
        found = self.look()
        held = [
            ShownGap(gap, found.get(gap.id))
            for gap in self._gaps.kept()
            if gap.state is state and self._told(gap, found)
        ]
        held.sort(key=_open_order if state is GapState.OPEN else _moved_order)
        shown = [self._advised(one, editor.principal) for one in held[offset : offset + limit]]
        return shown, len(held) > offset + limit

    def _told(self, gap: Gap, found: dict[int, Cluster]) -> bool:
        if gap.state is GapState.OPEN:
            return gap.id in found or bool(since_reopened(gap, gap.weeks))
        return gap.state is GapState.DISMISSED or self._now() - gap.changed_at < CLOSED_FOR

    def _advised(self, shown: ShownGap, principal: Principal) -> ShownGap:
        gap, cluster = shown.gap, shown.cluster
        if gap.state is not GapState.OPEN:
            return shown
        result = self._pipeline.search(Request(cluster.text if cluster else gap.text), principal)
        near: dict[str, float] = {}
        for place, hit in enumerate(result.answers[:_TOPIC_FROM], 1):
            for tag in hit.document.tags:
                near[tag] = near.get(tag, 0.0) + 1 / place
        topic = min(near, key=lambda tag: (-near[tag], tag)) if near else None
        people = [hit for hit in result.people if hit.person.paused_until is None]
        return ShownGap(gap, cluster, topic, tuple(people[:PEOPLE]))

    def look(self) -> dict[int, Cluster]:
        """What the kept searches say of each gap now, by its id. Takes a while where documents
        changed since, or ten minutes have passed. Raises DataUnavailable at the first time."""
        with self._looking:
            with self._database.read() as connection:
                place = position(connection)
            now, before = self._now(), self._found_at
            if before is None or before[1] != place or now - before[0] >= FRESH:
                try:
                    self._found = self._gaps.settle(self._clusters(), self._matched)
                    self._try()
                except DataUnavailable:
                    if before is None:
                        raise
                    return dict(self._found)  # it could not be kept; what was found still holds
                self._found_at = now, place
            return dict(self._found)

    def _clusters(self) -> list[Cluster]:
        by_text: dict[str, list[Search]] = {}
        for one in self._gaps.searches():
            by_text.setdefault(one.text, []).append(one)
        failed = {text for text, said in by_text.items() if any(one.failed for one in said)}

        def first(text: str) -> tuple[bool, int, str]:
            return text not in failed, -len(by_text[text]), text

        texts = [text for text in sorted(by_text, key=first)[:_MOST] if _topic(text) is not None]
        vectors = self._embedded(texts)
        gaps = [text for text in texts if text in failed]
        groups = [
            group
            for group in clusters(vectors[: len(gaps)], self._alike)
            if enough_failed(one for at in group for one in by_text[texts[at]])
        ]
        self._add(groups, vectors, range(len(gaps), len(texts)))
        told = (
            cluster_of([one for at in group for one in by_text[texts[at]]], STOP)
            for group in groups
        )
        return [cluster for cluster in told if cluster is not None]

    def _add(self, groups: list[list[int]], vectors: Vectors, others: Iterable[int]) -> None:
        """Put searches that never failed to those that they are most like, if they are alike."""
        if not groups:
            return
        means = np.stack([vectors[group].mean(axis=0) for group in groups])
        for at in others:
            likeness = means @ vectors[at]
            nearest = int(np.argmax(likeness))
            if likeness[nearest] >= self._alike:
                groups[nearest].append(at)

    def _matched(self, held: Sequence[Gap], found: Sequence[Cluster]) -> dict[int, int]:
        """Which gap each cluster is: the most alike first, each at most once."""
        if not held or not found:
            return {}
        own = self._embedded([gap.text for gap in held])
        means = np.stack([self._embedded(_texts(one)).mean(axis=0) for one in found])
        pairs = sorted(
            (gap.text != found[number].text, -float(own[at] @ means[number]), gap.id, number)
            for at, gap in enumerate(held)
            for number in range(len(found))
        )
        matched: dict[int, int] = {}
        for other, unlike, gap_id, number in pairs:
            alike = not other or -unlike >= self._alike
            if alike and number not in matched and gap_id not in matched.values():
                matched[number] = gap_id
        return matched

    def _try(self) -> None:
        """Close what has an answer that all may read, or somebody whom all find. What a curator
        opened stays open: to them, what is found is no answer."""
        waiting = [
            gap
            for gap in self._gaps.kept()
            if gap.state is GapState.OPEN and gap.by == By.SEARCHES and self._told(gap, self._found)
        ]
        waiting.sort(key=lambda gap: (gap.checked_at is not None, gap.checked_at, gap.id))
        tried, answered = [], []
        for gap in waiting[:_TRIED]:
            probe = _probe(gap, self._found.get(gap.id))
            if probe is not None:
                tried.append(gap.id)
                if self._pipeline.search(Request(probe), _ALL).confident:
                    answered.append(gap.id)
        self._gaps.tried(tried, answered)

    def _embedded(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), dimension): of each what it is about."""
        new = list(dict.fromkeys(text for text in texts if text not in self._vectors))
        if len(self._vectors) + len(new) > 4 * _MOST:
            self._vectors.clear()
            new = list(dict.fromkeys(texts))
        made = self._embedder.embed([_topic(text) or text for text in new])
        self._vectors |= dict(zip(new, made, strict=True))
        if not texts:
            return np.zeros((0, self._embedder.dimension), dtype=np.float32)
        return np.stack([self._vectors[text] for text in texts])


def _probe(gap: Gap, cluster: Cluster | None) -> str | None:
    """What tries whether it is answered: what was searched for most, or what stands for the gap
    where the log has forgotten that."""
    if cluster is not None:
        return cluster.probe
    return None if gap.rejected else gap.text


def _open_order(one: ShownGap) -> tuple[bool, int, int, int]:
    """What most people miss first, and what is missed now before what was."""
    return one.cluster is None, -one.askers, -one.failed, one.gap.id


def _moved_order(one: ShownGap) -> tuple[float, int]:
    return -one.gap.changed_at.timestamp(), one.gap.id


def _topic(text: str) -> str | None:
    """What a search is about, without what stands around it; None for what is no search."""
    try:
        return parse(text).topic
    except InvalidQuery:
        return None


def _texts(cluster: Cluster) -> list[str]:
    return sorted({one.text for one in cluster.searches})

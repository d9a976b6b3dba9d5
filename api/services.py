"""Settings -> wired objects: the only place where parts are put together."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from api.usecases import UseCases
from indexer import cache, choice, embedders
from indexer.advice import Adviser
from indexer.asked_before import AskedBefore
from indexer.build import Index
from indexer.choice import Choice
from indexer.duplicates import Duplicates
from indexer.gaps import GapFinder
from indexer.offering import SameTopics
from indexer.prepare import preparer
from indexer.protocols import Embedder
from indexer.risked import risked
from indexer.search.pipeline import Pipeline
from indexer.search.related import Related
from indexer.search.results import Intent, Request, SearchResult
from indexer.topics import Topics
from indexer.vector_cache import CachedEmbedder
from indexer.wishes import Wishing
from knowledge import backup
from knowledge.asked import AskedQuery
from knowledge.backup import Manifest
from knowledge.capture import Capture, Known, Prepared
from knowledge.currency import Ageing
from knowledge.drafting import Drafting
from knowledge.editing import Editing
from knowledge.erasing import Erasing
from knowledge.errors import InvalidSettings
from knowledge.importing import Runner
from knowledge.learning import Learners
from knowledge.measures.publishing import Publishing
from knowledge.polls import Polls
from knowledge.questions import Questions
from knowledge.settings import Settings
from knowledge.store import access
from knowledge.succession import Succession
from knowledge.types import OPERATOR, Principal, SourceDocument


@dataclass(frozen=True, slots=True)
class Searched:
    """A result with the id under which its query is kept."""

    result: SearchResult
    query_id: str
    took_ms: float


# So small that what was read of a large export is soon found; so large that the model is busy.
_IMPORT_WINDOW = 20_000


class Services(UseCases):
    """Everything a door needs, made when first used."""

    def __init__(
        self,
        settings: Settings,
        vectors: Path | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        cores: int = 1,
    ) -> None:
        """``vectors``: a directory of vectors to reuse, for evaluations. ``now``: the clock.
        ``cores``: how many may work on many texts at once, if the embedder can use them."""
        super().__init__(settings, now)
        self._vectors = vectors
        self._cores = cores

    @cached_property
    def choice(self) -> Choice:
        """The embedder of this installation. The first time takes seconds: it is measured."""
        chosen = self.settings.embedding
        if chosen.embedder != choice.AUTO:
            return Choice(chosen.embedder, "set by WHOKNOWS_EMBEDDER")
        data = self.settings.storage.data
        return choice.of_installation(self.database, data, chosen.model, self._cache)

    def choose_again(self) -> Choice:
        """Measure, and use what comes out from now on. Raises InvalidSettings if it is set."""
        chosen = self.settings.embedding
        if chosen.embedder != choice.AUTO:
            raise InvalidSettings(f"WHOKNOWS_EMBEDDER says {chosen.embedder}: nothing is chosen")
        data = self.settings.storage.data
        self.choice = choice.again(self.database, data, chosen.model, self._cache)
        return self.choice

    def machine_choice(self) -> Choice:
        """What would be chosen for an installation without data; nothing is kept in its place."""
        if self.settings.embedding.embedder != choice.AUTO:
            return self.choice
        return choice.of_machine(self.settings.embedding.model, self._cache)

    def load_embedder(self, name: str) -> Embedder:
        """An embedder by its name. Raises InvalidSettings for an unusable model."""
        options: dict[str, Any] = {}
        if self.settings.embedding.model is not None:
            options["model"] = self.settings.embedding.model
        if name == choice.FAST:
            options |= {"cache": self._cache, "threads": self._cores}
        return embedders.load(name, **options)

    @property
    def _cache(self) -> Path:
        return self.settings.embedding.cache or cache.usable(self.settings.storage.data / "cache")

    @cached_property
    def embedder(self) -> Embedder:
        """The model; slow to make, so made late."""
        return self.load_embedder(self.choice.embedder)

    @cached_property
    def ingest_embedder(self) -> Embedder:
        """The model behind the directory of vectors, if there is one."""
        return CachedEmbedder(self.embedder, self._vectors) if self._vectors else self.embedder

    @cached_property
    def capture(self) -> Capture:
        """Everything that writes documents."""
        return Capture(self.database, preparer(self.ingest_embedder))

    @cached_property
    def index(self) -> Index:
        """This process's copy of the indexes."""
        return Index(
            self.database,
            self.settings.storage.data / "index",
            self.embedder.identity,
            self.embedder.dimension,
        )

    @cached_property
    def pipeline(self) -> Pipeline:
        """The query path."""
        return Pipeline(
            self.database,
            self.index,
            self.embedder,
            self.settings.search,
            self.settings.people,
            self.settings.privacy,
            self._now,
        )

    @cached_property
    def adviser(self) -> Adviser:
        """What is there already that a text is like."""
        return Adviser(self.database, self.index, self.pipeline, self.settings.search)

    @cached_property
    def editing(self) -> Editing:
        """Single documents, as colleagues write and change them."""
        return Editing(self.database, self.capture, self._now)

    @cached_property
    def succession(self) -> Succession:
        """What replaces what."""
        return Succession(self.database, self.capture, self._now)

    @cached_property
    def drafting(self) -> Drafting:
        """What colleagues have begun to write."""
        return Drafting(self.database, self.editing, self._now)

    @cached_property
    def questions(self) -> Questions:
        """What colleagues ask each other."""
        chosen = self.settings
        return Questions(self.database, self.capture, chosen.ask, chosen.privacy, self._now)

    @cached_property
    def asked_before(self) -> AskedBefore:
        """What finds questions that were answered before."""
        return AskedBefore(self.database, self.index, self.embedder, self.settings.ask.alike)

    @cached_property
    def learners(self) -> Learners:
        """Who could learn from whom."""
        same = SameTopics(lambda: self.embedder)
        return Learners(self.database, self.settings.privacy, same)

    @cached_property
    def polls(self) -> Polls:
        """What those who came say of sessions."""
        return Polls(self.database, self.drafting)

    @cached_property
    def related(self) -> Related:
        """What is about the same."""
        model = self.embedder
        return Related(self.database, self.index, model.identity, model.dimension)

    @cached_property
    def duplicates(self) -> Duplicates:
        """What is likely there twice."""
        model = self.embedder
        return Duplicates(self.database, self.index, model.identity, model.dimension)

    @cached_property
    def gap_finder(self) -> GapFinder:
        """What finds out what people search for and do not find."""
        alike = self.settings.gaps.alike
        return GapFinder(self.database, self.gaps, self.embedder, self.pipeline, alike, self._now)

    @cached_property
    def wishing(self) -> Wishing:
        """What looks whether people's wishes can be answered."""
        return Wishing(self.wishes, self.pipeline)

    @cached_property
    def topics(self) -> Topics:
        """What is about the same, who knows it, and what may be lost."""
        given = self.settings
        ageing = Ageing.of(given.search)
        return Topics(
            self.database, given.people, given.privacy, ageing, lambda: self.embedder, self._now
        )

    @cached_property
    def publishing(self) -> Publishing:
        """What publishes measures, a month at a time."""
        ageing = Ageing.of(self.settings.search)
        return Publishing(self.database, ageing, lambda: risked(self.topics), self._now)

    @cached_property
    def erasing(self) -> Erasing:
        """What erases people."""
        return Erasing(self.database, self._prepare, self._renew, self._now)

    def _renew(self) -> None:
        self.index.renew()

    def _prepare(self, documents: Sequence[SourceDocument], known: Known) -> list[Prepared]:
        # The model is loaded when there is something to embed.
        return preparer(self.ingest_embedder)(documents, known)

    def restore(self, file: Path, *, replace: bool = False) -> Manifest:
        """Make the data what they were when a backup was made; see ``knowledge.backup``."""
        return backup.restore(self.database, file, replace=replace, prepare=self._prepare)

    def runner(self, stopping: Callable[[], bool]) -> Runner:
        """What runs imports; ``stopping`` is asked between two inputs."""
        prepare = preparer(self.ingest_embedder)
        capture = Capture(self.database, prepare, _IMPORT_WINDOW)
        return Runner(self.database, self.imports, capture, stopping, self.budget)

    def search(
        self, request: Request, principal: Principal, people_wanted: bool = False
    ) -> Searched:
        """One search through the pipeline, timed and kept in the log. Raises InvalidQuery.

        ``people_wanted``: whatever its words, the query is for people.
        """
        start = time.perf_counter()
        result = self.pipeline.search(request, principal)
        took_ms = (time.perf_counter() - start) * 1000
        if people_wanted:
            result = replace(result, intent=Intent.WHO)
        shown = result.people if people_wanted else result.answers
        query_id = uuid.uuid4().hex
        self.queries.record(
            AskedQuery(
                query_id,
                result.query,
                result.intent.value,
                len(shown),
                result.confident,
                self._now(),
            ),
            principal.person_id,
            [hit.person.id for hit in result.people],
        )
        return Searched(result, query_id, took_ms)

    def principal(self, email: str | None) -> Principal:
        """The operator, or the colleague with this address. Raises InvalidInput."""
        if email is None:
            return OPERATOR
        with self.database.read() as connection:
            return access.principal_for(connection, email)

    def make_all(self) -> None:
        """Make everything now, before several threads would make it at once."""
        for kind in type(self).__mro__:
            for name, made in vars(kind).items():
                if isinstance(made, cached_property):
                    getattr(self, name)

    def close(self) -> None:
        """Give back what was made."""
        made = self.__dict__
        if "ingest_embedder" in made and isinstance(self.ingest_embedder, CachedEmbedder):
            self.ingest_embedder.flush()
        if "queries" in made:
            self.queries.close()
        if "later" in made:
            self.later.close()
        if "index" in made:
            self.index.close()
        if "database" in made:
            self.database.close()

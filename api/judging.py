"""Judged collections through a fresh installation: what ``whoknows eval`` and benchmarks run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from api.evaluated import EvaluatedSystem
from api.services import Services
from indexer import evaluation
from indexer.judged import Collection
from knowledge import readers
from knowledge.settings import Settings
from knowledge.types import ReadFailure, SourceDocument


@contextmanager
def fresh(
    settings: Settings, collection: Collection, vectors: Path | None = None, cores: int = 1
) -> Iterator[Services]:
    """An empty installation whose clock stands at the collection's newest document; gone
    afterwards. ``vectors``: a directory of vectors to reuse and to add to; ``cores``: how many
    may embed."""
    now = evaluation.newest(documents(collection)) or datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="whoknows-eval-") as data:
        storage = settings.storage.model_copy(update={"data": Path(data), "database_url": None})
        # Everybody is ranked: how sure it is shortens no list that is judged.
        people = settings.people.model_copy(update={"listed_from": 0.0})
        wired = replace(settings, storage=storage, people=people)
        services = Services(wired, vectors, lambda: now, cores)
        try:
            services.embedder.embed(["warm up"])
            yield services
        finally:
            services.close()


def documents(collection: Collection) -> Iterator[SourceDocument | ReadFailure]:
    """The collection's corpus, as its reader reads it."""
    return readers.read_export(collection.path, format="judged", source=collection.name)


def evaluated(
    settings: Settings,
    collection: Collection,
    vectors: Path | None,
    progress: evaluation.Progress,
    cores: int = 1,
) -> evaluation.Evaluation:
    """The whole evaluation of one collection; see ``fresh``."""
    with fresh(settings, collection, vectors, cores) as services:
        system = EvaluatedSystem(services)
        return evaluation.evaluate(system, collection, documents(collection), progress)

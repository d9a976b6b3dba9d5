"""whoknows as it is served: database, rights, both retrievers, people with evidence, snippets,
facets and the log of queries. It cuts the documents itself, into the passages the others get."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmarks.peers import protocol


class Whoknows:
    package = "whoknows"

    def open(self, folder: Path, model: str) -> None:
        from api.services import Services
        from knowledge.settings import load_settings

        del model  # it is the packaged one
        settings = load_settings()
        storage = settings.storage.model_copy(update={"data": folder, "database_url": None})
        self._services = Services(replace(settings, storage=storage))
        self._services.embedder.embed(["warm up"])
        self._services.index.catch_up()

    def add(self, part: protocol.Part) -> None:
        from indexer.prepare import preparer
        from indexer.vector_cache import CachedEmbedder
        from knowledge import readers
        from knowledge.capture import Capture

        services = self._services
        items = readers.read_export(part.documents, format="judged", source="peers")
        if part.cache is None:
            capture, cached = services.capture, None
        else:
            cached = CachedEmbedder(services.embedder, part.cache)
            capture = Capture(services.database, preparer(cached))
        for _ in capture.ingest(items):
            pass
        if cached is not None:
            cached.flush()
        services.index.catch_up()
        services.index.save()

    def search(self, text: str, limit: int) -> list[str]:
        from indexer.search.results import Request
        from knowledge.types import Principal

        asked = Request(text, limit=limit)
        answers = self._services.search(asked, Principal(signed_in=True)).result.answers
        return [f"{hit.document.external_id} {hit.passage.ordinal}" for hit in answers]

    def close(self) -> None:
        self._services.close()


if __name__ == "__main__":
    protocol.serve(Whoknows())

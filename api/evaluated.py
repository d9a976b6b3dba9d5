"""The services as an evaluation drives them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from api.services import Services
from indexer.search.results import Request, SearchResult
from indexer.vector_cache import CachedEmbedder
from knowledge.capture import Outcome, Terms
from knowledge.store import documents
from knowledge.types import OPERATOR, Principal, ReadFailure, SourceDocument


class EvaluatedSystem:
    """The services as an evaluation sees them: an asker who may read the whole collection."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._asker = Principal(signed_in=True)

    def ingest(self, items: Iterable[SourceDocument | ReadFailure]) -> Iterator[Outcome]:
        return self._services.capture.ingest(items, Terms(speakers_consented=True))

    def catch_up(self) -> int:
        return self._services.index.catch_up()

    def search(self, request: Request) -> SearchResult:
        return self._services.pipeline.search(request, self._asker)

    def document_ids(self) -> dict[str, int]:
        with self._services.database.read() as connection:
            held = documents.load_all(connection, OPERATOR)
        return {document.external_id: key for key, document in held.items()}

    def passages(self) -> int:
        with self._services.database.read() as connection:
            return documents.counts(connection)[1]

    def embedded_all(self) -> bool:
        return not isinstance(self._services.ingest_embedder, CachedEmbedder)

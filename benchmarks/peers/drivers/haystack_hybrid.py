"""haystack as in its tutorial on hybrid retrieval, without the cross-encoder at its end: the store
in memory, its BM25 and its vectors, joined by reciprocal ranks; kept on disk as JSON."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from benchmarks.peers import protocol


class Haystack:
    package = "haystack-ai"

    def open(self, folder: Path, model: str) -> None:
        os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        self._file, self._model = folder / "store.json", model
        if self._file.exists():
            self._store = InMemoryDocumentStore.load_from_disk(str(self._file))
        else:
            # Without embeddings, answers are copied in a fraction of the time.
            self._store = InMemoryDocumentStore(
                embedding_similarity_function="cosine", return_embedding=False
            )
        self._asking = self._pipeline()
        self._asking.get_component("encoder").run(text="warm up")

    def _pipeline(self) -> Any:
        from haystack import Pipeline
        from haystack.components.joiners import DocumentJoiner
        from haystack.components.retrievers.in_memory import (
            InMemoryBM25Retriever,
            InMemoryEmbeddingRetriever,
        )
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersTextEmbedder,
        )

        encoder = SentenceTransformersTextEmbedder(model=self._model, progress_bar=False)
        joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion")
        pipeline = Pipeline()
        pipeline.add_component("encoder", encoder)
        pipeline.add_component("dense", InMemoryEmbeddingRetriever(self._store))
        pipeline.add_component("words", InMemoryBM25Retriever(self._store))
        pipeline.add_component("joiner", joiner)
        pipeline.connect("encoder.embedding", "dense.query_embedding")
        pipeline.connect("dense", "joiner")
        pipeline.connect("words", "joiner")
        pipeline.warm_up()
        return pipeline

    def add(self, part: protocol.Part) -> None:
        from haystack import Document
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
        )

        documents = [Document(id=p.id, content=p.text) for p in part.passages]
        if part.vectors is None:
            encoder = SentenceTransformersDocumentEmbedder(model=self._model, progress_bar=False)
            encoder.warm_up()
            documents = encoder.run(documents=documents)["documents"]
        else:
            documents = [
                Document(id=p.id, content=p.text, embedding=vector.tolist())
                for p, vector in zip(part.passages, part.vectors, strict=True)
            ]
        self._store.write_documents(documents)
        self._store.save_to_disk(str(self._file))

    def search(self, text: str, limit: int) -> list[str]:
        told = self._asking.run(
            {
                "encoder": {"text": text},
                "words": {"query": text, "top_k": limit},
                "dense": {"top_k": limit},
                "joiner": {"top_k": limit},
            }
        )
        return [document.id for document in told["joiner"]["documents"]]

    def close(self) -> None:
        """It was written when something was added."""


if __name__ == "__main__":
    protocol.serve(Haystack())

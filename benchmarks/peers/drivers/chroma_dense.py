"""chromadb as a persistent client: HNSW over cosines. What runs locally has no ranked words:
sparse indexes are part of its cloud."""

from __future__ import annotations

from pathlib import Path

from benchmarks.peers import protocol

_BATCH = 1_000


class Chroma:
    package = "chromadb"

    def open(self, folder: Path, model: str) -> None:
        import chromadb
        from chromadb.config import Settings
        from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction

        encoder = SentenceTransformerEmbeddingFunction(model_name=model)
        encoder(["warm up"])
        settings = Settings(anonymized_telemetry=False)
        client = chromadb.PersistentClient(str(folder), settings)
        self._collection = client.get_or_create_collection("passages", embedding_function=encoder)

    def add(self, part: protocol.Part) -> None:
        for start in range(0, len(part.passages), _BATCH):
            batch = part.passages[start : start + _BATCH]
            given = {}
            if part.vectors is not None:
                given["embeddings"] = part.vectors[start : start + _BATCH]
            self._collection.add(
                ids=[passage.id for passage in batch],
                documents=[passage.text for passage in batch],
                **given,
            )

    def search(self, text: str, limit: int) -> list[str]:
        found = self._collection.query(query_texts=[text], n_results=limit)
        return list(found["ids"][0])

    def close(self) -> None:
        """It is written as it comes."""


if __name__ == "__main__":
    protocol.serve(Chroma())

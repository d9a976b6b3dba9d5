"""txtai with ``hybrid`` and ``content``: FAISS and its own BM25, convex combination, SQLite."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.peers import protocol


class Txtai:
    package = "txtai"

    def open(self, folder: Path, model: str) -> None:
        from txtai import Embeddings

        self._path = folder / "index"
        self._index = Embeddings(path=model, hybrid=True, content=True)
        if self._path.exists():
            self._index.load(str(self._path))
        self._index.transform("warm up")

    def add(self, part: protocol.Part) -> None:
        if part.vectors is not None:
            self._encode_from(part)
        self._index.index((passage.id, passage.text) for passage in part.passages)
        self._index.save(str(self._path))
        self._index.model.__dict__.pop("encode", None)

    def _encode_from(self, part: protocol.Part) -> None:
        """Text and vector cannot both be given, so its encoder answers with what is there."""
        import numpy as np

        places = {passage.text: place for place, passage in enumerate(part.passages)}

        def encode(texts: list[str], category: str | None = None) -> Any:
            del category
            return np.stack([part.vectors[places[text]] for text in texts])

        self._index.model.encode = encode

    def search(self, text: str, limit: int) -> list[str]:
        return [hit["id"] for hit in self._index.search(text, limit)]

    def close(self) -> None:
        self._index.close()


if __name__ == "__main__":
    protocol.serve(Txtai())

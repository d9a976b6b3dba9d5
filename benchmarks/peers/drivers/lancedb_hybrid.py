"""lancedb with an embedding function of its registry, an index of words, and a hybrid search fused
by reciprocal ranks. Vectors are compared exactly, as it does below 100,000 rows or so."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from benchmarks.peers import protocol


class Lancedb:
    package = "lancedb"

    def open(self, folder: Path, model: str) -> None:
        os.environ.setdefault("LANCE_LOG", "error")  # else a warning is written for every query
        import lancedb
        from lancedb.embeddings import get_registry
        from lancedb.pydantic import LanceModel, Vector

        encoder = get_registry().get("sentence-transformers").create(name=model)
        encoder.generate_embeddings(["warm up"])

        class Row(LanceModel):
            id: str
            text: str = encoder.SourceField()
            vector: Vector(encoder.ndims()) = encoder.VectorField()

        self._row = Row
        self._database = lancedb.connect(str(folder))
        self._table: Any = None
        if (folder / "passages.lance").exists():
            self._table = self._database.open_table("passages")

    def add(self, part: protocol.Part) -> None:
        from lancedb.index import FTS

        rows: list[dict[str, Any]] = [{"id": p.id, "text": p.text} for p in part.passages]
        if part.vectors is not None:
            rows = [
                row | {"vector": vector} for row, vector in zip(rows, part.vectors, strict=True)
            ]
        self._table = self._database.create_table("passages", schema=self._row)
        self._table.add(rows)
        self._table.create_index("text", config=FTS())

    def search(self, text: str, limit: int) -> list[str]:
        query = self._table.search(text, query_type="hybrid").limit(limit)
        return [row["id"] for row in query.select(["id", "text"]).to_list()]

    def close(self) -> None:
        """It is written as it comes."""


if __name__ == "__main__":
    protocol.serve(Lancedb())

"""Ingest speed beside the bare encoder: the same passages, one run, one thread."""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path

from api.services import EvaluatedSystem, Services
from indexer import chunkers, evaluation
from knowledge import readers
from knowledge.settings import load_settings
from knowledge.types import SourceDocument


def main() -> None:
    """Print passages a CPU-second of both, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("collections", nargs="+", type=Path)
    parser.add_argument("--documents", type=int, default=150, help="how many of each")
    options = parser.parse_args()
    print(f"{'collection':20} {'passages':>8} {'ingest/CPU-s':>13} {'encoder/CPU-s':>14} ratio")
    for path in options.collections:
        items = list(
            islice(readers.read_export(path, format="judged", source=path.stem), options.documents)
        )
        settings = load_settings()
        with tempfile.TemporaryDirectory() as data:
            storage = settings.storage.model_copy(update={"data": Path(data)})
            services = Services(replace(settings, storage=storage))
            embedder = services.embedder
            embedder.embed(["warm up"])
            _, _, _, cpu = evaluation.ingest(
                EvaluatedSystem(services), items, lambda what, done, of: None
            )
            services.close()
        documents = [item for item in items if isinstance(item, SourceDocument)]
        texts = list(
            dict.fromkeys(
                draft.embed_text
                for document in documents
                for draft in chunkers.chunk(document, embedder.token_starts)
            )
        )
        start = time.process_time()
        embedder.embed(texts)
        bare = time.process_time() - start
        print(
            f"{path.stem:20} {len(texts):8} {len(texts) / cpu:13.1f} {len(texts) / bare:14.1f} "
            f"{bare / cpu:.2f}"
        )


if __name__ == "__main__":
    main()

"""Ingest speed beside the bare encoder: the same passages, one run, one thread.

python -m benchmarks.ingest COLLECTION... [--embedders onnx_int8 sentence_transformer] [--record]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import mean
from typing import Any

from api.evaluated import EvaluatedSystem
from api.services import Services
from benchmarks import results
from indexer import chunkers, embedders, evaluation
from knowledge import readers
from knowledge.settings import Settings, load_settings
from knowledge.types import ReadFailure, SourceDocument


def main() -> None:
    """Print passages a CPU-second of both, and their ratio; with ``--record`` keep them."""
    settings = load_settings()
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("collections", nargs="+", type=Path)
    parser.add_argument("--documents", type=int, default=150, help="how many of each")
    usual = settings.embedding.embedder
    names = ["auto", *embedders.names()]
    parser.add_argument("--embedders", nargs="+", choices=names, default=[usual])
    parser.add_argument("--record", action="store_true", help="keep it for docs/performance.md")
    options = parser.parse_args()
    print(
        f"{'collection':20} {'encoder':20} {'passages':>8} {'tokens':>6} {'ingest/CPU-s':>13} "
        f"{'encoder/CPU-s':>14} ratio"
    )
    rows = []
    for path in options.collections:
        items = list(
            islice(readers.read_export(path, format="judged", source=path.stem), options.documents)
        )
        for name in options.embedders:
            embedding = settings.embedding.model_copy(update={"embedder": name})
            row = measure(replace(settings, embedding=embedding), items)
            rows.append({"collection": path.stem, **row})
            whole, bare = row["ingest_per_cpu_second"], row["encoder_per_cpu_second"]
            print(
                f"{path.stem:20} {row['embedder']:20} {row['passages']:8} {row['tokens']:6.0f} "
                f"{whole:13.1f} {bare:14.1f} {whole / bare:.2f}",
                flush=True,
            )
    if options.record:
        print(f"kept in {results.keep('ingest', {'rows': rows})}")


def measure(settings: Settings, items: list[SourceDocument | ReadFailure]) -> dict[str, Any]:
    """One collection's figures with the settings' embedder; ``tokens`` is the mean of a passage."""
    with tempfile.TemporaryDirectory() as data:
        storage = settings.storage.model_copy(update={"data": Path(data)})
        services = Services(replace(settings, storage=storage))
        name, embedder = services.choice.embedder, services.embedder
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
    return {
        "embedder": name,
        "passages": len(texts),
        "tokens": mean(len(embedder.token_starts(text)) for text in texts),
        "ingest_per_cpu_second": len(texts) / cpu,
        "encoder_per_cpu_second": len(texts) / bare,
    }


if __name__ == "__main__":
    main()

"""Query latency, start and memory over everything that is given, in one data directory."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import psutil

from api.evaluated import EvaluatedSystem
from api.services import Services
from indexer import evaluation, judged
from indexer.search.results import Request
from knowledge import readers
from knowledge.settings import load_settings

QUERIES = 300


def main() -> None:
    """``--build`` fills the data directory, the rest measures it in a fresh process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("collections", nargs="*", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--measure", action="store_true", help="only measure what is there")
    options = parser.parse_args()
    if options.measure:
        measure(options.data, options.collections)
        return
    if not (options.data / "whoknows.db").exists():
        build(options.data, options.collections, options.vectors)
    again = [sys.executable, "-m", "benchmarks.queries", *map(str, options.collections)]
    subprocess.run([*again, "--data", str(options.data), "--measure"], check=True)


def wired(data: Path, vectors: Path | None = None) -> Services:
    """Services over ``data``."""
    settings = load_settings()
    storage = settings.storage.model_copy(update={"data": data})
    return Services(replace(settings, storage=storage), vectors)


def build(data: Path, paths: list[Path], vectors: Path | None) -> None:
    """Ingest everything and write the snapshot."""
    services = wired(data, vectors)
    items = chain.from_iterable(
        readers.read_export(p, format="judged", source=p.stem) for p in paths
    )
    evaluation.ingest(EvaluatedSystem(services), items, lambda what, done, of: None)
    services.index.save()
    services.close()


def measure(data: Path, paths: list[Path]) -> None:
    """Start to first answer, encoder and query latency, resident memory."""
    texts = [q.text for p in paths if p.is_dir() for q in judged.load(p).queries if not q.within]
    chosen = texts[:: max(1, len(texts) // QUERIES)][:QUERIES]
    start = time.perf_counter()
    system = EvaluatedSystem(services := wired(data))
    system.search(Request(chosen[0]))
    first = time.perf_counter() - start
    born = time.time() - psutil.Process().create_time()
    encoder, query = [], []
    for text in chosen[1:]:
        start = time.perf_counter()
        services.embedder.embed([text])
        encoder.append((time.perf_counter() - start) * 1000)
        start = time.perf_counter()
        system.search(Request(text))
        query.append((time.perf_counter() - start) * 1000)
    memory = psutil.Process().memory_info().rss / 2**20
    rows = {
        "passages": system.passages(),
        "process start to first answer, s": round(born, 2),
        "services to first answer, s": round(first, 2),
        "encoder p50, ms": round(float(np.percentile(encoder, 50)), 1),
        "query p50, ms": round(float(np.percentile(query, 50)), 1),
        "query p95, ms": round(float(np.percentile(query, 95)), 1),
        "p50 beyond the encoder, ms": round(
            float(np.percentile(query, 50) - np.percentile(encoder, 50)), 1
        ),
        "resident memory, MB": round(memory),
    }
    for name, value in rows.items():
        print(f"{name:36} {value:>10}")
    services.close()


if __name__ == "__main__":
    main()

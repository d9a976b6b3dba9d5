"""The whole query path over what ``benchmarks.fill`` made: latency by filter, memory by part.

    python -m benchmarks.path COLLECTION... --data DATA

The questions are the collections'. Everything is included: encoding, both retrievers, reading the
answers from the database. The asker is a colleague in 20 of the 200 groups.
"""

from __future__ import annotations

import argparse
import gc
import time
from pathlib import Path

import numpy as np
import psutil

from benchmarks.fill import ASKER, TAGS
from benchmarks.queries import wired
from indexer import judged
from indexer.protocols import Filters
from indexer.search.results import Request

QUERIES = 200


def memory_mb() -> float:
    """What this process holds."""
    gc.collect()
    return float(psutil.Process().memory_info().rss / 2**20)


def main() -> None:
    """Measure one process with one client."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("collections", nargs="+", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    texts = [query.text for path in options.collections for query in judged.load(path).queries]
    chosen = texts[:: max(1, len(texts) // QUERIES)][:QUERIES]
    services = wired(options.data)
    parts = [("Python and libraries", memory_mb())]
    services.embedder.embed(["warm up"])
    parts.append(("encoder", memory_mb()))
    start = time.perf_counter()
    index = services.index
    opened = time.perf_counter() - start
    parts.append(("indexes", memory_mb()))
    print(f"{'what is allowed':16} {'p50 ms':>8} {'p95 ms':>8} {'CPU p50':>8} {'encoder':>8}")
    for name in ("all", "readable", *sorted(TAGS, key=lambda tag: -TAGS[tag])):
        filters = Filters() if name in ("all", "readable") else Filters(tag=frozenset({name}))
        asker = services.principal(None) if name == "all" else ASKER
        services.pipeline.search(Request(chosen[0], filters), asker)
        wall, cpu, encoder = [], [], []
        for text in chosen:
            start = time.perf_counter()
            services.embedder.embed([text])
            encoder.append((time.perf_counter() - start) * 1000)
            start, begun = time.perf_counter(), time.process_time()
            services.pipeline.search(Request(text, filters), asker)
            wall.append((time.perf_counter() - start) * 1000)
            cpu.append((time.process_time() - begun) * 1000)
        print(
            f"{name:16} {np.percentile(wall, 50):8.1f} {np.percentile(wall, 95):8.1f} "
            f"{np.percentile(cpu, 50):8.1f} {np.percentile(encoder, 50):8.1f}",
            flush=True,
        )
    parts.append(("while answering", memory_mb()))
    print(f"\nindexes opened in {opened:.1f} s, at change {index.sequence:,}")
    before = 0.0
    for name, held in parts:
        print(f"{name:20} {held - before:+8.0f} MB")
        before = held
    print(f"{'resident':20} {before:8.0f} MB")
    services.close()


if __name__ == "__main__":
    main()

"""The vector index by size: latency, recall, memory, and what building and opening it takes.

    python -m benchmarks.scale [COLLECTION...] --vectors DIR [--sizes 1000 10000] [--record]

``DIR`` holds vectors of real passages, as ``whoknows eval --vectors DIR`` leaves them. Where a size
needs more, each further vector is a real one moved by a part of the difference of two others, which
keeps the directions in which real ones differ. Queries are the real questions of the collections,
or else real passages that are left out of the index.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import psutil
from numpy.typing import NDArray

from api.services import Services
from benchmarks import results
from benchmarks.engines import ENGINES
from indexer import judged
from indexer.protocols import Ids, VectorIndex, Vectors
from knowledge.settings import load_settings

SHARES = (0.001, 0.01, 0.1, 0.5, 1.0)
QUERIES = 200
DEPTH = 200
_BLOCK = 20_000
_SEED = 1


def main() -> None:
    """Each engine and size in a process of its own, so that memory is its own."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("collections", nargs="*", type=Path, help="judged collections, to ask")
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--sizes", nargs="+", type=int, default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=["faiss"])
    parser.add_argument("--record", action="store_true", help="keep it for docs/performance.md")
    parser.add_argument("--truth", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    rows = real(options.vectors)
    if options.truth:
        with np.load(options.truth) as truth:
            row = measure(options.engines[0], options.sizes[0], rows[QUERIES:], dict(truth))
        options.truth.with_suffix(".json").write_text(json.dumps(row), "utf-8")
        return
    print(f"{len(rows):,} vectors of real passages; larger sizes are filled up by moved ones")
    asked = questions(options.collections) if options.collections else rows[:QUERIES]
    measured = []
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            truth = Path(folder, "truth.npz")
            np.savez(truth, **searched(rows[QUERIES:], size, asked))
            for engine in options.engines:
                again = [sys.executable, "-m", "benchmarks.scale", "--sizes", str(size)]
                again += ["--vectors", str(options.vectors), "--truth", str(truth)]
                subprocess.run([*again, "--engines", engine], check=True)
                measured.append(json.loads(truth.with_suffix(".json").read_text("utf-8")))
    if options.record:
        kept = {"real": len(rows), "depth": DEPTH, "rows": measured}
        print(f"kept in {results.keep('scale', kept)}")


def real(folder: Path) -> Vectors:
    """Every different vector in the folder, in an order that is always the same."""
    held = [np.load(shard, allow_pickle=False)["vectors"] for shard in folder.rglob("*.npz")]
    rows = np.unique(np.concatenate(held).astype(np.float32), axis=0)
    rows = rows[np.linalg.norm(rows, axis=1) > 0.5]
    return rows[np.random.default_rng(_SEED).permutation(len(rows))]


def questions(collections: list[Path]) -> Vectors:
    """Vectors of the collections' questions."""
    texts = [query.text for path in collections for query in judged.load(path).queries]
    chosen = texts[:: max(1, len(texts) // QUERIES)][:QUERIES]
    services = Services(load_settings())
    return services.embedder.embed(chosen)


def blocks(rows: Vectors, size: int) -> Iterator[tuple[Ids, Vectors]]:
    """``size`` vectors with their ids; the same again for the same arguments."""
    random = np.random.default_rng(_SEED)
    for start in range(0, size, _BLOCK):
        ids = np.arange(start, min(start + _BLOCK, size))
        made = rows[start : start + ids.size]
        more = ids.size - len(made)
        base, one, other = (rows[random.integers(0, len(rows), more)] for _ in range(3))
        moved = base + random.uniform(0.3, 0.7, (more, 1)).astype(np.float32) * (one - other)
        moved /= np.linalg.norm(moved, axis=1, keepdims=True)
        yield ids + 1, np.concatenate([made, moved])


def searched(rows: Vectors, size: int, queries: Vectors) -> dict[str, NDArray[Any]]:
    """Queries, allowed ids for each share, and the best ``DEPTH`` of them by comparing everything
    in float32, shape (queries, at most DEPTH)."""
    random = np.random.default_rng(_SEED)
    held: dict[str, NDArray[Any]] = {"queries": queries}
    scores = {}
    for share in SHARES:
        left = max(round(size * share), 1)
        held[f"allowed {share}"] = np.sort(random.choice(size, left, replace=False)) + 1
        held[f"true {share}"] = np.empty((len(queries), 0), dtype=np.int64)
        scores[share] = np.empty((len(queries), 0), dtype=np.float32)
    for ids, block in blocks(rows, size):
        compared = queries @ block.T
        for share in SHARES:
            keep = np.isin(ids, held[f"allowed {share}"])
            best = np.concatenate([scores[share], compared[:, keep]], axis=1)
            owners = np.tile(ids[keep], (len(queries), 1))
            owners = np.concatenate([held[f"true {share}"], owners], axis=1)
            order = np.argpartition(-best, min(DEPTH, best.shape[1]) - 1, axis=1)[:, :DEPTH]
            scores[share] = np.take_along_axis(best, order, axis=1)
            held[f"true {share}"] = np.take_along_axis(owners, order, axis=1)
    for share in SHARES:
        order = np.argsort(-scores[share], axis=1, kind="stable")
        held[f"true {share}"] = np.take_along_axis(held[f"true {share}"], order, axis=1)
    return held


def memory_mb() -> float:
    """What this process holds."""
    gc.collect()
    return float(psutil.Process().memory_info().rss / 2**20)


def build(engine: str, rows: Vectors, size: int) -> tuple[VectorIndex, float]:
    """The index, and the CPU seconds that it took."""
    index = ENGINES[engine](rows.shape[1])
    made = 0.0
    for ids, held in blocks(rows, size):
        begun = time.process_time()
        index.add(ids, held)
        made += time.process_time() - begun
    begun = time.process_time()
    index.search(rows[0], 1)  # some train only now
    made += time.process_time() - begun
    return index, made


def measure(
    engine: str, size: int, rows: Vectors, truth: dict[str, NDArray[Any]]
) -> dict[str, Any]:
    """Print what this engine does with so many vectors, and return it."""
    faiss.omp_set_num_threads(1)
    index, built = build(engine, rows, size)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "index")
        start = time.perf_counter()
        index.save(path)
        saved, disk = time.perf_counter() - start, path.stat().st_size / 2**20
        del index
        before, start = memory_mb(), time.perf_counter()
        index = ENGINES[engine](rows.shape[1])
        index.load(path)
        loaded = time.perf_counter() - start
        index.search(rows[0], 1)
        held = memory_mb() - before
    print(
        f"\n{engine}, {size:,} vectors: built in {built:.1f} CPU-s, saved in {saved:.1f} s "
        f"({disk:.0f} MB), loaded in {loaded:.1f} s, {held:.0f} MB resident\n"
        f"{'allowed':>8} {'p50 ms':>8} {'p95 ms':>8} {'CPU p50':>8} {'recall@10':>10} "
        f"{f'recall@{DEPTH}':>11}",
        flush=True,
    )
    shares = []
    for share in SHARES:
        allowed = truth[f"allowed {share}"] if share < 1.0 else None
        wall, cpu, found = [], [], []
        for query in truth["queries"]:
            begun, start = time.thread_time(), time.perf_counter()
            ids, _ = index.search(query, DEPTH, allowed)
            wall.append((time.perf_counter() - start) * 1000)
            cpu.append((time.thread_time() - begun) * 1000)
            found.append(ids)
        true = truth[f"true {share}"]
        at_10, at_depth = (
            np.mean([np.isin(t[:k], f[:k]).mean() for t, f in zip(true, found, strict=True)])
            for k in (10, DEPTH)
        )
        (p50, p95), cpu_p50 = np.percentile(wall, (50, 95)), np.percentile(cpu, 50)
        print(
            f"{share:>8.1%} {p50:8.2f} {p95:8.2f} {cpu_p50:8.2f} {at_10:10.4f} {at_depth:11.4f}",
            flush=True,
        )
        shares.append(
            {
                "share": share,
                "p50_ms": float(p50),
                "p95_ms": float(p95),
                "cpu_p50_ms": float(cpu_p50),
                "recall_10": float(at_10),
                "recall_deep": float(at_depth),
            }
        )
    return {
        "engine": engine,
        "size": size,
        "built_cpu_s": built,
        "saved_s": saved,
        "disk_mb": disk,
        "loaded_s": loaded,
        "held_mb": held,
        "shares": shares,
    }


if __name__ == "__main__":
    main()

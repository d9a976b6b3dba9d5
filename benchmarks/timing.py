"""Whether how long an answer takes tells what somebody may not read.

    python -m benchmarks.timing [--documents 20000] [--pairs 2000] [--record]

An outsider, who may read half of a company, asks pairs of things, in random order: one matches
forbidden documents only, the other nothing at all. A classifier sees nothing but the time. AUC .5
is guessing, 1 is certainty; the aim is .6 at most. Texts are invented and the embedder is the
hashing one: a model takes the same time whatever is stored, and would only hide what is looked for.
"inside" is the pipeline alone, as nobody outside can see it; "HTTP" is a server of its own here.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from benchmarks import results
from benchmarks.load import Client, serving
from benchmarks.queries import wired
from benchmarks.tables import table
from indexer.search.results import Request
from knowledge.store import documents
from knowledge.types import EVERYONE, OPERATOR, Audience, Principal, SourceDocument

# In about how many of a thousand forbidden documents a word stands.
OFTEN = {"rare": 1, "usual": 20, "frequent": 300}
REPEATS = 5
SHAPES = ("lowest", "median", "mean", "highest")
OUTSIDER = Principal(signed_in=True)
_SEED = 3
_WORDS = 120


@dataclass(frozen=True, slots=True)
class Pair:
    """Two things to ask that are alike in everything but whether something forbidden matches."""

    kind: str
    forbidden: str
    nothing: str


class Company:
    """Documents half of which are forbidden, and words that only those have, or none."""

    def __init__(self, size: int) -> None:
        self.chance = random.Random(_SEED)
        letters = "bcdfghklmnprstvz", "aeiou"
        words = list(
            dict.fromkeys(
                "".join(self.chance.choice(letters[at % 2]) for at in range(7))
                for _ in range(40000)
            )
        )
        self.common, self.absent = words[:8000], words[8000:12000]
        self.hidden = {
            often: words[12000 + 1000 * at : 13000 + 1000 * at] for at, often in enumerate(OFTEN)
        }
        self.hidden["frequent"] = self.hidden["frequent"][:40]
        self._weights = [1 / rank for rank in range(1, len(self.common) + 1)]
        self._size = size

    def __iter__(self) -> Iterator[SourceDocument]:
        # Each hidden word is put into as many documents as its kind says.
        forbidden = self._size // 2
        put: dict[int, list[str]] = {}
        for often, words in self.hidden.items():
            for word in words:
                for at in self.chance.sample(
                    range(forbidden), max(1, forbidden * OFTEN[often] // 1000)
                ):
                    put.setdefault(at, []).append(word)
        for number in range(self._size):
            words = self.chance.choices(self.common, self._weights, k=_WORDS)
            own = put.get(number // 2, []) if number % 2 else []
            for word in own:
                words.insert(self.chance.randrange(len(words)), word)
            title = f"{(own or words)[0]} {words[1]} {number}"
            audience = Audience.of("group:vault" if number % 2 else EVERYONE)
            body = " ".join(words).capitalize() + "."
            yield SourceDocument("wiki", str(number), title, body, audience=audience)

    def pairs(self, count: int) -> list[Pair]:
        """Questions of one to three words."""
        made = []
        for number in range(count):
            kind = list(OFTEN)[number % len(OFTEN)]
            many = self.chance.randrange(1, 4)
            made.append(
                Pair(
                    kind,
                    " ".join(self.chance.choices(self.hidden[kind], k=many)),
                    " ".join(self.chance.choices(self.absent, k=many)),
                )
            )
        return made


Ask = Callable[[str], float]
"""Asks once; milliseconds."""


def measured(ask: Ask, pairs: list[Pair]) -> np.ndarray:
    """Milliseconds of each pair, shape (pairs, 2, repeats): forbidden first."""
    chance = random.Random(_SEED)
    taken = np.zeros((len(pairs), 2, REPEATS))
    for pair in pairs[:50]:
        ask(pair.nothing)
        ask(pair.forbidden)
    turns = [
        (at, side, turn) for turn in range(REPEATS) for at in range(len(pairs)) for side in (0, 1)
    ]
    # Pairs stay together, so that what else the machine does meets both; who begins is drawn.
    order = [
        one
        for first in range(0, len(turns), 2)
        for one in chance.sample(turns[first : first + 2], 2)
    ]
    gc.collect()
    gc.disable()
    try:
        for at, side, turn in order:
            pair = pairs[at]
            taken[at, side, turn] = ask(pair.nothing if side else pair.forbidden)
    finally:
        gc.enable()
    return taken


def threshold_auc(forbidden: np.ndarray, nothing: np.ndarray) -> float:
    """The best classifier with one threshold, on whichever side it looks: AUC."""
    told = np.r_[np.ones(forbidden.size), np.zeros(nothing.size)]
    auc = float(roc_auc_score(told, np.r_[forbidden, nothing]))
    return max(auc, 1 - auc)


def learned_auc(taken: np.ndarray) -> float:
    """A logistic regression on repeated measurements of the same question, on unseen pairs."""
    shapes = [taken.min(2), np.median(taken, 2), taken.mean(2), taken.max(2)]
    features = np.stack(shapes, 2).reshape(-1, len(SHAPES))
    told = np.tile([1, 0], len(taken))
    of = np.repeat(np.arange(len(taken)), 2)
    scaled = np.log(features)
    scaled = (scaled - scaled.mean(0)) / scaled.std(0)
    sure = cross_val_predict(
        LogisticRegression(max_iter=1000), scaled, told, groups=of, cv=GroupKFold(5),
        method="predict_proba",
    )[:, 1]  # fmt: skip
    auc = float(roc_auc_score(told, sure))
    return max(auc, 1 - auc)


def figures(name: str, pairs: list[Pair], taken: np.ndarray) -> list[dict[str, Any]]:
    """What one way of asking comes to, by how often the words stand in forbidden documents."""
    kinds = list(dict.fromkeys(pair.kind for pair in pairs))
    rows = []
    for kind in [*kinds, "all"] if len(kinds) > 1 else ["all"]:
        some = np.array([kind in (pair.kind, "all") for pair in pairs])
        chosen = taken[some]
        rows.append(
            {
                "asked": name,
                "words": kind,
                "pairs": int(some.sum()),
                "forbidden_ms": round(float(np.median(chosen[:, 0])), 3),
                "nothing_ms": round(float(np.median(chosen[:, 1])), 3),
                "auc_once": round(threshold_auc(chosen[:, 0, 0], chosen[:, 1, 0]), 3),
                "auc_repeated": round(learned_auc(chosen), 3),
            }
        )
    return rows


def clocked(call: Callable[[], Any]) -> float:
    """Milliseconds that a call takes."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def over_http(client: Client, path: Callable[[str], str], expected: int) -> Ask:
    """Asks a server; anything but the expected status ends the measurement."""

    def ask(text: str) -> float:
        status, ms, _ = client.ask("GET", path(text))
        if status != expected:
            raise SystemExit(f"{path(text)} answers {status}, not {expected}")
        return ms

    return ask


def id_pairs(data: Path, count: int) -> list[Pair]:
    """Ids of documents: forbidden ones, and ones that nothing has."""
    services = wired(data)
    try:
        with services.database.read() as connection:
            every = documents.load_all(connection, OPERATOR).keys()
            own = documents.visible(connection, every, OUTSIDER)
    finally:
        services.close()
    chance = random.Random(_SEED)
    hidden, last = sorted(set(every) - own), max(every)
    return [
        Pair("all", str(chance.choice(hidden)), str(last + chance.randrange(1, last)))
        for _ in range(count)
    ]


def inside(data: Path, pairs: list[Pair]) -> list[dict[str, Any]]:
    """The pipeline alone, in this process."""
    services = wired(data)
    try:
        services.index.catch_up()

        def ask(text: str) -> float:
            return clocked(lambda: services.pipeline.search(Request(text), OUTSIDER))

        return figures("search, inside", pairs, measured(ask, pairs))
    finally:
        services.close()


def outside(data: Path, pairs: list[Pair]) -> list[dict[str, Any]]:
    """A server over HTTP: searching, suggesting, and documents by their ids."""
    rows = []
    with serving(data) as (base, token, _):
        client = Client(base, token)
        search = over_http(client, lambda q: f"/api/v1/search?{urlencode({'q': q})}", 200)
        rows += figures("search, HTTP", pairs, measured(search, pairs))
        starts = [
            Pair(pair.kind, pair.forbidden.split()[0][:5], pair.nothing.split()[0][:5])
            for pair in pairs
        ]
        suggest = over_http(client, lambda q: f"/api/v1/suggest?{urlencode({'q': q})}", 200)
        rows += figures("suggest, HTTP", starts, measured(suggest, starts))
        ids = id_pairs(data, len(pairs))
        read = over_http(client, lambda key: f"/api/v1/documents/{key}", 404)
        rows += figures("document, HTTP", ids, measured(read, ids))
    return rows


def main() -> None:
    """Make a company, ask, print, and keep."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--record", action="store_true", help="keep them: results/timing.json")
    options = parser.parse_args()
    os.environ["WHOKNOWS_EMBEDDER"] = "hashing"
    company = Company(options.documents)
    with tempfile.TemporaryDirectory() as place:
        data = Path(place)
        services = wired(data)
        refused = [one for one in services.capture.ingest(company) if one.reason]
        assert not refused
        services.index.catch_up()
        services.index.save()
        services.close()
        pairs = company.pairs(options.pairs)
        rows = inside(data, pairs) + outside(data, pairs)
    head = ("asked", "words in forbidden documents", "pairs", "forbidden, ms", "nothing, ms")
    print(
        table(
            [*head, "AUC, asked once", f"AUC, asked {REPEATS} times"],
            [list(r.values()) for r in rows],
        )
    )
    if options.record:
        kept = {"documents": options.documents, "pairs": options.pairs, "rows": rows}
        print(f"kept in {results.keep('timing', kept)}")


if __name__ == "__main__":
    main()

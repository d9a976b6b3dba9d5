"""Has the search become worse? Judged collections against the values of a committed baseline.

    python -m benchmarks.gate DIR... [--vectors DIR] [--new-text MILLIONS] [--update]

Each DIR is a judged collection or a folder of them. They run through the same code as
``whoknows eval``, with the clock at each collection's newest document, and are compared query by
query. A measure has fallen when its mean is lower by more than .01 and a paired randomisation test
gives p < .05: then the exit code is 1. It is 2 where a collection cannot be compared with its
baseline, and 0 where nothing has fallen, or no collection is there.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from api import judging
from benchmarks import baselines
from benchmarks.baselines import Baseline
from benchmarks.given import found
from benchmarks.significance import paired_randomisation
from indexer import chunkers, embedders
from indexer.evaluation import Evaluation, Values
from indexer.judged import Collection
from indexer.vector_cache import CachedEmbedder
from knowledge.settings import load_settings
from knowledge.types import SourceDocument

LARGEST_FALL = 0.01
LEVEL = 0.05


class Incomparable(Exception):
    """The baseline is of something else."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure of one collection, before and now."""

    collection: str
    measure: str
    before: float
    now: float
    p: float

    @property
    def fallen(self) -> bool:
        """Whether it is lower by more than may be, and by more than chance."""
        return self.before - self.now > LARGEST_FALL and self.p < LEVEL


def compare(before: Baseline, now: Baseline) -> list[Compared]:
    """Every measure of the baseline. Raises Incomparable."""
    name = before.collection
    if before.judgments != now.judgments:
        raise Incomparable(f"{name}: its files are not those that the baseline was made with")
    compared = []
    for measure, old in before.values.items():
        new = now.values.get(measure)
        if new is None or len(new) != len(old):
            raise Incomparable(f"{name}: {measure} is no longer measured as in the baseline")
        p = paired_randomisation(old, new)
        compared.append(Compared(name, measure, baselines.mean(old), baselines.mean(new), p))
    return compared


def values_of(done: Evaluation) -> Values:
    """Every measure under its name and that of its part of the report."""
    return {
        f"{part} {name}": told
        for part, measured in done.values.items()
        for name, told in measured.items()
    }


def affordable(
    collections: Sequence[Collection], embedder: CachedEmbedder, most: float
) -> tuple[list[Collection], list[str]]:
    """Those that can be measured with at most ``most`` characters of text without a vector yet,
    whole and the cheapest first; and what to say of the others."""
    costs = sorted(((new_text(each, embedder), at) for at, each in enumerate(collections)))
    chosen, left_out, spent = [], [], 0
    for cost, at in costs:
        if spent + cost <= most:
            spent += cost
            chosen.append(collections[at])
        else:
            told = f"{cost / 1e6:.1f} million characters have no vectors yet"
            left_out.append(f"{collections[at].name}: left out, {told}")
    return chosen, left_out


def new_text(collection: Collection, embedder: CachedEmbedder) -> int:
    """How many characters of its passages have no vector yet."""
    texts = {
        draft.text_hash: draft.embed_text
        for document in judging.documents(collection)
        if isinstance(document, SourceDocument)
        for draft in chunkers.chunk(document, embedder.token_starts)
    }
    return sum(len(text) for text in texts.values() if not embedder.holds(text))


def table(compared: Sequence[Compared]) -> str:
    """One line a measure."""
    lines = [f"{'collection':18} {'measure':22} {'before':>7} {'now':>7} {'change':>7} {'p':>7}"]
    lines += [
        f"{c.collection:18} {c.measure:22} {c.before:7.4f} {c.now:7.4f} {c.now - c.before:+7.4f} "
        f"{c.p:7.4f}{'  FALLEN' if c.fallen else ''}"
        for c in compared
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; gives its exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("collections", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--vectors", type=Path, help="directory of vectors to reuse and add to")
    parser.add_argument(
        "--new-text",
        type=float,
        metavar="MILLIONS",
        help="leave out what would need vectors for more millions of characters (with --vectors)",
    )
    parser.add_argument("--baseline", type=Path, default=baselines.FILE)
    parser.add_argument("--update", action="store_true", help="what is measured is the baseline")
    options = parser.parse_args(arguments)
    if options.new_text is not None and options.vectors is None:
        parser.error("--new-text needs --vectors")

    collections = found(options.collections)
    if not collections:
        print("no judged collections here: nothing is compared")
        return 0
    settings = load_settings()
    chosen = settings.embedding
    embedder = embedders.load(
        chosen.embedder, **({} if chosen.model is None else {"model": chosen.model})
    )
    if options.new_text is not None:
        cached = CachedEmbedder(embedder, options.vectors)
        collections, left_out = affordable(collections, cached, options.new_text * 1e6)
        for line in left_out:
            print(line)
    measured = []
    cores = len(os.sched_getaffinity(0))
    for collection in collections:
        done = judging.evaluated(
            settings, collection, options.vectors, lambda what, n, of: None, cores
        )
        values = values_of(done)
        measured.append(baselines.made(collection.name, collection.path, embedder.identity, values))
        print(f"{collection.name}: measured", file=sys.stderr, flush=True)
    kept = baselines.read(options.baseline)
    if options.update:
        kept |= {one.collection: one for one in measured}
        baselines.write(options.baseline, kept.values())
        return 0
    return judge(kept, measured)


def judge(kept: dict[str, Baseline], measured: Sequence[Baseline]) -> int:
    """Compare and print the outcome; gives the exit code."""
    compared: list[Compared] = []
    faults = []
    for now in measured:
        before = kept.get(now.collection)
        if before is None:
            faults.append(f"{now.collection}: has no baseline")
            continue
        if before.model != now.model:
            print(f"{now.collection}: the baseline was made with another model")
        try:
            compared += compare(before, now)
        except Incomparable as error:
            faults.append(str(error))
    if compared:
        print(table(compared))
    for fault in faults:
        print(f"{fault}; if that is meant, --update makes a new one")
    fallen = sum(one.fallen for one in compared)
    if fallen:
        print(f"{fallen} measures fell by more than {LARGEST_FALL} with p < {LEVEL}")
        return 1
    return 2 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

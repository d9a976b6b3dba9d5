"""What a mistyped word costs, and what its correction wins back, on judged collections.

In the longest word of each query one mistake of each kind is made, by a fixed seed.
"""

from __future__ import annotations

import argparse
import random
import re
import string
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import ir_measures

from api.services import EvaluatedSystem, Services
from indexer import evaluation, judged
from indexer.search.results import Request, SearchResult
from knowledge import readers
from knowledge.settings import load_settings

WORD = re.compile(r"[a-z]{4,}", re.IGNORECASE)
_MEASURE = ir_measures.parse_measure("nDCG@10")


def swapped(word: str, at: int, chance: random.Random) -> str:
    """Two neighbouring letters in each other's place."""
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def left_out(word: str, at: int, chance: random.Random) -> str:
    """A letter missing."""
    return word[:at] + word[at + 1 :]


def doubled(word: str, at: int, chance: random.Random) -> str:
    """A letter twice."""
    return word[:at] + word[at] + word[at:]


def wrong(word: str, at: int, chance: random.Random) -> str:
    """Another letter in a letter's place."""
    others = [letter for letter in string.ascii_lowercase if letter != word[at].lower()]
    return word[:at] + chance.choice(others) + word[at + 1 :]


MISTAKES: dict[str, Callable[[str, int, random.Random], str]] = {
    "swapped": swapped,
    "left out": left_out,
    "doubled": doubled,
    "wrong": wrong,
}


def mistyped(text: str, mistake: str, chance: random.Random) -> str:
    """The text with one such mistake in its longest word that can hold it."""
    for found in sorted(WORD.finditer(text), key=lambda found: -len(found[0])):
        word = found[0]
        # Letters that are alike can be swapped by nobody.
        places = [at for at in range(len(word) - 1) if word[at].lower() != word[at + 1].lower()]
        if places:
            made = MISTAKES[mistake](word, chance.choice(places), chance)
            return text[: found.start()] + made + text[found.end() :]
    return text


def main() -> None:
    """Print nDCG@10 for every combination, and every correction of an undisturbed query."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("collections", nargs="+", type=Path)
    parser.add_argument("--vectors", type=Path, help="directory of vectors to reuse")
    options = parser.parse_args()
    for path in options.collections:
        measure(judged.load(path), options.vectors)


def measure(collection: judged.Collection, vectors: Path | None) -> None:
    """One collection's table."""
    settings = load_settings()
    with tempfile.TemporaryDirectory() as data:
        storage = settings.storage.model_copy(update={"data": Path(data)})
        services = Services(replace(settings, storage=storage), vectors)
        system = EvaluatedSystem(services)
        items = readers.read_export(collection.path, format="judged", source=collection.name)
        evaluation.ingest(system, items, lambda what, done, of: None)
        asked = {"as judged": {q.id: q.text for q in collection.queries}}
        for mistake in MISTAKES:
            chance = random.Random(1)
            asked[mistake] = {q.id: mistyped(q.text, mistake, chance) for q in collection.queries}
        print(f"{collection.name}: nDCG@10 of {len(collection.queries)} queries")
        for name, texts in asked.items():
            for corrected in (False, True):
                found = {
                    key: system.search(Request(text, spelling=corrected))
                    for key, text in texts.items()
                }
                done = [f"{r.query!r} -> {r.corrected!r}" for r in found.values() if r.corrected]
                print(
                    f"  {name:10} {'corrected' if corrected else 'as typed':10} "
                    f"{ndcg(collection, found):.4f}  {len(done)} corrections",
                    flush=True,
                )
                if name == "as judged":
                    for line in done:
                        print(f"    {line}")
        services.close()


def ndcg(collection: judged.Collection, found: dict[str, SearchResult]) -> float:
    """The mean over all judged queries."""
    judgments = collection.answers
    qrels = [
        ir_measures.Qrel(query, target, score)
        for query, targets in judgments.items()
        for target, score in targets.items()
    ]
    run = [
        ir_measures.ScoredDoc(query, hit.document.external_id, -float(place))
        for query, result in found.items()
        if query in judgments
        for place, hit in enumerate(result.answers)
    ]
    values = [m.value for m in ir_measures.iter_calc([_MEASURE], qrels, run)]
    return float(sum(values)) / len(judgments)


if __name__ == "__main__":
    main()

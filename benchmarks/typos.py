"""What mistyped queries cost, with and without correction, on judged collections.

In the longest word of each query two neighbouring letters are swapped, by a fixed seed.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
from dataclasses import replace
from pathlib import Path

import ir_measures

from api.services import EvaluatedSystem, Services
from indexer import evaluation, judged
from indexer.search.results import Request, SearchResult
from knowledge import readers
from knowledge.settings import load_settings

_WORD = re.compile(r"[a-z]{4,}", re.IGNORECASE)
_MEASURE = ir_measures.parse_measure("nDCG@10")


def mistyped(text: str, chance: random.Random) -> str:
    """The text with two different neighbouring letters of its longest word swapped."""
    words = sorted(_WORD.finditer(text), key=lambda found: -len(found[0]))
    for found in words:
        word = found[0]
        places = [at for at in range(len(word) - 1) if word[at].lower() != word[at + 1].lower()]
        if places:
            at = found.start() + chance.choice(places)
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
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
        chance = random.Random(1)
        wrong = {q.id: mistyped(q.text, chance) for q in collection.queries}
        right = {q.id: q.text for q in collection.queries}
        print(f"{collection.name}: nDCG@10 of {len(right)} queries")
        for name, texts in (("as judged", right), ("mistyped", wrong)):
            for corrected in (False, True):
                found = {
                    key: system.search(Request(text, spelling=corrected))
                    for key, text in texts.items()
                }
                done = [f"{r.query!r} -> {r.corrected!r}" for r in found.values() if r.corrected]
                print(
                    f"  {name:10} {'corrected' if corrected else 'as typed':10} "
                    f"{ndcg(collection, found):.4f}  {len(done)} corrections"
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

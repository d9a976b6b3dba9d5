"""What unknown jargon costs, and what a synonym wins back, on judged collections.

The longest word of each query becomes one that nobody has written; a synonym says what it means.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from api.services import EvaluatedSystem, Services
from benchmarks.typos import WORD, ndcg
from indexer import evaluation, judged
from indexer.search.results import Request
from knowledge import readers
from knowledge.settings import load_settings


def in_jargon(text: str) -> tuple[str, str, str] | None:
    """The text with another word for its longest one, that word, and the one it stands for."""
    words = sorted(WORD.finditer(text), key=lambda found: -len(found[0]))
    if not words:
        return None
    found = words[0]
    # Letters in the reverse order, so that the model has pieces of words but none of this one.
    term = f"q{found[0][::-1].lower()}x"
    return text[: found.start()] + term + text[found.end() :], term, found[0]


def main() -> None:
    """Print nDCG@10 of the queries as judged, in jargon, and in jargon with its synonyms."""
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
        print(f"{collection.name}: nDCG@10 of {len(collection.queries)} queries")
        for name in ("as judged", "in jargon", "with synonyms"):
            found = {}
            for query in collection.queries:
                made = in_jargon(query.text) if name != "as judged" else None
                synonym = made and name == "with synonyms" and services.jargon.add(*made[1:])
                text = made[0] if made else query.text
                found[query.id] = system.search(Request(text, spelling=name == "as judged"))
                if synonym:
                    services.jargon.remove(synonym.id)
            print(f"  {name:14} {ndcg(collection, found):.4f}", flush=True)
        services.close()


if __name__ == "__main__":
    main()

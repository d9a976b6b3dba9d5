"""What unknown jargon costs, and what a synonym wins back, on judged collections.

The longest word of each query becomes one that nobody has written; a synonym says what it means.
"""

from __future__ import annotations

from typing import Any

from benchmarks import asked, results
from benchmarks.asked import TakenIn
from indexer.search.results import Request


def in_jargon(text: str) -> tuple[str, str, str] | None:
    """The text with another word for its longest one, that word, and the one it stands for."""
    words = asked.longest_words(text)
    if not words:
        return None
    found = words[0]
    # Letters in the reverse order, so that the model has pieces of words but none of this one.
    term = f"q{found[0][::-1].lower()}x"
    return asked.replaced(text, found, term), term, found[0]


def main() -> None:
    """Print nDCG@10 of the queries as judged, in jargon, and in jargon with its synonyms."""
    collections, record = asked.collections(__doc__)
    rows = [measure(made) for made in collections]
    if record:
        print(results.keep("jargon", rows))


def measure(made: TakenIn) -> dict[str, Any]:
    """One collection's figures, printed too."""
    row: dict[str, Any] = {"collection": made.collection.name}
    for name in ("as judged", "in jargon", "with synonyms"):
        found = {}
        for query in made.collection.queries:
            jargon = in_jargon(query.text) if name != "as judged" else None
            synonym = None
            if jargon and name == "with synonyms":
                synonym = made.services.jargon.add(*jargon[1:])
            text = jargon[0] if jargon else query.text
            found[query.id] = made.system.search(Request(text, spelling=name == "as judged"))
            if synonym:
                made.services.jargon.remove(synonym.id)
        row[name] = round(asked.ndcg(made.collection, found), 4)
        print(f"  {name:14} {row[name]:.4f}", flush=True)
    return row


if __name__ == "__main__":
    main()

"""What a mistyped word costs, and what its correction wins back, on judged collections.

In the longest word of each query one mistake of each kind is made, by a fixed seed.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks import asked, results
from benchmarks.asked import TakenIn
from indexer.search.results import Request


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
    for found in asked.longest_words(text):
        word = found[0]
        # Letters that are alike can be swapped by nobody.
        places = [at for at in range(len(word) - 1) if word[at].lower() != word[at + 1].lower()]
        if places:
            made = MISTAKES[mistake](word, chance.choice(places), chance)
            return asked.replaced(text, found, made)
    return text


def main() -> None:
    """Print nDCG@10 for every combination, and every correction of an undisturbed query."""
    collections, record = asked.collections(__doc__)
    rows = [row for made in collections for row in measure(made)]
    if record:
        print(results.keep("typos", rows))


def measure(made: TakenIn) -> Iterator[dict[str, Any]]:
    """One collection's table, printed, and its rows."""
    queries = made.collection.queries
    typed = {"none": {query.id: query.text for query in queries}}
    for mistake in MISTAKES:
        chance = random.Random(1)
        typed[mistake] = {query.id: mistyped(query.text, mistake, chance) for query in queries}
    for name, texts in typed.items():
        row: dict[str, Any] = {"collection": made.collection.name, "mistake": name}
        for corrected in (False, True):
            found = {
                key: made.system.search(Request(text, spelling=corrected))
                for key, text in texts.items()
            }
            done = [f"{r.query!r} -> {r.corrected!r}" for r in found.values() if r.corrected]
            told = "corrected" if corrected else "as_typed"
            row[told] = round(asked.ndcg(made.collection, found), 4)
            print(f"  {name:10} {told:10} {row[told]:.4f}  {len(done)} corrections", flush=True)
            if name == "none":
                for line in done:
                    print(f"    {line}")
        yield row


if __name__ == "__main__":
    main()

"""Whether whoever holds the topic of a question is likelier to know than the search says.

    python -m benchmarks.holding DIR... --vectors DIR [--record]

Every judged question about people is asked; whoever is listed is put in a row by how likely they
are said to know, and by whether they hold the topic that is nearest to the question. Right is who
is judged to know.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from api import judging
from api.evaluated import EvaluatedSystem
from benchmarks import given, results
from benchmarks.tables import table
from indexer import evaluation
from indexer.search.results import Request
from knowledge.settings import load_settings
from knowledge.types import Principal

ROWS = ((0.0, 0.03), (0.03, 0.1), (0.1, 0.4), (0.4, 1.01))
"""From which probability on, and below which."""
LISTED = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, print and keep."""
    options, collections = given.asked(given.parser(__doc__), arguments)
    rows = {(low, holder): [0, 0] for low, _ in ROWS for holder in (False, True)}
    names = []
    for collection in collections:
        if not collection.experts:
            continue
        names.append(collection.name)
        with judging.fresh(load_settings(), collection, options.vectors) as services:
            system = EvaluatedSystem(services)
            evaluation.ingest(system, judging.documents(collection), lambda what, done, of: None)
            services.topics.refresh()
            for query in collection.queries:
                if query.id not in collection.experts:
                    continue
                known = {key for key, worth in collection.experts[query.id].items() if worth > 0}
                asked = Request(query.text, limit=1, people_limit=LISTED, literal=True)
                holders = services.topics.holding(query.text, Principal(signed_in=True))
                for hit in system.search(asked).people:
                    low = max(low for low, _ in ROWS if hit.knows >= low)
                    row = rows[low, hit.person.id in holders]
                    name = (hit.person.handles or (hit.person.name,))[0]
                    row[0] += 1
                    row[1] += name in known
    figures = {
        "collections": names,
        "rows": [
            {"from": low, "below": high, "holder": holder, "shown": shown, "right": right}
            for low, high in ROWS
            for holder in (False, True)
            for shown, right in [rows[low, holder]]
        ],
    }
    print(*told({"holding": {"figures": figures}}), sep="\n")
    if options.record:
        print(results.keep("holding", figures))
    return 0


def told(kept: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The section of docs/quality.md."""
    yield "\n### Whoever holds the topic\n"
    if "holding" not in kept:
        yield "Not measured yet: `python -m benchmarks.holding DIR... --record`."
        return
    figures = kept["holding"]["figures"]
    yield (
        "`python -m benchmarks.holding DIR...`: people by how likely they are said to know, and by "
        "whether they hold a twentieth of what is known of the topic nearest to the question; in "
        f"{' and '.join(figures['collections'])}. Questions go to holders, too "
        "([decision 35](decisions/0035-questions-go-to-few-and-fairly.md)).\n"
    )
    yield table(
        ("probability", "holds the topic", "listed", "right"),
        [
            (
                f"{row['from']:.2f} to {min(row['below'], 1.0):.2f}",
                "yes" if row["holder"] else "no",
                row["shown"],
                f"{row['right'] / row['shown']:.1%}" if row["shown"] else "",
            )
            for row in figures["rows"]
        ],
        texts=2,
    )


if __name__ == "__main__":
    sys.exit(main())

"""What the passages themselves are worth: their size, their overlap, and what stands in front.

    python -m benchmarks.ablations.reindexed DIR... --vectors DIR [--record]

Each way cuts and embeds everything anew, and ranks as production does.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from api import judging
from benchmarks import given, results
from benchmarks.ablations.arrangement import PRODUCTION
from benchmarks.ablations.compare import MEASURES, Measured, rows, tasks, to_json, values
from benchmarks.ablations.material import Material, collected
from benchmarks.ablations.variants import Stage
from indexer import chunkers
from indexer.chunkers._draft import text_hash
from indexer.chunkers._pack import Sizes
from indexer.judged import Collection
from indexer.prepare import preparer
from indexer.protocols import Chunker, TokenStarts
from knowledge.capture import Capture
from knowledge.settings import load_settings
from knowledge.types import PassageDraft, SourceDocument


def sized(
    document: SourceDocument, token_starts: TokenStarts, *, sizes: Sizes
) -> list[PassageDraft]:
    """Passages of another size."""
    chunk = chunkers.load(chunkers.name_for(document))
    return chunk(document, token_starts, sizes=sizes)  # type: ignore[call-arg]


def bare(document: SourceDocument, token_starts: TokenStarts) -> list[PassageDraft]:
    """Passages with neither title nor headings in front of what is embedded."""
    drafts = chunkers.chunk(document, token_starts)
    return [
        replace(draft, embed_text=draft.text, text_hash=text_hash(draft.text)) for draft in drafts
    ]


STAGES: dict[str, dict[str, Chunker]] = {
    "size of a passage": {
        "120 to 180 tokens": chunkers.chunk,
        "60 to 90 tokens": partial(sized, sizes=Sizes(60, 90, 22, 1)),
        "160 to 240 tokens": partial(sized, sizes=Sizes(160, 240, 60, 1)),
    },
    "overlap of passages": {
        "a sentence, two turns": chunkers.chunk,
        "none": partial(sized, sizes=Sizes(overlap=0, overlap_units=0)),
    },
    "in front of what is embedded": {"title and headings": chunkers.chunk, "nothing": bare},
}


def cut(collection: Collection, chunk: Chunker, vectors: Path | None) -> Material:
    """The candidates of a collection whose documents are cut in this way."""
    with judging.fresh(load_settings(), collection, vectors) as services:
        services.capture = Capture(services.database, preparer(services.ingest_embedder, chunk))
        return collected(services, collection, feedback=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Index every way, print and keep."""
    options, collections = given.asked(given.parser(__doc__), arguments)
    measured: Measured = {}
    for collection in collections:
        done: dict[Chunker, Material] = {}
        for name, ways in STAGES.items():
            for way, chunk in ways.items():
                if chunk not in done:
                    done[chunk] = cut(collection, chunk, options.vectors)
                material = done[chunk]
                for task in tasks(material):
                    told = values(material, task, PRODUCTION)
                    held = measured.setdefault((task, name, way), {})
                    held |= {(collection.name, measure): told[measure] for measure in told}
                print(f"{collection.name}: {name}, {way}", file=sys.stderr, flush=True)
    stages = [
        Stage(name, task, dict.fromkeys(ways, PRODUCTION))
        for name, ways in STAGES.items()
        for task in MEASURES
    ]
    compared = rows(measured, stages)
    for row in compared:
        print(row)
    if options.record:
        print(results.keep("reindexed", to_json(compared)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

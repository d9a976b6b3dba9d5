"""Write data/samples/judged/corpus.jsonl, the sample company as a judged collection.

    python -m benchmarks.samples

A test compares the file with what the readers make of the samples now.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from knowledge import readers
from knowledge.types import ReadFailure

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
FOLDERS = ("handbook", "notes", "sessions")
CORPUS = SAMPLES / "judged" / "corpus.jsonl"


def lines() -> Iterator[str]:
    """One JSON line a document, in the order of folders and names."""
    # A copy outside the repository: the dates in the files count, not those of commits.
    with tempfile.TemporaryDirectory() as copy:
        for folder in FOLDERS:
            shutil.copytree(SAMPLES / folder, Path(copy, folder))
        yield from _lines(Path(copy))


def _lines(samples: Path) -> Iterator[str]:
    for folder in FOLDERS:
        for document in readers.read_export(samples / folder, source=folder):
            if isinstance(document, ReadFailure):
                raise SystemExit(f"{folder}/{document.name}: {document.reason}")
            told = {
                "_id": f"{folder}/{document.external_id}",
                "title": document.title,
                "text": document.body,
                "metadata": {
                    "kind": document.kind.value,
                    "contributors": [
                        {"name": c.name, "role": c.role.value, "weight": c.weight}
                        | ({"label": c.label} if c.label else {})
                        for c in document.contributors
                    ],
                    "updated_at": document.updated_at and document.updated_at.isoformat(),
                    "tags": list(document.tags),
                },
            }
            yield json.dumps(told, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    CORPUS.parent.mkdir(exist_ok=True)
    CORPUS.write_text("".join(lines()), "utf-8")
    print(f"{CORPUS}: {sum(1 for _ in CORPUS.open(encoding='utf-8'))} documents")

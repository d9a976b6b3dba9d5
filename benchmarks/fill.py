"""A data directory of any size, to measure the whole query path in.

    python -m benchmarks.fill COLLECTION... --vectors DIR --data DATA --passages 100000

Documents are real ones of the collections, in each copy of which a fifth of the sentences are
those of others; each passage's vector is the real one's, moved by a part of the difference of two
others. As many people make a document as made the real one, and who speaks in it speaks in its
copy under another's name. They are written straight into the tables, for ``whoknows ingest`` would
take a day, and then indexed as always. One document in 1,000, in 100, in 10 and in 2 has a tag that
says so; two of three may be read by everyone, the rest by one of 200 groups each.

``DIR`` holds vectors as ``whoknows eval --vectors DIR`` leaves them; documents without are passed
over. ``--reference``: they are of torch's fp32 model, which the installation's own form follows to
a cosine of .999, see docs/decisions/0019.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, Table, func, insert, select, update

from api.services import Services
from benchmarks.queries import wired
from indexer import chunkers
from indexer.choice import REFERENCE
from indexer.prepare import to_bytes
from indexer.protocols import Vectors
from indexer.vector_cache import CachedEmbedder
from knowledge import readers
from knowledge.store import access, sources, tables
from knowledge.types import Audience, PassageDraft, Principal, Role, SourceDocument
from knowledge.words import suggest_key

TAGS = {"one-in-1000": 0.001, "one-in-100": 0.01, "one-in-10": 0.1, "one-in-2": 0.5}
PEOPLE = 2_000
GROUPS = 200
SOURCES = 20
ASKER = Principal(signed_in=True, groups=frozenset(str(number) for number in range(20)))
"""A colleague in a tenth of the groups."""
_BATCH = 2_000
_SEED = 1
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
# Each sentence keeps the white space before it: paragraphs and lists stay what they are.
_SENTENCE = re.compile(r"(?<=[.!?])(?=\s)")


@dataclass(frozen=True, slots=True)
class Written:
    """A passage of a copy. ``speakers``: label and share, as the real one has them."""

    heading_path: tuple[str, ...]
    text: str
    vector: bytes
    speakers: tuple[tuple[str, float], ...]


class Varied:
    """Endless documents like the real ones."""

    def __init__(self, embedder: CachedEmbedder, collections: list[Path]) -> None:
        """Only documents whose vectors the embedder holds are used."""
        self._random = random.Random(_SEED)
        self._moves = np.random.default_rng(_SEED)
        self._documents: list[tuple[SourceDocument, list[tuple[PassageDraft, list[str], int]]]] = []
        rows: list[Vectors] = []
        self._sentences: list[str] = []
        items = chain.from_iterable(
            readers.read_export(path, format="judged", source=path.stem) for path in collections
        )
        for document in items:
            if not isinstance(document, SourceDocument):
                continue
            drafts = chunkers.chunk(document, embedder.token_starts)
            if not drafts or not all(embedder.holds(draft.embed_text) for draft in drafts):
                continue
            told = []
            made = embedder.embed([draft.embed_text for draft in drafts])
            for draft, row in zip(drafts, made, strict=True):
                sentences = _SENTENCE.split(draft.text)
                self._sentences += sentences
                told.append((draft, sentences, len(rows)))
                rows.append(row)
            self._documents.append((document, told))
        self._rows = np.stack(rows)

    def __len__(self) -> int:
        """How many real passages there are to vary."""
        return len(self._rows)

    def __iter__(self) -> Iterator[tuple[SourceDocument, list[Written]]]:
        """Real documents, and the passages of a copy of each."""
        while True:
            document, told = self._random.choice(self._documents)
            yield (
                document,
                [
                    Written(
                        draft.heading_path,
                        "".join(map(self._or_another, sentences)).strip() or draft.text,
                        to_bytes(self._moved(at)),
                        tuple((share.label, share.share) for share in draft.speakers),
                    )
                    for draft, sentences, at in told
                ],
            )

    def _or_another(self, sentence: str) -> str:
        return self._random.choice(self._sentences) if self._random.random() < 0.2 else sentence

    def _moved(self, at: int) -> Vectors:
        one, other = self._moves.integers(0, len(self._rows), 2)
        share = np.float32(self._moves.uniform(0.3, 0.7))
        row: Vectors = self._rows[at] + share * (self._rows[one] - self._rows[other])
        return row / np.linalg.norm(row)


def fill(services: Services, varied: Varied, size: int) -> None:
    """Write documents until there are so many passages."""
    chance = random.Random(_SEED)
    with services.database.write() as connection:
        audiences = [access.intern(connection, Audience.of("everyone"))] * 2 * GROUPS
        audiences += [access.intern(connection, Audience.of(f"group:{n}")) for n in range(GROUPS)]
        held = [sources.source_id(connection, f"source-{n}", True) for n in range(SOURCES)]
        persons = [
            {"id": n + 1, "name": f"Person {n}", "name_key": f"person {n}"} for n in range(PEOPLE)
        ]
        connection.execute(insert(tables.people), persons)
    written, number, source = 0, 0, iter(varied)
    while written < size:
        rows: dict[Table, list[dict[str, Any]]] = {table: [] for table in _TABLES}
        with services.database.write() as connection:
            passage_id = _next(connection, tables.passages)
            for _ in range(_BATCH):
                document, told = next(source)
                number += 1
                at = _NOW - timedelta(hours=chance.randrange(24 * 2000))
                tags = sorted({tag for tag, share in TAGS.items() if chance.random() < share})
                makers = _makers(document, told, chance)
                body = "\n\n".join(passage.text for passage in told)
                title = f"{document.title} {number}"
                rows[tables.documents].append(
                    {
                        "id": number,
                        "source_id": chance.choice(held),
                        "external_id": str(number),
                        "kind": document.kind.value,
                        "title": title,
                        "body": body,
                        "audience_id": chance.choice(audiences),
                        "content_hash": hashlib.sha256(body.encode()).hexdigest(),
                        "revision": 1,
                        "updated_at": at,
                        "stored_at": at,
                        "suggested_by": suggest_key([title]),
                    }
                )
                rows[tables.document_tags] += [{"document_id": number, "tag": tag} for tag in tags]
                rows[tables.contributions] += [
                    {
                        "document_id": number,
                        "person_id": person,
                        "role": role.value,
                        "name": f"Person {person - 1}",
                        "weight": 1.0,
                        "position": position,
                        "at": at,
                    }
                    for position, (_, person, role) in enumerate(makers)
                ]
                speaking = {label: person for label, person, role in makers if role in _SPEAKING}
                start = 0
                for ordinal, passage in enumerate(told):
                    text = passage.text
                    key = hashlib.sha256(f"{number} {ordinal} {text}".encode()).hexdigest()
                    rows[tables.passages].append(
                        {
                            "id": passage_id,
                            "document_id": number,
                            "ordinal": ordinal,
                            "heading_path": list(passage.heading_path),
                            "start": start,
                            "end": start + len(text),
                            "text": text,
                            "text_hash": key,
                            "speakers": [
                                [label, share, speaking.get(label)]
                                for label, share in passage.speakers
                            ],
                        }
                    )
                    rows[tables.vectors].append(
                        {
                            "text_hash": key,
                            "model": services.embedder.identity,
                            "vector": passage.vector,
                        }
                    )
                    passage_id += 1
                    written += 1
                    start += len(text) + 2
                rows[tables.changes].append({"sequence": number, "document_id": number, "at": at})
                if written >= size:
                    break
            for table, held in rows.items():
                if held:
                    connection.execute(insert(table), held)
            connection.execute(update(tables.state).values(sequence=number))
        print(f"\r{written:,} passages of {number:,} documents", end="", flush=True)
    print()


_TABLES = (
    tables.documents,
    tables.document_tags,
    tables.contributions,
    tables.passages,
    tables.vectors,
    tables.changes,
)


_SPEAKING = (Role.SPEAKER, Role.HOST)


def _makers(
    document: SourceDocument, told: list[Written], chance: random.Random
) -> list[tuple[str, int, Role]]:
    """Who made a copy: the label, the person and the role of as many as made the real one."""
    held = [(c.label or c.name, c.role) for c in document.contributors]
    named = {label for label, _ in held}
    heard = dict.fromkeys(label for passage in told for label, _ in passage.speakers)
    held += [(label, Role.SPEAKER) for label in heard if label not in named]
    drawn: dict[int, tuple[str, Role]] = {}
    for label, role in held or [("", Role.AUTHOR)]:
        person = min(int(chance.paretovariate(0.7)), PEOPLE)
        drawn.setdefault(person, (label, role))
    return [(label, person, role) for person, (label, role) in drawn.items()]


def _next(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()) + 1


def main() -> None:
    """Fill, index, save."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("collections", nargs="+", type=Path)
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--reference", action="store_true")
    options = parser.parse_args()
    services = wired(options.data)
    start = time.perf_counter()
    maker = services.load_embedder(REFERENCE) if options.reference else services.embedder
    varied = Varied(CachedEmbedder(maker, options.vectors), options.collections)
    del maker
    took = time.perf_counter() - start
    print(f"{took:.0f} s to read {len(varied):,} passages of the collections")
    fill(services, varied, options.passages)
    del varied
    start, cpu = time.perf_counter(), time.process_time()
    services.index.catch_up(
        lambda done, of: print(f"\r{done:,} of {of:,} indexed", end="", flush=True)
    )
    print(
        f"\nindexed in {time.perf_counter() - start:.0f} s, {time.process_time() - cpu:.0f} CPU-s"
    )
    start = time.perf_counter()
    services.index.save()
    print(f"saved in {time.perf_counter() - start:.1f} s")
    services.close()


if __name__ == "__main__":
    main()

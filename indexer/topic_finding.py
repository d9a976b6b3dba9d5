"""Topics, found in the vectors of documents: spherical k-means, level by level.

Which documents are of one topic must not tell of what a reader may not read. So what anybody reads
forms topics first, then what everybody reads who signs in, then what each other audience reads.
Documents of a later level join a topic of the first two if they are as near to its middle as those
that formed it are, and the others form topics among themselves. No document has a say in a topic
that is shown to somebody who may not read it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from indexer import topic_names
from indexer.topic_names import Stem
from knowledge.store import documents, passages
from knowledge.store import topics as store
from knowledge.store.database import Database, position
from knowledge.store.topics import Found, Member, Stored, Words
from knowledge.types import OPERATOR, Document

Matrix = NDArray[np.float32]

SAME = 1 / 3
"""A topic goes on as another if they share so much of both (Jaccard): of two of one size, half."""
FEWEST = 3
"""With fewer documents that only some read, they form no topic of their own."""
_ROUNDS = 25
_SEED = 1
_STARTS = 10
# Of many documents there are fewer starts, so that it takes a minute or so for 50,000.
_STARTED = 100_000
# What is farther from a topic's middle than nine in ten of those that formed it does not join it.
_JOIN_QUANTILE = 0.1
_SHARED_LEVELS = (0, 1)
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Cluster:
    """Rows that are about the same. ``centre``: shape (dimension,), of length 1; ``rows``: of the
    matrix, ascending; ``formed``: those of them that it was made of."""

    centre: Matrix
    rows: tuple[int, ...]
    formed: frozenset[int]


def find(database: Database, model: str, stem: Stem, at: datetime) -> int:
    """Find the topics of everything that is stored, and keep them; returns how many there are.

    The same content gives the same topics. ``model``: whose vectors are taken.
    """
    while True:
        with database.read() as connection:
            held = store.stored(connection)
            epoch, _ = position(connection)
        middles, words = _read(database, held, model, stem)
        held = [one for one in held if one.id in middles]
        found: list[Found] = []
        if held:
            matrix = np.stack([middles[one.id] for one in held])
            made = clusters(matrix, [one.level for one in held])
            found = [_found(cluster, matrix, held, words) for cluster in made]
        if _keep(database, epoch, found, model, at):
            return len(found)


def _keep(database: Database, epoch: str, found: Sequence[Found], model: str, at: datetime) -> bool:
    """False when somebody was erased since ``epoch``: what was read may hold words of theirs."""
    with database.write() as connection:
        if position(connection)[0] != epoch:
            return False
        new = [{m.document_id for m in one.members if m.formed} for one in found]
        ids = matched(store.forming(connection), new)
        store.put(connection, zip(ids, found, strict=True), model, at)
    return True


def _read(
    database: Database, held: Sequence[Stored], model: str, stem: Stem
) -> tuple[dict[int, Matrix], dict[int, Words]]:
    """The middle of each document that has vectors, of length 1, and the words of each."""
    middles: dict[int, Matrix] = {}
    words: dict[int, Words] = {}
    for start in range(0, len(held), _BATCH):
        batch = {one.id: one for one in held[start : start + _BATCH]}
        with database.read() as connection:
            known = store.words_of(connection, batch)
            loaded = documents.load(connection, batch, OPERATOR)
            texts: dict[int, list[str]] = {}
            speakers: dict[int, set[str]] = {}
            for passage, vector in passages.of_documents(connection, sorted(batch), model):
                key = passage.document_id
                if vector is not None:
                    row = np.frombuffer(vector, dtype=np.float32)
                    middles[key] = middles[key] + row if key in middles else row
                texts.setdefault(key, []).append(passage.text)
                speakers.setdefault(key, set()).update(share.label for share in passage.speakers)
        for key, document in loaded.items():
            kept = known.get(key)
            if kept is not None and kept[0] == batch[key].revision:
                words[key] = kept[1]
            else:
                words[key] = _words(document, texts.get(key, []), speakers.get(key, set()), stem)
    return {key: _unit(row) for key, row in middles.items() if row.any()}, words


def _words(
    document: Document, texts: Sequence[str], speakers: Collection[str], stem: Stem
) -> Words:
    names = {*speakers, *(made.name for made in document.contributions)}
    return topic_names.frequent([document.title, *document.tags], texts, names, stem)


def _unit(row: Matrix) -> Matrix:
    made: Matrix = (row / np.linalg.norm(row)).astype(np.float32)
    return made


def _found(
    cluster: Cluster, matrix: Matrix, held: Sequence[Stored], words: Mapping[int, Words]
) -> Found:
    near = matrix[list(cluster.rows)] @ cluster.centre
    members = tuple(
        # Rounded, so that no sum's order decides.
        Member(
            held[row].id,
            round(float(cosine), 4),
            row in cluster.formed,
            held[row].revision,
            words[held[row].id],
        )
        for row, cosine in zip(cluster.rows, near, strict=True)
    )
    return Found(cluster.centre.astype(np.float32).tobytes(), members)


def clusters(matrix: Matrix, levels: Sequence[int]) -> list[Cluster]:
    """Rows of length 1, shape (n, dimension), that are about the same; ``levels`` says of each who
    reads it. In the order of levels, and of the first row."""
    by_level: dict[int, list[int]] = {}
    for row, level in enumerate(levels):
        by_level.setdefault(level, []).append(row)
    shared: list[Cluster] = []
    joined: dict[int, list[int]] = {}
    own: list[Cluster] = []
    for level, rows in sorted(by_level.items()):
        alone = list(_outside(matrix, rows, shared, joined))
        if shared and level not in _SHARED_LEVELS and len(alone) < FEWEST:
            alone = list(_outside(matrix, alone, shared, joined, anyhow=True))
        made = list(_formed(matrix, alone))
        (shared if level in _SHARED_LEVELS else own).extend(made)
    whole = [
        Cluster(one.centre, tuple(sorted([*one.rows, *joined.get(at, ())])), one.formed)
        for at, one in enumerate(shared)
    ]
    return [*whole, *own]


def _outside(
    matrix: Matrix,
    rows: Sequence[int],
    shared: Sequence[Cluster],
    joined: dict[int, list[int]],
    *,
    anyhow: bool = False,
) -> Iterator[int]:
    """The rows that join none of the topics; the others are added to ``joined``. ``anyhow``: each
    joins the nearest, however far it is."""
    if not shared:
        yield from rows
        return
    centres = np.stack([one.centre for one in shared])
    radius = [_radius(matrix, one) for one in shared]
    for row in rows:
        cosines = centres @ matrix[row]
        at = int(cosines.argmax())
        if anyhow or cosines[at] >= radius[at]:
            joined.setdefault(at, []).append(row)
        else:
            yield row


def _radius(matrix: Matrix, cluster: Cluster) -> float:
    near = matrix[sorted(cluster.formed)] @ cluster.centre
    return float(np.quantile(near, _JOIN_QUANTILE))


def _formed(matrix: Matrix, rows: Sequence[int]) -> Iterator[Cluster]:
    """As many topics as there are documents in one of them: the square root of their number. So a
    reader has as much to look through in the list as in what it leads to."""
    if not rows:
        return
    given = np.ascontiguousarray(matrix[list(rows)])
    centres = _centres(given, max(1, round(math.sqrt(len(rows)))))
    places = (given @ centres.T).argmax(axis=1)
    groups: dict[int, list[int]] = {}
    for row, place in zip(rows, places.tolist(), strict=True):
        groups.setdefault(place, []).append(row)
    for group in groups.values():
        centre = matrix[group].mean(axis=0)
        if centre.any():
            yield Cluster(_unit(centre), tuple(group), frozenset(group))


def _centres(given: Matrix, count: int) -> Matrix:
    """So many middles, shape (count, dimension): of several starts those that the rows are nearest
    to on average."""
    import faiss  # no command needs them but this
    from sklearn.cluster import kmeans_plusplus
    from threadpoolctl import threadpool_limits

    faiss.omp_set_num_threads(1)  # sums in one order, and no core that answers searches
    best, nearness = given[:count], -1.0
    for seed in range(max(1, min(_STARTS, _STARTED // len(given)))):
        # Far from each other (Arthur & Vassilvitskii 2007): of middles drawn at random none may lie
        # in a small topic, which a large one then swallows.
        with threadpool_limits(1):  # of what numpy computes with
            first, _ = kmeans_plusplus(given, count, random_state=seed)
        means = faiss.Kmeans(
            given.shape[1],
            count,
            niter=_ROUNDS,
            seed=_SEED,
            spherical=True,
            min_points_per_centroid=1,
            max_points_per_centroid=len(given),
        )
        means.train(given, init_centroids=first)
        assert means.centroids is not None
        near = round(float((given @ means.centroids.T).max(axis=1).mean()), 6)
        if near > nearness:
            best, nearness = means.centroids, near
    return best


def matched(old: Mapping[int, Collection[int]], new: Sequence[Collection[int]]) -> list[int | None]:
    """Which old topic each new one goes on: the pairs that share most first, each topic once."""
    owner = {key: topic for topic, keys in old.items() for key in keys}
    shares: list[tuple[float, int, int]] = []
    for at, keys in enumerate(new):
        common: dict[int, int] = {}
        for key in keys:
            if key in owner:
                common[owner[key]] = common.get(owner[key], 0) + 1
        for topic, both in common.items():
            share = both / (len(keys) + len(old[topic]) - both)
            if share >= SAME:
                shares.append((-share, topic, at))
    found: dict[int, int] = {}
    for _, topic, at in sorted(shares):
        if at not in found and topic not in found.values():
            found[at] = topic
    return [found.get(at) for at in range(len(new))]


def stemmer() -> Callable[[str], Sequence[str]]:
    """Words as the lexical index has them; its library is loaded only when they are asked for."""
    from indexer.lexical._words import words_of

    return words_of

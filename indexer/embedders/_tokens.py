"""A model's tokenizer, free of the state that makes the library's own fail in threads."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.text import encodable

# How tokenizers mark that a token begins a word.
_WORD_STARTS = "▁Ġ"


class Tokens:
    """Safe to call from several threads: padding and truncation are off, and stay off."""

    def __init__(self, directory: Path, limit: int) -> None:
        """``limit``: how many tokens the model takes, special ones included."""
        # Threads of its own would fight for the cores with whatever runs beside.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from tokenizers import Tokenizer  # type: ignore[import-untyped]

        self._tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self.probe: list[int] = self._tokenizer.encode("warm up").ids
        mask = self._tokenizer.encode("warm up").special_tokens_mask
        first, *_, last = (at for at, special in enumerate(mask) if not special)
        self._before, self._after = self.probe[:first], self.probe[last + 1 :]
        self._room = limit - len(self._before) - len(self._after)

    def rows(self, texts: Sequence[str]) -> list[list[int]]:
        """Each text's ids as the model takes them, cut to its limit; [] for one without a token."""
        encodings = self._tokenizer.encode_batch_fast(
            [encodable(text) for text in texts], add_special_tokens=False
        )
        return [self.row(encoding.ids) if encoding.ids else [] for encoding in encodings]

    def row(self, ids: Sequence[int]) -> list[int]:
        """A text's ids cut to the limit, between the special ones."""
        return [*self._before, *ids[: self._room], *self._after]

    def starts(self, text: str) -> NDArray[np.int64]:
        """Where each word piece of the whole text starts, in code points."""
        encoding = self._tokenizer.encode(encodable(text), add_special_tokens=False)
        return np.fromiter((start for start, _ in encoding.offsets), dtype=np.int64)

    def knows(self, word: str) -> bool:
        """Whether the word is one token; the tokens of a model are the commonest words."""
        tokens = self._tokenizer.encode(encodable(word), add_special_tokens=False).tokens
        return len(tokens) == 1 and tokens[0].strip(_WORD_STARTS) == word

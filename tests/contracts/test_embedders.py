"""What every embedder must do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer import embedders
from indexer.protocols import Embedder
from knowledge.errors import InvalidSettings

LOADED: dict[str, Embedder] = {}
# Only these need no model; whatever else is added is taken to load one.
LIGHT = {"hashing"}
MIXED = [
    "Rotate the API keys of the billing service every quarter.",
    "short",
    "Ingress, in Kubernetes, maps host names to services. " * 12,
    "naïve café — 😀 日本語 e\u0301 done",
    "a\x00b\ufeffc\u200d",
    "\ud800 half a surrogate",
    "x" * 2000,
    "WAL checkpoints\n\n```sql\nPRAGMA wal_checkpoint(TRUNCATE);\n```",
]


@pytest.fixture(
    params=[
        pytest.param(name, marks=() if name in LIGHT else pytest.mark.model)
        for name in embedders.names()
    ]
)
def embedder(request: pytest.FixtureRequest) -> Embedder:
    if request.param not in LOADED:  # not a session fixture: its order would mix the plug-ins
        LOADED[request.param] = embedders.load(request.param)
    return LOADED[request.param]


def test_identity_and_dimension(embedder: Embedder) -> None:
    assert embedder.identity == embedder.identity.strip() != ""
    assert "\n" not in embedder.identity
    assert embedder.dimension > 0


def test_rows_of_norm_one(embedder: Embedder) -> None:
    made = embedder.embed(MIXED)
    assert made.dtype == np.float32
    assert made.shape == (len(MIXED), embedder.dimension)
    assert np.isfinite(made).all()
    assert np.linalg.norm(made, axis=1) == pytest.approx(np.ones(len(MIXED)), abs=1e-5)


def test_no_text_and_texts_without_a_token(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dimension)
    made = embedder.embed(["", " \n\t ", "word"])
    assert np.linalg.norm(made, axis=1) == pytest.approx([0.0, 0.0, 1.0], abs=1e-5)


def test_the_same_text_gives_the_same_vector_in_any_batch(embedder: Embedder) -> None:
    alone = np.concatenate([embedder.embed([text]) for text in MIXED])
    together = embedder.embed(MIXED)
    backwards = embedder.embed([*MIXED[::-1], *["filling up the batch"] * 40])[: len(MIXED)][::-1]
    assert np.abs(alone - together).max() <= 1e-5
    assert np.abs(alone - backwards).max() <= 1e-5


def test_similar_texts_are_closer(embedder: Embedder) -> None:
    asked, near, far = embedder.embed(
        [
            "rotating the API keys for billing",
            "How to rotate the API keys of the billing service",
            "The canteen has lentil soup on Fridays",
        ]
    )
    assert asked @ near > asked @ far + 0.2


def test_concurrent_calls_agree(embedder: Embedder) -> None:
    alone = [embedder.embed([text]) for text in MIXED]
    starts = [embedder.token_starts(text).tolist() for text in MIXED]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda text: embedder.embed([text]), MIXED * 3))
        cut = list(pool.map(lambda text: embedder.token_starts(text).tolist(), MIXED * 3))
    assert max(np.abs(a - b).max() for a, b in zip(alone * 3, made, strict=True)) <= 1e-5
    assert cut == starts * 3


def test_token_starts_are_code_points(embedder: Embedder) -> None:
    text = "😀 日本 is e\u0301t, done"
    starts = embedder.token_starts(text)
    assert starts.dtype == np.int64
    assert {0, 2, text.index("is"), text.index("done")} <= set(starts.tolist())
    assert embedder.token_starts("").shape == (0,)
    assert embedder.token_starts(" \n ").shape == (0,)


def test_token_starts_cover_all_of_a_long_text(embedder: Embedder) -> None:
    text = "one two three " * 3000
    starts = embedder.token_starts(text)
    assert len(starts) == 9000
    assert starts[-1] == text.rindex("three")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=80))
def test_token_starts_of_any_text(embedder: Embedder, text: str) -> None:
    starts = embedder.token_starts(text)
    assert (np.diff(starts) >= 0).all()
    assert all(0 <= start < len(text) and not text[start].isspace() for start in starts.tolist())


def test_what_it_knows_is_one_word(embedder: Embedder) -> None:
    assert not embedder.knows("restroer")
    assert not embedder.knows("back up")
    assert not embedder.knows("\ud800")
    assert not embedder.knows("")


def test_an_unknown_name() -> None:
    with pytest.raises(InvalidSettings, match="hashing"):
        embedders.load("no-such")

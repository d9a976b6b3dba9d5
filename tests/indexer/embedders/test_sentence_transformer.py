"""The real model: the same vectors as the library's own path, and only the pinned, safe files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from indexer import embedders
from indexer.embedders import _files, sentence_transformer
from knowledge.errors import InvalidSettings

TEXTS = [
    "How do I rotate the API keys of the billing service?",
    "Ingress, in Kubernetes, maps host names to services. " * 40,
    "naïve café — 😀 日本語",
]


def copy_of_model(folder: Path) -> Path:
    """The packaged model as links, so that single files can be replaced."""
    source = _files.packaged()
    for file in source.rglob("*"):
        if file.is_file():
            linked = folder / file.relative_to(source)
            linked.parent.mkdir(parents=True, exist_ok=True)
            linked.symlink_to(file)
    return folder


@pytest.mark.model
@pytest.mark.slow
def test_the_vectors_are_those_of_the_library() -> None:
    embedder = embedders.load("sentence_transformer")
    assert isinstance(embedder, sentence_transformer.SentenceTransformerEmbedder)
    theirs = embedder._model.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    assert np.abs(embedder.embed(TEXTS) - theirs).max() <= 1e-5
    assert embedder.dimension == 384
    assert _files.PACKAGE_SHA256 in embedder.identity
    assert "max=256" in embedder.identity
    cut = " ".join(["word"] * 254)
    assert embedder.embed([cut]) == pytest.approx(embedder.embed([cut + " tail"]), abs=1e-5)


@pytest.mark.model
def test_common_words_are_known() -> None:
    embedder = embedders.load("sentence_transformer")
    assert [word for word in ("casual", "causal", "csaual") if embedder.knows(word)] == [
        "casual",
        "causal",
    ]


@pytest.mark.model
def test_weights_that_are_not_the_pinned_ones(tmp_path: Path) -> None:
    copy = copy_of_model(tmp_path / "model")
    pinned = _files.PACKAGE_SHA256
    same = embedders.load("sentence_transformer", model=copy, sha256=pinned)
    assert same.dimension == 384
    weights = copy / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.unlink()
    weights.write_bytes(data)
    with pytest.raises(InvalidSettings, match="pinned"):
        embedders.load("sentence_transformer", model=copy, sha256=pinned)


def test_a_model_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match=r"model\.safetensors"):
        embedders.load("sentence_transformer", model=tmp_path / "none")
    with pytest.raises(InvalidSettings, match=r"model\.safetensors"):
        embedders.load("sentence_transformer", model="sentence-transformers/all-MiniLM-L6-v2")


@pytest.mark.parametrize("name", ["pytorch_model.bin", "2_Dense/weights.PT", "x/y.pkl"])
def test_pickles_are_refused(tmp_path: Path, name: str) -> None:
    copy = copy_of_model(tmp_path / "model")
    (copy / name).parent.mkdir(parents=True, exist_ok=True)
    (copy / name).write_bytes(b"")
    with pytest.raises(InvalidSettings, match="safetensors"):
        embedders.load("sentence_transformer", model=copy)


def test_a_model_that_brings_code_is_refused(tmp_path: Path) -> None:
    copy = copy_of_model(tmp_path / "model")
    modules = json.loads((copy / "modules.json").read_text())
    modules[0]["type"] = "custom_code.Transformer"
    (copy / "modules.json").unlink()
    (copy / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(InvalidSettings, match="own code"):
        embedders.load("sentence_transformer", model=copy)


@pytest.mark.parametrize("listed", ["{", "[1]", '[{"path": ""}]'])
def test_a_model_without_a_proper_list_of_modules(tmp_path: Path, listed: str) -> None:
    copy = copy_of_model(tmp_path / "model")
    (copy / "modules.json").unlink()
    (copy / "modules.json").write_text(listed)
    with pytest.raises(InvalidSettings, match="modules"):
        embedders.load("sentence_transformer", model=copy)


def test_finding_plug_ins_loads_no_library(repository: Path) -> None:
    heavy = {"torch", "transformers", "sentence_transformers", "tokenizers", "faiss", "tantivy"}
    code = (
        "import sys, indexer.embedders as e, indexer.vectors as v, indexer.lexical as t;"
        "e.names(), v.names(), t.names(), e.load('hashing');"
        f"print(sorted({heavy!r} & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=True
    ).stdout
    assert shown.strip() == "[]"

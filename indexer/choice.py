"""Which embedder an installation uses, when nobody said: measured once, then kept.

Vectors of two models cannot be compared, so the choice belongs to the data. It stands in
DATA/embedder.json, bound to the database as it was then. Where there is none, or the database was
replaced since, the vectors that are stored decide; where there are none either, the machine does:
int8 if it is no slower than the reference and gives nearly its vectors.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock

from indexer import embedders
from indexer.embedders._quantised import RECIPE
from indexer.protocols import Embedder
from knowledge.errors import DataUnavailable, WhoknowsError
from knowledge.store import passages
from knowledge.store.database import Database, position

AUTO = "auto"
REFERENCE = "sentence_transformer"
FAST = "onnx_int8"

LEAST_AGREEMENT = 0.99
"""Cosine with the reference's vector that no probe may fall below; usual is .995 to .999."""
LEAST_SPEED = 0.9
"""Of the reference's. Not 1: at the same speed int8 still needs a quarter of the memory."""

# How the identities of each one's vectors begin.
_MAKERS = {"onnxruntime": FAST, "sentence-transformers": REFERENCE}
_FILE = "embedder.json"
_LOCK_S = 300.0
_MEASURING_S = 240.0
_ROUNDS = 3
_PROBES = (
    "How do I rotate the API keys of the billing service?",
    "who knows about certificate renewal",
    "The nightly backup is copied to the second site at four; restoring it takes an hour.",
    "Ben: It hung because the migration waited for a lock. Ada: And who held it? Ben: The report.",
    "for name in sorted(customers, key=newest)[:20]: print(name, customers[name].region)",
    "Urlaub wird im Kalender der Abteilung eingetragen, sobald er genehmigt ist.",
    "ERR_CONN_RESET 0x80072EFF after upgrading libssl 3.0.11 -> 3.0.13 on arm64",
    "We agreed that expenses above 500 euros need two signatures, and that trains count as travel.",
)


@dataclass(frozen=True, slots=True)
class Choice:
    """An embedder's name, and why it is the one."""

    embedder: str
    reason: str


def of_installation(database: Database, data: Path, model: Path | None, cache: Path) -> Choice:
    """The choice for the installation in ``data``, made now if it has not been; the same in all
    of its processes. ``model`` and ``cache`` are as the embedders take them."""
    file = data / _FILE
    with database.read() as connection:
        epoch, _ = position(connection)
    bound = {"epoch": epoch, "model": str(model or "")}
    try:
        held = _kept(file, bound)
        if held is None:
            with FileLock(data / "embedder.lock", timeout=_LOCK_S):
                held = _kept(file, bound)
                if held is None:
                    held = _of_vectors(database) or of_machine(model, cache)
                    _keep(file, held, bound)
    except (OSError, TimeoutError) as error:
        raise DataUnavailable(f"the choice of an embedder cannot be kept: {error}") from error
    return held


def again(database: Database, data: Path, model: Path | None, cache: Path) -> Choice:
    """Measure, whatever was chosen and whatever vectors are stored, and keep the outcome.

    Until every text has a vector of the new model (``whoknows index rebuild``), nothing is found.
    """
    with database.read() as connection:
        epoch, _ = position(connection)
    (cache / _FILE).unlink(missing_ok=True)
    made = of_machine(model, cache)
    with FileLock(data / "embedder.lock", timeout=_LOCK_S):
        _keep(data / _FILE, made, {"epoch": epoch, "model": str(model or "")})
    return made


def of_machine(model: Path | None, cache: Path) -> Choice:
    """What measuring says; remembered in ``cache`` for the same processor and libraries."""
    bound = {"model": str(model or ""), "machine": _machine()}
    file = cache / _FILE
    held = _kept(file, bound)
    if held is not None:
        return held
    # In a process of its own: torch would stay, and what an instruction that the processor does
    # not have ends is not this process.
    command = [sys.executable, "-m", __name__, str(cache), *([str(model)] if model else [])]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_MEASURING_S
        )
        made = Choice(**json.loads(done.stdout))
    except subprocess.TimeoutExpired:
        return Choice(REFERENCE, f"measuring took more than {_MEASURING_S:.0f} s")
    except (ValueError, TypeError):
        said = done.stderr.strip().rpartition("\n")[2]
        return Choice(REFERENCE, f"measuring ended with {done.returncode}: {said}")
    with suppress(OSError):  # then it is measured again the next time
        _keep(file, made, bound)
    return made


def measure(model: Path | None, cache: Path) -> Choice:
    """Load both and compare. Raises InvalidSettings if even the reference cannot be loaded."""
    options = {} if model is None else {"model": model}
    reference = embedders.load(REFERENCE, **options)
    try:
        fast = embedders.load(FAST, cache=cache, **options)
    except (WhoknowsError, ImportError) as error:
        return Choice(REFERENCE, f"int8 cannot be used: {error}")
    return compare(fast, reference)


def compare(fast: Embedder, reference: Embedder) -> Choice:
    """Agreement on the probes, and the speed on passages of about 128 tokens."""
    told = " ".join(_PROBES)
    long = [told[start : start + 480] for start in range(0, 320, 80)]
    probes = [*_PROBES, *long]
    agreement = float((fast.embed(probes) * reference.embed(probes)).sum(axis=1).min())
    if not agreement >= LEAST_AGREEMENT:  # also when it is no number
        return Choice(REFERENCE, f"int8 agrees with it by a cosine of only {agreement:.3f}")
    times = [(_seconds(fast, long), _seconds(reference, long)) for _ in range(_ROUNDS)]
    speed = min(slow for _, slow in times) / min(quick for quick, _ in times)
    if speed < LEAST_SPEED:
        return Choice(REFERENCE, f"int8 has {speed:.2f} times its speed on this machine")
    return Choice(
        FAST, f"{speed:.1f} times the reference's speed here, cosine at least {agreement:.3f}"
    )


def _seconds(embedder: Embedder, texts: Sequence[str]) -> float:
    """Of the processor, not of the clock: what runs beside must decide nothing."""
    start = time.process_time()
    embedder.embed(texts)
    return time.process_time() - start


def _of_vectors(database: Database) -> Choice | None:
    with database.read() as connection:
        stored = passages.models(connection)
    for identity in stored:
        name = _MAKERS.get(identity.partition(" ")[0])
        if name is not None:
            return Choice(name, "the stored vectors are of this one")
    return None


def _machine() -> str:
    """What the outcome of measuring depends on: processor, libraries, recipe."""
    named = ""
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        named = next(
            (line.partition(":")[2] for line in lines if line.startswith("model name")), ""
        )
    libraries = (f"{name} {version(name)}" for name in ("onnxruntime", "torch"))
    return ", ".join([platform.machine(), named.strip(), *libraries, RECIPE])


def _kept(file: Path, bound: dict[str, str]) -> Choice | None:
    """What the file says, if it says it of the same."""
    try:
        told = json.loads(file.read_text("utf-8"))
        found = {key: told.pop(key) for key in bound}
        return Choice(**told) if found == bound else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _keep(file: Path, choice: Choice, bound: dict[str, str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            json.dump(bound | asdict(choice), opened, indent=1)
            opened.flush()
            os.fsync(opened.fileno())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


if __name__ == "__main__":
    chosen = measure(Path(sys.argv[2]) if len(sys.argv) > 2 else None, Path(sys.argv[1]))
    sys.stdout.write(json.dumps(asdict(chosen)))

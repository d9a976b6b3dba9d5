"""The sample company: where it lies, and how it is taken in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from importlib.resources import files
from itertools import islice
from pathlib import Path

from api import directory
from api.services import Services
from knowledge import readers
from knowledge.capture import Outcome, Status
from knowledge.identity import AccountRole
from knowledge.store import people
from knowledge.store.database import position

SOURCES = ("handbook", "notes", "sessions")
ADMINISTRATOR = "leila.farsi@fennmoor.example"
_LOADED = "samples.loaded"
# Few at a time, so that the progress moves.
_BATCH = 4

Progress = Callable[[str, int, int], None]
"""(what, done, in all)"""


def folder() -> Path:
    """Where the samples are: in the installed package, or in the checkout."""
    try:
        return Path(str(files("whoknows_samples")))
    except ModuleNotFoundError:
        return Path(__file__).parents[1] / "data" / "samples"


def loaded(services: Services, source: Path) -> bool:
    """Whether the sample company is there as it is in ``source``."""
    marker = services.settings.storage.data / _LOADED
    return marker.exists() and marker.read_text("utf-8") == _mark(services, source)


def load(services: Services, source: Path, progress: Progress) -> list[Outcome]:
    """Take the sample company in; what is unchanged is left alone. Returns what was refused."""
    for _, row in directory.rows(source / "people.csv"):
        services.directory.put(directory.profile(row))
    with services.database.read() as connection:
        administrator = people.by_email(connection, ADMINISTRATOR)
    if administrator is not None:
        services.roles.grant(administrator, AccountRole.ADMINISTRATOR, "operator")
    refused = []
    total = sum(len(_files(source / name)) for name in SOURCES)
    for done, outcome in enumerate(_outcomes(services, source), 1):
        if outcome.status is Status.REFUSED:
            refused.append(outcome)
        progress("samples", done, total)
    services.index.catch_up()
    services.index.save()
    if not refused:
        marker = services.settings.storage.data / _LOADED
        marker.write_text(_mark(services, source), "utf-8")
    return refused


def _mark(services: Services, source: Path) -> str:
    with services.database.read() as connection:
        return f"{_digest(source)} {position(connection)[0]}"


def _outcomes(services: Services, source: Path) -> Iterator[Outcome]:
    for name in SOURCES:
        items = readers.read_export(source / name, source=name)
        while batch := list(islice(items, _BATCH)):
            yield from services.capture.ingest(batch)


def _files(below: Path) -> list[Path]:
    return sorted(path for path in below.rglob("*") if path.is_file())


def _digest(source: Path) -> str:
    """SHA-256 in hex over everything that is taken in."""
    digest = hashlib.sha256((source / "people.csv").read_bytes())
    for path in (path for name in SOURCES for path in _files(source / name)):
        digest.update(f"\0{path.relative_to(source).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()

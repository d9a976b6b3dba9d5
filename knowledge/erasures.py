"""Who was erased, as two files beside the database tell: whom a restored backup must not bring
back, and what began and did not come to its end.

Both name their installation: in another one, or in a database begun anew, the same ids are others.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from knowledge.redaction import Called
from knowledge.store.erasing import Erasure

NOTED = "erased.jsonl"
_UNFINISHED = "erasing.json"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An erasure that began. ``called`` is all that they were called when it did, until every trace
    of it is gone."""

    erasure: Erasure
    called: Called | None


def noted(directory: Path, installation: str) -> list[Erasure]:
    """Who was erased from an installation, as the file in its data directory tells."""
    path = directory / NOTED
    lines = path.read_text().splitlines() if path.is_file() else ()
    told = [json.loads(line) for line in lines]
    return [_erasure(one) for one in told if one["installation"] == installation]


def note(directory: Path, installation: str, erasure: Erasure) -> None:
    """Remember that somebody is erased; twice is once."""
    path = directory / NOTED
    lines = path.read_text() if path.is_file() else ""
    line = json.dumps(_told(installation, erasure))
    if line not in lines.splitlines():
        _write(path, f"{lines}{line}\n")


def unfinished(directory: Path, installation: str) -> Unfinished | None:
    """What began in an installation and did not come to its end."""
    path = directory / _UNFINISHED
    if not path.is_file():
        return None
    told = json.loads(path.read_text())
    if told["installation"] != installation:
        return None
    called = told["called"]
    return Unfinished(_erasure(told), None if called is None else Called(**called))


def begin(directory: Path, installation: str, erasure: Erasure, called: Called | None) -> None:
    """Remember what begins, or how far it came."""
    told = _told(installation, erasure) | {"called": None if called is None else called.told()}
    _write(directory / _UNFINISHED, json.dumps(told))


def end(directory: Path) -> None:
    """Forget what has come to its end."""
    (directory / _UNFINISHED).unlink(missing_ok=True)


def forget_others(directory: Path, installation: str) -> None:
    """Forget what began in another installation: nobody of it is here."""
    if unfinished(directory, installation) is None:
        end(directory)


def last(erased: Sequence[Erasure]) -> int:
    """The highest id among them; 0 when there are none."""
    return max((key for one in erased for key in one.ids), default=0)


def _told(installation: str, erasure: Erasure) -> dict[str, Any]:
    return {
        "installation": installation,
        "ids": list(erasure.ids),
        "with_writing": erasure.with_writing,
        "at": erasure.at.isoformat(),
    }


def _erasure(told: dict[str, Any]) -> Erasure:
    return Erasure(tuple(told["ids"]), told["with_writing"], datetime.fromisoformat(told["at"]))


def _write(path: Path, text: str) -> None:
    """Make a file durable under its name, or leave what was there; it may name people."""
    part = path.with_name(path.name + ".part")
    with open(part, "w", opener=_private) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def merged(told: Iterable[Erasure]) -> list[Erasure]:
    """Each person once: with their writing if it was ever asked for, at the latest time."""
    by_id: dict[int, Erasure] = {}
    for one in told:
        same = [one, *dict.fromkeys(by_id[key] for key in one.ids if key in by_id)]
        whole = Erasure(
            tuple(dict.fromkeys(key for other in same for key in other.ids)),
            any(other.with_writing for other in same),
            max(other.at for other in same),
        )
        by_id |= dict.fromkeys(whole.ids, whole)
    return list(dict.fromkeys(by_id.values()))

"""A file that is no undamaged backup is refused in one sentence, and nothing is changed."""

from __future__ import annotations

import hashlib
import json
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from knowledge import backup
from knowledge.errors import InvalidInput, OutOfSpace
from tests.builders import opened
from tests.knowledge.test_backup import everything, fill


def damaged(tmp_path: Path, name: str) -> Path:
    """A backup with something wrong."""
    with opened(tmp_path / "source") as services:
        fill(services, 3)
        backup.write(services.database, tmp_path / "good.zip")
    if name == "no zip":
        (tmp_path / "bad.zip").write_bytes(b"PK, but no")
        return tmp_path / "bad.zip"
    if name == "truncated":
        (tmp_path / "bad.zip").write_bytes((tmp_path / "good.zip").read_bytes()[:-2000])
        return tmp_path / "bad.zip"
    with (
        zipfile.ZipFile(tmp_path / "good.zip") as good,
        zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad,
    ):
        for member in good.namelist():
            told = good.read(member)
            if name == "a changed row" and member == "tables/documents.jsonl":
                told = told.replace(b"kiln number 1", b"kiln number 9")
            if name == "a missing row" and member == "tables/passages.jsonl":
                told = told.split(b"\n", 1)[1]
            if name == "a missing table" and member == "tables/people.jsonl":
                continue
            if name == "a later revision" and member == "manifest.json":
                told = re.sub(rb'"revision": "\d+"', b'"revision": "9999"', told)
            if name == "a later format" and member == "manifest.json":
                told = told.replace(b'"format": 2', b'"format": 3')
            bad.writestr(member, told)
    return tmp_path / "bad.zip"


def crafted(tmp_path: Path, good: Path, table: str, change: Callable[[list[Any]], Any]) -> Path:
    """The backup with ``change`` done to a table's rows, and a manifest that agrees with that."""
    bad = tmp_path / "crafted.zip"
    with zipfile.ZipFile(good) as read, zipfile.ZipFile(bad, "w") as written:
        manifest = json.loads(read.read("manifest.json"))
        for name in manifest["tables"]:
            told = read.read(f"tables/{name}.jsonl")
            if name == table:
                rows = [json.loads(line) for line in told.splitlines()]
                change(rows)
                told = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
                digest = hashlib.sha256(told).hexdigest()
                manifest["tables"][name] = {"rows": len(rows), "sha256": digest}
            written.writestr(f"tables/{name}.jsonl", told)
        if table == "manifest":
            change([manifest])
        written.writestr("manifest.json", json.dumps(manifest))
    return bad


CRAFTS: dict[str, tuple[str, Callable[[list[Any]], Any]]] = {
    "a row twice": ("documents", lambda rows: rows.append(rows[0])),
    "nothing where something is": ("documents", lambda rows: rows[0].update(title=None)),
    "a list where a text is": ("documents", lambda rows: rows[0].update(title=[1])),
    "a number beyond all": ("passages", lambda rows: rows[0].update(ordinal=2**70)),
    "a number where a vector is": ("vectors", lambda rows: rows[0].update(vector=5)),
    "no time": ("documents", lambda rows: rows[0].update(stored_at="soon")),
    "a row that is a list": ("people", lambda rows: rows.insert(0, [1])),
    "another key in the manifest": ("manifest", lambda told: told[0].update(more=1)),
    "another key in a member": ("manifest", lambda told: told[0]["tables"]["state"].update(x=1)),
    "no tables but one": (
        "manifest",
        lambda told: told[0].update(tables={"state": told[0]["tables"]["state"]}),
    ),
    "a revision of another kind": ("manifest", lambda told: told[0].update(revision=[])),
}


@pytest.mark.parametrize("craft", CRAFTS)
def test_rows_that_do_not_fit_change_nothing(tmp_path: Path, craft: str) -> None:
    with opened(tmp_path / "a") as services:
        fill(services, 2)
        backup.write(services.database, tmp_path / "good.zip")
        fill(services, 1, start=7)
        before = everything(services)
        bad = crafted(tmp_path, tmp_path / "good.zip", *CRAFTS[craft])
        with pytest.raises(InvalidInput) as told:
            backup.restore(services.database, bad, replace=True)
        assert "kiln" not in str(told.value)
        assert everything(services) == before


@pytest.mark.timeout(600)  # whatever is harmless is restored, some seventy times
@pytest.mark.sqlite("what is read is the same file")
@pytest.mark.parametrize("flips", [8, pytest.param(200, marks=pytest.mark.slow)])
def test_whatever_bit_falls_over_is_noticed_or_harmless(tmp_path: Path, flips: int) -> None:
    """Half of the flips hit the end, where the directory of the archive is."""
    with opened(tmp_path / "a") as services:
        fill(services, 3)
        backup.write(services.database, tmp_path / "good.zip")
        good = (tmp_path / "good.zip").read_bytes()
        before = everything(services)
        chance = random.Random(3)
        refused = 0
        for number in range(flips):
            bad = bytearray(good)
            at = chance.randrange(len(bad)) if number % 2 else -1 - chance.randrange(2500)
            bad[at] ^= 1 << chance.randrange(8)
            (tmp_path / "bad.zip").write_bytes(bad)
            try:
                backup.restore(services.database, tmp_path / "bad.zip", replace=True)
            except (InvalidInput, OutOfSpace):
                refused += 1
            assert everything(services) == before
        assert refused > flips / 3


@pytest.mark.parametrize(
    "name",
    [
        "no zip",
        "truncated",
        "a changed row",
        "a missing row",
        "a missing table",
        "a later revision",
        "a later format",
    ],
)
def test_a_damaged_backup_changes_nothing(tmp_path: Path, name: str) -> None:
    bad = damaged(tmp_path, name)
    with opened(tmp_path / "a") as services:
        fill(services, 2)
        before = everything(services)
        with pytest.raises(InvalidInput):
            backup.restore(services.database, bad, replace=True)
        assert everything(services) == before
        assert not list((tmp_path / "a").glob("restore-*"))

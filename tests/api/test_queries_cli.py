"""``whoknows queries``, and ``person export`` and ``person erase``: what is typed and printed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from knowledge.asked import AskedQuery
from knowledge.imports import Order
from knowledge.people import Profile
from knowledge.types import Contributor, Role
from tests.api.commands import in_this_process
from tests.builders import document, opened


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    with opened(data) as services:
        services.directory.put(Profile("Ada Field", "ada@example.org"))
        services.capture.save(document("a", "How to fire a kiln."))
        for name in ("Ben Osei", "Cleo Marsh", "Dan Reed", "Eve Stone"):
            services.directory.put(Profile(name, f"{name[:3].lower()}@example.org"))
        for who in range(1, 6):
            now = datetime.now(UTC)
            asked = AskedQuery(f"{who}", "Kiln [fire]", "answer", 0, False, now)
            services.queries.record(asked, who)
        services.queries.record(AskedQuery("x", "only one", "answer", 1, True, now), 1)
    return data


def run(data: Path, *words: str) -> CompletedProcess[str]:
    environment = {"WHOKNOWS_DATA": str(data), "WHOKNOWS_EMBEDDER": "hashing"}
    return in_this_process(list(words), environment)


def test_queries_tells_what_many_asked(data: Path) -> None:
    told = json.loads(run(data, "queries", "--json").stdout)
    assert told == [
        {"text": "kiln [fire]", "askers": 5, "searches": 5, "unsure": 5, "empty": 5},
    ]
    shown = run(data, "queries").stdout
    assert "kiln [fire]" in shown
    assert "only one" not in shown


def test_export_writes_and_erase_asks_first(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "ada.zip"
    assert run(data, "person", "export", "ada@example.org", str(path)).stdout == (
        f"{path}: 1 documents\n"
    )
    assert run(data, "person", "export", "ada@example.org", str(path)).returncode == 1
    asked = run(data, "person", "erase", "ada@example.org")
    assert asked.returncode == 1
    assert "Erase Ada Field (1) for ever?" in asked.stderr
    done = run(data, "person", "erase", "ada@example.org", "--yes")
    assert done.returncode == 0, done.stderr
    assert "1 is erased: 1 documents are by a former colleague now" in done.stdout
    again = run(data, "person", "erase", "ada@example.org", "--yes")
    assert again.returncode == 1
    assert "nobody with the address" in again.stderr


def test_erase_tells_of_further_records_and_of_imports_that_wait(data: Path) -> None:
    with opened(data) as services:
        other = Contributor("Ada Field", Role.AUTHOR, email="ada.field@example.com")
        services.capture.save(document("more", "By her.", contributors=(other,)))
        further = services.merging.find("ada.field@example.com")
        with services.imports.receive() as upload:
            upload.write(b"# Tea")
            services.imports.create(upload, Order("tea.md"), "operator")
    asked = run(data, "person", "erase", "ada@example.org")
    assert f"to erase that record as well: --also {further}" in asked.stderr
    assert asked.returncode == 1
    words = ("person", "erase", "ada@example.org", "--yes", "--also", f"{further}")
    refused = run(data, *words)
    assert refused.returncode == 1
    assert "repeat it with --force" in refused.stderr
    done = run(data, *words, "--force")
    assert "--also" not in done.stderr
    assert "1 is erased: 2 documents" in done.stdout

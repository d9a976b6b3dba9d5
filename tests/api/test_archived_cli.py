"""``whoknows archived``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli import app


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of which a page is gone since it was imported."""
    monkeypatch.setenv("WHOKNOWS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("WHOKNOWS_EMBEDDER", "hashing")
    folder = tmp_path / "wiki"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.md").write_text(f"Words {number}.")
    run("ingest", str(folder), "--source", "wiki")
    assert run("archived", "list").stdout == "nothing is archived\n"
    (folder / "5.md").unlink()
    run("ingest", str(folder), "--source", "wiki", "--full")
    return folder


def run(*arguments: str, told: str = "") -> Result:
    return CliRunner().invoke(app, [*arguments], input=told, catch_exceptions=False)


@pytest.mark.usefixtures("wiki")
def test_listing_and_deleting() -> None:
    (held,) = json.loads(run("archived", "list", "--json").stdout)
    assert (held["source"], held["documents"], held["first"]) == ("wiki", 1, held["last"])
    assert "wiki" in run("archived", "list").stdout

    early = run("archived", "delete", "wiki").stdout
    assert early == "nothing of wiki has been archived for 30 days\n"
    asked = run("archived", "delete", "wiki", "--days", "0", told="n\n")
    assert asked.exit_code == 1
    assert "Delete 1 archived document of wiki for ever?" in asked.stderr
    done = run("archived", "delete", "wiki", "--days", "0", "--yes", "--json")
    assert json.loads(done.stdout) == {"deleted": 1}
    assert run("archived", "list").stdout == "nothing is archived\n"

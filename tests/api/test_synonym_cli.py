"""``whoknows synonym``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from knowledge.errors import NotFound


def test_adding_listing_and_removing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHOKNOWS_DATA", str(tmp_path))
    monkeypatch.setenv("WHOKNOWS_EMBEDDER", "hashing")

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, ["synonym", *arguments], catch_exceptions=False)
        assert done.exit_code == 0
        return done.stdout

    assert run("add", "k8s", "kubernetes", "--both") == "synonym 1: k8s <=> kubernetes\n"
    told = json.loads(run("add", "PTO", "paid time off", "--json"))
    assert told == {"term": "PTO", "meaning": "paid time off", "both": False, "id": 2}
    assert "paid time off" in run("list")
    assert [one["id"] for one in json.loads(run("list", "--json"))] == [1, 2]
    assert run("remove", "1") == "synonym 1 is forgotten\n"
    with pytest.raises(NotFound):
        run("remove", "1")
    run("remove", "2")
    assert "no synonyms yet" in run("list")

"""What ``whoknows search`` says of how it took the query, and how that is undone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from tests.builders import document, opened


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("data")
    with opened(made) as services:
        pages = [document(str(n), f"The heron of pond {n} sleeps.") for n in range(6)]
        assert len(list(services.capture.ingest(pages))) == 6
    return made


@pytest.mark.parametrize("command", ["search", "people"])
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("heron by Ada Field", "Only author 1: by Ada Field"),
        ("the heorn", "Showing results for: the heron"),
        ('heron "pond sleeps"', "Nothing holds “pond sleeps” word for word."),
    ],
)
def test_how_a_query_was_taken(
    data: Path, monkeypatch: pytest.MonkeyPatch, command: str, query: str, said: str
) -> None:
    monkeypatch.setenv("WHOKNOWS_DATA", str(data))
    monkeypatch.setenv("WHOKNOWS_EMBEDDER", "hashing")
    done = CliRunner().invoke(app, [command, query])
    assert done.exit_code == 0, done.output
    assert said in done.stdout
    literally = CliRunner().invoke(app, [command, query, "--literal"])
    assert literally.exit_code == 0
    assert said not in literally.stdout


def test_json_tells_it_too(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHOKNOWS_DATA", str(data))
    monkeypatch.setenv("WHOKNOWS_EMBEDDER", "hashing")
    done = CliRunner().invoke(app, ["search", "heron since 1999", "--json"])
    told = json.loads(done.stdout)
    assert told["understood"] == [
        {"field": "updated_after", "value": "1999-01-01", "text": "since 1999"}
    ]

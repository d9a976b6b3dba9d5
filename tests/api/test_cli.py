"""The command line as an operator uses it: what it prints where, and its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock, Timeout
from typer.testing import CliRunner

from api.cli import app, ingest
from knowledge import readers
from knowledge.errors import InvalidSettings
from knowledge.importing import WORKER_LOCK
from knowledge.settings import StorageSettings
from knowledge.store.database import Database
from tests.api.commands import in_this_process

PAGE = """---
author: Ada Field <ada@example.org>
---
# Backups

To restore a backup, stop the ledger.
"""
SECRET = """---
author: Ben Osei <ben@example.org>
audience: [group:vault]
---
# Vault

The vault opens at noon.
"""


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    folder = tmp_path / "wiki"
    folder.mkdir()
    (folder / "backups.md").write_text(PAGE)
    (folder / "vault.md").write_text(SECRET)
    return folder


def whoknows(data: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return in_this_process(list(map(str, arguments)), environment(data))


def process(data: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The same in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from api.cli import main; main()", *map(str, arguments)],
        env=os.environ | environment(data),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )


def environment(data: Path) -> dict[str, str]:
    return {"WHOKNOWS_DATA": str(data), "WHOKNOWS_EMBEDDER": "hashing"}


def test_from_a_folder_to_answers_and_people(wiki: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    done = process(data, "ingest", wiki, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert (told["added"], told["refused"]) == (2, [])
    again = json.loads(whoknows(data, "ingest", wiki, "--json").stdout)
    assert (again["unchanged"], again["embedded_passages"]) == (2, 0)

    result = json.loads(process(data, "search", "restore a backup", "--json").stdout)
    answer = result["answers"][0]
    assert answer["document"]["title"] == "Backups"
    (mark,) = answer["highlights"]
    assert answer["text"][mark["start"] : mark["end"]] == "To restore a backup, stop the ledger."
    people = json.loads(whoknows(data, "people", "who knows the vault", "--json").stdout)
    assert people[0]["person"]["name"] == "Ben Osei"

    text = whoknows(data, "search", "restore a backup", "--explain").stdout
    assert "Who knows" in text or "Nobody is confirmed" in text
    assert "fusion:" in text
    assert "BM25" in text

    narrowed = whoknows(data, "search", "the vault opens", "--as", "ada@example.org", "--json")
    assert "Vault" not in narrowed.stdout
    assert whoknows(data, "index", "verify").returncode == 0
    measured = whoknows(data, "index", "verify", "--recall", "--json")
    assert measured.returncode == 0
    assert json.loads(measured.stdout) == {
        "problems": [],
        "recall": {"queries": 2, "everything": 1.0, "filtered": 1.0},
    }
    assert "recall@10" in whoknows(data, "index", "verify", "--recall").stdout
    assert json.loads(whoknows(data, "index", "status", "--json").stdout)["documents"] == 2
    assert whoknows(data, "index", "rebuild").returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ["backup", "b.zip"],
        ["search", "kiln"],
        ["people", "kiln"],
        ["index", "status"],
        ["index", "verify"],
        ["index", "rebuild"],
        ["token", "list"],
        ["token", "revoke", "1"],
    ],
    ids=" ".join,
)
def test_a_mistyped_data_directory_is_not_an_empty_company(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHOKNOWS_DATA", "dtaa")
    monkeypatch.setenv("WHOKNOWS_EMBEDDER", "hashing")
    told = CliRunner().invoke(app, words)
    assert isinstance(told.exception, InvalidSettings)
    assert str(told.exception).startswith(f"no whoknows data in {tmp_path / 'dtaa'}; set")
    assert list(tmp_path.iterdir()) == []


def test_an_import_waits_for_another_and_lets_nothing_else_in(
    wiki: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHOKNOWS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("WHOKNOWS_EMBEDDER", "hashing")
    Database(StorageSettings(data=tmp_path / "data")).close()
    held = FileLock(tmp_path / "data" / WORKER_LOCK)
    held.acquire()
    said: list[str] = []

    class Terminal:
        def print(self, text: str) -> None:
            said.append(text)
            held.release()

    def read(*given: Any, **more: Any) -> Iterator[Any]:
        with pytest.raises(Timeout):
            FileLock(tmp_path / "data" / WORKER_LOCK, timeout=0).acquire()
        yield from real(*given, **more)

    real = readers.read_export
    monkeypatch.setattr(ingest, "err", Terminal())
    monkeypatch.setattr(readers, "read_export", read)
    told = CliRunner().invoke(app, ["ingest", str(wiki), "--json"])
    assert told.exit_code == 0, told.exception
    assert json.loads(told.stdout)["added"] == 2
    assert said == ["another import or a restore is running; this one waits for its end"]
    held.acquire(timeout=0)
    held.release()


def test_an_answer_is_printed_as_its_page_shows_it(tmp_path: Path) -> None:
    folder = tmp_path / "talks"
    folder.mkdir()
    (folder / "kiln.vtt").write_text(
        "WEBVTT\n\n00:01:05.000 --> 00:01:09.000\n<v Ada Field>The kiln cools slowly.\n"
        "\n00:01:09.000 --> 00:01:15.000\n<v Ben Osei>And the door stays shut.\n"
    )
    (folder / "glaze.md").write_text("# Glaze\n\n## Example\n\n- Stir the **glaze** `twice`.\n")
    data = tmp_path / "data"
    assert whoknows(data, "ingest", folder, "--source", "talks").returncode == 0
    said = whoknows(data, "search", "how does the kiln cool").stdout
    assert "transcript · talks" in said
    assert "01:05 · Ada Field\n   The kiln cools slowly.\n" in said
    written = whoknows(data, "search", "how do I stir the glaze").stdout
    assert "\n   Stir the glaze twice.\n" in written
    for notation in ("**", "##", "\\[", "`"):
        assert notation not in said + written
    told = json.loads(whoknows(data, "search", "how does the kiln cool", "--json").stdout)
    assert told["answers"][0]["text"].startswith("**Ada Field:** \\[00:01:05.000")


def test_the_version_is_that_of_the_package(tmp_path: Path) -> None:
    done = process(tmp_path / "data", "--version")
    assert (done.returncode, done.stdout) == (0, f"whoknows {version('whoknows')}\n")


def test_refused_inputs_are_named_and_the_exit_code_is_3(wiki: Path, tmp_path: Path) -> None:
    (wiki / "broken.md").write_bytes(b"# caf\xe9\n\nlatin one\n")
    (wiki / "empty.md").write_text("")
    (wiki / "cut.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:0")
    done = process(tmp_path / "data", "ingest", wiki, "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 3
    assert told["added"] == 2
    assert {r["name"] for r in told["refused"]} == {"broken.md", "empty.md", "cut.vtt"}
    assert all(r["reason"] for r in told["refused"])


def test_a_dry_run_writes_nothing(wiki: Path, tmp_path: Path) -> None:
    done = whoknows(tmp_path / "data", "ingest", wiki, "--dry-run")
    assert done.returncode == 0
    assert "2 would be read" in done.stdout
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["search", ""], 2, "the query is empty"),
        (["search", "x" * 10_000], 2, "longer than"),
        (["search", "?!"], 2, "no word"),
        (["search", "a", "--as", "nobody@example.org"], 1, "nobody with the address"),
        (["search", "a", "--updated-after", "soon"], 1, "is no date"),
        (["ingest", "/nowhere/at/all"], 1, "/nowhere/at/all"),
        (["ingest", ".", "--format", "runes"], 1, "runes"),
        (["ingest", ".", "--audience", "Friends"], 1, "no audience"),
        (["ingest", ".", "--source", "app"], 1, "--source NAME"),
        (["ingest", ".", "--source", "person:2/wiki"], 1, "--source NAME"),
        (["eval", "/nowhere"], 1, "corpus.jsonl"),
        (["frobnicate"], 2, "frobnicate"),
    ],
)
def test_mistakes_are_said_in_one_line(
    tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    Database(StorageSettings(data=tmp_path / "data")).close()
    done = whoknows(tmp_path / "data", *arguments)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_setting_out_of_range_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHOKNOWS_SEARCH_DENSE_WEIGHT", "7")
    done = whoknows(tmp_path, "search", "a")
    assert done.returncode == 2
    assert "DENSE_WEIGHT" in done.stderr


def test_people_come_from_a_csv(wiki: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    whoknows(data, "ingest", wiki)
    table = tmp_path / "people.csv"
    table.write_text(
        "name,email,other_emails,team,title,groups,consent_written\n"
        "Ada Field,ada@new.example,a@example.org;ada@example.org,Finance,Controller,vault;staff,\n"
        "Nobody,nonsense,,,,,\n"
        "Ben Osei,ben@example.org,,,,,no\n"
    )
    done = whoknows(data, "person", "import", table)
    assert done.returncode == 3
    assert "line 3" in done.stderr
    for address in ("ada@example.org", "ada@new.example"):
        told = whoknows(data, "search", "vault opens", "--as", address, "--json").stdout
        result = json.loads(told)
        assert result["answers"][0]["document"]["title"] == "Vault"
    assert "Ben Osei" not in {hit["person"]["name"] for hit in result["people"]}


def test_an_evaluation_prints_an_array(tmp_path: Path) -> None:
    from tests.indexer.test_evaluation import collection

    path = collection(tmp_path / "c")
    for _ in range(2):
        done = whoknows(
            tmp_path / "d",
            "eval",
            path,
            "--json",
            "--vectors",
            tmp_path / "v",
            "--run-file",
            tmp_path / "run",
            "--show",
            "q1",
        )
        assert done.returncode == 0, done.stderr
        (report,) = json.loads(done.stdout)
        assert report["collection"] == "c"
        assert report["ingest_seconds"] is None
        assert report["people"]["Success@3"] == 1.0
        assert "query: restore a backup" in done.stderr
    (fresh,) = json.loads(whoknows(tmp_path / "d", "eval", path, "--json").stdout)
    assert fresh["ingest_seconds"] is not None
    assert fresh["answers"] == report["answers"]

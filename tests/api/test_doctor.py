"""The doctor finds what is broken, says how to mend it, and its advice works."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from api.cli import app
from api.doctor import Finding, Verdict, examine
from knowledge import backup
from knowledge.errors import DataUnavailable
from knowledge.people import Profile
from knowledge.settings import AuthSettings, EmbeddingSettings, StorageSettings
from knowledge.store.database import Database, Schema
from knowledge.types import Scope
from tests.builders import document, opened, settings
from tests.postgres import Server

UPGRADES = Path(__file__).parents[1] / "samples" / "upgrades"


def filled(data: Path) -> Path:
    with opened(data) as services:
        services.directory.put(Profile("Ada Field", "ada@example.org", team="Kilns"))
        made = [document(str(n), f"Glaze number {n} needs slow cooling. " * 30) for n in range(20)]
        assert len(list(services.capture.ingest(made))) == 20
        services.index.catch_up()
        services.index.save()
    return data


def findings(data: Path, **storage: object) -> dict[str, Finding]:
    return {finding.check: finding for finding in examine(settings(data, **storage))}


def bad(found: dict[str, Finding]) -> dict[str, str]:
    return {name: f.seen for name, f in found.items() if f.verdict is Verdict.BAD}


def test_a_good_installation_has_nothing_bad(tmp_path: Path) -> None:
    found = findings(filled(tmp_path / "d"))
    assert bad(found) == {}
    assert {"database", "writing", "people", "model", "index"} <= found.keys()
    assert found["sign-in"].mend.startswith(
        "invite the first one: whoknows account invite EMAIL --administrator"
    )


@pytest.mark.parametrize(
    ("auth", "verdict", "said"),
    [
        ({}, Verdict.WARNING, "only over https"),
        ({"public_url": "https://knows.example.org"}, Verdict.GOOD, "at https://knows"),
        ({"public_url": "http://knows.example.org"}, Verdict.BAD, "WHOKNOWS_AUTH_PUBLIC_URL"),
        ({"oidc_issuer": "https://id.example.org"}, Verdict.BAD, "OIDC_CLIENT_ID is missing"),
    ],
)
def test_how_people_come_in(
    tmp_path: Path, auth: dict[str, str], verdict: Verdict, said: str
) -> None:
    with opened(filled(tmp_path / "d")) as services:
        services.tokens.create("ci", [Scope.SEARCH])
    given = replace(settings(tmp_path / "d"), auth=AuthSettings(**auth))
    (found,) = [one for one in examine(given) if one.check == "sign-in"]
    assert found.verdict is verdict
    assert said in found.seen


@pytest.mark.sqlite("a server's database is made before")
def test_nothing_yet_is_no_fault_and_makes_nothing(tmp_path: Path) -> None:
    found = findings(tmp_path / "d")
    assert bad(found) == {}
    assert "whoknows demo" in found["database"].mend
    assert str(tmp_path / "d") in found["database"].seen
    assert not (tmp_path / "d").exists()


@pytest.mark.sqlite("there was no release on PostgreSQL before")
def test_data_of_an_earlier_version_stay_as_they_are(tmp_path: Path) -> None:
    data = tmp_path / "d"
    data.mkdir(mode=0o700)
    old = sqlite3.connect(data / "whoknows.db")
    old.executescript((UPGRADES / "0001.sql").read_text())
    old.close()
    before = (data / "whoknows.db").read_bytes()
    found = findings(data)
    assert found["database"].verdict is Verdict.WARNING
    assert "an earlier version" in found["database"].seen
    assert found["database"].mend.startswith("back it up first")
    assert "model" in found
    assert (data / "whoknows.db").read_bytes() == before


@pytest.mark.postgresql
def test_an_empty_database_of_a_server_stays_empty(tmp_path: Path, server: Server) -> None:
    url = server.empty()
    found = findings(tmp_path / "d", database_url=url)
    assert bad(found) == {}
    assert "whoknows ingest" in found["database"].mend
    assert not (tmp_path / "d").exists()
    database = Database(StorageSettings(data=tmp_path, database_url=url), upgrade=False)
    assert database.schema() is Schema.MISSING
    database.close()


@pytest.mark.sqlite("damages its file")
def test_a_damaged_database(tmp_path: Path) -> None:
    file = filled(tmp_path / "d") / "whoknows.db"
    held = bytearray(file.read_bytes())
    for page in range(8, len(held) // 4096 - 2):
        held[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    file.write_bytes(held)
    found = findings(tmp_path / "d")
    assert "database" in bad(found)
    assert "whoknows restore FILE" in found["database"].mend


@pytest.mark.sqlite("damages its file")
def test_no_database_at_all_and_what_to_do(tmp_path: Path) -> None:
    with opened(filled(tmp_path / "d")) as services:
        backup.write(services.database, tmp_path / "b.zip")
    file = tmp_path / "d" / "whoknows.db"
    file.write_bytes(b"scribbled over " * 1000)
    found = findings(tmp_path / "d")
    assert "not a database" in bad(found)["database"]
    assert "move the database away" in found["database"].mend
    for held in (tmp_path / "d").glob("whoknows.db*"):
        held.unlink()
    with opened(tmp_path / "d") as services:
        backup.restore(services.database, tmp_path / "b.zip")
    assert bad(findings(tmp_path / "d")) == {}


def test_a_database_of_a_later_version(tmp_path: Path) -> None:
    with opened(filled(tmp_path / "d")) as services, services.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    found = findings(tmp_path / "d")
    assert "later version" in bad(found)["database"]
    assert found["database"].mend.startswith("install the version")


def test_a_data_directory_that_others_may_read(tmp_path: Path) -> None:
    filled(tmp_path / "d").chmod(0o750)
    found = findings(tmp_path / "d")
    assert found["data directory"].verdict is Verdict.WARNING
    assert found["data directory"].mend == f"chmod 700 {tmp_path / 'd'}"
    (tmp_path / "d").chmod(0o700)
    assert findings(tmp_path / "d")["data directory"].verdict is Verdict.GOOD


def test_a_lock_that_is_never_released(tmp_path: Path) -> None:
    with opened(filled(tmp_path / "d")) as services, services.database.write():
        found = findings(tmp_path / "d", lock_timeout_s=0.05)
    assert "another process" in " ".join(bad(found).values())
    assert found["database"].mend.startswith("wait until the other process")


def test_a_database_that_fails_half_way(tmp_path: Path) -> None:
    seen = {}
    for finding in examine(settings(filled(tmp_path / "d"))):
        seen[finding.check] = finding
        if finding.check == "writing":
            with opened(tmp_path / "d") as services, services.database.write() as connection:
                connection.execute(text("DROP TABLE tokens"))
                connection.execute(text("DROP TABLE contributions"))
    assert seen["people"].verdict is Verdict.GOOD
    assert "contributions" in seen["index"].seen


def test_a_full_disk(tmp_path: Path) -> None:
    found = findings(filled(tmp_path / "d"), reserve_mb=10**9)
    assert bad(found).keys() == {"disk", "writing"}
    assert (
        found["disk"].mend
        == found["writing"].mend
        == "make room on the disk; searches go on meanwhile"
    )


def test_vectors_of_another_model(tmp_path: Path) -> None:
    with opened(filled(tmp_path / "d")) as services, services.database.write() as connection:
        connection.execute(text("UPDATE vectors SET model = 'another'"))
        connection.execute(text("UPDATE state SET epoch = 'new'"))
    found = findings(tmp_path / "d")
    assert "another model" in bad(found)["index"]
    assert "whoknows index rebuild" in found["index"].mend
    assert "WHOKNOWS_MODEL was changed by mistake" in found["index"].mend
    assert "restore" not in found["index"].mend


def test_a_model_that_is_not_there(tmp_path: Path) -> None:
    given = settings(filled(tmp_path / "d"))
    elsewhere = EmbeddingSettings(embedder="sentence_transformer", model=tmp_path / "none")
    found = {f.check: f for f in examine(replace(given, embedding=elsewhere))}
    assert found["model"].verdict is Verdict.BAD
    assert found["model"].mend.startswith("set WHOKNOWS_EMBEDDER and WHOKNOWS_MODEL")
    assert "index" not in found


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHOKNOWS_DATA", str(filled(tmp_path / "d")))
    monkeypatch.setenv("WHOKNOWS_EMBEDDER", "hashing")
    told = CliRunner().invoke(app, ["doctor", "--json"])
    assert told.exit_code == 0
    assert {one["verdict"] for one in json.loads(told.stdout)} == {"good", "warning"}
    monkeypatch.setenv("WHOKNOWS_RESERVE_MB", "1e12")
    told = CliRunner().invoke(app, ["doctor"])
    assert told.exit_code == 1
    assert "-> make room on the disk" in told.stdout


def test_an_erasure_that_was_interrupted_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise DataUnavailable("the power is out")

    data = filled(tmp_path / "d")
    assert "erasing" not in findings(data)
    with opened(data) as services:
        monkeypatch.setattr(services.erasing, "_renew", fail)
        with pytest.raises(DataUnavailable):
            services.erasing.erase(1)
    found = findings(data)["erasing"]
    assert found.verdict is Verdict.WARNING
    assert "erasing person 1 began" in found.seen
    assert found.mend.endswith("whoknows person erase 1")
    told = found.mend.partition("whoknows ")[2].split()
    environment = {"WHOKNOWS_DATA": str(data), "WHOKNOWS_EMBEDDER": "hashing"}
    done = CliRunner().invoke(app, [*told, "--yes"], env=environment)
    assert done.exit_code == 0, done.output
    assert "erasing" not in findings(data)

"""``whoknows site``: keys of other sites are made, listed and withdrawn."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from knowledge.errors import InvalidInput, NotFound, NotSignedIn
from tests.builders import opened
from tests.knowledge.vouchers import public

HERE = "https://intranet.example.org"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WHOKNOWS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("WHOKNOWS_EMBEDDER", "hashing")
    with opened(tmp_path / "data"):
        return tmp_path


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["site", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_site_is_made_listed_and_withdrawn(data: Path) -> None:
    assert "no sites yet" in run("list")
    pem = data / "key.pem"
    pem.write_text(public("ES256"))
    arguments = ["--origin", HERE, "--algorithm", "ES256", "--public-key", str(pem), "--json"]
    told = json.loads(run("create", "Intranet", *arguments))
    assert (told["origins"], told["public_key"]) == ([HERE], public("ES256"))
    assert told["key"] in run("list")
    assert "never" in run("list")
    with opened(data / "data") as services:
        assert services.sites.identify(told["key"], HERE).site.name == "Intranet"
    assert "revoked" in run("revoke", "1")
    assert json.loads(run("list", "--json"))[0]["revoked_at"]
    with opened(data / "data") as services, pytest.raises(NotSignedIn):
        services.sites.identify(told["key"], HERE)


def test_the_key_is_told_plainly(data: Path) -> None:
    assert run("create", "Wiki", "--origin", HERE).startswith("site 1: wks_")


def test_what_cannot_be_done_says_why(data: Path) -> None:
    wrong = CliRunner().invoke(app, ["site", "create", "x", "--origin", "*"])
    assert isinstance(wrong.exception, InvalidInput)
    missing = CliRunner().invoke(app, ["site", "revoke", "7"])
    assert isinstance(missing.exception, NotFound)
    for arguments in (["create", "x"], ["create", "x", "--origin", HERE, "--algorithm", "HS256"]):
        assert CliRunner().invoke(app, ["site", *arguments]).exit_code == 2

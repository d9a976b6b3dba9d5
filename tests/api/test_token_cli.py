"""``whoknows token``: the secret stands once on standard output, and revoking ends it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from knowledge.errors import NotFound, NotSignedIn
from knowledge.people import Profile
from tests.builders import opened


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WHOKNOWS_DATA", str(tmp_path))
    monkeypatch.setenv("WHOKNOWS_EMBEDDER", "hashing")
    with opened(tmp_path) as services:
        services.directory.put(Profile("Ada Field", "ada@example.org", groups=("ledger",)))
    return tmp_path


def test_the_secret_alone_is_on_standard_output(data: Path) -> None:
    made = CliRunner().invoke(app, ["token", "create", "--person", "ada@example.org"])
    assert made.exit_code == 0
    secret = made.stdout.removesuffix("\n")
    assert secret.startswith("wk_")
    assert secret.split() == [secret]
    assert secret not in made.stderr
    assert "not shown again" in made.stderr
    with opened(data) as services:
        holder = services.tokens.identify(secret)
    assert holder.principal.groups == {"ledger"}
    assert sorted(holder.token.scopes) == ["search"]

    listed = CliRunner().invoke(app, ["token", "list"])
    assert "Ada Field" in listed.stdout
    assert secret not in listed.stdout


def test_json_tells_the_same_and_a_list_never_holds_a_secret(data: Path) -> None:
    arguments = ["--service", "ci", "--scope", "search", "--scope", "import", "--days", "5"]
    told = json.loads(CliRunner().invoke(app, ["token", "create", *arguments, "--json"]).stdout)
    assert (told["name"], told["scopes"], told["person"]) == ("ci", ["import", "search"], None)
    listed = CliRunner().invoke(app, ["token", "list", "--json"]).stdout
    assert told["token"] not in listed
    assert [t["id"] for t in json.loads(listed)] == [told["id"]]

    assert CliRunner().invoke(app, ["token", "revoke", str(told["id"])]).exit_code == 0
    assert "revoked" in CliRunner().invoke(app, ["token", "list"]).stdout
    with opened(data) as services, pytest.raises(NotSignedIn):
        services.tokens.identify(told["token"])


def test_rotating_prints_a_new_secret_beside_which_the_old_one_works_on(data: Path) -> None:
    old = CliRunner().invoke(app, ["token", "create", "--service", "ci"]).stdout.strip()
    assert "never" in CliRunner().invoke(app, ["token", "list"]).stdout
    done = CliRunner().invoke(app, ["token", "rotate", "1"])
    assert done.exit_code == 0
    with opened(data) as services:
        for secret in (old, done.stdout.strip()):
            assert services.tokens.identify(secret).token.name == "ci"
    assert "never" not in CliRunner().invoke(app, ["token", "list"]).stdout
    told = json.loads(
        CliRunner().invoke(app, ["token", "rotate", "2", "--overlap-hours", "0", "--json"]).stdout
    )
    assert (told["id"], told["replaces"], told["made_by"]) == (3, 2, "operator")
    with opened(data) as services, pytest.raises(NotSignedIn):
        services.tokens.identify(done.stdout.strip())
    again = CliRunner().invoke(app, ["token", "rotate", "1", "--overlap-hours", "169"])
    assert again.exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [[], ["--service", "a", "--person", "b@example.org"], ["--service", "a", "--scope", "root"]],
)
def test_wrong_usage_makes_nothing(data: Path, arguments: list[str]) -> None:
    assert CliRunner().invoke(app, ["token", "create", *arguments]).exit_code == 2
    with opened(data) as services:
        assert services.tokens.all_of_them() == []


def test_an_unknown_token_cannot_be_revoked(data: Path) -> None:
    done = CliRunner().invoke(app, ["token", "revoke", "7"])
    assert isinstance(done.exception, NotFound)

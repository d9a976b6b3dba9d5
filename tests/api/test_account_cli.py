"""``whoknows account`` and ``whoknows role``: who comes in, and who may do more than others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli import app
from knowledge.errors import Conflict, InvalidInput, InvalidSettings, NotFound, NotSignedIn
from knowledge.people import Profile
from knowledge.sessions import Browser
from tests.builders import opened
from tests.knowledge.signing import PASSWORD, told

ADA = "ada@example.org"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WHOKNOWS_DATA", str(tmp_path))
    monkeypatch.setenv("WHOKNOWS_EMBEDDER", "hashing")
    with opened(tmp_path) as services:
        services.directory.put(Profile("Ada Field", ADA, groups=("ledger",)))
        services.directory.put(Profile("Ben Osei", "ben@example.org"))
    return tmp_path


def run(*words: str) -> Result:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, (done.output, done.exception)
    return done


def fails(*words: str) -> BaseException:
    done = CliRunner().invoke(app, list(words))
    assert done.exception is not None
    return done.exception


def test_the_link_alone_is_on_standard_output_and_lets_the_first_one_in(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = run("account", "invite", ADA, "--administrator")
    assert made.stdout.startswith("http://localhost:8320/invitations/")
    assert made.stdout.count("\n") == 1
    assert "WHOKNOWS_AUTH_PUBLIC_URL" in made.stderr
    monkeypatch.setenv("WHOKNOWS_AUTH_PUBLIC_URL", "https://knows.example.org/")
    made = run("account", "invite", ADA)
    assert made.stderr == ""
    base, _, secret = made.stdout.strip().rpartition("/")
    assert base == "https://knows.example.org/invitations"
    with opened(data) as services:
        session = services.accounts.accept(secret, PASSWORD, Browser())[1]
        assert services.sessions.identify(session).standing.administrator


def test_whom_the_directory_does_not_list_gets_no_link(data: Path) -> None:
    error = fails("account", "invite", "nobody@example.org")
    assert isinstance(error, InvalidInput)
    assert "whoknows person import" in str(error)


def test_no_link_is_made_where_nobody_signs_in_with_a_password(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHOKNOWS_AUTH_LOCAL_ACCOUNTS", "false")
    assert isinstance(fails("account", "invite", ADA), InvalidSettings)


def test_accounts_are_listed_disabled_and_enabled(data: Path) -> None:
    assert "nobody yet" in run("account", "list").stdout
    secret = run("account", "invite", ADA).stdout.strip().rpartition("/")[2]
    run("account", "invite", "ben@example.org")
    with opened(data) as services:
        session = services.accounts.accept(secret, PASSWORD, Browser())[1]
    run("account", "disable", ADA)
    with opened(data) as services, pytest.raises(NotSignedIn):
        services.sessions.identify(session)
    ada, ben = json.loads(run("account", "list", "--json").stdout)
    assert (ada["name"], ada["address"], ada["password"]) == ("Ada Field", ADA, True)
    assert ada["disabled_since"] is not None
    assert (ben["name"], ben["password"], ben["provider"]) == ("Ben Osei", False, False)
    assert ben["invited_until"] is not None
    shown = run("account", "list").stdout
    assert "disabled since" in shown
    assert "invited until" in shown
    run("account", "enable", str(ada["id"]))
    assert "may sign in" in run("account", "list").stdout
    assert isinstance(fails("account", "disable", "nobody@example.org"), NotFound)


def test_sessions_are_listed_and_ended(data: Path) -> None:
    assert run("account", "sessions", ADA).stdout == "nowhere\n"
    with opened(data) as services:
        ada = services.merging.find(ADA)
        for agent in ("Firefox", "Chromium", "A telephone"):
            services.sessions.begin(ada, "local", Browser(agent))
    held = json.loads(run("account", "sessions", ADA, "--json").stdout)
    assert [one["agent"] for one in held] == ["A telephone", "Chromium", "Firefox"]
    assert "Firefox" in run("account", "sessions", ADA).stdout
    assert (
        "1 session ended" in run("account", "sign-out", ADA, "--session", str(held[1]["id"])).stdout
    )
    error = fails("account", "sign-out", "ben@example.org", "--session", str(held[0]["id"]))
    assert isinstance(error, NotFound)
    assert "2 sessions ended" in run("account", "sign-out", ADA).stdout
    assert json.loads(run("account", "sessions", ADA, "--json").stdout) == []


def test_nobody_is_unlinked_whom_no_provider_knows(data: Path) -> None:
    assert isinstance(fails("account", "unlink", ADA), NotFound)


def test_roles_are_granted_listed_and_withdrawn(data: Path) -> None:
    assert "everybody is a member" in run("role", "list").stdout
    run("role", "grant", ADA, "administrator")
    run("role", "grant", "ben@example.org", "curator", "--source", "wiki")
    run("role", "grant", "ben@example.org", "curator", "--topic", "kilns")
    ada, ben = json.loads(run("role", "list", "--json").stdout)
    assert (ada["name"], ada["administrator"]) == ("Ada Field", True)
    assert (ben["sources"], ben["topics"]) == (["wiki"], ["kilns"])
    assert "wiki, #kilns" in run("role", "list").stdout
    run("role", "withdraw", "ben@example.org", "curator", "--source", "wiki")
    assert json.loads(run("role", "list", "--json").stdout)[1]["sources"] == []
    for words, kind in (
        (("grant", ADA, "curator"), InvalidInput),
        (("grant", "nobody@example.org", "administrator"), NotFound),
        (("withdraw", "ben@example.org", "administrator"), NotFound),
    ):
        assert isinstance(fails("role", *words), kind)
    assert CliRunner().invoke(app, ["role", "grant", ADA, "king"]).exit_code == 2


def test_all_of_it_is_told_in_the_audit_as_the_operator_s(data: Path) -> None:
    run("account", "invite", ADA, "--administrator")
    run("account", "disable", ADA)
    run("account", "enable", ADA)
    run("role", "withdraw", ADA, "administrator")
    with opened(data) as services:
        who = f"person:{services.merging.find(ADA)}"
        assert [one for one in told(services) if one[1] != "directory-changed"] == [
            ("operator", action, who)
            for action in (
                "invited",
                "role-granted",
                "person-disabled",
                "person-enabled",
                "role-withdrawn",
            )
        ]


def test_the_last_administrator_withdraws_nobody_but_the_operator_may(data: Path) -> None:
    from knowledge.identity import AccountRole

    run("role", "grant", ADA, "administrator")
    with opened(data) as services:
        ada = services.merging.find(ADA)
        with pytest.raises(Conflict):
            services.roles.withdraw(ada, AccountRole.ADMINISTRATOR, f"person:{ada}")
    run("role", "withdraw", ADA, "administrator")

"""What ``serve`` refuses to start with, and how it says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api.auth import ways
from api.auth.sealing import FILE, Seal
from knowledge.errors import DataUnavailable, InvalidSettings
from knowledge.settings import AuthSettings
from tests.api.commands import in_this_process

GOOD = {
    "public_url": "https://knows.example.org",
    "oidc_issuer": "https://id.example.org",
    "oidc_client_id": "whoknows",
    "oidc_client_secret": "made by the provider",
}


@pytest.mark.parametrize(
    "auth",
    [
        {},
        GOOD,
        {"public_url": "https://knows.example.org/"},
        {"public_url": "https://knows.example.org:8443"},
        {"public_url": "http://localhost:8320"},
        {"local_accounts": False},
    ],
)
def test_this_is_how_it_can_be_set_up(auth: dict[str, Any]) -> None:
    ways.check(AuthSettings(**auth))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"public_url": "http://knows.example.org"}, "PUBLIC_URL has to begin with https"),
        ({"public_url": "knows.example.org"}, "PUBLIC_URL has to begin with https"),
        ({"public_url": "https://knows.example.org/below"}, "PUBLIC_URL"),
        ({"public_url": "https://[::1"}, "PUBLIC_URL"),
        ({"public_url": ""}, "PUBLIC_URL is missing"),
        ({"oidc_issuer": "http://id.example.org"}, "OIDC_ISSUER has to begin with https"),
        ({"oidc_issuer": "id.example.org"}, "OIDC_ISSUER has to begin with https"),
        ({"oidc_client_id": ""}, "OIDC_CLIENT_ID is missing"),
        ({"oidc_scopes": "email profile"}, "OIDC_SCOPES lacks openid"),
        ({"oidc_client_secret": ""}, "secret of the OpenID provider is empty"),
        ({"oidc_client_secret": "changeme"}, "anybody would guess"),
        ({"oidc_client_secret": "Client_Secret"}, "anybody would guess"),
        ({"oidc_client_secret": "short"}, "anybody would guess"),
        ({"oidc_client_secret_file": Path("/there/is/none")}, "both set"),
    ],
)
def test_this_is_not(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidSettings, match=said):
        ways.check(AuthSettings(**(GOOD | change)))


def test_the_secret_can_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    given = AuthSettings(**(GOOD | {"oidc_client_secret": "", "oidc_client_secret_file": file}))
    with pytest.raises(InvalidSettings, match="cannot be read"):
        ways.client_secret(given)
    file.write_text("")
    with pytest.raises(InvalidSettings, match="is empty"):
        ways.client_secret(given)
    file.write_text("made by the provider\n")
    assert ways.client_secret(given) == "made by the provider"


def test_serve_says_it_and_does_not_start(tmp_path: Path) -> None:
    environment = {
        "WHOKNOWS_DATA": str(tmp_path),
        "WHOKNOWS_EMBEDDER": "hashing",
        "WHOKNOWS_AUTH_OIDC_ISSUER": "https://id.example.org",
        "WHOKNOWS_AUTH_OIDC_CLIENT_ID": "whoknows",
        "WHOKNOWS_AUTH_PUBLIC_URL": "https://knows.example.org",
        "WHOKNOWS_AUTH_OIDC_CLIENT_SECRET": "changeme",
    }
    done = in_this_process(["serve", "--port", "0"], environment)
    assert done.returncode == 2
    assert "one that anybody would guess" in done.stderr
    assert "changeme" not in done.stdout + done.stderr


def test_a_secret_is_not_shown_with_the_settings() -> None:
    assert "made by the provider" not in repr(AuthSettings(**GOOD))


def test_the_key_of_an_installation_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    one, other = Seal(tmp_path), Seal(tmp_path)
    sealed = one.sealed({"a": 1})
    assert other.opened(sealed) == {"a": 1}
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [FILE]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert Seal(elsewhere).opened(sealed) is None


@pytest.mark.parametrize("text", ["", ".", "e30=", "e30=.", "x.y", "ä.ä", "\x00.\x00"])
def test_what_was_not_sealed_is_nothing(tmp_path: Path, text: str) -> None:
    seal = Seal(tmp_path)
    assert seal.opened(text) is None
    assert seal.opened(f"{text}.{seal.mark('other')}") is None


def test_a_damaged_key_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"short")
    with pytest.raises(DataUnavailable, match="delete it"):
        Seal(tmp_path)

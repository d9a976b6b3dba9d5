"""Secrets are masked by their form, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge import readers, secrets
from knowledge.types import LossKind, SourceDocument


def fenced(line: str) -> str:
    return f"Before.\n\n```yaml\n{line}\n```\n\nAfter."


# Put together here, so that no scanner takes this file for a leak.
KNOWN = {
    "AWS access key": "AKIA" + "IOSFODNN7EXAMPL3",
    "GitHub token": "ghp" + "_" + "a1B2" * 9,
    "GitLab token": "glpat" + "-" + "x7Y8z" * 4,
    "Slack token": "xoxb" + "-1234567890-abcdefABCDEF",
    "Google API key": "AIza" + "Sy" * 17 + "9",
    "Stripe key": "sk" + "_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "npm token": "npm" + "_" + "a1B2c3" * 6,
    "JSON web token": "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0" + ".abc-DEF_123",
    "whoknows token": "wk" + "_" + "Ab1-" * 11,
    "private key": "-----BEGIN RSA PRIVATE KEY-----\n"
    + "MIIE" * 20
    + "\n-----END RSA PRIVATE KEY-----",
}


@pytest.mark.parametrize("kind", KNOWN)
def test_what_has_the_form_of_a_secret_is_masked_in_place(kind: str) -> None:
    text = f"Use {KNOWN[kind]} for it."
    masked, found = secrets.mask(text)
    assert masked == f"Use {secrets.MASK * len(KNOWN[kind])} for it."
    assert found == {kind: 1}


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("password: hunter2hunter", "hunter2hunter"),
        ('DB_PASSWORD="tr0ub4dor & 3!)x"', "tr0ub4dor & 3!)x"),
        ("client_secret => 'a8f5f167f44f4964e6c998de'", "a8f5f167f44f4964e6c998de"),
        ("AWS_SECRET_ACCESS_KEY: q_eNF3Mpwo7ud1hqm", "q_eNF3Mpwo7ud1hqm"),
        ('"apiKey": "0f8fad5bd9cb469fa165"', "0f8fad5bd9cb469fa165"),
        ("password = P@$$w0rd!2024", "P@$$w0rd!2024"),
        ("DB_PASS=Sup3rS3c,retPart99", "Sup3rS3c,retPart99"),
        ("pwd: the-r3al-0ne-9x,", "the-r3al-0ne-9x"),
        ("<password>b1rd0fprey</password>", "b1rd0fprey"),
        ("passphrase: correcthorsebattery", "correcthorsebattery"),
    ],
)
def test_passwords_in_settings_are_masked_in_code_only(line: str, secret: str) -> None:
    masked, found = secrets.mask(fenced(line))
    assert masked == fenced(line.replace(secret, secrets.MASK * len(secret)))
    assert found == {"password in a setting": 1}
    assert secrets.mask(line) == (line, {})


@pytest.mark.parametrize(
    "block",
    [
        "Text.\n\n    password: hunter2hunter\n\nMore.",
        "```\npassword: hunter2hunter\nnever closed",
        "- item\n\n  ```ini\n  password: hunter2hunter\n  ```\n",
        "> ~~~\n> password: hunter2hunter\n> ~~~\n",
        "1. ```\n   password: hunter2hunter\n   ```\n",
    ],
)
def test_code_is_found_wherever_it_stands(block: str) -> None:
    masked, found = secrets.mask(block)
    assert "hunter2" not in masked
    assert found == {"password in a setting": 1}


def test_a_title_is_masked_too(tmp_path: Path) -> None:
    (tmp_path / "key.md").write_text(f"# Key {KNOWN['AWS access key']}\n\nOld.\n")
    (document,) = readers.read_export(tmp_path, source="wiki")
    assert KNOWN["AWS access key"] not in repr(document)


def test_a_password_in_an_address_is_masked_anywhere() -> None:
    masked, found = secrets.mask("Connect to postgres://ledger:s3cr3t!@db.example.org/x now.")
    assert masked == "Connect to postgres://ledger:•••••••@db.example.org/x now."
    assert found == {"password in an address": 1}


@pytest.mark.parametrize(
    "line",
    [
        "password: <your password>",
        "password: changeme",
        "api_key = ${API_KEY}",
        'export TOKEN_SECRET="$Secret_Key"',
        "secret = SLACK_BOT_USER_OAUTH_TOKEN",
        "auth_token = data.google_secret.version.secret_data",
        "password: ********",
        "password = os.environ['PW']",
        "password = getpass.getpass()",
        "password = input('Password: ')",
        "pass_through: always_on_here",
        "The password policy: twelve characters.",
        "secrets: see the vault",
        "password: required",
    ],
)
def test_placeholders_and_names_of_secrets_stay(line: str) -> None:
    assert secrets.mask(fenced(line)) == (fenced(line), {})


def test_readers_mask_and_tell_it(tmp_path: Path) -> None:
    (tmp_path / "deploy.md").write_text(f"# Deploy\n\nThe key is {KNOWN['AWS access key']}.\n")
    (document,) = readers.read_export(tmp_path, source="wiki")
    assert isinstance(document, SourceDocument)
    assert KNOWN["AWS access key"] not in repr(document)
    assert [(loss.kind, loss.what) for loss in document.losses] == [
        (LossKind.SECRET, "AWS access key")
    ]


def test_hostile_text_takes_linear_time() -> None:
    for unit in (
        "```\n",
        "> ```\n",
        "    x\n",
        "- ~~~\n",
        "password=",
        "a://b:c",
        "eyJ",
        "-----BEGIN PRIVATE KEY-----\n",
    ):
        secrets.mask(unit * 20_000)

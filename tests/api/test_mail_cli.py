"""``whoknows mail``, and what the doctor says of mail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from api.doctor import Finding, Verdict, examine
from tests.api.commands import in_this_process
from tests.api.mail.company import BEN, CLEO, SITE, Company, company
from tests.builders import settings


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Company]:
    with company(settings(tmp_path / "data")) as made:
        yield made


def run(told: Company, *words: str, **more: str) -> CompletedProcess[str]:
    environment = {
        "WHOKNOWS_DATA": str(told.settings.storage.data),
        "WHOKNOWS_EMBEDDER": "hashing",
        "WHOKNOWS_AUTH_PUBLIC_URL": SITE,
        "WHOKNOWS_MAIL_HOST": "127.0.0.1",
        "WHOKNOWS_MAIL_PORT": str(told.box.port),
        "WHOKNOWS_MAIL_TLS": "none",
        "WHOKNOWS_MAIL_SENDER": "whoknows@example.org",
    }
    url = told.settings.storage.database_url
    if url is not None:
        environment["WHOKNOWS_DATABASE_URL"] = url
    return in_this_process(["mail", *words], environment | more)


def test_one_letter_shows_whether_mail_arrives(told: Company) -> None:
    done = run(told, "test", "eve@example.org")
    assert done.stdout == "127.0.0.1 took it; look whether it arrives at eve@example.org\n"
    ((to, letter),) = told.box.take()
    assert (to, letter["Subject"]) == ("eve@example.org", "Mail of whoknows arrives")
    told.box.refused["eve@example.org"] = "550 no such user"
    refused = run(told, "test", "eve@example.org")
    assert (refused.returncode, "550 no such user" in refused.stderr) == (1, True)
    told.box.closed = True
    away = run(told, "test", "ben@example.org")
    assert (away.returncode, "421 not now" in away.stderr) == (1, True)


def test_what_is_missing_is_said(told: Company) -> None:
    assert run(told, "test", "eve").returncode == 1
    off = run(told, "test", "eve@example.org", WHOKNOWS_MAIL_HOST="")
    assert (off.returncode, "set WHOKNOWS_MAIL_HOST" in off.stderr) == (2, True)
    wrong = run(told, "test", "eve@example.org", WHOKNOWS_MAIL_SENDER="eve")
    assert (wrong.returncode, "WHOKNOWS_MAIL_SENDER" in wrong.stderr) == (2, True)
    assert told.box.taken == []


def test_how_it_goes(told: Company) -> None:
    told.ask(of=(BEN, CLEO))
    told.subjects()
    told.box.refused["ben@example.org"] = "450 busy"
    told.later()
    held = json.loads(run(told, "status", "--json").stdout)
    since = held.pop("refused_since")
    assert held == {"on": True, "waiting": 1, "sent": 1, "void": 0, "failed": 0, "refused": 1}
    assert since == told.now.isoformat()
    said = run(told, "status").stdout
    assert "1 wait\n1 were sent\n" in said
    assert "since 2026-06-01 12:05 UTC" in said
    assert "No mail is sent" in run(told, "status", WHOKNOWS_MAIL_HOST="").stdout


def test_the_doctor_tells_what_was_not_taken_and_what_was_given_up(told: Company) -> None:
    assert seen(told) == (Verdict.GOOD, "by 127.0.0.1")
    told.ask()
    told.subjects()
    told.box.refused["ben@example.org"] = "450 busy"
    told.later()
    verdict, said = seen(told)
    assert (verdict, said.startswith("1 notices wait")) == (Verdict.WARNING, True)
    told.box.refused["ben@example.org"] = "550 no such user"
    told.later(hours=1)
    assert seen(told) == (Verdict.WARNING, "1 notices of the last 30 days were given up")


def test_the_doctor_tells_what_is_set_wrong(tmp_path: Path) -> None:
    with company(settings(tmp_path / "data")) as told:
        pass
    found = finding(told, sender="eve")
    assert found.verdict is Verdict.BAD
    assert "WHOKNOWS_MAIL_SENDER" in found.seen
    assert "docs/mail.md" in found.mend
    assert finding(told, host="").seen.startswith("none is sent")


def finding(told: Company, **changes: str) -> Finding:
    mail = told.settings.mail.model_copy(update=changes)
    (found,) = [one for one in examine(replace(told.settings, mail=mail)) if one.check == "mail"]
    return found


def seen(told: Company) -> tuple[Verdict, str]:
    found = finding(told)
    return found.verdict, found.seen

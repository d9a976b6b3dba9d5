"""The line to a mail server: whom it is closed to, what its answers mean, what is set wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.auth.sealing import Seal
from api.mail import server
from api.mail.server import Refused, Unreachable
from api.mail.writing import Writer
from knowledge.errors import InvalidSettings
from knowledge.mail_settings import MailSettings
from knowledge.settings import AuthSettings
from tests.api.mail.company import SITE
from tests.api.mail.smtp import certificate, mailbox
from tests.builders import settings


@pytest.mark.parametrize("mode", ["starttls", "tls"])
def test_the_line_is_closed_to_others(tmp_path: Path, mode: str) -> None:
    shown, file = certificate(tmp_path)
    secret = tmp_path / "password"
    secret.write_text("correct horse\n")
    given = {
        "host": "127.0.0.1",
        "tls": mode,
        "sender": "whoknows@example.org",
        "user": "whoknows",
        "password_file": secret,
    }
    with mailbox(shown, at_once=mode == "tls") as box:
        box.login = ("whoknows", "correct horse")
        good = MailSettings(**given, port=box.port, ca_file=file)
        chosen = replace(settings(tmp_path), mail=good, auth=AuthSettings(public_url=SITE))
        server.check(chosen)
        message = Writer(chosen, Seal(tmp_path)).trial("ben@example.org")
        with server.line(good) as line:
            line.send(message, "ben@example.org")
        assert box.secure == [True]
        # Nobody whom the machine trusts vouches for it.
        with (
            pytest.raises(Unreachable, match="certificate"),
            server.line(MailSettings(**given, port=box.port)),
        ):
            pass
        box.login = ("whoknows", "another")
        with pytest.raises(Unreachable, match="535"), server.line(good):
            pass
        assert len(box.taken) == 1


@pytest.mark.parametrize(
    ("answer", "for_good"),
    [
        *[(f"{code} no such user", True) for code in (550, 551, 553)],
        *[("550 5.1.1 no such user", True), ("554 5.1.10 takes no mail", True)],
        *[("550 5.2.1 mailbox disabled", True), ("552 5.2.2 mailbox full", False)],
        *[("550 5.7.1 relaying denied", False), ("554 5.7.1 relay access denied", False)],
        *[("553 5.1.8 no such sender", False), ("553 5.1.7 no such sender", False)],
        *[("554 not from you", False), ("530 5.7.0 sign in first", False)],
        *[("503 what", False), ("450 4.1.1 not yet", False), ("451 later", False)],
    ],
)
def test_only_a_mailbox_that_is_not_there_is_refused_for_good(
    tmp_path: Path, answer: str, for_good: bool
) -> None:
    with mailbox() as box:
        given = MailSettings(
            host="127.0.0.1", port=box.port, tls="none", sender="whoknows@example.org"
        )
        chosen = replace(settings(tmp_path), mail=given, auth=AuthSettings(public_url=SITE))
        message = Writer(chosen, Seal(tmp_path)).trial("ben@example.org")
        box.refused["ben@example.org"] = answer
        with server.line(given) as line:
            with pytest.raises(Refused) as caught:
                line.send(message, "ben@example.org")
            assert caught.value.for_good is for_good
            # The line is good for others.
            line.send(message, "cle@example.org")
        assert [who for who, _ in box.taken] == ["cle@example.org"]


def test_a_server_without_tls_gets_nothing_where_it_is_wanted() -> None:
    with (
        mailbox() as box,
        pytest.raises(Unreachable, match="STARTTLS"),
        server.line(MailSettings(host="127.0.0.1", port=box.port)),
    ):
        pass


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sender": "whoknows"}, "MAIL_SENDER"),
        ({"tls": "none"}, "MAIL_ALLOW_PLAIN"),
        ({"user": "whoknows"}, "belong together"),
        ({"user": "w", "password": "p", "password_file": Path("/x")}, "both set"),
        ({"user": "w", "password_file": Path("/nowhere/at/all")}, "cannot be read"),
        ({"digest_hour": 3}, "DIGEST_HOUR"),
    ],
)
def test_what_is_set_wrong_is_said(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    given: Any = {"host": "mail.example.org", "sender": "whoknows@example.org"} | changes
    mail = MailSettings(**given)
    wrong = replace(settings(tmp_path), mail=mail, auth=AuthSettings(public_url=SITE))
    with pytest.raises(InvalidSettings, match=said):
        server.check(wrong)


def test_what_is_set_right_is_taken(tmp_path: Path) -> None:
    given: Any = {"host": "mail.example.org", "sender": "whoknows@example.org"}
    auth = AuthSettings(public_url=SITE)
    for more in ({}, {"tls": "none", "allow_plain": True}, {"quiet_from": 0, "quiet_until": 0}):
        mail = MailSettings(**given, **more)
        server.check(replace(settings(tmp_path), mail=mail, auth=auth))
    with pytest.raises(InvalidSettings, match="AUTH_PUBLIC_URL"):
        server.check(replace(settings(tmp_path), mail=MailSettings(**given)))
    server.check(settings(tmp_path))

"""Letters reach a server, once, or are kept until it takes them; and nothing slips into them."""

from __future__ import annotations

import base64
import logging
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from filelock import FileLock
from sqlalchemy import update

from api.auth.sealing import Seal
from api.cli.demo import apart
from api.mail import server
from api.mail.addresses import is_good, one_line
from api.mail.postman import LOCK, Postman
from api.mail.server import Unreachable
from api.mail.writing import MOST, Unwritable, Writer
from api.server import beside
from knowledge.errors import DataUnavailable, InvalidSettings
from knowledge.letters import Item, Letter
from knowledge.mail_settings import MailSettings
from knowledge.notices import FRESH, Matter, Notice, State
from knowledge.outbox import Outbox
from knowledge.settings import AuthSettings
from knowledge.store.tables import people
from tests.api.mail.company import ADA, BEN, CLEO, DAN, SITE, TITLE, Company, company
from tests.api.mail.smtp import certificate, mailbox
from tests.builders import settings, writing_elsewhere

QUESTION = f"Question for you: {TITLE}"


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Company]:
    with company(settings(tmp_path / "data")) as made:
        yield made


def counts(told: Company) -> dict[State, int]:
    return {state: n for state, n in told.services.outbox.status().counts.items() if n}


class Killed(BaseException):
    """The process ends here."""


def test_who_is_killed_between_sending_and_noting_sends_it_again_as_the_same(
    told: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.ask()
    told.subjects()
    told.now += timedelta(minutes=5)

    def killed(_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(told.services.outbox, "sent", killed)
        with pytest.raises(Killed):
            told.look()
    ((_, first),) = told.box.take()
    told.postman = told.new_postman()
    ((second,),) = told.look().values()
    assert second["Message-ID"] == first["Message-ID"]
    assert told.later(hours=1) == {}
    assert counts(told) == {State.SENT: 1}


def test_what_cannot_be_noted_is_noted_before_anything_else_is_sent(
    told: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.ask()
    told.subjects()
    told.now += timedelta(minutes=5)

    def full(_: object) -> None:
        raise DataUnavailable("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(told.services.outbox, "sent", full)
        for _ in range(2):
            with pytest.raises(DataUnavailable):
                told.look()
    assert [who for who, _ in told.box.take()] == ["ben@example.org"]
    assert told.later(hours=1) == {}
    assert counts(told) == {State.SENT: 1}


def test_a_server_that_is_away_gets_it_later(told: Company) -> None:
    told.ask()
    told.box.closed = True
    assert told.later() == {}
    assert told.services.outbox.status().refused == 1
    told.box.closed = False
    assert told.subjects() == {}
    assert told.later(minutes=2) == {"ben": [QUESTION]}
    assert told.services.outbox.status().refused == 0


def test_it_is_given_up_after_three_days(told: Company) -> None:
    told.ask()
    told.box.closed = True
    begun = told.now
    told.subjects()
    while counts(told).get(State.WAITING):
        told.now += timedelta(hours=1)
        assert told.now < begun + timedelta(days=5)
        told.subjects()
    assert told.now >= begun + FRESH
    assert counts(told) == {State.FAILED: 1}
    told.box.closed = False
    assert told.later(hours=1) == {}


@pytest.mark.parametrize(("answer", "state"), [("550 nobody", State.FAILED), ("450 busy", None)])
def test_one_who_is_refused_keeps_nobody_else_from_it(
    told: Company, answer: str, state: State | None, caplog: pytest.LogCaptureFixture
) -> None:
    told.ask(of=(BEN, CLEO))
    told.subjects()
    told.box.refused["ben@example.org"] = answer
    with caplog.at_level(logging.WARNING, "whoknows.mail"):
        assert told.later() == {"cle": [QUESTION]}
    assert "ben@" not in caplog.text
    assert counts(told) == {State.SENT: 1, state or State.WAITING: 1}
    told.box.refused.clear()
    assert told.later(minutes=10) == ({} if state else {"ben": [QUESTION]})


@pytest.mark.parametrize("what", ["compose", "letter", "send"])
def test_one_letter_that_cannot_be_made_or_sent_keeps_nobody_else_from_theirs(
    told: Company, what: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told.ask(of=(BEN, CLEO))
    told.subjects()
    owner: Any = {"compose": Outbox, "letter": Writer, "send": server.Line}[what]
    usual = getattr(owner, what)

    def failing(self: object, given: Any, *more: Any) -> object:
        if "ben@" in str(more) + str(getattr(given, "address", "")) + str(given):
            raise LookupError("ben@example.org")
        return usual(self, given, *more)

    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING, "whoknows.mail"):
        patched.setattr(owner, what, failing)
        assert told.later() == {"cle": [QUESTION]}
    assert f"mail to person {BEN} failed: LookupError" in caplog.text
    assert "ben@" not in caplog.text
    assert told.services.outbox.status().refused == 1
    assert told.later(minutes=2) == {"ben": [QUESTION]}


def test_one_process_sends_at_a_time(told: Company) -> None:
    told.ask()
    told.subjects()
    told.now += timedelta(minutes=5)
    with FileLock(told.settings.storage.data / LOCK):
        assert told.subjects() == {}
    assert told.subjects() == {"ben": [QUESTION]}


def test_a_line_is_not_used_for_longer_than_servers_like(
    told: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.mail.postman.LETTERS_A_LINE", 1)
    told.box.letters_a_line = 1
    told.ask(of=(BEN, CLEO))
    assert told.later() == {"ben": [QUESTION], "cle": [QUESTION]}


def everybody_asked(told: Company) -> None:
    """Letters are there for Ben, Cleo and Dan, in this order."""
    told.ask(of=(BEN, CLEO))
    told.ask(by=BEN, of=(DAN,))
    told.subjects()
    told.now += timedelta(minutes=5)


@pytest.mark.parametrize("how", ["421 at once", "hangs up"])
def test_a_letter_that_ends_the_line_keeps_nobody_else_from_theirs(
    told: Company, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    everybody_asked(told)
    if how == "hangs up":
        told.box.dropped.add("cle@example.org")
    else:
        told.box.refused["cle@example.org"] = "421 cle@example.org is too much"
    with caplog.at_level(logging.WARNING, "whoknows.mail"):
        assert told.subjects() == {"ben": [QUESTION], "dan": [QUESTION]}
    assert "cle@" not in caplog.text
    assert counts(told) == {State.SENT: 2, State.WAITING: 1}
    told.box.dropped.clear()
    told.box.refused.clear()
    assert told.later(minutes=2) == {"cle": [QUESTION]}


def test_a_server_that_takes_few_letters_a_line_takes_all(told: Company) -> None:
    """To end the line then is no failure of a letter."""
    told.box.letters_a_line = 1
    everybody_asked(told)
    assert told.subjects() == {"ben": [QUESTION], "cle": [QUESTION], "dan": [QUESTION]}
    assert told.box.lines == 3


def test_a_server_that_ends_every_line_is_left_alone_and_others_come_first(told: Company) -> None:
    everybody_asked(told)
    told.box.dropped |= {"ben@example.org", "cle@example.org"}
    assert told.subjects() == {}
    assert told.box.lines == 2
    assert told.services.outbox.status().refused == 2
    assert told.subjects() == {}
    assert told.box.lines == 2
    assert told.later(minutes=2) == {"dan": [QUESTION]}


def test_failures_add_up_until_something_is_taken(
    told: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.mail.postman.LETTERS_A_LINE", 1)
    told.ask(of=(BEN, CLEO))
    told.subjects()
    told.box.closed = True
    told.now += timedelta(minutes=5)
    assert told.subjects() == {}
    assert told.later(minutes=2) == {}
    told.now += timedelta(minutes=4)
    told.box.closed = False

    def close() -> None:
        told.box.closed = True

    told.box.taking = close
    assert told.subjects() == {"ben": [QUESTION]}
    told.box.closed = False
    told.ask(by=BEN, of=(DAN,))
    assert told.later(minutes=5) == {"dan": [QUESTION]}


def test_who_stops_opens_no_further_line(told: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.mail.postman.LETTERS_A_LINE", 1)
    everybody_asked(told)
    told.box.taking = told.postman.stop
    assert told.subjects() == {"ben": [QUESTION]}
    assert told.box.lines == 1
    told.postman = told.new_postman()
    told.postman.stop()
    assert told.subjects() == {}
    assert told.box.lines == 1


def test_nobody_waits_for_a_mail_server(told: Company) -> None:
    """While the server thinks, others write."""
    wrote = []

    def meanwhile() -> None:
        with writing_elsewhere(told.settings.storage.data):
            wrote.append(True)

    told.box.taking = meanwhile
    told.ask()
    assert told.later() == {"ben": [QUESTION]}
    assert wrote == [True]


def test_one_letter_tells_so_much(told: Company) -> None:
    items = [Item(Notice.WISH, f"Wish {n}", "/me#wishes") for n in range(MOST + 2)]
    given = Letter(BEN, "Ben Osei", "ben@example.org", tuple(items), (1,), "m", daily=True)
    made = Writer(told.settings, Seal(told.settings.storage.data)).letter(given)
    for kind in ("plain", "html"):
        part = made.get_body((kind,))
        assert part is not None
        assert f"Wish {MOST - 1}" in part.get_content()
        assert f"Wish {MOST}" not in part.get_content()
        assert "And 2 more" in part.get_content()
    assert made["Subject"] == f"{MOST + 2} wishes that can be answered"


NASTY = "A\r\nBcc: eve@example.org\r\n\r\nHello \u2028\u202eevil\x00 <b>&amp;"


def test_nothing_slips_into_a_header(told: Company) -> None:
    with told.services.database.write() as connection:
        said = {"name": NASTY.replace("\x00", "")}
        connection.execute(update(people).where(people.c.id == BEN).values(**said))
    told.ask("Why? <script>alert(1)</script> " + "=" * 250)
    told.subjects()
    told.now += timedelta(minutes=5)
    ((letter,),) = told.look().values()
    assert letter["Bcc"] is None
    assert letter["To"].addresses[0].addr_spec == "ben@example.org"
    assert letter["To"].addresses[0].display_name == one_line(NASTY)
    assert letter["Subject"].startswith("Question for you: Why? <script>alert(1)</script> ===")
    html = letter.get_body(("html",))
    assert html is not None
    assert "<script" not in html.get_content()
    assert "&lt;script&gt;" in html.get_content()
    assert max(len(line) for line in told.box.raw[0].splitlines()) < 200


def q_word(text: str) -> str:
    return "=?utf-8?q?" + "".join(f"={byte:02X}" for byte in text.encode()) + "?="


def b_word(text: str) -> str:
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


HEAD = [
    *("From", "To", "Subject", "Date", "Auto-Submitted", "Message-ID", "List-Unsubscribe"),
    *("List-Unsubscribe-Post", "MIME-Version", "Content-Type"),
]


def head_of(raw: bytes) -> list[str]:
    """The names of the headers of what went over the line."""
    head, _, _ = raw.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    return [line.partition(b":")[0].decode() for line in lines if line[:1] not in b" \t"]


@pytest.mark.parametrize("word", [q_word, b_word])
@pytest.mark.parametrize("where", ["the title", "the receiver's name", "the asker's name"])
def test_nothing_encoded_slips_into_a_header(
    told: Company, word: Callable[[str], str], where: str
) -> None:
    nasty = "A " + word("x\r\nBcc: eve@example.org\r\n\r\nHello")
    who = {"the receiver's name": BEN, "the asker's name": ADA}.get(where)
    if who is not None:
        with told.services.database.write() as connection:
            connection.execute(update(people).where(people.c.id == who).values(name=nasty))
    told.ask(nasty if where == "the title" else TITLE)
    told.later()
    (raw,) = told.box.raw
    assert sorted(head_of(raw)) == sorted(HEAD)
    assert b"\nBcc:" not in raw


@pytest.mark.parametrize("word", [q_word, b_word])
def test_a_head_that_is_not_as_it_was_set_is_not_sent(
    told: Company, monkeypatch: pytest.MonkeyPatch, word: Callable[[str], str]
) -> None:
    """Also where something slipped through what keeps it out of a header."""
    monkeypatch.setattr("api.mail.writing.one_line", lambda text, *_: text)
    writer = Writer(told.settings, Seal(told.settings.storage.data))
    nasty = word("x\r\nBcc: eve@example.org")
    for name, title in (("Ben Osei", nasty), (nasty, TITLE)):
        items = (Item(Notice.QUESTION, title, "/questions/1"),)
        with pytest.raises(Unwritable):
            writer.letter(Letter(BEN, name, "ben@example.org", items, (1,), "m", daily=False))


def test_there_is_nothing_in_it_that_tells_on_its_reader(told: Company) -> None:
    """No picture, no style from elsewhere, and every link is what it says, at the one site."""
    key = told.ask()
    told.subjects()
    told.now += timedelta(minutes=5)
    ((letter,),) = told.look().values()
    html = letter.get_body(("html",))
    assert html is not None
    page = BeautifulSoup(html.get_content(), "html.parser")
    assert page.find_all(["img", "script", "link", "style", "iframe", "object"]) == []
    links = [str(one["href"]) for one in page.find_all("a")]
    stop = letter["List-Unsubscribe"][1:-1]
    assert links == [f"{SITE}/questions/{key}", SITE, f"{SITE}/me#mail", stop]
    assert stop.startswith(f"{SITE}/unsubscribe/{BEN}-questions-")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"].endswith("@example.org>")


def test_programs_for_mail_can_read_the_link_that_stops_it(told: Company) -> None:
    """As it goes over the line: neither folded nor encoded."""
    site = "https://knows.a-company-with-a-long-name.example.org/below/a/longer/path"
    chosen = replace(told.settings, auth=AuthSettings(public_url=site))
    items = tuple(Item(kind, "Kilns", "/") for kind in Notice)
    given = Letter(BEN, "Ben Osei", "ben@example.org", items, (1,), "m", daily=True)
    message = Writer(chosen, Seal(told.settings.storage.data)).letter(given)
    with server.line(told.settings.mail) as line:
        line.send(message, "ben@example.org")
    (found,) = [one for one in told.box.raw[0].split(b"\r\n") if one.startswith(b"List-Unsub")][:1]
    matters = ".".join(one.value for one in Matter)
    link = re.escape(f"{site}/unsubscribe/{BEN}-{matters}-")
    assert re.fullmatch(rf"List-Unsubscribe: <{link}[0-9a-f]{{32}}>".encode(), found)
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in told.box.raw[0]


def test_a_header_is_one_line_of_what_is_seen() -> None:
    assert one_line(NASTY) == "A Bcc: eve@example.org Hello evil <b>&amp;"
    assert one_line("=\x00? and =?utf-8?q?x?=") == "= ? and = ?utf-8?q?x?="
    assert len(one_line("word " * 100)) <= 150


@pytest.mark.parametrize(
    "address",
    [
        *("", "ben", "ben@", "@example.org", "a b@example.org", "ben@example.org\r\nBcc: x@y"),
        *("ben@example.org,eve@example.org", "<ben@example.org>", "ben@exa_mple.org", "b@-x.org"),
        *('"ben"@example.org', "ben@[127.0.0.1]", "ben..o@example.org", "bén@example.org"),
        *("b" * 250 + "@example.org", "=?utf-8?q?x=0D=0ABcc=3Aeve?=@example.org"),
    ],
)
def test_what_is_no_address_gets_no_mail(address: str) -> None:
    assert not is_good(address)


@pytest.mark.parametrize("address", ["ben@example.org", "b.o+x@mail.example.org", "root@localhost"])
def test_what_is_an_address_gets_mail(address: str) -> None:
    assert is_good(address)
    assert parseaddr(address)[1] == address


def test_who_has_no_such_address_is_given_up(told: Company) -> None:
    with told.services.database.write() as connection:
        wrong = {"address": "ben@example.org\r\nBcc: eve@example.org"}
        connection.execute(update(people).where(people.c.id == BEN).values(**wrong))
    told.ask(of=(BEN, CLEO))
    assert told.later() == {"cle": [QUESTION]}
    assert counts(told) == {State.SENT: 1, State.FAILED: 1}


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
        ({"time_zone": "Atlantis/Centre"}, "MAIL_TIME_ZONE"),
        ({"time_zone": "../../etc/passwd"}, "MAIL_TIME_ZONE"),
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


def test_a_postman_works_by_itself_where_mail_is_sent(told: Company) -> None:
    taken = threading.Event()
    told.box.taking = taken.set
    told.ask()
    told.subjects()
    told.now += timedelta(minutes=5)
    off = Postman(replace(told.settings, mail=MailSettings()), lambda: told.now)
    off.start()
    off.stop()
    assert told.box.taken == []
    told.postman.start()
    assert taken.wait(60)
    told.postman.stop()
    assert [who for who, _ in told.box.taken] == ["ben@example.org"]
    assert counts(told) == {State.SENT: 1}


def test_whatever_serves_has_a_postman_beside_it(told: Company) -> None:
    def there() -> bool:
        return any(one.name == "postman" for one in threading.enumerate())

    for mail, has in ((told.settings.mail, True), (MailSettings(), False)):
        with beside(replace(told.settings, mail=mail)):
            assert there() is has
        assert not there()


def test_the_demo_sends_nothing(told: Company, tmp_path: Path) -> None:
    assert told.settings.mail.on
    assert not apart(told.settings, tmp_path).mail.on

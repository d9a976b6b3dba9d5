"""Letters reach a server, once, or are kept until it takes them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from sqlalchemy import update

from api.cli.demo import apart
from api.mail import server
from api.mail.postman import LOCK, Postman
from api.mail.writing import Writer
from api.server import beside
from knowledge.errors import DataUnavailable
from knowledge.mail_settings import MailSettings
from knowledge.notices import FRESH, State
from knowledge.outbox import Outbox
from knowledge.store.tables import people
from tests.api.mail.company import BEN, CLEO, DAN, TITLE, Company, company
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
    told.postman._lock.release(force=True)  # as the system does for who is killed
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
    # Another process does not know that it was taken.
    told.new_postman().look(told.services.outbox)
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


def test_who_has_no_such_address_is_given_up(told: Company) -> None:
    with told.services.database.write() as connection:
        wrong = {"address": "ben@example.org\r\nBcc: eve@example.org"}
        connection.execute(update(people).where(people.c.id == BEN).values(**wrong))
    told.ask(of=(BEN, CLEO))
    assert told.later() == {"cle": [QUESTION]}
    assert counts(told) == {State.SENT: 1, State.FAILED: 1}


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

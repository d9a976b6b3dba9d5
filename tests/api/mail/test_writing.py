"""What stands in a letter, and that nothing slips into its head."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import update

from api.auth.sealing import Seal
from api.mail import server
from api.mail.addresses import is_good, one_line
from api.mail.writing import MOST, Unwritable, Writer
from knowledge.letters import Item, Letter
from knowledge.notices import Matter, Notice
from knowledge.settings import AuthSettings
from knowledge.store.tables import people
from tests.api.mail.company import ADA, BEN, SITE, TITLE, Company, company
from tests.builders import settings


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Company]:
    with company(settings(tmp_path / "data")) as made:
        yield made


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

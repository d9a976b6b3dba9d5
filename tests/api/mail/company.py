"""Colleagues who are told by mail, a server that takes it, and a clock that passes when told to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

from api.mail.postman import Postman
from knowledge.asking import Asking
from knowledge.mail_settings import MailSettings
from knowledge.notices import GATHERED, Matter, Pace
from knowledge.outbox import Outbox
from knowledge.people import Profile
from knowledge.routing import Candidate
from knowledge.settings import AuthSettings, Settings
from knowledge.types import Principal
from tests.api.mail.smtp import Mailbox, mailbox
from tests.builders import wired

# A Monday, after the hour of the digest.
MONDAY = datetime(2026, 6, 1, 12, tzinfo=UTC)
SITE = "https://knows.example.org"
ADA, BEN, CLEO, DAN = range(1, 5)
NAMES = ("Ada Field", "Ben Osei", "Cleo Marsh", "Dan Reed")
TITLE = "Why does the kiln crack?"


class Company:
    """Four colleagues; Ada, Ben and Dan are of the kilns."""

    def __init__(self, given: Settings, box: Mailbox, **changes: Any) -> None:
        self.now = MONDAY
        self.box = box
        usual: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": box.port,
            "tls": "none",
            "sender": "whoknows@example.org",
        }
        mail = MailSettings(**(usual | changes))
        self.settings = replace(given, mail=mail, auth=AuthSettings(public_url=SITE))
        self.services = wired(self.settings, now=lambda: self.now)
        for name in NAMES:
            groups = () if name.startswith("Cleo") else ("kilns",)
            self.services.directory.put(Profile(name, address(name), groups=groups))
        self.postman = self.new_postman()

    def new_postman(self) -> Postman:
        """As of another process."""
        return Postman(self.settings, lambda: self.now)

    def restart(self) -> None:
        """As when mail is turned on again."""
        self.services.outbox = Outbox(self.services.database, self.settings, lambda: self.now)
        self.postman = self.new_postman()

    def who(self, person: int) -> Principal:
        return self.services.principal(address(NAMES[person - 1]))

    def ask(
        self, title: str = TITLE, by: int = ADA, of: tuple[int, ...] = (BEN,), **more: Any
    ) -> int:
        found = [Candidate(key, 0.9) for key in of]
        return self.services.questions.create(Asking(title, **more), self.who(by), found)

    def choose(self, person: int, matter: Matter, pace: Pace) -> None:
        self.services.mail_choices.choose(person, {matter: pace})

    def look(self) -> dict[str, list[EmailMessage]]:
        """By receiver: what is sent when it is looked now."""
        self.postman.look(self.services.outbox)
        found: dict[str, list[EmailMessage]] = {}
        for receiver, message in self.box.take():
            found.setdefault(receiver.partition("@")[0], []).append(message)
        return found

    def subjects(self) -> dict[str, list[str]]:
        """The same, by their subjects."""
        return {who: [one["Subject"] for one in told] for who, told in self.look().items()}

    def later(self, **by: float) -> dict[str, list[str]]:
        """What is there to tell is found, and sent after some time; without any: when it is due
        soonest."""
        now = self.subjects()
        self.now += timedelta(**by) if by else GATHERED
        return {**now, **self.subjects()}


def address(name: str) -> str:
    return f"{name[:3].lower().strip()}@example.org"


@contextmanager
def company(given: Settings, **changes: Any) -> Iterator[Company]:
    """One with a server of its own; ``changes`` of the settings of mail."""
    with mailbox() as box:
        made = Company(given, box, **changes)
        try:
            yield made
        finally:
            made.services.close()

"""Letters -> messages: plain text, and the same as HTML without pictures, scripts or counted links.

Whatever somebody typed stands in a header only as one line, and in HTML only escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime

from api.auth.sealing import Seal
from api.mail import links
from api.mail.addresses import one_line
from api.web.rendering import templates
from api.web.words import moment
from knowledge.letters import Item, Letter
from knowledge.notices import Notice
from knowledge.settings import Settings

_KINDS = ("txt", "html")
_END = b"\r\n"


class _Unfolded(UnstructuredHeader, BaseHeader):
    """A header on one line, however long: ``email`` folds a link into encoded words, which programs
    for mail do not read (RFC 2369, RFC 8058)."""

    def fold(self, *, policy: Policy) -> str:
        """The header as it is sent."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("List-Unsubscribe", _Unfolded)
_POLICY = SMTP.clone(header_factory=_HEADERS)
MOST = 50
"""So many things one letter tells; of more it says how many."""


@dataclass(frozen=True, slots=True)
class _Words:
    """How a kind is said: one of it and several in a subject, its heading, how its title alone
    makes a subject, if it does, what stands before a colleague, and what for a title that is not
    told."""

    one: str
    several: str
    heading: str
    subject: str | None
    who: str = ""
    unsaid: str = "A question of yours"


_WORDS = {
    Notice.QUESTION: _Words(
        "question for you", "questions for you", "You are asked", "Question for you", "from "
    ),
    Notice.ANSWER: _Words("answer", "answers", "You got an answer", "Answer", "from "),
    Notice.SILENCE: _Words(
        "question without an answer",
        "questions without an answer",
        "Nobody has answered; say it in other words, or name a colleague",
        "No answer yet",
    ),
    Notice.WISH: _Words(
        "wish that can be answered",
        "wishes that can be answered",
        "You wanted to know when these can be answered: now",
        None,
        unsaid="What you waited for",
    ),
    Notice.REVIEW: _Words(
        "document to look at again",
        "documents to look at again",
        "You look after these; do they still hold?",
        None,
    ),
    Notice.SESSION: _Words("session soon", "sessions soon", "Your next sessions", None, "with "),
    Notice.DRAFT: _Words(
        "draft that waits for your look",
        "drafts that wait for your look",
        "Colleagues ask for your look at a draft",
        None,
        "by ",
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """An item as a letter says it."""

    title: str
    url: str
    beside: str


@dataclass(frozen=True, slots=True)
class Part:
    """The items of a kind."""

    heading: str
    lines: tuple[Line, ...]


class Unwritable(Exception):
    """The head of a message would not be the one that was meant."""


class Writer:
    """Makes messages for one installation. Raises InvalidSettings."""

    def __init__(self, settings: Settings, seal: Seal) -> None:
        self._sender = settings.mail.sender
        self._site = settings.auth.public_url.rstrip("/")
        self._zone = settings.serve.zone
        self._seal = seal

    def letter(self, given: Letter) -> EmailMessage:
        """What goes to its receiver, whose address has to be good. Raises Unwritable."""
        link = links.made(self._seal, given.person_id, given.matters)
        stop = f"{self._site}{links.PLACE}/{link}"
        told = {
            "parts": self._parts(given.items[:MOST]),
            "more": max(0, len(given.items) - MOST),
            "site": self._site,
            "choose": f"{self._site}/me#mail",
            "stop": stop,
        }
        made = self._message(given.address, given.name, _subject(given.items))
        made["Message-ID"] = f"<{given.mark}@{self._sender.rpartition('@')[2]}>"
        made["List-Unsubscribe"] = f"<{stop}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        plain, html = (templates().get_template(f"mail.{kind}").render(told) for kind in _KINDS)
        # Not every server takes lines with other characters than those of ASCII.
        made.set_content(plain, cte="quoted-printable")
        made.add_alternative(html, subtype="html", cte="quoted-printable")
        _check(made)
        return made

    def trial(self, address: str) -> EmailMessage:
        """What shows that mail arrives."""
        made = self._message(address, "", "Mail of whoknows arrives")
        made.set_content(f"This is to see whether mail of {self._site} arrives. It does.\n")
        return made

    def _message(self, address: str, name: str, subject: str) -> EmailMessage:
        made = EmailMessage(policy=_POLICY)
        made["From"] = Address("whoknows", addr_spec=self._sender)
        made["To"] = Address(one_line(name), addr_spec=address)
        made["Subject"] = one_line(subject)
        made["Date"] = format_datetime(datetime.now(UTC))
        made["Auto-Submitted"] = "auto-generated"
        return made

    def _parts(self, items: tuple[Item, ...]) -> list[Part]:
        found: dict[Notice, list[Line]] = {}
        for item in items:
            title = one_line(item.title, 300) or _WORDS[item.kind].unsaid
            line = Line(title, f"{self._site}{item.path}", self._beside(item))
            lines = found.setdefault(item.kind, [])
            if line not in lines:
                # Without words one line leads to all of them.
                lines.append(line)
        return [Part(_WORDS[kind].heading, tuple(lines)) for kind, lines in found.items()]

    def _beside(self, item: Item) -> str:
        told = []
        if item.who is not None:
            told.append(f"{_WORDS[item.kind].who}{one_line(item.who)}")
        if item.at is not None:
            told.append(moment(item.at, self._zone))
        return ", ".join(told)


def _check(made: EmailMessage) -> None:
    """Raises Unwritable where the bytes of its head have other headers than were set: what is
    typed by people stands there, and ``email`` has written line ends of theirs before."""
    head, _, _ = made.as_bytes().partition(_END * 2)
    lines = [line for line in head.split(_END) if not line.startswith((b" ", b"\t"))]
    names = [line.partition(b":")[0].decode("ascii", "replace") for line in lines]
    if names != made.keys() or b"\r" in head.replace(_END, b"") or b"\n" in head.replace(_END, b""):
        raise Unwritable("a message whose head is not as it was set")


def _subject(items: tuple[Item, ...]) -> str:
    (first, *others) = items
    alone = _WORDS[first.kind].subject
    if not others and alone is not None and first.title:
        return f"{alone}: {first.title}"
    counted = {kind: sum(one.kind is kind for one in items) for kind in Notice}
    told = [
        f"{count} {_WORDS[kind].one if count == 1 else _WORDS[kind].several}"
        for kind, count in counted.items()
        if count
    ]
    return ", ".join(told)

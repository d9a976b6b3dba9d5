"""Messages of a chat as documents: who asked, who answered, and who thought it good.

Whoever asks is no expert for what they ask. So the first who writes counts only where they
answer themselves ("Solved it: …"), or where they did not ask at all but told something of some
length; then they are its author. Everybody else who says more than "thanks" answers, weighted by
words. Who reacts well to an answer endorses it, and weighs little.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from knowledge.readers._text import MAX_HEADING, cut, plain
from knowledge.types import Contributor, Role

MIN_ANSWER_WORDS = 5
MIN_OWN_ANSWER_WORDS = 12
MIN_TOLD_WORDS = 30
ENDORSEMENT = 0.1
MAX_TITLE = 120
GOES_ON_S = 300

POSITIVE = frozenset(
    """+1 thumbsup clap raised_hands pray ok_hand muscle heart tada rocket fire 100 star star2
    white_check_mark heavy_check_mark ballot_box_with_check heavy_plus_sign bulb sparkles trophy
    medal first_place_medal dart bow man-bowing woman-bowing exploding_head mind_blown thankyou
    thank_you thanks ty this same upvote approved green_heart blue_heart purple_heart heart_eyes
    star-struck partying_face party_parrot partyparrot""".split()
)

_ASKS = re.compile(
    r"""\?(?=\s|$|[)"'”*_~])
      | (?:^|[.!:,\n][ \t]{0,3})
        (?:(?:does|do|has|is)\ any|is\ there|(?:can|could)\ some|how\ (?:do|can|would)|what\ is\ the
          |anyone\ know|any\ (?:ideas?|advice|suggestions)|i\ wonder)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_GREETING = re.compile(
    r"""\A(?:(?:(?:hi|hey|hello|howdy|good\ morning|morning)
          (?:\ (?:all|there|everyone|everybody|team|folks|guys|you\ all|y'all))?
        |@[\w.-]{1,80}|all|folks|guys|team)[ ,:!.—-]{1,10})+(?=\S)""",
    re.IGNORECASE | re.VERBOSE,
)
_BLOCK = re.compile(r"\s*(?:```|[-+*>|] |\d+[.)] |#)")


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a message. ``counts``: whether it is a person who may be an expert."""

    key: str
    name: str
    counts: bool = True
    email: str | None = None
    handle: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message. ``text`` is Markdown; ``reactions`` are (name of the sign, keys of people)."""

    author: Author
    at: datetime
    text: str
    reactions: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def words(self) -> int:
        """How much is said."""
        return len(self.text.split())


def asks(text: str) -> bool:
    """Whether a message reads like a question."""
    return _ASKS.search(text) is not None


def title(messages: Sequence[Message]) -> str:
    """The question's first sentence, or the first sentence that says anything."""
    said = [[s for line in _prose(m.text).split("\n") for s in _sentences(line)] for m in messages]
    asked = [s for s in said[0] if asks(s) and len(s.split()) > 2]
    telling = [s for sentences in said[:3] for s in sentences if len(s.split()) > 3]
    anything = [s for sentences in said for s in sentences]
    for sentence in (*asked, *telling, *anything):
        words = cut(plain(sentence[:MAX_HEADING]))
        if len(words) > MAX_TITLE:
            words = words[:MAX_TITLE].rpartition(" ")[0].rstrip(",;: ") + "…"
        if re.search(r"\w", words):
            return words[0].upper() + words[1:]
    return f"{messages[0].author.name}, {messages[0].at:%Y-%m-%d}"


def body(messages: Sequence[Message]) -> str:
    """The messages in order under their authors' names and times.

    Who goes on within minutes is not named again, as chats show it.
    """
    parts: list[str] = []
    before: Message | None = None
    for message in messages:
        if before is not None and _goes_on(before, message):
            parts.append(message.text)
        else:
            name = re.sub(r"[*\\\[\]]+", " ", message.author.name).strip()
            between = "\n\n" if _BLOCK.match(message.text) else " "
            parts.append(f"**{name}** ({message.at:%Y-%m-%d %H:%M}):{between}{message.text}")
        before = message
    return "\n\n".join(parts) + "\n"


def _goes_on(before: Message, message: Message) -> bool:
    same = before.author.key == message.author.key
    return same and (message.at - before.at).total_seconds() < GOES_ON_S


def people(
    messages: Sequence[Message], author: Callable[[str], Author | None]
) -> tuple[Contributor, ...]:
    """Who knows something about it, by what they wrote. ``author`` knows those who react."""
    first = messages[0]
    words: Counter[str] = Counter()
    last: dict[str, Message] = {}
    for number, message in enumerate(messages):
        if message.author.counts and (count := _counted(message, number, first)):
            words[message.author.key] += count
            last[message.author.key] = message
    told = not asks(first.text)
    found: list[Contributor] = []
    for key, message in last.items():
        own = key == first.author.key
        if words[key] < (MIN_TOLD_WORDS if own and told else MIN_ANSWER_WORDS):
            continue
        role = Role.AUTHOR if own and told else Role.ANSWERER
        found.append(_contributor(message.author, role, float(words[key]), message.at))
    return (*found, *_endorsers(messages, {c.handle for c in found}, author))


def _counted(message: Message, number: int, first: Message) -> int:
    if message.author.key != first.author.key or not asks(first.text):
        return message.words
    if number == 0 or asks(message.text) or message.words < MIN_OWN_ANSWER_WORDS:
        return 0
    return message.words


def _endorsers(
    messages: Sequence[Message], known: set[str | None], author: Callable[[str], Author | None]
) -> list[Contributor]:
    given: Counter[str] = Counter()
    last: dict[str, datetime] = {}
    asker = messages[0].author.key if asks(messages[0].text) else None
    for message in messages:
        # Liking a question says nothing about what one knows, nor does the asker's thanks.
        if message.author.key == asker:
            continue
        for sign, keys in message.reactions:
            if sign.partition("::")[0] in POSITIVE:
                for key in dict.fromkeys(keys):
                    if key not in (message.author.key, asker):
                        given[key] += 1
                        last[key] = message.at
    found = []
    for key, count in given.items():
        who = author(key)
        if who is not None and who.counts and who.handle not in known:
            found.append(_contributor(who, Role.ENDORSER, ENDORSEMENT * count, last[key]))
    return found


def _contributor(author: Author, role: Role, weight: float, at: datetime) -> Contributor:
    return Contributor(author.name, role, author.email, author.handle, round(weight, 3), at)


def _prose(text: str) -> str:
    text = re.sub(r"(?<!`)(`{3,})\n.*?\n\1", "", text, flags=re.DOTALL)
    text = re.sub(r"^[ \t>]*(?:[-+*]|\d+[.)])?[ \t]+", "", text, flags=re.MULTILINE)
    # A line that is nothing but a link names a file, and not what is talked about.
    text = re.sub(r"^[ \t]*\[[^\[\]\n]*\]\([^()\n]*\)[ \t]*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\[([^\[\]\n]*)\]\([^()\n]*\)|<(?:https?|ftp)://[^<>\n]*>", r"\1", text)
    # Whom it is said to is not what it is about.
    text = _GREETING.sub("", text.strip())
    return re.sub(r"\\([<>#*\[\]])", r"\1", text)


def _sentences(line: str) -> list[str]:
    return [s.strip() for s in re.split(r"(?<=[.!?…])\s+", line) if s.strip()]

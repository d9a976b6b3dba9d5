"""Single messages of a Slack export: what they say, and what of it is lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from knowledge.readers._conversations import Author, Message
from knowledge.readers._json import dicts_in, text_in
from knowledge.readers._mrkdwn import to_markdown
from knowledge.readers._slack_directory import SLACKBOT, Directory
from knowledge.types import LossKind

# Whatever else a subtype says is a notice: joins, topics, names, pins, calls.
_SPOKEN = frozenset(
    (
        *("", "thread_broadcast", "reply_broadcast", "file_share", "file_comment", "me_message"),
        *("bot_message", "file_mention"),
    )
)
_TS = re.compile(r"\d{1,11}(?:\.\d{1,9})?")
_UPLOADED = re.compile(
    r"<@[^<>]*> (?:uploaded|shared|commented on <?@?[^<>]*>?'s|commented on)"
    r"(?: a| an)?(?: \w+)?(?: file)?:? <[^<>]*>(?:(?: and commented)?: (?P<said>.*))?",
    re.DOTALL,
)
_DELETED = "*This message was deleted.*"


@dataclass(frozen=True, slots=True)
class Raw:
    """A message as exported. ``thread`` is its thread's first time stamp; ``until`` when the last
    word of that is said, where this message knows; ``notice`` what it is if nobody said it."""

    key: str
    ts: float
    author: Author
    said: Mapping[str, object]
    thread: str | None
    until: float
    notice: str = ""


class Decoder:
    """Decodes messages with who is who."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def raw(self, said: Mapping[str, object]) -> Raw | None:
        """A message's frame; None for what is none."""
        key = text_in(said.get("ts"))
        if not _TS.fullmatch(key):
            return None
        ts = float(key)
        subtype = text_in(said.get("subtype"))
        thread = text_in(said.get("thread_ts"))
        is_root = thread == key
        latest = text_in(said.get("latest_reply"))
        replied = said.get("reply_count") or said.get("replies")
        if not _TS.fullmatch(thread) or (is_root and not (replied or latest)):
            thread = ""
        # Nobody tells how long a thread goes on but its first message, and not always.
        until = float(latest) if is_root and _TS.fullmatch(latest) else float("inf")
        notice = "" if subtype in _SPOKEN or (subtype == "tombstone" and thread) else subtype
        return Raw(key, ts, self._author(said), said, thread or None, until, notice)

    def message(self, raw: Raw) -> tuple[Message, Counter[tuple[LossKind, str]]]:
        """What a message says as Markdown."""
        said = raw.said
        lost: Counter[tuple[LossKind, str]] = Counter()
        text = text_in(said.get("text"))
        if uploaded := _UPLOADED.fullmatch(text):
            text = uploaded["said"] or ""
        parts = [self._markdown(text)]
        if said.get("subtype") == "tombstone":
            parts = [_DELETED]
        if not raw.author.counts or not text.strip():
            parts += self._attached(said)
        elif previews := len(dicts_in(said.get("attachments"))):
            lost[LossKind.EMBED, "previews of links"] += previews
        old = said.get("file")
        for file in [*dicts_in(said.get("files")), *([old] if isinstance(old, dict) else [])]:
            name = _line(file.get("title")) or _line(file.get("name")) or "a file"
            parts.append(_link(name, text_in(file.get("permalink"))))
            lost[LossKind.ATTACHMENT, f"{name}: Slack exports only its address"] += 1
        reactions = tuple(
            (text_in(one.get("name")), _strings(one.get("users")))
            for one in dicts_in(said.get("reactions"))
        )
        words = "\n\n".join(part for part in parts if part.strip())
        at = datetime.fromtimestamp(raw.ts, UTC).replace(microsecond=0)
        return Message(raw.author, at, words, reactions), lost

    def _markdown(self, text: str) -> str:
        return to_markdown(text, self._directory.person, self._directory.channel)

    def _attached(self, said: Mapping[str, object]) -> list[str]:
        """What apps say, which they put into attachments."""
        parts: list[str] = []
        for one in dicts_in(said.get("attachments")):
            found = [text_in(one.get(key)) for key in ("pretext", "title", "text")]
            words = [self._markdown(part) for part in found if part.strip()]
            parts += words or [self._markdown(text_in(one.get("fallback")))]
        return parts

    def _author(self, said: Mapping[str, object]) -> Author:
        comment = said.get("comment")
        key = text_in(said.get("user")) or (
            text_in(comment.get("user")) if isinstance(comment, dict) else ""
        )
        if key in self._directory.authors:
            return self._directory.authors[key]
        profile = said.get("user_profile")
        told = profile if isinstance(profile, dict) else {}
        name = (
            _line(told.get("real_name"))
            or _line(told.get("display_name"))
            or _line(said.get("username"))
        )
        app = (
            not key
            or key == SLACKBOT
            or bool(said.get("bot_id") or said.get("bot_profile"))
            or said.get("subtype") == "bot_message"
        )
        return Author(
            key or text_in(said.get("bot_id")) or name,
            name or ("An app" if app else key),
            counts=not app,
            handle=None if app else key,
        )


def _link(name: str, address: str) -> str:
    safe = re.sub(r"([\\\[\]*`<])", r"\\\1", name)
    # What follows a question mark may be a key to the file.
    address = address.partition("?")[0].partition("#")[0]
    if re.fullmatch(r"https?://[^\s<>()\\]+", address):
        return f"[{safe}]({address})"
    return safe


def _strings(value: object) -> tuple[str, ...]:
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()


def _line(value: object) -> str:
    return " ".join(text_in(value).replace("\0", "").split())[:200]

"""Who is who in a Slack export, and who may read which channel."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from knowledge.exports import Export, Refused
from knowledge.readers._conversations import Author
from knowledge.readers._json import dicts_in, parse, text_in
from knowledge.types import Grantee, ReadFailure

LISTS = ("channels", "groups", "dms", "mpims")
METADATA = frozenset(
    f"{name}.json"
    for name in (
        *("users", "org_users", "integration_logs", "canvases", "lists", "huddle_transcripts"),
        *("file_conversations", "external_users", "content_flags", "channel_canvases"),
        *LISTS,
    )
)
SLACKBOT = "USLACKBOT"
SHARED_BY = 3
"""A name that so many accounts have is not one: "Redacted", "Deactivated User"."""

_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+")


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel. ``restrictions`` is empty where everybody of the workspace may read."""

    id: str
    name: str
    folder: str
    restrictions: tuple[tuple[Grantee, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Directory:
    """People by their ids, and channels by their folders."""

    authors: Mapping[str, Author] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)

    def person(self, key: str) -> str | None:
        """What an id is called."""
        found = self.authors.get(key)
        return found.name if found else None

    def channel(self, key: str) -> str | None:
        """What a public channel's id is called: what others are called, their members alone see."""
        return next(
            (c.name for c in self.channels.values() if c.id == key and not c.restrictions), None
        )


def read_directory(export: Export, root: str) -> tuple[Directory, list[ReadFailure]]:
    """What an export says about people and channels, and which of its lists is broken."""
    failures: list[ReadFailure] = []

    def listed(name: str) -> list[dict[str, object]]:
        entry = export.get(f"{root}{name}.json")
        if entry is None:
            return []
        try:
            return dicts_in(parse(entry.text()))
        except Refused as refusal:
            failures.append(ReadFailure(entry.name, str(refusal)))
            return []

    users = [*listed("users"), *listed("org_users")]
    authors = _authors(users)
    channels: dict[str, Channel] = {}
    for kind in LISTS:
        for one in listed(kind):
            channel = _channel(one, kind, authors)
            if channel is None:
                continue
            held = channels.get(channel.folder)
            # Of two of a name the folder holds both, and must be for those who may read either.
            if held is not None:
                channel = Channel(
                    held.id, held.name, held.folder, held.restrictions + channel.restrictions
                )
            channels[channel.folder] = channel
    return Directory(authors, channels), failures


def _channel(one: Mapping[str, object], kind: str, authors: Mapping[str, Author]) -> Channel | None:
    key, name = text_in(one.get("id")), text_in(one.get("name"))
    folder = key if kind == "dms" else name or key
    if not key or not folder:
        return None
    if kind == "channels" and one.get("is_private") is not True:
        return Channel(key, name, folder)
    members = one.get("members")
    named = [m for m in members if isinstance(m, str)] if isinstance(members, list) else []
    clause = tuple(
        Grantee(email=authors[m].email if m in authors else None, handle=m)
        for m in dict.fromkeys(named)
    )
    return Channel(key, name if kind in ("channels", "groups") else "", folder, (clause,))


def _authors(users: list[dict[str, object]]) -> dict[str, Author]:
    called = {text_in(u.get("id")): _names(u) for u in users}
    shared = Counter(names[0].casefold() for names in called.values())
    found: dict[str, Author] = {}
    for user in users:
        key = text_in(user.get("id"))
        if not key:
            continue
        name, account = called[key]
        if shared[name.casefold()] >= SHARED_BY:
            name = account or key
        email = text_in(_profile(user).get("email")).strip()
        bot = user.get("is_bot") is True or user.get("is_workflow_bot") is True or key == SLACKBOT
        found[key] = Author(
            key, name, not bot, email if _EMAIL.fullmatch(email) else None, None if bot else key
        )
    return found


def _names(user: Mapping[str, object]) -> tuple[str, str]:
    """The full name, and the account's."""
    profile = _profile(user)
    account = _line(user.get("name"))
    written = (
        *(profile.get("real_name"), user.get("real_name")),
        *(profile.get("display_name"), account, user.get("id")),
    )
    return next((name for one in written if (name := _line(one))), "somebody"), account


def _profile(user: Mapping[str, object]) -> Mapping[str, object]:
    profile = user.get("profile")
    return profile if isinstance(profile, dict) else {}


def _line(value: object) -> str:
    return " ".join(text_in(value).replace("\0", "").split())[:120]

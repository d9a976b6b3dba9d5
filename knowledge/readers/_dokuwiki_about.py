"""What DokuWiki knows about its pages besides their text: people, times and rights."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import unquote

from knowledge.exports import Entry, Export, Refused
from knowledge.readers import _php
from knowledge.readers._dokuwiki_rights import Rights
from knowledge.readers._nobody import is_nobody
from knowledge.types import Contributor, Grantee, Loss, ReadFailure, Role

RULES = "acl.auth.php"
_MINOR = 0.25
_MOST_CHARACTERS = 5000
INTERWIKI = {
    "wp": "https://en.wikipedia.org/wiki/",
    "wpfr": "https://fr.wikipedia.org/wiki/",
    "wpde": "https://de.wikipedia.org/wiki/",
    "wpes": "https://es.wikipedia.org/wiki/",
    "wppl": "https://pl.wikipedia.org/wiki/",
    "wpjp": "https://ja.wikipedia.org/wiki/",
    "wpmeta": "https://meta.wikipedia.org/wiki/",
    "doku": "https://www.dokuwiki.org/",
    "rfc": "https://datatracker.ietf.org/doc/html/rfc",
    "man": "http://man.cx/",
    "phpfn": "https://secure.php.net/{NAME}",
    "google": "https://www.google.com/search?q=",
    "amazon": "https://www.amazon.com/dp/",
    "skype": "skype:",
    "callto": "callto://",
    "tel": "tel:",
}


class Wiki:
    """A data folder: its pages and media by id, its users, its configuration."""

    def __init__(self, export: Export, root: str, entries: list[Entry | ReadFailure]) -> None:
        self._export, self._root = export, root
        names = [entry.name for entry in entries if isinstance(entry, Entry)]
        below = [name.removeprefix(root) for name in names if name.startswith(root)]
        self.pages = {
            unquote(name[6:-4]).replace("/", ":")
            for name in below
            if name.startswith("pages/") and name.endswith(".txt")
        }
        self.media = {
            unquote(name[6:]).replace("/", ":"): root + name
            for name in below
            if name.startswith("media/")
        }
        self._meta = {unquote(name[5:]): root + name for name in below if name.startswith("meta/")}
        self.users = _users(self._conf("users.auth.php"))
        # Rules that lie elsewhere, or cannot be read (a link, say), are rules all the same.
        ruled = any(entry.name.rpartition("/")[2] == RULES for entry in entries)
        self.rights = Rights.parse(self._conf(RULES) if ruled else None)
        self.start = _setting(self._conf("local.php"), "start") or "start"
        self.interwiki = INTERWIKI | _interwiki(self._conf("interwiki.local.conf"))

    def meta(self, page: str, suffix: str) -> bytes:
        """What is kept about a page; nothing where there is no such file."""
        return self._read(self._meta.get(page.replace(":", "/") + suffix, ""))

    def _conf(self, name: str) -> str:
        around = self._root.removesuffix("data/")
        return self._read(f"{around}conf/{name}").decode("utf-8", "replace")

    def _read(self, name: str) -> bytes:
        entry = self._export.get(name) if name else None
        try:
            return entry.read() if entry else b""
        except Refused:
            return b""


@dataclass(frozen=True, slots=True)
class About:
    """One page's people, times and rights."""

    contributors: tuple[Contributor, ...]
    created_at: datetime | None
    updated_at: datetime | None
    restrictions: tuple[tuple[Grantee, ...], ...]
    losses: tuple[Loss, ...]

    @staticmethod
    def of(wiki: Wiki, page: str) -> About:
        """From the log of changes, else from what DokuWiki last noted of the page."""
        meta = _Meta.parse(wiki.meta(page, ".meta"))
        edits = _edits(wiki.meta(page, ".changes").decode("utf-8", "replace"), page)
        people: dict[str, _Person] = defaultdict(_Person)
        for edit in edits:
            if edit.user:
                people[edit.user].weight += edit.weight
                people[edit.user].at = edit.at
        if edits and edits[0].kind == "C":
            author = edits[0].user
        else:
            author = "" if edits else meta.user
            if author:
                people[author] = _Person(1.0, meta.created_at)
        restrictions, losses = wiki.rights.of(page)
        return About(
            tuple(
                _contributor(wiki, meta, user, one, Role.AUTHOR if user == author else Role.EDITOR)
                for user, one in people.items()
            ),
            edits[0].at if edits else meta.created_at,
            edits[-1].at if edits else meta.modified_at,
            restrictions,
            losses,
        )


@dataclass(slots=True)
class _Person:
    weight: float = 0.0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Edit:
    at: datetime
    kind: str
    user: str
    weight: float


@dataclass(frozen=True, slots=True)
class _Meta:
    user: str = ""
    names: dict[str, str] = field(default_factory=dict)
    created_at: datetime | None = None
    modified_at: datetime | None = None

    @staticmethod
    def parse(data: bytes) -> _Meta:
        try:
            whole = _php.parse(data)
        except ValueError:
            return _Meta()
        kept = _at(whole, "persistent")
        now = _at(whole, "current") or kept
        names = {**_texts(_at(kept, "contributor")), **_texts(_at(now, "contributor"))}
        user = str(_at(now, "user") or _at(kept, "user") or "").strip()
        if user:
            names.setdefault(user, str(_at(now, "creator") or "").strip() or user)
        date = _at(now, "date") or _at(kept, "date")
        return _Meta(user, names, _time(_at(date, "created")), _time(_at(date, "modified")))


def _contributor(wiki: Wiki, meta: _Meta, user: str, one: _Person, role: Role) -> Contributor:
    name, email = wiki.users.get(user, ("", None))
    name = name or meta.names.get(user, "").strip() or user
    return Contributor(name, role, email, user, round(one.weight, 3), one.at)


def _edits(log: str, page: str) -> list[_Edit]:
    """The changes since the page was last created, by time."""
    edits: list[_Edit] = []
    for line in log.splitlines():
        time, _, kind, name, user, *rest = [*line.split("\t"), "", "", "", ""]
        at = _time(time)
        if at is None or not kind or (name and name != page):
            continue
        size = rest[2].strip() if len(rest) > 2 else ""
        weight = _MINOR if kind in "eR" else 1.0
        if re.fullmatch(r"[+-]?[0-9]{1,9}", size):
            weight *= 1 + min(abs(int(size)), _MOST_CHARACTERS) / 500
        user = "" if is_nobody(user) else user.strip()
        edits.append(_Edit(at, kind[0], user, weight))
    edits.sort(key=lambda edit: edit.at)
    gone = max((at for at, edit in enumerate(edits[:-1]) if edit.kind == "D"), default=-1)
    return [edit for edit in edits[gone + 1 :] if edit.kind != "D"]


def _users(text: str) -> dict[str, tuple[str, str | None]]:
    """Names and addresses by login. The third part, a password's hash, is never kept."""
    users = {}
    for line in text.splitlines():
        parts = re.split(r"(?<!\\):", line.strip())
        if len(parts) >= 4 and not line.startswith(("#", "<?")):
            email = parts[3].strip()
            users[parts[0]] = (
                parts[2].replace("\\:", ":").strip(),
                email if re.fullmatch(r"[^@\s]+@[^@\s]+", email) else None,
            )
    return users


def _setting(php: str, name: str) -> str:
    found = re.search(rf"^\$conf\['{name}'\]\s*=\s*'([^'\n]+)'", php, re.M)
    return found[1] if found else ""


def _interwiki(text: str) -> dict[str, str]:
    lines = [line.partition("#")[0].split(None, 1) for line in text.splitlines()]
    return {line[0].lower(): line[1].strip() for line in lines if len(line) == 2}


def _at(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None


def _texts(value: object) -> dict[str, str]:
    items = value.items() if isinstance(value, dict) else ()
    return {str(key): text for key, text in items if isinstance(text, str)}


def _time(value: object) -> datetime | None:
    try:
        seconds = int(str(value).strip())
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None

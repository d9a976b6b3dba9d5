"""How the pages for whoever looks after the service say things: imports, scopes, roles, reasons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from knowledge.audit import Action
from knowledge.jobs import ImportState
from knowledge.likeness import Reason
from knowledge.types import EVERYONE, PUBLIC, Audience, Kind, LossKind, Scope

STATES = {
    ImportState.QUEUED: "Waiting for its turn",
    ImportState.RUNNING: "Being read",
    ImportState.PAUSED: "Paused",
    ImportState.ASKING: "Needs your answer",
    ImportState.DONE: "Done",
    ImportState.FAILED: "Failed",
    ImportState.CANCELLED: "Cancelled",
}
TONES = {
    ImportState.DONE: "good",
    ImportState.PAUSED: "warn",
    ImportState.ASKING: "warn",
    ImportState.FAILED: "bad",
}
SCOPES = {
    Scope.SEARCH: "Search and read what you may read",
    Scope.CAPTURE: "Write and change documents as you",
    Scope.IMPORT: "Hand in exports",
    Scope.ADMIN: "Look after people, roles, tokens and sites",
}
REASONS = {
    Reason.SAME_NAME: "the same name",
    Reason.SPELLING: "the same name, spelled otherwise",
    Reason.ADDRESS: "an address like the other’s name",
    Reason.ADDRESSES: "addresses that are alike",
    Reason.INITIALS: "the same name, with initials",
    Reason.HANDLE: "a login like the other’s address",
    Reason.HANDLES: "the same login in two places",
    Reason.FIRST_NAME: "the same single name",
}
LOSSES = {
    LossKind.MACRO: "Macros that mean nothing here; their text is kept",
    LossKind.EMBED: "Things shown from elsewhere",
    LossKind.ATTACHMENT: "Files that were not kept",
    LossKind.LINK: "Links",
    LossKind.TEMPLATE: "Templates",
    LossKind.FORMATTING: "Formatting",
    LossKind.COMMENT: "Comments",
    LossKind.RIGHTS: "Rights that mean nobody here; the document is for fewer people",
    LossKind.SECRET: "Secrets, masked",
}
_KINDS = {
    Kind.WRITEUP: ("write-up", "write-ups"),
    Kind.NOTE: ("note", "notes"),
    Kind.TRANSCRIPT: ("transcript", "transcripts"),
    Kind.THREAD: ("thread", "threads"),
}


def counted(count: int, kind: str) -> str:
    """So many documents of a kind, as in "12 notes"."""
    return f"{count:,} {_KINDS[Kind(kind)][count != 1]}"


def number(count: int) -> str:
    """A number as it is read."""
    return f"{count:,}"


def plural(count: int, one: str, more: str = "") -> str:
    """So many of something, as in "1 page" and "2 pages"."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def sentence(text: str) -> str:
    """What is said in the middle of a line, by itself; nothing of nothing."""
    whole = text.strip()
    ended = not whole or whole.endswith((".", "?", "…"))
    return whole[:1].upper() + whole[1:] + ("" if ended else ".")


def audience(held: Audience | None) -> str:
    """Who may read, as one says it."""
    if held is None:
        return "Whoever the export says; everybody who signs in where it says nothing"
    told = "; and of them only ".join(" or ".join(map(_reader, clause)) for clause in held.clauses)
    return told[:1].upper() + told[1:]


def _reader(token: str) -> str:
    plain = {PUBLIC: "anybody, also without signing in", EVERYONE: "everybody who signs in"}
    if token in plain:
        return plain[token]
    kind, _, name = token.partition(":")
    return f"the group {name}" if kind == "group" else f"the colleague with the number {name}"


def action(told: str) -> str:
    """What was done, as the audit shows it."""
    return told.replace("-", " ").capitalize()


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("Linux", "Linux"),
)


def agent(told: str) -> str:
    """What a browser calls itself, in words; as it does where that is none that is known."""
    name = next((name for mark, name in _BROWSERS if mark in told), "")
    system = next((name for mark, name in _SYSTEMS if mark in told), "")
    if name and system:
        return f"{name} on {system}"
    return name or told or "A browser that does not say what it is"


def size(count: int) -> str:
    """So many bytes, in words."""
    for unit, amount in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= amount:
            return f"{count / amount:.1f}".removesuffix(".0") + f" {unit}"
    return f"{count} bytes"


ACTIONS = [(one.value, action(one.value)) for one in Action]
FILTERS: dict[str, Callable[..., Any]] = {
    "action": action,
    "agent": agent,
    "audience": audience,
    "counted": counted,
    "lossy": lambda kind: LOSSES[LossKind(kind)],
    "number": number,
    "plural": plural,
    "reason": REASONS.__getitem__,
    "scope": SCOPES.__getitem__,
    "sentence": sentence,
    "size": size,
    "state": STATES.__getitem__,
    "tone": lambda state: TONES.get(state, ""),
}

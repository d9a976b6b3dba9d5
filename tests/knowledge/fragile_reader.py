"""A child that reads apart and goes wrong as its files say: ``python -m tests.knowledge.…``."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable

from knowledge import apart
from knowledge.exports import Entry
from knowledge.readers import markdown


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def crash() -> None:
    ctypes.string_at(0)


def hang() -> None:
    while True:
        pass


def gorge() -> None:
    held = []
    while True:
        held.append(bytearray(10_000_000))


def leave() -> None:
    os._exit(7)


HARM: dict[str, Callable[[], None]] = {
    "die": die,
    "crash": crash,
    "hang": hang,
    "gorge": gorge,
    "leave": leave,
}

if __name__ == "__main__":
    claims = markdown.claims

    def harmful(entry: Entry) -> object:
        text = entry.text() if entry.suffix == ".md" else ""
        if text.startswith("harm: "):
            HARM[text.removeprefix("harm: ").strip()]()
        return claims(entry)

    markdown.claims = harmful  # type: ignore[assignment]
    apart._main()

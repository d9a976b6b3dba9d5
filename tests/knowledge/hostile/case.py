"""One hostile archive, and what must become of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

KEPT = "kept.md"
GOOD = b"# Kept\n\nThis page is fine, whatever lies beside it: quokka.\n"


@dataclass(frozen=True)
class Case:
    """``build`` makes the file called ``name``, given the path of a folder outside to aim at.

    ``whole``: all of it is refused, with a reason in which this is found. Else ``documents`` come
    in and nothing else (None: whatever there is, but the good page), ``refused`` says how many
    others are refused by name (None: any number), and each of these refusals says ``reason``.
    ``either``: it may as well be refused as a whole, so long as it says why. ``heavy``: making or
    reading it takes its time.
    """

    build: Callable[[str], bytes]
    whole: str | None = None
    documents: frozenset[str] | None = frozenset({KEPT})
    refused: int | None = None
    reason: str = ""
    name: str = "export.zip"
    either: bool = False
    heavy: bool = False


def survived(
    build: Callable[[str], bytes],
    *also: str,
    reason: str = "",
    refused: int | None = None,
    kept: bool = True,
) -> Case:
    """The good page comes in, and so does ``also``; a refusal says ``reason``."""
    documents = frozenset({*also, KEPT} if kept else also)
    return Case(build, None, documents, 1 if reason and refused is None else refused, reason)


def heavy(case: Case) -> Case:
    """The same, seldom asked."""
    return replace(case, heavy=True)


def refused(build: Callable[[str], bytes], reason: str) -> Case:
    """Nothing of it comes in."""
    return Case(build, reason, frozenset())


def alone(
    build: Callable[[str], bytes], name: str, *documents: str, refused: int = 0, reason: str = ""
) -> Case:
    """A file that is handed in by itself."""
    return Case(build, None, frozenset(documents), refused, reason, name)


def beside(build: Callable[[str], bytes]) -> Case:
    """The good page comes in; what lies beside it is read or refused, as its reader sees fit."""
    return Case(build, documents=None)

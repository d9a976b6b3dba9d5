"""By kind of document, after how many months it is to be looked at again: as a setting says it."""

from __future__ import annotations

from knowledge.types import Kind

MOST = 120


def by_kind(told: str) -> dict[Kind, int]:
    """What ``note=6 writeup=12`` says. Raises ValueError."""
    found = {}
    for one in told.split():
        kind, _, months = one.partition("=")
        if kind not in set(Kind) or not months.isdecimal() or not 1 <= int(months) <= MOST:
            raise ValueError(f"{one!r} is not a kind and 1 to {MOST} months, as in note=6")
        found[Kind(kind)] = int(months)
    return found


def checked(told: str) -> str:
    """The same words, if they say something. Raises ValueError."""
    by_kind(told)
    return told

"""How long whoever writes now waits for others who write.

As long as is set, or less where somebody waits for an answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_most: ContextVar[float | None] = ContextVar("most", default=None)


@contextmanager
def at_most(seconds: float | None) -> Iterator[None]:
    """Whoever writes inside waits no longer; None changes nothing.

    Holds for this thread or task and the threads that it calls into, not for those it starts.
    """
    before = _most.set(seconds)
    try:
        yield
    finally:
        _most.reset(before)


def of(seconds: float) -> float:
    """How long to wait here and now, where the settings say ``seconds``."""
    most = _most.get()
    return seconds if most is None else min(seconds, most)

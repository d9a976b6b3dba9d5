"""What commands share: services for the time of a command, output, progress."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from api.services import Services
from knowledge.errors import InvalidSettings
from knowledge.settings import Settings, load_settings
from knowledge.store.database import exists

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

REFUSED = 3


@contextmanager
def opened(
    settings: Settings | None = None, *, new: bool = False, **more: Any
) -> Iterator[Services]:
    """The services for one command, closed afterwards; settings are the environment's.

    ``new``: the command makes a database where there is none. For any other, one that is missing
    is a mistyped name, not an empty company: raises InvalidSettings. ``more``: see Services.
    """
    chosen = settings or load_settings()
    if not new and not exists(chosen.storage):
        raise InvalidSettings(
            f"no whoknows data in {chosen.storage.data.absolute()}; set WHOKNOWS_DATA to the "
            "directory that holds them, or take something in first: whoknows ingest PATH"
        )
    services = Services(chosen, **more)
    try:
        yield services
    finally:
        services.close()


def cores() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def print_json(told: Any) -> None:
    """The one document on standard output."""
    sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")


class Reporter:
    """Progress: a bar on a terminal, otherwise a plain line now and then, the more seldom the more
    there is; on standard error."""

    _EVERY = 100

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._tasks: dict[str, Any] = {}

    def __call__(self, what: str, done: int, of: int) -> None:
        """Say that ``done`` of ``of`` (0: unknown) are done."""
        if self._progress is None:
            if done and done % max(self._EVERY, 10 ** (len(str(done)) - 2)) == 0:
                err.print(f"{what}: {done}" + (f" of {of}" if of else ""), markup=False)
            return
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=of or None)
        self._progress.update(self._tasks[what], completed=done, total=of or None)


@contextmanager
def reporting() -> Iterator[Reporter]:
    """A reporter for long work."""
    if not err.is_terminal:
        yield Reporter(None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=err, transient=True) as progress:
        yield Reporter(progress)

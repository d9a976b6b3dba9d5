"""The sample company's last months: played once, in a new demo, so that every page has something.

Everything is done through the use cases that people's own deeds go through, while time passes that
was not: months are published by what publishes them, and figures of few are not told here either.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from api import directory
from api.past.cast import Cast
from api.past.habits import Habits
from api.past.lately import Recent
from api.past.stories import Stories
from api.past.telling import read
from api.past.time import Agenda, Clock
from api.services import Services
from knowledge.roles import EVERYTHING
from knowledge.store import people

FOLDER = "past"
_COLLEAGUES = "colleagues.csv"
Progress = Callable[[str, int, int], None]
"""(what, done, in all)"""


def wanted(services: Services, source: Path) -> bool:
    """Whether it is still to be played: it was never begun, and no month is published, as it is
    where somebody has used the demo for long."""
    return not _begun(services, source) and not services.measures.months(EVERYTHING)


def broken_off(services: Services, source: Path) -> bool:
    """Whether it was begun and ended before its first month was published."""
    return _begun(services, source) and not services.measures.months(EVERYTHING)


def _begun(services: Services, source: Path) -> bool:
    (_, first), *_ = directory.rows(source / FOLDER / _COLLEAGUES)
    with services.database.read() as connection:
        return people.by_email(connection, first["email"]) is not None


def play(services: Services, clock: Clock, source: Path, progress: Progress) -> list[str]:
    """Play the past that is described in the samples' folder ``source``, after what is there was
    loaded. ``clock``: that of the services. Returns what was refused, and why.

    Equal samples, settings and times make equal pasts. Not to be played twice, also where it broke
    off: what was done would be done again.
    """
    folder = source / FOLDER
    told = read(folder / "past.yaml")
    files = source / "people.csv", folder / _COLLEAGUES
    known, new = ([directory.profile(row) for _, row in directory.rows(file)] for file in files)
    for one in new:
        services.directory.put(one)
    last = services.publishing.last_over()
    agenda = Agenda(services, clock, told.months, last, clock())
    cast = Cast(services, {one.name: one for one in (*known, *new)})
    Habits(services, agenda, cast, told).plan()
    Stories(services, agenda, cast, told).plan()
    Recent(services, agenda, cast, told.lately).plan()
    return agenda.play(lambda done, of: progress("days that passed", done, of))


__all__ = ["Clock", "broken_off", "play", "wanted"]

"""Archives that attack, and what others made to do harm, imported into a database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.apart import Apart
from knowledge.capture import Outcome, Status, Terms
from knowledge.errors import InvalidInput, UnreadableExport
from knowledge.execution import Course, Execution
from knowledge.store import sources
from knowledge.types import EVERYONE, Audience
from tests.builders import opened
from tests.knowledge.hostile import CASES, Case
from tests.knowledge.hostile.case import KEPT
from tests.knowledge.test_hostile_archives import place, put, read, warmed
from tests.knowledge.warm_reader import measured, peak, warm

__all__ = ["place", "warmed"]

# Of each kind a few, and all that ask for much.
# Not the long pages, for they come in: to split and embed them takes minutes.
WORST = [
    name
    for at, (name, case) in enumerate(CASES.items())
    if (case.heavy or at % 16 == 0) and not name.startswith("long.")
]
MOST = 200 * 1024 * 1024


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_an_import_survives_it_with_little_memory(
    place: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    """Through the whole execution into a database: all come out, nothing else is there."""
    peaks = tmp_path / "peaks"
    measured(monkeypatch, peaks)
    taken: dict[str, tuple[int, int]] = {}
    with opened(tmp_path / "data") as services:
        for name in ["a good archive", *WORST]:
            case = CASES[name]
            path = put(case, place)
            peaks.write_text("")
            start = forget_peak()
            course = Course(path, name, "auto", terms=Terms(Audience.of(EVERYONE)))
            outcomes: list[Outcome] = []
            error = None
            try:
                outcomes += Execution(services.database, services.capture, course).outcomes()
            except (UnreadableExport, InvalidInput) as raised:
                error = raised
            ours = peak() - start
            taken[name] = max(map(int, peaks.read_text().split()), default=0), ours
            with services.database.read() as connection:
                held = sources.of_source(connection, name)
            come = {o.name for o in outcomes if o.status is not Status.REFUSED}
            assert set(held) == come, name
            assert error is None or (case.whole or case.either), name
            assert (case.whole is not None) == (error is not None) or case.either, name
            if error is None and not case.either:
                assert case.documents is None or come == case.documents, name
                assert case.documents is not None or KEPT in come, name
            assert all(o.reason for o in outcomes if o.status is Status.REFUSED), name
            path.unlink()
        assert services.index.verify() == []
    usual = taken.pop("a good archive")[0]
    assert usual > 0
    worst = sorted(((child - usual, ours, name) for name, (child, ours) in taken.items()))
    for child, here, name in worst[-5:]:
        record_property(name, f"{child >> 20} MB more in the child, {here >> 20} MB here")
    assert max(child for child, _, _ in worst) < MOST, worst[-3:]
    assert max(ours for _, ours, _ in worst) < MOST, worst


def forget_peak() -> int:
    """Begin to measure this process anew; what it has now."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_others_made_to_do_harm(
    shared: Path, tmp_path: Path, warmed: None, place: Path
) -> None:
    """All of it at once, and each of its files alone."""
    hostile = shared / "hostile"
    files = sorted(path for path in hostile.rglob("*") if path.is_file())
    with pytest.MonkeyPatch.context() as patch, opened(tmp_path / "data") as services:
        measured(patch, tmp_path / "peaks")
        course = Course(hostile, "hostile", "auto", terms=Terms(Audience.of(EVERYONE)))
        execution = Execution(services.database, services.capture, course)
        told = {o.name: o for o in execution.outcomes()}
        (most,) = (int(line) for line in (tmp_path / "peaks").read_text().split())
        with services.database.read() as connection:
            held = set(sources.of_source(connection, "hostile"))
        assert held == {name for name, o in told.items() if o.status is not Status.REFUSED}
        assert services.index.verify() == []
    assert most < 2 * MOST
    assert not [o for o in told.values() if "understood" in str(o.reason)]
    shown = {path.relative_to(hostile).as_posix() for path in files}
    shown -= {name for name in shown if any(p.startswith(".") for p in name.split("/"))}
    assert shown - set(told) == set()
    with pytest.MonkeyPatch.context() as patch:
        warm(patch)
        for path in files:
            read(
                Case(lambda _: b"", documents=None, either=True),
                path,
                lambda path: Apart(path, "auto", source="hostile"),
            )

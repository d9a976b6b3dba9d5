"""Invariants 1, 2, 5 and 8: what a write promises."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, text

from knowledge.errors import DataLocked, DataUnavailable, OutOfSpace
from knowledge.store import changes
from knowledge.store.database import position
from knowledge.store.tables import changes as changes_table
from knowledge.store.tables import metadata
from knowledge.types import Audience
from tests.builders import document, opened, writing_elsewhere

FIRST = "Restore the ledger from last night's copy.\n\nThen check the totals."
SECOND = "Restore the ledger from last night's copy.\n\nThen ring the auditors."


@pytest.mark.sqlite("see test_postgresql for the other")
def test_a_commit_is_synced_and_checkpoints_are_ours(tmp_path: Path) -> None:
    with opened(tmp_path) as services, services.database.write() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA wal_autocheckpoint")).scalar() == 0


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    with (
        opened(tmp_path) as services,
        pytest.raises(DataUnavailable, match=r"read-?only"),
        services.database.read() as connection,
    ):
        connection.execute(text("DELETE FROM state"))


def everything(services: Any) -> dict[str, list[Any]]:
    with services.database.read() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in metadata.sorted_tables
        }


@pytest.mark.parametrize("action", ["edit", "delete", "audience"])
def test_a_fault_at_any_statement_leaves_nothing_behind(tmp_path: Path, action: str) -> None:
    with opened(tmp_path) as services:
        saved = services.capture.save(document("a", FIRST))
        assert saved.document_id is not None
        before = everything(services)
        perform = {
            "edit": lambda: services.capture.save(document("a", SECOND, tags=("money",))),
            "delete": lambda: services.capture.delete(saved.document_id),
            "audience": lambda: services.capture.set_audience(
                saved.document_id, Audience.of("group:ops")
            ),
        }[action]
        countdown = [0]

        def fail(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if statement.split(maxsplit=1)[0] in ("INSERT", "UPDATE", "DELETE"):
                countdown[0] -= 1
                if countdown[0] == 0:
                    raise KeyError("injected")

        event.listen(services.database._writer, "before_cursor_execute", fail)
        for at in range(1, 100):
            countdown[0] = at
            try:
                perform()
            except KeyError:
                assert everything(services) == before
            else:
                break
        assert at > 3
        assert everything(services) != before


@pytest.mark.sqlite("see test_postgresql for the other")
def test_a_full_disk_is_named_and_nothing_is_kept(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        services.capture.save(document("a", FIRST))
        before = everything(services)
        with services.database.write() as connection:
            pages = connection.execute(text("PRAGMA page_count")).scalar()
            connection.execute(text(f"PRAGMA max_page_count={pages}"))
        with pytest.raises(OutOfSpace):
            services.capture.save(document("b", "many words\n\n" * 20000))
        assert everything(services) == before


def test_change_numbers_are_in_commit_order(tmp_path: Path) -> None:
    """A poller that asks for what is new since the last number it saw misses nothing."""
    with opened(tmp_path) as services:

        def write(writer: int) -> None:
            for number in range(15):
                services.capture.save(document(f"{writer}-{number}", f"page {writer} {number}"))

        writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
        for thread in writers:
            thread.start()
        seen: set[int] = set()
        last = 0
        while len(seen) < 60 and (any(t.is_alive() for t in writers) or last < 60):
            with services.database.read() as connection:
                newest = position(connection)[1]
                seen.update(changes.documents_after(connection, last))
                last = newest
        for thread in writers:
            thread.join()
        with services.database.read() as connection:
            numbers = list(connection.execute(select(changes_table.c.sequence)).scalars())
        assert sorted(numbers) == list(range(1, 61))
        assert len(seen) == 60


def test_nobody_writes_without_the_lock(tmp_path: Path) -> None:
    with opened(tmp_path, lock_timeout_s=0.05) as services:
        services.capture.save(document("a", FIRST))
        with writing_elsewhere(tmp_path), pytest.raises(DataLocked, match="another process"):
            services.capture.save(document("a", SECOND))
        assert services.capture.save(document("a", SECOND)).status == "changed"


WRITER = """
import sys
from pathlib import Path
from tests.builders import document, opened
with opened(Path(sys.argv[1])) as services:
    for number in range(40):
        services.capture.save(document(f"{sys.argv[2]}-{number}", "word " * 500))
"""


@pytest.mark.slow
def test_two_processes_write_side_by_side(tmp_path: Path, repository: Path, engine: str) -> None:
    both = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name], cwd=repository)
        for name in ("one", "two")
    ]
    assert [process.wait() for process in both] == [0, 0]
    with opened(tmp_path) as services:
        with services.database.read() as connection:
            if engine == "sqlite":
                assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
            assert position(connection)[1] == 80
        assert services.index.verify() == []

"""Invariants 3, 4, 5 and 8 between processes: each writes, and each finds what the other wrote."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from knowledge.store import documents, people
from knowledge.store.database import position
from knowledge.store.tables import changes
from knowledge.types import OPERATOR, Contributor, Role
from tests.builders import document, opened

ROUNDS = 12
SHARED = ("shared-1", "shared-2")


class Process:
    """A process of the installation; one request at a time."""

    def __init__(self, repository: Path, data: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.invariants.side_worker", str(data)],
            cwd=repository,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._turn = threading.Lock()

    def ask(self, *told: Any) -> Any:
        """What it answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._turn:
            self._process.stdin.write(json.dumps(told) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def close(self) -> int:
        """End it; its exit code."""
        self._process.communicate()
        return self._process.returncode


@contextmanager
def two(repository: Path, data: Path, engine: str) -> Iterator[tuple[Process, Process]]:
    """Beside each other on SQLite; on PostgreSQL as on two machines, with nothing else shared."""
    apart = engine == "postgresql"
    made = [Process(repository, data / name if apart else data) for name in ("one", "two")]
    try:
        yield made[0], made[1]
    finally:
        codes = [process.close() for process in made]
    assert codes == [0, 0]


@pytest.mark.slow
def test_what_one_process_acknowledged_the_other_finds_next(
    tmp_path: Path, repository: Path, engine: str
) -> None:
    wrong: list[Any] = []

    def work(number: int, mine: Process, others: Process) -> None:
        chance = random.Random(number)
        for turn in range(ROUNDS):
            word = f"kestrel{number}x{turn}"
            # The same paragraph everywhere, so that both come and go with the same vector.
            body = f"{word}\n\nAll about kestrels."
            key = chance.choice([word, *SHARED])
            held = mine.ask("save", key, body)
            if key == word and key not in others.ask("find", word):
                wrong.append((word, "is missing"))
            if chance.random() < 0.6:
                mine.ask("delete", held)
                if word in others.ask("find", "about kestrels"):
                    wrong.append((word, "is still there"))

    with two(repository, tmp_path, engine) as (one, other):
        threads = [
            threading.Thread(target=work, args=(0, one, other)),
            threading.Thread(target=work, args=(1, other, one)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert one.ask("verify") == other.ask("verify") == []
        found = {key: sorted(p.ask("find", "kestrels")) for key, p in (("a", one), ("b", other))}
        assert found["a"] == found["b"]
    with opened(tmp_path) as services, services.database.read() as connection:
        held = {d.external_id for d in documents.load_all(connection, OPERATOR).values()}
        assert held == set(found["a"])
        numbers = connection.execute(select(changes.c.sequence).order_by(changes.c.sequence))
        assert numbers.scalars().all() == list(range(1, position(connection)[1] + 1))


@pytest.mark.slow
def test_whom_one_process_merged_the_other_ranks_as_one_next(
    tmp_path: Path, repository: Path, engine: str
) -> None:
    makers = [Contributor(f"Colleague {name}", Role.AUTHOR, handle=name) for name in "ab"]
    with opened(tmp_path) as services:
        for number, maker in enumerate(makers * 2):
            page = document(str(number), f"Kestrel {number} hovers.", contributors=(maker,))
            services.capture.save(page)
        with services.database.read() as connection:
            kept, gone = (people.by_handle(connection, "wiki", name) for name in "ab")
    with two(repository, tmp_path, engine) as (one, other):
        for mine, others in ((one, other), (other, one)):
            assert others.ask("who", "who knows about kestrels") == sorted([kept, gone])
            made = mine.ask("merge", kept, gone)
            assert others.ask("who", "who knows about kestrels") == [kept]
            assert others.ask("unmerge", made) == gone
            assert mine.ask("who", "who knows about kestrels") == sorted([kept, gone])
        assert one.ask("verify") == other.ask("verify") == []


WRITER = """
import sys
from pathlib import Path
from tests.invariants.test_processes import same_people
same_people(Path(sys.argv[1]), sys.argv[2])
"""


def same_people(data: Path, name: str) -> None:
    """Documents by people whom the other process writes about in the same moment."""
    with opened(data) as services:
        for number in range(15):
            makers = (
                Contributor(f"Colleague {number}", Role.AUTHOR),
                Contributor("Ada", Role.EDITOR, email=f"ada{number}@example.org"),
                Contributor("Bo", Role.EDITOR, handle=f"bo{number}"),
            )
            services.capture.save(document(f"{name}-{number}", "text", contributors=makers))


@pytest.mark.slow
def test_a_person_whom_two_processes_meet_at_once_is_one_person(
    tmp_path: Path, repository: Path
) -> None:
    both = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name], cwd=repository)
        for name in ("one", "two")
    ]
    assert [process.wait() for process in both] == [0, 0]
    with opened(tmp_path) as services, services.database.read() as connection:
        for number in range(15):
            (person,) = people.by_name(connection, f"Colleague {number}")
            assert len(people.documents_of(connection, person)) == 2
            assert people.by_email(connection, f"ada{number}@example.org") is not None
            assert people.by_handle(connection, "wiki", f"bo{number}") is not None

"""``whoknows audit``: what was done is listed, and a broken chain is noticed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from sqlalchemy import delete, update

from knowledge.audit import Action, Journal
from knowledge.store.identity_tables import audit
from tests.api.commands import in_this_process
from tests.builders import opened


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with opened(tmp_path) as services:
        for day, actor in enumerate(["operator", "person:7", "person:7"], 1):
            journal = Journal(services.database, lambda d=day: datetime(2026, 3, d, tzinfo=UTC))
            action = Action.IMPORTED if day == 3 else Action.ROLE_GRANTED
            journal.tell(actor, action, f"person:{day}", role="curator")
    return tmp_path


def audited(data: Path, *words: str) -> CompletedProcess[str]:
    return in_this_process(["audit", *words], {"WHOKNOWS_DATA": str(data)})


def listed(data: Path, *words: str) -> list[int]:
    done = audited(data, "list", "--json", *words)
    assert done.returncode == 0
    return [entry["sequence"] for entry in json.loads(done.stdout)]


@pytest.mark.sqlite("the command reads its settings itself")
def test_entries_are_listed_newest_first_and_narrowed(data: Path) -> None:
    assert listed(data) == [3, 2, 1]
    assert listed(data, "--limit", "1") == [3]
    assert listed(data, "--since", "2026-03-02") == [3, 2]
    assert listed(data, "--since", "2026-03-02T00:00:01") == [3]
    assert listed(data, "--actor", "person:7") == [3, 2]
    assert listed(data, "--action", "role-granted") == [2, 1]
    assert listed(data, "--actor", "person:8") == []
    told = audited(data, "list").stdout
    assert "role-granted" in told
    assert '"curator"}' in told
    assert "nothing of that" in audited(data, "list", "--actor", "person:8").stdout
    assert audited(data, "list", "--action", "eaten").returncode == 2


@pytest.mark.sqlite("the command reads its settings itself")
def test_a_sound_chain_holds_also_against_what_was_noted(data: Path) -> None:
    done = audited(data, "verify")
    assert done.returncode == 0
    first, noted = done.stdout.splitlines()
    assert first == "the audit holds: 3 entries; note this elsewhere:"
    assert audited(data, "verify", "--known", noted).returncode == 0
    told = json.loads(audited(data, "verify", "--json").stdout)
    assert f"{told['entries']}:{told['seal']}" == noted
    assert told["problem"] == ""
    with opened(data) as services:
        services.journal.tell("operator", Action.BACKED_UP)
    assert audited(data, "verify", "--known", noted).returncode == 0


@pytest.mark.sqlite("the command reads its settings itself")
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (update(audit).where(audit.c.sequence == 2).values(actor="person:8"), "entry 2 is not"),
        (delete(audit).where(audit.c.sequence == 2), "entry 2 is missing"),
        (delete(audit).where(audit.c.sequence == 3), "entry 3 is missing"),
        (update(audit).where(audit.c.sequence == 3).values(sequence=9), "entry 3 is missing"),
    ],
)
def test_a_broken_chain_is_told_in_one_line_and_by_the_exit_code(
    data: Path, change: object, problem: str
) -> None:
    with opened(data) as services, services.database.write() as connection:
        connection.execute(change)  # type: ignore[call-overload]
    done = audited(data, "verify")
    assert done.returncode == 1
    assert done.stdout.startswith(f"the audit is broken: {problem}")
    assert len(done.stdout.splitlines()) == 1
    machine = audited(data, "verify", "--json")
    assert machine.returncode == 1
    assert json.loads(machine.stdout)["problem"].startswith(problem)


@pytest.mark.sqlite("the command reads its settings itself")
def test_a_chain_made_anew_is_told_from_the_one_that_was_noted(data: Path, tmp_path: Path) -> None:
    with opened(tmp_path / "anew") as services:
        services.journal.tell("operator", Action.BACKED_UP)
        seal = services.journal.head()[1]
    done = audited(data, "verify", "--known", f"1:{seal}")
    assert done.returncode == 1
    assert "entry 1 is another one than was noted" in done.stdout
    beyond = audited(data, "verify", "--known", f"9:{seal}")
    assert beyond.returncode == 1
    assert "entry 9, which was noted, is missing" in beyond.stdout
    assert audited(data, "verify", "--known", "nonsense").returncode == 2

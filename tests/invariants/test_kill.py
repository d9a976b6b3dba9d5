"""Invariants 1, 2 and 3 under ``kill -9``: nothing acknowledged is lost, indexes stay true."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from knowledge.store import access, documents
from knowledge.types import OPERATOR
from tests.builders import opened
from tests.invariants.kill_worker import AUDIENCES

State = dict[str, tuple[str, int]]


@pytest.mark.parametrize(
    "kills", [4, pytest.param(40, marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
)
def test_killed_writers_lose_nothing(tmp_path: Path, repository: Path, kills: int) -> None:
    chance = random.Random(kills)
    state: State = {}
    acknowledged = 0
    for seed in range(kills):
        lines = run_and_kill(repository, tmp_path, seed, chance)
        begun = None
        for told in lines:
            begun = told if told["phase"] == "begin" else None
            if begun is None:
                apply(state, told)
                acknowledged += 1
        found = stored(tmp_path)
        if begun is not None and found != state:
            apply(state, begun)
        assert found == state
    assert acknowledged >= kills


def run_and_kill(
    repository: Path, data: Path, seed: int, chance: random.Random
) -> list[dict[str, Any]]:
    """Everything the worker told until it was killed, at a moment that nobody chose."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.invariants.kill_worker", str(data), str(seed)],
        cwd=repository,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    lines = []
    for _ in range(chance.randrange(3, 60)):
        line = worker.stdout.readline()
        assert line, "the worker ended by itself"
        lines.append(line)
    with suppress(subprocess.TimeoutExpired):
        worker.wait(chance.random() * 0.03)
    worker.send_signal(signal.SIGKILL)
    lines += worker.stdout.readlines()
    worker.wait()
    worker.stdout.close()
    return [json.loads(line) for line in lines if line.endswith("\n")]


def apply(state: State, told: dict[str, Any]) -> None:
    if told["do"] == "delete":
        state.pop(told["key"])
    elif told["do"] == "audience":
        state[told["key"]] = (state[told["key"]][0], told["audience"])
    else:
        state[told["key"]] = (told["body"], told["audience"])


def stored(data: Path) -> State:
    with opened(data) as services:
        assert services.index.verify() == []
        with services.database.read() as connection:
            return {
                d.external_id: (
                    documents.body(connection, d.id, OPERATOR),
                    AUDIENCES.index(access.audience_of(connection, d.audience_id)),
                )
                for d in documents.load_all(connection, OPERATOR).values()
            }

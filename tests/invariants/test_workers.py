"""Invariant 4 over HTTP: whichever worker answers, it knows what another acknowledged."""

from __future__ import annotations

import random
import signal
import threading
from pathlib import Path

import httpx2
import pytest

from knowledge.people import Profile
from knowledge.types import Scope
from tests.api.test_server import running
from tests.builders import opened

pytestmark = pytest.mark.postgresql
ROUNDS = 15


def test_every_worker_finds_what_any_of_them_acknowledged(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        services.directory.put(Profile("Ada Field", "ada@example.org"))
        secret = services.tokens.create("test", list(Scope), email="ada@example.org")[1]
    wrong: list[tuple[str, str]] = []
    with running(tmp_path, "serve", "--port", "0", "--workers", "2") as (process, address):

        def work(client: int) -> None:
            chance = random.Random(client)
            for turn in range(ROUNDS):
                word = f"kestrel{client}x{turn}"
                made = ask("POST", "documents", json={"title": word, "body": f"All about {word}."})
                assert made.status_code == 201, made.text
                # Every request on a connection of its own, so by whichever worker is free.
                if not all(word in titles(word) for _ in range(3)):
                    wrong.append((word, "is missing"))
                if chance.random() < 0.5:
                    gone = ask("DELETE", f"documents/{made.json()['id']}")
                    assert gone.status_code == 204, gone.text
                    if any(word in titles(word) for _ in range(3)):
                        wrong.append((word, "is still there"))

        def ask(method: str, path: str, **more: object) -> httpx2.Response:
            headers = {"Authorization": f"Bearer {secret}", "Connection": "close"}
            return httpx2.request(
                method, f"{address}/api/v1/{path}", headers=headers, timeout=60, **more
            )

        def titles(word: str) -> set[str]:
            answer = ask("GET", f"search?q={word}&limit=50")
            assert answer.status_code == 200, answer.text
            return {hit["document"]["title"] for hit in answer.json()["answers"]}

        failed: list[BaseException] = []

        def guarded(client: int) -> None:
            try:
                work(client)
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=guarded, args=(n,)) for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert failed == []
    assert wrong == []
    with opened(tmp_path) as services:
        assert services.index.verify() == []

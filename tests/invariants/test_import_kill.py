"""An import over HTTP under ``kill -9`` of everything: nothing twice, nothing lost.

What a 202 acknowledged is read to its end by whatever starts next, and reported as if nothing had
happened; a file whose upload was cut off is sent again under the same key.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from api.services import Services
from api.worker import Stop, environment, work
from knowledge.imports import Order
from knowledge.store import access, documents
from knowledge.types import OPERATOR, Import, ImportItem, ImportState, Scope
from tests.builders import opened, settings
from tests.knowledge.test_imports import hand_in, zipped

Told = tuple[dict[str, int], list[ImportItem]]
PAGES = 90


def export(number: int) -> bytes:
    """Some pages are new, some changed, most as they were, some refused in every import."""
    pages = {}
    for page in range(PAGES + number * 10):
        edition = number if page % 3 == number % 3 else 0
        author = f"author: Writer {page % 7}" if page % 2 else "title: Kilns"
        text = f"---\n{author}\n---\n# Page {page}\n\n" + f"Kiln {page} edition {edition}. " * 20
        pages[f"{page:03}.md"] = "" if page % 11 == 5 else text
        if page % 13 == 7:
            pages[f"{page:03}.png"] = "nothing to read"
    return zipped(pages)


@pytest.mark.sqlite(reason="the slow test below runs on both")
@pytest.mark.timeout(300)
def test_a_killed_import_ends_as_if_nothing_had_happened(tmp_path: Path, repository: Path) -> None:
    storm(tmp_path, repository, 3)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_often_killed_imports_end_as_if_nothing_had_happened(
    tmp_path: Path, repository: Path
) -> None:
    storm(tmp_path, repository, 20)


def storm(tmp_path: Path, repository: Path, kills: int) -> None:
    """Import after import, until so many kills are done and the last one is through."""
    chance = random.Random(kills)
    killed = 0
    expected = undisturbed(tmp_path / "calm", 1 + kills // 4)
    data = tmp_path / "stormy"
    with opened(data) as services:
        _, secret = services.tokens.create("tests", [Scope.IMPORT])
    for number, (told, held) in enumerate(expected):
        key, reported = None, 0
        while True:
            with server(repository, data) as (process, host):
                client = Client(host, secret)
                stormy = killed < kills * (number + 1) // len(expected)
                if key is None:
                    if stormy and chance.random() < 0.3:
                        client.begin_upload(export(number), chance.random())
                        killed += kill(process)
                        continue
                    key = client.upload(number)
                    assert key == client.upload(number), "the same request made a second import"
                if stormy:
                    until = chance.randrange(reported, len(told[1]) + 1)
                    seen = client.wait_for(key, until)
                    with suppress(subprocess.TimeoutExpired):
                        process.wait(chance.random() * 0.05)
                    killed += kill(process)
                    reported = len(seen)
                    assert told[1][:reported] == [replace(i, document_id=None) for i in seen]
                    continue
                client.wait_for(key, None)
            break
        with opened(data) as services:
            job = services.imports.get(key, OWNER)
            assert job.state is ImportState.DONE
            assert report(services, job) == told
            assert everything(services) == held
            assert services.index.verify() == []
            assert not list((data / "imports").iterdir())
    assert killed == kills


OWNER = "token:1"


def undisturbed(data: Path, count: int) -> list[tuple[Told, dict[str, Any]]]:
    """What each import reports, and what is held after it, when nothing goes wrong."""
    found = []
    with opened(data) as services:
        for number in range(count):
            order = Order("wiki.zip", audience=("group:kiln",))
            job = hand_in(services.imports, export(number), order, OWNER)
            work(services, Stop(), lambda _: None)
            found.append((report(services, job), everything(services)))
    return found


def report(services: Services, job: Import) -> Told:
    """Without ids, of which PostgreSQL leaves some out; each must be of the document named."""
    job, items = services.imports.progress(job.id, OWNER, 0, 10_000)
    with services.database.read() as connection:
        held = documents.load(connection, [i.document_id for i in items if i.document_id], OPERATOR)
    for item in items:
        assert (item.status == "refused") == (item.document_id is None)
        assert item.document_id is None or held[item.document_id].external_id == item.name
    return job.counts, [replace(item, document_id=None) for item in items]


def everything(services: Services) -> dict[str, Any]:
    """Every document with its text, its makers and who may read it; people by their names."""
    with services.database.read() as connection:
        return {
            held.external_id: (
                held.revision,
                held.source_key,
                documents.body(connection, held.id, OPERATOR),
                access.audience_of(connection, held.audience_id),
                [(made.name, made.role, made.weight) for made in held.contributions],
            )
            for held in documents.load_all(connection, OPERATOR).values()
        }


@contextmanager
def server(repository: Path, data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``whoknows serve`` with its workers in a group of their own, and where it answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "serve", "--port", "0"],
        cwd=repository,
        env=environment(settings(data)),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        yield process, urlsplit(process.stdout.readline().strip()).netloc
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        assert process.stdout is not None
        process.stdout.close()


def kill(process: subprocess.Popen[str]) -> int:
    """Kill the service and its worker as a power cut would. Returns 1, to be counted."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return 1


class Client:
    """Somebody who hands files in."""

    def __init__(self, host: str, secret: str) -> None:
        self._host = host
        self._headers = {"Authorization": f"Bearer {secret}"}

    def upload(self, number: int) -> str:
        """Hand in an export, always under the same key. Returns the import's id."""
        told = self._ask("POST", "", *self._form(export(number), number))
        return str(told["id"])

    def begin_upload(self, data: bytes, share: float) -> None:
        """Send the beginning of a form, and leave it at that."""
        body, headers = self._form(data, 0)
        connection = http.client.HTTPConnection(self._host, timeout=30)
        connection.putrequest("POST", "/api/v1/imports")
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(body[: int(len(body) * share)])
        connection.close()

    def wait_for(self, key: str, number: int | None) -> list[ImportItem]:
        """Listen until so many items were told, or with None until the end."""
        seen: list[ImportItem] = []
        while True:
            connection = http.client.HTTPConnection(self._host, timeout=60)
            headers = self._headers | {"Last-Event-ID": str(len(seen))}
            connection.request("GET", f"/api/v1/imports/{key}/events", headers=headers)
            response = connection.getresponse()
            assert response.status == 200
            name = ""
            for raw in response:
                line = raw.decode().rstrip("\n")
                name = line.removeprefix("event: ") if line.startswith("event: ") else name
                if line.startswith("data: ") and name == "item":
                    seen.append(ImportItem(**json.loads(line.removeprefix("data: "))))
                ended = line.startswith("data: ") and name == "end"
                if ended or (number is not None and len(seen) >= number):
                    connection.close()
                    return seen
            connection.close()

    def _form(self, data: bytes, number: int) -> tuple[bytes, dict[str, str]]:
        disposition = "Content-Disposition: form-data; name="
        body = (
            f'--b\r\n{disposition}"audience"\r\n\r\ngroup:kiln\r\n'
            f'--b\r\n{disposition}"file"; filename="wiki.zip"\r\n\r\n'
        ).encode()
        headers = {
            "Content-Type": "multipart/form-data; boundary=b",
            "Idempotency-Key": f"export {number}",
        }
        return body + data + b"\r\n--b--\r\n", self._headers | headers

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Any:
        connection = http.client.HTTPConnection(self._host, timeout=30)
        try:
            connection.request(method, f"/api/v1/imports{path}", body, headers)
            response = connection.getresponse()
            told = response.read()
            assert response.status == 202, told
            return json.loads(told)
        finally:
            connection.close()

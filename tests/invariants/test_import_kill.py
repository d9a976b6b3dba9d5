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
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from sqlalchemy import Connection, Table, select

from api.services import Services
from api.worker import Stop, environment, work
from knowledge.execution import Execution
from knowledge.imports import Order
from knowledge.jobs import Import, ImportItem, ImportState
from knowledge.store import access, changes, documents, tables
from knowledge.types import OPERATOR, Loss, Scope
from tests.builders import opened, settings
from tests.invariants.space import Page, image, link, space
from tests.knowledge.test_imports import hand_in, zipped

Told = tuple[dict[str, int], list[ImportItem], dict[str, Any] | None]
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


PEOPLE = {f"writer.{number}": f"Writer {number}" for number in range(7)}


def wiki(number: int) -> bytes:
    """A space of Confluence: pages that link and show files, some of them restricted; with each
    edition some change, some get another id, some are new and some are gone."""
    pages = []
    for page in range(PAGES):
        edition = number if page % 5 == number % 5 else 0
        moves = page % 8 == 3
        if page % 11 == 10 and number > page % 3:
            continue
        above = page // 10 * 10
        files = {f"plan {page % 6}.png": b"\x89PNG\r\n\x1a\n" + bytes([page % 6]) * 400}
        body = f"<h2>Kiln {page}</h2>" + "".join(
            f"<p>Kiln {page} edition {0 if moves else edition}, line {line}.</p>"
            for line in range(9)
        )
        pages.append(
            Page(
                id=1000 + page + (number * 1000 if moves else 0),
                title=f"Page {page}",
                body=body + link(f"Page {(page * 7) % PAGES}", "see") + image(next(iter(files))),
                author=f"writer.{page % 7}",
                parent=1000 + above if page != above and above % 8 != 3 else None,
                labels=(f"label{page % 4}",),
                readers=("writer.1", "group:kiln")[: 1 + page % 2] if page % 9 == 0 else (),
                files=files if page % 3 == 0 else {},
                comments=(("writer.2", f"Is it hot, {page}?"),) if page % 4 == 0 else (),
            )
        )
    return space(pages, PEOPLE, "kiln")


class Killed(BaseException):
    """Instead of a signal, where the moment has to be met."""


@pytest.mark.slow
def test_an_import_killed_while_it_moves_and_puts_away_ends_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.PAGES", 40)
    _, (told, held) = undisturbed(tmp_path / "calm", 2, wiki)
    steps = told[0]["moved"] + told[0]["archived"]
    assert steps > 5
    assert told[0]["archived"]
    settle, record = Execution._settle, changes.record
    left = [0]

    def settled(execution: Execution, before: dict[str, int]) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(changes, "record", recorded)
            settle(execution, before)

    def recorded(connection: Connection, ids: Collection[int]) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        record(connection, ids)

    with opened(tmp_path / "stormy") as services:
        order = Order("wiki.zip", audience=("group:kiln",))
        hand_in(services.imports, wiki(0), order, OWNER)
        work(services, Stop(), lambda _: None)
        job = hand_in(services.imports, wiki(1), order, OWNER)
        monkeypatch.setattr(Execution, "_settle", settled)
        for left[0] in (0, 2, 2):
            with pytest.raises(Killed):
                services.runner(lambda: False).run(services.imports.unfinished()[0])
        monkeypatch.setattr(Execution, "_settle", settle)
        work(services, Stop(), lambda _: None)
        assert report(services, job) == told
        assert everything(services) == held
        assert services.index.verify() == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_often_killed_imports_end_as_if_nothing_had_happened(
    tmp_path: Path, repository: Path
) -> None:
    storm(tmp_path, repository, 20, export)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_often_killed_imports_of_a_wiki_end_as_if_nothing_had_happened(
    tmp_path: Path, repository: Path
) -> None:
    storm(tmp_path, repository, 20, wiki)


def storm(tmp_path: Path, repository: Path, kills: int, export: Callable[[int], bytes]) -> None:
    """Import after import, until so many kills are done and the last one is through.

    Killed is everything, or now and then only the worker or only what reads for it.
    """
    chance = random.Random(kills)
    killed = 0
    expected = undisturbed(tmp_path / "calm", 1 + kills // 4, export)
    data = tmp_path / "stormy"
    with opened(data) as services:
        _, secret = services.tokens.create("tests", [Scope.IMPORT])
    for number, (told, held) in enumerate(expected):
        key, reported = None, 0
        while True:
            with server(repository, data) as (process, host):
                client = Client(host, secret, export)
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
                    if chance.random() < 0.4:
                        # Only one of them; the others go on, until all are killed.
                        client.wait_for(key, chance.randrange(reported, until + 1))
                        killed += kill_one(process, chance.choice(["worker", "knowledge.apart"]))
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
    assert killed >= kills


OWNER = "token:1"


def undisturbed(
    data: Path, count: int, export: Callable[[int], bytes]
) -> list[tuple[Told, dict[str, Any]]]:
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
        # What has moved is now the document that it was before.
        if item.document_id in held or not job.counts["moved"]:
            assert item.document_id is None or held[item.document_id].external_id == item.name
    return job.counts, [replace(item, document_id=None) for item in items], job.summary


def everything(services: Services) -> dict[str, Any]:
    """Every document with all that hangs on it, and who may read it; people by their names."""
    with services.database.read() as connection:
        names = {row.id: row.name for row in connection.execute(select(tables.people))}

        def known(token: str) -> str:
            return names.get(int(token[7:]), token) if token.startswith("person:") else token

        def of(table: Table, key: int, *columns: str) -> list[tuple[Any, ...]]:
            asked = select(*(table.c[name] for name in columns)).where(table.c.document_id == key)
            return sorted(tuple(row) for row in connection.execute(asked))

        made: dict[str, Any] = {
            held.external_id: (
                held.revision,
                held.source_key,
                documents.body(connection, held.id, OPERATOR),
                [
                    sorted(map(known, clause))
                    for clause in access.audience_of(connection, held.audience_id).clauses
                ],
                [(made.name, made.role, made.weight) for made in held.contributions],
                of(tables.revisions, held.id, "number", "title", "body"),
                of(tables.links, held.id, "position", "href", "target"),
                of(tables.attachments, held.id, "position", "href", "name", "size", "digest"),
                of(tables.aliases, held.id, "alias"),
                of(tables.document_tags, held.id, "tag"),
                of(tables.passages, held.id, "ordinal", "start", "end", "text"),
            )
            for held in documents.load_all(connection, OPERATOR).values()
        }
        away = select(tables.documents.c.external_id).where(
            tables.documents.c.archived_at.is_not(None)
        )
        made["archived"] = sorted(connection.execute(away).scalars())
        made["blobs"] = sorted(connection.execute(select(tables.blobs.c.digest)).scalars())
        made["people"] = sorted(names.values())
        return made


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


def kill_one(process: subprocess.Popen[str], command: str) -> int:
    """Kill the worker, with which its reader ends, or its reader. How many were killed: it may
    have ended by itself."""
    below = psutil.Process(process.pid).children(recursive=True)
    chosen = [one for one in below if command in running(one)]
    for one in chosen:
        with suppress(psutil.NoSuchProcess):
            readers = [two for two in one.children() if "knowledge.apart" in running(two)]
            one.kill()
            for two in readers:
                with suppress(psutil.TimeoutExpired):
                    two.wait(5)
                assert not two.is_running() or two.status() == psutil.STATUS_ZOMBIE
    return len(chosen)


def running(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


def kill(process: subprocess.Popen[str]) -> int:
    """Kill the service and its worker as a power cut would. Returns 1, to be counted."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return 1


class Client:
    """Somebody who hands files in."""

    def __init__(self, host: str, secret: str, export: Callable[[int], bytes]) -> None:
        self._export = export
        self._host = host
        self._headers = {"Authorization": f"Bearer {secret}"}

    def upload(self, number: int) -> str:
        """Hand in an export, always under the same key. Returns the import's id."""
        told = self._ask("POST", "", *self._form(self._export(number), number))
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
                    told = json.loads(line.removeprefix("data: "))
                    lost = tuple(Loss(**one) for one in told.pop("losses"))
                    seen.append(ImportItem(**told, losses=lost))
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

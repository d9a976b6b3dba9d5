"""The service as a process: it says where it serves, drains when told to stop, and exits 0."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import httpx2
import pytest

from api import server
from api.cli.serve import described
from knowledge.errors import InvalidInput
from knowledge.people import Profile
from knowledge.types import Scope
from tests.api.commands import in_this_process
from tests.builders import document, opened, writing_elsewhere

ROOT = Path(__file__).parents[2]
WAIT = 60


def command(data: Path, *arguments: str) -> tuple[list[str], dict[str, str]]:
    return [sys.executable, "-m", "api.cli", *arguments], os.environ | environment(data)


def environment(data: Path) -> dict[str, str]:
    return {"WHOKNOWS_DATA": str(data), "WHOKNOWS_EMBEDDER": "hashing"}


@contextmanager
def running(data: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A serving process and its address, once it answers."""
    words, env = command(data, *arguments)
    log = (data / "log.txt").open("w+")
    process = subprocess.Popen(
        words, env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said, (data / "log.txt").read_text()
        yield process, said.strip()
    finally:
        process.kill()
        process.communicate()
        log.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with opened(tmp_path) as services:
        services.directory.put(Profile("Ada Field", "ada@example.org"))
        services.capture.save(document("kilns", "Kilns cool slowly."))
    return tmp_path


@pytest.fixture
def secret(data: Path) -> str:
    with opened(data) as services:
        return services.tokens.create("test", list(Scope))[1]


def started(address: str) -> tuple[socket.socket, bytes]:
    """A request that the application is reading, and what it still waits for."""
    body = b"csrf=0123456789abcdef"
    split = urlsplit(address)
    assert split.hostname is not None
    connection = socket.create_connection((split.hostname, split.port), timeout=WAIT)
    head = (
        f"POST /sign-out HTTP/1.1\r\nHost: {split.netloc}\r\nExpect: 100-continue\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    connection.sendall(head.encode())
    assert connection.recv(100).startswith(b"HTTP/1.1 100")
    connection.sendall(body[:10])
    return connection, body[10:]


def refuses_connections(address: str) -> None:
    """Return once nobody listens there any more."""
    split = urlsplit(address)
    assert split.hostname is not None
    while True:
        try:
            socket.create_connection((split.hostname, split.port), timeout=WAIT).close()
        except ConnectionError:
            return


@pytest.mark.slow
def test_what_runs_when_it_is_told_to_stop_is_answered(data: Path, secret: str) -> None:
    with running(data, "serve", "--port", "0") as (process, address):
        assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+", address)
        found = httpx2.get(
            f"{address}/api/v1/search?q=kilns", headers={"Authorization": f"Bearer {secret}"}
        )
        assert found.json()["answers"][0]["document"]["title"] == "Page kilns"
        assert httpx2.get(f"{address}/readyz").status_code == 200

        waiting = [started(address) for _ in range(8)]
        process.send_signal(signal.SIGTERM)
        refuses_connections(address)
        assert process.poll() is None
        for connection, rest in waiting:
            connection.sendall(rest)
        for connection, _ in waiting:
            with connection, connection.makefile("rb") as answer:
                told = answer.read()
            assert told.startswith(b"HTTP/1.1 303"), told
            assert b"location: /sign-in" in told
        assert process.wait(WAIT) == 0
        assert process.stdout is not None
        assert process.stdout.read() == ""
    log = (data / "log.txt").read_text()
    assert '"route": "/api/v1/search"' in log
    assert "kilns" not in log
    assert "the audit's head" in log  # for whoever keeps it elsewhere
    assert "Traceback" not in log
    with opened(data) as services:
        assert services.index.saved_sequence == 1


@pytest.mark.slow
def test_who_waits_to_write_keeps_no_search_waiting(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHOKNOWS_SERVE_THREADS", "2")
    with opened(data) as services:
        secret = services.tokens.create("ada", list(Scope), email="ada@example.org")[1]
    ask = {"headers": {"Authorization": f"Bearer {secret}"}, "timeout": 30}
    page = {"title": "Glaze", "body": "Glaze runs when it is thick."}

    with running(data, "serve", "--port", "0") as (_, address), ThreadPoolExecutor(12) as pool:

        def write(_number: int) -> httpx2.Response:
            return httpx2.post(f"{address}/api/v1/documents", json=page, **ask)

        def upload(number: int) -> httpx2.Response:
            file = (f"{number}.md", b"# Clay\n\nClay shrinks as it dries.")
            return httpx2.post(f"{address}/api/v1/imports", files={"file": file}, **ask)

        with writing_elsewhere(data):
            uploads = [pool.submit(upload, number) for number in range(2)]
            writes = [pool.submit(write, number) for number in range(10)]
            for path in ("/api/v1/search?q=kilns", "/readyz") * 5:
                assert httpx2.get(address + path, **ask).status_code == 200
            answers = [waiting.result() for waiting in writes]
        assert {answer.status_code for answer in answers} == {503}
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers)
        assert [waiting.result().status_code for waiting in uploads] == [202, 202]
        assert write(0).status_code == 201


@pytest.mark.slow
def test_a_second_signal_gives_up_what_still_runs(data: Path) -> None:
    with running(data, "serve", "--port", "0") as (process, address):
        connection, _ = started(address)
        process.send_signal(signal.SIGTERM)
        refuses_connections(address)
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT) == 1
        with connection:
            told = connection.recv(100)
        assert not told or told.startswith(b"HTTP/1.1 500")
    with opened(data) as services:
        assert services.index.verify() == []


def test_a_signal_to_stop_is_told_before_the_server_acts_on_it() -> None:
    order: list[str] = []
    stopping = threading.Event()

    def servers(_number: int, _frame: FrameType | None) -> None:
        order.append(f"stopping: {stopping.is_set()}")

    before = {number: signal.signal(number, servers) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with server._told_to_stop(stopping):
            signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGTERM) is servers
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert order == ["stopping: True", "stopping: True"]


def test_a_company_that_knows_nothing_is_said_to_be_one(tmp_path: Path) -> None:
    with running(tmp_path, "serve", "--port", "0"):
        assert f"{tmp_path}, which holds no documents yet\n" in (tmp_path / "log.txt").read_text()
    with opened(tmp_path) as services:
        services.capture.save(document("kilns", "Kilns cool slowly."))
        assert described(services) == f"{tmp_path}: 1 documents"


@pytest.mark.parametrize("name", ["serve", "demo"])
def test_a_taken_port_is_said_with_the_way_out(tmp_path: Path, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = in_this_process([name, "--port", str(port)], environment(tmp_path / "data"))
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"port {port} is taken" in done.stderr
    assert f"--port {port + 1}" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.sqlite("PostgreSQL takes them")
def test_several_workers_need_postgresql(data: Path) -> None:
    words, env = command(data, "serve", "--port", "0", "--workers", "2")
    done = subprocess.run(words, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "need PostgreSQL" in done.stderr
    assert "WHOKNOWS_DATABASE_URL" in done.stderr


@pytest.mark.postgresql
def test_several_workers_serve_and_drain_together(data: Path, secret: str) -> None:
    with running(data, "serve", "--port", "0", "--workers", "2") as (process, address):
        waiting = [started(address) for _ in range(8)]
        process.send_signal(signal.SIGTERM)
        refuses_connections(address)
        for connection, rest in waiting:
            connection.sendall(rest)
        for connection, _ in waiting:
            with connection, connection.makefile("rb") as answer:
                assert answer.read().startswith(b"HTTP/1.1 303")
        assert process.wait(WAIT) == 0


@pytest.mark.postgresql
def test_workers_end_with_whoever_started_them(data: Path) -> None:
    with running(data, "serve", "--port", "0", "--workers", "2") as (process, address):
        assert httpx2.get(f"{address}/livez", timeout=WAIT).status_code == 200
        process.kill()
        process.wait(WAIT)
        refuses_connections(address)


def test_a_worker_that_ended_is_answered_for() -> None:
    asked, answers = multiprocessing.Pipe()
    worker = multiprocessing.get_context("spawn").Process(target=sys.exit, args=(3,))
    worker.start()
    server._answer_for(worker.sentinel, answers)
    assert asked.poll(0)
    assert asked.recv() is False
    worker.join()
    answers.close()
    server._answer_for(worker.sentinel, answers)
    asked.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "example.org"])
def test_the_demo_serves_nobody_else(tmp_path: Path, host: str) -> None:
    done = in_this_process(["demo", "--port", "0", "--host", host], environment(tmp_path / "data"))
    assert done.returncode == 2
    assert "whoknows serve" in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.slow
@pytest.mark.sqlite("the demo has a file of its own")
@pytest.mark.timeout(300)
def test_the_demo_opens_as_a_sample_person_and_keeps_what_it_loaded(tmp_path: Path) -> None:
    query = "/api/v1/search?q=how+do+I+restore+a+backup"
    loaded = []
    for _ in range(2):
        with running(tmp_path, "demo", "--port", "0") as (process, address):
            answers = httpx2.get(address + query).json()["answers"]
            assert answers[0]["document"]["title"] == "Restoring a backup of the Tideline database"
            assert httpx2.get(address + query, headers={"Host": "evil.example"}).status_code == 403
            waiting = httpx2.get(f"{address}/api/v1/questions?box=to_answer").json()["questions"]
            assert len(waiting) == 2
            newest = httpx2.get(f"{address}/api/v1/documents?limit=1").json()["documents"][0]["id"]
            process.send_signal(signal.SIGTERM)
            assert process.wait(WAIT) == 0
        loaded.append((newest, (tmp_path / "demo" / "samples.loaded").stat().st_mtime_ns))
    assert loaded[0] == loaded[1]
    assert not (tmp_path / "whoknows.db").exists()


def test_an_address_that_cannot_be_used_is_said() -> None:
    with pytest.raises(InvalidInput, match=r"cannot listen at 192\.0\.2\.1"):
        server.bind("192.0.2.1", 0)
    with pytest.raises(InvalidInput, match=r"cannot listen at nowhere\.invalid"):
        server.bind("nowhere.invalid", 0)


@pytest.mark.parametrize(
    ("host", "shown"), [("127.0.0.1", r"http://127\.0\.0\.1:\d+"), ("::1", r"http://\[::1\]:\d+")]
)
def test_the_address_is_one_a_browser_understands(host: str, shown: str) -> None:
    with server.bind(host, 0) as bound:
        assert re.fullmatch(shown, server.url(bound))


def loads(statement: str) -> Callable[[str], bool]:
    """Whether Python has a module loaded after a statement."""
    done = subprocess.run(
        [sys.executable, "-c", f"{statement}; import sys; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split().__contains__


def test_the_command_line_starts_without_what_only_some_commands_need() -> None:
    loaded = loads("import api.cli")
    assert loaded("api.cli.serve")
    assert loaded("typer")
    heavy = "torch transformers sentence_transformers faiss tantivy uvicorn fastapi alembic".split()
    assert [name for name in heavy if loaded(name)] == []


def test_memory_is_told_first_what_to_do_and_settles_when_all_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as services:
        loaded = {}
        for step in ("give_back", "settle"):
            monkeypatch.setattr(
                server.memory,
                step,
                lambda step=step: loaded.update({step: "index" in vars(services)}),
            )
        server.warm_up(services)
    assert loaded == {"give_back": False, "settle": True}

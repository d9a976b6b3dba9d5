"""The worker and what starts it, as processes where their end matters."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from api import worker
from api.services import Services
from api.worker import Stop, WorkerSupervisor, environment, work
from knowledge.errors import OutOfSpace
from knowledge.imports import Order
from knowledge.jobs import Import, ImportState
from knowledge.mail_settings import MailSettings
from knowledge.measures.kinds import after
from knowledge.people import Profile
from knowledge.settings import AuthSettings, EmbeddingSettings, Settings, load_settings
from knowledge.store import measured
from knowledge.topics import FEWEST
from knowledge.types import OPERATOR
from tests.builders import document, opened, settings, wired
from tests.indexer.searching import log
from tests.knowledge.measures.building import Company
from tests.knowledge.test_imports import ADA, FILES, hand_in, zipped

ROOT = Path(__file__).parents[2]
MANY = {f"{n:03}.md": f"# Page {n}\n\n" + f"Kiln {n} cools slowly. " * 40 for n in range(120)}


@contextmanager
def started(
    data: Path, *arguments: str, given: Settings | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "worker", *arguments],
        cwd=ROOT,
        env=environment(given or settings(data)),
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(reached: Callable[[], bool], process: subprocess.Popen[bytes] | None = None) -> None:
    """Look until it is so; the test's time-out is the limit."""
    pause = threading.Event()
    while not reached():
        if process is None:
            pause.wait(0.01)
        else:
            with suppress(subprocess.TimeoutExpired):
                assert process.wait(0.01) == 0


def state(services: Services, job: Import) -> ImportState:
    return services.imports.get(job.id, ADA).state


def reported(services: Services, job: Import) -> int:
    return len(services.imports.progress(job.id, ADA, 0, 1000)[1])


def test_everything_that_waits_is_run_and_what_nobody_waits_for_swept(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        jobs = [hand_in(services.imports, zipped(FILES), Order(f"{n}.zip")) for n in range(3)]
        (tmp_path / "imports" / jobs[0].id).with_suffix(".part").touch()
        ends: list[str] = []
        work(services, Stop(), lambda job: ends.append(job.id))
        assert sorted(ends) == sorted(job.id for job in jobs)
        stopped = Stop()
        hand_in(services.imports, zipped(FILES), Order("late.zip"))
        stopped.ask()
        work(services, stopped, lambda job: ends.append(job.id))
        assert len(ends) == 3


def test_one_at_a_time_ends_in_the_order_it_came(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        jobs = [hand_in(services.imports, zipped(FILES), Order(f"{n}.zip")) for n in range(3)]
        ends: list[str] = []
        work(services, Stop(), lambda job: ends.append(job.id), at_once=1)
        assert ends == [job.id for job in jobs]


@pytest.mark.slow
def test_a_worker_told_to_stop_leaves_its_import_to_the_next(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        job = hand_in(services.imports, zipped(MANY), Order("wiki.zip"))
        with started(tmp_path, "--until-idle") as process:
            until(lambda: reported(services, job) > 0, process)
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        assert 0 < reported(services, job) < len(MANY)
        assert state(services, job) is ImportState.RUNNING
        with started(tmp_path, "--until-idle") as process:
            assert process.wait(60) == 0
        assert state(services, job) is ImportState.DONE
        assert reported(services, job) == len(MANY)


@pytest.mark.slow
def test_a_lasting_worker_runs_what_is_handed_in_and_ends_when_told(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        with started(tmp_path) as process:
            job = hand_in(services.imports, zipped(FILES), Order("wiki.zip"))
            until(lambda: state(services, job) is ImportState.DONE, process)
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
        with FileLock(tmp_path / "worker.lock", timeout=30):
            assert reported(services, job) == len(FILES)


@pytest.mark.slow
def test_topics_are_found_when_it_is_time(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        for number in range(FEWEST):
            services.capture.save(document(str(number), f"Kiln {number} cools slowly."))
        assert services.stewardship.due()
        with started(tmp_path) as process:
            until(lambda: not services.stewardship.due(), process)
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
        assert sum(one.documents for one in services.topics.all_of_them(OPERATOR)) == FEWEST


@pytest.mark.slow
def test_a_gap_is_found_though_nobody_opens_the_page(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        log(services.database, "heraldic oven", range(5), datetime.now(UTC) - timedelta(days=9))
        with started(tmp_path) as process:
            until(lambda: bool(services.gaps.kept()), process)
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
        (gap,) = services.gaps.kept()
        assert (gap.text, [week.askers for week in gap.weeks]) == ("heraldic oven", [5])


def test_searches_are_counted_though_the_model_is_gone(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    gone = EmbeddingSettings(embedder="onnx_int8", model=tmp_path / "gone")
    with opened(tmp_path) as services:
        log(services.database, "heraldic oven", range(5), datetime.now(UTC) - timedelta(days=9))
        assert services.publishing.anything_due()
        with started(tmp_path, "--until-idle", given=replace(chosen, embedding=gone)) as process:
            assert process.wait(60) == 1
        assert not services.publishing.anything_due()
        with services.database.read() as connection:
            assert len(measured.tallied(connection)) == 1
        assert services.gaps.kept() == []


@pytest.mark.slow
def test_it_is_looked_whether_wishes_can_be_answered_where_mail_would_tell(tmp_path: Path) -> None:
    mail = MailSettings(
        host="127.0.0.1",
        port=9,
        tls="none",
        sender="whoknows@example.org",
        quiet_from=0,
        quiet_until=0,
    )
    chosen = replace(
        settings(tmp_path), mail=mail, auth=AuthSettings(public_url="https://k.example")
    )
    services = wired(chosen)
    services.directory.put(Profile("Ada Field", "ada@example.org"))
    services.wishes.add(1, "kilns that crack")
    assert services.outbox.hoping() == [1]
    with started(tmp_path, given=chosen) as process:
        until(lambda: not services.outbox.hoping(), process)
    services.close()


@pytest.mark.slow
def test_a_month_is_published_when_it_is_time(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        assert not services.publishing.anything_due()
        month = after(services.publishing.last_over(), -1)
        company = Company(services)
        company.read(company.team("Kilns", 9), f"{month}-01")
        assert len(services.publishing.due()) == 2
        with started(tmp_path) as process:
            until(lambda: not services.publishing.anything_due(), process)
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
        assert company.told("readers", month) == {"company": 5.0}


def test_only_one_works_at_a_time(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        job = hand_in(services.imports, zipped(FILES), Order("wiki.zip"))
        waiting = threading.Thread(target=work, args=(services, Stop(), lambda _: None))
        with FileLock(tmp_path / "worker.lock"):
            waiting.start()
            waiting.join(1.2)
            assert waiting.is_alive()
            assert state(services, job) is ImportState.QUEUED
        waiting.join()
        assert state(services, job) is ImportState.DONE


def test_a_full_disk_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "POLL_S", 0.01)
    with opened(tmp_path) as services:
        job = hand_in(services.imports, zipped(FILES), Order("wiki.zip"))
        need_space, asked = services.database.need_space, []

        def full_for_a_while(size: int = 0) -> None:
            asked.append(size)
            # First nothing can be written, then the third document cannot.
            if len(asked) in (1, 2, 6):
                raise OutOfSpace("the disk is full")
            need_space(size)

        monkeypatch.setattr(services.database, "need_space", full_for_a_while)
        work(services, Stop(), lambda _: None)
        assert len(asked) > 6
        assert state(services, job) is ImportState.DONE
        assert reported(services, job) == len(FILES)


@pytest.mark.slow
def test_an_import_that_workers_die_of_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "COMMAND", (sys.executable, "-m", "tests.api.dying_worker"))
    monkeypatch.setattr(worker, "POLL_S", 0.01)
    monkeypatch.chdir(ROOT)
    with opened(tmp_path) as services:
        poison = hand_in(services.imports, zipped(FILES), Order("wiki.zip"))
        supervisor = WorkerSupervisor(settings(tmp_path))
        supervisor.start()
        until(lambda: state(services, poison) is ImportState.FAILED)
        supervisor.stop()
        failed = services.imports.get(poison.id, ADA)
        assert "3 workers in a row ended with SIGKILL" in (failed.error or "")
        assert failed.runs == worker.DEATHS
        assert not list((tmp_path / "imports").iterdir())


def test_a_worker_that_cannot_start_costs_no_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "starts"
    script = f"open({str(log)!r}, 'a').write('x'); raise SystemExit(1)"
    monkeypatch.setattr(worker, "COMMAND", (sys.executable, "-c", script))
    monkeypatch.setattr(worker, "POLL_S", 0.01)
    with opened(tmp_path) as services:
        job = hand_in(services.imports, zipped(FILES), Order("wiki.zip"))
        supervisor = WorkerSupervisor(settings(tmp_path))
        supervisor.start()
        until(lambda: log.exists() and len(log.read_text()) > worker.DEATHS)
        monkeypatch.setattr(
            worker, "COMMAND", (sys.executable, "-m", "api.cli", "worker", "--until-idle")
        )
        until(lambda: state(services, job) is ImportState.DONE)
        supervisor.stop()


def test_whatever_a_worker_ends_with_the_next_one_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    unnamed = signal.SIGRTMIN + 1
    dying = f"import os; os.kill(os.getpid(), {unnamed})"
    command = worker.COMMAND
    monkeypatch.setattr(worker, "COMMAND", (sys.executable, "-c", dying))
    monkeypatch.setattr(worker, "POLL_S", 0.01)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with opened(tmp_path) as services:
        job = hand_in(services.imports, zipped(FILES), Order("wiki.zip"))
        supervisor = WorkerSupervisor(settings(tmp_path))
        supervisor.start()
        until(lambda: f"the worker ended with signal {unnamed}" in caplog.text)
        monkeypatch.setattr(worker, "COMMAND", (None,))  # nothing that can be started
        until(lambda: "looking for imports failed" in caplog.text)
        monkeypatch.setattr(worker, "COMMAND", command)
        until(lambda: state(services, job) is ImportState.DONE)
        supervisor.stop()


def test_a_worker_runs_nothing_of_the_directory_it_is_started_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoy = tmp_path / "elsewhere" / "api" / "cli"
    decoy.mkdir(parents=True)
    for module in (decoy.parent / "__init__.py", decoy / "__init__.py", decoy / "__main__.py"):
        module.write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close(); raise SystemExit(1)")
    monkeypatch.setattr(worker, "POLL_S", 0.01)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path / "elsewhere")
    with opened(tmp_path / "data") as services:
        job = hand_in(services.imports, zipped(FILES), Order("wiki.zip"))
        supervisor = WorkerSupervisor(settings(tmp_path / "data"))
        supervisor.start()
        until(lambda: state(services, job) is ImportState.DONE or (tmp_path / "ran").exists())
        supervisor.stop()
        assert state(services, job) is ImportState.DONE
    assert not (tmp_path / "ran").exists()


def test_a_child_gets_the_settings_that_were_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = settings(tmp_path, reserve_mb=1.5)
    monkeypatch.setenv("WHOKNOWS_MODEL", "/elsewhere")
    monkeypatch.setenv("WHOKNOWS_SEARCH_DEPTH", "7")
    given = environment(made)
    assert "WHOKNOWS_MODEL" not in given
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("WHOKNOWS_MODEL")
    assert load_settings() == made

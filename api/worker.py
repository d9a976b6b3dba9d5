"""The one process that runs imports, and what starts it.

``work`` runs in a process of its own, so that a file that exhausts the memory takes no request with
it. One process a data directory works at a time: it holds DATA/worker.lock, which ends with it.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from queue import Empty, SimpleQueue

from filelock import FileLock, Timeout

from api.services import Services
from knowledge.capture import Status
from knowledge.errors import DataUnavailable, WhoknowsError
from knowledge.importing import WORKER_LOCK
from knowledge.imports import Imports
from knowledge.jobs import Import, ImportState
from knowledge.measures.schedule import Schedule
from knowledge.outbox import Outbox
from knowledge.settings import Settings
from knowledge.store.database import Database
from knowledge.topics import Stewardship

# Without the directory it is started in on its path: what is called ``api`` there is not ours.
COMMAND = (sys.executable, "-P", "-m", "api.cli", "worker", "--until-idle")
POLL_S = 0.5
DEATHS = 3
_LONGEST_WAIT_S = 30.0
_log = logging.getLogger("whoknows.worker")


class Stop:
    """A wish to end, which a signal handler may make. True once it was made."""

    def __init__(self) -> None:
        # Unlike an Event's lock, its own may be taken by a handler that interrupts its holder.
        self._wishes: SimpleQueue[None] = SimpleQueue()

    def __bool__(self) -> bool:
        return not self._wishes.empty()

    def ask(self, *_: object) -> None:
        """Wish for the end."""
        self._wishes.put(None)

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait for the wish, or for so long."""
        with suppress(Empty):
            self._wishes.get(timeout=timeout_s)
            self._wishes.put(None)


def work(
    services: Services, stop: Stop, told: Callable[[Import], None], at_once: int | None = None
) -> None:
    """Run imports until none is left, waiting for another process that does; ``told`` of each end.
    ``at_once``: how many beside each other, if not as many as is set.

    Returns early, with the imports resumable, when that is wished for.
    """
    lock = FileLock(services.settings.storage.data / WORKER_LOCK, timeout=1)
    wait = POLL_S
    while not stop and services.imports.unfinished():
        try:
            with lock:
                _drain(services, stop, told, at_once or services.settings.imports.jobs)
            wait = POLL_S
        except Timeout:
            continue
        except DataUnavailable as error:
            # A full disk, or a database that restarts: the import can go on later.
            _log.warning("imports wait: %s", error)
            stop.wait(wait)
            wait = min(2 * wait, _LONGEST_WAIT_S)


def _drain(services: Services, stop: Stop, told: Callable[[Import], None], at_once: int) -> None:
    imports = services.imports
    imports.sweep()
    ending = threading.Event()
    runner = services.runner(lambda: bool(stop) or ending.is_set())
    running: dict[Future[bool], Import] = {}
    with ThreadPoolExecutor(at_once, "import") as pool:
        try:
            while True:
                begun = {job.id for job in running.values()}
                waiting = [job for job in imports.unfinished() if job.id not in begun]
                for job in waiting[: 0 if stop else at_once - len(running)]:
                    running[pool.submit(runner.run, job)] = job
                if not running:
                    return
                done, _ = futures.wait(running, POLL_S, futures.FIRST_COMPLETED)
                for one in done:
                    job = running.pop(one)
                    if one.result():
                        told(imports.get(job.id, job.owner))
        finally:
            ending.set()


class WorkerSupervisor:
    """Sees to it that a worker runs while there are imports to run, and for what else is due (see
    ``_duties``); a thread of its own.

    A worker that died is started again, ever more patiently. An import that three workers in a row
    died of, each at the same place, is declared failed.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = settings.storage.data / WORKER_LOCK
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name="worker supervisor", daemon=True)
        self._child: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0
        self._failures = 0
        self._deaths = 0
        self._place: tuple[str, int] | None = None
        self._run: tuple[str, int] | None = None

    def start(self) -> None:
        """Begin to look for imports."""
        self._thread.start()

    def stop(self) -> None:
        """Let a worker finish its transaction, and end; its import is resumed later."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        """Look for imports until ``stop``, in the caller's thread."""
        database: Database | None = None
        try:
            while not self._stopping.is_set():
                try:
                    database = database or Database(self._settings.storage)
                    self._look(Imports(database, 0), _duties(database, self._settings))
                except (WhoknowsError, OSError) as error:
                    _log.warning("cannot look for imports: %s", error)
                except Exception:
                    # Without this thread no import would ever run again.
                    _log.exception("looking for imports failed")
                self._stopping.wait(POLL_S)
        finally:
            self._end_child()
            if database is not None:
                database.close()

    def _look(self, imports: Imports, due_besides: Callable[[], bool]) -> None:
        if self._child is not None:
            code = self._child.poll()
            if code is None:
                return
            self._child = None
            if code:
                self._died(imports, code)
            else:
                self._failures = 0
        due = time.monotonic() >= self._not_before
        if due and (imports.unfinished() or due_besides()) and self._nobody_works():
            # Of what a worker died is told only where each runs by itself.
            alone = ("--at-once", "1") if self._failures else ()
            self._child = subprocess.Popen(
                (*COMMAND, *alone),
                env=environment(self._settings),
                stdin=subprocess.DEVNULL,
            )

    def _nobody_works(self) -> bool:
        try:
            with FileLock(self._lock, timeout=0):
                return True
        except Timeout:
            return False

    def _died(self, imports: Imports, code: int) -> None:
        how = _signal_name(-code) if code < 0 else f"exit code {code}"
        self._failures += 1
        wait = min(POLL_S * 2**self._failures, _LONGEST_WAIT_S)
        self._not_before = time.monotonic() + wait
        _log.error("the worker ended with %s; the next one starts in %.0f s", how, wait)
        job = next((j for j in imports.unfinished() if j.state is ImportState.RUNNING), None)
        if job is None:
            return
        if (job.id, job.runs) == self._run:
            return  # it died before it came to the import
        place = (job.id, sum(job.counts[status.value] for status in Status))
        self._deaths = self._deaths + 1 if place == self._place else 1
        self._place, self._run = place, (job.id, job.runs)
        if self._deaths < DEATHS:
            return
        try:
            with FileLock(self._lock, timeout=0):
                imports.finish(
                    job,
                    error=f"{DEATHS} workers in a row ended with {how} at the same place of this "
                    "file, after what is reported here; take out what comes next, or give the "
                    "machine more memory, and import it again",
                )
        except Timeout:
            return
        self._failures = 0
        self._not_before = 0.0

    def _end_child(self) -> None:
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(_LONGEST_WAIT_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


def _duties(database: Database, settings: Settings) -> Callable[[], bool]:
    """Whether topics are to be found again, a week of searches is over, a month is to be published,
    or mail would tell that a wish can be answered."""
    topics, months = Stewardship(database), Schedule(database)
    hoping = Outbox(database, settings).hoping if settings.mail.on else list
    return lambda: topics.due() or months.anything_due() or bool(hoping())


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # only the first and last of the real-time signals have one
        return f"signal {number}"


def environment(settings: Settings) -> dict[str, str]:
    """This process's environment, with these settings instead of its own."""
    made = {name: value for name, value in os.environ.items() if not name.startswith("WHOKNOWS_")}
    for concern in fields(settings):
        chosen = getattr(settings, concern.name)
        prefix = chosen.model_config["env_prefix"]
        for name in type(chosen).model_fields:
            value = getattr(chosen, name)
            if value is not None:
                made[f"{prefix}{name.upper()}"] = str(
                    value.resolve() if isinstance(value, Path) else value
                )
    return made

"""Running the application: one process or several, warm before it answers, drained at the end.

SIGTERM and SIGINT: no new connections, streams end, what runs is finished, at most DRAIN_SECONDS
long, exit 0. A second signal gives up what still runs; nothing acknowledged is lost by that.
"""

from __future__ import annotations

import errno
import http.client
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any

import anyio.to_thread
import uvicorn
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from api import logs, memory
from api.app import create_app
from api.auth import Door
from api.auth.serving import ServeDoor
from api.mail.postman import Postman
from api.maintenance import Maintenance
from api.services import Services
from api.worker import WorkerSupervisor
from indexer.search.results import Request
from knowledge.errors import DataUnavailable, InvalidInput, WhoknowsError
from knowledge.settings import Settings, load_settings
from knowledge.types import ANYONE

DRAIN_SECONDS = 20
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# Longer than a proxy or a client keeps an idle connection, so that it is theirs to close it.
_KEEP_ALIVE_SECONDS = 75
_OPTIONS: dict[str, Any] = {
    "log_config": None,
    "access_log": False,
    "server_header": False,
    # Else whoever connects from this machine could say that they are anybody's proxy.
    "proxy_headers": False,
    "ws": "none",
    "lifespan": "on",
    "timeout_keep_alive": _KEEP_ALIVE_SECONDS,
    "timeout_graceful_shutdown": DRAIN_SECONDS,
    "timeout_worker_healthcheck": 30,
}


def bind(host: str, port: int) -> socket.socket:
    """A socket at this address, not listening yet; port 0 takes any. Raises InvalidInput."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        bound = socket.socket(family, kind, protocol)
    except (OSError, OverflowError) as error:
        raise InvalidInput(f"cannot listen at {host}: {error}") from error
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise _refused(host, port, error) from error
    return bound


def url(bound: socket.socket) -> str:
    """Where a browser finds what listens there."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def warm_up(services: Services, progress: Callable[[int, int], None] | None = None) -> None:
    """Load the model, bring the index up to date and ask it once, before anybody waits for it."""
    memory.give_back()
    services.make_all()
    services.index.catch_up(progress)
    services.pipeline.search(Request("warm up"), ANYONE)
    memory.settle()


def serve(services: Services, door: Door, bound: socket.socket, ready: Callable[[], None]) -> None:
    """Serve from this process until it is told to stop. The caller closes services.

    ``ready`` is called when requests are answered. Raises InvalidInput when the port was taken
    in the meantime.
    """
    app = create_app(services, door, _lifespan(services))
    server = _Server(uvicorn.Config(app, **_OPTIONS), ready)
    host, port = bound.getsockname()[:2]
    with beside(services.settings):
        try:
            server.run(sockets=[bound])
        except OSError as error:
            raise _refused(host, port, error) from error
        if server.force_exit:
            # Threads that still work would be waited for; whoever signals twice will not wait.
            os._exit(1)


def serve_with_workers(
    settings: Settings, bound: socket.socket, workers: int, ready: Callable[[], None]
) -> None:
    """Serve from several processes, each of which reads the settings from the environment again.

    Raises DataUnavailable when they cannot start.
    """
    config = uvicorn.Config("api.server:worker_app", factory=True, workers=workers, **_OPTIONS)
    supervisor = _Workers(config, sockets=[bound])
    threading.Thread(target=_announce, args=(bound.getsockname()[:2], ready), daemon=True).start()
    with beside(settings):
        supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        raise DataUnavailable("a worker could not start; the lines above say why")


def worker_app() -> FastAPI:
    """The application of one of several workers."""
    logs.to_stderr()
    _end_with(multiprocessing.parent_process())
    try:
        services = Services(load_settings())
        door = ServeDoor(services)
        warm_up(services)
    except WhoknowsError as error:
        logging.getLogger("whoknows.service").error(str(error))
        sys.exit(STARTUP_FAILURE)
    return create_app(services, door, _lifespan(services, close=True))


class _Server(uvicorn.Server):
    """Ends with exit code 0 when told to stop, where uvicorn would raise the signal again."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True


class _Workers(Multiprocess):
    """Stops listening when its workers do: this process holds the socket open as well. Notices at
    once when a worker ends that it has just asked whether it lives."""

    def init_processes(self) -> None:
        super().init_processes()
        for worker in self.processes:
            threading.Thread(
                target=_answer_for, args=(worker.process.sentinel, worker.child_conn), daemon=True
            ).start()

    def terminate_all(self) -> None:
        super().terminate_all()
        for sock in self.sockets:
            sock.close()


def _answer_for(ended: int, answers: Connection[bool, bytes]) -> None:
    """Answer for a worker when it has ended: its end of the pipe is open here too, so whoever
    waits for its answer would wait until the time is up."""
    wait([ended])
    with suppress(OSError):  # it was told to end, and nobody asks any more
        answers.send(False)


def _end_with(parent: BaseProcess | None) -> None:
    """Be told to stop when the parent is gone, also if it was killed: nobody else would do it."""

    def watch(sentinel: int) -> None:
        wait([sentinel])
        os.kill(os.getpid(), signal.SIGTERM)

    if parent is not None:
        threading.Thread(target=watch, args=(parent.sentinel,), daemon=True).start()


def _lifespan(
    services: Services, close: bool = False
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        threads = services.settings.serve.threads
        anyio.to_thread.current_default_thread_limiter().total_tokens = threads
        maintenance = Maintenance(services.index, besides=lambda: _tidy(services))
        with _told_to_stop(app.state.stopping), maintenance.running():
            yield
        if close:
            services.close()

    return lifespan


def _tidy(services: Services) -> None:
    services.identities.expire()
    services.imports.sweep()  # no worker may come for days
    services.outbox.forget()  # mail may be off by now


@contextmanager
def beside(settings: Settings) -> Iterator[None]:
    """What runs beside the requests of all processes: workers for imports, and mail."""
    postman = Postman(settings)
    supervisor = WorkerSupervisor(settings)
    supervisor.start()
    postman.start()
    try:
        yield
    finally:
        postman.stop()
        supervisor.stop()


@contextmanager
def _told_to_stop(stopping: threading.Event) -> Iterator[None]:
    """Set the event when a signal to stop comes, before the server's own handler is called."""

    def chained(before: Any) -> Callable[[int, FrameType | None], None]:
        def handle(number: int, frame: FrameType | None) -> None:
            stopping.set()
            if callable(before):
                before(number, frame)

        return handle

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number, handler in before.items():
        signal.signal(number, chained(handler))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _announce(address: tuple[str, int], ready: Callable[[], None]) -> None:
    """Call ``ready`` once a worker answers."""
    # It listens nowhere, but asks what listens everywhere.
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # nosec B104
    host = everywhere.get(address[0], address[0])
    pause = threading.Event()
    while True:
        connection = http.client.HTTPConnection(host, address[1], timeout=5)
        try:
            connection.request("GET", "/livez")
            if connection.getresponse().status == 200:
                break
        except OSError:
            pause.wait(0.2)
        finally:
            connection.close()
    ready()


def _refused(host: str, port: int, error: OSError) -> InvalidInput:
    if error.errno == errno.EADDRINUSE:
        return InvalidInput(
            f"port {port} is taken by another program; choose another: --port {port + 1}"
        )
    return InvalidInput(f"cannot listen at {host}, port {port}: {error.strerror or error}")

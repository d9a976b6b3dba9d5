"""``whoknows worker``: run what was handed in over HTTP."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable
from typing import Annotated

import typer

from api.cli._common import cores, err, opened
from api.services import Services
from api.worker import Stop, WorkerSupervisor, work
from knowledge.capture import Status
from knowledge.errors import WhoknowsError
from knowledge.jobs import Import
from knowledge.settings import load_settings

_NICENESS = 10
_log = logging.getLogger("whoknows.worker")


def worker(
    until_idle: Annotated[
        bool, typer.Option(help="End when no import is left, instead of waiting for the next.")
    ] = False,
    at_once: Annotated[
        int | None, typer.Option(min=1, help="How many at once; else WHOKNOWS_IMPORT_JOBS.")
    ] = None,
) -> None:
    """Run imports that were handed in over HTTP, and send mail, as `whoknows serve` does."""
    stop = Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop.ask)
    if until_idle:
        os.nice(_NICENESS)  # who searches goes first
        with opened(cores=cores()) as services:
            work(services, stop, _tell, at_once)
            well = _see_to(services, stop)
        if not well:
            raise typer.Exit(1)
        return
    from api.mail.postman import Postman

    settings = load_settings()
    postman = Postman(settings)
    supervisor = WorkerSupervisor(settings)
    supervisor.start()
    postman.start()
    stop.wait()
    postman.stop()
    supervisor.stop()


def _see_to(services: Services, stop: Stop) -> bool:
    """Do what is due beside imports; whether nothing failed. What fails keeps nothing else from
    being done."""
    publishing, over = services.publishing, services.publishing.anything_due()
    hoping = services.outbox.hoping if services.settings.mail.on else list

    def look() -> None:
        services.gap_finder.look()  # opens the index, which may fail

    # Counting needs neither model nor index, and the log forgets what is not counted. So it does
    # the searches of a gap that nobody opens.
    duties: tuple[tuple[str, Callable[[], bool], Callable[[], object]], ...] = (
        ("counting searches", lambda: over, publishing.tally),
        ("finding topics", services.stewardship.due, services.topics.refresh),
        ("publishing months", lambda: over, publishing.publish),
        ("looking for gaps", lambda: over, look),
        (
            "looking for answers to wishes",
            lambda: bool(hoping()),
            lambda: services.wishing.look_for(hoping()),
        ),
    )
    well = True
    for name, due, do in duties:
        try:
            if not stop and due():
                do()
        except (WhoknowsError, OSError) as error:
            well = False
            _log.warning("%s failed: %s", name, error)
        except Exception:
            well = False
            _log.exception("%s failed", name)
    return well


def _tell(job: Import) -> None:
    counts = ", ".join(f"{job.counts[status.value]} {status.value}" for status in Status)
    err.print(f"import {job.id} is {job.state.value}: {counts}", markup=False)

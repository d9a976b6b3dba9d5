"""``whoknows worker``: run what was handed in over HTTP."""

from __future__ import annotations

import os
import signal
from typing import Annotated

import typer

from api.cli._common import cores, err, opened
from api.worker import Stop, WorkerSupervisor, work
from knowledge.capture import Status
from knowledge.jobs import Import
from knowledge.settings import load_settings

_NICENESS = 10


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
            if not stop and services.stewardship.due():
                services.topics.refresh()
            if not stop and services.publishing.anything_due():
                # A gap that nobody opens would go with the searches that the log forgets.
                services.gap_finder.look()
                services.publishing.tally()
                services.publishing.publish()
            if not stop and services.settings.mail.on:
                services.wishing.look_for(services.outbox.hoping())
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


def _tell(job: Import) -> None:
    counts = ", ".join(f"{job.counts[status.value]} {status.value}" for status in Status)
    err.print(f"import {job.id} is {job.state.value}: {counts}", markup=False)

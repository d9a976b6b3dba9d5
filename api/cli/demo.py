"""``whoknows demo``: the sample company, for whoever sits at this machine."""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from api.cli._common import cores, err, opened, reporting
from knowledge.settings import Settings, load_settings

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8321,
    data: Annotated[
        Path | None, typer.Option(help="Where to keep it; below WHOKNOWS_DATA if left out.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address of this machine to itself.")] = "127.0.0.1",
) -> None:
    """Show whoknows with an invented company; you come in as one of its people."""
    from api import logs, past, samples, server
    from api.auth.demo import DemoDoor

    if host not in _LOOPBACK:
        raise typer.BadParameter(
            f"the demo lets anybody in, so it serves only this machine, not {host}; "
            "for others there is: whoknows serve"
        )
    settings = apart(load_settings(), data)
    bound = server.bind(host, port)

    def ready() -> None:
        sys.stdout.write(f"{server.url(bound)}\n")
        sys.stdout.flush()

    logs.to_stderr(logging.WARNING)
    clock = past.Clock()
    with opened(settings, new=True, cores=cores(), now=clock) as services:
        source = samples.folder()
        with reporting() as report:
            if not samples.loaded(services, source):
                err.print("Loading the sample company; only the first start takes so long.")
                for outcome in samples.load(services, source, report):
                    err.print(f"refused {outcome.name}: {outcome.reason}", markup=False)
            if past.wanted(services, source):
                for refused in past.play(services, clock, source, report):
                    err.print(f"left out {refused}", markup=False)
            if past.broken_off(services, source):
                folder = settings.storage.data
                err.print(
                    f"Its past was broken off; delete {folder} to have it anew.", markup=False
                )
            server.warm_up(services, lambda done, of: report("catching up", done, of))
        server.serve(services, DemoDoor(services.database), bound, ready)


def apart(settings: Settings, data: Path | None) -> Settings:
    """The same settings over a data directory that holds nothing real; to invented people no mail
    is sent."""
    chosen = data or settings.storage.data / "demo"
    storage = settings.storage.model_copy(update={"data": chosen, "database_url": None})
    return replace(settings, storage=storage, mail=settings.mail.model_copy(update={"host": ""}))

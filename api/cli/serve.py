"""``whoknows serve``: answer whoever signs in or brings a token."""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer

from api.cli._common import err, opened, reporting
from api.services import Services
from knowledge.errors import InvalidInput
from knowledge.store import documents


def serve(
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8320,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes; more than one needs PostgreSQL.")
    ] = 1,
) -> None:
    """Serve pages and the HTTP interface to whoever signs in or holds an access token."""
    from api import logs, server
    from api.auth.serving import ServeDoor
    from api.mail import server as mail

    bound = server.bind(host, port)

    def ready() -> None:
        sys.stdout.write(f"{server.url(bound)}\n")
        sys.stdout.flush()

    with bound:
        with opened(new=True) as services:
            if workers > 1 and services.database.on_sqlite:
                raise InvalidInput(
                    "several workers need PostgreSQL, because SQLite has one writer for all of "
                    "them; set WHOKNOWS_DATABASE_URL, or leave --workers out"
                )
            door = ServeDoor(services)
            mail.check(services.settings)
            err.print(f"serving the data in {described(services)}", markup=False)
            if not (
                door.lets_in_others
                or services.accounts.everybody()
                or services.tokens.all_of_them()
            ):
                err.print(
                    "nobody can come in yet; invite the first one with: "
                    "whoknows account invite EMAIL --administrator"
                )
            begun = services.erasing.unfinished()
            if begun is not None:
                err.print(
                    f"erasing person {begun.ids[0]} did not come to its end; let it go on with: "
                    f"whoknows person erase {begun.ids[0]}"
                )
            logs.to_stderr()
            # An auditor who keeps these lines notices when the audit was made anew.
            entries, seal = services.journal.head()
            audited = {"entries": entries, "seal": seal}
            logging.getLogger("whoknows.audit").info("the audit's head", extra=audited)
            if workers == 1:
                with reporting() as report:
                    server.warm_up(services, lambda done, of: report("catching up", done, of))
                server.serve(services, door, bound, ready)
                return
        server.serve_with_workers(services.settings, bound, workers, ready)


def described(services: Services) -> str:
    """Where they are and how many: a mistyped name looks like a company that knows nothing."""
    place = services.settings.storage.data.absolute()
    with services.database.read() as connection:
        stored, _, _ = documents.counts(connection)
    return f"{place}: {stored} documents" if stored else f"{place}, which holds no documents yet"

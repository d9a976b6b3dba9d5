"""``whoknows mail``: whether people are told by mail."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli._common import opened, out, print_json
from api.mail import addresses
from knowledge.errors import DataUnavailable, InvalidInput, InvalidSettings
from knowledge.notices import State

app = typer.Typer(no_args_is_help=True, help="Whether people are told by mail.")

_SAID = {
    State.WAITING: "wait",
    State.SENT: "were sent",
    State.VOID: "did not hold any more when they were to be sent",
    State.FAILED: "were given up",
}


@app.command()
def test(
    address: Annotated[str, typer.Argument(help="Where to send one letter.")],
) -> None:
    """Send one letter, and say what the mail server answers."""
    from api.auth.sealing import Seal
    from api.mail import server
    from api.mail.server import Refused, Unreachable
    from api.mail.writing import Writer

    if not addresses.is_good(address):
        raise InvalidInput(f"{address!r} is no address that mail is sent to")
    with opened() as services:
        settings = services.settings
        if not settings.mail.on:
            raise InvalidSettings("no mail is sent; set WHOKNOWS_MAIL_HOST, see docs/mail.md")
        server.check(settings)
        message = Writer(settings, Seal(settings.storage.data)).trial(address)
        try:
            with server.line(settings.mail) as line:
                line.send(message, address)
        except (Refused, Unreachable) as error:
            raise DataUnavailable(f"{settings.mail.host} did not take it: {error}") from error
    out.print(f"{settings.mail.host} took it; look whether it arrives at {address}", markup=False)


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Say how many notices wait, were sent or were given up in the last 30 days."""
    with opened() as services:
        held = services.outbox.status()
        on = services.settings.mail.on
    if as_json:
        told = {state.value: count for state, count in held.counts.items()}
        since = None if held.since is None else held.since.isoformat()
        print_json({"on": on, **told, "refused": held.refused, "refused_since": since})
        return
    if not on:
        out.print("No mail is sent: WHOKNOWS_MAIL_HOST is not set.")
    for state, count in held.counts.items():
        out.print(f"{count} {_SAID[state]}")
    if held.since is not None:
        out.print(
            f"{held.refused} of those that wait the server did not take, the first one since "
            f"{held.since:%Y-%m-%d %H:%M} UTC"
        )

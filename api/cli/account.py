"""``whoknows account``: who signs in, and who may not."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from rich.table import Table

from api.cli._common import err, opened, out, print_json
from knowledge.accounts import Account
from knowledge.errors import InvalidSettings

app = typer.Typer(no_args_is_help=True, help="Look after who signs in, and who may not.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]
Someone = Annotated[str, typer.Argument(metavar="EMAIL", help="An address, or an id.")]
_BY = "operator"
_HERE = "http://localhost:8320"


@app.command()
def invite(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="As the directory has it.")],
    administrator: Annotated[
        bool, typer.Option("--administrator", help="They look after everything here.")
    ] = False,
) -> None:
    """Print a link with which a colleague chooses a password, once and within 24 hours."""
    from api.auth import ways

    with opened(new=True) as services:
        settings = services.settings.auth
        ways.check(settings)
        if not settings.local_accounts:
            raise InvalidSettings(
                "WHOKNOWS_AUTH_LOCAL_ACCOUNTS says that nobody signs in with a password"
            )
        secret = services.accounts.invite(email, _BY, administrator=administrator)
    if not settings.public_url:
        err.print("WHOKNOWS_AUTH_PUBLIC_URL is not set, so this link works on this machine only")
    sys.stdout.write(f"{settings.public_url.rstrip('/') or _HERE}/invitations/{secret}\n")


@app.command("list")
def list_accounts(as_json: Json = False) -> None:
    """Say who can sign in, is invited, or is disabled."""
    with opened() as services:
        held = services.accounts.everybody()
    if as_json:
        print_json([_told(one) for one in held])
        return
    table = Table("id", "name", "address", "signs in with", "state", box=None)
    for one in held:
        person = one.person
        table.add_row(str(person.id), person.name, person.address or "", _ways(one), _state(one))
    out.print(table if held else "nobody yet; try: whoknows account invite EMAIL --administrator")


@app.command()
def disable(email: Someone) -> None:
    """Let somebody in no more: sessions end, tokens open nothing, from the next request on."""
    with opened() as services:
        services.accounts.disable(services.merging.find(email), _BY)
    out.print(f"{email} is disabled", markup=False)


@app.command()
def enable(email: Someone) -> None:
    """Let somebody in again; they have to sign in anew."""
    with opened() as services:
        services.accounts.enable(services.merging.find(email), _BY)
    out.print(f"{email} may sign in", markup=False)


@app.command()
def sessions(email: Someone, as_json: Json = False) -> None:
    """Say where somebody is signed in, the newest first."""
    with opened() as services:
        held = services.sessions.of_person(services.merging.find(email))
    if as_json:
        print_json(
            [
                {
                    "id": one.id,
                    "agent": one.agent,
                    "issuer": one.issuer,
                    "created_at": one.created_at.isoformat(),
                    "seen_at": one.seen_at.isoformat(),
                    "expires_at": one.expires_at.isoformat(),
                }
                for one in held
            ]
        )
        return
    table = Table("id", "browser", "signed in", "last used", "until", box=None)
    for one in held:
        times = (one.created_at, one.seen_at, one.expires_at)
        table.add_row(str(one.id), one.agent, *(f"{at:%Y-%m-%d %H:%M}" for at in times))
    out.print(table if held else "nowhere")


@app.command("sign-out")
def sign_out(
    email: Someone,
    session: Annotated[int | None, typer.Option(help="Only this one, by its id.")] = None,
) -> None:
    """End somebody's sessions; they may sign in again."""
    with opened() as services:
        person_id = services.merging.find(email)
        if session is not None:
            services.sessions.end(session, person_id, _BY)
        count = 1 if session is not None else services.sessions.end_all(person_id, _BY)
    out.print(f"{count} sessions ended" if count != 1 else "1 session ended")


@app.command()
def unlink(email: Someone) -> None:
    """Forget the provider's account of somebody: their next sign-in tells anew by their address."""
    with opened() as services:
        services.identities.forget(services.merging.find(email), _BY)
    out.print(f"the provider's account of {email} is forgotten", markup=False)


def _ways(one: Account) -> str:
    return ", ".join(
        name for name, has in (("password", one.password), ("provider", one.provider)) if has
    )


def _state(one: Account) -> str:
    if one.disabled_since is not None:
        return f"disabled since {one.disabled_since:%Y-%m-%d}"
    if one.invited_until is not None:
        return f"invited until {one.invited_until:%Y-%m-%d %H:%M}"
    return "may sign in"


def _told(one: Account) -> dict[str, Any]:
    return {
        "id": one.person.id,
        "name": one.person.name,
        "address": one.person.address,
        "password": one.password,
        "provider": one.provider,
        "invited_until": one.invited_until and one.invited_until.isoformat(),
        "disabled_since": one.disabled_since and one.disabled_since.isoformat(),
    }

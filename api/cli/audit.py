"""``whoknows audit``: what was done, and whether somebody has tampered with what is told of it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from api.cli._common import opened, out, print_json
from api.schemas.audit import entry_out
from knowledge.audit import Action

app = typer.Typer(no_args_is_help=True, help="Look at what was done, by whom and when.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]
_KNOWN = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")


@app.command("list")
def list_entries(
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="From then on, in UTC."),
    ] = None,
    actor: Annotated[
        str | None,
        typer.Option(
            help="Who did it: person:ID, token:ID, operator or nobody; without when they signed in "
            "and out."
        ),
    ] = None,
    action: Annotated[Action | None, typer.Option(help="What was done.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many at most.")] = 100,
    as_json: Json = False,
) -> None:
    """Say what was done, newest first."""
    with opened() as services:
        found = services.journal.newest(
            limit,
            since=since and since.replace(tzinfo=UTC),
            actor=actor,
            action=action,
        )
    if as_json:
        print_json([entry_out(entry).model_dump(mode="json") for entry in found])
        return
    table = Table("entry", "at", "by", "did", "to", "", box=None)
    for entry in found:
        detail = json.dumps(entry.detail, ensure_ascii=False) if entry.detail else ""
        told = (f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.actor, entry.action, entry.subject, detail)
        table.add_row(str(entry.sequence), *told)
    out.print(table if found else "nothing of that is in the audit")


@app.command()
def verify(
    known: Annotated[
        str | None,
        typer.Option(
            metavar="ENTRY:SEAL",
            help="An entry's number and seal that were noted before, from the service's log or an "
            "earlier verify: then a chain that was made anew is noticed, too.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Prove that no entry was changed, removed or put elsewhere; exit 1 if one was."""
    noted = _KNOWN.fullmatch(known) if known is not None else None
    if known is not None and noted is None:
        raise typer.BadParameter("give it as ENTRY:SEAL, as in 12:5e884898…", param_hint="--known")
    with opened() as services:
        verdict = services.journal.verify((int(noted[1]), noted[2]) if noted else None)
    if as_json:
        print_json({"entries": verdict.entries, "seal": verdict.seal, "problem": verdict.problem})
    elif verdict.problem:
        out.print(f"the audit is broken: {verdict.problem}")
    else:
        out.print(f"the audit holds: {verdict.entries} entries; note this elsewhere:")
        out.print(f"{verdict.entries}:{verdict.seal}")
    if verdict.problem:
        raise typer.Exit(1)

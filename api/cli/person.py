"""``whoknows person``: the directory of colleagues."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api import directory
from api.cli._common import REFUSED, err, opened, out
from knowledge.errors import InvalidInput

app = typer.Typer(no_args_is_help=True, help="Look after the directory of colleagues.")


@app.callback()
def people() -> None:
    """Look after the directory of colleagues."""


@app.command("import")
def import_people(
    path: Annotated[
        Path,
        typer.Argument(
            help="CSV with the columns name, email and, if wanted, other_emails (such as earlier "
            "ones, by which the person is known; separated by ;), team, title, groups "
            "(separated by ;), handles (SOURCE=HANDLE, separated by ;), consent_written and "
            "consent_spoken (yes or no: may this person be ranked by it)."
        ),
    ],
) -> None:
    """Create or update colleagues, their teams and groups."""
    refused = stored = 0
    with opened(new=True) as services:
        for number, row in directory.rows(path):
            try:
                services.directory.put(directory.profile(row))
                stored += 1
            except InvalidInput as error:
                refused += 1
                err.print(f"refused line {number}: {error}", markup=False)
    out.print(f"{stored} people stored, {refused} refused")
    if refused:
        raise typer.Exit(REFUSED)

"""``whoknows backup`` and ``whoknows restore``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli._common import opened, out
from knowledge import backup as backups


def backup(
    file: Annotated[Path, typer.Argument(help="The file to make; it must not exist yet.")],
) -> None:
    """Write everything into one file, also while others search and write."""
    with opened() as services:
        manifest = backups.write(services.database, file)
    out.print(
        f"{file}: {manifest.documents} documents, {manifest.tables['people'].rows} people",
        markup=False,
    )


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `whoknows backup` made.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace what the data directory holds now.")
    ] = False,
) -> None:
    """Make the data what it was when the file was made: checked first, then all at once."""
    with opened(new=True) as services:
        manifest = services.restore(file, replace=replace)
    out.print(
        f"restored {manifest.documents} documents and {manifest.tables['people'].rows} people, "
        f"as of {manifest.made_at}",
        markup=False,
    )

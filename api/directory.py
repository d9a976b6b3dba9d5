"""The directory of colleagues as a CSV file: what `whoknows person import` takes in."""

from __future__ import annotations

import csv
from pathlib import Path

from knowledge.errors import InvalidInput
from knowledge.people import Profile

_COLUMNS = ("name", "email")


def rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Line numbers and rows. Raises InvalidInput for what is no CSV, or lacks a needed column."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [c for c in _COLUMNS if c not in (reader.fieldnames or ())]
            if missing:
                raise InvalidInput(f"{path.name} lacks the columns {', '.join(missing)}")
            return [(number, row) for number, row in enumerate(reader, 2)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"{path.name} cannot be read as CSV in UTF-8: {error}") from error


def profile(row: dict[str, str]) -> Profile:
    """A colleague as a row describes them. Raises InvalidInput."""
    handles = [part.partition("=") for part in _parts(row.get("handles"))]
    if any(not handle for _, _, handle in handles):
        raise InvalidInput("a handle is written as SOURCE=HANDLE")
    groups = None if row.get("groups") is None else tuple(_parts(row["groups"]))
    return Profile(
        name=(row["name"] or "").strip(),
        email=row["email"] or "",
        other_emails=tuple(_parts(row.get("other_emails"))),
        handles=tuple((source, handle) for source, _, handle in handles),
        team=(row.get("team") or "").strip() or None,
        title=(row.get("title") or "").strip() or None,
        groups=groups,
        consent_written=_yes_or_no(row, "consent_written"),
        consent_spoken=_yes_or_no(row, "consent_spoken"),
    )


def _yes_or_no(row: dict[str, str], column: str) -> bool | None:
    """What a column says; None, which changes nothing, when it is empty or absent."""
    told = (row.get(column) or "").strip().lower()
    if told not in ("", "yes", "no"):
        raise InvalidInput(f"{column} is yes, no or empty, not {told!r}")
    return {"yes": True, "no": False}.get(told)


def _parts(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(";") if part.strip()]

"""Time zones by their names."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator


def zone_named(name: str) -> tzinfo:
    """A zone of the IANA's list, as in "Europe/Berlin". Raises ValueError for what is none."""
    try:
        # Known also where the machine has no such list.
        return UTC if name == "UTC" else ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(
            f"{name!r} is no time zone that this machine knows, such as UTC or Europe/Berlin"
        ) from error


def _checked(name: str) -> str:
    zone_named(name)
    return name


ZoneName = Annotated[str, AfterValidator(_checked)]
"""A setting that names one."""

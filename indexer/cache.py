"""Where on this machine that is kept which can be made again, for all data directories."""

from __future__ import annotations

import os
from pathlib import Path


def of_user() -> Path:
    """The user's own place for it (XDG base directories). Raises RuntimeError without a home."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    parent = Path(given) if os.path.isabs(given) else Path("~/.cache").expanduser()
    return parent / "whoknows"


def usable(otherwise: Path) -> Path:
    """The user's place, or ``otherwise`` for a user who has none that can be written."""
    try:
        place = of_user()
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (OSError, RuntimeError):
        return otherwise
    return place if os.access(place, os.W_OK | os.X_OK) else otherwise

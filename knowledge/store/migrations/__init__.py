"""The history of the schema. Every change of ``tables.py`` is one file in ``versions``."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config


def config() -> Config:
    """Alembic's configuration, without a file; the caller adds its connection."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    return made

"""Lexical indexes, found by file name. A module offers ``create(directory) -> LexicalIndex``."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from indexer import plugins
from indexer.protocols import LexicalIndex


def names() -> tuple[str, ...]:
    """Every lexical index's name, ascending."""
    return plugins.names(__path__)


def load(name: str, directory: Path) -> LexicalIndex:
    """Open the index ``name`` kept in ``directory``, which it creates and owns.

    Raises InvalidSettings for an unknown name, IndexDamaged for unusable files, DataLocked on the
    first write when another process is writing there.
    """
    return cast(LexicalIndex, plugins.find(__name__, __path__, name).create(directory))

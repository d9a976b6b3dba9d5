"""Vector indexes, found by file name. A module offers ``create(dimension) -> VectorIndex``."""

from __future__ import annotations

from typing import cast

from indexer import plugins
from indexer.protocols import VectorIndex


def names() -> tuple[str, ...]:
    """Every vector index's name, ascending."""
    return plugins.names(__path__)


def load(name: str, dimension: int) -> VectorIndex:
    """Create an empty index ``name``. Raises InvalidSettings for an unknown name."""
    return cast(VectorIndex, plugins.find(__name__, __path__, name).create(dimension))

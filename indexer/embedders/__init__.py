"""Embedders, found by file name. A module offers ``create(**options) -> Embedder``."""

from __future__ import annotations

from typing import Any, cast

from indexer import plugins
from indexer.protocols import Embedder


def names() -> tuple[str, ...]:
    """Every embedder's name, ascending."""
    return plugins.names(__path__)


def load(name: str, **options: Any) -> Embedder:
    """Create the embedder ``name``; what ``options`` there are is said by its ``create``.

    Raises InvalidSettings for an unknown name or an unusable model.
    """
    return cast(Embedder, plugins.find(__name__, __path__, name).create(**options))

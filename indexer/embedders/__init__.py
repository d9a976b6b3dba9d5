"""Embedders, found by file name. A module offers ``create(**options) -> Embedder``."""

from __future__ import annotations

import inspect
from typing import Any, cast

from indexer import plugins
from indexer.protocols import Embedder
from knowledge.errors import InvalidSettings


def names() -> tuple[str, ...]:
    """Every embedder's name, ascending."""
    return plugins.names(__path__)


def load(name: str, **options: Any) -> Embedder:
    """Create the embedder ``name``; what ``options`` there are is said by its ``create``.

    Raises InvalidSettings for an unknown name, an option it does not have, or an unusable model.
    """
    create = plugins.find(__name__, __path__, name).create
    taken = inspect.signature(create).parameters
    for option in sorted(options.keys() - taken.keys()):
        raise InvalidSettings(
            f"the embedder {name!r} takes no {option}; unset WHOKNOWS_{option.upper()}"
        )
    return cast(Embedder, create(**options))

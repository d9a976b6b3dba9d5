"""Plug-ins found by file name: a module in a kind's package is one, unless it starts with ``_``."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from importlib import import_module
from types import ModuleType

from knowledge.errors import InvalidSettings


def names(path: Iterable[str]) -> tuple[str, ...]:
    """The plug-ins in a package, given its ``__path__``; ascending, nothing is imported."""
    found = (module.name for module in pkgutil.iter_modules(path))
    return tuple(sorted(name for name in found if not name.startswith("_")))


def find(package: str, path: Iterable[str], name: str) -> ModuleType:
    """Import the plug-in ``name`` of ``package``. Raises InvalidSettings when there is none."""
    known = names(path)
    if name not in known:
        kind = package.rpartition(".")[2]
        raise InvalidSettings(f"{name!r} is not among the {kind}: {', '.join(known)}")
    return import_module(f"{package}.{name}")

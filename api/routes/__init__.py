"""HTTP endpoints, one file a noun: a module here that has a ``router`` is served."""

from __future__ import annotations

from importlib import import_module

from fastapi import APIRouter

from indexer import plugins

V1 = "/api/v1"


def routers() -> list[APIRouter]:
    """Every router, by the name of its file."""
    return [import_module(f"{__name__}.{name}").router for name in plugins.names(__path__)]

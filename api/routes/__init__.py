"""HTTP endpoints, one file a noun: a module here that has a ``router`` is served."""

from __future__ import annotations

from importlib import import_module

from fastapi import APIRouter
from fastapi.routing import APIRoute

from indexer import plugins

V1 = "/api/v1"


def routers() -> list[APIRouter]:
    """Every router, by the name of its file."""
    return [import_module(f"{__name__}.{name}").router for name in plugins.names(__path__)]


def all_of_them() -> list[APIRoute]:
    """Every route of every router."""
    found = [route for router in routers() for route in router.routes]
    return [route for route in found if isinstance(route, APIRoute)]

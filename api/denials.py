"""A refusal is told in the audit, once somebody is known: which route, and nothing of its path."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response

from api import problems
from knowledge.errors import NotAllowed


def install(app: FastAPI) -> None:
    """Let the application tell of what it does not allow."""
    app.add_exception_handler(NotAllowed, _tell)


def _tell(request: Request, error: Exception) -> Response:
    note(request)
    return problems.of(error)


def note(request: Request) -> None:
    """Tell of a refusal, where it is shown in a page of ours."""
    asker = getattr(request.state, "asker", None)
    route = getattr(request.scope.get("route"), "path", None)
    if asker is not None and route is not None:
        request.app.state.services.denials.tell(asker.owner, f"{request.method} {route}")

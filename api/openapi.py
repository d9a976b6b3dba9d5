"""The OpenAPI description: what FastAPI knows, and the problems that every route may answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from api.problems import MEDIA_TYPE, Problem

_CLAUSE_END = re.compile(r"[.:;](?:\s|\Z)")
_METHODS = ("get", "put", "post", "delete", "patch")
_SCHEMA = {"$ref": "#/components/schemas/Problem"}
_RETRY = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
_UNUSED = ("HTTPValidationError", "ValidationError")


def install(app: FastAPI) -> None:
    """Let the application describe itself so. A route names only the problems that are its own."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(plain())
        return plain()

    app.openapi = described  # type: ignore[method-assign]


def _complete(description: dict[str, Any]) -> None:
    schemas = description.setdefault("components", {}).setdefault("schemas", {})
    for name in _UNUSED:
        schemas.pop(name, None)
    schemas["Problem"] = Problem.model_json_schema()
    for name, path in description["paths"].items():
        for operation in (path[method] for method in _METHODS if method in path):
            # The first words of what it does, in place of its function's name.
            if described := operation.get("description"):
                operation["summary"] = _CLAUSE_END.split(described, maxsplit=1)[0]
            responses = operation["responses"]
            for status in _shared(name, operation):
                responses.setdefault(str(status), {})
            for status in filter(_is_problem, responses):
                responses[status] = _problem(int(status), responses[status])
            operation["responses"] = dict(sorted(responses.items()))


def _shared(path: str, operation: dict[str, Any]) -> Iterator[int]:
    if "{" in path:
        yield 404
    if "security" in operation:
        yield from (401, 403, 429)
    if "requestBody" in operation:
        yield from (400, 408, 413)
    if "requestBody" in operation or operation.get("parameters"):
        yield 422
    yield from (500, 503)


def _is_problem(status: str) -> bool:
    return status.isdigit() and int(status) >= 400


def _problem(status: int, told: dict[str, Any]) -> dict[str, Any]:
    made = {
        "description": told.get("description") or HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": _SCHEMA}},
    }
    return made | ({"headers": {"Retry-After": _RETRY}} if status in (429, 503) else {})

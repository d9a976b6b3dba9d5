"""Domain errors -> RFC 9457 problem details. This table is the only place that knows both."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from api.web import errors as pages
from knowledge import errors

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 1

# The most particular class of an error decides.
STATUS: dict[type[errors.WhoknowsError], int] = {
    errors.InvalidInput: 422,
    errors.TooLarge: 413,
    errors.NotFound: 404,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.Conflict: 409,
    errors.Stale: 412,
    errors.Busy: 503,
    errors.TooMany: 429,
    errors.DataUnavailable: 503,
    errors.OutOfSpace: 507,
    errors.IndexDamaged: 503,
    errors.WhoknowsError: 500,
}


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it."""

    type: str = Field(description="Stable name of the kind of problem, as a relative URI.")
    title: str = Field(description="The kind of problem in a few words.")
    status: int
    detail: str = Field(description="What happened here and how to mend it.")
    errors: list[dict[str, Any]] | None = Field(
        None, description="For malformed requests: where and what, one entry a mistake."
    )


class Answer(JSONResponse):
    """A problem on the wire; for a browser that looks at pages it is a page."""

    media_type = MEDIA_TYPE

    def __init__(self, problem: Problem, headers: dict[str, str]) -> None:
        super().__init__(problem.model_dump(exclude_none=True), problem.status, headers)
        self._detail = problem.detail

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it in the form that fits the request."""
        if pages.wanted(scope):
            page = await pages.page(scope, self.status_code, self._detail, self.headers)
            await page(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def status_of(error: errors.WhoknowsError) -> int:
    """The HTTP status of a domain error."""
    return next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)


def response(
    status: int, name: str, detail: str, wrong: list[dict[str, Any]] | None = None
) -> JSONResponse:
    """A problem as a response, with the headers its status calls for."""
    headers = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="whoknows"'
    if status in (429, 503):
        headers["Retry-After"] = str(RETRY_AFTER_S)
    problem = Problem(
        type=f"/problems/{name}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        errors=wrong,
    )
    return Answer(problem, headers)


def install(app: FastAPI) -> None:
    """Let the application answer every error of the tree, and FastAPI's own, with a problem."""
    app.add_exception_handler(errors.WhoknowsError, _domain)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)


def of(error: Exception) -> JSONResponse:
    """A domain error as a response."""
    assert isinstance(error, errors.WhoknowsError)
    made = response(status_of(error), _slug(type(error).__name__), str(error))
    if isinstance(error, errors.TooMany):
        made.headers["Retry-After"] = str(max(error.retry_after_s, RETRY_AFTER_S))
    return made


def _domain(_request: Request, error: Exception) -> JSONResponse:
    return of(error)


def _malformed(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    wrong = [
        {"at": "/".join(str(part) for part in one["loc"]), "problem": one["msg"]}
        for one in error.errors()
    ]
    first = wrong[0] if wrong else {"at": "request", "problem": "malformed"}
    detail = f"the request is malformed: {first['at']}: {first['problem']}"
    return response(422, "malformed-request", detail, wrong)


def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    made = response(
        error.status_code, _slug(HTTPStatus(error.status_code).phrase), str(error.detail)
    )
    made.headers.update(error.headers or {})
    return made


def unforeseen() -> JSONResponse:
    """What a caller is told of an error of ours: nothing but that."""
    return response(500, "internal-error", "something went wrong here; it was logged")


def _slug(name: str) -> str:
    spaced = "".join(f"-{c.lower()}" if c.isupper() else c for c in name.replace(" ", ""))
    return spaced.strip("-").replace("'", "")

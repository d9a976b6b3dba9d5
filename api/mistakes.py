"""What goes wrong while somebody fills in a form: said in the page, which keeps what they typed."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from api import denials, problems
from api.web import managing
from knowledge import errors

# What somebody can mend there. The rest is a page of its own.
MENDABLE = (
    errors.InvalidInput,
    errors.Conflict,
    errors.NotAllowed,
    errors.Stale,
    errors.TooLarge,
    errors.OutOfSpace,
    RequestValidationError,
    ValidationError,
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """What to say of it, the status of the page that says it, and of which field it is, where that
    is known."""

    said: str = ""
    status: int = 200
    at: str = ""


NONE = Mistake()


def of(request: Request, error: Exception) -> Mistake:
    """A mistake as the page says it. ``error``: one of ``MENDABLE``."""
    if isinstance(error, errors.WhoknowsError):
        if isinstance(error, errors.NotAllowed):
            denials.note(request)
        at = error.at if isinstance(error, errors.InvalidInput) else ""
        return Mistake(managing.sentence(str(error)), problems.status_of(error), at)
    assert isinstance(error, RequestValidationError | ValidationError)
    first = error.errors()[0]
    where = next((str(part) for part in reversed(first["loc"]) if isinstance(part, str)), "it")
    said = managing.sentence(f"{where.replace('_', ' ')}: {first['msg']}")
    return Mistake(said, 422, where)

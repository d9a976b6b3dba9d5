"""The cookies of signing in. Their prefix makes browsers keep them only over TLS (or from this
machine), for this host alone and all of it, so that nobody else can put them there."""

from __future__ import annotations

from fastapi import Request, Response

SESSION = "__Host-whoknows"
OIDC = "__Host-whoknows_oidc"
_BLANK = " \t"


def read(request: Request, name: str) -> str:
    """What the browser keeps under a name, if it does. What comes twice counts as nothing: one of
    them was put there by somebody else."""
    # Read here and not by a library: those take off more around a name than browsers do, so that
    # another name, without what the prefix promises, would pass for this one.
    parts = ";".join(request.headers.getlist("cookie")).split(";")
    pairs = (part.partition("=") for part in parts)
    told = [value.strip(_BLANK) for held, _, value in pairs if held.strip(_BLANK) == name]
    # What is not plain is kept in quotes.
    return told[0].strip('"') if len(told) == 1 else ""


def keep(response: Response, name: str, value: str, seconds: int) -> None:
    """Let the browser keep a value; no script sees it, and no other site's form sends it."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax"
    )


def drop(response: Response, name: str) -> None:
    """Let the browser forget it."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")

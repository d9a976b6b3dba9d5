"""The door of ``whoknows serve``: access tokens."""

from __future__ import annotations

from fastapi import Request

from api.auth import Asker
from api.auth.origin import SAFE_METHODS
from knowledge.errors import NotSignedIn
from knowledge.tokens import Holder, Tokens

COOKIE = "whoknows_token"


class TokenDoor:
    """Identifies by ``Authorization: Bearer``, and for reading also by the cookie of a sign-in.

    Nothing is remembered between requests, so a revoked token opens nothing from then on.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def identify(self, request: Request) -> Asker:
        """The holder of the token. Raises NotSignedIn."""
        holder = self.holder(_secret(request))
        return Asker(holder.principal, holder.token.scopes, _owner(holder), holder.person)

    def holder(self, secret: str) -> Holder:
        """Whom a secret belongs to. Raises NotSignedIn."""
        return self._tokens.identify(secret)


def _secret(request: Request) -> str:
    told = request.headers.get("authorization")
    if told is not None:
        scheme, _, secret = told.partition(" ")
        if scheme.lower() == "bearer" and secret.strip():
            return secret.strip()
        raise NotSignedIn("the Authorization header must read: Bearer TOKEN")
    # Never for writing: a browser sends the cookie whoever wrote the page.
    secret = request.cookies.get(COOKIE, "") if request.method in SAFE_METHODS else ""
    if not secret:
        raise NotSignedIn("send an access token in the header Authorization: Bearer TOKEN")
    return secret


def _owner(holder: Holder) -> str:
    person_id = holder.token.person_id
    return f"token:{holder.token.id}" if person_id is None else f"person:{person_id}"

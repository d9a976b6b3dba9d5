"""The door for programs: access tokens."""

from __future__ import annotations

from fastapi import Request

from api.auth import Asker
from knowledge.errors import NotSignedIn
from knowledge.identity import AccessToken
from knowledge.tokens import Tokens


class TokenDoor:
    """Identifies by ``Authorization: Bearer``.

    Nothing is remembered between requests, so a revoked token opens nothing from then on.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def identify(self, request: Request) -> Asker:
        """The holder of the token. Raises NotSignedIn."""
        holder = self._tokens.identify(_secret(request))
        token = holder.token
        return Asker(
            holder.principal,
            holder.scopes,
            _owner(token),
            holder.person,
            holder.standing,
            by_token=True,
        )


def _secret(request: Request) -> str:
    told = request.headers.get("authorization")
    if told is not None:
        scheme, _, secret = told.partition(" ")
        if scheme.lower() == "bearer" and secret.strip():
            return secret.strip()
        raise NotSignedIn("the Authorization header must read: Bearer TOKEN")
    raise NotSignedIn("sign in, or send an access token in the header Authorization: Bearer TOKEN")


def _owner(token: AccessToken) -> str:
    return f"token:{token.id}" if token.person_id is None else f"person:{token.person_id}"

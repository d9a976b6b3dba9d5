"""Callers at other sites: a key that stands in the site's pages, and perhaps who asks there."""

from __future__ import annotations

from fastapi import Request

from api.services import Services
from knowledge.errors import NotSignedIn
from knowledge.sites import Visitor

HEADER = "X-Site-Key"


def identify(request: Request) -> Visitor:
    """Who asks with the site's key; no cookie counts. Raises NotSignedIn.

    Once the key fits where the page is, it may read the answer, also that its proof is none.
    """
    services: Services = request.app.state.services
    origin = request.headers.get("origin")
    key = request.headers[HEADER]
    visitor = services.sites.identify(key, origin, None)
    request.state.readable_at = origin
    proof = _proof(request)
    return visitor if proof is None else services.sites.identify(key, origin, proof)


def _proof(request: Request) -> str | None:
    told = request.headers.get("authorization")
    if told is None:
        return None
    scheme, _, proof = told.partition(" ")
    if scheme.lower() != "bearer":
        raise NotSignedIn("the Authorization header must read: Bearer TOKEN")
    return proof.strip()

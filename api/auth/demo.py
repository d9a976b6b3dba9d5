"""The door of ``whoknows demo``: the visitor is one of the sample company's people."""

from __future__ import annotations

import re

from fastapi import Request
from starlette import types as asgi
from starlette.datastructures import Headers

from api import problems
from api.auth import Asker
from api.auth.origin import refuse_foreign
from knowledge.errors import NotSignedIn
from knowledge.store import access, people
from knowledge.store.database import Database
from knowledge.types import Person, Scope

COOKIE = "whoknows_person"
_SCOPES = frozenset({Scope.SEARCH, Scope.CAPTURE, Scope.IMPORT})
_PORT = re.compile(r":[0-9]*\Z")
_HOSTS = ("127.0.0.1", "localhost", "[::1]")


class DemoDoor:
    """Identifies by a cookie that anybody at this machine may set: for invented people only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def identify(self, request: Request) -> Asker:
        """The person whom the cookie names, else the first one. Raises NotSignedIn, NotAllowed."""
        refuse_foreign(request)
        chosen = request.cookies.get(COOKIE, "")
        with self._database.read() as connection:
            ids = people.listed(connection)
            if not ids:
                raise NotSignedIn("the sample company has no people; start whoknows demo again")
            named = next((key for key in ids if str(key) == chosen), ids[0])
            person = people.get(connection, named)
            principal = access.principal_of(connection, person.id)
        return Asker(principal, _SCOPES, f"person:{person.id}", person)

    def people(self) -> list[Person]:
        """Everybody the visitor may be, in the order of the directory."""
        with self._database.read() as connection:
            ids = people.listed(connection)
            known = people.load(connection, ids)
        return [known[key] for key in ids]


class LoopbackOnly:
    """ASGI middleware: answer only requests that name this machine as their host.

    A page of another site whose name was made to resolve to 127.0.0.1 could read everything.
    """

    def __init__(self, app: asgi.ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and not _names_loopback(Headers(scope=scope)):
            detail = "the demo answers only at 127.0.0.1 and localhost"
            await problems.response(403, "not-allowed", detail)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _names_loopback(headers: Headers) -> bool:
    return _PORT.sub("", headers.get("host", "").lower()) in _HOSTS

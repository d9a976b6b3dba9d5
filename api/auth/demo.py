"""The door of ``whoknows demo``: the visitor is one of the sample company's people."""

from __future__ import annotations

from fastapi import Request

from api.auth import Asker
from api.auth.origin import refuse_foreign
from knowledge.errors import NotSignedIn
from knowledge.roles import standing_of
from knowledge.store import access, people
from knowledge.store.database import Database
from knowledge.types import Person, Scope

COOKIE = "whoknows_person"


class DemoDoor:
    """Identifies by a cookie that anybody at this machine may set: for invented people only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def identify(self, request: Request) -> Asker:
        """The person whom the cookie names, else the first one. Raises NotSignedIn, NotAllowed."""
        refuse_foreign(request)
        chosen = request.cookies.get(COOKIE, "")
        with self._database.read() as connection:
            ids = people.here(connection)
            if not ids:
                raise NotSignedIn("the sample company has no people; start whoknows demo again")
            named = next((key for key in ids if str(key) == chosen), ids[0])
            person = people.get(connection, named)
            principal = access.principal_of(connection, person.id)
            standing = standing_of(connection, person.id)
        # Whoever tries it out imports something of their own, whatever their role.
        scopes = standing.scopes | {Scope.IMPORT}
        return Asker(principal, scopes, f"person:{person.id}", person, standing)

    def people(self) -> list[Person]:
        """Everybody the visitor may be, in the order of the directory: whoever has not left."""
        with self._database.read() as connection:
            ids = people.here(connection)
            known = people.load(connection, ids)
        return [known[key] for key in ids]

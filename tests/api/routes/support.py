"""The application over real services, with a door that believes who callers say they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth import Asker
from api.services import Services
from knowledge.errors import NotSignedIn
from knowledge.people import Profile
from knowledge.roles import EVERYTHING, MEMBER
from knowledge.store import access, people
from knowledge.types import Principal, Scope
from tests.builders import opened


class TrustingDoor:
    """``As`` is a colleague's address, or ``nobody`` in particular; ``Scopes`` what they hold."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def identify(self, request: Request) -> Asker:
        name = request.headers.get("As")
        if name is None:
            raise NotSignedIn("say who you are")
        scopes = frozenset(map(Scope, request.headers.get("Scopes", "search capture").split()))
        standing = EVERYTHING if Scope.ADMIN in scopes else MEMBER
        if name == "nobody":
            return Asker(Principal(signed_in=True), scopes, "token:1", standing=standing)
        with self._services.database.read() as connection:
            principal = access.principal_for(connection, name)
            assert principal.person_id is not None
            person = people.get(connection, principal.person_id)
        return Asker(principal, scopes, f"person:{person.id}", person, standing)


@dataclass(frozen=True)
class Served:
    """A running service and how to ask it as somebody; ``admin`` adds that scope."""

    services: Services
    client: TestClient

    def __call__(
        self, method: str, path: str, who: str = "ada", *, admin: bool = False, **given: Any
    ) -> Any:
        headers = dict(given.pop("headers", {}))
        headers["As"] = who if who == "nobody" else f"{who}@example.org"
        if admin:
            headers["Scopes"] = "search capture admin"
        return self.client.request(method, f"/api/v1{path}", headers=headers, **given)

    def get(self, path: str, who: str = "ada", *, admin: bool = False, **params: Any) -> Any:
        return self("GET", path, who, admin=admin, params=params)


@contextmanager
def served(data: Path) -> Iterator[Served]:
    """A service with Ada (Platform, group vault), Ben (Data) and Cleo, who are all listed."""
    with opened(data) as services:
        services.directory.put(
            Profile("Ada Field", "ada@example.org", team="Platform", groups=("vault",))
        )
        services.directory.put(Profile("Ben Osei", "ben@example.org", team="Data", title="Analyst"))
        services.directory.put(Profile("Cleo Marsh", "cleo@example.org"))
        app = create_app(services, TrustingDoor(services))
        with TestClient(app, raise_server_exceptions=False) as client:
            yield Served(services, client)

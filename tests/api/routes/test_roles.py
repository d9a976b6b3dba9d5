"""/api/v1/roles: administrators say who is more than a member."""

from __future__ import annotations

from typing import Any

import pytest

from knowledge.audit import Journal
from knowledge.identity import AccountRole
from knowledge.types import Audience, Contributor, Role
from tests.api.routes.support import Served
from tests.builders import document


def person(service: Served, name: str) -> int:
    return service.services.merging.find(f"{name}@example.org")


def role(service: Served, name: str, **more: Any) -> dict[str, Any]:
    return {"person_id": person(service, name), "role": "curator", **more}


def ask(service: Served, method: str, **given: Any) -> Any:
    return service(method, "/roles", admin=True, **given)


def test_roles_are_given_and_taken_back(service: Served) -> None:
    assert ask(service, "GET").json() == {"roles": []}
    for _ in range(2):
        given = role(service, "ben", source="wiki")
        assert ask(service, "PUT", json=given).status_code == 204
    assert ask(service, "PUT", json=role(service, "ben", topic="ops")).status_code == 204
    administrator = role(service, "cleo") | {"role": "administrator"}
    assert ask(service, "PUT", json=administrator).status_code == 204
    told = ask(service, "GET").json()["roles"]
    assert told == [
        {
            "person_id": person(service, "ben"),
            "name": "Ben Osei",
            "administrator": False,
            "sources": ["wiki"],
            "topics": ["ops"],
        },
        {
            "person_id": person(service, "cleo"),
            "name": "Cleo Marsh",
            "administrator": True,
            "sources": [],
            "topics": [],
        },
    ]
    gone = role(service, "ben", source="wiki")
    assert ask(service, "DELETE", params=gone).status_code == 204
    assert ask(service, "DELETE", params=gone).status_code == 404
    assert ask(service, "DELETE", params=administrator).status_code == 409
    entries = Journal(service.services.database).newest(4)
    ada = f"person:{person(service, 'ada')}"
    assert [(one.actor, one.action) for one in reversed(entries)] == [
        (ada, "role-granted"),
        (ada, "role-granted"),
        (ada, "role-granted"),
        (ada, "role-withdrawn"),
    ]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, 422),
        ({"source": "wiki", "topic": "ops"}, 422),
        ({"role": "administrator", "source": "wiki"}, 422),
        ({"role": "member"}, 422),
        ({"source": "x" * 201}, 422),
        ({"source": "wiki", "person_id": 99}, 404),
        ({"source": "wiki", "person_id": 0}, 422),
    ],
)
def test_what_is_none_is_refused(service: Served, more: dict[str, Any], status: int) -> None:
    assert ask(service, "PUT", json=role(service, "ben") | more).status_code == status
    assert ask(service, "GET").json() == {"roles": []}
    told = {one.action for one in Journal(service.services.database).newest(10)}
    assert told == {"directory-changed"}


def test_whom_one_does_not_see_is_unknown(service: Served) -> None:
    quirin = Contributor("Quirin Vask", Role.AUTHOR, email="quirin@example.org")
    given = document("1", "x", audience=Audience.of("group:board"), contributors=(quirin,))
    assert len(list(service.services.capture.ingest([given]))) == 1
    hidden = role(service, "quirin", source="wiki")
    refused = ask(service, "PUT", json=hidden)
    unknown = ask(service, "PUT", json=hidden | {"person_id": 99})
    assert (refused.status_code, refused.text) == (404, unknown.text)
    # Where the operator gave them one, it is told of nobody by name.
    service.services.roles.grant(
        hidden["person_id"], AccountRole.CURATOR, "operator", source="wiki"
    )
    (told,) = ask(service, "GET").json()["roles"]
    assert (told["name"], told["sources"]) == (None, ["wiki"])


def test_others_do_not(service: Served) -> None:
    given = role(service, "ben", source="wiki")
    assert service.get("/roles").status_code == 403
    assert service("PUT", "/roles", json=given).status_code == 403
    assert service("DELETE", "/roles", params=given).status_code == 403

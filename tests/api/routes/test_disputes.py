"""What people dispute about themselves reaches those who can put it right, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from knowledge.editing import Editor
from knowledge.identity import AccountRole
from knowledge.store import access
from knowledge.types import Audience
from tests.api.routes.support import Served
from tests.builders import document


@pytest.fixture
def filled(service: Served) -> Served:
    save = service.services.capture.save
    save(document("kiln", "Fire it.", tags=("kilns",)))
    save(document("vault", "Open it.", audience=Audience.of("group:vault")))
    for key, verdict in ((1, "not_me"), (2, "outdated")):
        said = {"verdict": verdict}
        assert service("PUT", f"/people/me/evidence/{key}", json=said).status_code == 204
    return service


def told(service: Served, who: str, **more: Any) -> list[tuple[str, str, str]]:
    answer = service.get("/disputes", who, **more)
    assert answer.status_code == 200, answer.text
    return [(one["name"], one["title"], one["verdict"]) for one in answer.json()["disputes"]]


KILN = ("Ada Field", "Page kiln", "not_me")


def test_an_administrator_sees_those_of_what_they_read(filled: Served) -> None:
    assert told(filled, "ben", admin=True) == [KILN]
    assert told(filled, "ada", admin=True) == [KILN, ("Ada Field", "Page vault", "outdated")]
    assert told(filled, "ben") == []
    assert filled("DELETE", "/disputes/1/1", "ben").status_code == 404
    assert filled("DELETE", "/disputes/2/1", "ben", admin=True).status_code == 404


def test_what_is_merely_hidden_is_nobody_s_to_look_at(filled: Served) -> None:
    filled("PUT", "/people/me/evidence/1", json={"verdict": "hidden"})
    assert told(filled, "ben", admin=True) == []


def test_what_was_settled_is_listed_again_only_if_it_is_raised_again(filled: Served) -> None:
    assert filled("DELETE", "/disputes/1/1", "ben", admin=True).status_code == 204
    assert told(filled, "ben", admin=True) == []
    assert filled("DELETE", "/disputes/1/1", "ben", admin=True).status_code == 404
    # It speaks for them as little as before.
    evidence = filled.get("/people/me/evidence").json()["evidence"]
    assert [one["counts"] for one in evidence if one["document_id"] == 1] == [False]
    filled("PUT", "/people/me/evidence/1", json={"verdict": "outdated"})
    assert told(filled, "ben", admin=True) == [("Ada Field", "Page kiln", "outdated")]


@pytest.mark.parametrize(
    ("of", "seen"), [({"topic": "KILNS"}, 1), ({"source": "wiki"}, 1), ({"topic": "glazes"}, 0)]
)
def test_curators_see_those_of_what_they_look_after(
    filled: Served, of: dict[str, str], seen: int
) -> None:
    services = filled.services
    services.roles.grant(2, AccountRole.CURATOR, "operator", **of)
    with services.database.read() as connection:
        editor = Editor(access.principal_for(connection, "ben@example.org"))
    found, more = services.disputes.page(editor, services.roles.of(2))
    assert (len(found), more) == (seen, False)


def test_they_come_in_pages_the_oldest_first(filled: Served) -> None:
    first = filled.get("/disputes", admin=True, limit=1).json()
    rest = filled.get("/disputes", admin=True, limit=1, cursor=first["next_cursor"]).json()
    ids = [one["document_id"] for page in (first, rest) for one in page["disputes"]]
    assert (ids, rest["next_cursor"]) == ([1, 2], None)

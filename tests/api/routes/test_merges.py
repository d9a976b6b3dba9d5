"""/api/v1/people/review, merges and distinctions: administrators say who is one person."""

from __future__ import annotations

import pytest

from knowledge.types import Audience, Contributor, Role
from tests.api.routes.support import Served
from tests.builders import document

DAN = Contributor("Dan Reed", Role.AUTHOR, handle="dan")
REED = Contributor("Reed, Dan", Role.AUTHOR, handle="reed")


def fill(service: Served) -> tuple[int, int]:
    """Two spellings of one colleague, each of one page."""
    pages = [
        document("a", "The kestrel of the kiln.", contributors=(DAN,)),
        document("b", "The pike of the kiln.", contributors=(REED,)),
    ]
    assert not [o for o in service.services.capture.ingest(pages) if o.reason]
    (pair,) = service.get("/people/review", "cleo", admin=True).json()["pairs"]
    return pair["kept"]["id"], pair["gone"]["id"]


def test_the_unsure_are_listed_merged_and_parted(service: Served) -> None:
    kept, gone = fill(service)
    (pair,) = service.get("/people/review", "cleo", admin=True).json()["pairs"]
    assert pair["reasons"] == ["same_name_spelled_otherwise"]
    assert pair["kept"] == {
        "id": kept,
        "name": "Dan Reed",
        "names": ["Dan Reed"],
        "addresses": [],
        "documents": 1,
        "listed": False,
    }
    body = {"kept": kept, "gone": gone}
    made = service("POST", "/people/merges", "cleo", admin=True, json=body)
    assert made.status_code == 201
    assert made.headers["Location"] == "/api/v1/people/merges/1"
    told = made.json()
    assert (told["id"], told["kept"]["id"], told["gone"]) == (1, kept, gone)
    assert told["by"].startswith("person:")
    assert service.get("/people/review", "cleo", admin=True).json() == {"pairs": []}
    assert service.get("/people/merges", "cleo", admin=True).json() == {
        "merges": [told],
        "next_cursor": None,
    }
    for one in (kept, gone):
        page = service.get(f"/people/{one}").json()
        assert (page["id"], len(page["contributions"])) == (kept, 2)
    found = service.get("/people", q="who knows about the kiln").json()["people"]
    assert {p["person"]["id"] for p in found} == {kept}
    assert service("DELETE", "/people/merges/1", "cleo", admin=True).status_code == 204
    assert service("DELETE", "/people/merges/1", "cleo", admin=True).status_code == 404
    assert len(service.get(f"/people/{gone}").json()["contributions"]) == 1
    assert service.get("/people/merges", admin=True).json()["merges"] == []
    assert service.get("/people/review", admin=True).json() == {"pairs": []}


def test_merges_come_in_pages(service: Served) -> None:
    makers = [Contributor(f"Dan {name}", Role.AUTHOR) for name in ("A", "B", "C")]
    service.services.capture.save(document("a", "text", contributors=tuple(makers)))
    with service.services.database.read() as connection:
        from knowledge.store import people

        ids = [people.by_name(connection, maker.name)[0] for maker in makers]
    for gone in ids[1:]:
        given = {"kept": ids[0], "gone": gone}
        assert service("POST", "/people/merges", admin=True, json=given).status_code == 201
    first = service.get("/people/merges", admin=True, limit=1).json()
    rest = service.get("/people/merges", admin=True, limit=1, cursor=first["next_cursor"]).json()
    assert [m["gone"] for m in first["merges"] + rest["merges"]] == [ids[2], ids[1]]
    assert rest["next_cursor"] is None


def test_who_was_told_apart_is_not_asked_about_again(service: Served) -> None:
    one, other = fill(service)
    for _ in range(2):
        told = service(
            "POST", "/people/distinctions", admin=True, json={"one": other, "other": one}
        )
        assert (told.status_code, told.json()) == (201, {"one": other, "other": one})
    assert service.get("/people/review", admin=True).json() == {"pairs": []}


def test_a_repeated_request_merges_once(service: Served) -> None:
    kept, gone = fill(service)
    for _ in range(2):
        made = service(
            "POST",
            "/people/merges",
            admin=True,
            json={"kept": kept, "gone": gone},
            headers={"Idempotency-Key": "k"},
        )
        assert (made.status_code, made.json()["id"]) == (201, 1)


def test_what_an_administrator_may_not_do(service: Served) -> None:
    kept, gone = fill(service)
    hidden = Contributor("Dan  Reed.", Role.AUTHOR, handle="x")
    service.services.capture.save(
        document("s", "text", contributors=(hidden,), audience=Audience.of("group:hr"))
    )
    with service.services.database.read() as connection:
        from knowledge.store import people

        secret = people.by_handle(connection, "wiki", "x")
    people_of = {
        name: service.services.merging.find(f"{name}@example.org") for name in ("ada", "ben")
    }
    ada, ben = people_of["ada"], people_of["ben"]

    def status(one: int | None, other: int | None, who: str = "ada") -> int:
        given = {"kept": one, "gone": other}
        return int(service("POST", "/people/merges", who, admin=True, json=given).status_code)

    assert len(service.get("/people/review", admin=True).json()["pairs"]) == 1
    assert status(kept, kept) == 422
    assert status(kept, 999) == status(kept, secret) == status(secret, kept) == 404
    assert status(ada, gone) == 403  # oneself
    assert status(ben, ada, "cleo") == 403  # both in the directory
    assert status(gone, ben) == 409  # the other way round
    assert status(ben, gone) == 201
    assert status(ben, gone) == 404


@pytest.mark.parametrize(
    ("method", "path", "given"),
    [
        ("GET", "/people/review", None),
        ("GET", "/people/merges", None),
        ("POST", "/people/merges", {"kept": 1, "gone": 2}),
        ("POST", "/people/distinctions", {"one": 1, "other": 2}),
        ("DELETE", "/people/merges/1", None),
    ],
)
def test_it_is_for_administrators(
    idle: Served, method: str, path: str, given: dict[str, int] | None
) -> None:
    assert idle(method, path, json=given).status_code == 403
    assert idle.client.request(method, f"/api/v1{path}", json=given).status_code == 401

"""Who looks after a document, and when it is looked at again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from indexer import duplicates
from knowledge.care import Care
from knowledge.currency import Ageing, later
from knowledge.people import Profile
from knowledge.store import care
from knowledge.types import Audience, Contributor, Kind, Principal, Role
from tests.api.routes.support import Served
from tests.builders import disable, document

NOW = datetime.now(UTC)
SOON = (NOW + timedelta(days=7)).date().isoformat()


@pytest.fixture
def filled(service: Served) -> Served:
    save = service.services.capture.save
    save(document("kiln", "Fire the kiln slowly.", updated_at=NOW))
    save(document("vault", "Open the vault.", audience=Audience.of("group:vault"), updated_at=NOW))
    return service


def told(service: Served, who: str = "ben", number: int = 1, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = service.get(f"/documents/{number}/owner", who, **more).json()
    return made


def pass_on(service: Served, who: str, person: int | None, number: int = 1, **more: Any) -> Any:
    return service("PUT", f"/documents/{number}/owner", who, json={"person_id": person}, **more)


def clocked(service: Served, days: int, months: dict[Kind, int] | None = None) -> Care:
    """The same, so many days later."""
    then = NOW + timedelta(days=days)
    return Care(service.services.database, Ageing(0, months or {}), lambda: then)


def principal(service: Served, who: str = "ada") -> Principal:
    return service.services.principal(f"{who}@example.org")


def test_a_document_is_its_main_authors(filled: Served) -> None:
    assert told(filled) == {
        "owner": {"id": 1, "name": "Ada Field"},
        "passed_on": False,
        "may_pass": False,
        "review_at": None,
        "every_months": None,
        "due": False,
        "may_review": False,
    }
    assert told(filled, "ada")["may_pass"]
    assert told(filled, "cleo", admin=True)["may_pass"]


def test_of_a_recording_it_is_the_hosts_and_no_speakers(filled: Served) -> None:
    made = tuple(
        Contributor(name, role, email=f"{name.split()[0].lower()}@example.org")
        for name, role in (("Ben Osei", Role.SPEAKER), ("Cleo Marsh", Role.HOST))
    )
    filled.services.capture.save(document("talk", "Hot.", contributors=made))
    assert told(filled, number=3)["owner"] == {"id": 3, "name": "Cleo Marsh"}
    filled.services.capture.save(document("said", "Cold.", contributors=made[:1]))
    assert told(filled, number=4)["owner"] is None


def test_its_owner_passes_it_on_and_then_no_more(filled: Served) -> None:
    assert pass_on(filled, "ben", 2).status_code == 403
    assert pass_on(filled, "ada", 2).json()["owner"] == {"id": 2, "name": "Ben Osei"}
    assert pass_on(filled, "ada", 3).status_code == 403
    # They may do what its author may.
    assert filled.get("/documents/1", "ben").json()["audience"] is not None
    assert told(filled, "ben")["may_review"]
    assert pass_on(filled, "ben", None).json()["owner"] == {"id": 1, "name": "Ada Field"}
    assert not told(filled)["passed_on"]


def test_nothing_is_opened_by_passing_on(filled: Served) -> None:
    refused = pass_on(filled, "ada", 2, number=2)
    assert (refused.status_code, "can read this" in refused.text) == (422, True)
    assert pass_on(filled, "ben", 2, number=2).status_code == 404
    assert pass_on(filled, "ada", 99).status_code == 404
    disable(filled.services, 3)
    assert pass_on(filled, "ada", 3).status_code == 422


def test_who_does_not_read_it_any_more_owns_it_no_more(filled: Served) -> None:
    vault = Profile("Ben Osei", "ben@example.org", groups=("vault",))
    filled.services.directory.put(vault)
    assert pass_on(filled, "ada", 2, number=2).json()["owner"] == {"id": 2, "name": "Ben Osei"}
    with filled.services.database.write() as connection:
        care.review(connection, 2, NOW - timedelta(days=1), None)
    assert clocked(filled, 1).reviews(principal(filled)) == []
    filled.services.directory.put(replace(vault, groups=()))
    again = told(filled, "ada", 2)
    assert (again["owner"], again["passed_on"]) == ({"id": 1, "name": "Ada Field"}, False)
    (due,) = clocked(filled, 1).reviews(principal(filled))
    assert due.document.id == 2
    owned = filled.get("/people/1/hand-over").json()["owned"]
    assert ("document", 2) in [(one["kind"], one["id"]) for one in owned]
    # She may do with it what its owner may.
    assert pass_on(filled, "ada", None, number=2).status_code == 200


def test_what_was_replaced_is_looked_at_where_it_went(filled: Served) -> None:
    months = {Kind.WRITEUP: 1}
    by = Contributor("Ada", Role.AUTHOR, email="ada@example.org")
    secret = Audience.of("group:vault")
    filled.services.capture.save(document("newer", "Hotter.", updated_at=NOW, contributors=(by,)))
    filled.services.capture.save(document("hid", "H.", contributors=(by,), audience=secret))
    filled("PUT", "/documents/1/successor", json={"document_id": 3})
    assert [o.document.id for o in clocked(filled, 40, months).reviews(principal(filled))] == [2, 3]
    disable(filled.services, 1)
    found = clocked(filled, 40, months).overdue(principal(filled, "ben"))
    assert [one.document.id for one in found] == [3]


def test_what_is_due_may_be_outdated_until_it_is_verified(filled: Served) -> None:
    given = {"at": SOON, "every_months": 6}
    assert filled("PUT", "/documents/1/review", "ben", json=given).status_code == 403
    assert filled("PUT", "/documents/1/review", json=given).json()["review_at"][:10] == SOON
    (soon,) = filled.get("/people/me/reviews").json()["reviews"]
    assert (soon["document"]["id"], soon["due"]) == (1, False)
    assert filled.get("/people/me/reviews", "ben").json() == {"reviews": []}
    (due,) = clocked(filled, 8).reviews(principal(filled))
    assert (due.currency.due, due.currency.state) == (True, "may_be_outdated")
    filled("PUT", "/documents/1/currency", json={"state": "verified"})
    assert filled.get("/people/me/reviews").json() == {"reviews": []}
    again = datetime.fromisoformat(told(filled)["review_at"])
    assert again.date() == later(datetime.now(UTC), 6).date()


def test_a_search_says_what_is_due(filled: Served) -> None:
    services = filled.services
    with services.database.write() as connection:
        care.review(connection, 1, NOW - timedelta(days=1), None)
    (first, *_) = filled.get("/search", "ben", q="fire the kiln").json()["answers"]
    assert (first["currency"]["state"], first["currency"]["due"]) == ("may_be_outdated", True)
    # Once, where nobody said every how many months.
    filled("PUT", "/documents/1/currency", json={"state": "verified"})
    assert told(filled)["review_at"] is None


def test_a_day_that_is_past_is_none(filled: Served) -> None:
    for wrong in ({"at": "2001-01-01"}, {"at": "2099-01-01"}, {"every_months": 0}):
        assert filled("PUT", "/documents/1/review", json=wrong).status_code == 422
    made = filled("PUT", "/documents/1/review", json={"every_months": 2}).json()
    assert made["review_at"][:10] == later(datetime.now(UTC), 2).date().isoformat()
    assert filled("PUT", "/documents/1/review", json={}).json()["review_at"] is None


def test_a_kind_may_have_its_usual_time(filled: Served) -> None:
    months = {Kind.WRITEUP: 1}
    assert clocked(filled, 10, months).reviews(principal(filled)) == []
    found = clocked(filled, 40, months).reviews(principal(filled))
    assert [one.document.id for one in found] == [1, 2]
    # What somebody decided comes first.
    filled("PUT", "/documents/1/review", json={"every_months": 12})
    found = clocked(filled, 40, months).reviews(principal(filled))
    assert [one.document.id for one in found] == [2]


def test_what_nobody_looks_after_is_listed_to_administrators(filled: Served) -> None:
    months = {Kind.WRITEUP: 1}
    assert clocked(filled, 40, months).overdue(principal(filled, "cleo")) == []
    disable(filled.services, 1)
    found = clocked(filled, 40, months).overdue(principal(filled, "cleo"))
    assert [one.document.id for one in found] == [1]
    assert filled.get("/overdue", "cleo").status_code == 403
    assert filled.get("/overdue", "cleo", admin=True).json() == {"reviews": []}
    assert told(filled, "cleo")["owner"] is None


@pytest.mark.parametrize(
    ("at", "months", "then"),
    [("2026-01-31", 1, "2026-02-28"), ("2026-12-15", 13, "2028-01-15")],
)
def test_months_are_the_calendars(at: str, months: int, then: str) -> None:
    assert later(datetime.fromisoformat(at), months) == datetime.fromisoformat(then)


def test_what_is_there_twice_is_looked_for_page_by_page(
    filled: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "Stack the kiln loosely, close the door and wait for hour number {}."
    for number in range(3):
        filled.services.capture.save(document(f"twice {number}", text.format(number)))
    monkeypatch.setattr(duplicates, "MOST", 3)
    first = filled.get("/duplicates", "cleo", admin=True).json()
    assert (first["first"], first["looked_at"], first["documents"]) == (1, 3, 4)
    found = {(one["first"]["id"], one["second"]["id"]) for one in first["duplicates"]}
    assert found == {(3, 4), (3, 5), (4, 5)}
    rest = filled.get("/duplicates", "cleo", admin=True, cursor=first["next_cursor"]).json()
    assert (rest["first"], rest["looked_at"], rest["next_cursor"]) == (4, 4, None)
    assert rest["duplicates"] == []
    assert filled.get("/duplicates", "cleo", admin=True, cursor="AAAA").status_code == 422
    assert filled.get("/duplicates", "cleo").status_code == 403

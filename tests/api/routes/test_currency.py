"""Whether a document still holds: who says it, who is told what, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from knowledge.currency import Verdict
from knowledge.editing import Editor
from knowledge.errors import NotAllowed
from knowledge.identity import AccountRole
from knowledge.roles import Standing
from knowledge.store import access, tables
from knowledge.store.reading_tables import currency, doubts
from knowledge.types import Audience, Contributor, Role
from tests.api.routes.support import Served
from tests.builders import document

NOW = datetime.now(UTC)


@pytest.fixture
def filled(service: Served) -> Served:
    save = service.services.capture.save
    save(document("kiln", "Fire the kiln slowly.", tags=("Kilns",), updated_at=NOW))
    save(document("vault", "Open the vault.", audience=Audience.of("group:vault"), updated_at=NOW))
    return service


def told(service: Served, who: str = "ben", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = service.get("/documents/1/currency", who, **more).json()
    return made


def answered(service: Served, who: str = "ben") -> dict[str, Any]:
    (answer, *_) = service.get("/search", who, q="fire the kiln").json()["answers"]
    found: dict[str, Any] = answer["currency"]
    return found


def test_nothing_is_said_of_a_new_text(filled: Served) -> None:
    assert told(filled) == {
        "currency": {
            "state": "unverified",
            "at": None,
            "person_id": None,
            "name": None,
            "doubts": 0,
            "old": False,
            "review_at": None,
            "due": False,
        },
        "yours": False,
        "may_judge": False,
        "reasons": [],
    }


def test_its_author_verifies_it_until_it_changes(filled: Served) -> None:
    said = filled("PUT", "/documents/1/currency", json={"state": "verified", "revision": 1})
    assert said.status_code == 200, said.text
    assert said.json()["may_judge"]
    shown = answered(filled)
    assert (shown["state"], shown["person_id"], shown["name"]) == ("verified", 1, "Ada Field")
    assert shown["at"] is not None
    filled.services.capture.save(document("kiln", "Fire the kiln fast.", updated_at=NOW))
    assert answered(filled)["state"] == told(filled)["currency"]["state"] == "unverified"
    stale = filled("PUT", "/documents/1/currency", json={"state": "verified", "revision": 1})
    assert (stale.status_code, "changed since" in stale.json()["detail"]) == (422, True)


def test_who_does_not_look_after_it_only_doubts_it(filled: Served) -> None:
    given = {"state": "outdated"}
    assert filled("PUT", "/documents/1/currency", "ben", json=given).status_code == 403
    assert filled("DELETE", "/documents/1/currency", "ben").status_code == 403
    said = filled("POST", "/documents/1/doubts", "ben", json={"reason": " We glaze  now. "})
    assert (said.status_code, said.json()["yours"], said.json()["reasons"]) == (201, True, [])
    for _ in range(2):
        filled("POST", "/documents/1/doubts", "cleo", json={})
    assert answered(filled, "ben")["state"] == "may_be_outdated"
    shown = told(filled, "ada")
    assert (shown["currency"]["doubts"], shown["reasons"]) == (2, ["We glaze now."])
    # Who said it stands nowhere in what anybody gets.
    assert "ben" not in str(shown).lower()
    filled("DELETE", "/documents/1/doubts", "ben")
    assert told(filled)["currency"]["doubts"] == 1


def test_a_verdict_answers_the_doubts_before_it(filled: Served) -> None:
    filled("POST", "/documents/1/doubts", "ben", json={})
    filled("PUT", "/documents/1/currency", json={"state": "verified"})
    assert told(filled)["currency"]["state"] == "verified"
    filled("POST", "/documents/1/doubts", "cleo", json={"reason": "Not since May."})
    shown = told(filled, "ada")
    assert shown["currency"]["state"] == "may_be_outdated"
    assert shown["currency"]["name"] == "Ada Field"
    assert shown["reasons"] == ["Not since May."]
    filled("PUT", "/documents/1/currency", json={"state": "outdated"})
    assert told(filled)["currency"]["state"] == "outdated"
    filled("DELETE", "/documents/1/currency")
    assert told(filled)["currency"]["state"] == "may_be_outdated"


def test_a_reading_right_comes_first_whatever_the_role(filled: Served) -> None:
    for method, path, given in (
        ("GET", "currency", None),
        ("PUT", "currency", {"state": "verified"}),
        ("DELETE", "currency", None),
        ("POST", "doubts", {}),
        ("DELETE", "doubts", None),
    ):
        hidden, unknown = (
            filled(method, f"/documents/{key}/{path}", "ben", admin=True, json=given)
            for key in (2, 99)
        )
        assert (hidden.status_code, hidden.json()) == (404, unknown.json()), path
    done = filled("PUT", "/documents/1/currency", "ben", admin=True, json={"state": "verified"})
    assert done.status_code == 200


@pytest.mark.parametrize(
    ("standing", "may"),
    [
        (Standing(topics=frozenset({"kilns"})), True),
        (Standing(sources=frozenset({"wiki"})), True),
        (Standing(topics=frozenset({"glazes"}), sources=frozenset({"notes"})), False),
    ],
)
def test_curators_judge_what_they_look_after(filled: Served, standing: Standing, may: bool) -> None:
    with filled.services.database.read() as connection:
        editor = Editor(access.principal_for(connection, "ben@example.org"))
    if may:
        filled.services.keeping.judge(1, Verdict.VERIFIED, editor, standing)
        assert told(filled)["currency"]["name"] == "Ben Osei"
    else:
        with pytest.raises(NotAllowed, match="curators of its source"):
            filled.services.keeping.judge(1, Verdict.VERIFIED, editor, standing)


def test_an_old_text_may_be_outdated_until_it_is_verified(filled: Served) -> None:
    old = NOW - timedelta(days=filled.services.settings.search.old_days + 1)
    filled.services.capture.save(document("old", "The old gate squeaks.", updated_at=old))
    shown = filled.get("/documents/3/currency").json()["currency"]
    assert (shown["state"], shown["old"]) == ("may_be_outdated", True)
    filled("PUT", "/documents/3/currency", json={"state": "verified"})
    assert filled.get("/documents/3/currency").json()["currency"]["state"] == "verified"
    with filled.services.database.write() as connection:
        connection.execute(update(currency).values(at=old))
    assert filled.get("/documents/3/currency").json()["currency"]["state"] == "may_be_outdated"


def test_a_verifier_is_named_to_who_may_see_them(filled: Served) -> None:
    """Who is in no directory, and whom only hidden documents name, stays unnamed."""
    services = filled.services
    dan = Contributor("Dan Hale", Role.AUTHOR, email="dan@example.org")
    services.capture.save(
        document("his", "x", contributors=(dan,), audience=Audience.of("group:vault"))
    )
    with services.database.write() as connection:
        key = connection.execute(
            select(tables.people.c.id).where(tables.people.c.name == "Dan Hale")
        ).scalar_one()
        values = {"document_id": 1, "revision": 1, "state": "verified", "person_id": key}
        connection.execute(currency.insert().values(**values, at=NOW))
    assert (answered(filled, "ada")["name"], answered(filled, "ada")["person_id"]) == (
        "Dan Hale",
        key,
    )
    shown = answered(filled, "ben")
    assert (shown["state"], shown["name"], shown["person_id"]) == ("verified", None, None)


def test_who_doubted_before_two_became_one_takes_it_back(filled: Served) -> None:
    services = filled.services
    filled("POST", "/documents/1/doubts", "ben", json={"reason": "x"})
    ben, cleo = (services.principal(f"{who}@example.org").person_id for who in ("ben", "cleo"))
    services.merging.merge(cleo or 0, ben or 0, force=True)
    assert told(filled, "cleo")["yours"]
    # Said again it is still one doubt.
    filled("POST", "/documents/1/doubts", "cleo", json={"reason": "y"})
    assert told(filled, "ada")["reasons"] == ["y"]
    assert filled("DELETE", "/documents/1/doubts", "cleo").status_code == 204
    shown = told(filled, "cleo")
    assert (shown["yours"], shown["currency"]["doubts"]) == (False, 0)


def test_erasing_takes_the_name_and_the_doubt_and_leaves_the_verdict(filled: Served) -> None:
    services = filled.services
    services.roles.grant(2, AccountRole.ADMINISTRATOR, "operator")
    done = filled("PUT", "/documents/1/currency", "ben", admin=True, json={"state": "outdated"})
    assert done.status_code == 200
    filled("POST", "/documents/1/doubts", "ben", json={"reason": "x"})
    filled("POST", "/documents/1/doubts", "cleo", json={"reason": "Ben Osei knows better"})
    services.erasing.erase(2)
    shown = told(filled, "ada")
    assert (shown["currency"]["state"], shown["currency"]["name"]) == ("outdated", None)
    assert [reason for reason in shown["reasons"] if "Osei" in reason] == []
    with services.database.read() as connection:
        assert connection.execute(select(doubts.c.person_id)).scalars().all() == [3]

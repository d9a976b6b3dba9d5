"""What somebody is told of topics, and who of what may be lost."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from indexer.leaving import guide, leaving
from indexer.topics import FEWEST
from knowledge.asked import AskedQuery
from knowledge.store import documents, erasing, people
from knowledge.types import OPERATOR, Audience, Contributor, Role
from tests.api.commands import in_this_process
from tests.api.routes.support import Served, served
from tests.builders import document

CLAY, VAULT = "kiln clay glaze pottery", "vault gold bullion ledger"
BEN = Contributor("Ben Osei", Role.AUTHOR, email="ben@example.org")


@pytest.fixture
def filled(service: Served) -> Served:
    fill(service)
    return service


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """For what changes nothing."""
    with served(tmp_path_factory.mktemp("topics")) as made:
        fill(made)
        yield made


def fill(service: Served) -> None:
    """Ada alone writes of clay, for everybody; she and Ben write of the vault, for its group."""
    save = service.services.capture.save
    closed = Audience.of("group:vault")
    for number in range(4):
        save(document(f"c{number}", CLAY, title=f"Clay {number}"))
        by = {"contributors": (BEN,)} if number % 2 else {}
        save(document(f"v{number}", VAULT, title=f"Vault {number}", audience=closed, **by))
    service.services.topics.refresh()


def listed(service: Served, who: str, **more: Any) -> list[tuple[str, int]]:
    answer = service.get("/topics", who, **more)
    assert answer.status_code == 200, answer.text
    return [(one["name"], one["documents"]) for one in answer.json()["topics"]]


def test_a_topic_is_what_one_may_read_of_it(shared: Served) -> None:
    seen = listed(shared, "ben")
    assert sum(count for _, count in seen) == 4
    assert not any("vault" in name for name, _ in seen)
    assert sum(count for _, count in listed(shared, "ada")) == 8
    assert "gold" in " ".join(name for name, _ in listed(shared, "ada"))
    # An administrator's role opens nothing.
    assert listed(shared, "ben", admin=True) == seen


def ids(service: Served, who: str) -> list[int]:
    return [one["id"] for one in service.get("/topics", who).json()["topics"]]


def test_a_topic_of_which_one_reads_nothing_is_not_there(shared: Served) -> None:
    closed = set(ids(shared, "ada")) - set(ids(shared, "ben"))
    for path in ("", "/risk"):
        for key in [*closed, 999]:
            answer = shared.get(f"/topics/{key}{path}", "ben", admin=True)
            assert (answer.status_code, answer.json()["detail"]) == (404, "there is no such topic")


def test_a_page_has_its_documents_and_who_is_known(shared: Served) -> None:
    (key, *_) = ids(shared, "ben")
    told = shared.get(f"/topics/{key}", "ben", limit=1).json()
    titles = {one["title"] for one in told["documents"]}
    while told["next_cursor"]:
        told = shared.get(f"/topics/{key}", "ben", limit=1, cursor=told["next_cursor"]).json()
        titles |= {one["title"] for one in told["documents"]}
    assert len(titles) == told["topic"]["documents"]
    assert "share" not in str(told)


def test_risk_is_for_the_steward_and_administrators(filled: Served) -> None:
    (key, *_) = ids(filled, "cleo")
    assert filled.get(f"/topics/{key}/risk", "cleo").status_code == 403
    told = filled.get(f"/topics/{key}/risk", "cleo", admin=True).json()
    assert [(h["person"]["name"], h["share"]) for h in told["holders"]] == [("Ada Field", 1.0)]
    assert told["effective_holders"] == 1.0
    assert told["demand"] == {"searches": 0, "terms": []}
    change = {"steward_id": 3, "name": "Pots"}
    assert filled("PATCH", f"/topics/{key}", "ben", json=change).status_code == 403
    changed = filled("PATCH", f"/topics/{key}", "ben", admin=True, json=change)
    assert changed.json()["steward"] == {"id": 3, "name": "Cleo Marsh"}
    assert filled.get(f"/topics/{key}/risk", "cleo").status_code == 200
    assert filled.get(f"/topics/{key}/risk", "ben").status_code == 403
    assert "If they left" in page(filled, f"/topics/{key}", "cleo")
    assert "If they left" not in page(filled, f"/topics/{key}", "ben")
    taken = filled("PATCH", f"/topics/{key}", "ben", admin=True, json={"steward_id": None})
    assert (taken.json()["steward"], taken.json()["name"]) == (None, "Pots")
    assert filled.get(f"/topics/{key}/risk", "cleo").status_code == 403


def page(service: Served, path: str, who: str, admin: bool = False) -> str:
    headers = {"As": f"{who}@example.org", "Accept": "text/html"}
    if admin:
        headers["Scopes"] = "search capture admin"
    answer = service.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_a_given_name_is_told_to_who_reads_enough_of_it(
    filled: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    (key, *_) = ids(filled, "ben")
    change = {"name": "The gold of the vault"}

    def called(who: str, admin: bool = False) -> bool:
        told = filled.get(f"/topics/{key}", who, admin=admin).json()["topic"]
        assert told["called"] == (told["name"] == "The gold of the vault")
        return bool(told["called"])

    assert filled("PATCH", f"/topics/{key}", "ada", admin=True, json=change).status_code == 200
    count = filled.get(f"/topics/{key}", "ben").json()["topic"]["documents"]
    assert not called("ben")
    assert called("ben", admin=True)
    monkeypatch.setattr("indexer.topics.NAMED_FROM", count)
    assert called("ben")
    monkeypatch.setattr("indexer.topics.NAMED_FROM", count + 1)
    assert not called("ben")
    filled("PATCH", f"/topics/{key}", "ada", admin=True, json={"steward_id": 2})
    assert called("ben")
    wrong = filled("PATCH", f"/topics/{key}", "ada", admin=True, json={"name": "x" * 101})
    assert wrong.status_code == 422


def test_what_is_closed_lends_nothing_to_a_topic_from_then_on(filled: Served) -> None:
    assert listed(filled, "ben")
    with filled.services.database.read() as connection:
        held = documents.load_all(connection, OPERATOR)
    clay = sorted(key for key, one in held.items() if one.title.startswith("Clay"))
    for key in clay[1:]:
        filled.services.capture.set_audience(key, Audience.of("group:vault"), by="operator")
    assert [count for _, count in listed(filled, "ben")] == [1]
    filled.services.capture.delete(clay[0])
    assert listed(filled, "ben") == []


def test_who_does_not_agree_is_told_of_to_nobody(filled: Served) -> None:
    filled("PATCH", "/people/me", "ada", json={"consent_written": False})
    (key, *_) = ids(filled, "cleo")
    assert filled.get(f"/topics/{key}", "cleo", admin=True).json()["people"] == []
    told = filled.get(f"/topics/{key}/risk", "cleo", admin=True).json()
    assert (told["holders"], told["effective_holders"]) == ([], 0.0)
    told = filled.get("/people/1/leaving", "cleo", admin=True).json()
    assert (told["losses"], told["alone"], told["open"]) == ([], [], [])
    assert "What you know alone" not in page(filled, "/me", "ada")


def test_who_knows_something_alone_is_told_so_themselves(filled: Served) -> None:
    for number in range(4, 30):
        filled.services.capture.save(document(f"c{number}", CLAY, title="Clay"))
    filled.services.topics.refresh()
    assert "What you know alone" in page(filled, "/me", "ada")
    assert "What you know alone" not in page(filled, "/me", "ben")
    assert "What you know alone" not in page(filled, "/me", "ben", admin=True)


def test_it_reads_who_made_the_documents_and_nothing_else_of_them(filled: Served) -> None:
    services, asked = filled.services, []
    services.capture.save(document("c9", CLAY, title="Clay 9"))
    services.topics.refresh()

    def note(_connection, _cursor, statement, *_rest) -> None:  # type: ignore[no-untyped-def]
        asked.append(statement)

    ada = services.principal("ada@example.org")
    event.listen(services.database._reader, "before_cursor_execute", note)
    (alone,) = services.topics.known_alone(ada)
    event.remove(services.database._reader, "before_cursor_execute", note)
    assert alone.documents >= FEWEST
    assert not [one for one in asked if "documents.title" in one or "document_tags" in one]
    # However many topics they are near.
    assert len([one for one in asked if "contributions.weight" in one]) == 1


def test_what_would_be_lost_is_for_administrators_and_stewards(filled: Served) -> None:
    assert filled.get("/people/1/leaving", "cleo").status_code == 404
    told = filled.get("/people/1/leaving", "cleo", admin=True).json()
    assert {one["share"] for one in told["losses"]} == {1.0}
    assert {one["effective_holders_after"] for one in told["losses"]} == {0.0}
    clay = sorted(f"Clay {number}" for number in range(4))
    assert sorted(one["title"] for one in told["alone"]) == clay
    assert sorted(one["title"] for one in told["open"]) == clay
    key = told["losses"][0]["topic"]["id"]
    filled("PATCH", f"/topics/{key}", "ben", admin=True, json={"steward_id": 3})
    mine = filled.get("/people/1/leaving", "cleo").json()
    assert [one["topic"]["id"] for one in mine["losses"]] == [key]
    assert "Clay" in page(filled, "/admin/leaving?person=1", "cleo")
    assert filled.get("/people/999/leaving", "cleo").status_code == 404
    # What is verified is not to be verified.
    document_id = told["open"][0]["id"]
    filled("PUT", f"/documents/{document_id}/currency", "ada", json={"state": "verified"})
    again = filled.get("/people/1/leaving", "cleo", admin=True).json()
    assert document_id not in [one["id"] for one in again["open"]]


def test_the_guide_asks_about_what_would_be_lost(filled: Served) -> None:
    save = filled.services.capture.save
    save(document("odd", CLAY, title="Clay [x](http://evil) # *bold*"))
    answer = filled.get("/people/1/leaving/guide", "cleo", admin=True)
    assert answer.headers["content-type"].startswith("text/markdown")
    assert "attachment" in answer.headers["content-disposition"]
    text = answer.text
    assert text.startswith("# Before Ada Field leaves\n")
    assert "They hold 100% of what is written" in text
    assert "Documents that nobody else knows" in text
    assert "- [ ] Clay \\[x\\](http://evil) \\# \\*bold\\*" in text
    nothing = guide(leaving(filled.services.topics, 3, OPERATOR, admin=True))
    assert "no topic of which they hold a large part" in nothing


def test_demand_is_told_from_five_people_on_and_of_thirty_days(filled: Served) -> None:
    services, now = filled.services, datetime.now(UTC)
    put = services.queries.record
    asking = [1, 2, 3]
    with services.database.write() as connection:
        asking += [people.create(connection, f"Asker {number}") for number in range(2)]

    def ask(text: str, who: int, at: datetime = now) -> None:
        put(AskedQuery(uuid.uuid4().hex, text, "answer", 1, True, at), who)

    for who in asking:
        ask(CLAY, who)
        ask(CLAY, who, now - timedelta(days=40))
    for who in asking[:4]:
        ask("glaze pottery", who)
    services.queries.flush()
    told = [filled.get(f"/topics/{key}/risk", "ben", admin=True) for key in ids(filled, "ben")]
    demand = [answer.json()["demand"] for answer in told]
    assert sum(one["searches"] for one in demand) == 5
    assert [term for one in demand for term in one["terms"]] == [CLAY]


def test_a_steward_is_forgotten_with_who_is_erased_and_follows_who_is_merged(
    filled: Served,
) -> None:
    services = filled.services
    (key, *_) = ids(filled, "ben")
    change = {"steward_id": 3, "name": "As Cleo Marsh says"}
    assert filled("PATCH", f"/topics/{key}", "ben", admin=True, json=change).status_code == 200
    services.merging.merge(2, 3, force=True)
    told = filled.get(f"/topics/{key}", "ben", admin=True).json()["topic"]
    assert told["steward"]["id"] == 2
    services.erasing.erase(2)
    told = filled.get(f"/topics/{key}", "ada", admin=True).json()["topic"]
    assert (told["steward"], told["called"]) == (None, False)
    with services.database.read() as connection:
        assert erasing.noted(connection)


def test_forms_of_the_page(filled: Served) -> None:
    (key, *_) = ids(filled, "ben")
    headers = {
        "As": "ben@example.org",
        "Scopes": "search capture admin",
        "Accept": "text/html",
    }

    def send(**form: str) -> Any:
        path = f"/topics/{key}"
        return filled.client.post(path, data=form, headers=headers, follow_redirects=False)

    assert send(name="Pots", steward="cleo@example.org").status_code == 303
    text = page(filled, f"/topics/{key}", "ben", admin=True)
    assert "Pots" in text
    assert "Cleo Marsh</a> looks after it" in text
    assert send(name="Pots", steward="nobody@example.org").status_code == 422
    assert send(name="", nobody="yes").status_code == 303
    assert "looks after it." not in page(filled, f"/topics/{key}", "ben", admin=True)


def test_the_commands(tmp_path: Path) -> None:
    with served(tmp_path) as made:
        fill(made)
        environment = {"WHOKNOWS_DATA": str(tmp_path), "WHOKNOWS_EMBEDDER": "hashing"}
        url = made.services.settings.storage.database_url
        if url is not None:
            environment["WHOKNOWS_DATABASE_URL"] = url
        assert "topics" in in_this_process(["topics", "refresh"], environment).stdout
        done = in_this_process(["topics", "list", "--as", "ben@example.org"], environment)
        assert "clay" in done.stdout
        assert "vault" not in done.stdout
        assert "vault" in in_this_process(["topics", "list", "--json"], environment).stdout


def test_who_alone_knows_of_something_is_told_to_few(shared: Served) -> None:
    (key, *_) = ids(shared, "ben")

    def people(who: str, admin: bool = False) -> list[str]:
        told = shared.get(f"/topics/{key}", who, admin=admin).json()["people"]
        return [one["person"]["name"] for one in told]

    assert people("ada") == people("ben", admin=True) == ["Ada Field"]
    assert people("ben") == []

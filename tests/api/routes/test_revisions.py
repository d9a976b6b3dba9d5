"""What a document was before, for whoever reads it now, and what stands near it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from knowledge.store.tables import revisions
from knowledge.types import Audience, Contributor, Role
from tests.api.routes.support import Served
from tests.builders import document

SLOW = "Fire the kiln slowly and let it cool for a whole day before you open the door."


def test_states_are_listed_and_read(service: Served) -> None:
    save = service.services.capture.save
    save(document("kiln", "Fire it slowly.", title="Kiln"))
    save(document("kiln", "Fire it fast.", title="Kilns"))
    told = service.get("/documents/1/revisions").json()["revisions"]
    assert [(one["number"], one["title"]) for one in told] == [(2, "Kilns"), (1, "Kiln")]
    first = service.get("/documents/1/revisions/1").json()
    assert (first["title"], first["body"]) == ("Kiln", "Fire it slowly.")
    for number in (3, 99):
        assert service.get(f"/documents/1/revisions/{number}").status_code == 404


def test_what_is_closed_now_was_never_open(service: Served) -> None:
    save = service.services.capture.save
    save(document("kiln", "For all."))
    save(document("kiln", "For the vault.", audience=Audience.of("group:vault")))
    for path in ("/revisions", "/revisions/1", "/related"):
        hidden, unknown = (service.get(f"/documents/{key}{path}", "ben") for key in (1, 99))
        assert (hidden.status_code, unknown.status_code) == (404, 404)
        assert hidden.json() == unknown.json()
    assert len(service.get("/documents/1/revisions").json()["revisions"]) == 2


def numbers(service: Served, who: str, **given: Any) -> list[int]:
    told = service.get("/documents/1/revisions", who, **given).json()["revisions"]
    alone = [n for n in range(1, 9) if read(service, who, n, **given).status_code == 200]
    assert [one["number"] for one in told] == alone[::-1]
    return alone


def read(service: Served, who: str, number: int, **given: Any) -> Any:
    return service.get(f"/documents/1/revisions/{number}", who, **given)


def test_what_is_opened_does_not_tell_what_it_said_before(service: Served) -> None:
    save, vault = service.services.capture.save, Audience.of("group:vault")
    save(document("kiln", "Open at first.", title="A"))
    save(document("kiln", "A secret.", title="B", audience=vault))
    save(document("kiln", "Opened with another text.", title="C"))
    assert (numbers(service, "ben"), numbers(service, "ada")) == ([1, 3], [1, 2, 3])
    hidden, unknown = (read(service, "ben", number) for number in (2, 99))
    assert (hidden.status_code, hidden.json()) == (404, unknown.json())
    # An administrator's role opens nothing either.
    assert numbers(service, "ben", admin=True) == [1, 3]


def test_a_state_is_read_as_the_document_was_when_it_ended(service: Served) -> None:
    capture, vault = service.services.capture, Audience.of("group:vault")
    capture.save(document("kiln", "Said to all by mistake.", title="A"))
    capture.set_audience(1, vault)
    capture.save(document("kiln", "Without it.", title="B", audience=vault))
    capture.set_audience(1, Audience.of("everyone"))
    assert numbers(service, "ben") == [2]
    capture.save(document("kiln", "And more.", title="C"))
    assert (numbers(service, "ben"), numbers(service, "ada")) == ([2, 3], [1, 2, 3])


def test_a_page_that_moved_tells_what_it_said_as_before(service: Served) -> None:
    capture = service.services.capture
    capture.save(document("old", "A secret.", title="A", audience=Audience.of("group:vault")))
    capture.save(document("new", "No secret.", title="B", audience=Audience.of("group:vault")))
    capture.moved(1, 2)
    capture.set_audience(1, Audience.of("everyone"))
    assert (numbers(service, "ben"), numbers(service, "ada")) == ([2], [1, 2])


def test_of_what_nobody_knows_who_read_it_only_its_editors_read(service: Served) -> None:
    save = service.services.capture.save
    for text in ("One.", "Two."):
        who = Contributor("Cleo Marsh", Role.AUTHOR, email="cleo@example.org")
        save(document("kiln", text, contributors=(who,)))
    with service.services.database.write() as connection:
        connection.execute(update(revisions).values(audience_id=None))
    assert (numbers(service, "ben"), numbers(service, "cleo")) == ([2], [1, 2])
    assert numbers(service, "ben", admin=True) == [1, 2]


def test_what_is_near_is_named_without_copies_and_without_what_is_hidden(service: Served) -> None:
    save = service.services.capture.save
    save(document("kiln", SLOW, title="Firing"))
    save(document("copy", SLOW, title="Firing, copied"))
    save(document("near", SLOW + " Then glaze it.", title="Firing and glazing"))
    sold = SLOW + " Then sell it to whoever asks for a pot."
    save(document("hidden", sold, audience=Audience.of("group:vault")))
    save(document("far", "Invoices are paid within a month.", title="Invoices"))

    def near(who: str) -> list[str]:
        told = service.get("/documents/1/related", who).json()["related"]
        return [one["title"] for one in told]

    assert near("ben") == ["Firing and glazing"]
    assert sorted(near("ada")) == ["Firing and glazing", "Page hidden"]

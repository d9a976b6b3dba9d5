"""Questions over HTTP, from asking to the thread."""

from __future__ import annotations

from knowledge.store import questions
from knowledge.types import Audience, Contributor, Role
from tests.api.routes.support import Served
from tests.builders import document


def asked(service: Served, **more: object) -> dict[str, object]:
    told = {"title": "Who fires the kiln?", "body": "On Mondays."}
    answer = service("POST", "/questions", "ben", json=told | more)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/api/v1/questions/{answer.json()['id']}"
    made: dict[str, object] = answer.json()
    return made


def known(service: Served) -> None:
    service.services.capture.save(document("kiln", "The kiln is fired on Mondays, by Ada."))


def test_a_question_goes_to_who_knows_and_becomes_a_thread(service: Served) -> None:
    known(service)
    made = asked(service, query="kiln")
    path = f"/questions/{made['id']}"
    assert (made["state"], made["mine"], made["query"]) == ("open", True, "kiln")
    (waiting,) = service.get("/questions", "ada", box="to_answer").json()["questions"]
    assert (waiting["id"], waiting["asker"]["name"]) == (made["id"], "Ben Osei")
    assert service.get(path, "cleo").status_code == 404
    said = service("POST", f"{path}/answers", "ada", json={"body": "I do, before **noon**."})
    assert said.status_code == 201, said.text
    (answer,) = service.get(path, "ben").json()["answers"]
    assert (answer["person"]["name"], answer["mine"]) == ("Ada Field", False)
    helped = {"answer_id": answer["id"]}
    assert service("POST", f"{path}/accept", "ada", json=helped).status_code == 409
    taken = service("POST", f"{path}/accept", "ben", json=helped)
    assert taken.status_code == 200, taken.text
    key = taken.json()["document_id"]
    thread = service.get(f"/documents/{key}", "cleo").json()
    assert (thread["kind"], thread["title"]) == ("thread", "Who fires the kiln?")
    assert [(c["name"], c["role"]) for c in thread["contributors"]] == [("Ada Field", "answerer")]
    assert service("POST", f"{path}/answers", "ada", json={"body": "Or."}).status_code == 409
    assert service("DELETE", path, "ben").status_code == 409
    (own,) = service.get("/questions", "ben").json()["questions"]
    assert (own["state"], own["document_id"], own["answered"]) == ("answered", key, 1)


def test_who_holds_the_topic_is_kept_with_the_question(service: Served) -> None:
    known(service)
    service.services.topics.refresh()
    made = asked(service)
    with service.services.database.read() as connection:
        held = questions.candidates(connection, int(str(made["id"])))
    assert [(one.person_id, one.holder) for one in held] == [(1, True)]


def test_who_asks_anonymously_is_in_no_body(service: Served) -> None:
    known(service)
    made = asked(service, anonymous=True)
    path = f"/questions/{made['id']}"
    service("POST", f"{path}/answers", "ada", json={"body": "I do."})
    (answer,) = service.get(path, "ben").json()["answers"]
    service("POST", f"{path}/accept", "ben", json={"answer_id": answer["id"]})
    for heard in (
        service.get(path, "ada"),
        service.get("/questions", "ada", box="to_answer"),
        service.get("/search", "ada", q="kiln"),
        service.get("/people", "ada", q="kiln"),
        service.get("/audit", "ada", admin=True),
    ):
        assert heard.status_code == 200, heard.text
        assert "Ben Osei" not in heard.text
        assert '"person_id":2' not in heard.text


def test_what_is_not_theirs_to_do_is_told_in_no_audit(service: Served) -> None:
    """It would say who asks, and who was asked."""
    known(service)
    path = f"/questions/{asked(service, anonymous=True)['id']}"
    for who, method, place, told in (
        ("ben", "POST", "/answers", {"body": "x"}),
        ("ben", "POST", "/hand_on", {}),
        ("ada", "POST", "/accept", {"answer_id": 1}),
        ("ada", "DELETE", "", None),
    ):
        assert service(method, path + place, who, json=told).status_code == 409
    service.services.later.flush()
    assert "questions" not in service.get("/audit", "cleo", admin=True).text


def test_it_is_handed_on_and_withdrawn(service: Served) -> None:
    known(service)
    made = asked(service)
    path = f"/questions/{made['id']}"
    done = service("POST", f"{path}/hand_on", "ada", json={"to_id": 3})
    assert (done.status_code, done.content) == (204, b"")
    assert service.get(path, "ada").status_code == 404
    assert service.get(path, "cleo").json()["title"] == "Who fires the kiln?"
    assert service("DELETE", path, "cleo").status_code == 409
    assert service("DELETE", path, "ben").status_code == 204
    assert service.get(path, "cleo").status_code == 404


def test_what_cannot_be_asked_is_refused(service: Served) -> None:
    nobody = service("POST", "/questions", "ben", json={"title": "Who fires the kiln?"})
    assert (nobody.status_code, "nobody who can be asked" in nobody.text) == (422, True)
    known(service)
    for wrong in ({"title": ""}, {"title": "x", "audience": [["group:vault"]]}, {"body": "x"}):
        assert service("POST", "/questions", "ben", json=wrong).status_code == 422
    assert service("POST", "/questions", "ben", json={"title": "x", "to_id": 99}).status_code == 404
    asked(service)
    again = service("POST", "/questions", "ben", json={"title": "who fires  the KILN?"})
    assert again.status_code == 409


def test_what_only_others_may_read_leads_to_nobody(service: Served) -> None:
    closed = document("kiln", "The kiln is fired by Ada.", audience=Audience.of("group:vault"))
    service.services.capture.save(closed)
    nobody = service("POST", "/questions", "ben", json={"title": "Who fires the kiln?"})
    assert nobody.status_code == 422


def test_a_repeated_request_asks_once(service: Served) -> None:
    known(service)
    headers = {"Idempotency-Key": "k"}
    told = {"title": "Who fires the kiln?"}
    first, second = (
        service("POST", "/questions", "ben", json=told, headers=headers) for _ in range(2)
    )
    assert (first.status_code, second.json()["id"]) == (201, first.json()["id"])
    assert len(service.get("/questions", "ben").json()["questions"]) == 1


def test_whom_an_anonymous_question_goes_to_tells_nothing_of_what_only_some_read(
    service: Served,
) -> None:
    closed = Audience.of("group:vault")
    by = (Contributor("Cleo Marsh", Role.AUTHOR, email="cleo@example.org"),)
    text = "The vault's ledger is locked at noon."
    service.services.capture.save(document("vault", text, audience=closed, contributors=by))
    told = {"title": "When is the vault's ledger locked?"}
    openly = service("POST", "/questions", "ada", json=told)
    assert openly.status_code == 201, openly.text
    assert service.get(f"/questions/{openly.json()['id']}", "cleo").status_code == 200
    service("DELETE", f"/questions/{openly.json()['id']}", "ada")
    refused = service("POST", "/questions", "ada", json=told | {"anonymous": True})
    assert refused.status_code == 422


def test_a_question_that_was_answered_before_comes_with_the_threads(service: Served) -> None:
    known(service)
    (key,) = (asked(service)["id"],)
    service("POST", f"/questions/{key}/answers", "ada", json={"body": "I do."})
    (answer,) = service.get(f"/questions/{key}", "ben").json()["answers"]
    taken = service("POST", f"/questions/{key}/accept", "ben", json={"answer_id": answer["id"]})
    made = asked(service)
    thread = taken.json() | {"id": taken.json()["document_id"], "title": "Who fires the kiln?"}
    del thread["document_id"]
    assert made["answered_before"] == [thread]
    assert service.get(f"/questions/{made['id']}", "ada").json()["answered_before"] == [thread]
    assert service.get(f"/questions/{key}", "ben").json()["answered_before"] == []

"""What becomes of questions and answers of who is erased, and what is handed out of them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.services import Services
from knowledge.asking import Asking, Box, State
from knowledge.editing import Editor
from knowledge.errors import NotFound
from knowledge.people import Profile
from knowledge.routing import Candidate
from knowledge.store import copies
from knowledge.types import Role
from tests.builders import opened

ADA, QUIRINA, CLEO = 1, 2, 3


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path / "data") as made:
        for name in ("Ada Field", "Quirina Vaskette", "Cleo Marsh"):
            made.directory.put(Profile(name, f"{name.split()[0].lower()}@example.org"))
        yield made


def ask(services: Services, who: str, *asked: int, **given: Any) -> int:
    principal = services.principal(f"{who}@example.org")
    given = {"title": "Why does the kiln crack?"} | given
    found = [Candidate(key, 0.9) for key in asked]
    return services.questions.create(Asking(**given), principal, found)


def answer(services: Services, question: int, who: str, text: str) -> int:
    principal = services.principal(f"{who}@example.org")
    services.questions.answer(question, text, principal)
    shown = services.questions.show(question, principal)
    return next(one.id for one in shown.answers if one.mine)


def accept(services: Services, question: int, answer_id: int, who: str) -> int:
    return services.questions.accept(question, answer_id, services.principal(f"{who}@example.org"))


def everything(services: Services) -> str:
    with services.database.read() as connection:
        names = ("questions", "question_people", "question_answers", "documents", "passages")
        told = {name: list(copies.rows(connection, name)) for name in names}
    return json.dumps(told, default=str)


@pytest.mark.parametrize("with_writing", [False, True])
def test_who_asked_is_gone_and_what_was_answered_stays(
    services: Services, with_writing: bool
) -> None:
    text = "It is the wombat kiln. Thanks, Quirina Vaskette"
    waits = ask(services, "quirina", ADA, title="Wobbegong?")
    done = ask(services, "quirina", ADA, body=text)
    made = accept(services, done, answer(services, done, "ada", "It cools too fast."), "quirina")
    services.erasing.erase(QUIRINA, with_writing=with_writing)
    told = everything(services)
    assert "Vaskette" not in told
    assert "Wobbegong" not in told
    ada = services.principal("ada@example.org")
    with pytest.raises(NotFound):
        services.questions.show(waits, ada)
    body = services.editing.show(made, Editor(ada)).body
    assert body.startswith("It is the wombat kiln. Thanks, Former colleague\n\n## Answer")
    kept = services.questions.show(done, ada)
    assert (kept.asker, kept.state, kept.document_id) == (None, State.ANSWERED, made)
    assert services.index.verify() == []


@pytest.mark.parametrize("with_writing", [False, True])
def test_answers_stay_as_by_a_former_colleague(services: Services, with_writing: bool) -> None:
    waits = ask(services, "ada", QUIRINA, CLEO, title="What of Quirina Vaskette's lamp?")
    answer(services, waits, "quirina", "The axolotl lamp.")
    answer(services, waits, "cleo", "Ask Quirina Vaskette.")
    done = ask(services, "ada", QUIRINA)
    made = accept(services, done, answer(services, done, "quirina", "The numbat."), "ada")
    services.erasing.erase(QUIRINA, with_writing=with_writing)
    told = everything(services)
    assert "Vaskette" not in told
    assert ("axolotl" in told) is not with_writing
    ada = services.principal("ada@example.org")
    shown = services.questions.show(waits, ada)
    assert shown.title == "What of Former colleague's lamp?"
    kept = [(one.person and one.person.name, one.body) for one in shown.answers]
    former = [] if with_writing else [(None, "The axolotl lamp.")]
    assert kept == [*former, ("Cleo Marsh", "Ask Former colleague.")]
    if with_writing:
        with pytest.raises(NotFound):
            services.editing.show(made, Editor(ada))
    else:
        thread = services.editing.show(made, Editor(ada)).document
        assert [(c.name, c.role) for c in thread.contributions] == [
            ("Former colleague", Role.ANSWERER)
        ]
    # It can still be accepted, by nobody.
    if not with_writing:
        by_nobody = services.questions.accept(waits, shown.answers[0].id, ada)
        assert services.editing.show(by_nobody, Editor(ada)).document.contributions == ()


def handed_out(services: Services, person: int) -> dict[str, Any]:
    file = io.BytesIO()
    services.takeout.write(person, "operator", file)
    with zipfile.ZipFile(file) as archive:
        told: dict[str, Any] = json.loads(archive.read("person.json"))
    return told


def test_everybody_gets_their_own_questions_and_answers(services: Services) -> None:
    key = ask(services, "ada", CLEO, query="kiln", anonymous=True, to=QUIRINA)
    answer(services, key, "quirina", "It cools too fast.")
    (asked,) = handed_out(services, ADA)["questions"]
    assert (asked["title"], asked["query"], asked["anonymous"]) == (
        "Why does the kiln crack?",
        "kiln",
        True,
    )
    told = handed_out(services, QUIRINA)
    assert [one["body"] for one in told["question_answers"]] == ["It cools too fast."]
    assert [one["question_id"] for one in told["question_people"]] == [key]
    assert told["questions"] == []
    assert "Ada" not in json.dumps(told)


def test_whom_a_question_may_go_to_is_not_told_before_it_does(services: Services) -> None:
    for number in range(4):
        services.directory.put(Profile(f"Extra {number}", f"extra{number}@example.org"))
    principal = services.principal("ada@example.org")
    found = [Candidate(key, 0.9 - key / 100) for key in (2, 3, 4, 5)]
    key = services.questions.create(Asking("Why?"), principal, found)
    asked = [one for one in (2, 3, 4, 5) if handed_out(services, one)["question_people"]]
    assert asked == [2, 3]
    box, _ = services.questions.listed(services.principal("extra0@example.org"), Box.TO_ANSWER)
    assert (box, key) == ([], 1)


@pytest.mark.parametrize("with_writing", [False, True])
def test_a_thread_that_does_not_name_whoever_asked_tells_not_when_they_went(
    services: Services, with_writing: bool
) -> None:
    done = ask(services, "quirina", ADA, anonymous=True)
    made = accept(services, done, answer(services, done, "ada", "It cools too fast."), "quirina")
    cleo = Editor(services.principal("cleo@example.org"))
    before = services.editing.show(made, cleo)
    services.erasing.erase(QUIRINA, with_writing=with_writing)
    assert services.editing.show(made, cleo) == before
    assert f'"person_id": {QUIRINA}' not in everything(services)


def test_what_was_searched_for_goes_in_small_letters_too(services: Services) -> None:
    waits = ask(services, "cleo", ADA, title="Who?", query="ask quirina vaskette about kilns")
    services.erasing.erase(QUIRINA)
    assert services.questions.show(waits, services.principal("cleo@example.org")).query == ""

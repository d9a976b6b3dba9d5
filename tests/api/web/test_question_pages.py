"""Asking and answering with forms, as a browser without scripts does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from knowledge.store.question_tables import questions
from knowledge.types import Audience, Kind
from tests.api.web.support import EVIL, Site, hrefs, part, words
from tests.builders import document


def send(site: Site, path: str, who: str = "ben", **form: Any) -> Any:
    headers = {"Accept": "text/html", "As": f"{who}@example.org"}
    return site.served.client.post(path, data=form, headers=headers, follow_redirects=False)


def asked(site: Site, title: str = "How do I restore a backup?", **form: Any) -> str:
    done = send(site, "/ask", title=title, **form)
    assert done.status_code == 303, done.text
    assert done.headers["location"].endswith("?said=asked")
    where: str = done.headers["location"].partition("?")[0]
    return where


def test_where_nobody_is_confirmed_the_search_leads_to_asking(site: Site) -> None:
    page = site.search("who knows about zeppelins")
    assert "/ask?q=who+knows+about+zeppelins" in {x.replace("%20", "+") for x in hrefs(page)}
    reader = site.served.client.get(
        "/",
        params={"q": "who knows about zeppelins"},
        headers={"Accept": "text/html", "As": "ben@example.org", "Scopes": "search"},
    )
    assert not [x for x in hrefs(reader.text) if x.startswith("/ask")]


def test_what_is_there_already_is_shown_before_asking(site: Site) -> None:
    page = site.get("/ask", q="How do I restore a backup?").text
    told = words(page)
    assert "Is it answered already?" in told
    assert "What comes closest" in words(site.get("/ask", q="zeppelins").text)
    assert "Restoring a backup" in told
    assert "It would go to 1 colleague at first" in told
    assert "Ada" not in told.split("It would go to")[1].split("Ask")[0]
    assert 'value="How do I restore a backup?"' in page
    assert "Zebedee" not in told
    assert "First you see what is there already." in words(site.get("/ask").text)


def test_a_colleague_in_particular_is_asked_first(site: Site) -> None:
    page = words(site.get("/ask", q="How do I restore a backup?", to=3).text)
    assert "Ask Cleo Marsh It goes to two or three colleagues" in page
    # Whether a colleague whom one means can be asked is theirs to tell.
    assert "It would go to" not in page
    assert "/ask?to=1" in hrefs(site.get("/people/1").text)
    assert "/ask?to=2" not in hrefs(site.get("/people/2").text)
    assert "Ask the company" in words(site.get("/ask", to=99).text)


def test_from_the_form_to_the_thread(own: Site) -> None:
    where = asked(own, body=f"I **tried**. {EVIL}", query="restore")
    mine = own.get(where)
    assert "<strong>tried</strong>" in mine.text
    assert "<script>alert" not in mine.text
    assert "Nobody answered yet." in words(mine.text)
    assert "Ben Osei asks" in words(own.get(where, "ada").text)
    assert own.get(where, "cleo").status_code == 404
    waiting = own.get("/questions", "ada").text
    assert where in hrefs(waiting)
    assert "Nobody waits for an answer of yours." in words(own.get("/questions").text)
    done = send(own, where, "ada", action="answer", body="Stop the `ledger` first.")
    assert done.status_code == 303
    assert "Change your answer" in words(own.get(where, "ada").text)
    assert "Look at the answers" in words(own.get("/questions").text)
    assert "<code>ledger</code>" in own.get(where).text
    done = send(own, where, action="accept", answer="1")
    thread = own.get(done.headers["location"], "cleo")
    assert "Stop the ledger first." in words(thread.text)
    assert "Ben Osei" not in thread.text.split("<main", 1)[1]
    assert "It is answered, and everybody who may finds it" in words(own.get(where).text)
    page = words(own.search("How do I restore a backup?", "cleo"))
    assert "How do I restore a backup?" in page


def test_an_answer_becomes_a_draft(own: Site) -> None:
    where = asked(own)
    send(own, where, "ada", action="answer", body="Stop the ledger first.")
    done = send(own, where, "ada", action="note")
    assert done.headers["location"].startswith("/drafts/")
    page = own.get(done.headers["location"], "ada").text
    assert "Stop the ledger first." in page
    assert 'value="How do I restore a backup?"' in page


def test_it_is_handed_on_by_name_and_withdrawn(own: Site) -> None:
    where = asked(own)
    wrong = send(own, where, "ada", action="hand_on", to="Nemo")
    assert (wrong.status_code, "nobody in the directory" in wrong.text.lower()) == (422, True)
    done = send(own, where, "ada", action="hand_on", to="Cleo Marsh")
    assert done.headers["location"] == "/questions?said=handed"
    assert "It is handed on" in words(own.get(done.headers["location"], "ada").text)
    assert own.get(where, "ada").status_code == 404
    assert own.get(where, "cleo").status_code == 200
    assert send(own, where, action="withdraw").status_code == 303
    assert own.get(where, "cleo").status_code == 404
    assert "It is withdrawn." in words(own.get(where).text)
    assert send(own, where, action="accept", answer="1").status_code == 404
    for other in ("answer", "hand_on", "withdraw", "accept", "note", "dance"):
        assert send(own, where, "cleo", action=other, body="x").status_code == 404


def test_where_nobody_can_be_asked_it_is_said(own: Site) -> None:
    later = datetime.now(UTC) + timedelta(days=9)
    own.served.services.privacy.decide(1, paused_until=later)
    page = own.get("/ask", q="How do I restore a backup?").text
    assert "Nobody who can be asked is known to know this yet." in words(page)
    answer = send(own, "/ask", title="How do I restore a backup?", body="Typed.")
    assert (answer.status_code, "Nobody who can be asked" in words(answer.text)) == (422, True)
    assert "Typed." in answer.text


def test_what_is_wrong_is_said_beside_what_was_typed(own: Site) -> None:
    for form, said in (
        ({"title": " "}, "Say in one line what you want to know"),
        ({"title": "How do I restore a backup?", "reach": "groups"}, "Choose some of your groups"),
        (
            {"title": "How do I restore a backup?", "reach": "groups", "group": "vault"},
            "You could not read the answer yourself",
        ),
        (
            {
                "title": "How do I restore a backup?",
                "reach": "groups",
                "group": "a b",
            },
            "Choose some of your groups",
        ),
    ):
        answer = send(own, "/ask", body="Typed.", **form)
        assert answer.status_code == 422
        assert said in words(answer.text)
        assert "Typed." in answer.text
    where = asked(own)
    assert send(own, where, "ada", action="answer", body=" ").status_code == 422
    assert send(own, where, "ada", action="dance").status_code == 422


def test_the_same_question_leads_to_the_one_that_is_open(own: Site) -> None:
    where = asked(own)
    again = send(own, "/ask", title="how do I restore a backup?")
    assert again.headers["location"] == f"{where}?said=same"
    page = own.get("/ask", q="how do I restore a backup?").text
    assert where in hrefs(page)
    assert where not in hrefs(own.get("/ask", "cleo", q="how do I restore a backup?").text)


def test_who_asks_anonymously_is_not_told(own: Site) -> None:
    where = asked(own, anonymous="yes")
    page = words(own.get(where, "ada").text)
    assert "Somebody asks anonymously" in page
    assert "Ben" not in page
    assert "asked anonymously" in words(own.get("/questions", "ada").text)
    assert "nobody is told that it is you" in words(own.get(where).text)


def test_an_answer_for_a_group_is_for_that_group(own: Site) -> None:
    own.add(document("kiln", "The kiln is fired by Ada.", title="The kiln"))
    headers = {"Accept": "text/html", "As": "ada@example.org"}
    assert 'value="vault"' in own.served.client.get("/ask?q=kiln", headers=headers).text
    form = {"title": "Who cools the printer?", "reach": "groups", "group": "vault"}
    # Nobody else is in it who could be asked.
    answer = send(own, "/ask", "ada", **form)
    assert (answer.status_code, "Nobody who can be asked" in words(answer.text)) == (422, True)


def test_a_thread_is_changed_by_nobody_here(own: Site) -> None:
    where = asked(own)
    send(own, where, "ada", action="answer", body="Stop the ledger first.")
    made = send(own, where, action="accept", answer="1").headers["location"].partition("?")[0]
    for who, scopes in (("ada", "search capture"), ("ada", "search capture admin")):
        headers = {"Accept": "text/html", "As": f"{who}@example.org", "Scopes": scopes}
        shown = own.served.client.get(made, headers=headers)
        assert shown.status_code == 200
        edited = own.served.client.get(f"{made}/edit", headers=headers)
        assert edited.status_code == (409 if "admin" in scopes else 403)
        assert f"{made}/edit" not in hrefs(shown.text)
    changed = own.served(
        "PUT",
        made,
        admin=True,
        json={"title": "x", "body": "y", "kind": "note", "audience": [["everyone"]]},
        headers={"If-Match": "*"},
    )
    assert changed.status_code == 409, changed.text
    assert "a thread stays" in changed.text


def test_an_answer_to_what_was_withdrawn_meanwhile_is_shown_back(own: Site) -> None:
    where = asked(own, to="1")
    assert "Your answer" in own.get(where, "ada").text
    send(own, where, action="withdraw")
    for path in (where, "/questions/99"):
        lost = send(own, path, "ada", action="answer", body=f"Long thought over. {EVIL}")
        assert lost.status_code == 404
        assert "Long thought over." in lost.text
        assert EVIL not in lost.text
        assert "was not kept" in lost.text
    assert send(own, where, "ada", action="answer", body=" ").status_code == 404
    assert "Long thought" not in own.get(where, "ada").text


def test_the_menu_counts_what_waits_for_oneself(own: Site) -> None:
    counted = "waiting for you: </span>1<"
    where = asked(own, to="1")
    assert counted in own.get("/", "ada").text
    for other in ("ben", "cleo"):
        assert "waiting for you" not in own.get("/", other).text
    send(own, where, "ada", action="answer", body="Stop the ledger first.")
    assert "waiting for you" not in own.get("/", "ada").text


def test_nothing_is_promised_that_may_not_happen(own: Site) -> None:
    assert "where there are any who can be asked" in own.get(asked(own), "ben").text


def test_what_was_answered_before_is_shown_before_asking_and_beside_the_question(
    own: Site,
) -> None:
    where = asked(own)
    send(own, where, "ada", action="answer", body="Stop the ledger first.")
    thread = send(own, where, action="accept", answer="1").headers["location"].partition("?")[0]
    again = "Please, how do I restore a backup"
    form = own.get("/ask", "cleo", q=again).text
    before = part(form, 'id="before"', "</section>")
    assert thread in hrefs(before)
    assert "Asked and answered before" in words(form)
    assert form.count(f'href="{thread}') == 1  # not once more among what is there already
    repeated = asked(own, again, who="cleo")
    for who, said in (("cleo", "withdraw your question"), ("ada", "say so with its address")):
        page = own.get(repeated, who).text
        assert thread in hrefs(part(page, 'id="before"', "</section>"))
        assert said in words(page)
    # Where it is answered, it needs no other answer.
    assert 'id="before"' not in own.get(where).text
    with own.served.services.database.read() as connection:
        kept = connection.execute(select(questions.c.asked_before)).scalars().all()
    assert kept == [None, int(thread.rsplit("/", 1)[1])]


def test_a_thread_that_not_everybody_reads_is_shown_to_its_readers_and_counted_nowhere(
    own: Site,
) -> None:
    vault = Audience.of("group:vault")
    title = "How do I restore a backup?"
    told = document("t", "Stop it.", title=title, kind=Kind.THREAD, audience=vault)
    own.add(told)
    assert 'id="before"' in own.get("/ask", "ada", q=title).text
    assert 'id="before"' not in own.get("/ask", "cleo", q=title).text
    asked(own, title, who="ada", person_id=2)
    with own.served.services.database.read() as connection:
        assert connection.execute(select(questions.c.asked_before)).scalars().all() == [None]


def test_who_answered_is_told_that_it_helped(own: Site) -> None:
    where = asked(own)
    assert "Not for me" in words(own.get(where, "ada").text)
    send(own, where, "ada", action="answer", body="Stop the ledger first.")
    # Who answered has nothing to hand on.
    assert "Not for me" not in words(own.get(where, "ada").text)
    assert 'id="answered"' not in own.get("/questions", "ada").text
    done = send(own, where, action="accept", answer="1").headers["location"]
    assert done.endswith("?said=accepted")
    assert "It is published: whoever looks for it finds it" in words(own.get(done).text)
    shown = part(own.get("/questions", "ada").text, 'id="answered"', "</section>")
    assert (where in hrefs(shown), "Your answer helped" in words(shown)) == (True, True)
    assert 'id="answered"' not in own.get("/questions").text


def test_whatever_one_answered_is_reached(own: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.routes.question_pages._SHOWN", 1)
    made = [asked(own, f"How do I restore a backup{end}?") for end in ("", " today")]
    for where in made:
        send(own, where, "ada", action="answer", body="Stop the ledger first.")
        answer = part(own.get(where).text, 'name="answer"', ">")
        send(own, where, action="accept", answer="".join(filter(str.isdigit, answer)))
    first = part(own.get("/questions", "ada").text, 'id="answered"', "</section>")
    assert made[1] in hrefs(first)
    (more,) = [link for link in hrefs(first) if link.startswith("/questions?answered=")]
    rest = part(own.get(more, "ada").text, 'id="answered"', "</section>")
    assert hrefs(rest) == [made[0]]
    other = more.replace("answered=", "cursor=", 1)
    assert own.get(other, "ada").status_code == 422


def test_nobody_is_offered_to_ask_themselves(site: Site) -> None:
    found = site.search("who knows how to restore a backup", "ben")
    assert "/ask?to=1" in found
    assert "/ask?to=1" not in site.search("who knows how to restore a backup", "ada")

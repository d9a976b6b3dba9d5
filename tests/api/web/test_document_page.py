"""A document's page: what stands around the text, and what readers say of it with forms alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from api.web.reading import heard_from
from knowledge.store.tables import feedback, queries
from knowledge.types import Audience, Contributor, Kind, Role
from tests.api.web.support import TALK, Site, hrefs, part, words
from tests.builders import document

LONG = "\n\n".join(f"## Step {n}\n\nTurn the wheel {n} times." for n in range(1, 6))


def post(site: Site, path: str, who: str = "ben", scopes: str = "", **form: str) -> Any:
    headers = {"As": f"{who}@example.org", "Accept": "text/html"}
    if scopes:
        headers["Scopes"] = scopes
    return site.served.client.post(path, data=form, headers=headers, follow_redirects=False)


def test_a_transcript_leads_to_each_moment_and_tells_speakers_apart(site: Site) -> None:
    page = site.get("/documents/3").text
    assert 'href="/documents/3?at=65#t=65" id="t=65"' in page
    tones = re.findall(r'<li class="turn speaker-(\d)', page)
    assert tones == ["0", "1", "2"]
    at = site.get("/documents/3?at=70").text
    wanted = part(at, 'wanted" id="at">', "</li>")
    assert "It hangs beside the printer." in wanted
    for odd in ("x", "-1", "9" * 30, "1.5"):
        assert site.get(f"/documents/3?at={odd}").status_code == 200


def test_a_moment_deep_in_a_long_recording_is_found(own: Site) -> None:
    said = "\n\n".join(
        f"**Ada Field:** \\[{n // 60:02}:{n % 60:02}\\] Word {n}. " + "And so on. " * 40
        for n in range(0, 3000, 10)
    )
    own.add(document("long", said, kind=Kind.TRANSCRIPT, contributors=()))
    page = own.get("/documents/5?at=2990").text
    assert "Word 2990." in part(page, 'wanted" id="at">', "</li>")
    assert "Word 0." not in page
    assert 'class="turn speaker-0' in page


@pytest.mark.parametrize(
    ("url", "heard"),
    [
        ("https://www.youtube.com/watch?v=x&t=3", "https://www.youtube.com/watch?v=x&t=65s"),
        ("https://youtu.be/x", "https://youtu.be/x?t=65s"),
        ("https://vimeo.com/1", "https://vimeo.com/1#t=65s"),
        ("https://files.example/talk.mp4", "https://files.example/talk.mp4#t=65"),
        ("https://wiki.example/talk", None),
        (None, None),
    ],
)
def test_a_recording_is_heard_from_the_moment_on(url: str | None, heard: str | None) -> None:
    assert heard_from(url, 65.4) == heard


def test_a_transcript_with_a_recording_links_to_it(own: Site) -> None:
    told = TALK.replace("01:05", "01:05.400")
    own.add(document("film", told, kind=Kind.TRANSCRIPT, url="https://youtu.be/x"))
    page = own.get("/documents/5?at=65").text
    # Its own link leads to it, though it begins within that second.
    assert "It hangs beside the printer." in part(page, 'wanted" id="at">', "</li>")
    assert 'href="https://youtu.be/x?t=65s" rel="noopener nofollow"' in page


def test_a_long_text_says_what_is_in_it(own: Site) -> None:
    own.add(document("steps", LONG), document("short", "## One\n\nText.\n\n## <b>Two</b>\n\nMore."))
    page = own.get("/documents/5").text
    contents = part(page, 'class="contents"', "</nav>")
    assert [x for x in hrefs(contents) if x.startswith("#")] == [f"#s-step{n}" for n in range(1, 6)]
    assert 'class="contents"' not in own.get("/documents/6").text


def test_what_is_looked_for_is_listed_and_marked(site: Site) -> None:
    page = site.get("/documents/1", find="totals compared").text
    assert 'name="find" type="search" value="totals compared"' in page
    text = part(page, '<div class="prose', '<section class="panel judging')
    assert "<mark>Compare</mark> the <mark>totals</mark>" in text
    assert re.search(r'href="/documents/1\?find=totals\+compared&amp;passage=\d+#p\d+"', page)
    assert "1 passage." in words(page)
    listed = part(page, '<ol class="places">', "</ol>")
    assert "<mark>Compare</mark> the <mark>totals</mark>." in listed
    nothing = site.get("/documents/1", find="zeppelin").text
    assert "Nothing here speaks of “zeppelin”." in words(nothing)
    assert "<mark>" not in nothing


def test_words_in_code_are_marked_and_stay_escaped(own: Site) -> None:
    own.add(document("kiln", "Run `fire <b>` now.\n\n```\nfire <kiln> & wait\n```\n\n    fire\n"))
    text = part(own.get("/documents/5", find="fire").text, '<div class="prose', "</div>")
    assert "<code><mark>fire</mark> &lt;b&gt;</code>" in text
    assert "<mark>fire</mark> &lt;kiln&gt; &amp; wait" in text
    assert text.count("<mark>") == 3


def test_an_answer_leads_to_its_moment_with_the_words_marked(own: Site) -> None:
    (address, *_) = [
        x for x in hrefs(own.search("what hangs beside the printer")) if "/documents/3?" in x
    ]
    assert re.fullmatch(
        r"/documents/3\?passage=\d+&query=\w{32}&place=\d&for=what\+hangs\+beside\+the\+printer&at=65#at",
        address,
    )
    page = own.get(address.partition("#")[0]).text
    wanted = part(page, 'wanted" id="at">', "</li>")
    assert "It <mark>hangs</mark> <mark>beside</mark> the <mark>printer</mark>." in wanted
    assert page.count('wanted"') == 1
    assert 'name="find" type="search" value="what hangs beside the printer"' in page
    assert 'class="places"' not in page


def test_a_speaker_who_was_named_is_called_so_and_linked(own: Site) -> None:
    said = "**Speaker 1:** \\[00:03\\] The heron waits in the reeds.\n\n**Speaker 2:** Does it?"
    ada = Contributor("Ada Field", Role.AUTHOR, email="ada@example.org")
    own.add(document("reeds", said, kind=Kind.TRANSCRIPT, contributors=(ada,)))
    assert "<b>Speaker 1</b>" in own.get("/documents/5").text
    cleo = own.served.services.merging.find("cleo@example.org")
    given = {"label": "Speaker 1", "person_id": cleo}
    assert own.served("PUT", "/documents/5/speakers", json=given).status_code == 200
    page = own.get("/documents/5").text
    assert f'<a href="/people/{cleo}">Cleo Marsh</a>' in part(page, '<p class="says">', "</p>")
    assert "Speaker 1" not in words(page)
    assert "<b>Speaker 2</b>" in page
    trail = part(own.search("what does the heron wait in"), 'class="trail">', "</p>")
    assert trail.startswith(f'<a href="/people/{cleo}">Cleo Marsh</a>')
    (answer, *_) = own.served.get("/search", q="heron waits in the reeds").json()["answers"]
    assert answer["locator"]["speakers"] == ["Cleo Marsh", "Speaker 2"]


def test_what_cannot_be_looked_for_is_said_in_the_page(site: Site) -> None:
    wrong = site.get("/documents/1", find="?!")
    assert wrong.status_code == 422
    assert 'role="alert"' in wrong.text
    assert 'value="?!"' in wrong.text
    assert "Every night a copy is made" in wrong.text


def test_looking_inside_is_no_search_that_is_kept(own: Site) -> None:
    own.get("/documents/1", find="totals")
    own.search("ledger")
    own.served.services.queries.flush()
    with own.served.services.database.read() as connection:
        assert connection.execute(select(queries.c.text)).scalars().all() == ["ledger"]


def test_who_can_read_it_is_said_without_names_that_are_hidden(own: Site) -> None:
    own.add(document("both", "x", audience=Audience.of(["group:vault", "person:2"], "everyone")))
    told = words(part(own.get("/documents/5").text, 'class="readers"', "</details>"))
    assert "The group vault , or Ben Osei (that is you)." in told
    assert "Every colleague who signs in (that is you)." in told
    assert "meets all of these" in told


def test_what_is_near_is_linked_and_what_is_hidden_is_not(own: Site) -> None:
    own.add(
        document("again", "To restore a backup, stop the ledger first, at night.", title="Again"),
        document(
            "vault2", "To restore a backup, stop the ledger.", audience=Audience.of("group:vault")
        ),
    )
    related = part(own.get("/documents/1").text, 'class="related"', "</section>")
    assert "Again" in related
    assert "vault2" not in related
    assert "Page vault2" in own.get("/documents/1", "ada").text


def kept(site: Site) -> list[dict[str, Any]]:
    with site.served.services.database.read() as connection:
        return [dict(row) for row in connection.execute(select(feedback)).mappings()]


def test_an_answer_is_judged_where_the_search_led(own: Site) -> None:
    page = own.search("how do I restore a backup")
    (address, *_) = [x for x in hrefs(page) if x.startswith("/documents/1?")]
    shown = own.get(address.partition("#")[0]).text
    form = dict(re.findall(r'name="(query|passage)" value="(\w+)"', shown))
    own.served.services.queries.flush()
    done = post(own, "/documents/1/feedback", verdict="helpful", reason=" It  did ", **form)
    assert (done.status_code, done.headers["location"]) == (
        303,
        "/documents/1?said=helped#judging",
    )
    (row,) = kept(own)
    assert (row["query_id"], row["passage_id"], row["document_id"], row["reason"]) == (
        form["query"],
        int(form["passage"]),
        None,
        "It did",
    )
    assert 'role="status">Thank you.' in own.get("/documents/1?said=helped").text
    # Without a search, and after one that nobody remembers, it is said of the document.
    post(own, "/documents/1/feedback", verdict="not_helpful")
    post(own, "/documents/1/feedback", verdict="not_helpful", query="0" * 32, passage="1")
    assert [(r["query_id"], r["passage_id"], r["document_id"]) for r in kept(own)[1:]] == [
        ("", None, 1)
    ] * 2


def test_a_mistake_is_said_in_the_page_and_what_was_typed_is_kept(own: Site) -> None:
    wrong = post(own, "/documents/1/feedback", verdict="meh", reason="Because of May")
    assert wrong.status_code == 422
    assert 'value="Because of May"' in wrong.text
    assert 'class="notice wrong" role="alert">Choose one of the buttons.' in wrong.text
    assert kept(own) == []
    stale = post(own, "/documents/1/doubts", reason="x", revision="7")
    assert (stale.status_code, "changed since you read it" in stale.text) == (422, True)


def test_readers_doubt_it_and_take_that_back(own: Site) -> None:
    done = post(own, "/documents/1/doubts", reason="Not since May", revision="1")
    assert done.headers["location"] == "/documents/1?said=doubted#judging"
    assert "You said that this may be outdated." in own.get("/documents/1").text
    assert "1 reader doubts it" in own.get("/documents/1", "cleo").text
    author = own.get("/documents/1", "ada").text
    assert "<li>Not since May</li>" in author
    assert "Not since May" not in own.get("/documents/1", "cleo").text
    post(own, "/documents/1/doubts", withdraw="yes")
    assert "doubts it" not in own.get("/documents/1", "cleo").text


def test_who_looks_after_it_verifies_it_and_every_answer_says_so(own: Site) -> None:
    assert "You look after this text" not in own.get("/documents/1").text
    assert post(own, "/documents/1/currency", state="verified").status_code == 403
    assert post(own, "/documents/1/currency", "ada", state="maybe").status_code == 422
    post(own, "/documents/1/currency", "ada", state="verified", revision="1")
    for page in (own.get("/documents/1").text, own.search("how do I restore a backup")):
        told = part(page, '<p class="holds">', "</p>")
        assert words(told).startswith("Verified by Ada Field , today")
        assert 'href="/people/1">Ada Field</a>' in told
    post(own, "/documents/1/currency", "ada", state="outdated")
    assert 'class="badge bad">Outdated' in own.search("how do I restore a backup")
    post(own, "/documents/1/currency", "ada", state="nothing")
    assert "Outdated" not in own.get("/documents/1").text
    # What nobody said anything of is told as such, too.
    assert "<span>not verified</span>" in own.search("how does the queue drain")


def test_what_changed_is_shown_word_by_word(own: Site) -> None:
    own.add(document("kiln", "Fire it slowly.\n\nThen wait here.", title="Kiln"))
    assert "nothing has changed" in own.get("/documents/5/history").text
    own.add(document("kiln", "Fire it quickly.\n\nThen wait here.", title="Kilns"))
    own.add(document("kiln", "Fire it quickly.\n\nThen <glaze here.", title="Kilns"))
    last = own.get("/documents/5/history").text
    assert "Then <del>wait</del><ins>&lt;glaze</ins> here." in last
    assert "slowly" not in last
    all_of_it = own.get("/documents/5/history?from=1&to=3").text
    assert "Fire it <del>slowly</del><ins>quickly</ins>." in all_of_it
    assert "<del>Kiln</del><ins>Kilns</ins>" in all_of_it
    assert own.get("/documents/5/history?from=3&to=1").status_code == 422
    assert own.get("/documents/5/history?from=1&to=9").status_code == 404
    assert 'href="/documents/5/history"' in own.get("/documents/5").text
    hidden, unknown = (own.get(f"/documents/{key}/history") for key in (4, 99))
    assert (hidden.status_code, hidden.text.replace("/4/", "/99/")) == (404, unknown.text)


def test_deleting_asks_first_and_deletes_what_was_shown(own: Site) -> None:
    assert own.get("/documents/1/delete").status_code == 404  # not Ben's
    asked = own.get("/documents/1/delete", "ada").text
    assert "for everybody" in asked
    (version,) = re.findall(r'name="version" value="(\w+)"', asked)
    stale = post(own, "/documents/1/delete", "ada", version="0" * 32)
    assert (stale.status_code, "changed since you read it" in stale.text) == (422, True)
    assert post(own, "/documents/1/delete", "ben", version=version).status_code == 403
    done = post(own, "/documents/1/delete", "ada", version=version)
    assert (done.status_code, "is deleted" in done.text) == (200, True)
    assert own.get("/documents/1", "ada").status_code == 404


def test_what_was_written_here_is_edited_and_what_was_imported_is_not(own: Site) -> None:
    made = own.served("POST", "/documents", json={"title": "Mine", "body": "Here."}).json()["id"]
    assert f'href="/documents/{made}/edit"' in own.get(f"/documents/{made}", "ada").text
    assert "/edit" not in own.get("/documents/1", "ada").text
    assert "/edit" not in own.get(f"/documents/{made}").text

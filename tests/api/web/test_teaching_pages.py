"""What helps those who teach, with forms, as a browser without scripts has it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.web.support import EVIL, Site, hrefs, part, words

DUE = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"


def send(site: Site, path: str, who: str = "ada", admin: bool = False, **form: Any) -> Any:
    headers = {"Accept": "text/html", "As": f"{who}@example.org"}
    if admin:
        headers["Scopes"] = "search capture admin"
    return site.served.client.post(path, data=form, headers=headers, follow_redirects=False)


def begun(site: Site, title: str = "Fire a kiln", who: str = "ada") -> str:
    done = send(site, "/drafts", who, form="note", title=title, thing="Slowly.", action="save")
    assert done.status_code == 303, done.text
    where: str = done.headers["location"].partition("?")[0]
    return where


def note(site: Site, title: str, who: str = "ada") -> str:
    done = send(
        site,
        begun(site, title, who),
        who,
        form="note",
        title=title,
        thing="Slowly.",
        version="1",
        reach="everyone",
        action="publish",
    )
    assert done.status_code == 303, done.text
    where: str = done.headers["location"]
    return where


def test_guides_are_read_replaced_and_taken_back(own: Site) -> None:
    page = own.get("/guides", "ben")
    assert "/guides/teach-one-thing" in hrefs(page.text)
    assert "/guides/teach-one-thing" in hrefs(own.get("/write/note", "ben").text)
    assert "/guides/hold-a-session" in hrefs(own.get("/sessions/new", "ben").text)
    guide = own.get("/guides/teach-one-thing", "ben")
    assert "Choose one thing" in words(guide.text)
    assert "/admin/guides/teach-one-thing" not in hrefs(guide.text)
    where = "/admin/guides/teach-one-thing"
    assert send(own, where, title="x", body="y").status_code == 403
    done = send(own, where, admin=True, title="Ours", body=f"**Bold**. {EVIL}", action="save")
    assert done.headers["location"] == f"{where}?done=kept"
    shown = own.get("/guides/teach-one-thing", "ben").text
    assert "<strong>Bold</strong>" in shown
    assert "<script>alert" not in shown
    refused = send(own, where, admin=True, title="", body="kept as typed", action="save")
    assert (refused.status_code, "kept as typed" in refused.text) == (422, True)
    send(own, where, admin=True, action="back")
    assert "Choose one thing" in words(own.get("/guides/teach-one-thing", "ben").text)
    assert own.get("/guides/none", "ben").status_code == 404
    assert own.get("/guides/note-trap", "ben").status_code == 404


def test_one_begins_with_a_template_of_the_organisation(own: Site) -> None:
    added = send(
        own,
        "/admin/guides",
        admin=True,
        kind="template",
        begun="note",
        title="Our trap",
        body="## The one thing\n\nNever touch the …\n\n## Example\n\nOn Monday …",
    )
    assert added.headers["location"] == "/admin/guides/note-our-trap?done=kept"
    again = send(own, "/admin/guides", admin=True, kind="template", begun="note", title="our TRAP")
    assert again.headers["location"] == "/admin/guides/note-our-trap"
    address = "/write/note?template=note-our-trap"
    assert address in hrefs(own.get("/write", "ben").text)
    form = own.get(address, "ben").text
    assert "Never touch the …</textarea>" in form
    assert "On Monday …</textarea>" in form
    assert "After this you can" in own.get("/write/writeup?template=writeup-guide", "ben").text
    assert "at my side" in words(own.get("/write", "ben").text)
    session = own.get("/sessions/new?template=session-shadowing", "ben").text
    assert "what surprised you.</textarea>" in session
    for wrong in (
        "/write/note?template=writeup-guide",
        "/sessions/new?template=note-trap",
        "/write/writeup?template=none",
        "/write/note?template=teach-one-thing",
    ):
        assert own.get(wrong, "ben").status_code == 404
    refused = send(own, "/admin/guides", admin=True, kind="template", title="", body="typed")
    assert (refused.status_code, "typed</textarea>" in refused.text) == (422, True)


def test_a_draft_is_told_what_would_make_it_better_when_it_is_saved(own: Site) -> None:
    where = begun(own)
    before = words(own.get(where, "ada").text)
    assert "To do: Say whom to ask" in before
    assert "told from the text as it stands, to you alone" in before
    send(
        own,
        where,
        form="note",
        title="Fire a kiln",
        thing="Slowly. Ask Ben Osei.",
        version="1",
        action="save",
    )
    assert "Done: Say whom to ask" in words(own.get(where, "ada").text)


def test_a_colleague_looks_at_a_draft(own: Site) -> None:
    where = begun(own)
    assert "Ask for a review" in own.get(where, "ada").text
    for name in ("Nobody Known", "", "Ada Field"):
        refused = send(own, f"{where}/review", colleague=name)
        assert (refused.status_code, "Slowly." in refused.text) == (422, True)
    asked = send(own, f"{where}/review", colleague="Ben Osei", wish=f"Right? {EVIL}")
    assert asked.headers["location"] == f"{where}#review"
    listed = own.get("/reviews", "ben")
    (review,) = [one for one in hrefs(listed.text) if one.startswith("/reviews/")]
    page = own.get(review, "ben")
    assert "Slowly." in words(page.text)
    assert "<script>alert" not in page.text
    for other in ("cleo", "ada"):
        assert own.get(review, other).status_code == 404
        assert "Fire a kiln" not in own.get("/reviews", "cleo").text
    assert own.get(where, "ben").status_code == 404
    assert send(own, review, "ben", action="give", comment=" ").status_code == 422
    told = send(own, review, "ben", action="give", comment="Add\n\nan example.", point="title")
    assert told.headers["location"] == "/reviews?said=given"
    assert own.get(review, "ben").status_code == 404
    shown = words(own.get(where, "ada").text)
    assert "Ben Osei says: Add an example." in shown
    assert "There The title says" in shown
    assert "Not yet There is an example" in shown
    assert "told you what they think" in words(own.get("/reviews", "ada").text)
    send(own, f"{where}/review", colleague="Cleo Marsh")
    (second,) = [one for one in hrefs(own.get("/reviews", "cleo").text) if "/reviews/" in one]
    send(own, second, "cleo", action="decline")
    assert "cannot look at it" in words(own.get(where, "ada").text)
    send(own, f"{where}/review", colleague="ben@example.org")
    key = own.served.services.reviewing.waiting(own.served.services.principal("ben@example.org"))[
        0
    ].id
    send(own, f"{where}/review", withdraw=str(key))
    assert "is asked no more" in words(own.get(where, "ada").text)


def test_what_one_sets_oneself_is_on_a_page_of_one_s_own(own: Site) -> None:
    path = "/me/milestones"
    refused = send(own, path, deed="notes", number="x", due=DUE)
    assert (refused.status_code, DUE in refused.text) == (422, True)
    assert send(own, path, deed="poems", number="1", due=DUE).status_code == 422
    assert send(own, path, deed="notes", number="1", due="soon").status_code == 422
    assert send(own, path, deed="notes", number="1", due=DUE).status_code == 303
    assert "Write notes: 0 of 1" in words(own.get(path, "ada").text)
    note(own, "Fire a kiln")
    shown = words(own.get(path, "ada").text)
    assert "Reached" in shown
    assert "About 15 min" in shown
    assert "Write notes: 1 of 1" not in words(own.get(path, "ben").text)
    assert send(own, path, action="minutes", note="x").status_code == 422
    send(own, path, action="minutes", note="90", review="0")
    assert "About 1 h 30 min" in words(own.get(path, "ada").text)
    (one,) = own.served.services.milestones.of(own.served.services.principal("ada@example.org"))
    send(own, path, take_back=str(one.id))
    assert "Nothing yet." in words(own.get(path, "ada").text)


def test_a_reader_says_for_whom_texts_should_be_written(own: Site) -> None:
    assert send(own, "/me/level", level="expert").headers["location"] == "/me?said=level#level"
    page = own.get("/me?said=level", "ada").text
    assert 'value="expert" checked' in page
    assert "It holds from the next search on." in words(page)
    assert "For experts, as you prefer" in words(own.get("/?q=restore+a+backup", "ada").text)
    assert "as you prefer" not in words(own.get("/?q=restore+a+backup", "ben").text)
    send(own, "/me/level", level="guru")
    assert "as you prefer" not in words(own.get("/?q=restore+a+backup", "ada").text)


def test_steps_and_examples_on_a_document_s_page(own: Site) -> None:
    first, second = note(own, "Fire a kiln"), note(own, "Open a kiln")
    assert "What to read before" not in own.get(second, "ben").text
    typed = {"before": ["Fire a kiln", "nonsense"], "after": [first]}
    refused = send(own, f"{second}/steps", **typed)
    assert refused.status_code == 422
    form = part(refused.text, 'action="' + second + '/steps"', "</form>")
    assert re.findall(r'name="(before|after)"[^>]* value="([^"]+)"', form) == [
        ("before", "Fire a kiln"),
        ("before", "nonsense"),
        ("after", first),
    ]
    assert "autofocus" in part(form, 'id="before-1"', ">")
    assert "No document that you can read is called 'nonsense'" in words(form)
    assert '<details class="say" id="steps" open>' in refused.text
    # Whole titles are enough where no script suggests them.
    done = send(own, f"{second}/steps", before=["fire a Kiln", ""], after="")
    assert done.headers["location"] == f"{second}?said=steps#judging"
    assert "Read first Fire a kiln" in words(own.get(second, "ben").text)
    assert "Go on with Open a kiln" in words(own.get(first, "ben").text)
    assert 'name="before"' in part(own.get(second, "ada").text, 'id="before-0"', 'value="Fire')
    assert send(own, f"{second}/steps", "ben").status_code == 403
    assert send(own, f"{second}/exemplar", "ben", action="choose", why="x").status_code == 403
    assert send(own, f"{second}/exemplar", "ben", True, action="choose").status_code == 422
    assert send(own, f"{second}/exemplar", "ben", True, action="dance").status_code == 422
    send(own, f"{second}/exemplar", "ben", True, action="choose", why="One thing only.")
    assert "One thing only." in words(own.get("/gallery", "cleo").text)
    assert "An example to learn writing from: One thing only." in words(
        own.get(second, "cleo").text
    )
    assert "Chosen as examples" in own.get("/me", "ada").text
    assert "Chosen as examples" not in own.get("/me", "ben").text
    send(own, f"{second}/exemplar", action="decline")
    assert "One thing only." not in own.get("/gallery", "cleo").text
    assert "Declined" in own.get("/me", "ada").text
    refused = send(own, f"{second}/exemplar", "ben", True, action="choose", why="Again.")
    assert (refused.status_code, "does not want it" in refused.text) == (422, True)
    send(own, f"{second}/exemplar", action="allow")
    assert send(own, f"{second}/exemplar", "ben", True, action="choose", why="A").status_code == 303
    assert send(own, f"{second}/exemplar", "ben", True, action="remove").status_code == 303
    assert "Nothing was chosen yet." in words(own.get("/gallery", "ada").text)

"""What is said about oneself, and what others dispute: pages of forms."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import insert

from api.web.bars import HEIGHT, chart
from knowledge.store.identity_tables import appearances
from tests.api.web.support import Site, part, words
from tests.api.web.test_document_page import post


def me(site: Site, who: str = "ada", **params: Any) -> str:
    answer = site.get("/me", who, **params)
    assert answer.status_code == 200, answer.text
    return answer.text


def checked(page: str, name: str) -> str:
    before = page.split(f'name="{name}" value="')
    return next(one.split('"')[0] for one in before[1:] if one.split(">")[0].endswith("checked"))


def test_consents_are_decided_and_taken_back(own: Site) -> None:
    assert checked(me(own), "consent_written") == "unsaid"
    done = post(own, "/me/consents", "ada", consent_written="no", consent_spoken="yes")
    assert done.headers["location"] == "/me?said=consents#decide"
    page = me(own, said="consents")
    assert (checked(page, "consent_written"), checked(page, "consent_spoken")) == ("no", "yes")
    assert "It holds from the next search on." in words(part(page, 'id="decide"', "</section>"))
    assert "Restoring a backup" not in own.get("/people/1").text
    post(own, "/me/consents", "ada", consent_written="unsaid", consent_spoken="unsaid")
    assert checked(me(own), "consent_written") == "unsaid"
    assert post(own, "/me/consents", "ada", consent_written="no").status_code == 422


def test_what_the_directory_said_stays_its_until_another_answer_is_given(own: Site) -> None:
    from knowledge.people import Profile

    own.served.services.directory.put(
        Profile("Ada Field", "ada@example.org", consent_written=True, consent_spoken=True)
    )
    page = me(own)
    assert page.count("The directory says so.") == 2
    assert checked(page, "consent_spoken") == "yes"
    post(own, "/me/consents", "ada", consent_written="yes", consent_spoken="no")
    assert me(own).count("The directory says so.") == 1
    assert own.served.services.privacy.decisions(1).by_directory == {"consent_written"}


def test_a_pause_is_seen_and_ended(own: Site) -> None:
    year = datetime.now(UTC).year + 1
    for wrong in ("", "tomorrow", "2001-01-01", f"{year + 20}-01-01"):
        refused = post(own, "/me/pause", "ada", until=wrong)
        assert (refused.status_code, 'role="alert"' in refused.text) == (422, True), wrong
        assert part(refused.text, 'role="alert">', "</p>")[0].isupper()
    post(own, "/me/pause", "ada", until=f"{year}-03-01")
    shown = own.get("/people/1").text
    assert f"Not to be asked until 1 March {year}" in shown
    assert "mailto:ada@example.org" not in shown
    post(own, "/me/pause", "ada", end="yes")
    assert "mailto:ada@example.org" in own.get("/people/1").text


def test_evidence_is_hidden_disputed_and_taken_back(own: Site) -> None:
    page = me(own)
    assert "Restoring a backup" in page
    assert "Speaks for you" in page
    for verdict, said, shown in (
        ("hidden", "objected", "You hide it"),
        ("not_me", "disputed", "You say: not by me"),
        ("outdated", "disputed", "You say: out of date"),
    ):
        done = post(own, "/me/evidence/1", "ada", verdict=verdict)
        assert done.headers["location"] == f"/me?said={said}#evidence"
        assert shown in me(own)
        post(own, "/me/evidence/1", "ada", verdict="none")
        assert shown not in me(own)
    assert post(own, "/me/evidence/1", "ada", verdict="x").status_code == 422
    for key in ("4", "99", "x"):
        assert post(own, f"/me/evidence/{key}", "ben", verdict="hidden").status_code == 404
    assert "Vault of Zebedee" not in me(own, "ben")


def test_topics_are_hidden_and_shown_again(own: Site) -> None:
    post(own, "/me/topics", "ada", tag="ledger")
    page = me(own)
    assert "Hidden with ledger" in page
    assert "ledger" not in words(part(own.get("/people/1").text, "<article", "</article>"))
    post(own, "/me/topics", "ada", tag="ledger", show_again="yes")
    assert "Hidden with" not in me(own)
    wrong = post(own, "/me/topics", "ada", tag="x" * 201)
    assert (wrong.status_code, f'value="{"x" * 201}" aria-invalid="true"' in wrong.text) == (
        422,
        True,
    )
    assert 'role="alert"' in part(wrong.text, 'id="topics"', "</section>")


def test_offers_are_made_and_taken_back(own: Site) -> None:
    post(own, "/me/offers", "ada", kind="teach", topic="Firing <kilns>")
    post(own, "/me/offers", "ada", kind="learn", topic="Glazes")
    shown = own.get("/people/1").text
    assert '<h2 id="teaches">Can teach</h2>' in shown
    assert "Firing &lt;kilns&gt;" in shown
    assert "Wants to learn" in shown
    assert post(own, "/me/offers", "ada", kind="sell", topic="x").status_code == 422
    post(own, "/me/offers", "ada", take_back="1")
    assert "Can teach" not in own.get("/people/1").text
    assert post(own, "/me/offers", "ada", take_back="99").status_code == 404


def test_how_often_one_was_shown_is_drawn_and_written(own: Site) -> None:
    assert "<svg" not in me(own)
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    with own.served.services.database.write() as connection:
        connection.execute(insert(appearances).values(person_id=1, day=today, shown=7))
    page = me(own)
    assert "named you 7 times" in words(page)
    assert page.count("<rect") == 30
    table = part(page, "<tbody>", "</tbody>")
    assert words(table) == f"{today} 7"
    assert "<svg" not in me(own, "ben")


def test_bars_are_as_high_as_what_they_count() -> None:
    made = chart([("2026-01-02", 4), ("2026-01-03", 2), ("2020-01-01", 99)], date(2026, 1, 3), 3)
    assert [(bar.day, bar.count) for bar in made.bars] == [
        ("2026-01-01", 0),
        ("2026-01-02", 4),
        ("2026-01-03", 2),
    ]
    assert [bar.height for bar in made.bars] == [1.0, HEIGHT, HEIGHT / 2]
    assert (made.most, made.total) == (4, 6)


def test_a_stranger_and_nobody_in_particular_have_no_such_page(own: Site) -> None:
    answer = own.served.client.get("/me", headers={"As": "nobody", "Accept": "text/html"})
    assert answer.status_code == 403
    assert own.get("/me", None).status_code == 401


@pytest.mark.parametrize("verdict", ["not_me", "outdated"])
def test_a_dispute_reaches_an_administrator_who_settles_it(own: Site, verdict: str) -> None:
    post(own, "/me/evidence/1", "ada", verdict=verdict)
    admin = {"As": "ben@example.org", "Scopes": "search capture admin", "Accept": "text/html"}
    page = own.served.client.get("/admin/disputes", headers=admin).text
    told = words(part(page, '<ul class="own-evidence panel">', "</ul>"))
    assert told.startswith("Ada Field says of Restoring a backup :")
    assert 'href="/admin/disputes"' in page
    assert "Nothing that you look after is disputed." in own.get("/admin/disputes").text
    form = {"document_id": "1", "person_id": "1"}
    assert post(own, "/admin/disputes", **form).status_code == 404
    done = post(own, "/admin/disputes", "ben", "search capture admin", **form)
    assert done.headers["location"] == "/admin/disputes?settled"
    after = own.served.client.get("/admin/disputes?settled", headers=admin).text
    assert "It is settled." in after
    assert "Nothing that you look after is disputed." in after

"""Sessions with forms, as a browser without scripts has them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from api.web.meeting_forms import Filled
from knowledge.errors import InvalidInput
from knowledge.identity import OfferKind
from knowledge.settings import ServeSettings
from knowledge.store.meeting_tables import meetings
from knowledge.zones import zone_named
from tests.api.web.support import EVIL, Site, hrefs, words
from tests.builders import UNLIMITED

SOON = datetime.now(UTC) + timedelta(days=7)
FORM = {"kind": "talk", "starts_at": f"{SOON:%Y-%m-%dT%H:%M}", "minutes": "45"}


def send(site: Site, path: str, who: str = "ben", **form: Any) -> Any:
    headers = {"Accept": "text/html", "As": f"{who}@example.org"}
    return site.served.client.post(path, data=form, headers=headers, follow_redirects=False)


def made(site: Site, title: str = "Firing kilns", who: str = "ada", **form: Any) -> str:
    done = send(site, "/sessions/new", who, title=title, **FORM | form)
    assert done.status_code == 303, done.text
    where: str = done.headers["location"].partition("?")[0]
    return where


def begin(site: Site, where: str) -> None:
    with site.served.services.database.write() as connection:
        ago = datetime.now(UTC) - timedelta(hours=1)
        same = meetings.c.id == int(where.rpartition("/")[2])
        connection.execute(update(meetings).where(same).values(starts_at=ago, ends_at=ago))


def test_from_the_form_to_the_poll(own: Site) -> None:
    where = made(own, description=f"**Hot**. {EVIL}", place="Room 3", seats="2")
    page = own.get(where, "ben")
    assert "<strong>Hot</strong>" in page.text
    assert "<script>alert" not in page.text
    told = words(page.text)
    assert "UTC" in told
    assert "0 of 2 take part." in told
    assert where in hrefs(own.get("/sessions", "ben").text)
    assert f"/api/v1/meetings/{where.rpartition('/')[2]}/calendar" in hrefs(page.text)
    assert send(own, where, action="join").headers["location"] == f"{where}?said=joined"
    assert "Ben Osei" in words(own.get(where, "ben").text).split("Who takes part")[1]
    assert "Ben Osei" not in words(own.get(where, "cleo").text)
    assert "Who came?" not in own.get(where, "ada").text
    begin(own, where)
    assert "Say who came" in words(own.get("/sessions", "ada").text)
    assert "Who came?" in own.get(where, "ada").text
    assert send(own, where, "ada", action="came", came="2").status_code == 303
    assert "You came." in words(own.get(where, "ben").text)
    assert "told once five have answered" in words(own.get(where, "ada").text)
    wrong = send(own, where, action="poll", useful="yes", line="Typed")
    assert (wrong.status_code, 'value="Typed"' in wrong.text) == (422, True)
    taps = {"useful": "yes", "relevant": "partly", "engaging": "no"}
    done = send(own, where, action="poll", pass_on="Late.", **taps)
    assert "Late." in own.get(done.headers["location"], "ben").text
    assert "What do you think of it?" not in own.get(where, "ben").text
    assert send(own, where, action="poll", **taps).status_code == 409
    handing = next(x for x in hrefs(own.get(where, "ada").text) if x.startswith("/write/session"))
    form = own.get(handing, "ada").text
    assert 'value="Firing kilns"' in form
    assert "ben@example.org" in form
    assert own.get(handing, "ben").status_code == 404


def test_its_transcript_is_handed_in_and_linked(own: Site) -> None:
    where = made(own)
    number = where.rpartition("/")[2]
    send(own, where, action="join")
    begin(own, where)
    send(own, where, "ada", action="came", came="2")
    headers = {"Accept": "text/html", "As": "ada@example.org"}
    form = {"title": "Firing kilns", "kind": "talk", "reach": "everyone", "meeting": number}
    file = {"file": ("kilns.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ada Field>Hot.\n")}
    post = own.served.client.post
    for who, status in (("ben", 404), ("ada", 303)):
        told = headers | {"As": f"{who}@example.org"}
        done = post("/write/session", data=form, files=file, headers=told, follow_redirects=False)
        assert done.status_code == status, done.text
    services = own.served.services
    services.runner(lambda: False).run(services.imports.unfinished()[0])
    page = own.get(where).text
    (document,) = [x for x in hrefs(page) if x.startswith("/documents/")]
    assert "Hot." in own.get(document).text
    assert "Hand in the transcript" not in own.get(where, "ada").text


def test_what_somebody_wishes_for_is_held_by_another(own: Site) -> None:
    done = send(own, "/sessions/new", title="Glazing", kind="demo", minutes="30", wish="yes")
    where = done.headers["location"].partition("?")[0]
    assert "Hold it yourself" in words(own.get(where, "ada").text)
    wish = {"title": "Glazing", "kind": "demo", "minutes": "20", "action": "change"}
    assert send(own, where, **wish).status_code == 303
    assert "20 minutes" in words(own.get(where, "ada").text)
    assert send(own, where, "cleo", action="join").status_code == 303
    assert send(own, where, "ada", action="change", title="Glazing", **FORM).status_code == 303
    assert "You hold it" in words(own.get(where, "ada").text)
    assert "wished for by Ben Osei" in words(own.get(where, "cleo").text)
    wrong = send(own, where, "ada", action="change", title="Kept", **FORM | {"minutes": "x"})
    assert (wrong.status_code, 'value="Kept"' in wrong.text) == (422, True)
    assert send(own, where, "ada", action="cancel").status_code == 303
    assert "It is cancelled." in words(own.get(where, "ben").text)
    assert send(own, where, "ada", action="dance").status_code == 422
    assert send(own, where, action="leave").status_code == 303


def test_what_cannot_be_announced_stays_in_the_form(own: Site) -> None:
    for wrong in (
        {"starts_at": "soon"},
        {"starts_at": ""},
        {"starts_at": "2020-01-01T10:00"},
        {"kind": "party"},
        {"level": "wizard"},
        {"seats": "many"},
        {"reach": "groups"},
        {"minutes": ""},
    ):
        done = send(own, "/sessions/new", title="Kept as typed", **FORM | wrong)
        assert done.status_code == 422, wrong
        assert "Kept as typed" in done.text
    assert own.get("/sessions/new", "ben", title="Tea", wish="yes").text.count("Ask for it") == 1


def test_a_change_on_the_page_opens_it_to_nobody_more(own: Site) -> None:
    told = {"title": "Vault", "starts_at": SOON.isoformat()}
    for audience in ([["group:vault"], ["everyone"]], [["group:vault"]]):
        answer = own.served("POST", "/meetings", "ada", json=told | {"audience": audience})
        where = f"/sessions/{answer.json()['id']}"
        page = own.get(where, "ada").text
        reach = {"reach": "groups", "group": "vault"} if 'name="reach"' in page else {}
        assert send(own, where, "ada", action="change", title="V", **FORM, **reach).status_code
        assert own.get(where, "ada").status_code == 200
        assert own.get(where, "ben").status_code == 404


def test_halves_meet_and_what_one_is_known_for_is_offered(own: Site) -> None:
    offers = own.served.services.offers
    offers.add(1, OfferKind.TEACH, "Kilns")
    offers.add(2, OfferKind.LEARN, "kilns")
    page = own.get("/sessions", "ada").text
    assert "/sessions/new?title=Kilns" in hrefs(page)
    assert "Want to learn what you would teach" in words(page)
    assert "/sessions/new?title=kilns&wish=yes" in hrefs(own.get("/sessions", "ben").text)
    assert 'name="topic" value="backup"' in page
    assert 'name="topic" value="backup"' not in own.get("/sessions", "cleo").text
    assert send(own, "/sessions", "ada", topic="backup").status_code == 303
    assert 'name="topic" value="backup"' not in own.get("/sessions", "ada").text
    assert send(own, "/sessions", "ada", topic=" ").status_code == 422


def test_lists_go_on(own: Site) -> None:
    for number in range(21):
        made(own, f"Number {number}")
    first = own.get("/sessions", "ben").text
    more = next(x for x in hrefs(first) if "cursor=" in x)
    assert "Number 20" in own.get(more.partition("#")[0], "ben").text
    assert "There were none yet." in words(own.get("/sessions?box=past", "ben").text)


def test_more_than_a_thousand_may_have_come(own: Site) -> None:
    given = {"action": "came", "came": [str(number) for number in range(1, 3000)]}
    sent = send(own, "/sessions/1", "ada", **given)
    assert sent.status_code == 404, "all was read, and there is no such session"


def test_times_are_of_the_zone_that_is_set(own: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    services = own.served.services
    there = ServeSettings(**UNLIMITED, time_zone="America/New_York")
    monkeypatch.setattr(services, "settings", replace(services.settings, serve=there))
    where = made(own, starts_at="2199-07-01T20:30")
    told = own.get(where.replace("/sessions", "/api/v1/meetings"), "ben").json()
    assert told["starts_at"] == "2199-07-02T00:30:00Z"
    assert "Monday, 1 July 2199, 20:30 EDT" in words(own.get(where, "ben").text)
    form = own.get(where, "ada").text
    assert 'value="2199-07-01T20:30"' in form
    assert "The time zone is America/New_York" in words(form)
    assert 'value="2199-07-01"' in own.get("/write/session?meeting=1", "ada").text


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2026-09-01T09:30", "2026-09-01T07:30:00+00:00"),
        ("2026-01-01T09:30", "2026-01-01T08:30:00+00:00"),
        ("2026-09-01T09:30+02:00", "2026-09-01T07:30:00+00:00"),
        ("2026-09-01T01:30-05:00", "2026-09-01T06:30:00+00:00"),
        ("2026-09-01T09:30Z", "2026-09-01T09:30:00+00:00"),
    ],
)
def test_a_time_is_of_the_zone_or_of_that_which_it_names(told: str, meant: str) -> None:
    plan = Filled(title="Kilns", kind="talk", starts_at=told).plan(zone_named("Europe/Berlin"))
    assert plan.starts_at == datetime.fromisoformat(meant)


@pytest.mark.parametrize("told", ["tomorrow", "2026-13-01T09:30", "0001-01-01T00:00+23:00"])
def test_what_is_no_time_is_said(told: str) -> None:
    with pytest.raises(InvalidInput, match="write when it begins"):
        Filled(title="Kilns", kind="talk", starts_at=told).plan(UTC)

"""What people choose to be told by mail: on their page, over HTTP, and by the link in a letter."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth.sealing import Seal
from api.mail import links
from knowledge.errors import NotFound
from knowledge.mail_settings import MailSettings
from knowledge.notices import USUAL, Matter, Pace
from tests.api.mail.company import ADA, BEN, CLEO, SITE, Company, company
from tests.api.routes.support import TrustingDoor
from tests.builders import settings

MINE = "/api/v1/people/me/mail"
USUALLY = {matter.value: pace.value for matter, pace in USUAL.items()}


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Company]:
    with company(settings(tmp_path / "data")) as made:
        yield made


@pytest.fixture
def client(told: Company) -> Iterator[TestClient]:
    app = create_app(told.services, TrustingDoor(told.services))
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


def as_(who: str) -> dict[str, str]:
    return {"As": f"{who}@example.org", "Accept": "text/html"}


def test_each_chooses_for_themselves(told: Company, client: TestClient) -> None:
    held = client.get(MINE, headers=as_("ben")).json()
    assert held == {"sent": True, "address": "ben@example.org", "paces": USUALLY}
    given = {"questions": "never", "reviews": "soon"}
    changed = client.patch(MINE, json=given, headers=as_("ben")).json()
    assert changed["paces"] == USUALLY | given
    assert client.get(MINE, headers=as_("ben")).json() == changed
    assert client.get(MINE, headers=as_("ada")).json()["paces"] == USUALLY
    for wrong in ({"questions": "hourly"}, {"rumours": "soon"}, {"questions": None}):
        assert client.patch(MINE, json=wrong, headers=as_("ben")).status_code == 422
    assert client.get(MINE, headers={"As": "nobody"}).status_code == 403


def test_one_chooses_on_one_s_page(told: Company, client: TestClient) -> None:
    page = client.get("/me", headers=as_("ben")).text
    assert '<section class="panel" id="mail"' in page
    assert "<strong>ben@example.org</strong>" in page
    form = dict.fromkeys(USUALLY, "never") | {"sessions": "soon"}
    done = client.post("/me/mail", data=form, headers=as_("ben"), follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, "/me?said=mail#mail")
    held = told.services.mail_choices.of(BEN).paces
    assert {one.value: pace.value for one, pace in held.items()} == form
    after = client.get("/me?said=mail", headers=as_("ben")).text
    assert after.count('<option value="never" selected>') == 5
    assert client.post("/me/mail", data={}, headers=as_("ben")).status_code == 422


def test_where_no_mail_is_sent_nothing_is_chosen_on_the_page(tmp_path: Path) -> None:
    with company(settings(tmp_path / "data"), **MailSettings().model_dump()) as told:
        app = create_app(told.services, TrustingDoor(told.services))
        with TestClient(app) as client:
            assert 'id="mail"' not in client.get("/me", headers=as_("ben")).text
            assert client.get(MINE, headers=as_("ben")).json()["sent"] is False


def test_a_letter_s_link_asks_first_and_then_stops_what_the_letter_told(
    told: Company, client: TestClient
) -> None:
    told.ask()
    told.subjects()
    told.now += timedelta(minutes=5)
    ((letter,),) = told.look().values()
    path = letter["List-Unsubscribe"][1:-1].removeprefix(SITE)
    asked = client.get(path)
    assert asked.status_code == 200
    assert "Questions that you are asked" in asked.text
    assert "ben" not in asked.text.casefold()
    assert told.services.mail_choices.of(BEN).paces == USUAL
    # As a program for mail does it: no cookie, and from whatever origin.
    one_click = {"List-Unsubscribe": "One-Click"}
    for _ in range(2):
        done = client.post(path, data=one_click, headers={"Origin": "https://mail.example.net"})
        assert done.status_code == 200
    assert told.services.mail_choices.of(BEN).paces == USUAL | {Matter.QUESTIONS: Pace.NEVER}
    assert told.services.mail_choices.of(ADA).paces == USUAL
    told.ask("What is a cone?")
    assert told.later() == {}


def test_nobody_else_makes_such_a_link(told: Company, client: TestClient, tmp_path: Path) -> None:
    seal = Seal(told.settings.storage.data)
    good = links.made(seal, BEN, [Matter.WISHES, Matter.DRAFTS])
    assert links.read(seal, good) == (BEN, (Matter.WISHES, Matter.DRAFTS))
    (other := tmp_path / "other").mkdir()
    forged = [
        good.replace(f"{BEN}-", f"{CLEO}-", 1),
        good.replace("drafts", "reviews"),
        f"{good[:-1]}{'0' if good[-1] != '0' else '1'}",
        links.made(Seal(other), BEN, [Matter.WISHES]),
        *("", "x", "1--0", f"{good}/", f"{good}\n", good.upper(), "ü" * 50),
        # What the same key says of something else.
        f"{BEN}-wishes-{seal.mark(f'{BEN}-wishes')[:32]}",
    ]
    for link in forged:
        assert links.read(seal, link) is None, link
    for link in forged[:4]:
        assert client.post(f"/unsubscribe/{link}").status_code == 404
    assert told.services.mail_choices.of(BEN).paces == USUAL


def test_the_link_of_who_was_erased_or_merged(told: Company, client: TestClient) -> None:
    link = links.made(Seal(told.settings.storage.data), BEN, [Matter.WISHES])
    told.services.merging.merge(CLEO, BEN, force=True)
    assert client.post(f"/unsubscribe/{link}").status_code == 200
    assert told.services.mail_choices.of(CLEO).paces[Matter.WISHES] is Pace.NEVER
    told.services.erasing.erase(CLEO)
    assert client.post(f"/unsubscribe/{link}").status_code == 404
    with pytest.raises(NotFound):
        told.services.mail_choices.stop(BEN, [Matter.WISHES])


def test_a_merged_colleague_s_word_holds_until_the_other_says_more(told: Company) -> None:
    told.choose(BEN, Matter.WISHES, Pace.NEVER)
    told.choose(BEN, Matter.DRAFTS, Pace.SOON)
    told.choose(CLEO, Matter.DRAFTS, Pace.NEVER)
    told.services.merging.merge(CLEO, BEN, force=True)
    held = told.services.mail_choices.of(CLEO).paces
    assert held == USUAL | {Matter.WISHES: Pace.NEVER, Matter.DRAFTS: Pace.NEVER}
    told.choose(CLEO, Matter.WISHES, Pace.SOON)
    assert told.services.mail_choices.of(CLEO).paces[Matter.WISHES] is Pace.SOON


def test_one_takes_along_what_one_chose_and_what_waits(told: Company) -> None:
    told.choose(BEN, Matter.WISHES, Pace.NEVER)
    told.ask()
    told.subjects()
    held = taken(told, BEN)
    assert held["mail_choices"] == [{"matter": "wishes", "pace": "never"}]
    ((kind, state),) = [(one["kind"], one["state"]) for one in held["outbox"]]
    assert (kind, state) == ("question", "waiting")
    assert taken(told, CLEO)["outbox"] == []


def taken(told: Company, person: int) -> dict[str, Any]:
    file = io.BytesIO()
    told.services.takeout.write(person, "operator", file)
    with zipfile.ZipFile(file) as archive:
        held: dict[str, Any] = json.loads(archive.read("person.json"))
    return held


def test_metrics_count_and_name_nobody(told: Company) -> None:
    told.ask(of=(BEN, CLEO))
    told.subjects()
    told.box.refused["ben@example.org"] = "450 busy"
    told.later()
    app = create_app(told.services, TrustingDoor(told.services))
    lines = app.state.metrics.exposition().decode().splitlines()
    assert 'whoknows_mail_notices{state="sent"} 1.0' in lines
    assert 'whoknows_mail_notices{state="waiting"} 1.0' in lines
    assert "whoknows_mail_refused 1.0" in lines
    assert not any("example.org" in line for line in lines)

"""What people want to be told of: theirs alone, and answered from what they may read."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from knowledge.people import Profile
from knowledge.types import Audience
from knowledge.wishes import EVERY, MOST
from tests.api.routes.support import Served, TrustingDoor
from tests.builders import document, settings, wired

MINE = "/people/me/wishes"
ASKED = "how is the heraldic oven descaled"
ANSWER = "# Oven\n\nThe heraldic oven is descaled with vinegar, once a month, in the kitchen."


def wished(service: Served, text: str, who: str = "ada") -> Any:
    return service("POST", MINE, who, json={"text": text})


def held(service: Served, who: str = "ada") -> list[tuple[str, bool]]:
    told = service.get(MINE, who).json()["wishes"]
    return [(one["text"], one["answered_at"] is not None) for one in told]


def test_somebody_wishes_sees_it_alone_and_takes_it_back(service: Served) -> None:
    first = wished(service, "  Firing  a kiln ")
    assert (first.status_code, first.json()["text"]) == (201, "Firing a kiln")
    assert wished(service, "firing a KILN").json()["id"] == first.json()["id"]
    assert held(service) == [("Firing a kiln", False)]
    assert held(service, "ben") == []
    path = f"{MINE}/{first.json()['id']}"
    assert service("DELETE", path, "ben").status_code == 404
    assert service("DELETE", path).status_code == 204
    assert service("DELETE", path).status_code == 404
    assert held(service) == []


def test_what_cannot_be_meant_is_refused(service: Served) -> None:
    for given in ({}, {"text": ""}, {"text": " "}, {"text": "?!"}, {"text": "x" * 501}):
        assert service("POST", MINE, json=given).status_code == 422, given
    assert service("POST", MINE, "nobody", json={"text": "x"}).status_code == 403
    for number in range(MOST):
        assert wished(service, f"kiln {number}").status_code == 201
    refused = wished(service, "more")
    assert (refused.status_code, "take one back" in refused.json()["detail"]) == (422, True)


@pytest.fixture
def timed(tmp_path: Path) -> Iterator[tuple[Served, list[datetime]]]:
    """Ada (vault) and Ben, and a clock."""
    clock = [datetime(2026, 5, 4, 12, tzinfo=UTC)]
    services = wired(settings(tmp_path), now=lambda: clock[0])
    services.directory.put(Profile("Ada Field", "ada@example.org", groups=("vault",)))
    services.directory.put(Profile("Ben Osei", "ben@example.org"))
    app = create_app(services, TrustingDoor(services))
    with TestClient(app) as client:
        yield Served(services, client), clock
    services.close()


def test_it_is_told_when_the_person_s_own_search_is_confident(
    timed: tuple[Served, list[datetime]],
) -> None:
    service, clock = timed
    for who in ("ada", "ben"):
        wished(service, ASKED, who)
        assert held(service, who) == [(ASKED, False)]
    save = service.services.capture.save
    save(document("1", ANSWER, audience=Audience.of("group:vault")))
    # It is looked at once an hour.
    assert held(service) == [(ASKED, False)]
    clock[0] += EVERY + timedelta(seconds=1)
    assert held(service) == [(ASKED, True)]
    assert held(service, "ben") == [(ASKED, False)]
    # What is hidden from them again, or gone, they are told of no more.
    save(document("1", ANSWER, audience=Audience.of("group:other")))
    clock[0] += EVERY + timedelta(seconds=1)
    assert held(service) == [(ASKED, False)]


def test_only_a_few_are_looked_at_at_once_and_all_in_their_turn(
    timed: tuple[Served, list[datetime]],
) -> None:
    service, _ = timed
    service.services.capture.save(document("1", ANSWER))
    for number in range(4):
        wished(service, ASKED if number % 3 == 0 else f"zeppelin {number}")
    wished(service, ASKED.replace("how is", "how"))
    assert [told for _, told in held(service)] == [True, False, False, False]
    assert [told for _, told in held(service)] == [True, False, False, True]


def test_looking_is_no_search_of_theirs(timed: tuple[Served, list[datetime]]) -> None:
    service, _ = timed
    wished(service, ASKED)
    assert held(service) == [(ASKED, False)]
    service.services.queries.flush()
    assert service.services.gaps.searches() == []


def test_it_is_handed_out_goes_with_its_person_and_stays_one_person_s(service: Served) -> None:
    services = service.services
    wished(service, "Glazes", "ben")
    wished(service, "What does osei know")
    services.merging.merge(3, 2, force=True)
    file = io.BytesIO()
    services.takeout.write(3, "operator", file)
    with zipfile.ZipFile(file) as archive:
        told = json.loads(archive.read("person.json"))
    assert [one["text"] for one in told["wishes"]] == ["Glazes"]
    assert held(service, "cleo") == [("Glazes", False)]
    services.erasing.erase(3)
    # Of another's, what has their name in it goes as well.
    assert held(service) == []

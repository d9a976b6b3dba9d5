"""Allowances: what is taken comes back in time, and nobody takes another's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth.tokens import TokenDoor
from api.fairness import Allowances, Fairness, Kind
from api.metrics import Metrics
from api.services import Services
from knowledge.errors import TooMany
from knowledge.people import Profile
from knowledge.settings import ServeSettings
from knowledge.sites import Plan
from knowledge.types import PUBLIC, Audience, Scope
from tests.builders import UNLIMITED, document, settings, wired

HERE = "https://intranet.example.org"


class Clock:
    """A time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_what_is_taken_comes_back_evenly() -> None:
    clock = Clock()
    allowances = Allowances(6, 60, clock=clock)
    assert [allowances.wait("ada") for _ in range(6)] == [0.0] * 6
    assert allowances.wait("ada") == pytest.approx(10)
    clock.now += 9
    assert allowances.wait("ada") == pytest.approx(1)
    clock.now += 1
    assert allowances.wait("ada") == 0
    assert allowances.wait("ada") == pytest.approx(10)
    clock.now += 3600
    assert [allowances.wait("ada") for _ in range(7)] == [*[0.0] * 6, pytest.approx(10)]


def test_each_has_their_own_and_small_things_cost_less() -> None:
    allowances = Allowances(2, 60, clock=Clock())
    assert [allowances.wait("ada") > 0 for _ in range(3)] == [False, False, True]
    assert [allowances.wait("ben", 0.5) > 0 for _ in range(5)] == [*[False] * 4, True]


def test_nothing_is_no_limit() -> None:
    allowances = Allowances(0, 60)
    assert [allowances.wait("ada") for _ in range(1000)] == [0.0] * 1000
    assert len(allowances) == 0


def test_memory_is_bounded_and_whoever_asks_is_not_forgotten() -> None:
    allowances = Allowances(1, 60, most=10, clock=Clock())
    assert allowances.wait("ada") == 0
    for number in range(100):
        allowances.wait(str(number))
        assert allowances.wait("ada") > 0
    assert len(allowances) == 10
    for number in range(10):
        allowances.wait(f"other {number}")
    assert allowances.wait("ada") == 0


def test_threads_take_no_more_than_there_is() -> None:
    allowances = Allowances(50, 60, clock=Clock())
    taken: list[float] = []

    def take() -> None:
        taken.extend(allowances.wait("ada") for _ in range(25))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(not seconds for seconds in taken) == 50


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Callable[..., tuple[Services, TestClient, Clock]]]:
    """A service with a clock, and some of its limits."""
    made: list[Services] = []

    def make(**limits: int) -> tuple[Services, TestClient, Clock]:
        chosen = ServeSettings(**(UNLIMITED | limits))
        services = wired(replace(settings(tmp_path / "data"), serve=chosen))
        made.append(services)
        services.directory.put(Profile("Ada Field", "ada@example.org"))
        services.directory.put(Profile("Ben Osei", "ben@example.org"))
        hidden = document("2", "The vault opens at noon.", audience=Audience.of("group:vault"))
        shown = document("1", "The door opens at nine.", audience=Audience.of(PUBLIC))
        assert len(list(services.capture.ingest([shown, hidden]))) == 2
        app, clock = create_app(services, TokenDoor(services.tokens)), Clock()
        app.state.fairness = Fairness(chosen, Metrics(services), clock)
        return services, TestClient(app), clock

    yield make
    for services in made:
        services.close()


def bearer(services: Services, who: str | None, *scopes: Scope) -> dict[str, str]:
    email = who and f"{who}@example.org"
    secret = services.tokens.create("x", scopes or list(Scope), email=email)[1]
    return {"Authorization": f"Bearer {secret}"}


def statuses(client: TestClient, path: str, times: int, **given: Any) -> list[int]:
    method = given.pop("method", "GET")
    return [client.request(method, path, **given).status_code for _ in range(times)]


SEARCH, SUGGEST = "/api/v1/search?q=door", "/api/v1/suggest?q=do"


def test_a_person_has_one_allowance_with_all_their_tokens(limited: Any) -> None:
    services, client, clock = limited(searches_per_minute=2)
    laptop, phone = bearer(services, "ada"), bearer(services, "ada")
    assert statuses(client, SEARCH, 1, headers=laptop) == [200]
    assert statuses(client, SEARCH, 2, headers=phone) == [200, 429]
    assert statuses(client, SEARCH, 1, headers=laptop) == [429]
    assert statuses(client, SEARCH, 2, headers=bearer(services, "ben")) == [200, 200]
    robots = [bearer(services, None), bearer(services, None)]
    for robot in robots:
        assert statuses(client, SEARCH, 3, headers=robot) == [200, 200, 429]
    clock.now += 30
    assert statuses(client, SEARCH, 2, headers=laptop) == [200, 429]


def test_the_refusal_says_when_to_come_again_and_nothing_else(limited: Any) -> None:
    services, client, clock = limited(searches_per_minute=1)
    headers = bearer(services, "ada")
    client.get(SEARCH, headers=headers)
    clock.now += 0.5
    refused = client.get(SEARCH, headers=headers)
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] == "60"
    assert refused.json() == {
        "type": "/problems/too-many",
        "title": "Too Many Requests",
        "status": 429,
        "detail": "you ask too often; try again in 60 s",
    }
    # Whatever it is that is asked; and unknown, forbidden and readable alike.
    for path in ("people?q=vault", "search?q=vault", "search?q=door"):
        assert client.get(f"/api/v1/{path}", headers=headers).json() == refused.json()
    numbers = [client.get(f"/api/v1/documents/{n}", headers=headers) for n in (1, 2, 99)]
    assert {(one.status_code, one.text) for one in numbers} == {(429, numbers[0].text)}
    page = client.get("/?q=vault", headers=headers | {"Accept": "text/html"})
    assert (page.status_code, page.headers["retry-after"]) == (429, "60")


def test_what_is_refused_costs_nothing_more(limited: Any) -> None:
    services, client, clock = limited(searches_per_minute=1)
    headers = bearer(services, "ada")
    assert statuses(client, SEARCH, 50, headers=headers) == [200] + [429] * 49
    clock.now += 60
    assert statuses(client, SEARCH, 1, headers=headers) == [200]


def test_searches_writes_and_imports_count_apart(limited: Any) -> None:
    services, client, _ = limited(searches_per_minute=1, writes_per_minute=1, imports_per_hour=1)
    headers = bearer(services, "ada")
    note = {"title": "T", "body": "B"}
    file = {"file": ("a.md", b"# A\n\nB")}
    write, hand_in = "/api/v1/documents", "/api/v1/imports"
    assert statuses(client, SEARCH, 2, headers=headers) == [200, 429]
    assert statuses(client, write, 2, method="POST", headers=headers, json=note) == [201, 429]
    assert statuses(client, hand_in, 2, method="POST", headers=headers, files=file) == [202, 429]
    with services.database.read():
        assert len(services.imports.unfinished()) == 1


def test_a_recording_counts_as_an_import(limited: Any) -> None:
    services, client, _ = limited(imports_per_hour=1)
    headers, file = bearer(services, "ada"), {"file": ("a.md", b"# A")}
    told = {"method": "POST", "headers": headers, "files": file}
    assert statuses(client, "/write/session", 2, **told) == [422, 429]
    assert statuses(client, "/api/v1/imports", 1, **told) == [429]


def test_a_suggestion_costs_a_fifth(limited: Any) -> None:
    services, client, _ = limited(searches_per_minute=1)
    headers = bearer(services, "ada")
    assert statuses(client, SUGGEST, 6, headers=headers) == [200] * 5 + [429]


def test_the_search_that_a_page_makes_is_one(limited: Any) -> None:
    services, client, _ = limited(searches_per_minute=2)
    found = "/documents/1?find=door"
    headers = bearer(services, "ada")
    assert statuses(client, found, 2, headers=headers) == [200, 429]
    assert statuses(client, "/documents/1", 1, headers=bearer(services, "ben")) == [200]
    # Beside a text that somebody writes there is then nothing, and the text goes on.
    begun = "/write/quick?about=the+door"
    assert statuses(client, begun, 2, headers=headers) == [200, 200]


def test_strangers_are_told_to_wait_and_nobody_else(limited: Any) -> None:
    services, client, _ = limited(refusals_per_minute=3)
    wrong = {"Authorization": "Bearer wk_guess"}
    assert statuses(client, SEARCH, 4, headers=wrong) == [401, 401, 401, 429]
    assert statuses(client, SEARCH, 1) == [429]
    assert statuses(client, SEARCH, 5, headers=bearer(services, "ada")) == [200] * 5
    assert statuses(client, "/livez", 5) == [200] * 5


WAYS_IN = (
    ("GET", "/sign-in/oidc"),
    ("GET", "/sign-in/oidc/callback?state=x&code=y"),
    ("POST", "/sign-in/password"),
    ("GET", "/invitations/x"),
    ("POST", "/invitations/x"),
)


def test_ways_in_are_counted_together_by_where_from(limited: Any) -> None:
    services, client, clock = limited(sign_ins_per_minute=6)
    for method, path in WAYS_IN:
        assert statuses(client, path, 6, method=method) == [404] * 6
        refused = client.request(method, path)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
        clock.now += 60
    # All the addresses of one connection are one caller, another connection is another.
    near, far = (TestClient(client.app, client=(f"2001:db8:0:{part}::7", 1)) for part in ("1", "2"))
    hosts = [TestClient(client.app, client=(f"2001:db8:0:1::{n}", 1)) for n in range(6)]
    assert [statuses(one, "/invitations/x", 1) for one in hosts] == [[404]] * 6
    assert statuses(near, "/invitations/x", 1) == [429]
    assert statuses(far, "/invitations/x", 1) == [404]
    # Whoever is in is not kept from anything.
    assert statuses(client, SEARCH, 5, headers=bearer(services, "ada")) == [200] * 5


def test_at_a_site_each_stranger_has_an_allowance_and_all_have_one(limited: Any) -> None:
    services, client, _ = limited(searches_per_minute=2, site_searches_per_minute=3)
    keys = [services.sites.create(Plan(name, (HERE,)), "operator").key for name in "ab"]
    first, second = ({"X-Site-Key": key, "Origin": HERE} for key in keys)
    assert statuses(client, SEARCH, 3, headers=first) == [200, 200, 429]
    elsewhere = TestClient(client.app, client=("10.0.0.9", 1))
    assert statuses(elsewhere, SEARCH, 2, headers=first) == [200, 429]
    assert statuses(elsewhere, SEARCH, 2, headers=second) == [200, 200]
    refused = client.get(SEARCH, headers=first)
    # The page can read that it has to wait, and how long.
    assert refused.headers["access-control-allow-origin"] == HERE
    assert "Retry-After" in refused.headers["access-control-expose-headers"]


def test_refusals_are_counted(limited: Any) -> None:
    services, _, _ = limited()
    metrics = Metrics(services)
    fairness = Fairness(ServeSettings(**(UNLIMITED | {"writes_per_minute": 1})), metrics)
    fairness.asked(Kind.WRITE, "person:1", None, "")
    with pytest.raises(TooMany):
        fairness.asked(Kind.WRITE, "person:1", None, "")
    assert b'whoknows_requests_rejected_total{limit="caller"} 1.0' in metrics.exposition()

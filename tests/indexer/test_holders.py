"""How many people hold a topic in effect."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from indexer.holders import effective, shares, without
from knowledge.identity import Consent
from knowledge.settings import PeopleSettings
from knowledge.store.topics import Held
from knowledge.types import Contribution, Role

NOW = datetime(2026, 5, 4, tzinfo=UTC)


def made(key: int, *by: tuple[int, Role], age: int = 0, central: float = 1.0) -> Held:
    at = NOW - timedelta(days=age)
    makers = tuple(Contribution(person, "", role, 1.0, at) for person, role in by)
    return Held(key, central, "wiki", at, makers)


def held(*documents: Held, consent: Consent | None = None, **chosen: float) -> dict[int, float]:
    settings = PeopleSettings(share=0.0, **chosen)  # type: ignore[arg-type]
    return shares(documents, consent or Consent(), settings, NOW)


def test_the_effective_number_is_that_of_equal_holders() -> None:
    assert effective({1: 0.25, 2: 0.25, 3: 0.25, 4: 0.25}) == pytest.approx(4)
    assert effective({1: 1.0}) == 1
    assert effective({1: 0.9, 2: 0.1}) == pytest.approx(1 / 0.82)
    assert effective({}) == 0


def test_shares_are_of_roles_documents_and_age() -> None:
    author, endorser = Role.AUTHOR, Role.ENDORSER
    assert held(made(1, (1, author)), made(2, (1, author)), made(3, (2, author))) == pytest.approx(
        {1: 2 / 3, 2: 1 / 3}
    )
    assert held(made(1, (1, author), (2, endorser))) == pytest.approx({1: 1 / 1.2, 2: 0.2 / 1.2})
    # Several roles in one document are one vote.
    assert held(made(1, (1, author), (1, Role.EDITOR)), made(2, (2, author))) == {1: 0.5, 2: 0.5}
    old = held(made(1, (1, author), age=100), made(2, (2, author)), half_life_days=100.0)
    assert old == pytest.approx({1: 1 / 3, 2: 2 / 3})


def test_further_documents_of_one_person_may_count_less() -> None:
    given = [made(key, (1, Role.AUTHOR)) for key in range(3)] + [made(9, (2, Role.AUTHOR))]
    told = shares(given, Consent(), PeopleSettings(share=0.0), NOW, discount=0.5)
    assert told == pytest.approx({1: 1.75 / 2.75, 2: 1 / 2.75})


def test_who_does_not_agree_is_no_holder() -> None:
    given = made(1, (1, Role.AUTHOR)), made(2, (2, Role.AUTHOR), (3, Role.SPEAKER))
    assert held(*given) == {1: 0.5, 2: 0.5}
    assert held(*given, consent=Consent(refused_written=frozenset({1}))) == {2: 1.0}
    assert held(*given, consent=Consent(withdrawn=frozenset({(2, 2)}))) == {1: 1.0}


def test_what_is_not_central_does_not_count() -> None:
    given = made(1, (1, Role.AUTHOR), central=0.5), made(2, (2, Role.AUTHOR), central=-0.1)
    assert held(*given) == {1: 1.0}
    assert held() == {}


def test_without_somebody_the_rest_is_the_whole() -> None:
    assert without({1: 0.5, 2: 0.3, 3: 0.2}, 1) == pytest.approx({2: 0.6, 3: 0.4})
    assert without({1: 1.0}, 1) == {}

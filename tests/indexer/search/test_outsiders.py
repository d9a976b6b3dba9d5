"""Whoever is not signed in finds what is public, and nothing that only the directory says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.services import Services
from indexer.protocols import Filters
from indexer.search.results import Request, SearchResult
from knowledge.errors import InvalidQuery
from knowledge.people import Profile
from knowledge.types import ANYONE, PUBLIC, Audience, Contributor, Principal, Role
from tests.builders import document, opened

INSIDER = Principal(signed_in=True)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[Services]:
    with opened(tmp_path_factory.mktemp("data")) as made:
        made.directory.put(
            Profile("Ada Field-Quill", "ada@example.org", team="Night Watch", title="Warden")
        )
        made.jargon.add("lamp", "lantern", both=True)
        ada = Contributor("Ada Field", Role.AUTHOR, email="ada@example.org")
        given = [
            document(str(n), f"The lantern {n} burns oil.", audience=Audience.of(PUBLIC))
            for n in range(3)
        ]
        given[0] = document(
            "0", "The lantern 0 burns oil.", audience=Audience.of(PUBLIC), contributors=(ada,)
        )
        assert len(list(made.capture.ingest(given))) == 3
        yield made


def ask(services: Services, query: str, principal: Principal) -> SearchResult:
    return services.pipeline.search(Request(query), principal)


def test_of_people_no_more_is_told_than_how_they_are_called(services: Services) -> None:
    (inside,) = ask(services, "lantern burns oil", INSIDER).people
    (outside,) = ask(services, "lantern burns oil", ANYONE).people
    assert (inside.person.name, inside.person.team) == ("Ada Field-Quill", "Night Watch")
    assert (outside.person.name, outside.person.team, outside.person.title) == (
        "Ada Field-Quill",
        None,
        None,
    )
    person = services.profiles.show(outside.person.id, ANYONE).person
    assert (person.name, person.team, person.title) == ("Ada Field-Quill", None, None)


def test_teams_are_counted_for_those_who_are_signed_in(services: Services) -> None:
    assert ask(services, "lantern", INSIDER).facets["team"] == {"Night Watch": 3}
    assert "team" not in ask(services, "lantern", ANYONE).facets


def test_a_team_narrows_nothing_for_others(services: Services) -> None:
    inside = ask(services, "lantern in the Night Watch team", INSIDER)
    assert [one.field for one in inside.understood] == ["team"]
    assert ask(services, "lantern in the Night Watch team", ANYONE).understood == ()
    for request in (
        Request("lantern team:Nobody"),
        Request('lantern team:"Night Watch"'),
        Request("lantern", filters=Filters(team=frozenset({"Night Watch"}))),
    ):
        with pytest.raises(InvalidQuery, match="for those who are signed in"):
            services.pipeline.search(request, ANYONE)


def test_what_administrators_teach_is_for_those_who_are_signed_in(services: Services) -> None:
    def best(principal: Principal) -> float:
        return max(hit.features.score for hit in ask(services, "lamp", principal).answers)

    assert best(INSIDER) > best(ANYONE)

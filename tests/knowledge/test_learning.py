"""Who would teach meets who wants to learn, and oneself is told what one could teach."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.identity import OfferKind
from knowledge.types import Audience, Contributor, Role
from tests.builders import disable, document
from tests.knowledge.test_meetings import ADA, BEN, CLEO, DAN, EVE, Company

TEACH, LEARN = OfferKind.TEACH, OfferKind.LEARN
HERS = (Contributor("Ada Field", Role.AUTHOR, email="ada@example.org"),)


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    made = Company(tmp_path / "data")
    yield made
    made.services.close()


def test_the_two_halves_of_a_topic_meet(company: Company) -> None:
    add, of = company.services.offers.add, company.services.learners.of
    add(ADA, TEACH, "Glazing")
    add(ADA, LEARN, "Throwing")
    for person in (BEN, CLEO):
        add(person, LEARN, " glazing ")
    add(DAN, TEACH, "throwing")
    add(EVE, TEACH, "Glazing")
    told = of(company.who(ADA))
    ((learners,), (teachers,)) = told.learners, told.teachers
    assert (learners.topic, learners.count) == ("Glazing", 2)
    assert [one.name for one in learners.people] == ["Ben Osei", "Cleo Marsh"]
    assert (teachers.topic, [one.id for one in teachers.people]) == ("Throwing", [DAN])
    # Who left neither learns nor teaches.
    disable(company.services, BEN)
    assert of(company.who(ADA)).learners[0].count == 1
    assert {one.id for one in of(company.who(CLEO)).teachers[0].people} == {ADA, EVE}
    assert of(company.who(DAN)).learners[0].people[0].id == ADA


def test_the_halves_meet_in_other_words(company: Company) -> None:
    add, of = company.services.offers.add, company.services.learners.of
    add(ADA, TEACH, "writing good runbooks")
    add(CLEO, LEARN, "Writing good runbooks, please")
    add(BEN, LEARN, "writing good runbooks")
    add(DAN, LEARN, "glazing")
    (match,) = of(company.who(ADA)).learners
    # Those who say it in the same words come first.
    assert [one.id for one in match.people] == [BEN, CLEO]
    assert (match.count, match.also) == (2, ("Writing good runbooks, please",))
    (other,) = of(company.who(CLEO)).teachers
    assert ([one.id for one in other.people], other.also) == ([ADA], ("writing good runbooks",))
    assert of(company.who(DAN)).teachers == ()
    disable(company.services, CLEO)
    assert of(company.who(ADA)).learners[0].also == ()


def test_two_records_of_one_person_are_one(company: Company) -> None:
    add = company.services.offers.add
    add(ADA, TEACH, "Glazing")
    add(BEN, LEARN, "Glazing")
    add(EVE, LEARN, "Glazing")
    company.services.merging.merge(EVE, BEN, force=True)
    assert company.services.learners.of(company.who(ADA)).learners[0].count == 1


def test_what_one_is_known_for_is_suggested_to_oneself(company: Company) -> None:
    save = company.services.capture.save
    save(document("a", "Open it late.", contributors=HERS, tags=("damper", "kiln")))
    closed = Audience.of("group:board")
    save(document("b", "Secret.", contributors=HERS, tags=("vault",), audience=closed))
    of = company.services.learners.of
    assert set(of(company.who(ADA)).suggested) == {"damper", "kiln"}
    company.services.offers.add(ADA, TEACH, "Damper")
    assert of(company.who(ADA)).suggested == ("kiln",)
    assert of(company.who(BEN)).suggested == ()

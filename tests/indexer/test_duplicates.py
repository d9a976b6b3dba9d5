"""What is there twice is found among all that somebody may read, in stretches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.services import Services
from indexer import duplicates
from indexer.duplicates import Stretch
from knowledge.people import Profile
from knowledge.types import Audience
from tests.builders import document, opened

TEXT = "Stack the kiln loosely, close the door, fire it for nine hours and wait until number {}."
OTHERS = (
    "Glaze the pots thinly and let them dry on the shelf overnight.",
    "The ledger drains its queue by itself each morning at six.",
    "Ask the porter for a key of the printer room before noon.",
)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path) as made:
        made.directory.put(Profile("Ada Field", "ada@example.org", groups=("vault",)))
        made.directory.put(Profile("Ben Osei", "ben@example.org"))
        yield made


def fill(services: Services) -> None:
    """The oldest document and the newest are alike, and two others between."""
    texts = [TEXT.format("one"), OTHERS[0], OTHERS[1], OTHERS[1] + " Really.", OTHERS[2]]
    for number, text in enumerate([*texts, TEXT.format("two")]):
        services.capture.save(document(f"d{number}", text))


def stretches(services: Services, name: str) -> list[Stretch]:
    """All of them, as somebody comes through them."""
    principal = services.principal(f"{name}@example.org")
    found = [services.duplicates.stretch(principal)]
    while (below := found[-1].following) is not None:
        found.append(services.duplicates.stretch(principal, below))
    return found


def pairs(found: list[Stretch]) -> list[tuple[int, int]]:
    return [(pair.one.id, pair.other.id) for one in found for pair in one.pairs]


def test_few_documents_are_all_looked_at_at_once(services: Services) -> None:
    (empty,) = stretches(services, "ben")
    assert (empty.pairs, empty.looked_at, empty.documents) == ((), 0, 0)
    fill(services)
    (whole,) = stretches(services, "ben")
    assert (whole.first, whole.looked_at, whole.documents) == (1, 6, 6)
    assert sorted(pairs([whole])) == [(1, 6), (3, 4)]


def test_many_are_looked_at_in_stretches_and_each_pair_is_told_once(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(services)
    monkeypatch.setattr(duplicates, "MOST", 2)
    found = stretches(services, "ben")
    assert [(one.first, one.looked_at, one.documents) for one in found] == [
        (1, 2, 6),
        (3, 4, 6),
        (5, 6, 6),
    ]
    assert pairs(found) == [(1, 6), (3, 4)]


def test_the_more_passages_there_are_the_fewer_documents_a_stretch_has(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(services)
    monkeypatch.setattr(duplicates, "COMPARED", 6 * 4)
    monkeypatch.setattr(duplicates, "FEWEST", 1)
    assert [one.looked_at for one in stretches(services, "ben")] == [4, 6]
    monkeypatch.setattr(duplicates, "FEWEST", 5)
    assert [one.looked_at for one in stretches(services, "ben")] == [5, 6]


def test_a_stretch_ends_where_there_is_enough_to_look_at(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        services.capture.save(document(f"d{number}", TEXT.format(number)))
    monkeypatch.setattr(duplicates, "SHOWN", 3)
    found = stretches(services, "ben")
    assert [one.looked_at for one in found] == [1, 3, 4]
    assert [len(one.pairs) for one in found] == [3, 3, 0]
    assert len(set(pairs(found))) == 6


def test_what_one_may_not_read_is_neither_told_nor_counted(services: Services) -> None:
    fill(services)
    before = stretches(services, "ben")
    secret = document("secret", TEXT.format("three"), audience=Audience.of("group:vault"))
    services.capture.save(secret)
    assert stretches(services, "ben") == before
    (more,) = stretches(services, "ada")
    assert (more.documents, sorted(pairs([more]))) == (7, [(1, 6), (1, 7), (3, 4), (6, 7)])

"""Which documents are of one topic, and that nobody's topics tell of what they may not read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.services import Services
from indexer import topic_finding, topics
from indexer.topic_finding import clusters, matched
from knowledge.store import topics as store
from knowledge.types import EVERYONE, OPERATOR, PUBLIC, Audience, Contributor, Principal, Role
from tests.builders import document, opened

NOW = datetime(2026, 5, 4, tzinfo=UTC)
CLAY, SHIPS = "kiln clay glaze pottery", "sail harbour anchor ship"


def rows(*angles: float) -> np.ndarray:
    """Rows of length 1 in a plane."""
    made = np.zeros((len(angles), 8), dtype=np.float32)
    made[:, 0], made[:, 1] = np.cos(angles), np.sin(angles)
    return made


def test_what_is_near_is_of_one_topic_and_always_of_the_same() -> None:
    matrix = rows(0.0, 0.05, 0.1, 1.5, 1.55)
    found = clusters(matrix, [1] * 5)
    assert [one.rows for one in found] == [(0, 1, 2), (3, 4)]
    again = clusters(matrix, [1] * 5)
    assert all(np.array_equal(a.centre, b.centre) for a, b in zip(found, again, strict=True))
    assert clusters(rows(), []) == []


@pytest.mark.parametrize(
    ("seed", "sizes"),
    [(1, [6, *range(10, 34, 2)]), (2, [5] + [25] * 10), (3, [4] + [20] * 12)],
)
def test_a_small_topic_is_not_swallowed_by_a_large_one(seed: int, sizes: list[int]) -> None:
    """Which it is in these cases where the first middles are drawn at random."""
    chance, parts = np.random.default_rng(seed), []
    for at, size in enumerate(sizes):
        part = chance.normal(0, 0.05, (size, 32)).astype(np.float32)
        part[:, at] += 1
        parts.append(part / np.linalg.norm(part, axis=1, keepdims=True))
    small = set(range(sizes[0]))
    for one in clusters(np.concatenate(parts), [1] * sum(sizes)):
        assert not small & set(one.rows) or small >= set(one.rows)


def test_what_fewer_read_changes_no_topic_of_what_more_read() -> None:
    shared = rows(0.0, 0.05, 0.1, 1.5, 1.55)
    before = clusters(shared, [1] * 5)
    matrix = np.concatenate([shared, rows(0.05, 0.7, 0.75, 0.8)])
    found = clusters(matrix, [1] * 5 + [9] * 4)
    for one, other in zip(before, found, strict=False):
        assert np.array_equal(one.centre, other.centre)
        assert one.rows == tuple(row for row in other.rows if row < 5)
        assert one.formed == other.formed
    # The first joins what it is near to, the others are a topic of their own.
    assert 5 in found[0].rows
    assert {row for one in found[2:] for row in one.rows} == {6, 7, 8}


def test_two_audiences_have_no_say_in_each_other_s_topics() -> None:
    matrix = np.concatenate([rows(0.0, 0.05, 0.1), rows(1.5, 1.52, 1.54), rows(1.5, 1.52, 1.54)])
    found = clusters(matrix, [1] * 3 + [7] * 3 + [8] * 3)
    owners = [{[1, 7, 8][row // 3] for row in one.rows} for one in found]
    assert all(len(one) == 1 for one in owners)


def test_few_that_only_some_read_join_the_nearest() -> None:
    found = clusters(rows(0.0, 0.05, 0.1, 1.5), [1, 1, 1, 7])
    assert 3 in {row for one in found for row in one.rows}
    assert all(3 not in one.formed for one in found)
    # Where there is nothing that more read, they are a topic.
    assert [one.rows for one in clusters(rows(0.0), [7])] == [(0,)]


def test_a_topic_goes_on_as_the_one_that_it_shares_most_with() -> None:
    old = {1: {1, 2, 3, 4}, 2: {5, 6, 7, 8}}
    assert matched(old, [{5, 6, 7}, {1, 2, 3, 4, 9}, {10}]) == [2, 1, None]
    # Of two halves only one goes on; what shares less than a third is another.
    assert matched(old, [{1, 2}, {3, 4}]) == [1, None]
    assert matched(old, [{1, 20, 21, 22}]) == [None]
    assert matched({}, [{1}]) == [None]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path) as made:
        for number in range(6):
            made.capture.save(document(f"c{number}", CLAY, title=f"Clay {CLAY}"))
            made.capture.save(document(f"s{number}", SHIPS, title=f"Ships {SHIPS}"))
        yield made


def names(services: Services) -> dict[int, str]:
    return {one.id: one.name for one in services.topics.all_of_them(OPERATOR, admin=True)}


def test_ids_names_and_stewards_outlast_a_run(services: Services) -> None:
    services.topics.refresh()
    before = names(services)
    assert before
    services.stewardship.change(1, OPERATOR, "operator", name="  Our  pots ", steward_id=1)
    for number in range(3):
        services.capture.save(document(f"more{number}", CLAY, title="Clay"))
    services.topics.refresh()
    after = services.topics.all_of_them(OPERATOR, admin=True)
    told = {one.id: one for one in after}
    assert told[1].name == "Our pots"
    assert told[1].called
    assert told[1].steward is not None
    assert told.keys() >= before.keys() - {max(before)}


def test_who_holds_the_topic_of_a_question_is_told_by_what_a_reader_may_read(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert services.topics.holding("kiln", OPERATOR) == frozenset()  # none were found yet
    ben = Contributor("Ben Osei", Role.AUTHOR, email="ben@example.org")
    closed = Audience.of("group:fleet")
    services.capture.save(document("b", CLAY, title=f"Clay {CLAY}", contributors=(ben,)))
    services.capture.save(document("x", SHIPS, contributors=(ben,), audience=closed))
    services.topics.refresh()
    reader, fleet = (
        Principal(signed_in=True),
        Principal(signed_in=True, groups=frozenset({"fleet"})),
    )
    assert services.topics.holding("How is a kiln glazed?", reader) == {1, 2}
    assert services.topics.holding("Where is the anchor of a ship?", reader) == {1}
    assert services.topics.holding("Where is the anchor of a ship?", fleet) == {1, 2}
    # However much somebody else writes, it leaves him a part.
    for number in range(20):
        services.capture.save(document(f"more{number}", CLAY, title=f"Clay {CLAY}"))
    services.topics.refresh()
    assert services.topics.holding("How is a kiln glazed?", reader) == {1, 2}
    monkeypatch.setattr(topics, "HELD_FROM", 0.5)
    assert services.topics.holding("How is a kiln glazed?", reader) == {1}


def test_a_topic_that_is_gone_is_retired_and_a_new_one_gets_another_id(services: Services) -> None:
    services.topics.refresh()
    with services.database.read() as connection:
        last = max(store.forming(connection))
    for number in range(1, 13):
        services.capture.delete(number)
    assert names(services) == {}
    services.topics.refresh()
    assert names(services) == {}
    services.capture.save(document("new", "A wholly other thing."))
    services.topics.refresh()
    assert list(names(services)) == [last + 1]


def test_topics_are_looked_for_once_a_day_and_where_there_is_enough(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not services.stewardship.due()
    monkeypatch.setattr("knowledge.topics.FEWEST", 12)
    assert services.stewardship.due()
    services.topics.refresh()
    assert not services.stewardship.due()


def test_a_changed_text_lends_no_name_until_it_is_looked_at_again(services: Services) -> None:
    services.topics.refresh()
    before = names(services)
    for number in range(6):
        services.capture.save(document(f"c{number}", "Quicksilver.", title="Mercury"))
        services.capture.save(document(f"s{number}", "Quicksilver.", title="Mercury"))
    assert names(services) == {key: f"Topic {key}" for key in before}
    services.topics.refresh()
    assert "mercury" in " ".join(names(services).values())


def test_levels_are_what_anybody_everybody_and_some_may_read(tmp_path: Path) -> None:
    given = [
        Audience.of(PUBLIC),
        Audience.of([PUBLIC, "group:a"]),
        Audience.of(EVERYONE),
        Audience.of(EVERYONE, PUBLIC),
        Audience.of(EVERYONE, "group:a"),
        Audience.of("group:a"),
    ]
    with opened(tmp_path) as services:
        for number, audience in enumerate(given):
            services.capture.save(document(str(number), "x", audience=audience))
        with services.database.read() as connection:
            levels = [one.level for one in store.stored(connection)]
    assert levels[:4] == [0, 0, 1, 1]
    assert levels[4] != levels[5]
    assert min(levels[4:]) > 1


def test_what_was_read_before_somebody_was_erased_is_not_kept(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        services.capture.save(document(f"c{number}", f"{CLAY} wobbegong"))
    key = services.merging.find("ada@example.org")
    real, done = topic_finding.clusters, []

    def clusters_meanwhile(*given: Any) -> Any:
        if not done:
            done.append(services.erasing.erase(key))
        return real(*given)

    monkeypatch.setattr(topic_finding, "clusters", clusters_meanwhile)
    read = topic_finding._read
    times: list[int] = []
    monkeypatch.setattr(topic_finding, "_read", lambda *g: times.append(1) or read(*g))
    services.topics.refresh()
    assert len(times) == 2

"""The catalog against a dictionary of what was put in, filtered one entry at a time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from indexer import catalog
from indexer.catalog import Catalog, CatalogEntry
from indexer.protocols import Filters
from knowledge.errors import IndexDamaged
from knowledge.words import words

DAY = 86_400
CALLED = {person: (f"Ada Nº{person}", f"Zoë {person}", f"ada_{person}") for person in range(1, 10)}


def made(chance: random.Random, document_id: int, first: int) -> CatalogEntry:
    facets = {f"kind:{chance.choice(['note', 'writeup'])}", f"source:{chance.choice('XYZ')}"}
    facets |= {
        f"tag:{tag}" for tag in chance.sample(["Ärger", "ops", "Birds"], chance.randint(0, 3))
    }
    passages = list(range(first, first + chance.randint(0, 4)))
    chance.shuffle(passages)  # text order need not be that of the ids
    makers = tuple(
        (
            chance.randint(1, 9),
            chance.choice(["author", "speaker"]),
            chance.choice([0, 3 * DAY]),
            chance.choice([1.0, 1 / 3]),
        )
        for _ in range(chance.randint(0, 2))
    )
    names = {(person, chance.choice(CALLED[person])) for person, *_ in makers}
    return CatalogEntry(
        document_id,
        chance.randint(1, 5),
        f"source-{chance.randint(1, 3)}",
        tuple(sorted(facets)),
        chance.choice([0, DAY, 2 * DAY, 3 * DAY]),
        tuple(passages),
        makers,
        tuple(sorted(names)),
        tuple(chance.sample(["backup", "author", "tag:ops", "ärger"], chance.randint(0, 3))),
    )


def at(days: int) -> datetime:
    return datetime.fromtimestamp(days * DAY, UTC)


ASKED = (
    Filters(),
    Filters(audiences=frozenset()),
    Filters(audiences=frozenset({1, 2, 77})),
    Filters(document=frozenset({3, 4, 999})),
    Filters(kind=frozenset({"note"})),
    Filters(kind=frozenset({"note", "writeup"})),
    Filters(source=frozenset({"x", "Y"})),
    Filters(tag=frozenset({"ärger"}), audiences=frozenset({1, 2, 3, 4})),
    Filters(tag=frozenset({"nobody's"})),
    Filters(updated_after=at(2)),
    Filters(updated_before=at(2)),
    Filters(updated_after=at(1), updated_before=at(3), kind=frozenset({"note"})),
)


def passes(entry: CatalogEntry, filters: Filters) -> bool:
    facets = {facet.lower() for facet in entry.facets}
    for field in ("kind", "source", "tag"):
        wanted = getattr(filters, field)
        if wanted and not facets & {f"{field}:{value}".lower() for value in wanted}:
            return False
    if filters.audiences is not None and entry.audience_id not in filters.audiences:
        return False
    if filters.document and entry.document_id not in filters.document:
        return False
    after, before = filters.updated_after, filters.updated_before
    known = entry.updated_at != 0
    if after and not (known and entry.updated_at >= after.timestamp()):
        return False
    return not (before and not (known and entry.updated_at < before.timestamp()))


def holders(
    expected: dict[int, CatalogEntry], scope: frozenset[int] | None
) -> Iterator[CatalogEntry]:
    return (e for e in expected.values() if scope is None or e.audience_id in scope)


def assert_same(held: Catalog, expected: dict[int, CatalogEntry]) -> None:
    owners = {p: e.document_id for e in expected.values() for p in e.passages}
    ids = np.array(sorted(owners), dtype=np.int64)
    assert len(held) == len(expected)
    assert held.passage_ids().tolist() == ids.tolist()
    assert held.documents_of(ids).tolist() == [owners[key] for key in ids.tolist()]
    assert held.entries(expected) == expected
    for filters in ASKED:
        allowed = held.allowed(filters)
        passing = [e for e in expected.values() if passes(e, filters)]
        if len(passing) == len(expected):
            assert allowed is None
        else:
            assert allowed is not None
            assert allowed.tolist() == sorted(p for e in passing for p in e.passages)
    for scope in (None, frozenset[int](), frozenset({1, 2, 77}), frozenset({3})):
        seen = list(holders(expected, scope))
        facets = {facet.lower() for entry in seen for facet in entry.facets}
        for field, value in (("tag", "ärger"), ("KIND", "Note"), ("tag", "none"), ("source", "x")):
            assert held.holds(field, value, scope) == (f"{field}:{value}".lower() in facets)
        for key in ("ada", "zoe", "zoe 3", "ada no3", "ada_3", "3", "ada no", "nobody", ""):
            assert held.people(key, scope) == {
                person
                for entry in seen
                for person, name in entry.names
                if key and key in (" ".join(words(name)), words(name)[0])
            }


@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_a_dictionary_through_random_changes(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "_PENDING", 7)
    chance = random.Random(seed)
    held, expected = Catalog(), dict[int, CatalogEntry]()
    for step in range(120):
        key = chance.randint(1, 40)
        if chance.random() < 0.3:
            held.remove(key)
            expected.pop(key, None)
        else:
            expected[key] = made(chance, key, 10 * step)
            held.put(expected[key])
        entry = expected.get(chance.randint(1, 40))
        if entry is not None:
            assert held.passages_of(entry.document_id) == entry.passages
        assert held.passages_of(999) == ()
        if step % 9 == 8:
            assert_same(held, expected)
        if step % 40 == 39:
            held.save(tmp_path / "catalog")
            held = Catalog()
            held.load(tmp_path / "catalog")
            assert_same(held, expected)


def test_what_was_just_put_in_is_saved(tmp_path: Path) -> None:
    held, entry = Catalog(), made(random.Random(1), 1, 1)
    held.put(entry)
    held.save(tmp_path / "catalog")
    again = Catalog()
    again.load(tmp_path / "catalog")
    assert_same(again, {1: entry})


def test_a_file_holds_any_label_and_nothing_of_what_was_removed(tmp_path: Path) -> None:
    held = Catalog()
    odd = CatalogEntry(
        2, 1, "two\nlines", ("tag:\ud800", "tag:a\0b"), 0, (9,), (), ((4, "Zoë\n"),), ("odd",)
    )
    held.put(
        CatalogEntry(1, 1, "wiki", ("tag:layoffs",), 0, (8,), (), ((5, "Ada Field"),), ("merger",))
    )
    held.put(odd)
    held.passage_ids()
    held.remove(1)
    held.save(tmp_path / "catalog")
    again = Catalog()
    again.load(tmp_path / "catalog")
    assert again.entry(2) == odd
    assert again.people("zoe", None) == {4}
    told = (tmp_path / "catalog").read_bytes()
    assert not [word for word in (b"layoffs", b"Ada Field", b"wiki", b"merger") if word in told]


def test_an_unknown_document() -> None:
    held = Catalog()
    with pytest.raises(KeyError):
        held.entry(1)
    held.put(made(random.Random(1), 2, 1))
    for unknown in (1, 3):
        with pytest.raises(KeyError):
            held.entries([2, unknown])


def test_the_same_answer_is_the_same_object_until_something_changes() -> None:
    chance, held = random.Random(1), Catalog()
    for key in range(1, 30):
        held.put(made(chance, key, 10 * key))
    filters = Filters(audiences=frozenset({1}))
    first = held.allowed(filters)
    assert held.allowed(Filters(audiences=frozenset({1}))) is first
    held.put(made(chance, 30, 300))
    assert held.allowed(filters) is not first


def test_answers_are_given_up_when_they_take_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    chance, held = random.Random(1), Catalog()
    for key in range(1, 200):
        held.put(made(chance, key, 10 * key))
    monkeypatch.setattr(catalog, "_KEPT_IDS", 100)
    for day in range(3):
        for audience in range(1, 6):
            held.allowed(Filters(audiences=frozenset({audience}), updated_after=at(day)))
            kept = [ids for ids in held._allowed.values() if ids is not None]
            assert sum(ids.size for ids in kept) <= max(100, *(ids.size for ids in kept))


def test_readers_together_settle_what_a_writer_left() -> None:
    chance = random.Random(3)
    for _ in range(20):
        held = Catalog()
        expected = {key: made(chance, key, 10 * key) for key in range(1, 60)}
        for entry in expected.values():
            held.put(entry)
        with ThreadPoolExecutor(4) as pool:
            for task in [pool.submit(assert_same, held, expected) for _ in range(4)]:
                task.result()


@pytest.mark.parametrize("content", [b"", b"PK no archive", b"{}\n"])
def test_a_file_that_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "catalog").write_bytes(content)
    with pytest.raises(IndexDamaged):
        Catalog().load(tmp_path / "catalog")

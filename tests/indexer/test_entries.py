"""What the catalog is given of a document."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from indexer.columns import CatalogEntry
from indexer.entries import entry_of
from knowledge.types import Contribution, Contributor, Document, Kind, Passage, Role
from tests.builders import document, opened

PAGE = Document(1, "wiki", "ops/backup.md", "Backups at night", Kind.WRITEUP, 3, 1)


def made(stored: Document, text: str = "", *contributions: Contribution) -> CatalogEntry:
    passages = [Passage(7, stored.id, 0, (), 0, len(text), text)] if text else []
    return entry_of(replace(stored, contributions=contributions), passages, {}, str.split)


def shares(*made_by: tuple[int, Role, float]) -> list[float]:
    contributions = [Contribution(key, f"P{key}", role, weight) for key, role, weight in made_by]
    return [share for *_, share in made(PAGE, "", *contributions).makers]


def test_shares_are_parts_of_all_weights() -> None:
    assert shares((1, Role.AUTHOR, 30.0), (2, Role.EDITOR, 10.0)) == [0.75, 0.25]
    assert shares((1, Role.AUTHOR, 1.0), (1, Role.EDITOR, 1.0)) == [0.5, 0.5]
    assert shares((1, Role.AUTHOR, 5e-9)) == [1.0]
    assert shares() == []


def test_endorsers_take_no_part() -> None:
    told = shares((1, Role.AUTHOR, 3.0), (2, Role.ENDORSER, 9.0), (3, Role.EDITOR, 1.0))
    assert told == [0.75, 1.0, 0.25]
    assert shares((2, Role.ENDORSER, 0.0)) == [1.0]


@pytest.mark.parametrize("unknown", [0.0, -1.0, float("nan"), float("inf")])
def test_an_unknown_weight_counts_equally(unknown: float) -> None:
    assert shares((1, Role.AUTHOR, unknown), (2, Role.AUTHOR, unknown)) == [0.5, 0.5]
    told = shares((1, Role.AUTHOR, 30.0), (2, Role.AUTHOR, 10.0), (3, Role.AUTHOR, unknown))
    assert told == pytest.approx([0.5, 1 / 6, 1 / 3])


def test_a_title_is_its_words_each_once_unless_it_says_nothing() -> None:
    twice = replace(PAGE, title="night by night")
    assert made(PAGE, "Tapes are kept.").title == ("Backups", "at", "night")
    assert made(twice).title == ("night", "by")
    assert made(PAGE, "Backups at night are kept.").title == ()
    assert made(PAGE, "# Backups at night\n\nThey are kept.").title == ("Backups", "at", "night")
    assert made(replace(PAGE, title="backup.md"), "Tapes are kept.").title == ()


def test_the_index_holds_shares_and_words_of_titles(tmp_path: Path) -> None:
    ada = Contributor("Ada Field", Role.AUTHOR, email="ada@example.org", weight=3)
    ben = Contributor("Ben Osei", Role.EDITOR, email="ben@example.org", weight=1)
    with opened(tmp_path) as services:
        page = document("a", "Tapes.", title="Restoring Übungen", contributors=(ada, ben))
        key = services.capture.save(page).document_id or 0
        for _ in range(2):
            with services.index.reading() as view:
                entry = view.catalog.entry(key)
            told = [(role, share) for _, role, _, share in entry.makers]
            assert told == [("author", 0.75), ("editor", 0.25)]
            assert entry.title == tuple(services.index.analyze("Restoring Übungen"))
            services.index.save()
            services.index._discard()
            services.index._open_snapshot()
        assert services.index.saved_sequence == services.index.sequence

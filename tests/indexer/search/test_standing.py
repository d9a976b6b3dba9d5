"""The order in which documents are shown, and what each part of a score is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from indexer.catalog import CatalogEntry
from indexer.search import standing
from indexer.search.candidates import Candidates
from knowledge.settings import SearchSettings
from knowledge.types import Document, Kind, Level, Passage


def candidates(*scores: tuple[int, float]) -> Candidates:
    """(document, score), best first; half of each score is its meaning's."""
    values = np.array([score for _, score in scores])
    return Candidates(
        ids=np.arange(len(scores)) + 1,
        owners=np.array([owner for owner, _ in scores]),
        score=values,
        meaning=values / 2,
        words=values / 2,
        vote=values,
        cosine=values.astype(np.float32) / 4,
        bm25=values.astype(np.float32),
        searched=10,
        stages=(),
    )


def entries(**titles: Sequence[str]) -> dict[int, CatalogEntry]:
    return {
        int(key[1:]): CatalogEntry(int(key[1:]), 1, "wiki", (), 0, (), (), (), tuple(title))
        for key, title in titles.items()
    }


def test_a_document_stands_by_its_best_passage() -> None:
    found = candidates((7, 3.0), (8, 2.0), (7, 0.5))
    held = entries(d7=(), d8=())
    ordered = standing.documents(found, [0, 1, 2], ["vault"], held, SearchSettings())
    assert [one.at for one in ordered] == [0, 1]


def test_further_passages_and_titles_are_added_and_told() -> None:
    found = candidates((7, 3.0), (8, 2.9), (8, 2.0), (9, 1.0))
    held = entries(d7=(), d8=(), d9=("vault",))
    settings = SearchSettings(support=0.2, title=1.0)
    ordered = standing.documents(found, [0, 1, 2, 3], ["vault"], held, settings)
    assert [one.at for one in ordered] == [1, 0, 3]
    assert ordered[0].further == pytest.approx(0.2)
    assert ordered[2].title == pytest.approx(1.0)
    features = found.features(1, ordered[0].further, 0.0)
    assert features.score == pytest.approx(2.9 + 0.2)
    assert features.meaning == features.words == pytest.approx(1.45)


def test_a_title_can_put_a_document_first() -> None:
    found = candidates((7, 3.0), (8, 2.5))
    held = entries(d7=(), d8=("vault",))
    ordered = standing.documents(found, [0, 1], ["vault"], held, SearchSettings(title=1.0))
    assert [one.at for one in ordered] == [1, 0]


def test_inside_a_document_every_passage_stands_for_itself() -> None:
    assert [one.at for one in standing.passages([4, 0, 1])] == [4, 0, 1]


def test_what_neighbours_add_is_told() -> None:
    found = candidates((7, 3.0), (7, 2.0))
    raised = replace(found, score=found.score + 0.3)
    features = raised.features(0, 0.0, 0.0)
    assert features.neighbours == pytest.approx(0.3)
    assert features.score == pytest.approx(3.3)


def of_levels(**levels: str) -> dict[int, CatalogEntry]:
    return {
        int(key[1:]): CatalogEntry(int(key[1:]), 1, "wiki", (f"level:{told}",), 0, (), (), (), ())
        for key, told in levels.items()
    }


def test_what_is_written_for_the_reader_passes_only_what_is_about_as_good() -> None:
    found = candidates((7, 3.0), (8, 2.9), (9, 2.5))
    held = of_levels(d7="expert", d8="newcomer", d9="newcomer")
    settings = SearchSettings(level=0.15)

    def order(reader: Level | None) -> list[tuple[int, float]]:
        ordered = standing.documents(found, [0, 1, 2], ["x"], held, settings, reader)
        return [(one.at, one.level) for one in ordered]

    assert order(Level.NEWCOMER) == [(1, 0.15), (0, 0.0), (2, 0.15)]
    assert order(Level.EXPERT) == [(0, 0.15), (1, 0.0), (2, 0.0)]
    assert order(None) == order(Level.PRACTITIONER) == [(0, 0.0), (1, 0.0), (2, 0.0)]


def test_a_level_is_part_of_the_score() -> None:
    found = candidates((7, 3.0), (8, 2.9))
    held = of_levels(d7="expert", d8="newcomer")
    ordered = standing.documents(found, [0, 1], ["x"], held, SearchSettings(), Level.NEWCOMER)
    passages = {key: Passage(key, owner, 0, (), 0, 1, "x") for key, owner in ((1, 7), (2, 8))}
    texts = {key: Document(key, "wiki", "x", "x", Kind.NOTE, 1, 1) for key in (7, 8)}
    first, second = standing.hits(found, ordered, passages, texts)
    assert (first.document.id, first.features.level) == (8, SearchSettings().level)
    assert first.features.score == pytest.approx(2.9 + SearchSettings().level)
    assert second.features.level == 0

"""The ablation bench: that its first way is the search's own, and what it says of the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api import judging
from api.evaluated import EvaluatedSystem
from benchmarks import samples
from benchmarks.ablations import arrangement, transfer, variants
from benchmarks.ablations.arrangement import PRODUCTION
from benchmarks.ablations.compare import Measured, measure, rows
from benchmarks.ablations.material import Material, collect
from benchmarks.ablations.variants import Stage
from indexer import evaluation, judged
from indexer.search.results import SearchResult
from knowledge.settings import load_settings

DEPTH = evaluation.DEPTH


@pytest.fixture(scope="module")
def asked() -> Iterator[tuple[Material, dict[str, SearchResult]]]:
    """The sample company's candidates, and what the search itself gives."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHOKNOWS_EMBEDDER", "hashing")
        collection = judged.load(samples.CORPUS.parent)
        with judging.fresh(load_settings(), collection) as services:
            items = list(judging.documents(collection))
            system = EvaluatedSystem(services)
            evaluation.ingest(system, items, lambda what, done, of: None)
            ids = system.document_ids()
            given = {
                query.id: system.search(evaluation.request(query, ids, DEPTH))
                for query in collection.queries
            }
            yield collect(services, collection, evaluation.newest(items)), given


@pytest.mark.slow
def test_the_first_way_is_the_search_s_own(
    asked: tuple[Material, dict[str, SearchResult]],
) -> None:
    material, given = asked
    for one in material.asked:
        theirs = [hit.document.id for hit in given[one.query.id].answers]
        ours = arrangement.answers(one, PRODUCTION, material)
        # The search leaves out what says the same again.
        assert [key for key in ours if key in set(theirs)] == theirs
        ranked = arrangement.people(one, PRODUCTION, material)[:DEPTH]
        assert ranked == [hit.person.id for hit in given[one.query.id].people]


def test_every_stage_begins_with_production_s_way() -> None:
    for stage in variants.stages():
        first = next(iter(stage.ways.values()))
        assert first == PRODUCTION, stage.name
        assert len(set(stage.ways.values())) == len(stage.ways), stage.name


@pytest.mark.slow
def test_ways_are_compared_query_by_query(
    asked: tuple[Material, dict[str, SearchResult]],
) -> None:
    material, _ = asked
    stages = [s for s in variants.stages() if s.name in ("retrievers", "vote rule")]
    held: Measured = {}
    measure(material, stages, held)
    made = rows(held, stages)
    own = [row for row in made if row.way in ("both", "capped")]
    assert own
    assert all(row.p is None and row.gain == 0 for row in own)
    others = [row for row in made if row.p is not None]
    assert any(row.gain for row in others)
    assert all(0 < (row.p or 0) <= 1 for row in others)
    means = {(row.task, row.way, row.measure): row.mean for row in made}
    run = {
        one.query.id: [
            material.names[key] for key in arrangement.answers(one, PRODUCTION, material)[:DEPTH]
        ]
        for one in material.asked
    }
    ours = evaluation.measured(material.collection.answers, run, ["nDCG@10"])["nDCG@10"]
    assert means["answers", "both", "nDCG@10"] == pytest.approx(sum(ours.values()) / len(ours))


def test_what_is_chosen_on_one_half_is_looked_at_on_the_other() -> None:
    stage = Stage("weight", "answers", {"a": PRODUCTION, "b": variants.weighted(0.5)})
    held: Measured = {
        ("answers", "weight", "a"): {
            ("one", "nDCG@10"): {"q1": 0.5, "q2": 0.5},
            ("two", "nDCG@10"): {"q1": 0.5, "q2": 0.5},
        },
        ("answers", "weight", "b"): {
            ("one", "nDCG@10"): {"q1": 0.75, "q2": 0.75},
            ("two", "nDCG@10"): {"q1": 0.25, "q2": 0.5},
        },
    }
    places = {"one": 0, "two": 1}
    made = transfer.transfers(held, [stage], {"answers": lambda name, query: places[name]})
    assert [(one.chosen_on, one.way) for one in made] == [("first", "b"), ("second", "a")]
    assert made[0].gain_there == pytest.approx(0.25)
    assert made[0].gain_elsewhere == pytest.approx(-0.125)
    assert made[1].gain_elsewhere == 0.0


@pytest.mark.slow
def test_the_only_collection_is_divided_by_its_documents(
    asked: tuple[Material, dict[str, SearchResult]], tmp_path: Path
) -> None:
    material, _ = asked
    half = transfer.halves([material])["answers"]
    told = [half(material.collection.name, query.id) for query in material.collection.queries]
    assert abs(told.count(0) - told.count(1)) <= 1

"""The sample company holds together: documents, people, judgments, and how well it is searched."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from api.evaluated import EvaluatedSystem
from api.services import Services
from benchmarks import samples
from indexer import evaluation, judged
from knowledge import readers
from knowledge.exports import Export
from knowledge.settings import load_settings
from knowledge.transcript import turns
from knowledge.types import Kind, ReadFailure, SourceDocument

JUDGED = samples.SAMPLES / "judged"
# What was measured when the judgments were made, and how much a change may take away unnoticed.
NDCG_AT_10, SLACK = 0.80, 0.05


@pytest.fixture(scope="module")
def documents() -> list[SourceDocument]:
    """Every sample document, as the readers make it now."""
    found = [
        document
        for folder in samples.FOLDERS
        for document in readers.read_export(samples.SAMPLES / folder, source=folder)
    ]
    assert [d for d in found if isinstance(d, ReadFailure)] == []
    return [d for d in found if isinstance(d, SourceDocument)]


@pytest.fixture(scope="module")
def people() -> list[dict[str, str]]:
    """The rows of the directory."""
    with (samples.SAMPLES / "people.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def collection() -> judged.Collection:
    return judged.load(JUDGED)


def corpus() -> list[dict[str, Any]]:
    with samples.CORPUS.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def test_the_corpus_is_what_the_readers_make_of_the_samples_now() -> None:
    wrong = "run python -m benchmarks.samples, and look whether judgments change"
    assert samples.CORPUS.read_text("utf-8") == "".join(samples.lines()), wrong


def test_there_is_enough_of_every_kind(documents: list[SourceDocument]) -> None:
    by_kind = {kind: [d for d in documents if d.kind is kind] for kind in Kind}
    assert len(documents) >= 60
    assert len(by_kind[Kind.NOTE]) >= 20
    assert len(by_kind[Kind.WRITEUP]) >= 25
    assert len([d for d in by_kind[Kind.TRANSCRIPT] if len(turns(d.body)) >= 60]) >= 8


def test_every_format_is_among_the_samples() -> None:
    found = set()
    known = {name: readers.load(name) for name in readers.names()}
    with Export.open(samples.SAMPLES) as export:
        for entry in export.entries():
            if isinstance(entry, ReadFailure) or entry.name.split("/")[0] not in samples.FOLDERS:
                continue
            claims = {name: r.claims(entry) for name, r in known.items() if r.claims}
            best = max(claims, key=lambda name: claims[name])
            assert claims[best], f"{entry.name} is claimed by no reader"
            found.add(best)
    with Export.open(JUDGED) as export:
        found |= {n for n, r in known.items() if r.recognises and r.recognises(export)}
    # A reader that comes later needs no sample; these stay shown.
    assert {"judged", "markdown", "srt", "teach1", "transcript_text", "webvtt"} <= found


def test_everybody_who_wrote_or_spoke_is_in_the_directory(
    documents: list[SourceDocument], people: list[dict[str, str]]
) -> None:
    addresses = {row["email"]: row["name"] for row in people}
    assert len(addresses) == len(people) == 28
    for document in documents:
        assert document.contributors, document.external_id
        for told in document.contributors:
            name = addresses.get(told.email) if told.email else told.name
            assert (name, told.name in addresses.values()) == (told.name, True), (
                document.external_id
            )


def test_every_document_is_for_groups_that_somebody_is_in(
    documents: list[SourceDocument], people: list[dict[str, str]]
) -> None:
    groups = {f"group:{group}" for row in people for group in row["groups"].split(";")}
    restricted = [d for d in documents if d.audience]
    assert len(restricted) >= 8
    for document in restricted:
        assert document.audience is not None
        for clause in document.audience.clauses:
            assert set(clause) <= groups | {"public"}, document.external_id


def test_there_are_fifty_queries_and_eight_that_nobody_can_answer(
    collection: judged.Collection,
) -> None:
    ids = [query.id for query in collection.queries]
    hopeless = {query.id for query in collection.queries if not query.answerable}
    assert (len(ids), len(set(ids)), len(hopeless)) == (50, 50, 8)
    assert len({query.text.casefold() for query in collection.queries}) == 50
    assert "how do I restore a backup" in {query.text for query in collection.queries}
    judged_ids = collection.answers.keys() & collection.experts.keys()
    assert judged_ids == set(ids) - hopeless
    assert (collection.answers.keys() | collection.experts.keys()) & hopeless == set()


def test_every_judgment_is_of_a_document_and_a_person_that_exist(
    collection: judged.Collection, people: list[dict[str, str]]
) -> None:
    held = {line["_id"] for line in corpus()}
    names = {row["name"] for row in people}
    for judgments, targets in ((collection.answers, held), (collection.experts, names)):
        for query, scores in judgments.items():
            assert scores.keys() <= targets, query
            assert set(scores.values()) in ({2}, {1, 2}), query


def test_no_judgment_stands_twice() -> None:
    for name in ("qrels", "experts"):
        rows = (JUDGED / name / "test.tsv").read_text("utf-8").splitlines()[1:]
        pairs = [row.rsplit("\t", 1)[0] for row in rows]
        assert len(pairs) == len(set(pairs))


def test_no_working_notes_are_tracked(repository: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=repository, capture_output=True, text=True, check=True
    ).stdout.split()
    assert "data/samples/people.csv" in tracked
    assert [name for name in tracked if name.endswith(".tmp.md")] == []


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.timeout(600)
def test_the_samples_are_searched_about_as_well_as_when_they_were_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, collection: judged.Collection
) -> None:
    monkeypatch.setenv("WHOKNOWS_DATA", str(tmp_path))
    services = Services(load_settings())
    items = readers.read_export(JUDGED, format="judged", source="judged")
    try:
        done = evaluation.evaluate(
            EvaluatedSystem(services), collection, items, lambda what, done, of: None
        )
    finally:
        services.close()
    assert done.report.answers is not None
    assert done.report.answers["nDCG@10"] >= NDCG_AT_10 - SLACK
    restoring = next(q.id for q in collection.queries if q.text == "how do I restore a backup")
    assert done.answers[restoring][0] == "handbook/platform/restoring-a-tideline-backup.md"
    assert done.people[restoring][0] == "Priya Raman"

"""The figures of an evaluation, against numbers worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.evaluated import EvaluatedSystem
from indexer import evaluation, judged
from indexer.evaluation import char_precision, char_recall
from indexer.search.results import (
    Confidence,
    Evidence,
    Features,
    Intent,
    PersonHit,
    SearchHit,
    SearchResult,
)
from knowledge import readers
from knowledge.errors import UnreadableExport
from knowledge.types import Document, Kind, Passage, Person, Role
from tests.builders import opened


def passage(start: int, end: int) -> Passage:
    return Passage(1, 1, 0, (), start, end, "")


def test_characters_are_counted_once() -> None:
    ranked = [passage(0, 100), passage(50, 150), passage(0, 100)]
    assert char_recall(ranked, [(100, 200)]) == pytest.approx(0.5)
    assert char_precision(ranked, [(0, 150)]) == pytest.approx(0.15)


def test_recall_stops_after_4000_and_is_capped_there() -> None:
    ranked = [passage(0, 3000), passage(5000, 9000)]
    assert char_recall(ranked, [(0, 9000)]) == pytest.approx(1.0)
    assert char_recall(ranked, [(6000, 9000)]) == pytest.approx(0.0)
    assert char_recall(ranked, [(2000, 3000), (2500, 3000)]) == pytest.approx(1.0)


def test_precision_looks_at_the_first_1000() -> None:
    assert char_precision([passage(0, 900), passage(2000, 3000)], [(2000, 3000)]) == 0.1
    assert char_precision([], [(0, 10)]) == 0.0


def marked(*ranges: tuple[int, int], quoted: tuple[int, int] | None = None) -> SearchResult:
    """A result whose answers each have one mark in the first 100 characters of their document."""
    ada = Person(1, "Ada Field")
    talk = Document(1, "s", "d", "Talk", Kind.TRANSCRIPT, 1, 1)
    answers = tuple(
        SearchHit(passage(10, 110), talk, Features(0, 0), ((a - 10, b - 10),)) for a, b in ranges
    )
    people: tuple[PersonHit, ...] = ()
    if quoted:
        evidence = Evidence(1, 1, "Talk", "", *quoted, Role.SPEAKER, None)
        people = (PersonHit(ada, 1.0, Confidence.LOW, (evidence,)),)
    return SearchResult("q", "q", Intent.ANSWER, answers, people, True, True)


def test_marks_are_judged_by_the_characters_that_they_share_with_the_answer() -> None:
    touching = evaluation.highlighted(marked((20, 40), quoted=(49, 60)), [(35, 50)])
    assert touching == {"touch@1": 1.0, "touch@3": 1.0, "inside@1": 0.25, "quote@1": 1.0}
    beside = evaluation.highlighted(marked((20, 35), quoted=(50, 60)), [(35, 50)])
    assert beside == {"touch@1": 0.0, "touch@3": 0.0, "inside@1": 0.0, "quote@1": 0.0}
    third = evaluation.highlighted(marked((20, 35), (50, 60), (36, 37)), [(35, 50)])
    assert (third["touch@1"], third["touch@3"], third["quote@1"]) == (0.0, 1.0, 0.0)
    fourth = marked((20, 35), (20, 35), (20, 35), (36, 37))
    assert evaluation.highlighted(fourth, [(35, 50)])["touch@3"] == 0.0
    assert set(evaluation.highlighted(marked(), [(0, 9)]).values()) == {0.0}


def test_abstention_is_counted_apart_from_false_abstention() -> None:
    queries = [
        judged.JudgedQuery("a", "known"),
        judged.JudgedQuery("b", "known too"),
        judged.JudgedQuery("c", "unknown", answerable=False),
        judged.JudgedQuery("d", "unknown too", answerable=False),
        judged.JudgedQuery("e", "unknown as well", answerable=False),
    ]
    confident = {"a": True, "b": False, "c": False, "d": True, "e": False}
    assert evaluation.abstention(queries, confident) == pytest.approx(
        {"abstained": 2 / 3, "false abstention": 1 / 2}
    )
    assert evaluation.abstention(queries[:2], confident) is None


def collection(path: Path) -> Path:
    corpus = [
        ("d1", "Restoring", "To restore a backup, stop the ledger.", "Ann"),
        ("d2", "Printing", "The printer jams on Mondays.", "Bob"),
        ("d3", "Queues", "The queue drains by itself.", "Ann"),
    ]
    path.mkdir()
    (path / "corpus.jsonl").write_text(
        "\n".join(
            json.dumps(
                {
                    "_id": key,
                    "title": title,
                    "text": text,
                    "metadata": {
                        "kind": "writeup",
                        "contributors": [{"name": name, "role": "author", "weight": 1}],
                        "updated_at": "2026-01-02",
                        "tags": [],
                    },
                }
            )
            for key, title, text, name in corpus
        )
    )
    queries = [
        {"_id": "q1", "text": "restore a backup"},
        {"_id": "q2", "text": "printer jams"},
        {"_id": "q3", "text": "queue drains", "within": "d3"},
    ]
    (path / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    tables = {
        "qrels": "query-id\tcorpus-id\tscore\nq1\td1\t2\nq2\td1\t1\nunrun\td1\t1\n",
        "experts": "query-id\tperson\tscore\nq1\tAnn\t2\nq2\tBob\t1\n",
        "spans": "query-id\tcorpus-id\tstart\tend\nq3\td3\t0\t27\n",
    }
    for name, table in tables.items():
        (path / name).mkdir()
        (path / name / "test.tsv").write_text(table)
    return path


def run(path: Path, data: Path) -> evaluation.Evaluation:
    loaded = judged.load(path)
    with opened(data) as services:
        items = readers.read_export(path, format="judged", source=loaded.name)
        return evaluation.evaluate(
            EvaluatedSystem(services), loaded, items, lambda what, done, of: None
        )


def test_an_evaluation_runs_the_real_pipeline(tmp_path: Path) -> None:
    done = run(collection(tmp_path / "c"), tmp_path / "data")
    report = done.report
    assert (report.documents, report.passages) == (3, 3)
    assert done.answers["q1"][0] == "d1"
    assert done.people["q2"][0] == "Bob"
    assert report.answers is not None
    assert report.people is not None
    assert report.spans is not None
    # q1 at rank 1; q2's only judged answer is wherever d1 came; "unrun" counts as nothing found.
    second = 1 / (done.answers["q2"].index("d1") + 1)
    assert report.answers["RR"] == pytest.approx((1 + second + 0) / 3)
    assert report.people["Success@3"] == 1.0
    assert report.spans["charR@4000"] == 1.0
    assert report.spans["charP@1000"] == pytest.approx(27 / 1000)
    assert set(report.query_ms) == {"p50", "p95"}
    assert report.highlights is not None
    assert (report.highlights["touch@1"], report.highlights["inside@1"]) == (1.0, 1.0)


def test_every_mean_is_one_of_the_values_of_its_queries(tmp_path: Path) -> None:
    done = run(collection(tmp_path / "c"), tmp_path / "data")
    assert set(done.values) == {"answers", "spans", "highlights", "people"}
    for part, measured in done.values.items():
        assert getattr(done.report, part) == evaluation.means_of(measured)
    assert set(done.values["answers"]["RR"]) == {"q1", "q2", "unrun"}
    assert done.values["answers"]["RR"]["unrun"] == 0.0
    assert done.values["people"]["RR"] == {"q1": 1.0, "q2": 1.0}
    assert set(done.values["spans"]["charP@1000"]) == {"q3"}


def test_a_run_file_is_trec(tmp_path: Path) -> None:
    done = run(collection(tmp_path / "c"), tmp_path / "data")
    with (tmp_path / "run").open("w") as file:
        evaluation.write_run(file, done)
    first = (tmp_path / "run").read_text().splitlines()[0].split()
    assert first[:4] == ["q1", "Q0", "d1", "1"]
    assert len(first) == 6


def test_what_is_no_collection_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableExport, match=r"no corpus\.jsonl"):
        judged.load(tmp_path)
    path = collection(tmp_path / "c")
    (path / "queries.jsonl").write_text('{"_id": "q"}\n')
    with pytest.raises(UnreadableExport, match="line 1"):
        judged.load(path)


@pytest.mark.parametrize(
    ("name", "told", "said"),
    [
        ("qrels/test.tsv", b"garbage\nmore\n", "line 1: no column corpus-id, query-id, score"),
        ("qrels/test.tsv", b"", "line 1: no column"),
        ("qrels/test.tsv", b"query-id\tcorpus-id\tscore\nq1\td1\tgood\n", "line 2: score must"),
        ("qrels/test.tsv", b"query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td1\n", "line 3: score"),
        ("qrels/test.tsv", b"query-id\tcorpus-id\tscore\nq1\t\t1\n", "line 2: a value is missing"),
        ("qrels/test.tsv", b"query-id\tcorpus-id\tscore\nq\xff\td1\t1\n", "no text in UTF-8"),
        ("experts/test.tsv", b"query-id\tcorpus-id\tscore\nq1\td1\t1\n", "no column person"),
        ("spans/test.tsv", b"query-id\tcorpus-id\tstart\tend\nq1\td1\t1\t?\n", "line 2: start"),
        ("spans/test.tsv", b"query-id\tcorpus-id\tstart\tend\nq1\td1\t9\t4\n", "9 to 4 is no"),
        ("queries.jsonl", b'{"_id": 1, "text": "a"}\n', "line 1: not a query"),
        ("queries.jsonl", b"[]\n", "line 1: not a query"),
        ("queries.jsonl", b'{"_id": "q", "text": "\xff"}\n', "line 1: not a query"),
    ],
)
def test_judgments_that_cannot_be_read_are_named_with_their_line(
    tmp_path: Path, name: str, told: bytes, said: str
) -> None:
    path = collection(tmp_path / "c")
    (path / name).parent.mkdir(exist_ok=True)
    (path / name).write_bytes(told)
    with pytest.raises(UnreadableExport, match=said) as refused:
        judged.load(path)
    assert str(path / name) in str(refused.value)

"""Judged collections."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge import readers
from knowledge.errors import UnreadableExport
from knowledge.types import Contributor, Kind, ReadFailure, Role, SourceDocument
from tests.knowledge.readers.support import read


def line(**values: object) -> str:
    return json.dumps({"_id": "d1", "title": "T", "text": "Words."} | values) + "\n"


def test_a_collection(tmp_path: Path) -> None:
    about = {
        "kind": "transcript",
        "contributors": [
            {"name": "d1:A", "label": "A", "role": "speaker", "weight": 2},
            {"name": "b"},
        ],
        "updated_at": "2018-03-12T17:18:12.873",
        "tags": ["x", "x"],
    }
    found, odd, image = read(
        tmp_path,
        {
            "corpus.jsonl": line(metadata=about) + "\n" + line(_id=2, title="", metadata=None),
            "queries.jsonl": line(),
            "qrels/test.tsv": "x",
            "README.md": "x",
            "picture.png": b"x",
        },
    )

    assert found == SourceDocument(
        source="test",
        external_id="d1",
        title="T",
        body="Words.",
        kind=Kind.TRANSCRIPT,
        contributors=(
            Contributor("d1:A", Role.SPEAKER, handle="d1:A", weight=2.0, label="A"),
            Contributor("b", Role.SPEAKER, handle="b"),
        ),
        tags=("x",),
        updated_at=datetime(2018, 3, 12, 17, 18, 12, 873000, UTC),
        part="judged",
    )
    assert isinstance(odd, SourceDocument)
    assert (odd.external_id, odd.title, odd.updated_at) == ("2", "Words.", None)
    assert isinstance(image, ReadFailure)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("{", "not a line of JSON"),
        ("[1]", "object"),
        ('{"_id": "x", "title": "", "text": ""}', "no text"),
        ('{"_id": "x", "text": 5}', "no text"),
        ('{"text": "x"}', "_id"),
        ('{"_id": null, "text": "x"}', "_id"),
        (line(metadata={"kind": "poem"}), "writeup, note"),
        (line(metadata={"updated_at": "soon"}), "ISO"),
        (line(metadata={"contributors": [{"role": "author"}]}), "needs a name"),
        (line(metadata={"contributors": [{"name": "x", "weight": float("nan")}]}), "weight"),
        (line(metadata={"contributors": {"name": "x"}}), "lists"),
        (line(metadata=[1]), "object"),
        (line(text="a\0b"), "NUL"),
        (line(text="\ud800"), "surrogate"),
        ("[" * 100_000, "nested too deeply"),
        ("1" * 5000, "JSON"),
    ],
)
def test_bad_lines_are_named_and_the_rest_goes_on(tmp_path: Path, bad: str, reason: str) -> None:
    items = read(
        tmp_path, {"corpus.jsonl": line(_id="a") + bad.rstrip("\n") + "\n" + line(_id="b")}
    )

    assert [i.external_id for i in items if isinstance(i, SourceDocument)] == ["a", "b"]
    (refused,) = [i for i in items if isinstance(i, ReadFailure)]
    assert reason in refused.reason


def test_the_line_s_number_and_a_half_written_end(tmp_path: Path) -> None:
    _, refused = read(tmp_path, {"corpus.jsonl": line() + line(_id="d2")[:30]})

    assert isinstance(refused, ReadFailure)
    assert refused.name == "corpus.jsonl, line 2"
    assert "half-written" in refused.reason


def test_an_id_given_twice(tmp_path: Path) -> None:
    _, refused = read(tmp_path, {"corpus.jsonl": line() + line()})

    assert isinstance(refused, ReadFailure)
    assert "second document" in refused.reason


def test_an_empty_corpus(tmp_path: Path) -> None:
    (refused,) = read(tmp_path, {"corpus.jsonl": b""})

    assert refused == ReadFailure("corpus.jsonl", "the file is empty")


def test_what_is_no_collection(tmp_path: Path) -> None:
    with pytest.raises(UnreadableExport, match="no files"):
        list(readers.read_export(tmp_path, "judged", source="test"))
    (refused,) = read(tmp_path, {"queries.jsonl": '{"_id": "q", "text": "x"}\n'})
    assert isinstance(refused, ReadFailure)


def test_it_streams(tmp_path: Path) -> None:
    with (tmp_path / "corpus.jsonl").open("w") as f:
        f.write(line())
        f.truncate(3_000_000_000)  # sparse: nothing may read on

    items = readers.read_export(tmp_path, source="test")

    first = next(items)
    assert isinstance(first, SourceDocument)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "documents", "people"),
    [("stackexchange", 5467, 1), ("qmsum-dev", 197, 100), ("handbook-people", 737, 50)],
)
def test_real_collections(shared: Path, name: str, documents: int, people: int) -> None:
    found = list(readers.read_export(shared / "eval" / name, "judged", source=name))

    assert len(found) == documents
    assert all(isinstance(d, SourceDocument) for d in found)
    names = {c.handle for d in found if isinstance(d, SourceDocument) for c in d.contributors}
    assert len(names) > people

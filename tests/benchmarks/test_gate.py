"""The regression gate: what it lets through and what not, over small collections."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import baselines, gate
from benchmarks.baselines import Baseline

TOPICS = "vault ledger harbour winch beacon ferry lantern anchor".split()


@pytest.fixture(autouse=True)
def _hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHOKNOWS_EMBEDDER", "hashing")


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """Eight queries, each answered by two documents."""
    folder = tmp_path / "judged" / "harbour"
    (folder / "qrels").mkdir(parents=True)
    documents = [
        {
            "_id": f"{topic}{n}",
            "title": f"About {topic} {n}",
            "text": f"The {topic} is looked after in {place}.",
            "metadata": {"kind": "writeup", "contributors": [], "tags": []},
        }
        for topic in TOPICS
        for n, place in enumerate(("spring", "autumn"))
    ]
    queries = [{"_id": topic, "text": f"who looks after the {topic}"} for topic in TOPICS]
    rows = ["query-id\tcorpus-id\tscore", *(f"{t}\t{t}{n}\t1" for t in TOPICS for n in (0, 1))]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, documents)))
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (folder / "qrels" / "test.tsv").write_text("\n".join(rows) + "\n")
    return folder


def run(collection: Path, *more: str) -> int:
    baseline = collection.parents[1] / "baseline.jsonl"
    return gate.main([str(collection.parent), "--baseline", str(baseline), *more])


def test_what_stays_as_it_was_passes(collection: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(collection, "--update") == 0
    assert run(collection) == 0
    out = capsys.readouterr().out
    assert "harbour            answers nDCG@10" in out
    assert "FALLEN" not in out


def test_a_harm_is_found(
    collection: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(collection, "--update")
    monkeypatch.setenv("WHOKNOWS_SEARCH_DEPTH", "1")  # one of the two answers at most
    assert run(collection) == 1
    fallen = [line for line in capsys.readouterr().out.splitlines() if line.endswith("FALLEN")]
    assert any("answers R@100" in line for line in fallen)


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.timeout(900)
def test_a_harm_is_found_in_a_real_collection(
    shared: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Against the committed baseline."""
    path = shared / "eval" / "blog18f-people"
    monkeypatch.setenv("WHOKNOWS_EMBEDDER", "onnx_int8")  # the fastest; embeds once for both runs
    given = [str(path), "--vectors", str(tmp_path)]
    assert gate.main(given) == 0
    assert "FALLEN" not in capsys.readouterr().out
    # Every document that was found votes alike, however little it is about what is asked.
    monkeypatch.setenv("WHOKNOWS_PEOPLE_SHARPNESS", "0")
    assert gate.main(given) == 1
    told = capsys.readouterr().out.splitlines()
    assert len([line for line in told if line.endswith("FALLEN")]) == 4


def test_other_judgments_and_no_baseline_cannot_be_compared(
    collection: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(collection) == 2
    assert "harbour: has no baseline" in capsys.readouterr().out
    run(collection, "--update")
    with (collection / "qrels" / "test.tsv").open("a") as file:
        file.write("vault\tledger0\t1\n")
    assert run(collection) == 2
    assert "harbour: its files are not those" in capsys.readouterr().out


def test_without_collections_nothing_is_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gate.main([str(tmp_path), str(tmp_path / "absent")]) == 0
    assert "no judged collections" in capsys.readouterr().out


def test_what_would_take_too_long_is_left_out_until_its_vectors_are_there(
    collection: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cached = ("--vectors", str(tmp_path / "vectors"), "--new-text")
    assert run(collection, *cached, "0.0001") == 0
    assert "harbour: left out, 0.0 million characters" in capsys.readouterr().out
    assert run(collection, "--update", *cached, "1") == 0
    assert run(collection, *cached, "0") == 0
    out = capsys.readouterr().out
    assert "left out" not in out
    assert "answers nDCG@10" in out


def of(*values: float, judgments: str = "j") -> Baseline:
    return Baseline("c", judgments, "m", {"m": [baselines.rounded(value) for value in values]})


def test_a_fall_is_large_and_no_chance() -> None:
    high = of(*[0.5] * 20)
    (surely,) = gate.compare(high, of(*[0.48] * 20))
    assert surely.fallen
    assert (surely.before, surely.now) == (0.5, 0.48)
    (small,) = gate.compare(high, of(*[0.492] * 20))
    assert not small.fallen
    assert small.p < 0.001
    (chance,) = gate.compare(high, of(*[0.1] * 3, *[0.5] * 17))
    assert not chance.fallen
    assert chance.p == 0.25
    (risen,) = gate.compare(high, of(*[0.6] * 20))
    assert not risen.fallen


def test_a_measure_that_is_gone_is_no_pass() -> None:
    with pytest.raises(gate.Incomparable, match="no longer measured"):
        gate.compare(of(0.5), Baseline("c", "j", "m", {}))
    with pytest.raises(gate.Incomparable, match="files"):
        gate.compare(of(0.5), of(0.5, judgments="other"))


def test_a_baseline_is_read_as_it_was_written(tmp_path: Path) -> None:
    one, two = of(0.5, 1.0), Baseline("b", "j", "m", {"x": [1], "y": [2]})
    file = tmp_path / "baseline.jsonl"
    baselines.write(file, [one, two])
    assert baselines.read(file) == {"c": one, "b": two}
    assert baselines.read(tmp_path / "absent") == {}

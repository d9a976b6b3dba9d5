"""What ``--record`` keeps is what docs/performance.md reads."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import ingest, report, results, scale
from benchmarks.peers import __main__ as peers
from benchmarks.peers.systems import OURS

MACHINE = {"processor": "Some CPU", "cores": "2", "python": "3.11.7", "commit": "abc1234"}


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """What is kept from now on, as it is read."""
    held: dict[str, Any] = {}

    def keep(name: str, figures: Any) -> Path:
        figures = json.loads(json.dumps(figures))
        held[name] = {"measured": "2026-01-02", "machine": MACHINE, "figures": figures}
        return tmp_path

    monkeypatch.setattr(results, "keep", keep)
    monkeypatch.setenv("WHOKNOWS_EMBEDDER", "hashing")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return held


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """Three documents and a question."""
    folder = tmp_path / "harbour"
    (folder / "qrels").mkdir(parents=True)
    lines = [
        json.dumps({"_id": word, "title": word, "text": f"The {word} is looked after in spring."})
        for word in ("vault", "ledger", "winch")
    ]
    (folder / "corpus.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "the winch"}) + "\n")
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\twinch\t1\n")
    return folder


def run(monkeypatch: pytest.MonkeyPatch, main: Any, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmark", *map(str, arguments), "--record"])
    main()


@pytest.mark.slow
def test_the_vector_index(
    kept: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rows = np.random.default_rng(1).normal(size=(scale.QUERIES + 50, 8)).astype(np.float32)
    np.savez(tmp_path / "a.npz", keys=np.arange(len(rows)), vectors=rows)
    run(monkeypatch, scale.main, "--vectors", tmp_path, "--sizes", 40, 400)
    page = report.render(kept)[report.PAGE]
    assert "### faiss" in page
    assert "| passages | 0.1 % | 1 % | 10 % | 50 % | 100 % |" in page
    assert page.count("\n| 400 |") == 2
    assert kept["scale"]["figures"]["rows"][1]["shares"][-1]["recall_10"] > 0.95


def test_taking_in(kept: dict[str, Any], monkeypatch: pytest.MonkeyPatch, collection: Path) -> None:
    run(monkeypatch, ingest.main, collection, "--embedders", "hashing")
    assert "| harbour | hashing | 3 |" in report.render(kept)[report.PAGE]


@pytest.mark.slow
def test_beside_others(
    kept: dict[str, Any], monkeypatch: pytest.MonkeyPatch, collection: Path
) -> None:
    hashing = {"WHOKNOWS_EMBEDDER": "hashing"}
    ours = type(OURS)(OURS.name, OURS.driver, "with hashes", hashing)
    monkeypatch.setattr(peers, "OURS", ours)
    monkeypatch.setattr(peers, "SYSTEMS", (ours,))
    run(monkeypatch, peers.main, collection, "--rounds", 1, "--ingest-passages", 2)
    page = report.render(kept)[report.PAGE]
    assert "### harbour\n\n3 documents, 3 passages, 1 questions, 1 of them timed" in page
    assert "| whoknows | 1.000 |" in page
    assert "Nowhere in these tables." in page

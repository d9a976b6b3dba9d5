"""That it tells of holders and of others what the judgments say."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import holding
from tests.indexer.test_evaluation import collection


def test_who_is_listed_is_counted_by_whether_they_hold_the_topic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WHOKNOWS_EMBEDDER", "hashing")
    assert holding.main([str(collection(tmp_path / "c"))]) == 0
    told = capsys.readouterr().out
    assert "in c. Questions" in told
    listed = [line.split(" | ") for line in told.splitlines() if line.startswith("| 0.")]
    assert len(listed) == 2 * len(holding.ROWS)
    assert sum(int(line[2]) for line in listed) > 0
    assert any(line[1] == "yes" and "%" in line[3] for line in listed)

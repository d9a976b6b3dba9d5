"""What benchmarks are told on the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from benchmarks import calibration, given, learned
from benchmarks.ablations import __main__ as ablations
from benchmarks.ablations import reindexed
from tests.indexer.test_evaluation import collection


def test_a_folder_stands_for_the_collections_in_it(tmp_path: Path) -> None:
    collection(tmp_path / "b")
    collection(tmp_path / "a")
    (tmp_path / "none").mkdir()
    assert [one.name for one in given.found([tmp_path])] == ["a", "b"]
    assert [one.name for one in given.found([tmp_path / "b"])] == ["b"]


@pytest.mark.parametrize(
    "command", [ablations.main, reindexed.main, learned.main, calibration.main]
)
def test_nothing_is_measured_of_nothing(
    command: Callable[[Sequence[str]], int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command([str(tmp_path / "mistyped"), "--record"])
    assert ended.value.code == 2
    assert "no judged collection in" in capsys.readouterr().err

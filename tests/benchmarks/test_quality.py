"""docs/quality.md: that it is what the results say."""

from __future__ import annotations

from typing import Any

from benchmarks import quality
from tests.benchmarks.svg import drawn


def row(way: str, mean: float, p: float | None, **more: Any) -> dict[str, Any]:
    told = {"task": "answers", "stage": "fusion", "ladder": False, "collection": "harbour"}
    told |= {"measure": "nDCG@10", "way": way, "mean": mean, "gain": mean - 0.5, "p": p}
    return told | more


ROWS = [
    row("z-scores", 0.5, None),
    row("ranks", 0.4, 0.001),
    row("convex", 0.49, 0.4),
    row("sum", 0.48, 0.03),
    row("BM25", 0.3, 0.001, stage="together", ladder=True),
]
TRANSFERS = [
    {
        "task": "answers",
        "stage": "fusion",
        "chosen_on": "first",
        "way": "ranks",
        "gain_there": 0.02,
        "gain_elsewhere": -0.03,
        "p_elsewhere": 0.01,
    }
]
SHAPE = {"collection": "harbour", "documents": 12, "people": 3}
LEARNED = {"collection": "harbour", "features": "four", "by_hand": 0.5, "learned": 0.4, "p": 0.01}
BINS = [{"low": 0.0, "high": 0.1, "count": 9, "weight": 1.0, "said": 0.05, "was": 0.04}]
BAND = {"shown": 9, "right": 0.8}
BANDS = {"collection": "judged", "high": BAND, "medium": BAND, "low": BAND}
SURE = {
    "collection": "harbour",
    "tenths": 10,
    "cases": 10,
    "auroc": 0.91,
    "auroc_cosine": 0.9,
    "ece": 0.05,
    "abstained": 0.93,
    "falsely": 0.08,
}
KEPT = {
    "ablations": {"figures": {"shapes": [SHAPE], "rows": ROWS, "transfers": TRANSFERS}},
    "learned": {"figures": {"rows": [LEARNED]}},
    "calibration": {
        "figures": {
            "answers": {"left_out": [SURE], "reliability": BINS},
            "somebody": [SURE],
            "bands": [BANDS],
        }
    },
}


def test_every_way_is_told_and_what_is_no_chance_is_marked() -> None:
    page = quality.render(KEPT)["quality.md"]
    assert "| harbour | 12 | 3 |" in page
    assert "| z-scores | 0.500 |" in page
    assert "| ranks | 0.400 (**-0.100**) |" in page
    assert "| sum | 0.480 (-0.020) |" in page  # .03 of four is no longer below .05
    assert "| convex | 0.490 (-0.010) |" in page
    assert "| BM25 | 0.300" in page
    assert "| answers | fusion | first | ranks | +0.020 | -0.030 (p 0.010) |" in page
    assert "Nothing of it is in use." in page
    assert "| sample company | high | 9 | 80% |" in page
    assert "| harbour | 10 | 0.910 | 0.900 | 0.050 | 93% | 8% |" in page


def test_the_diagrams_can_be_drawn() -> None:
    made = quality.render(KEPT)
    assert {name for name in made if name.endswith(".svg")} == {"plots/quality/answers.svg"}
    drawn(made["plots/quality/answers.svg"])


def test_what_was_not_measured_says_how() -> None:
    page = quality.render({})["quality.md"]
    for name in ("ablations", "learned", "calibration", "holding", "typos", "jargon"):
        assert f"`python -m benchmarks.{name} DIR... --record`" in page


def test_the_page_is_what_the_results_say() -> None:
    for name, text in quality.render(quality.kept()).items():
        path = quality.DOCS / name
        assert path.read_text("utf-8") == text, "run python -m benchmarks.quality"

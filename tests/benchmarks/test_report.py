"""docs/performance.md: what is made of results, and that it is what the results say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks import report
from benchmarks.performance import FOLDER
from tests.benchmarks.svg import drawn

ROOT = Path(__file__).parents[2]

MACHINE = {"processor": "Some CPU", "cores": "2", "python": "3.11.7", "commit": "abc1234"}


def told(figures: Any) -> dict[str, Any]:
    return {"measured": "2026-01-02", "machine": MACHINE, "figures": figures}


def system(name: str, **other: Any) -> dict[str, Any]:
    usual = {
        "name": name,
        "version": "1.2",
        "told": f"how {name} was set up",
        "passages_per_second": 40.0,
        "passages_per_cpu_second": 40.0,
        "p50_ms": 10.0,
        "p95_ms": 20.0,
        "cpu_p50_ms": 9.0,
        "resident_mb": 300.0,
        "fresh_mb": 200.0,
        "disk_mb": 50.0,
        "start_s": 1.5,
        "ndcg": 0.5,
    }
    return usual | other


PEERS = {
    "cores": 1,
    "rounds": 3,
    "collections": [
        {
            "name": name,
            "documents": 5_000,
            "passages": 7_000,
            "ingested": 1_500,
            "queries": 900,
            "timed": 200,
            "systems": [
                system("whoknows"),
                system("whoknows, float32", p50_ms=1.0, difference=0.0, p=1.0),
                system("quick", p50_ms=4.0, start_s=1.49, ndcg=0.4, difference=-0.1, p=0.001),
                system("good", ndcg=0.51, difference=0.01, p=0.3),
            ],
        }
        for name in ("sites", "handbook")
    ],
}
SHARES = [
    {"share": share, "p50_ms": ms, "p95_ms": 2 * ms, "recall_10": 0.99}
    for share, ms in ((0.001, 0.5), (1.0, 5.0))
]
SCALE = {
    "real": 9_000,
    "depth": 200,
    "rows": [
        {
            "engine": "faiss",
            "size": size,
            "built_cpu_s": 1.0,
            "saved_s": 0.1,
            "disk_mb": 20.0,
            "loaded_s": 0.1,
            "held_mb": 30.0,
            "shares": SHARES,
        }
        for size in (1_000, 100_000)
    ],
}
PATH = {
    "sizes": [
        {
            "passages": size,
            "stages": {"encoder": 4.0, "dense": {"p50": 2.0, "p95": 3.0}},
            "p50": 12.0,
            "p95": 20.0,
            "filters": {"0.001": {"p50": 8.0, "p95": 9.0}},
            "rss_mb": 400.0,
            "start_s": 1.0,
            "clients": {
                "1": {"p50": 12.0, "p95": 20.0, "per_second": 80.0, "refused": 0},
                "32": {"p50": 300.0, "p95": 400.0, "per_second": 90.0, "refused": 5},
            },
        }
        for size in (10_000, 100_000)
    ]
}
INGEST = {
    "rows": [
        {
            "collection": "sites",
            "embedder": "onnx_int8",
            "passages": 300,
            "tokens": 100.0,
            "ingest_per_cpu_second": 90.0,
            "encoder_per_cpu_second": 100.0,
        }
    ]
}
LOAD = {
    "passages": 7_000,
    "clients": 8,
    "writes_per_second": 2,
    "seconds": 300,
    "p50": 50.0,
    "p95": 99.0,
    "rss_mb": [400.0, 401.0],
    "overload": {"served": 100, "refused": 900, "refused_p50": 3.0, "refused_p95": None},
}
ALL = {
    name: told(figures)
    for name, figures in {
        "peers": PEERS,
        "ingest": INGEST,
        "scale": SCALE,
        "path": PATH,
        "load": LOAD,
    }.items()
}


def test_the_page_is_what_the_results_say() -> None:
    made = report.render(report.kept())
    wrong = "generated: run python -m benchmarks.report"
    there = {f"{FOLDER}/{path.name}" for path in (report.DOCS / FOLDER).glob("*")}
    assert there | {report.PAGE} == made.keys(), wrong
    for name, text in made.items():
        assert (report.DOCS / name).read_text("utf-8") == text, f"{name} is {wrong}"


def test_every_section_has_its_figures() -> None:
    page = report.render(ALL)[report.PAGE]
    assert "Not measured yet" not in page
    assert "| whoknows | 0.500 | 40 | 40 | 10 | 20 | 9 | 300 | 200 | 50 | 1.5 |" in page
    assert "| quick | 0.400 (**-0.100**, p 0.001) |" in page
    assert "| good | 0.510 (+0.010, p 0.300) |" in page
    assert "\n\n\n" not in page
    assert "one core. They take turns (rounds: 3)" in page.replace("\n", " ")
    assert "- **quick** 1.2: how quick was set up" in page
    assert "| sites | onnx_int8 | 300 | 100 | 90.0 | 100.0 | 0.90 |" in page
    assert "| 100,000 | 0.5 / 1, 0.990 | 5 / 10, 0.990 |" in page
    assert "| passages | 0.1 % | 100 % |" in page
    assert "| dense | 2 | 2 |" in page
    assert "| 10,000 | 12 / 20, 80/s | 300 / 400, 90/s, 5 refused |" in page
    assert "| refused with 429 or 503 | 900 |" in page
    assert "2026-01-02, Some CPU, 2 cores" in page


def test_what_is_behind_is_said() -> None:
    page = report.render(ALL)[report.PAGE]
    behind = page.partition("### Where whoknows is behind\n")[2].partition("###")[0]
    assert "- sites, query p50, ms: 10; quick 4\n" in behind
    assert "- handbook, nDCG@10: 0.500; good 0.510\n" in behind
    assert "float32" not in behind  # it is whoknows too
    assert "start" not in behind  # less than what machines differ by
    assert len(behind.strip().splitlines()) == 4


def test_plots_are_shown_and_well_formed() -> None:
    made = report.render(ALL)
    plots = made.keys() - {report.PAGE}
    shown = {f"{FOLDER}/{name}.svg" for name in ("peers-ndcg", "scale-faiss", "path-filters")}
    assert shown <= plots
    for name in plots:
        assert f"]({name})" in made[report.PAGE]
        drawn(made[name])


@pytest.mark.parametrize("name", report.NAMES)
def test_what_was_not_measured_says_how(name: str) -> None:
    made = report.render({key: value for key, value in ALL.items() if key != name})
    assert f"Not measured yet: `python -m benchmarks.{name} DIR..." in made[report.PAGE]


def test_parts_of_results_may_be_absent() -> None:
    less = {
        "path": told({"sizes": [{"passages": 1_000, "p50": 3.0}]}),
        "load": told({"clients": 8}),
    }
    page = report.render(less)[report.PAGE]
    assert "| 1,000 | 3 |  |  |  |" in page
    assert "| clients | 8 |" in page


def test_the_makefile_runs_what_the_page_shows() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    recipe = makefile.partition("\nbench: ")[2].partition("\n\n")[0]
    missing = [name for name in report.NAMES if f"-m benchmarks.{name} " not in recipe]
    assert missing == []
    assert recipe.rfind("-m benchmarks.report") > recipe.rfind("--record")

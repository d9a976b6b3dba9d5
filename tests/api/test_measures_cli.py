"""``whoknows measures``: what is typed and printed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from knowledge.measures.kinds import after, month_of
from tests.api.commands import in_this_process
from tests.builders import settings, wired
from tests.knowledge.measures.building import Company

LONG_AGO = after(month_of(datetime.now(UTC)), -3)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    services = wired(settings(data))
    company = Company(services)
    company.read(company.team("Kilns", 20)[:12], f"{LONG_AGO}-03")
    services.close()
    return data


def run(data: Path, *words: str) -> CompletedProcess[str]:
    environment = {"WHOKNOWS_DATA": str(data), "WHOKNOWS_EMBEDDER": "hashing"}
    return in_this_process(["measures", *words], environment)


def test_months_are_published_and_listed(data: Path) -> None:
    assert "no month is published" in run(data, "list").stdout
    done = run(data, "publish", "--month", LONG_AGO, "--json")
    assert json.loads(done.stdout) == {"published": [LONG_AGO]}
    told = {one["measure"]["key"]: one for one in json.loads(run(data, "list", "--json").stdout)}
    assert told["readers"]["lines"][0]["figures"] == [{"month": LONG_AGO, "value": 10.0}]
    assert "readers" in run(data, "list").stdout
    again = run(data, "publish", "--month", LONG_AGO)
    assert (again.returncode, "published already" in again.stderr) == (1, True)
    rest = run(data, "publish").stdout.strip()
    assert rest == after(LONG_AGO, 1) or rest == f"{after(LONG_AGO, 1)}, {after(LONG_AGO, 2)}"
    assert run(data, "publish").stdout.strip() == "nothing is due"


def test_what_is_no_month_is_refused(data: Path) -> None:
    for wrong in ("2026-W05", "2999-01"):
        assert run(data, "publish", "--month", wrong).returncode == 1

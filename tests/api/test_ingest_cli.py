"""``whoknows ingest``: what it says before and after, and what it asks."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from api.cli._common import Reporter
from tests.api.commands import in_this_process

SAMPLES = Path(__file__).parents[2] / "data" / "samples" / "formats"
PAGES = {f"{n}.md": f"# Page {n}\n\nKilns number {n} cool slowly.\n" for n in range(10)}


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    folder = tmp_path / "wiki"
    folder.mkdir()
    for name, text in PAGES.items():
        (folder / name).write_text(text)
    return folder


def whoknows(data: Path, *words: str | Path) -> CompletedProcess[str]:
    environment = {"WHOKNOWS_DATA": str(data), "WHOKNOWS_EMBEDDER": "hashing"}
    return in_this_process([str(word) for word in words], environment)


def test_a_dry_run_tells_what_is_in_a_wiki(tmp_path: Path) -> None:
    data = tmp_path / "data"
    report = tmp_path / "report.json"
    path = SAMPLES / "confluence_xml"
    told = whoknows(data, "ingest", path, "--source", "wiki", "--dry-run", "--report", report)
    assert "read as confluence_xml: " in told.stdout
    assert " people, " in told.stdout
    assert "lead to no document" in told.stdout
    assert " for group " in told.stdout
    assert "macros that mean nothing here" in told.stdout
    assert not data.exists()
    written = json.loads(report.read_text())
    assert written["dry_run"] is True
    assert {one["status"] for one in written["inputs"]} == {"added"}
    assert any(one["losses"] for one in written["inputs"])


def test_the_report_is_a_table_too(wiki: Path, tmp_path: Path) -> None:
    (wiki / "=1+1.md").write_text("# Formula\n\nIt is none.\n")
    report = tmp_path / "report.csv"
    whoknows(tmp_path / "data", "ingest", wiki, "--report", report)
    rows = list(csv.DictReader(report.read_text().splitlines()))
    assert {row["name"] for row in rows if row["status"] == "added"} >= {"0.md", "'=1+1.md"}
    other = whoknows(tmp_path / "data", "ingest", wiki, "--report", tmp_path / "report.pdf")
    assert (other.returncode, ".json" in other.stderr) == (1, True)


def test_much_that_is_gone_is_asked_about(wiki: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    whoknows(data, "ingest", wiki)
    for number in range(5):
        (wiki / f"{number}.md").unlink()
    asked = whoknows(data, "ingest", wiki, "--full")
    assert asked.returncode == 3
    assert "5 of 10 documents are gone" in asked.stderr
    assert "--gone archive" in asked.stderr
    done = whoknows(data, "ingest", wiki, "--full", "--gone", "archive", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["summary"]["archived"] == 5
    found = json.loads(whoknows(data, "search", "kilns number 3", "--json").stdout)
    assert "3.md" not in json.dumps(found)
    assert whoknows(data, "index", "verify").returncode == 0


def test_addresses_come_from_a_template(wiki: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    template = "https://wiki.example/{path}"
    whoknows(data, "ingest", wiki, "--url-template", template)
    found = json.loads(whoknows(data, "search", "kilns number 3", "--json").stdout)
    urls = {answer["document"]["url"] for answer in found["answers"]}
    assert "https://wiki.example/3" in urls
    for wrong in ("ftp://x/{id}", "https://wiki.example/", "https://{id}/", "https://x/{page}"):
        refused = whoknows(data, "ingest", wiki, "--url-template", wrong)
        assert (refused.returncode, "template" in refused.stderr) == (1, True), wrong


def test_a_session_record_comes_with_its_transcript(tmp_path: Path) -> None:
    talk, record = tmp_path / "talk.vtt", tmp_path / "about.yaml"
    talk.write_text("WEBVTT\n\n00:00.000 --> 00:09.000\n<v Ada>The kiln cools slowly.\n")
    record.write_text("title: Cooling kilns\nkind: demo\n")
    data = tmp_path / "data"
    assert whoknows(data, "ingest", talk, "--session", record).returncode == 0
    found = json.loads(whoknows(data, "search", "kiln cools", "--json").stdout)
    assert found["answers"][0]["document"]["title"] == "Cooling kilns"
    lost = whoknows(data, "ingest", talk, "--session", tmp_path / "none.yaml")
    assert (lost.returncode, "cannot be read" in lost.stderr) == (1, True)


def test_progress_is_told_the_more_seldom_the_more_there_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reporter = Reporter(None)
    for done in range(0, 20_001, 50):
        reporter("documents", done, 0)

    told = [int(line.removeprefix("documents: ")) for line in capsys.readouterr().err.splitlines()]
    assert told == [*range(100, 10_000, 100), *range(10_000, 20_001, 1000)]

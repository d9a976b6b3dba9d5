"""The sample company is taken in once, with its directory, and again only when it changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from api import samples
from knowledge.store import documents, people
from knowledge.store.database import position
from tests.builders import opened

PEOPLE = """name,email,team,title,groups,handles,consent_written,consent_spoken
Ada Field,ada@example.org,Kilns,Potter,kilns,,yes,yes
Ben Osei,ben@example.org,Glazes,Chemist,glazes,,yes,no
"""
NOTE = """---
author: Ben Osei <ben@example.org>
---
# Glazes

Mix the glaze a day before.
"""
TALK = """WEBVTT

00:00:01.000 --> 00:00:05.000
<v Ada Field>Kilns cool slowly, so wait until the morning before you open one.
"""


@pytest.fixture
def company(tmp_path: Path) -> Path:
    folder = tmp_path / "company"
    for name, file, text in (
        ("handbook", "glazes.md", NOTE),
        ("notes", "kilns.md", NOTE.replace("Glazes", "Kilns")),
        ("sessions", "kilns.vtt", TALK),
    ):
        (folder / name).mkdir(parents=True)
        (folder / name / file).write_text(text)
    (folder / "people.csv").write_text(PEOPLE)
    (folder / "index.tmp.md").write_text("not part of it")
    return folder


def test_the_second_start_reads_nothing_and_a_change_is_taken_in(
    company: Path, tmp_path: Path
) -> None:
    told: list[tuple[str, int, int]] = []
    with opened(tmp_path / "data") as services:
        assert not samples.loaded(services, company)
        assert samples.load(services, company, lambda *said: told.append(said)) == []
        assert told == [("samples", n, 3) for n in (1, 2, 3)]
        assert services.index.saved_sequence == services.index.sequence
        with services.database.read() as connection:
            assert documents.counts(connection)[0] == 3
            assert len(people.listed(connection)) == 2
            before = position(connection)

    told.clear()
    with opened(tmp_path / "data") as services:
        assert samples.loaded(services, company)
        with services.database.read() as connection:
            assert position(connection) == before
        (company / "handbook" / "glazes.md").write_text(NOTE.replace("a day", "two days"))
        assert not samples.loaded(services, company)
        samples.load(services, company, lambda *said: told.append(said))
        assert told[-1] == ("samples", 3, 3)
        with services.database.read() as connection:
            assert documents.counts(connection)[0] == 3
            assert position(connection) != before


@pytest.mark.sqlite("takes its file away")
def test_an_emptied_database_is_filled_again(company: Path, tmp_path: Path) -> None:
    with opened(tmp_path / "data") as services:
        samples.load(services, company, lambda *_: None)
    for file in (tmp_path / "data").glob("whoknows.db*"):
        file.unlink()
    with opened(tmp_path / "data") as services:
        assert not samples.loaded(services, company)
        samples.load(services, company, lambda *_: None)
        with services.database.read() as connection:
            assert documents.counts(connection)[0] == 3


def test_what_is_refused_is_told_and_tried_again(company: Path, tmp_path: Path) -> None:
    broken = company / "notes" / "broken.md"
    broken.write_bytes(b"# caf\xe9\n")
    with opened(tmp_path / "data") as services:
        for _ in range(2):
            (refused,) = samples.load(services, company, lambda *_: None)
            assert refused.name == "broken.md"
            assert not samples.loaded(services, company)
        broken.unlink()
        assert samples.load(services, company, lambda *_: None) == []
        assert samples.loaded(services, company)


def test_the_checkout_s_samples_are_found() -> None:
    folder = samples.folder()
    assert (folder / "people.csv").is_file()
    assert all((folder / name).is_dir() for name in samples.SOURCES)

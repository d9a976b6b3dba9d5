"""That somebody opened a document is noted: as little of it as measures need."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from knowledge.measures.readings import Readings
from knowledge.settings import MeasureSettings
from knowledge.store.measure_tables import reading_days, readings
from knowledge.types import Audience
from tests.builders import disable, document, settings, wired
from tests.knowledge.measures.building import Clock, Company, founded


def noted(company: Company) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    company.services.later.flush()
    with company.services.database.read() as connection:
        days = connection.execute(select(reading_days).order_by(reading_days.c.day))
        held = connection.execute(select(readings).order_by(readings.c.document_id))
        return [tuple(one) for one in days], [tuple(one) for one in held]


def test_a_reading_is_a_day_and_a_month_of_a_document(tmp_path: Path) -> None:
    clock = Clock()
    with founded(settings(tmp_path), clock) as company:
        one, two = (
            made.document_id
            for made in company.services.capture.ingest(
                [document("a", "About a."), document("b", "About b.")]
            )
        )
        who = company.team("Kilns", 1)[0]
        reading = company.services.readings
        for place in (None, 4, 2, 9, 0, 10_000):
            reading.record(who, one, place)
        reading.record(who, two)
        reading.record(None, two)  # nobody in particular
        days, held = noted(company)
        assert days == [(who, "2026-04-08")]
        assert held == [(who, "2026-04", one, 2), (who, "2026-04", two, None)]


def test_of_what_not_all_may_read_nothing_is_noted(tmp_path: Path) -> None:
    with founded(settings(tmp_path)) as company:
        closed = document("a", "About a.", audience=Audience.of("group:board"))
        (made,) = company.services.capture.ingest([closed])
        who, gone = company.team("Kilns", 2)
        (opened,) = company.services.capture.ingest([document("b", "About b.")])
        disable(company.services, gone)
        company.services.readings.record(who, made.document_id)
        company.services.readings.record(gone, opened.document_id)
        assert noted(company) == ([], [])


def test_it_can_be_switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = replace(settings(tmp_path), measures=MeasureSettings(reading=False))
    services = wired(chosen)
    try:
        (made,) = services.capture.ingest([document("a", "About a.")])
        services.readings.record(1, made.document_id)
        assert noted(Company(services)) == ([], [])
        Readings(services.later, on=True).record(1, made.document_id)
        assert len(noted(Company(services))[1]) == 1
    finally:
        services.close()

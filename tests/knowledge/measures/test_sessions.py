"""What is measured of sessions: of those to which whoever signs in may come."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from knowledge.errors import DataUnavailable
from knowledge.store import tables as t
from knowledge.store.meeting_tables import meeting_answers, meeting_people, meetings
from knowledge.types import Audience
from tests.builders import document, settings
from tests.knowledge.measures.building import START, Company, founded


def test_polls_are_counted_in_whole_fives_with_their_response(tmp_path: Path) -> None:
    with founded(settings(tmp_path)) as company:
        people = company.team("Kilns", 20)
        came = dict.fromkeys(people[9:15], False) | dict.fromkeys(people[1:9], True)
        hold(company, people[0], came | {people[0]: False})
        company.services.publishing.publish("2026-03")
        assert company.raw("response_rate") == (8 / 14, 8, 6)
        assert company.raw("useful") == (1.5 / 5, 5, None)
        # All five said the same, which would tell what each of them said.
        assert (company.told("relevant"), company.told("engaging")) == ({}, {})


def test_sessions_for_some_change_no_figure(tmp_path: Path) -> None:
    with founded(settings(tmp_path)) as company:
        kilns, glazes = company.team("Kilns", 20), company.team("Glazes", 20)
        hold(company, kilns[0], dict.fromkeys(glazes[:10], True), of="group:board")
        company.services.publishing.publish("2026-03")
        assert company.raw("teachers")[0] == 0
        assert company.raw("response_rate")[0] == 0
        for key in ("useful", "reciprocity"):
            with pytest.raises(DataUnavailable, match="No row"):
                company.raw(key)


def hold(company: Company, host: int, came: dict[int, bool], of: str = "everyone") -> None:
    """A session of March was held: who came, and whether they answered; eight did."""
    readers = audience(company, of)
    with company.services.database.write() as connection:
        made = connection.execute(
            insert(meetings).values(
                host_id=host,
                kind="talk",
                state="held",
                title="Kilns",
                description="",
                minutes=30,
                place="",
                audience_id=readers,
                starts_at=START,
                ends_at=START + timedelta(hours=1),
                created_at=START,
                changed_at=START,
                sequence=0,
            )
        ).inserted_primary_key
        assert made is not None
        for one, answered in came.items():
            values = {"came": True, "answered": answered, "joined_at": START}
            connection.execute(
                insert(meeting_people).values(meeting_id=made[0], person_id=one, **values)
            )
        for number in range(8):
            taps = {"useful": ("yes", "partly", "no")[min(number, 2)], "relevant": "yes"}
            connection.execute(
                insert(meeting_answers).values(
                    drawn=f"{number}",
                    meeting_id=made[0],
                    batch=number // 5,
                    line="",
                    engaging="yes" if number < 5 else "no",
                    **taps,
                )
            )


def audience(company: Company, of: str) -> int:
    name = of.replace(":", "-")
    given = document(name, f"About {name}.", audience=Audience.of(of))
    list(company.services.capture.ingest([given]))
    query = select(t.documents.c.audience_id).where(t.documents.c.title == f"Page {name}")
    with company.services.database.read() as connection:
        return int(connection.execute(query).scalar_one())

"""Measures beside what is counted of people in a team: each with a value worked out by hand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from knowledge.currency import Ageing, Verdict
from knowledge.editing import Editor
from knowledge.measures.context import Risked
from knowledge.measures.publishing import Publishing
from knowledge.roles import EVERYTHING
from knowledge.store import measured
from knowledge.types import OPERATOR, Audience
from tests.builders import document, settings
from tests.knowledge.measures.building import PUBLISHED, Clock, founded


def test_what_is_verified_and_what_may_not_hold_are_shares_of_open_documents(
    tmp_path: Path,
) -> None:
    clock = Clock()
    with founded(settings(tmp_path), clock) as company:
        new, keeping = PUBLISHED - timedelta(days=30), company.services.keeping
        long_ago = PUBLISHED - timedelta(days=company.services.settings.search.old_days + 1)
        whoever = Audience.of("everyone")
        board = Audience.of("group:board")
        given = [
            document(f"n{n}", f"About {n}.", updated_at=new, audience=whoever) for n in range(7)
        ]
        given += [
            document(f"o{n}", f"Of {n}.", updated_at=long_ago, audience=whoever) for n in "ab"
        ]
        given += [document("c", "Closed.", updated_at=long_ago, audience=board)]
        ids = [one.document_id for one in company.services.capture.ingest(given)]
        editor = Editor(OPERATOR, admin=True)
        for number, verdict in (
            (0, Verdict.VERIFIED),
            (1, Verdict.VERIFIED),
            (2, Verdict.OUTDATED),
            (7, Verdict.VERIFIED),
        ):
            keeping.judge(ids[number], verdict, editor, EVERYTHING)
        asker = company.services.principal("ada@example.org")
        clock.at += timedelta(minutes=1)
        keeping.doubt(ids[1], asker, "It moved.")
        company.services.publishing.publish("2026-03")
        # Of nine: the first and an old one; and the doubted, the outdated and the other old one.
        assert company.raw("verified") == (pytest.approx(2 / 9), None, None)
        assert company.raw("stale") == (pytest.approx(3 / 9), None, None)
        assert company.told("verified") == {"company": 0.22}
        assert company.told("stale") == {"company": 0.33}


@pytest.mark.parametrize(
    ("risk", "raw", "told"),
    [
        (Risked(6, 24, 7, 9), (0.25, 7, 9), {"company": 0.25}),
        (Risked(1, 4, 1, 9), (0.25, 1, 9), {}),  # it would tell of one
        (Risked(6, 8, 7, 2), (0.75, 7, 2), {}),
    ],
)
def test_topics_at_risk_are_told_where_five_hold_them_and_five_the_others(
    tmp_path: Path, risk: Risked, raw: tuple[float, int, int], told: dict[str, float]
) -> None:
    with founded(settings(tmp_path)) as company:
        database = company.services.database
        Publishing(database, Ageing(0), lambda: risk, Clock()).publish("2026-03")
        assert company.raw("at_risk") == raw
        assert company.told("at_risk") == told


def test_reciprocity_is_how_much_of_what_teams_give_comes_back(tmp_path: Path) -> None:
    with founded(settings(tmp_path)) as company:
        kilns, glazes, ovens = (company.team(name, 12) for name in ("Kilns", "Glazes", "Ovens"))
        for n in range(8):
            company.ask(glazes[n], kilns[n], title=f"Kilns {n}?")
        for n in range(6):
            company.ask(kilns[n], glazes[n], title=f"Glazes {n}?")
        for n in range(2):
            company.ask(ovens[n], kilns[n], title=f"Ovens {n}?")
            company.ask(kilns[n], kilns[n + 6], title=f"Own {n}?")
        company.services.publishing.publish("2026-03")
        # 8 and 6 between two teams, 2 and nothing between others: 2 × 6 / 16; whoever answers
        # is of eight Kilns and six Glazes, and who asks of eight, six and two.
        assert company.raw("reciprocity") == (0.75, 14, None)
        assert company.told("reciprocity") == {"company": 0.75}


def test_the_place_of_what_is_opened_is_the_best_of_each_document_and_reader(
    tmp_path: Path,
) -> None:
    with founded(settings(tmp_path)) as company:
        people = company.team("Kilns", 12)
        with company.services.database.write() as connection:
            for number, places in enumerate(((1,), (4, 2), (3,), (900,), (None, 6), (None,))):
                for place in places:
                    measured.note_reading(connection, people[number], "2026-03-02", 1, place)
            measured.note_reading(connection, people[0], "2026-03-03", 2, 4)
        company.services.publishing.publish("2026-03")
        # 1, 2, 3, 50, 6 and 4; the sixth person came from no search.
        assert company.raw("click_position") == (11.0, 5, None)
        assert company.told("click_position") == {"company": 11.0}

"""A session as calendars read it: RFC 5545."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from knowledge.errors import Conflict
from knowledge.ics import calendar, escaped, folded
from knowledge.meeting import Format, Meeting, Participant, Plan, State
from knowledge.types import Person

AT = datetime(2026, 6, 2, 14, 30, tzinfo=timezone(timedelta(hours=2)))
BEN = Person(2, "Ben Osei")


def meeting(state: State = State.PLANNED, **changes: object) -> Meeting:
    told: dict[str, object] = {"title": "Kilns", "kind": Format.DEMO, "starts_at": AT}
    plan = Plan(**told | changes)  # type: ignore[arg-type]
    ends = None if plan.starts_at is None else plan.starts_at + timedelta(minutes=plan.minutes)
    return Meeting(
        *(7, plan, state, None, BEN, False, False, False, None, False, 1),
        *(ends, datetime(2026, 6, 1, tzinfo=UTC), 3, (Participant(BEN),)),
    )


def unfolded(made: bytes) -> list[str]:
    return made.replace(b"\r\n ", b"").decode().split("\r\n")


def test_the_whole_file() -> None:
    assert unfolded(calendar(meeting(), "know.example", "https://know.example/sessions/7")) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//whoknows//sessions//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        "UID:session-7@know.example",
        "DTSTAMP:20260601T000000Z",
        "SEQUENCE:3",
        "DTSTART:20260602T123000Z",
        "DTEND:20260602T133000Z",
        "SUMMARY:Kilns",
        "URL:https://know.example/sessions/7",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_nobody_is_named_and_what_is_cancelled_says_so() -> None:
    made = calendar(meeting(State.CANCELLED), "h", "https://h/")
    assert b"STATUS:CANCELLED\r\n" in made
    assert b"Ben" not in made
    assert b"ATTENDEE" not in made


def test_no_text_breaks_out_of_its_line() -> None:
    evil = "a\r\nATTENDEE:mailto:x@example.org\nb\x0bc\u2028d\x85e;f,g\\h\x00\x7f"
    made = unfolded(calendar(meeting(title=evil, description=evil, place=evil), "h", "https://h/"))
    assert len(made) == len(unfolded(calendar(meeting(), "h", "https://h/"))) + 2
    told = r"a\nATTENDEE:mailto:x@example.org\nb\nc\nd\ne\;f\,g\\h"
    assert {line.partition(":")[2] for line in made if line[:4] in ("SUMM", "DESC", "LOCA")} == {
        told
    }


def test_long_lines_are_folded_between_characters() -> None:
    text = "Ä€🧾" * 60
    made = folded(f"SUMMARY:{escaped(text)}")
    assert made.endswith(b"\r\n")
    lines = made[:-2].split(b"\r\n")
    assert len(lines) > 5
    assert all(len(line) <= 75 for line in lines)
    assert all(line.decode()[0] == " " for line in lines[1:])
    assert made[:-2].replace(b"\r\n ", b"").decode() == f"SUMMARY:{text}"
    assert folded("x" * 75) == b"x" * 75 + b"\r\n"


def test_what_has_no_time_has_no_file() -> None:
    with pytest.raises(Conflict):
        calendar(meeting(State.WANTED, starts_at=None), "h", "https://h/")

"""A session as a file for calendars: RFC 5545, in UTC, without anybody's name."""

from __future__ import annotations

from datetime import UTC, datetime

from knowledge.errors import Conflict
from knowledge.meeting import Meeting, State

_STATUS = {State.PLANNED: "CONFIRMED", State.HELD: "CONFIRMED", State.CANCELLED: "CANCELLED"}
# Octets of a line without its end.
_LINE = 75


def calendar(meeting: Meeting, host: str, url: str) -> bytes:
    """One event. ``host`` is the service's own name, which makes the event's id one of its own;
    ``url`` its page. Raises Conflict for what has no time."""
    plan, ends = meeting.plan, meeting.ends_at
    if plan.starts_at is None or ends is None:
        raise Conflict("nobody holds this session yet, so it has no time")
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//whoknows//sessions//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:session-{meeting.id}@{escaped(host)}",
        f"DTSTAMP:{_moment(meeting.changed_at)}",
        f"SEQUENCE:{meeting.sequence}",
        f"DTSTART:{_moment(plan.starts_at)}",
        f"DTEND:{_moment(ends)}",
        f"SUMMARY:{escaped(plan.title)}",
    ]
    if plan.description:
        lines.append(f"DESCRIPTION:{escaped(plan.description)}")
    if plan.place:
        lines.append(f"LOCATION:{escaped(plan.place)}")
    lines += [
        f"URL:{_bare(url)}",
        f"STATUS:{_STATUS[meeting.state]}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(folded(line) for line in lines)


def escaped(text: str) -> str:
    """A value of the type TEXT: one line, whatever stands in it."""
    for plain, told in (("\\", "\\\\"), (";", "\\;"), (",", "\\,")):
        text = text.replace(plain, told)
    return _bare("\\n".join(text.splitlines()))


def _bare(text: str) -> str:
    """Without what no line may hold."""
    return "".join(c for c in text if (c >= " " and c != "\x7f") or c == "\t")


def folded(line: str) -> bytes:
    """A line and its end; a long one goes on after a break and a space, never inside a
    character."""
    parts, part, room = [], bytearray(), _LINE
    for character in line:
        octets = character.encode()
        if len(part) + len(octets) > room:
            parts.append(bytes(part))
            part, room = bytearray(), _LINE - 1
        part += octets
    parts.append(bytes(part))
    return b"\r\n ".join(parts) + b"\r\n"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"

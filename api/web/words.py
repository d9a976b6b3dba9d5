"""How pages say things: kinds, roles, bands, dates and times in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from urllib.parse import quote

from indexer.search.results import Confidence
from knowledge.notices import Matter, Pace
from knowledge.types import Kind, Level, Role

KINDS = {
    Kind.WRITEUP: "Write-up",
    Kind.NOTE: "Note",
    Kind.TRANSCRIPT: "Transcript",
    Kind.THREAD: "Thread",
}
LEVELS = {
    Level.NEWCOMER: "For newcomers",
    Level.PRACTITIONER: "For practitioners",
    Level.EXPERT: "For experts",
}
# After the name of a person, before the title of a document.
DID = {
    Role.AUTHOR: "wrote",
    Role.EDITOR: "edited",
    Role.SPEAKER: "spoke in",
    Role.HOST: "hosted",
    Role.ANSWERER: "answered in",
    Role.ENDORSER: "endorsed",
}
BANDS = {
    Confidence.HIGH: "Very likely knows",
    Confidence.MEDIUM: "Likely knows",
    Confidence.LOW: "May know",
}
MATTERS = {
    Matter.QUESTIONS: "Questions that you are asked",
    Matter.ANSWERS: "Answers to your questions",
    Matter.WISHES: "What you waited for can be answered",
    Matter.REVIEWS: "Documents of yours to look at again",
    Matter.SESSIONS: "Your sessions of the next working day",
    Matter.DRAFTS: "Drafts that wait for your look",
}
PACES = {Pace.SOON: "Within minutes", Pace.DAILY: "Once a day", Pace.NEVER: "Never"}
# Sessions that were recorded here, whose speakers agreed to be found by what they said.
AGREED = "sessions whose speakers agreed"


def source(name: str, apart: bool = False) -> str:
    """What a source is called; ``apart`` tells the two of recorded sessions from each other."""
    if name != AGREED:
        return name
    return "sessions, all agreed" if apart else "sessions"


def day(at: date) -> str:
    """The date in words, as in "3 March 2026"; of a time its UTC day."""
    told = at.astimezone(UTC) if isinstance(at, datetime) else at
    return f"{told.day} {told:%B} {told.year:04}"


def moment(at: datetime, zone: tzinfo) -> str:
    """A date and time, as in "Tuesday, 3 March 2026, 09:30 CET"."""
    told = at.astimezone(zone)
    return f"{told:%A}, {day(told.date())}, {told:%H:%M} {told:%Z}"


def ago(at: datetime, now: datetime) -> str:
    """How long ago, as in "3 months ago"; the date for what lies ahead."""
    days = (now.astimezone(UTC).date() - at.astimezone(UTC).date()).days
    if days < 0:
        return day(at)
    if days < 2:
        return ("today", "yesterday")[days]
    for size, name in ((365, "year"), (30, "month"), (7, "week")):
        if days >= size * 2 or (size != 7 and days >= size):
            count = days // size
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return f"{days} days ago"


def clock(seconds: float) -> str:
    """A place in a recording: mm:ss, or h:mm:ss from one hour on."""
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    start = f"{hours}:{minutes:02}" if hours else f"{minutes:02}"
    return f"{start}:{whole % 60:02}"


def mailto(address: str) -> str:
    """The link that opens a letter to an address; nothing in it can add to the letter."""
    return f"mailto:{quote(address, safe='@')}"


def first_name(name: str) -> str:
    """What colleagues call somebody: the first word of the name that is no title."""
    return next((word for word in name.split() if not word.endswith(".")), name)


def initials(name: str) -> str:
    """One or two letters that stand for a name."""
    words = [word for word in name.split() if word[0].isalnum()]
    chosen = words[:1] + words[-1:] if len(words) > 1 else words
    return "".join(word[0] for word in chosen).upper()

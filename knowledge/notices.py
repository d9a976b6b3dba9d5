"""What people are told by mail, how soon they want to be, and when it may go out: pure functions.

Everything that somebody is told is a notice: of a kind, about one thing, on one occasion. Each kind
belongs to a matter, and for each matter its receiver chooses a pace. Times are those of a clock on
the wall: in the zone, and on the days from Monday to Friday, as an installation says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from knowledge.errors import InvalidSettings
from knowledge.mail_settings import MailSettings

GATHERED = timedelta(minutes=5)
"""How long what is to be told soon waits for more of it."""
FRESH = timedelta(days=3)
"""What happened longer ago is not told any more; nor is what the server did not take for so long
since it was first offered."""
_LONGEST_WAIT = timedelta(hours=1)
_SATURDAY = 5


class Matter(StrEnum):
    """What somebody chooses a pace for."""

    QUESTIONS = "questions"
    ANSWERS = "answers"
    WISHES = "wishes"
    REVIEWS = "reviews"
    SESSIONS = "sessions"
    DRAFTS = "drafts"


class Pace(StrEnum):
    """How soon somebody is told: within minutes, once a day, or not at all."""

    SOON = "soon"
    DAILY = "daily"
    NEVER = "never"


USUAL = dict.fromkeys(Matter, Pace.DAILY) | {
    Matter.QUESTIONS: Pace.SOON,
    Matter.ANSWERS: Pace.SOON,
}
"""What holds of who chose nothing."""


class Notice(StrEnum):
    """What is told. ``SILENCE``: nobody answered in the time in which everybody could be asked."""

    QUESTION = "question"
    ANSWER = "answer"
    SILENCE = "silence"
    WISH = "wish"
    REVIEW = "review"
    SESSION = "session"
    DRAFT = "draft"

    @property
    def matter(self) -> Matter:
        """To what it belongs."""
        return _MATTERS[self]


_MATTERS = {
    Notice.QUESTION: Matter.QUESTIONS,
    Notice.ANSWER: Matter.ANSWERS,
    Notice.SILENCE: Matter.ANSWERS,
    Notice.WISH: Matter.WISHES,
    Notice.REVIEW: Matter.REVIEWS,
    Notice.SESSION: Matter.SESSIONS,
    Notice.DRAFT: Matter.DRAFTS,
}
ASKING = frozenset({Notice.QUESTION, Notice.DRAFT})
"""What asks something of its receiver: it waits while they do not want to be asked."""


class State(StrEnum):
    """How far a notice is. ``VOID``: when it was to be sent, it did not hold any more."""

    WAITING = "waiting"
    SENT = "sent"
    VOID = "void"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """One thing to tell somebody, which is told once."""

    person_id: int
    kind: Notice
    item_id: int
    occasion: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """When mail goes out: hours are of the ``zone``; the quiet ones are none where both are the
    same."""

    zone: tzinfo
    digest_hour: int
    quiet_from: int
    quiet_until: int

    @classmethod
    def of(cls, settings: MailSettings, zone: tzinfo) -> Clock:
        """As an installation says it. Raises InvalidSettings."""
        made = cls(zone, settings.digest_hour, settings.quiet_from, settings.quiet_until)
        if made._hushed(made.digest_hour):
            raise InvalidSettings(
                "WHOKNOWS_MAIL_DIGEST_HOUR is in the quiet hours, so nothing would be sent then"
            )
        return made

    def quiet(self, now: datetime) -> bool:
        """Whether nothing is sent now."""
        local = now.astimezone(self.zone)
        return local.weekday() >= _SATURDAY or self._hushed(local.hour)

    def _hushed(self, hour: int) -> bool:
        begins, ends = self.quiet_from, self.quiet_until
        if begins == ends:
            return False
        return begins <= hour < ends if begins < ends else hour >= begins or hour < ends

    def digest(self, now: datetime) -> datetime:
        """When what is told once a day was sent last, or should have been."""
        local = now.astimezone(self.zone)
        day = local.date() if local.hour >= self.digest_hour else local.date() - timedelta(days=1)
        while day.weekday() >= _SATURDAY:
            day -= timedelta(days=1)
        return datetime(day.year, day.month, day.day, self.digest_hour, tzinfo=self.zone)

    def next_working_day(self, now: datetime) -> date:
        """The day from Monday to Friday that follows today."""
        day = now.astimezone(self.zone).date() + timedelta(days=1)
        while day.weekday() >= _SATURDAY:
            day += timedelta(days=1)
        return day

    def daily_on(self, now: datetime) -> date:
        """The day on which goes out what is found now and told once a day."""
        local = now.astimezone(self.zone)
        working = local.weekday() < _SATURDAY
        if working and (local.hour < self.digest_hour or not self.quiet(now)):
            return local.date()
        return self.next_working_day(now)

    def is_due(self, pace: Pace, created_at: datetime, now: datetime) -> bool:
        """Whether something that is to be told since then goes out now."""
        if pace is Pace.NEVER or self.quiet(now):
            return False
        if pace is Pace.DAILY:
            return created_at <= self.digest(now)
        return created_at + GATHERED <= now

    def is_stale(self, pace: Pace, since: datetime, now: datetime) -> bool:
        """Whether something that could be told since then should have gone out so long ago that
        it is not told any more."""
        then = now - FRESH
        return since <= (self.digest(then) if pace is Pace.DAILY else then)


def wait(tries: int) -> timedelta:
    """How long after so many tries, at least one, the server is offered something again."""
    return min(timedelta(minutes=2.0 ** min(tries, 16)), _LONGEST_WAIT)


def week(at: date) -> str:
    """The week of a day, in which an overdue review is told once."""
    year, number, _ = at.isocalendar()
    return f"{year}-W{number:02}"

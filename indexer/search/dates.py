"""Dates as people write them in a query: "2024", "March 2024", "last month", "3 weeks ago"."""

from __future__ import annotations

import re
from datetime import date, timedelta

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATE = re.compile(
    rf"""(?P<year>(?:19|20)\d\d)(?:[-/](?P<number>\d{{1,2}})(?:[-/](?P<day>\d{{1,2}}))?)?
    |(?:(?P<first>\d{{1,2}})(?:st|nd|rd|th)?\ )?{_MONTH},?\ (?P<its_year>(?:19|20)\d\d)
    |(?P<which>this|last)\ (?P<span>week|month|year)
    |(?P<count>\d{{1,3}}|an?|one|two|three|four|five|six)\ (?P<unit>day|week|month|year)s?\ ago
    |(?P<named>today|yesterday)""",
    re.IGNORECASE | re.VERBOSE,
)
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}


def period(text: str, today: date) -> tuple[date, date] | None:
    """The first day that is meant, and the first one after; None for what is no date.

    A period that began so long ago ("3 weeks ago") is one day.
    """
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return None
    try:
        return _period({k: v.lower() for k, v in found.groupdict().items() if v}, today)
    except (ValueError, OverflowError):  # the 31st of February, the year 0
        return None


def _period(told: dict[str, str], today: date) -> tuple[date, date]:
    if "year" in told or "its_year" in told:
        year = int(told.get("year") or told["its_year"])
        day = told.get("day") or told.get("first")
        month = _MONTHS.index(told["month"][:3]) + 1 if "month" in told else told.get("number")
        if day:
            return _day(date(year, int(month or 0), int(day)))
        if month:
            start = date(year, int(month), 1)
            return start, _month_on(start, 1)
        return date(year, 1, 1), date(year + 1, 1, 1)
    if "span" in told:
        back = told["which"] == "last"
        if told["span"] == "week":
            start = today - timedelta(days=today.weekday() + 7 * back)
            return start, start + timedelta(days=7)
        if told["span"] == "month":
            start = _month_on(today.replace(day=1), -int(back))
            return start, _month_on(start, 1)
        return date(today.year - back, 1, 1), date(today.year - back + 1, 1, 1)
    if "named" in told:
        return _day(today - timedelta(days=told["named"] == "yesterday"))
    count = _COUNTS.get(told["count"]) or int(told["count"])
    if told["unit"] in ("day", "week"):
        return _day(today - timedelta(days=count * (7 if told["unit"] == "week" else 1)))
    months = count * (12 if told["unit"] == "year" else 1)
    first = _month_on(today.replace(day=1), -months)
    # The 31st has no counterpart in a shorter month: its last day is.
    return _day(min(first + timedelta(days=today.day - 1), _month_on(first, 1) - timedelta(days=1)))


def _day(day: date) -> tuple[date, date]:
    return day, day + timedelta(days=1)


def _month_on(first: date, months: int) -> date:
    years, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(years, month + 1, 1)

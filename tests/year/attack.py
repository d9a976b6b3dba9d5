"""Whoever wants to know what single people did: reads everything, and takes differences.

The attacker is a curator, or a plain employee. They know who is in which team, and everything about
everybody but the one whom they are after. They read every page and every path of the interface that
is there for the asking, as often as they like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from api import routes
from api.routes import V1
from knowledge import asking, meeting
from knowledge.guides import TextKind
from tests.year.expected import COMPANY, SEARCHES, Figures
from tests.year.playing import Played

FEWEST = 5
Told = dict[tuple[str, str, str], float | None]
"""Measure, partition and month (YYYY-MM) -> what is told; None where it is said that it is not."""

# Of the process, of nobody; links with a secret; files; forms to begin something; what streams.
_PASSED_OVER = re.compile(
    r"^/(metrics|livez|readyz|docs.*|static.*|widget.*|sign-in.*|invitations.*|unsubscribe.*|imports/.*|feedback)$"
    r"|^/api/v1/(openapi\.json|imports/.*|session|sessions|people/me/export|audit.*)$"
    r"|/files/|/speakers$|^/write/session/"
)
# What shows figures; the two are definitions, and the form that everybody is asked to fill in.
_FIGURES = re.compile(r"^(/api/v1)?/(pulse|measures|goals|interventions)\b|/reviews?/\d{4}-")
_NO_FIGURES = (f"{V1}/measures", "/pulse/answer")
# What differs between any two installations: names that are drawn, and how long it took.
_DRAWN = re.compile(r"\b[0-9a-f]{32,64}\b|(?<=cursor=)[A-Za-z0-9_-]+|\"took_ms\":[0-9.]+")


@dataclass(frozen=True, slots=True)
class Seen:
    """What an attacker has read: pages and answers by their paths, and all told figures."""

    pages: dict[str, str]
    told: Told


def figures(played: Played, who: int) -> Told:
    """Every told figure, as the interface gives it to a curator."""
    found: Told = {}
    keys = [one["key"] for one in played.call("GET", "/measures", who, admin=True)["measures"]]
    for key in keys:
        answer = played.call("GET", f"/measures/{key}", who, admin=True)
        for line in answer["lines"]:
            for one in line["figures"]:
                found[key, line["partition"], one["month"]] = one["value"]
    return found


def look(played: Played, who: int, *, admin: bool) -> Seen:
    """Read everything once."""
    played.services.queries.flush()
    played.services.later.flush()
    pages = {}
    for path in paths(played):
        kind = "application/json" if path.startswith(V1) else "text/html"
        answer = played.raw("GET", path, who, admin=admin, headers={"Accept": kind})
        # Otherwise a thread would write what was refused, in one of two worlds sooner.
        played.services.later.flush()
        assert answer.status_code < 500, f"{path}: {answer.text[:300]}"
        pages[path] = f"{answer.status_code} {_comparable(answer.text)}"
    return Seen(pages, figures(played, who) if admin else {})


def paths(played: Played) -> list[str]:
    """Every address that is read by asking for it, with the ids of what there is."""
    found: list[str] = []
    for route in routes.all_of_them():
        if "GET" in route.methods and not _PASSED_OVER.search(route.path):
            found.extend(_filled(route.path, played))
    found += [f"{path}?q=kiln+glaze" for path in ("/", "/ask", f"{V1}/search", f"{V1}/people")]
    found += [f"{V1}/gaps?state={state}" for state in ("closed", "dismissed")]
    found += [f"{V1}/meetings?box={box}" for box in meeting.Box]
    found += [f"{V1}/questions?box={box}" for box in asking.Box]
    return sorted(set(found))


def shows_figures(path: str) -> bool:
    """Whether what is told of the company is read there."""
    return path not in _NO_FIGURES and _FIGURES.search(path) is not None


def _filled(path: str, played: Played) -> Iterator[str]:
    if "{" not in path:
        yield path
        return
    facts = played.facts
    documents = [one.document for one in facts.written[:: max(1, len(facts.written) // 12)]]
    ids = {
        "people": list(played.ids.values()),
        "documents": documents,
        "questions": [one.question for one in facts.asked],
        "meetings": [one.meeting for one in facts.held],
        "sessions": [one.meeting for one in facts.held],
        "topics": list(range(1, 9)),
    }
    noun = path.removeprefix(V1).split("/")[1]
    # What is read only of who leaves is long: of some.
    step = 3 if noun == "people" and path.startswith(f"{V1}/people/{{id}}/") else 1
    for key in ids.get(noun, [1, 2, 3])[::step]:
        filled = path.replace("{id}", f"{key}").replace("{number}", "1")
        named = re.search(r"\{(\w+)\}", filled)
        if named is None:
            yield filled
            continue
        for name in _names(played, named[1]):
            yield filled.replace(named[0], name)


def _names(played: Played, kind: str) -> list[str]:
    """What stands for a name in an address."""
    if kind == "month":
        return sorted({f"{one.at:%Y-%m}" for one in played.facts.searched})
    if kind == "slug":
        return [one.slug for one in played.services.guides.all_of_them(TextKind.GUIDE)]
    assert kind == "key", f"fill {{{kind}}}"
    return ["readers", "depth", "success"]


def _comparable(text: str) -> str:
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    # What the machine's clock says, which is another minute in another world.
    text = re.sub(rf"<time[^>]*{today}T[^>]*>[^<]*</time>", "<now>", text)
    text = re.sub(rf"{today}[T ][0-9:.]+(Z|\+00:00)?", "<now>", text)
    return _DRAWN.sub("<drawn>", text)


def alone(told: Told, truth: Figures, sizes: dict[str, int], counts: set[str]) -> list[str]:
    """Where the company's figure, less what is told of teams, is one of a group under five.

    ``sizes``: how many are in each partition; ``counts``: the measures that add up. Of partitions
    that are not told, the sum is what is left. It is told of a group when it is one partition
    alone, or when fewer than five people stand behind it.
    """
    found = []
    for measure, partition, month in sorted(told):
        if partition != COMPANY or measure not in counts or told[measure, COMPANY, month] is None:
            continue
        rest = [one for one in sizes if told.get((measure, one, month)) is None]
        behind = [truth.get((measure, int(month[5:]), one)) for one in rest]
        people = sum(one.people for one in behind if one is not None)
        if rest and (len(rest) == 1 or people < FEWEST):
            found.append(f"{measure} of {month}: {people} of {', '.join(sorted(rest))}")
    return found


def everybody(told: Told, truth: Figures, sizes: dict[str, int], people: set[str]) -> list[str]:
    """What is told of a team of which fewer than five did not do what the figure is of.

    Whoever reads a mean of a team knows that it was five at least who did it, also where no count
    of them is told. ``sizes``: how many are in each partition; ``people``: the measures of people.
    """
    found = []
    for (measure, partition, month), value in sorted(told.items()):
        held = truth.get((measure, int(month[5:]), partition))
        if value is None or partition == COMPANY or measure not in people or held is None:
            continue
        if sizes[partition] - held.people < FEWEST:
            found.append(f"{measure} of {partition} in {month}: {held.people} of all")
    return found


def left_over(told: Told, truth: Figures) -> list[str]:
    """Where shares of one whole, of which the others are told, leave what fewer than five did."""
    found = []
    for month in sorted({month for _, _, month in told}):
        there = {one: truth.get((one, int(month[5:]), COMPANY)) for one in SEARCHES}
        people = {
            one: held.people for one, held in there.items() if held is not None and held.value
        }
        shown = {one for one in people if told.get((one, COMPANY, month)) is not None}
        rest = people.keys() - shown
        if len(shown) > 1 and rest and max(people[one] for one in rest) < FEWEST:
            found.append(f"{', '.join(sorted(rest))} in {month}")
    return found


def too_few(told: Told, truth: Figures, people: set[str]) -> list[str]:
    """What is told though fewer than five people stand behind it."""
    return [
        f"{measure} of {partition} in {month}: {value}"
        for (measure, partition, month), value in sorted(told.items())
        if measure in people
        and value
        and (held := truth.get((measure, int(month[5:]), partition))) is not None
        and held.people < FEWEST
    ]


def moved(one: Told, other: Told) -> dict[tuple[str, str, str], tuple[float | None, float | None]]:
    """What two worlds, or two looks, are told differently."""
    return {
        key: (one.get(key), other.get(key))
        for key in sorted(one.keys() | other.keys())
        if one.get(key) != other.get(key)
    }


def differing(one: Seen, other: Seen) -> list[str]:
    """The addresses that answered differently."""
    return sorted(
        path
        for path in one.pages.keys() | other.pages.keys()
        if one.pages.get(path) != other.pages.get(path)
    )

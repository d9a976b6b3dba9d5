"""Feedback: what those who came to sessions say of them."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean

from knowledge.measures.context import EVERYBODY, Context, share
from knowledge.measures.kinds import COMPANY, Family, Measure, Raw, Unit
from knowledge.meeting import State
from knowledge.polls import ASKED, THRESHOLD, Tap
from knowledge.store import measured

_OPEN = "Only sessions to which whoever signs in may come are counted. "
_SOURCE = "meeting_answers of sessions that ended in the month, in whole fives"
_CAVEATS = (
    _OPEN
    + "Up to four answers a session are never counted (decision 37), nor are those that come after "
    "the month is published. Read it beside the response rate."
)

MEASURES = (
    *(
        Measure(
            key,
            name,
            Family.FEEDBACK,
            Unit.SHARE,
            f"Mean of the answers to whether sessions were {key}: yes 1, partly ½, no 0",
            _SOURCE,
            _CAVEATS,
        )
        for key, name in (
            ("useful", "Useful sessions"),
            ("relevant", "Relevant sessions"),
            ("engaging", "Engaging sessions"),
        )
    ),
    Measure(
        "response_rate",
        "Response rate of polls",
        Family.FEEDBACK,
        Unit.SHARE,
        "Answers / people who came, over held sessions that ended in the month, without their host",
        "meeting_people",
        _OPEN + "Who came is what the host says. Also answers count here that fill no five.",
    ),
)


_WORTH = {Tap.YES: 1.0, Tap.PARTLY: 0.5, Tap.NO: 0.0}


def gather(context: Context) -> Iterator[Raw]:
    """The figures of a month."""
    period = EVERYBODY, State.HELD, context.start, context.end
    came = measured.came(context.connection, *period)
    who = context.company.people([row.person_id for row in came if row.answered])
    silent = context.company.people([row.person_id for row in came if not row.answered])
    said = measured.said(context.connection, *period, THRESHOLD)
    for name in ASKED:
        taps = [_WORTH[Tap(getattr(row, name))] for row in said]
        if len(set(taps)) > 1:  # where all say the same, it would tell what each of them said
            people = min(len(taps), len(who))
            yield Raw(name, COMPANY, fmean(taps), sum(taps), len(taps), people)
    answers = sum(row.answered for row in came)
    yield share("response_rate", COMPANY, answers, len(came), len(who), len(silent))

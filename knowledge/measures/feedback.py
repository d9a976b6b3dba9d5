"""Feedback: what those who came to sessions say of them."""

from __future__ import annotations

from knowledge.measures.kinds import Family, Measure, Unit

_SOURCE = "meeting_answers of sessions that ended in the month, in whole fives"
_CAVEATS = (
    "Up to four answers a session are never counted (decision 37), nor are those that come after "
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
        "Who came is what the host says. Also answers count here that fill no five.",
    ),
)

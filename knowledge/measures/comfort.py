"""Comfort: the four questions of the pulse."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge import comfort
from knowledge.measures.context import Context
from knowledge.measures.kinds import COMPANY, Family, Measure, Raw, Unit

_ABOUT = (
    ("comfort_asking", "Comfort in asking"),
    ("comfort_mistakes", "Comfort in telling of mistakes"),
    ("comfort_sharing", "Comfort in sharing"),
    ("comfort_time", "Time to learn from each other"),
)

MEASURES = tuple(
    Measure(
        key,
        name,
        Family.COMFORT,
        Unit.SCORE,
        f"Mean of the answers, 1 to 5, to: {question}",
        "comfort_batches: anonymous answers to the pulse, in whole batches of five or more",
        "Who answers chooses to. Answers that fill no batch are not counted. Nobody knows whether "
        "somebody answered in two months, so a change may be one of who answers.",
    )
    for (key, name), question in zip(_ABOUT, comfort.QUESTIONS, strict=True)
)


def gather(context: Context) -> Iterator[Raw]:
    """The figures of a month."""
    batches = comfort.of_month(context.connection, context.month)
    for number, measure in enumerate(MEASURES, start=1):
        counts = [
            sum(n) for n in zip(*(b.counts for b in batches if b.question == number), strict=True)
        ]
        count = sum(counts)
        if max(counts, default=0) < count:  # where all say the same, it would tell of each
            total = sum(score * n for score, n in enumerate(counts, start=1))
            yield Raw(measure.key, COMPANY, total / count, total, count, count)

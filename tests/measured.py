"""Months that are published, with figures as a test wants them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from knowledge.measures.kinds import COMPANY, after
from knowledge.store import measures as store
from knowledge.store.database import Database

Told = Sequence[float | None]
"""What is told of each month; None: it is not."""
Figures = dict[tuple[str, str] | str, Told]
"""By measure (of the whole company), or by measure and partition."""
LAST = "2026-06"


def published(database: Database, told: Figures, last: str = LAST) -> list[str]:
    """Publish as many months, the last of them ``last``, as the lists are long. Returns them."""
    count = max(len(values) for values in told.values())
    months = [after(last, number - count + 1) for number in range(count)]
    with database.write() as connection:
        for number, month in enumerate(months):
            rows = []
            for key, values in told.items():
                measure, partition = (key, COMPANY) if isinstance(key, str) else key
                value = values[number]
                rows.append(
                    {
                        "measure": measure,
                        "partition": partition,
                        "version": 1,
                        # What is not told is there all the same, and would be seen on a page.
                        "value": 0.987654 if value is None else value,
                        "numerator": 1.0,
                        "denominator": 1.0,
                        "people": 50,
                        "others": 50,
                        "told": value,
                    }
                )
            store.publish(connection, month, datetime.now(UTC), rows)
    return months

"""How many topics are at risk, by what whoever signs in may read."""

from __future__ import annotations

from indexer import holders
from indexer.topics import ALONE, FEWEST, Topics
from knowledge.measures.context import EVERYBODY, Risked
from knowledge.store import topics as store


def risked(topics: Topics) -> Risked | None:
    """Of topics of three documents or more that anybody is known for; who holds most of each is
    counted and not told. None where topics were never looked for."""
    heads: dict[bool, list[int]] = {True: [], False: []}
    with topics.database.read() as connection:
        if store.last_run(connection) is None:
            return None
        large = [one.id for one in store.seen(connection, EVERYBODY) if one.documents >= FEWEST]
        for shares in topics.shares(connection, large, EVERYBODY).values():
            if shares:
                most = max(shares, key=lambda person: (shares[person], -person))
                heads[holders.effective(shares) < ALONE].append(most)
    at_risk, safe = heads[True], heads[False]
    return Risked(len(at_risk), len(at_risk) + len(safe), len(set(at_risk)), len(set(safe)))

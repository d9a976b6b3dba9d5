"""To whom what somebody owns could go: to who knows most of it beside them."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.topics import Topics
from knowledge import care
from knowledge.handover import Owned, Thing
from knowledge.store import access, documents, profiles
from knowledge.store import topics as store
from knowledge.types import Person, Principal

Suggestions = dict[tuple[Thing, int], Person]


def suggested(
    topics: Topics, person_id: int, owned: Sequence[Owned], principal: Principal
) -> Suggestions:
    """By thing: who holds most of its topic beside its owner, agrees to be found by it, is in the
    directory and still here, may read it, and whom the asker sees. Nobody for sessions, and where
    there is nobody."""
    found: Suggestions = {}
    with topics.database.read() as connection:
        mine = [one.id for one in owned if one.kind is Thing.DOCUMENT]
        held = documents.load(connection, mine, principal)
        place = {key: at[0] for key, at in store.topics_of(connection, held).items()}
        place_of = {(Thing.DOCUMENT, key): topic for key, topic in place.items()}
        place_of |= {(one.kind, one.id): one.id for one in owned if one.kind is Thing.TOPIC}
        next_ones: dict[int, list[Person]] = {}
        known = topics.shares(connection, set(place_of.values()), principal)
        for topic_id, shares in known.items():
            order = sorted(shares, key=lambda key: (-shares[key], key))
            there = care.still_here(connection, order)
            persons = [
                profiles.maybe(connection, key, principal)
                for key in order
                if key in there and key != person_id
            ]
            next_ones[topic_id] = [one for one in persons if one is not None and one.listed]
        reading: dict[int, Principal] = {}
        for (kind, key), topic_id in place_of.items():
            for person in next_ones[topic_id]:
                who = reading.setdefault(person.id, access.principal_of(connection, person.id))
                if kind is Thing.TOPIC or documents.visible(connection, [key], who):
                    found[kind, key] = person
                    break
    return found

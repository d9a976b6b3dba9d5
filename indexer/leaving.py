"""What would be lost if somebody left, and what to ask them before.

For administrators; a steward is told of their own topics. As everywhere it is made of what the
asker may read, and of what the person agrees to be found by.
"""

from __future__ import annotations

from dataclasses import dataclass

from indexer import holders
from indexer.topics import Topic, Topics
from knowledge import currency
from knowledge.currency import State
from knowledge.errors import NotFound
from knowledge.store import documents, profiles
from knowledge.store import people as everybody
from knowledge.store import topics as store
from knowledge.topics import looks_after
from knowledge.types import Document, Person, Principal, Role

LARGE = 0.25
"""Whoever holds so much of a topic is missed there: of four equal holders, each."""
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Loss:
    """A topic of which somebody holds much. ``before`` and ``after``: the effective number of
    holders with and without them."""

    topic: Topic
    share: float
    before: float
    after: float
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Leaving:
    """What somebody would take with them. ``alone``: documents that nobody else made; ``open``:
    documents of theirs that nobody verified. At most ``SHOWN`` of each."""

    person: Person
    losses: tuple[Loss, ...]
    alone: tuple[Document, ...]
    open: tuple[Document, ...]


def leaving(
    topics: Topics, person_id: int, principal: Principal, *, admin: bool = False
) -> Leaving:
    """What would be lost. Raises NotFound for somebody whom the asker may not see, and for whoever
    asks and looks after no topic."""
    with topics.database.read() as connection:
        seen = store.seen(connection, principal)
        if not admin:
            seen = [one for one in seen if looks_after(connection, one, principal)]
            if not seen:
                raise NotFound("there is no such page for you")
        person_id = everybody.whole(connection, person_id)
        person = profiles.seen(connection, person_id, principal)
        made = everybody.documents_of(connection, person_id)
        held = documents.load(connection, made, principal)
        held = topics.speaking(connection, person_id, held)
        places = store.topics_of(connection, held)
        if not admin:
            ids = {one.id for one in seen}
            held = {key: one for key, one in held.items() if places.get(key, (0,))[0] in ids}
        near = {topic for topic, _ in places.values()}
        told = topics.told(connection, principal, admin, [one for one in seen if one.id in near])
        losses = []
        known = topics.shares(connection, list(told), principal)
        for topic_id, topic in told.items():
            shares = known[topic_id]
            share = shares.get(person_id, 0.0)
            if share >= LARGE:
                theirs = [key for key in held if places.get(key, (0,))[0] == topic_id]
                theirs.sort(key=lambda key: (-places[key][1], key))
                before = holders.effective(shares)
                after = holders.effective(holders.without(shares, person_id))
                shown = tuple(held[key] for key in theirs[:SHOWN])
                losses.append(Loss(topic, round(share, 4), before, after, shown))
        said = currency.load(connection, held, principal, topics.ageing, topics.now())
    losses.sort(key=lambda one: (one.after, -one.share, one.topic.name, one.topic.id))
    newest = sorted(held.values(), key=lambda one: (_age(one), one.id))
    alone = [one for one in newest if _alone(one, person_id)]
    unsure = [one for one in newest if said[one.id].state is not State.VERIFIED]
    return Leaving(person, tuple(losses), tuple(alone[:SHOWN]), tuple(unsure[:SHOWN]))


def _age(document: Document) -> float:
    at = document.updated_at or document.created_at
    return -at.timestamp() if at else 0.0


def _alone(document: Document, person_id: int) -> bool:
    makers = {c.person_id for c in document.contributions if c.role is not Role.ENDORSER}
    return makers == {person_id}


_QUESTIONS = (
    "What do you do here that nobody sees?",
    "What goes wrong most often, how do you notice it, and what do you do then?",
    "What did you try that did not work, and why was it done as it is now?",
    "Whom do you ask when you are stuck, inside and outside the company?",
    "What would you tell somebody on their first day with this?",
)


def guide(found: Leaving) -> str:
    """What to ask somebody who leaves, as Markdown."""
    lines = [
        f"# Before {_plain(found.person.name)} leaves",
        "",
        "Take an hour for each topic. Let them tell it by the last time that it happened, record "
        "it if they agree, and write a note of each answer together.",
    ]
    for loss in found.losses:
        lines += ["", f"## {_plain(loss.topic.name)}", ""]
        lines.append(
            f"They hold {loss.share:.0%} of what is written and said of it. The rest is held as if "
            f"by {loss.after:.1f} people of equal shares."
        )
        lines.append("")
        lines += [f"- {question}" for question in _QUESTIONS]
        for document in loss.documents[:5]:
            lines.append(f"- What is missing in “{_plain(document.title)}”? What is out of date?")
        lines.append("- Who could learn it, and what would they have to do once together with you?")
    if not found.losses:
        lines += ["", "There is no topic of which they hold a large part.", ""]
        lines += [f"- {question}" for question in _QUESTIONS]
    for heading, some in (
        ("Documents that nobody else knows", found.alone),
        ("Documents to verify with them", found.open),
    ):
        if some:
            lines += ["", f"## {heading}", ""]
            lines += [f"- [ ] {_plain(document.title)}" for document in some]
    return "\n".join(lines) + "\n"


_MEANT = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>#|"})


def _plain(text: str) -> str:
    """Text on one line that means nothing in Markdown."""
    return " ".join(text.split()).translate(_MEANT)

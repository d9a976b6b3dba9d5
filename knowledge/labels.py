"""Who a transcript's labels are: what its source says, and what somebody assigned instead.

The source's own word is kept beside what was assigned, so that taking an assignment back restores
it. A label that stands for nobody in particular never becomes a person by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from knowledge.store import details, documents, people
from knowledge.store import speakers as store
from knowledge.store.speakers import Assignment, Told
from knowledge.transcript import is_generic, turns
from knowledge.types import OPERATOR, Contribution, Contributor, Role

_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Heard:
    """Whose each label is, without case, and who contributed what."""

    labels: dict[str, int | None]
    made: list[Contribution]


def key(label: str) -> str:
    """The form under which two labels are one."""
    return label.casefold()[:300]


def words(body: str) -> dict[str, tuple[str, int]]:
    """By ``key``: each label of a transcript as it is first written, and its number of words."""
    counted: dict[str, tuple[str, int]] = {}
    for turn in turns(body):
        if turn.label is not None:
            label, count = counted.get(key(turn.label), (turn.label, 0))
            spoken = sum(1 for _ in _WORDS.finditer(body, turn.text_start, turn.end))
            counted[key(turn.label)] = label, count + spoken
    return counted


def somebody(contributors: Iterable[Contributor]) -> Iterator[Contributor]:
    """Those who may be people: "Speaker 1" says of nobody who they are."""
    for one in contributors:
        known = one.email or one.handle
        if known or not (one.role.spoken and is_generic(one.name)):
            yield one


def settled(
    connection: Connection,
    document_id: int,
    body: str,
    labels: Mapping[str, int],
    made: Iterable[Contribution],
    *,
    edited: bool,
) -> Heard:
    """What is so after a document was written: what its source says but for what is assigned.

    ``edited``: it was changed here, so ``made`` holds what is assigned and the source said
    nothing new.
    """
    given = list(made)
    assigned = store.assignments(connection, document_id)
    if not assigned:
        return Heard(dict(labels), given)
    if edited:
        told = store.told(connection, document_id)
    else:
        spoken = [pair for pair in enumerate(given) if pair[1].role is Role.SPEAKER]
        told = Told(dict(labels), tuple(spoken))
        store.tell(connection, document_id, told)
    told = told or Told({}, ())
    heard = applied(connection, told, assigned, words(body))
    placed = _in_place(told, enumerate(given), heard.made)
    return Heard(heard.labels, [one for _, one in placed])


def _in_place(
    told: Told, held: Iterable[tuple[int, Contribution]], spoken: Iterable[Contribution]
) -> list[tuple[int, Contribution]]:
    """Everybody in the source's order, with these for its speakers; who is new comes last."""
    others = [pair for pair in held if pair[1].role is not Role.SPEAKER]
    places = {(one.person_id, one.name): place for place, one in reversed(told.speakers)}
    last = max((place for place, _ in (*others, *told.speakers)), default=0) + 1
    placed = others + [(places.get((one.person_id, one.name), last), one) for one in spoken]
    return sorted(placed, key=lambda pair: pair[0])


def applied(
    connection: Connection,
    told: Told,
    assigned: Mapping[str, Assignment],
    counted: Mapping[str, tuple[str, int]],
) -> Heard:
    """The labels and who speaks, by what the source ``told`` and what is ``assigned``."""
    ids = {*told.labels.values(), *(one.person_id for _, one in told.speakers)}
    wholes = people.wholes(connection, ids)
    own = {label: wholes.get(person, person) for label, person in told.labels.items()}
    differing = {
        label: one
        for label, one in assigned.items()
        if label not in own or own[label] != one.person_id
    }
    labels: dict[str, int | None] = dict(own)
    labels |= {label: one.person_id for label, one in differing.items()}
    made = []
    for _, said in told.speakers:
        person = wholes.get(said.person_id, said.person_id)
        theirs = [label for label, holder in own.items() if holder == person]
        left = [label for label in theirs if label not in differing]
        if left or not theirs:
            weight = said.weight * _part(counted, left, theirs)
            made.append(replace(said, person_id=person, weight=weight))
    for label, one in differing.items():
        count = counted.get(label, ("", 0))[1]
        if one.person_id is not None and count:
            made.append(Contribution(one.person_id, one.name, Role.SPEAKER, float(count)))
    return Heard(labels, made)


def _part(
    counted: Mapping[str, tuple[str, int]], left: Iterable[str], theirs: Iterable[str]
) -> float:
    """How much of a speaker's words are under the labels that are left to them."""
    kept, whole = (
        sum(counted[label][1] for label in labels if label in counted) for labels in (left, theirs)
    )
    return kept / whole if kept and kept < whole else 1.0


def rewrite(
    connection: Connection,
    document_id: int,
    told: Told,
    assigned: Mapping[str, Assignment],
    counted: Mapping[str, tuple[str, int]],
) -> None:
    """Make a stored document's contributions and passages what follows from both."""
    heard = applied(connection, told, assigned, counted)
    held = details.makers(connection, document_id)
    details.put_makers(connection, document_id, _in_place(told, held, heard.made))
    store.speak(connection, document_id, heard.labels)


def taken_over(connection: Connection, document_id: int) -> None:
    """Say again who speaks in a document that was given another one's content."""
    assigned = store.assignments(connection, document_id)
    if assigned:
        told = store.told(connection, document_id) or store.current(connection, document_id)
        store.tell(connection, document_id, told)
        body = documents.body(connection, document_id, OPERATOR)
        rewrite(connection, document_id, told, assigned, words(body))

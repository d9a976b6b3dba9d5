"""The people of a transcript, from what it calls them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from knowledge.transcript import is_generic
from knowledge.types import Contributor, Role


def speakers(
    spoken: Iterable[tuple[str | None, str]], known: tuple[Contributor, ...] = ()
) -> tuple[Contributor, ...]:
    """One contributor a label, in the order of first words; ``weight`` is the words spoken.

    Labels that stand for nobody ("Speaker 1") give none, unless somebody known is said to be
    called so. ``known`` are people that the front
    matter names: by name or label they lend address, handle and role to a speaker; who of them
    never speaks is kept, a speaker without weight.
    """
    words: dict[str, int] = {}
    assigned = {_key(c.label) for c in known if c.label}
    for label, text in spoken:
        somebody = label and (not is_generic(label) or _key(label) in assigned)
        if label and somebody and (count := len(text.split())):
            words[label] = words.get(label, 0) + count
    by_label = {_key(c.label or c.name): c for c in reversed(known)}
    people: list[Contributor] = []
    for label, count in words.items():
        person = by_label.pop(_key(label), None)
        if person is None:
            people.append(Contributor(label, Role.SPEAKER, weight=float(count)))
        else:
            role = Role.HOST if person.role is Role.HOST else Role.SPEAKER
            called = label if label != person.name else None
            people.append(replace(person, role=role, weight=float(count), label=called))
    silent = [
        replace(c, weight=0.0) if c.role is Role.SPEAKER else c
        for c in known
        if c in by_label.values() and (c.role is not Role.SPEAKER or not is_generic(c.name))
    ]
    return (*people, *silent)


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()

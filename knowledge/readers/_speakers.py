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

    Labels that stand for nobody ("Speaker 1") give none. ``known`` are people that the front
    matter names: by name or label they lend address, handle and role to a speaker; hosts and
    editors who never speak are kept.
    """
    words: dict[str, int] = {}
    for label, text in spoken:
        if label and not is_generic(label) and (count := len(text.split())):
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
    silent = [c for c in known if c in by_label.values() and c.role is not Role.SPEAKER]
    return (*people, *silent)


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()

"""Who may be one person, and who is not asked about."""

from __future__ import annotations

import random
import time

import pytest

from knowledge.likeness import Known, Reason, folded, pairs

NOBODY: frozenset[tuple[int, int]] = frozenset()


def known(key: int, *names: str, **more: object) -> Known:
    given = {"documents": 1, "listed": False} | more
    return Known(key, names, **given)  # type: ignore[arg-type]


def why(one: Known, other: Known) -> tuple[Reason, ...]:
    found = pairs([one, other], NOBODY, 10)
    return found[0].reasons if found else ()


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("Ada Field", "ada  field", Reason.SAME_NAME),
        ("Ada Field", "Field, Ada", Reason.SPELLING),
        ("Ada Field", "Field Ada", Reason.SPELLING),
        ("José Núñez", "Jose Nunez", Reason.SPELLING),
        ("Jörg Müller", "Joerg Mueller", Reason.SPELLING),
        ("Søren Łukasz", "Soren Lukasz", Reason.SPELLING),
        ("Ada Field", "ada.field", Reason.SPELLING),
        ("Ada Field", "A. Field", Reason.INITIALS),
        ("Ada Field", "Ada B. Field", Reason.INITIALS),
        ("Ada Beth Field", "A. B. Field", Reason.INITIALS),
        ("Ada Beth Field", "Ada Field", Reason.INITIALS),
        ("Field, A.", "Ada Field", Reason.INITIALS),
        ("Ada", "ada", Reason.FIRST_NAME),
    ],
)
def test_names_that_may_be_one(one: str, other: str, reason: Reason) -> None:
    assert why(known(1, one), known(2, other)) == (reason,)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada Field", "Ada Fields"),
        ("Ada Field", "Adam Field"),
        ("Ada Field", "B. Field"),
        ("Ada C. Field", "Ada B. Field"),
        ("Ada Field", "Ada"),
        ("Speaker 1", "Speaker 1"),
        ("!", "!"),
    ],
)
def test_names_that_are_two(one: str, other: str) -> None:
    assert why(known(1, one), known(2, other)) == ()


def test_addresses_and_handles_tell_too() -> None:
    ada = known(1, "Ada Field", addresses=("ada.field@example.org",), handles=(("wiki", "af99"),))
    assert why(ada, known(2, "afx", addresses=("ada.field+wiki@other.example",))) == (
        Reason.ADDRESS,
        Reason.ADDRESSES,
    )
    assert why(ada, known(2, "Field, Ada")) == (Reason.SPELLING, Reason.ADDRESS)
    assert why(ada, known(2, "X", handles=(("chat", "ada_field"),))) == (Reason.HANDLE,)
    assert why(known(1, "X", addresses=("af99@example.org",)), known(2, "Y", handles=ada.handles))
    long = known(3, "Y", handles=(("chat", "afield99"),))
    assert why(long, known(2, "X", handles=(("wiki", "afield99"),))) == (Reason.HANDLES,)
    info = known(1, "X", addresses=("info@example.org",))
    assert why(info, known(2, "Y", addresses=("info@other.example",))) == ()


def test_what_contradicts_counts_against() -> None:
    one, other = known(1, "Ada Field"), known(2, "Ada Field")
    (plain,) = pairs([one, other], NOBODY, 9)
    both = pairs(
        [known(1, "Ada Field", listed=True), known(2, "Ada Field", listed=True)], NOBODY, 9
    )
    assert both[0].score < plain.score
    accounts = [known(n, "Ada Field", handles=(("wiki", f"x{n}"),)) for n in (1, 2)]
    assert pairs(accounts, NOBODY, 9)[0].score < plain.score
    listed = known(9, "Ada Field", listed=True)
    assert pairs([known(1, "A. Field", documents=50), listed], NOBODY, 9)[0].kept == listed


def test_the_likeliest_come_first_and_who_was_told_apart_not_at_all() -> None:
    people = [
        known(1, "Ada Field", documents=1),
        known(2, "A. Field", documents=90),
        known(3, "Ada Field", documents=3),
        known(4, "Bo Li"),
        known(5, "bo li"),
    ]
    found = pairs(people, NOBODY, 9)
    assert [(p.kept.id, p.other.id) for p in found] == [(3, 1), (4, 5), (2, 3), (2, 1)]
    assert pairs(people, NOBODY, 2) == found[:2]
    told = frozenset({(1, 3), (4, 5)})
    assert [(p.kept.id, p.other.id) for p in pairs(people, told, 9)] == [(2, 3), (2, 1)]


def test_many_namesakes_are_not_all_compared() -> None:
    people = [known(n, "Jan Kowalski") for n in range(1, 401)]
    people += [known(n, f"J{letter} Smith") for n, letter in enumerate("abcdefghijklmnop", 500)]
    people.append(known(999, "J. Smith"))
    found = pairs(people, NOBODY, 10_000)
    assert len(found) == 399
    assert {p.kept.id for p in found} == {1}


def test_ten_thousand_people_take_no_time() -> None:
    chance = random.Random(7)
    syllables = [a + b for a in "bcdfglmnprst" for b in "aeiou"]

    def name(length: int) -> str:
        return "".join(chance.choices(syllables, k=length)).title()

    people = []
    for key in range(1, 10_001):
        first, last = name(2), name(3)
        address = f"{first}.{last}@example.org".lower()
        people.append(known(key, f"{first} {last}", addresses=(address,)))
    for key in range(10_001, 10_101):
        first, last = people[key - 10_001].names[0].split()
        people.append(known(key, f"{last}, {first}"))
    begun = time.process_time()
    found = pairs(people, NOBODY, 200)
    assert time.process_time() - begun < 2
    wanted = {(key, key + 10_000) for key in range(1, 101)}
    assert len(wanted & {(p.kept.id, p.other.id) for p in found}) >= 95


def test_names_are_folded_as_words() -> None:
    assert folded("Field-Öz, Ada") == ("ada", "field", "oz")
    assert folded("  ") == ()

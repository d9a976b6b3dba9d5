"""Which of many people may be one, by what they are called; nothing here decides that they are.

Nobody is compared with everybody: people share a key (a name, its words without accents and order,
an initial and a surname, what an address begins with), and a key that many share says nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import combinations

from knowledge.transcript import is_generic
from knowledge.words import words

_MOST = 12
"""Who share a key and may still be one."""
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})
_UMLAUT = re.compile(r"([aou])e")
_SHARED = frozenset(
    "abuse admin administrator all contact dev devs docs hello help hr info it mail marketing me "
    "news no-reply noreply office ops sales service support team user wiki www".split()
)


class Reason(StrEnum):
    """Why two people may be one, in the order of what it is worth."""

    SAME_NAME = "same_name"
    SPELLING = "same_name_spelled_otherwise"
    ADDRESS = "address_like_name"
    ADDRESSES = "addresses_alike"
    INITIALS = "same_name_with_initials"
    HANDLE = "handle_like_address"
    HANDLES = "same_handle"
    FIRST_NAME = "same_single_name"


_WORTH = {
    Reason.SAME_NAME: 4.0,
    Reason.SPELLING: 3.0,
    Reason.ADDRESS: 3.0,
    Reason.ADDRESSES: 3.0,
    Reason.INITIALS: 2.0,
    Reason.HANDLE: 2.0,
    Reason.HANDLES: 2.0,
    Reason.FIRST_NAME: 1.0,
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of somebody. ``names`` are all spellings, ``documents`` how many name them;
    ``handles`` are (source, handle)."""

    id: int
    names: tuple[str, ...]
    documents: int
    listed: bool
    addresses: tuple[str, ...] = ()
    handles: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """Two who may be one, the one to keep first."""

    kept: Known
    other: Known
    reasons: tuple[Reason, ...]
    score: float


Key = tuple[str, ...]
_Two = tuple[int, int]


def pairs(everybody: Iterable[Known], distinct: frozenset[_Two], limit: int) -> list[Pair]:
    """The likeliest first. ``distinct``: who were told apart, the lower id first."""
    people = {one.id: one for one in everybody}
    found: dict[_Two, set[Reason]] = defaultdict(set)
    for reason, two in (*_by_keys(people.values()), *_by_initials(people.values())):
        if two not in distinct:
            found[two].add(reason)
    made = [_pair(people[one], people[other], reasons) for (one, other), reasons in found.items()]
    made = [pair for pair in made if pair.score > 0]
    made.sort(key=_order)
    return made[:limit]


def _order(pair: Pair) -> tuple[float, int, int, int]:
    documents = pair.kept.documents + pair.other.documents
    return (-pair.score, -documents, pair.kept.id, pair.other.id)


def _pair(one: Known, other: Known, reasons: set[Reason]) -> Pair:
    kept, gone = sorted((one, other), key=lambda p: (not p.listed, -p.documents, p.id))
    if Reason.SAME_NAME in reasons:
        reasons = reasons - {Reason.SPELLING, Reason.INITIALS}
    if Reason.SPELLING in reasons:
        reasons = reasons - {Reason.INITIALS}
    score = sum(_WORTH[reason] for reason in reasons)
    # A directory seldom lists somebody twice, and seldom has somebody two accounts in one place.
    score -= 3.0 if one.listed and other.listed else 0.0
    theirs = dict(other.handles)
    score -= 2.0 if any(theirs.get(at, handle) != handle for at, handle in one.handles) else 0.0
    return Pair(kept, gone, tuple(sorted(reasons, key=list(Reason).index)), score)


@lru_cache(maxsize=50_000)
def folded(name: str) -> Key:
    """The words of a name without accents, in the order first name, surname: "Field, Ada" is
    ("ada", "field")."""
    head, comma, tail = name.partition(",")
    told = f"{tail} {head}" if comma and tail.strip() else name
    plain = words(told.casefold().translate(_LETTERS))
    return tuple(_UMLAUT.sub(r"\1", word) for word in plain)


def _local(address: str) -> Key:
    """What stands before the @, as the words of a name."""
    local = address.partition("@")[0].partition("+")[0]
    return () if local in _SHARED else folded(re.sub(r"[._\-]+", " ", local))


def _by_keys(everybody: Iterable[Known]) -> Iterator[tuple[Reason, _Two]]:
    exact: dict[Key, set[int]] = defaultdict(set)
    spelled: dict[Key, set[int]] = defaultdict(set)
    local: dict[Key, set[int]] = defaultdict(set)
    handles: dict[Key, set[int]] = defaultdict(set)
    for one in everybody:
        for name in {" ".join(name.split()).casefold() for name in one.names}:
            if not is_generic(name) and folded(name):
                exact[(name,)].add(one.id)
                spelled[tuple(sorted(folded(name)))].add(one.id)
        for key in {tuple(sorted(_local(address))) for address in one.addresses}:
            local[key].add(one.id)
        for key in {tuple(sorted(_local(handle))) for _, handle in one.handles}:
            handles[key].add(one.id)
    for (name,), ids in exact.items():
        reason = Reason.SAME_NAME if len(folded(name)) > 1 else Reason.FIRST_NAME
        yield from ((reason, two) for two in _among(ids, reason is Reason.SAME_NAME))
    for key, ids in spelled.items():
        if len(key) > 1:
            yield from ((Reason.SPELLING, two) for two in _among(ids))
    for key, ids in local.items():
        if _telling(key):
            yield from ((Reason.ADDRESSES, two) for two in _among(ids))
            yield from ((Reason.ADDRESS, two) for two in _between(ids, spelled.get(key)))
        if key:
            yield from ((Reason.HANDLE, two) for two in _between(ids, handles.get(key)))
    for key, ids in handles.items():
        if _telling(key):
            yield from ((Reason.HANDLES, two) for two in _among(ids))


def _telling(key: Key) -> bool:
    """Whether hardly two people have it by chance: "adafield" or "ada.field", and not "ada"."""
    return len(key) > 1 or len("".join(key)) > 5


def _among(ids: set[int], many: bool = False) -> Iterator[_Two]:
    """All pairs of few; if ``many`` may be one, each of them with the first."""
    held = sorted(ids)
    if len(held) <= _MOST:
        yield from combinations(held, 2)
    elif many:
        yield from ((held[0], other) for other in held[1:])


def _between(ids: set[int], others: set[int] | None) -> Iterator[_Two]:
    if others and len(ids | others) <= _MOST:
        for one in sorted(ids):
            yield from ((min(one, it), max(one, it)) for it in sorted(others) if it != one)


def _by_initials(everybody: Iterable[Known]) -> Iterator[tuple[Reason, _Two]]:
    """Whose names are one but for initials and middle names: "A. Field", "Ada B. Field"."""
    blocks: dict[tuple[str, str], list[tuple[int, Key]]] = defaultdict(list)
    for one in everybody:
        for key in {folded(name) for name in one.names}:
            if len(key) > 1 and len(key[-1]) > 1:
                blocks[key[-1], key[0][0]].append((one.id, key))
    for held in blocks.values():
        # Who is called in full is compared with who is not.
        short = [two for two in held if any(len(word) == 1 for word in two[1]) or len(two[1]) > 2]
        for person, key in short[:200]:
            like = {other for other, name in held if other != person and _abbreviates(key, name)}
            if len(like) <= _MOST:
                for other in sorted(like):
                    yield Reason.INITIALS, (min(person, other), max(person, other))


def _abbreviates(one: Key, other: Key) -> bool:
    """Whether two names with one surname agree in every word, by initials where they are such;
    who has fewer middle names has those that they have."""
    first = one[0][: len(other[0])] == other[0][: len(one[0])]
    alike = first and (one[0] == other[0] or 1 in (len(one[0]), len(other[0])))
    fewer, more = sorted((one[1:-1], other[1:-1]), key=len)
    both = zip(fewer, more, strict=False)
    middle = all(a[0] == b[0] and (a == b or 1 in (len(a), len(b))) for a, b in both)
    return alike and middle and one != other

"""Texts without somebody: what they said, and what they are called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Any

from knowledge import labels
from knowledge.transcript import render, turns
from knowledge.words import words

FORMER = "Former colleague"
REMOVED = "(removed)"
# Shorter ones are words, or parts of them, more often than names.
_SHORTEST_HANDLE = 5
_SHORTEST_SURNAME = 4
_SHORTEST_ASKED = 3
# Parts of many names that are words of a language first.
_PARTICLES = frozenset(
    "al ben bin da de del della den der des di do dos du el ibn la le los und van ter ten "
    "the von vom zu zum zur".split()
)
# A run of their names is as long as that at most, and as much may stand between two of them:
# punctuation, markup, spaces of every kind. No two of these begin alike, so time stays linear.
_LONGEST_RUN = 8
_BETWEEN = r"(?:<[^<>]{0,40}>|&nbsp;|&#160;|&#xa0;|[^\w<&]|_){1,8}"
_BEFORE, _AFTER = r"(?<![^\W_])", r"(?![^\W_]|[\u0300-\u036f])"


class Called:
    """All that somebody is called: names, addresses and handles.

    ``shared`` are words that are in others' names, too, and ``common`` ones that others write as
    a word: a surname alone is taken for theirs unless it is shared, and where it is common, only
    when it begins with a capital.
    """

    def __init__(
        self,
        names: Iterable[str],
        addresses: Iterable[str] = (),
        handles: Iterable[str] = (),
        shared: Iterable[str] = (),
        common: Iterable[str] = (),
    ) -> None:
        told, accounts = {" ".join(_composed(name).split()) for name in names}, set(handles)
        mails = {address for address in addresses if address}
        # How two of one name are kept apart, see ``knowledge.people``.
        told |= {one.removeprefix("name:") for one in accounts if one.startswith("name:")}
        accounts = {one for one in accounts if not one.startswith("name:")}
        self._told = {"names": told, "addresses": mails, "handles": accounts}
        self._told |= {"shared": set(shared), "common": set(common)}
        self._whole = frozenset(_composed(one) for one in {*told, *mails, *accounts} if one)
        self._asked = {
            word
            for name in told
            for word in words(name)
            if len(word) >= _SHORTEST_ASKED and word not in _PARTICLES
        }
        # Of one word alone nobody knows the surname: a colleague may be called Grace, or Will.
        several = sorted(name for name in told if len(_parts(name)) > 1)
        self._names = {part.lower() for name in several for part in _parts(name)}
        self._pattern = _pattern(mails, accounts, self._names)
        self._alone = _alone(several, self._told["shared"], self._told["common"])

    def told(self) -> dict[str, list[str]]:
        """What it is made of, by the names of its arguments."""
        return {name: sorted(one) for name, one in self._told.items()}

    def and_also(self, other: Called) -> Called:
        """What either of two is called."""
        return Called(**{name: one | other._told[name] for name, one in self._told.items()})

    def asked_for_in(self, text: str) -> bool:
        """Whether a text mentions them, or any single word of their names."""
        return not self._asked.isdisjoint(words(text.replace("_", " "))) or self.named_in(text)

    def named_in(self, text: str) -> bool:
        """Whether a text mentions them."""
        return self.gone_from(text) != text

    def gone_from(self, text: str) -> str:
        """The text with "Former colleague" in place of what they are called."""
        if _composed(text).strip() in self._whole:
            return FORMER
        return text if self._pattern is None else self._pattern.sub(self._gone, text)

    def _gone(self, found: re.Match[str]) -> str:
        text = found[0]
        if found.lastgroup != "run":
            return FORMER
        run = {part for part in _parts(text) if part.lower() in self._names}
        own = {part.lower() for part in run if len(part) > 1} - _PARTICLES
        if len(own) > 1 or (own and any(len(part) == 1 for part in run)):
            return FORMER
        return text if self._alone is None else self._alone.sub(FORMER, text)

    def gone_from_json(self, value: Any) -> Any:
        """The same of every text in a JSON value; names of fields stay."""
        if isinstance(value, str):
            return self.gone_from(value)
        if isinstance(value, list):
            return [self.gone_from_json(one) for one in value]
        if isinstance(value, dict):
            return {key: self.gone_from_json(one) for key, one in value.items()}
        return value


def surname(name: str) -> str | None:
    """The last part of a name that has several, in small letters, if it is long enough to be told
    from a word."""
    head, comma, _ = name.partition(",")
    told = (head if comma else name).split()
    if len(_parts(name)) < 2 or not told:
        return None
    last = unicodedata.normalize("NFC", told[-1]).lower()
    return last if sum(map(len, _parts(last))) >= _SHORTEST_SURNAME else None


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _parts(text: str) -> list[str]:
    """The words of a name, as they are spelled."""
    told = unicodedata.normalize("NFC", text)
    return "".join(c if _in_word(c) else " " for c in told).split()


def _in_word(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char).startswith("M")


def _spelled(word: str) -> str:
    """A word in either form of its accents; a letter alone is an initial, so a capital."""
    forms = []
    for char in unicodedata.normalize("NFC", word):
        apart = unicodedata.normalize("NFD", char)
        forms.append(re.escape(char) if apart == char else f"(?:{re.escape(char)}|{apart})")
    return "".join(forms) if len(word) > 1 else f"(?-i:{re.escape(word.upper())})"


def _address(address: str) -> str:
    """An address, as a text or a part of a URL has it."""
    return "".join(
        c if c.isalnum() else f"(?:{re.escape(c)}|{''.join(f'%{b:02x}' for b in c.encode())})"
        for c in address
    )


def _pattern(
    mails: Iterable[str], handles: Iterable[str], names: Iterable[str]
) -> re.Pattern[str] | None:
    parts = [_address(one) for one in mails]
    for handle in sorted(handles):
        if handle and not handle.isdigit():
            bare = len(handle) >= _SHORTEST_HANDLE
            parts.append(("[@~]?" if bare else "[@~]") + re.escape(handle))
    # The longest first: of two that begin alike, the whole has to go.
    parts.sort(key=len, reverse=True)
    either = [f"(?P<account>{'|'.join(parts)})"] if parts else []
    if spelled := "|".join(map(_spelled, sorted(names, key=lambda name: (-len(name), name)))):
        word = f"{_BEFORE}(?:{spelled}){_AFTER}"
        either.append(f"(?P<run>{word}(?:{_BETWEEN}{word}){{0,{_LONGEST_RUN - 1}}})")
    if not either:
        return None
    return re.compile(f"{_BEFORE}(?:{'|'.join(either)}){_AFTER}", re.IGNORECASE)


def _alone(
    names: Iterable[str], shared: Collection[str], common: Collection[str]
) -> re.Pattern[str] | None:
    found = set()
    for last in {surname(name) for name in names} - {None, *shared}:
        assert last is not None
        parts = _BETWEEN.join(map(_spelled, _parts(last)))
        if last in common:
            title = _BETWEEN.join(map(_spelled, _parts(last.title())))
            parts = f"(?-i:{title}|{_BETWEEN.join(map(_spelled, _parts(last.upper())))})"
        found.add(parts)
    joined = "|".join(sorted(found, key=lambda one: (-len(one), one)))
    return re.compile(f"{_BEFORE}(?:{joined}){_AFTER}", re.IGNORECASE) if joined else None


def silenced(body: str, theirs: Collection[str]) -> str:
    """A transcript without the words under some labels (as ``labels.key`` has them). The rest is
    written anew, as the grammar of transcripts has it."""
    said = turns(body)
    if not any(turn.label is not None and labels.key(turn.label) in theirs for turn in said):
        return body
    return render(
        (FORMER, turn.start_s, turn.end_s, REMOVED)
        if turn.label is not None and labels.key(turn.label) in theirs
        else (turn.label, turn.start_s, turn.end_s, body[turn.text_start : turn.end])
        for turn in said
    )

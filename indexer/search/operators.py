"""What stands in a query as a sign and not as a word: "phrases", -exclusions and field:values.

A sign is one only where nobody could have meant anything else. A quotation begins a token and ends
one, and the minus is followed by three small letters or more, or by a quotation: `C++ -Wall`,
`-5 degrees`, `a - b`, `--force`, `24" and 27"`, `well-known` and an address hold none. What is
quoted in a whole sentence is mentioned, not demanded: `what counts as an "ancilla qubit" here?`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PHRASE, WITHOUT = "phrase", "without"
NAMING = ("tag", "kind", "team", "source", "author")
FIELDS = (*NAMING, "level", "since", "after", "before")
MAX_SIGNS = 20
_SENTENCE = 4

_QUOTED = r"""(?:"(?P<straight>[^\s"](?:[^"]*[^\s"])?)"|“(?P<curled>[^“”]+)”|„(?P<low>[^„“”]+)[“”]
    |«\s?(?P<angled>[^«»]+?)\s?»)"""
_SIGN = re.compile(
    rf"""(?<![^\s(\[])(?:(?P<minus>-)?{_QUOTED}(?=[\s.,;:!?)\]]|$)
    |-(?P<left_out>[^\W\d_]{{3,}})(?=[.,;!?)\]]*(?:\s|$))
    |(?P<field>(?i:{"|".join(FIELDS)})):(?:"(?P<whole>[^"]+)"|(?P<value>[^\s":/][^\s"]*))(?=\s|$))""",
    re.VERBOSE,
)
_LAST = ".,;:!?)]"


@dataclass(frozen=True, slots=True)
class Sign:
    """``name`` is ``PHRASE``, ``WITHOUT`` or one of ``FIELDS``; ``text`` is what was typed."""

    name: str
    value: str
    text: str
    start: int
    end: int


def signs(text: str) -> list[Sign]:
    """Every sign in the order of the text, at most ``MAX_SIGNS``; what follows is only words."""
    found = [sign for match in _SIGN.finditer(text) if (sign := _sign(match)) is not None]
    inside = sum(len(sign.text.split()) for sign in found)
    # Who writes other signs writes this one as a sign, too.
    only_phrases = all(sign.name == PHRASE for sign in found)
    mentioned = only_phrases and len(text.split()) - inside >= _SENTENCE
    return [] if mentioned else found[:MAX_SIGNS]


def _sign(match: re.Match[str]) -> Sign | None:
    told = match.groupdict()
    if told["left_out"]:
        # Flags such as -Wall and -Xmx have capitals.
        if not told["left_out"].islower():
            return None
        return Sign(WITHOUT, told["left_out"], match[0], *match.span())
    if told["field"]:
        value = told["whole"] or told["value"].rstrip(_LAST)
        name, text = told["field"].lower(), match[0] if told["whole"] else match[0].rstrip(_LAST)
        end = match.start() + len(text)
        return Sign(name, value, text, match.start(), end) if _says(value) else None
    value = next(told[name] for name in ("straight", "curled", "low", "angled") if told[name])
    if not _says(value):
        return None
    return Sign(WITHOUT if told["minus"] else PHRASE, value.strip(), match[0], *match.span())


def _says(value: str) -> bool:
    return any(character.isalnum() for character in value)

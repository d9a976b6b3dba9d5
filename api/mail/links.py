"""The link in each letter that stops letters like it. It needs nobody to sign in, so it proves
itself: it names a person and matters, under the key of the installation, and opens nothing else."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable

from api.auth.sealing import Seal
from knowledge.notices import Matter

PLACE = "/unsubscribe"
_MARK = 32
_TOLD = re.compile(r"([1-9][0-9]{0,18})-([a-z.]{1,100})-([0-9a-f]{32})")


def made(seal: Seal, person_id: int, matters: Iterable[Matter]) -> str:
    """The last part of its address."""
    told = f"{person_id}-{'.'.join(one.value for one in matters)}"
    return f"{told}-{_mark(seal, told)}"


def read(seal: Seal, link: str) -> tuple[int, tuple[Matter, ...]] | None:
    """Whose it is and what it stops; None for one that we did not make."""
    told = _TOLD.fullmatch(link)
    if told is None:
        return None
    person, named, mark = told.groups()
    if not hmac.compare_digest(mark, _mark(seal, f"{person}-{named}")):
        return None
    return int(person), tuple(Matter(one) for one in named.split("."))


def _mark(seal: Seal, told: str) -> str:
    return seal.mark(f"unsubscribe {told}")[:_MARK]

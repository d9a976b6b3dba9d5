"""JSON from strangers: parsed whole, so bounded before."""

from __future__ import annotations

import json
from typing import cast

from knowledge.exports import Refused

MAX_CONTAINERS = 1_000_000


def parse(text: str) -> object:
    """The value of a JSON text. Raises Refused with the line and what is wrong with it."""
    if text.count("{") + text.count("[") > MAX_CONTAINERS:
        raise Refused(f"holds more than {MAX_CONTAINERS:,} lists and objects; split it")
    try:
        return cast(object, json.loads(text, parse_constant=_refused))
    except json.JSONDecodeError as error:
        raise Refused(
            f"line {error.lineno}: broken JSON ({error.msg}); copy or export it again"
        ) from error
    except RecursionError as error:
        raise Refused("broken JSON (nested too deeply)") from error
    except ValueError as error:
        # A number of thousands of digits.
        raise Refused("broken JSON (a number that is none); copy or export it again") from error


def _refused(constant: str) -> object:
    raise ValueError(constant)


def text_in(value: object) -> str:
    """A string as it is; blank for anything else."""
    return value if isinstance(value, str) else ""


def number_in(value: object) -> float | None:
    """A finite number as a float; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if abs(found) < 1e15 else None


def dicts_in(value: object) -> list[dict[str, object]]:
    """The objects of a list; empty for anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []

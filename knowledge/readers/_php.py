"""What PHP serialised, as far as it is data: nothing is ever made an object of."""

from __future__ import annotations

import re

_DEEPEST = 40
_SCALAR = re.compile(rb"N;|([bid]):([^;]{1,40});|([sa]):([0-9]{1,9}):")


def parse(data: bytes) -> object:
    """Arrays as dicts, strings, numbers. Raises ValueError for anything else, also when cut."""
    value, _ = _value(data, 0, 0)
    return value


def _value(data: bytes, at: int, depth: int) -> tuple[object, int]:
    found = _SCALAR.match(data, at)
    if found is None or depth > _DEEPEST:
        raise ValueError("not what PHP serialises")
    at = found.end()
    if found[3] is None:
        return _scalar(found), at
    length = int(found[4])
    if found[3] == b"s":
        end = at + 1 + length
        if data[at : at + 1] != b'"' or data[end : end + 2] != b'";':
            # Its length no longer fits: edited by hand, or with something else in its stead.
            end = data.find(b'";', at + 1)
            if end < 0:
                raise ValueError("a string without end")
        return data[at + 1 : end].decode("utf-8", "replace"), end + 2
    if data[at : at + 1] != b"{":
        raise ValueError("an array without start")
    at += 1
    made: dict[object, object] = {}
    for _ in range(length):
        key, at = _value(data, at, depth + 1)
        if not isinstance(key, str | int):
            raise ValueError("an array's key is neither text nor number")
        made[key], at = _value(data, at, depth + 1)
    if data[at : at + 1] != b"}":
        raise ValueError("an array without end")
    return made, at + 1


def _scalar(found: re.Match[bytes]) -> object:
    if found[1] is None:
        return None
    if found[1] == b"d":
        return float(found[2])
    return int(found[2]) if found[1] == b"i" else found[2] == b"1"

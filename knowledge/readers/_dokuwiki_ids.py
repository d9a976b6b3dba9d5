"""DokuWiki's names: the id that it makes of what somebody writes, and which page is meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

_ROMAN = "ä:ae ö:oe ü:ue ß:ss æ:ae ø:oe å:aa œ:oe đ:d ð:d þ:th ł:l"
_ROMANISED = str.maketrans(dict(pair.split(":") for pair in _ROMAN.split()))


def clean(name: str, *, plain: bool = False) -> str:
    """A name as DokuWiki makes an id of it; ``plain``: with accents taken off, as it does unless
    told otherwise."""
    name = unicodedata.normalize("NFC", name).strip().lower().replace(";", ":")
    if plain:
        name = name.translate(_ROMANISED)
        name = "".join(
            c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c)
        )
        name = unicodedata.normalize("NFC", name)
    name = re.sub(r"[^\w.:~-]", "_", name)
    name = re.sub(r"_+", "_", name)
    name = re.sub(r":[:._-]+", ":", name)
    name = re.sub(r"[:._-]+:", ":", name)
    return name.strip(":._-")


def resolve(target: str, page: str, pages: Container[str], start: str = "start") -> str:
    """The id that a link on a page means. Where several could be meant, one that is there."""
    tries = [candidate for way in _ways(target.strip(), page) for candidate in _ends(way, start)]
    return next((one for one in tries if one in pages), tries[0])


def resolve_media(target: str, page: str, media: Container[str]) -> str:
    """The id of the file that is meant."""
    tries = [clean(way, plain=plain) for way in _paths(target, page) for plain in (True, False)]
    return next((one for one in tries if one in media), tries[0])


def _ways(target: str, page: str) -> list[str]:
    ways = []
    for path in _paths(target, page):
        for plain in (True, False):
            name = clean(path, plain=plain)
            ways.append(f"{name}:" if path.endswith(":") or not name else name)
    return ways


def _paths(target: str, page: str) -> list[str]:
    """Absolute ways to read a target: a slash parts namespaces only where a wiki says so."""
    namespace = page.rpartition(":")[0]
    readings = [target.replace("/", ":"), target] if "/" in target else [target]
    paths = []
    for one in readings:
        if one.startswith("~"):
            paths.append(f"{page}:{one[1:]}")
        elif one.startswith("."):
            paths.append(_relative(one, namespace))
        else:
            paths.append(f"{namespace}:{one}" if namespace and ":" not in one else one)
    return paths


def _relative(target: str, namespace: str) -> str:
    # ".name" and "..name" are written too, for ".:name" and "..:name".
    target = re.sub(r"^(\.{1,2})(?=[^.:])", r"\1:", target)
    parts = namespace.split(":") if namespace else []
    for part in target.split(":"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return ":".join(parts)


def _ends(name: str, start: str) -> list[str]:
    """Of a namespace: its start page, or one named like it inside or beside it."""
    if not name.endswith(":"):
        return [name, f"{name}:{start}"]
    bare = name.rstrip(":")
    last = bare.rpartition(":")[2]
    return [f"{bare}:{start}", f"{bare}:{last}", bare] if bare else [start]

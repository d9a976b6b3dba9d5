"""Readers decode exports. One file a format: its name is its registration.

A module in this folder whose name does not start with ``_`` is a reader. It offers
``DESCRIPTION`` (a few words for users) and at least one of these pairs:

``claims(entry: Entry) -> Claim`` and ``read(entry: Entry, source: str) -> Iterator[...]``
    for formats of single files. In a mixed folder every file goes to the reader with the
    strongest claim, so write-ups, notes and transcripts may lie side by side.

``recognises(export: Export) -> bool`` and ``read_export(export: Export, source: str)``
    for formats that are whole folders or archives; asked first, by the order of their names.

Both yield ``SourceDocument | ReadFailure``. They are lazy, and raise Refused (from
``knowledge.exports``) for what cannot be used; whatever else they raise only costs the file.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from knowledge.errors import InvalidInput, UnreadableExport
from knowledge.exports import Entry, Export, Limits, Refused
from knowledge.readers._claims import Claim, why_unclaimed
from knowledge.readers._documents import check
from knowledge.types import ReadFailure, SourceDocument

__all__ = ["AUTO", "Claim", "Reader", "load", "names", "read_export"]

AUTO = "auto"

Document = SourceDocument | ReadFailure
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader module's functions; a pair that it does not offer is None."""

    name: str
    description: str
    claims: Callable[[Entry], Claim] | None
    read: Callable[[Entry, str], Iterator[Document]] | None
    recognises: Callable[[Export], bool] | None
    read_export: Callable[[Export, str], Iterator[Document]] | None


@cache
def names() -> tuple[str, ...]:
    """The readers there are, sorted."""
    found = pkgutil.iter_modules(__path__)
    return tuple(sorted(m.name for m in found if not m.name.startswith("_")))


@cache
def load(name: str) -> Reader:
    """The reader of this name. Raises InvalidInput with the names there are."""
    if name not in names():
        known = ", ".join((AUTO, *names()))
        raise InvalidInput(f"there is no format {name!r}; use one of {known}")
    return _reader(name, importlib.import_module(f"{__name__}.{name}"))


def read_export(
    path: Path | str,
    format: str = AUTO,
    *,
    source: str,
    limits: Limits | None = None,
    name: str | None = None,
) -> Iterator[Document]:
    """Everything in an export, lazily: its documents, and by name what is refused and why.

    ``name`` is what its owner calls it, where that is not the path's last part.

    Every file that is neither hidden nor a tool's own comes out one way or the other. With a
    ``format`` other than "auto" only that reader is used. Raises InvalidInput at once for an
    unknown format, and UnreadableExport while iterating when the export as a whole cannot be
    used. External ids are unique among what is yielded.
    """
    chosen = [load(name) for name in (names() if format == AUTO else (format,))]
    return _documents(path, chosen, source, limits, name)


def _documents(
    path: Path | str, chosen: list[Reader], source: str, limits: Limits | None, name: str | None
) -> Iterator[Document]:
    with Export.open(path, limits, name) as export:
        seen: set[str] = set()
        anything = False
        for document in _whole_or_by_file(export, chosen, source):
            anything = True
            yield check(document, seen)
        if not anything:
            raise UnreadableExport(f"{export.shown} holds no files")


def _whole_or_by_file(export: Export, chosen: list[Reader], source: str) -> Iterator[Document]:
    for reader in chosen:
        if reader.recognises and reader.read_export and _recognised(reader, export):
            whole = reader.read_export(export, source)
            return _guarded(whole, export.name, reader.name)
    if not any(reader.claims for reader in chosen):
        raise UnreadableExport(f"{export.shown} is no export that {chosen[0].name} can read")
    return _by_file(export, chosen, source)


def _by_file(export: Export, chosen: list[Reader], source: str) -> Iterator[Document]:
    for entry in export.entries():
        if isinstance(entry, ReadFailure):
            yield entry
            continue
        try:
            reader = _strongest(entry, chosen)
        except Exception as error:
            yield _failure(entry.name, error)
            continue
        if reader is None or reader.read is None:
            only = chosen[0].name if len(chosen) == 1 else None
            yield ReadFailure(entry.name, why_unclaimed(entry, only))
        else:
            yield from _guarded(reader.read(entry, source), entry.name, reader.name)


def _strongest(entry: Entry, chosen: Iterable[Reader]) -> Reader | None:
    claims = [(reader.claims(entry), reader) for reader in chosen if reader.claims]
    best, reader = max(claims, key=lambda pair: pair[0])
    return reader if best else None


def _recognised(reader: Reader, export: Export) -> bool:
    assert reader.recognises is not None
    try:
        return reader.recognises(export)
    except UnreadableExport:
        raise
    except Exception as error:
        _log.warning("the %s reader failed on %s", reader.name, export.path, exc_info=error)
        return False


def _guarded(documents: Iterable[Document], name: str, reader: str) -> Iterator[Document]:
    """One bad file never ends an import: what its reader raises becomes its refusal."""
    try:
        yield from documents
    except Exception as error:
        yield _failure(name, error, reader)


def _failure(name: str, error: Exception, reader: str = "") -> ReadFailure:
    if isinstance(error, UnreadableExport):
        raise error
    if isinstance(error, Refused):
        return ReadFailure(name, str(error))
    _log.warning("the %s reader failed on %s", reader or "first", name, exc_info=error)
    return ReadFailure(name, f"its content could not be understood ({type(error).__name__})")


def _reader(name: str, module: ModuleType) -> Reader:
    def part(attribute: str) -> Callable[..., object] | None:
        return getattr(module, attribute, None)

    reader = Reader(
        name,
        module.DESCRIPTION,
        part("claims"),  # type: ignore[arg-type]
        part("read"),  # type: ignore[arg-type]
        part("recognises"),  # type: ignore[arg-type]
        part("read_export"),  # type: ignore[arg-type]
    )
    halves = (reader.claims is None) != (reader.read is None)
    if halves or (reader.recognises is None) != (reader.read_export is None):
        raise TypeError(f"reader {name} offers half of a pair; see knowledge/readers/__init__.py")
    if reader.claims is None and reader.recognises is None:
        raise TypeError(f"reader {name} reads nothing; see knowledge/readers/__init__.py")
    return reader

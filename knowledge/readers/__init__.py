"""Readers decode exports. One file a format: its name is its registration.

A module in this folder whose name does not start with ``_`` is a reader. It offers
``DESCRIPTION`` (a few words for users) and at least one of these pairs:

``claims(entry: Entry) -> Claim`` and ``read(entry: Entry, source: str) -> Iterator[...]``
    for formats of single files. In a mixed folder every file goes to the reader with the
    strongest claim, so write-ups, notes and transcripts may lie side by side.

    A reader of transcripts that heeds the session records beside them (see ``_sessions``) says
    ``SESSION_RECORDS = True``.

``recognises(export: Export) -> bool`` and ``read_export(export: Export, source: str)``
    for formats that are whole folders or archives; asked first, by the order of their names.

Both yield ``SourceDocument | ReadFailure``. They are lazy, and raise Refused (from
``knowledge.exports``) for what cannot be used; whatever else they raise only costs the file.

A document's ``external_id`` is what stays when its page is renamed or moved, where the format has
such a thing (Confluence's page id), else the file's path. A failure of a page that may have been
read before is named by the same id. Links between pages go into ``links``, files into
``attachments`` (see ``_attachments``), who may read into ``restrictions``, and what the format
says and a document cannot hold into ``losses``.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType

from knowledge.errors import InvalidInput, UnreadableExport
from knowledge.exports import Entry, Export, Limits, Refused
from knowledge.readers import _foreign, _sessions
from knowledge.readers._claims import Claim, why_unclaimed
from knowledge.readers._documents import check
from knowledge.types import ReadFailure, SourceDocument

__all__ = ["AUTO", "Claim", "Reader", "Reading", "load", "names", "read_export"]

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
    session_records: bool = False


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
    return iter(Reading(path, format, source=source, limits=limits, name=name))


class Reading:
    """The same as an object, which also tells how. Iterate it once.

    ``whole`` is the reader that took the export as a whole, None where each file had its own;
    ``record`` is the session record of a single transcript, as text; ``opened`` is given the export
    before anything is read.
    """

    def __init__(
        self,
        path: Path | str,
        format: str = AUTO,
        *,
        source: str,
        limits: Limits | None = None,
        name: str | None = None,
        record: str | None = None,
        opened: Callable[[Export], None] = lambda export: None,
    ) -> None:
        self.whole: str | None = None
        self._chosen = [load(name) for name in (names() if format == AUTO else (format,))]
        self._path = path
        self._source = source
        self._limits = limits
        self._name = name
        self._record = record
        self._opened = opened

    def __iter__(self) -> Iterator[Document]:
        with Export.open(self._path, self._limits, self._name, self._record) as export:
            self._opened(export)
            seen: set[int] = set()
            anything = False
            for document in self._whole_or_by_file(export):
                anything = True
                yield check(self._parted(document), seen)
            if not anything:
                raise UnreadableExport(f"{export.shown} holds no files")

    def _parted(self, document: Document) -> Document:
        """Another format in the same source is another part of it."""
        if self.whole and isinstance(document, SourceDocument) and not document.part:
            return replace(document, part=self.whole)
        return document

    def _whole_or_by_file(self, export: Export) -> Iterator[Document]:
        for reader in self._chosen:
            if reader.recognises and reader.read_export and _recognised(reader, export):
                self.whole = reader.name
                whole = reader.read_export(export, self._source)
                return _guarded(whole, export.name, reader.name, rest_lost=True)
        if not any(reader.claims for reader in self._chosen):
            only = self._chosen[0].name
            raise UnreadableExport(f"{export.shown} is no export that {only} can read")
        return _by_file(export, self._chosen, self._source)


def _by_file(export: Export, chosen: list[Reader], source: str) -> Iterator[Document]:
    attached: set[str | None] = set()
    unclaimed: list[ReadFailure] = []
    for item in _each_file(export, chosen, source, unclaimed):
        if isinstance(item, SourceDocument):
            attached.update(one.entry for one in item.attachments)
        yield item
    # Only now is it known which of them a document has attached.
    yield from (one for one in unclaimed if one.name not in attached)


def _each_file(
    export: Export, chosen: list[Reader], source: str, unclaimed: list[ReadFailure]
) -> Iterator[Document]:
    for entry in export.entries():
        if isinstance(entry, ReadFailure):
            yield entry
            continue
        try:
            if _sessions.is_record(entry):
                # Read with its transcript; only what is wrong with it comes out.
                _sessions.check(entry)
                continue
            if len(chosen) > 1 and (reason := _foreign.disguised(entry)):
                raise Refused(reason)
            reader = _strongest(entry, chosen)
            if reader is not None and not reader.session_records:
                _sessions.check_none(entry)
        except Exception as error:
            yield _failure(entry.name, error)
            continue
        if reader is None or reader.read is None:
            only = chosen[0].name if len(chosen) == 1 else None
            unclaimed.append(ReadFailure(entry.name, why_unclaimed(entry, only)))
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


def _guarded(
    documents: Iterable[Document], name: str, reader: str, *, rest_lost: bool = False
) -> Iterator[Document]:
    """One bad file never ends an import: what its reader raises becomes its refusal."""
    try:
        yield from documents
    except Exception as error:
        yield replace(_failure(name, error, reader), rest_lost=rest_lost)


def _failure(name: str, error: Exception, reader: str = "") -> ReadFailure:
    if isinstance(error, UnreadableExport):
        raise error
    if isinstance(error, Refused):
        return ReadFailure(name, str(error))
    if isinstance(error, MemoryError):
        return ReadFailure(name, "needs more memory than a reader gets; split it")
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
        getattr(module, "SESSION_RECORDS", False),
    )
    halves = (reader.claims is None) != (reader.read is None)
    if halves or (reader.recognises is None) != (reader.read_export is None):
        raise TypeError(f"reader {name} offers half of a pair; see knowledge/readers/__init__.py")
    if reader.claims is None and reader.recognises is None:
        raise TypeError(f"reader {name} reads nothing; see knowledge/readers/__init__.py")
    return reader

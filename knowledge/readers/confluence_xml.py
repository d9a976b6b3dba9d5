"""Confluence's XML export of a space: its pages, people, rights, files and comments."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.exports import Entry, Export, Refused
from knowledge.readers._confluence_entities import looks_like
from knowledge.readers._confluence_pages import Pages
from knowledge.readers._confluence_space import load
from knowledge.types import ReadFailure, SourceDocument

DESCRIPTION = "Confluence space, exported as XML"

_MAIN = "entities.xml"
_PARTS = ("attachments/", "thumbnails/", "plugin-data/", "pluginData/", "resources/")
_HEAD = 4096


def recognises(export: Export) -> bool:
    """Whether it is one such export, or a folder of nothing but such exports."""
    roots = [_root(entry.name) for entry in _mains(export)]
    return bool(roots) and all(
        any(entry.name.startswith(root) for root in roots)
        for entry in export.entries()
        if isinstance(entry, Entry)
    )


def read_export(export: Export, source: str) -> Iterator[SourceDocument | ReadFailure]:
    """Every current page and blog post; and by name every file that is no part of an export."""
    mains = list(_mains(export))
    if not mains:
        raise Refused(f"it holds no {_MAIN} of a Confluence export")
    for main in mains:
        try:
            yield from _read(main, export, source)
        except Refused as refusal:
            yield ReadFailure(main.name, str(refusal), rest_lost=True)
    yield from _strangers(export, {main.name: _root(main.name) for main in mains})


def _read(main: Entry, export: Export, source: str) -> Iterator[SourceDocument | ReadFailure]:
    dump = load(main, export.limits.page)
    try:
        pages = Pages(dump, main, source)
        if not pages.current:
            raise Refused("there is no page in it that is current")
        yield from pages.documents()
    finally:
        dump.close()


def _mains(export: Export) -> Iterator[Entry]:
    for entry in export.entries():
        alone = not export.is_folder and entry.name == export.name
        named = entry.name.rsplit("/", 1)[-1] == _MAIN
        if isinstance(entry, Entry) and (named or alone) and _is_main(entry):
            yield entry


def _is_main(entry: Entry) -> bool:
    try:
        with entry.open(dump=True) as stream:
            return looks_like(stream.read(_HEAD))
    except Refused:
        return False


def _root(main: str) -> str:
    return main[: -len(main.rsplit("/", 1)[-1])]


def _strangers(export: Export, mains: dict[str, str]) -> Iterator[ReadFailure]:
    for entry in export.entries():
        if isinstance(entry, ReadFailure):
            yield entry
            continue
        root = max((r for r in mains.values() if entry.name.startswith(r)), key=len, default=None)
        rest = entry.name[len(root) :] if root is not None else entry.name
        part = rest.startswith(_PARTS) or rest.endswith((".xml", ".properties", ".json"))
        if root is None or not (part or entry.name in mains):
            yield ReadFailure(entry.name, "no part of a Confluence export; import it by itself")

"""The one nesting that is allowed: an archive of nothing but the parts of an export, as Notion
writes them. Its parts are read as one archive, and every limit holds for their sum."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from knowledge.archives import DAMAGED, MB, Archive, Limits, Member, damaged, printable
from knowledge.errors import UnreadableExport
from knowledge.types import ReadFailure

_PART = re.compile(
    r"Export(?:Block)?-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:-Part-[0-9]{1,4})?\.zip", re.I
)
_BLOCK = 1 << 20
_IN_MEMORY = 8 * MB


def opened(path: Path, limits: Limits, name: str) -> Archive | Parts:
    """The archive, or its parts where it holds nothing else. Raises UnreadableExport as they."""
    outer = Archive(path, limits, name)
    if not outer.members or not all(_PART.fullmatch(member.name) for member in outer.members):
        return outer
    outer.close()
    outer = Archive(path, limits, name, inner=_PART)
    try:
        return Parts(outer, limits, name)
    finally:
        outer.close()


class Parts:
    """The archives in an opened one, as if they were one: see Archive.

    Each is copied out of it, into memory or, where it is large, into a file without a name.
    """

    def __init__(self, outer: Archive, limits: Limits, name: str) -> None:
        self.unpacked = 0
        self._limits = limits
        self._name = name
        self._files: list[BinaryIO] = []
        self._parts: list[Archive] = []
        self._openers: dict[int, Callable[[Member], Callable[[], BinaryIO]]] = {}
        try:
            self.members = self._all(outer)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the files; they are gone with that."""
        for part in self._parts:
            part.close()
        for file in self._files:
            file.close()

    def opener(self, member: Member) -> Callable[[], BinaryIO]:
        """What opens a member's expanded bytes as a stream."""
        return self._openers[id(member.info)](member)

    def _all(self, outer: Archive) -> list[Member | ReadFailure]:
        found: list[Member | ReadFailure] = []
        left = self._limits.entries
        for part in outer.members:
            if isinstance(part, ReadFailure):
                found.append(part)
                continue
            copied = self._copied(outer, part)
            if isinstance(copied, ReadFailure):
                found.append(copied)
                continue
            # What is packed twice must not expand more than what is packed once.
            packed = part.info.compress_size / max(part.size, 1)
            ratio = max(1, int(self._limits.ratio * min(1.0, packed)))
            limits = replace(self._limits, entries=left, ratio=ratio)
            inner = Archive(copied, limits, f"{self._name}: {part.name}")
            self._parts.append(inner)
            left -= len(inner.members)
            found += inner.members
            for member in inner.members:
                if isinstance(member, Member):
                    self._openers[id(member.info)] = inner.opener
        copies = Counter(member.name for member in found)
        kept = [
            member
            if copies[member.name] == 1 or isinstance(member, ReadFailure)
            else ReadFailure(printable(member.name), "several parts hold this name; keep one")
            for member in found
        ]
        return sorted(kept, key=lambda member: member.name.split("/"))

    def _copied(self, outer: Archive, part: Member) -> BinaryIO | ReadFailure:
        file = cast(BinaryIO, SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115
        self._files.append(file)
        try:
            with outer.opener(part)() as raw:
                while block := raw.read(_BLOCK):
                    self.unpacked += len(block)
                    if self.unpacked > self._limits.archive:
                        limit = self._limits.archive // MB
                        raise UnreadableExport(f"{self._name} holds more than {limit} MB; split it")
                    file.write(block)
        except (*DAMAGED, OSError, MemoryError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            return ReadFailure(printable(part.name), damaged(error))
        return file

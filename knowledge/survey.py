"""What is in an export, as facts: counted while it is read, for a dry run and for the report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from knowledge.rights import named
from knowledge.texts import number
from knowledge.types import Contributor, Loss, LossKind, ReadFailure, SourceDocument

_MOST = 1000
"""So many of each kind of fact are named; all are counted."""


@dataclass(slots=True)
class _Broken:
    document: str
    href: str
    target: str
    count: int


class Survey:
    """Of one run over an export. ``see`` what is read, then ``note`` what became of it.

    It takes some 100 bytes a document, and more for what leads nowhere: names stand here as numbers
    (see ``texts.number``). ``parts`` are the parts of its source that the export has.
    """

    def __init__(self) -> None:
        self.parts: set[str] = set()
        self.complete = True
        self.compares = False
        """Whether somebody will ask ``of_body``; to be set before anything is seen."""
        self._present: set[int] = set()
        self._refused: set[str] = set()
        self._kinds: Counter[str] = Counter()
        self._people: dict[object, str] = {}
        self._readers: Counter[str] = Counter()
        # Links to what has not come up to now.
        self._broken: dict[int, _Broken] = {}
        self._links = 0
        self._attachments = self._attached_bytes = 0
        self._losses: Counter[tuple[LossKind, str]] = Counter()
        self._secrets: list[dict[str, Any]] = []
        self._bodies: dict[int, str | None] = {}
        # What a reader tells of a document's rights, until what comes of it is known.
        self._told: dict[str, tuple[Loss, ...]] = {}

    @property
    def people(self) -> int:
        """How many people are named."""
        return len(self._people)

    def see(self, item: SourceDocument | ReadFailure) -> None:
        """Take note of what a reader yields."""
        if isinstance(item, ReadFailure):
            self._come(item.name)
            self._refused.add(_stem(item.name))
            self.complete = self.complete and not item.rest_lost
            return
        for name in (item.external_id, *item.aliases):
            self._come(name)
        self.parts.add(item.part)
        self._kinds[item.kind.value] += 1
        for one in item.contributors:
            self._people.setdefault(_identity(one), one.name)
        self._readers[_readers(item)] += 1
        self._links += len(item.links)
        for link in item.links:
            if (target := number(link.target)) not in self._present:
                first = _Broken(item.external_id, link.href, link.target, 0)
                self._broken.setdefault(target, first).count += 1
        self._attachments += len(item.attachments)
        self._attached_bytes += sum(one.size for one in item.attachments)
        if self.compares:
            body = number(item.body)
            # What several documents say tells none of them.
            self._bodies[body] = None if body in self._bodies else item.external_id
        self._lose(item.external_id, item.losses)
        if rights := tuple(loss for loss in item.losses if loss.kind is LossKind.RIGHTS):
            self._told[item.external_id] = rights

    def note(self, name: str, losses: Collection[Loss]) -> None:
        """Take note of what became of an input: of readers whom nobody here is."""
        told = self._told.pop(name, ())
        rights = [loss for loss in losses if loss.kind is LossKind.RIGHTS]
        self._lose(name, [loss for loss in rights if loss not in told])

    def holds(self, name: str) -> bool:
        """Whether the export has a document of this id, or refuses what may be it: an archive
        refuses a file by its path, of which the id may be a part."""
        return number(name) in self._present or _stem(name) in self._refused

    def of_body(self, body: str) -> str | None:
        """The id of the one document of the export with exactly this text, if there is one."""
        return self._bodies.get(number(body))

    def summary(self, stored: Collection[str]) -> dict[str, Any]:
        """All of it, fit for JSON. ``stored`` are ids that the source has already."""
        broken = [
            {
                "document": one.document,
                "href": one.href,
                "target": one.target,
                "count": one.count,
            }
            for one in self._broken.values()
            if one.target not in stored
        ]
        losses: dict[str, list[dict[str, Any]]] = {}
        for (kind, what), count in sorted(self._losses.items(), key=_most_first):
            losses.setdefault(kind.value, []).append({"what": what, "count": count})
        return {
            "kinds": dict(sorted(self._kinds.items())),
            "people": {
                "count": len(self._people),
                "names": sorted(self._people.values())[:_MOST],
            },
            "readers": [
                {"who": who, "documents": count} for who, count in self._readers.most_common(_MOST)
            ],
            "links": {
                "count": self._links,
                "broken": sum(one["count"] for one in broken),
                "broken_ones": broken[:_MOST],
            },
            "attachments": {"count": self._attachments, "bytes": self._attached_bytes},
            "losses": {kind: told[:_MOST] for kind, told in losses.items()},
            "secrets": self._secrets[:_MOST],
        }

    def _come(self, name: str) -> None:
        self._present.add(number(name))
        self._broken.pop(number(name), None)

    def _lose(self, document: str, losses: Collection[Loss]) -> None:
        for loss in losses:
            self._losses[loss.kind, loss.what] += loss.count
            if loss.kind is LossKind.SECRET:
                self._secrets.append({"document": document, "what": loss.what, "count": loss.count})


def _identity(contributor: Contributor) -> object:
    if contributor.email:
        return contributor.email.strip().lower()
    return ("handle", contributor.handle) if contributor.handle else contributor.name.casefold()


def _readers(item: SourceDocument) -> str:
    """Who may read it, as its source says."""
    clauses = [" or ".join(clause) for clause in item.audience.clauses] if item.audience else []
    clauses += [" or ".join(map(named, clause)) or "nobody" for clause in item.restrictions]
    return " and ".join(dict.fromkeys(clauses)) or "as declared"


def _most_first(counted: tuple[tuple[LossKind, str], int]) -> tuple[int, LossKind, str]:
    """By number, then by name: a resumed import meets them in another order."""
    (kind, what), count = counted
    return -count, kind, what


def _stem(name: str) -> str:
    last = re.split(r"[/:]", name.rstrip("/"))[-1]
    return last.rsplit(".", 1)[0] if "." in last[1:] else last

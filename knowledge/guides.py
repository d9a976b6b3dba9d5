"""The use case: short guides for those who teach, and templates that one begins to write with.

Both are shipped as Markdown files, found by their names in ``knowledge/shipped``. Administrators
replace one for the organisation or add another, and go back to what was shipped by taking theirs
away. Everybody who signs in reads them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from importlib import resources

from knowledge import audit, limits
from knowledge.audit import Action
from knowledge.errors import InvalidInput, NotFound
from knowledge.store import teaching as store
from knowledge.store.database import Database

MAX_BODY = 20_000
MOST = 100
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MAX_SLUG = 60


class TextKind(StrEnum):
    """What a text is for."""

    GUIDE = "guide"
    TEMPLATE = "template"


class Begun(StrEnum):
    """What one begins with a template. The slug of a template begins with it."""

    NOTE = "note"
    WRITEUP = "writeup"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Text:
    """A guide or template as it is shown. ``shipped``: there is one to go back to; ``own``: it is
    the organisation's."""

    slug: str
    kind: TextKind
    title: str
    body: str
    shipped: bool
    own: bool

    @property
    def begun(self) -> Begun | None:
        """What one begins with it; None for a guide."""
        if self.kind is TextKind.GUIDE:
            return None
        return Begun(self.slug.partition("-")[0])


class Guides:
    """Everything that concerns guides and templates. Safe to share between threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def all_of_them(self, kind: TextKind) -> list[Text]:
        """Every one of a kind, by title."""
        found = [one for one in self._held().values() if one.kind is kind]
        return sorted(found, key=lambda one: (one.title.casefold(), one.slug))

    def templates(self, begun: Begun) -> list[Text]:
        """Those that one begins something with, by title."""
        return [one for one in self.all_of_them(TextKind.TEMPLATE) if one.begun is begun]

    def get(self, slug: str, kind: TextKind | None = None) -> Text:
        """One of them. Raises NotFound."""
        found = self._held().get(slug)
        if found is None or kind not in (None, found.kind):
            raise NotFound("there is no such text")
        return found

    def put(self, slug: str, kind: TextKind, title: str, body: str, by: str = "operator") -> Text:
        """Make one the organisation's own. Raises InvalidInput."""
        title, body = " ".join(title.split()), body.replace("\r\n", "\n").strip()
        _check(slug, kind, title, body)
        now = self._now()
        values = {"kind": kind.value, "title": title, "body": body, "changed_at": now}
        with self._database.write() as connection:
            held = {row.slug for row in store.texts(connection)}
            if slug not in held and len(held) >= MOST:
                raise InvalidInput(f"there are {MOST} texts already; take some away first")
            store.put_text(connection, slug, values)
            audit.record(connection, by, Action.TEXT_CHANGED, f"text:{slug}", at=now)
        return self.get(slug)

    def remove(self, slug: str, by: str = "operator") -> None:
        """Go back to what was shipped; what was not is gone. Raises NotFound."""
        with self._database.write(frees=True) as connection:
            if not store.remove_text(connection, slug):
                raise NotFound("the organisation has no such text")
            audit.record(connection, by, Action.TEXT_CHANGED, f"text:{slug}", at=self._now())

    def _held(self) -> dict[str, Text]:
        with self._database.read() as connection:
            rows = store.texts(connection)
        found = dict(_shipped())
        for row in rows:
            kind, there = TextKind(row.kind), row.slug in found
            found[row.slug] = Text(row.slug, kind, row.title, row.body, there, True)
        return found


def slug_of(kind: TextKind, begun: Begun, title: str) -> str:
    """What a new text is called in addresses."""
    words = re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-") or "text"
    lead = "" if kind is TextKind.GUIDE else f"{begun.value}-"
    return f"{lead}{words}"[:_MAX_SLUG].strip("-")


@cache
def _shipped() -> dict[str, Text]:
    """By slug; each file begins with its title as a heading."""
    found = {}
    for kind in TextKind:
        folder = resources.files("knowledge") / "shipped" / f"{kind.value}s"
        for file in folder.iterdir():
            slug = file.name.removesuffix(".md")
            title, _, body = file.read_text("utf-8").partition("\n")
            title = title.removeprefix("# ").strip()
            found[slug] = Text(slug, kind, title, body.strip(), True, False)
    return found


def _check(slug: str, kind: TextKind, title: str, body: str) -> None:
    if not _SLUG.fullmatch(slug) or len(slug) > _MAX_SLUG:
        raise InvalidInput("a text is called by small letters, digits and hyphens")
    shipped = _shipped().get(slug)
    if shipped is not None and shipped.kind is not kind:
        raise InvalidInput(f"{slug} is called so already; choose another title")
    if kind is TextKind.TEMPLATE and slug.partition("-")[0] not in set(Begun):
        raise InvalidInput("say what one begins with the template")
    for what, text, most in (("title", title, limits.MAX_NAME), ("text", body, MAX_BODY)):
        if not text or len(text) > most or not limits.storable(text):
            raise InvalidInput(f"the {what} has 1 to {most:,} characters")

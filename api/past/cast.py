"""Who acts in the past, and on which documents."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping

from api.services import Services
from knowledge.drafts import Draft, draft
from knowledge.editing import Editor
from knowledge.errors import NotFound
from knowledge.people import Profile
from knowledge.roles import Standing
from knowledge.template import composed
from knowledge.types import EVERYONE, OPERATOR, Document, Kind, Principal

_MOST_DOCUMENTS = 1000
_ALL = Principal(signed_in=True)


class Cast:
    """Colleagues by their names, and documents by their titles."""

    def __init__(self, services: Services, profiles: Mapping[str, Profile]) -> None:
        self._services = services
        self._profiles = profiles
        self._principals: dict[str, Principal] = {}
        self._left: set[str] = set()

    def principal(self, name: str) -> Principal:
        """Somebody. Raises NotFound for who is not in the directory."""
        if name not in self._profiles:
            raise NotFound(f"nobody is called {name}")
        if name not in self._principals:
            self._principals[name] = self._services.principal(self._profiles[name].email)
        return self._principals[name]

    def person_id(self, name: str) -> int:
        """Their id. Raises NotFound."""
        person_id = self.principal(name).person_id
        assert person_id is not None
        return person_id

    def standing(self, name: str) -> Standing:
        """Their roles. Raises NotFound."""
        return self._services.roles.of(self.person_id(name))

    def editor(self, name: str) -> Editor:
        """Somebody who changes something. Raises NotFound."""
        return Editor(self.principal(name), self.standing(name).administrator, name)

    def leave(self, name: str) -> None:
        """Somebody is there no more. Raises NotFound."""
        self._services.accounts.disable(self.person_id(name), "operator")
        self._left.add(name)

    def here(self, team: str | None = None, but: Collection[str] = ()) -> list[str]:
        """Who has not left, of a team or of all, in the order of the directory."""
        return [
            name
            for name, one in self._profiles.items()
            if name not in self._left and name not in but and team in (None, one.team)
        ]

    def some(self, chance: random.Random, count: int, but: Collection[str] = ()) -> list[str]:
        """So many of them, or all if there are fewer."""
        here = self.here(but=but)
        return chance.sample(here, min(count, len(here)))

    def documents(self, *, of_all: bool = False) -> list[Document]:
        """Every document, or every one that all may read who sign in; the newest first."""
        reader = Editor(_ALL if of_all else OPERATOR)
        return self._services.editing.page(reader, limit=_MOST_DOCUMENTS).documents

    def document_id(self, title: str) -> int:
        """The newest document with a title. Raises NotFound."""
        for one in self.documents():
            if one.title == title:
                return one.id
        raise NotFound(f"there is no document {title}")


def note(title: str, thing: str, why: str, tags: Collection[str] = ()) -> Draft:
    """A note for everybody, on the template."""
    body = composed({"thing": thing, "why": why})
    return draft(title=title, body=body, kind=Kind.NOTE, tags=tags, audience=[[EVERYONE]])

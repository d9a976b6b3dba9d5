"""Who may view a page of a Confluence export, as clauses that all must hold.

Confluence shows a page to whoever may view its space and is named by the view restriction of the
page and of every page above it. Each of these is a clause here, and whatever is not understood
narrows: a permission that names nobody adds nobody, and a restriction without anybody, one that is
mentioned but not in the export, and a page above that is not in the export, become a clause that
no account can meet. An import then leaves such a page to whoever imports it.
"""

from __future__ import annotations

from knowledge.readers._confluence_space import Content, Dump, Grant, handle
from knowledge.types import Grantee

Clause = tuple[Grantee, ...]
NOBODY: Clause = (Grantee(handle="<whoever may read what is not in the export>"),)
"""Met by no account, for no handle holds such a bracket."""

_HARMLESS = ("edit", "share")
_DEEPEST = 500


class Rights:
    """The restrictions of a dump's pages."""

    def __init__(self, dump: Dump) -> None:
        self._dump = dump
        self._owned: dict[str, list[str]] = {}
        for id, one in dump.sets.items():
            self._owned.setdefault(one.owner, []).append(id)
        self._granted: dict[str, list[Grant]] = {}
        for grant in dump.grants.values():
            self._granted.setdefault(grant.owner, []).append(grant)
        self._cached: dict[str, tuple[Clause, ...]] = {}

    def of(self, page: Content) -> tuple[Clause, ...]:
        """The clauses that hold for a page besides the audience of its import."""
        clauses = dict.fromkeys((*self._space(page.space), *self._down_to(page.id)))
        return tuple(clauses)

    def grantee(self, grant: Grant) -> Grantee | None:
        """Whom a permission means, if it says so."""
        if grant.group:
            return Grantee(group=grant.group)
        ref = grant.user or grant.login
        if not ref:
            return None
        person = self._dump.person(ref)
        if person is None:
            return Grantee(handle=handle(ref))
        return Grantee(email=person.email or None, handle=person.handle)

    def _space(self, id: str) -> tuple[Clause, ...]:
        space, views = self._dump.spaces.get(id), self._dump.views.get(id)
        if views is None:
            # Permissions that are listed and not there could be any.
            return (NOBODY,) if space is not None and space.lists_permissions else ()
        members: list[Grantee] = []
        for grant in views:
            if named := self.grantee(grant):
                members.append(named)
            elif grant.everybody == "authenticated-users":
                members.append(Grantee())
            elif grant.everybody in ("anonymous-users", None):
                # Before there was this property, a permission of nobody was one of anybody.
                return ()
        return (_clause(members),)

    def _down_to(self, id: str) -> tuple[Clause, ...]:
        """The clauses of a page and of all above it, each page computed once."""
        above: list[str] = [id]
        pending: list[str] = []
        seen: set[str] = set()
        while above:
            one = above.pop()
            if one in seen:
                continue
            seen.add(one)
            pending.append(one)
            node = None if one in self._cached else self._node(one)
            if node is not None:
                above += [i for i in (node.parent, *node.ancestors) if i]
            if len(seen) > _DEEPEST:
                return (NOBODY,)
        clauses: dict[Clause, None] = {}
        for one in reversed(pending):
            clauses.update(dict.fromkeys(self._cached.get(one) or self._own(one)))
        self._cached[id] = tuple(clauses)
        return self._cached[id]

    def _node(self, id: str) -> Content | None:
        page = self._dump.pages.get(id) or self._dump.others.get(id)
        # A page that lay below a former version lies below what has become of it.
        if page is not None and page.original and page.original != id:
            return self._dump.pages.get(page.original, page)
        return page

    def _own(self, id: str) -> tuple[Clause, ...]:
        node = self._node(id)
        if node is None:
            return (NOBODY,)
        ids = dict.fromkeys((*node.permission_sets, *self._owned.get(node.id, ())))
        known = [self._dump.sets[i] for i in ids if i in self._dump.sets]
        views = [i for i in ids if i in self._dump.sets and self._kind(i) == "view"]
        clauses = [self._members(i) for i in views]
        strange = any(one.kind.lower() not in ("view", *_HARMLESS) for one in known)
        # A content has one set of each kind: one more that is missing is not its view.
        missing = len(known) < len(ids) and not views
        return (*clauses, *((NOBODY,) if strange or missing else ()))

    def _kind(self, id: str) -> str:
        return self._dump.sets[id].kind.lower()

    def _members(self, id: str) -> Clause:
        listed = [self._dump.grants.get(one) for one in self._dump.sets[id].permissions]
        grants = [one for one in listed if one is not None] + self._granted.get(id, [])
        named = (self.grantee(one) for one in grants if one.kind.lower() == "view")
        return _clause([one for one in named if one is not None])


def _clause(members: list[Grantee]) -> Clause:
    ordered = sorted(set(members), key=lambda g: (g.group or "", g.email or "", g.handle or ""))
    return tuple(ordered) or NOBODY

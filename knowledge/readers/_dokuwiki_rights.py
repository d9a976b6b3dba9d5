"""DokuWiki's access rules (``conf/acl.auth.php``) as clauses."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from knowledge.types import Grantee, Loss, LossKind

_Clauses = tuple[tuple[Grantee, ...], ...]
_NOBODY: _Clauses = ((),)  # becomes whoever imports it


@dataclass(frozen=True, slots=True)
class Rights:
    """The rules by what they are about: for each, who (``@group`` or a login) may what."""

    rules: dict[str, dict[str, int]] | None

    @staticmethod
    def parse(text: str | None) -> Rights:
        """Rules, one a line: what, who, and a number of which all above 0 may read. None where the
        export has no such file; of one that has no rules, or cannot be read, nothing is open."""
        if text is None:
            return Rights(None)
        rules: dict[str, dict[str, int]] = {}
        for line in text.splitlines():
            parts = line.partition("#")[0].split()
            if len(parts) == 3 and parts[2].isdecimal():
                rules.setdefault(parts[0], {})[unquote(parts[1])] = int(parts[2])
        return Rights(rules)

    def of(self, page: str) -> tuple[_Clauses, tuple[Loss, ...]]:
        """Who may read a page. The nearest rule that is about somebody decides for them."""
        if self.rules is None:
            return (), ()
        if not self.rules:
            return _NOBODY, (Loss(LossKind.RIGHTS, "conf/acl.auth.php tells no rules"),)
        grantees: dict[Grantee, None] = {}
        for scope in _scopes(page):
            rules = self.rules.get(scope, {})
            readers = [who for who, right in rules.items() if right]
            if "@ALL" in rules:
                if "@ALL" in readers:
                    return (), ()
                return self._clause(grantees, readers)
            if len(readers) < len(rules):
                # Whoever is shut out here may be let in further up: that is no list of readers.
                clauses, _ = self._clause(grantees, readers)
                return clauses, (Loss(LossKind.RIGHTS, f"a rule for {scope} shuts somebody out"),)
            for who in readers:
                grantees |= _grantee(who)
        return self._clause(grantees, [])

    def of_media(self, media: str) -> frozenset[tuple[Grantee, ...]]:
        """Who may see a file: rules of its folder alone decide, not those of a page like it."""
        return frozenset(self.of(media.rpartition(":")[0] + ":")[0])

    @staticmethod
    def _clause(
        grantees: dict[Grantee, None], readers: list[str]
    ) -> tuple[_Clauses, tuple[Loss, ...]]:
        for who in readers:
            grantees |= _grantee(who)
        return ((tuple(grantees),) if grantees else _NOBODY), ()


def _grantee(who: str) -> dict[Grantee, None]:
    if who == "@user":
        return {Grantee(): None}
    if "%" in who:  # "%USER%": each their own; whose page it is, no rule says
        return {}
    return {Grantee(group=who[1:]) if who.startswith("@") else Grantee(handle=who): None}


def _scopes(page: str) -> list[str]:
    """What rules can be about, from the page itself outwards."""
    parts = page.split(":")[:-1]
    inner = [":".join(parts[:count]) + ":*" for count in range(len(parts), 0, -1)]
    return [page, *inner, "*"]

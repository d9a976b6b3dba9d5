"""Who wrote a page of a Confluence export, and how much of what it says today.

Who only commented is no contributor: a question below a page, or thanks for it, says nothing of
what its writer knows, and counting it would rank those who ask beside those who answer. A comment
carries its writer's name in the text, where a search finds it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import UTC, datetime

from knowledge.exports import Refused
from knowledge.readers._confluence_space import Content, Dump, handle
from knowledge.types import Contributor, Role

_MARKUP = re.compile(r"<[^<>]*>")
EARLIEST = datetime.min.replace(tzinfo=UTC)


def contributors(dump: Dump, page: Content, versions: list[Content]) -> tuple[Contributor, ...]:
    """The creator as the author and everybody who saved a version as an editor, once each.

    Weighted by the words of the current text that their versions brought in.
    """
    saved = sorted(
        [*versions, page],
        key=lambda one: (one.id == page.id, one.version, one.updated or EARLIEST, one.id),
    )
    weights = _surviving(dump, saved) if len(saved) > 1 else {}
    last: dict[str, datetime | None] = {}
    for one in saved:
        last[one.editor or one.creator] = one.updated or one.created
    if page.creator:
        last = {page.creator: last.get(page.creator) or page.created, **last}
    return tuple(
        _contributor(dump, ref, ref == page.creator, weights.get(ref, 0), at)
        for ref, at in last.items()
        if ref
    )


def called(dump: Dump, ref: str) -> str:
    """What an account is called: its full name, else its login without a mail domain."""
    person = dump.person(ref)
    if person is None:
        return ref
    return person.name or person.login.split("@")[0] or person.key


def contributor(dump: Dump, ref: str, at: datetime | None) -> Contributor | None:
    """Whoever made something alone."""
    return _contributor(dump, ref, True, 0, at) if ref else None


def _contributor(
    dump: Dump, ref: str, creator: bool, words: int, at: datetime | None
) -> Contributor:
    person = dump.person(ref)
    return Contributor(
        name=called(dump, ref),
        role=Role.AUTHOR if creator else Role.EDITOR,
        email=(person.email or None) if person else None,
        handle=person.handle if person else handle(ref),
        weight=float(max(words, 1)),
        at=at,
    )


def _surviving(dump: Dump, versions: list[Content]) -> dict[str, int]:
    """Words of the last version by who brought each in. A word is who wrote it first, for as long
    as it is there; of several the last to come is the first to go."""
    owners: dict[str, list[str]] = defaultdict(list)
    for version in versions:
        try:
            words = Counter(_MARKUP.sub(" ", dump.body(version)[0]).split())
        except Refused:
            continue
        ref = version.editor or version.creator
        for word in [word for word in owners if word not in words]:
            del owners[word]
        for word, count in words.items():
            held = owners[word]
            del held[count:]
            held += [ref] * (count - len(held))
    return dict(Counter(ref for held in owners.values() for ref in held))

"""Where the links and pictures of a Confluence page lead.

A body writes a link as its source does, by title or by id: ``../display/KEY/Title`` and
``viewpage.action?pageId=ID`` are where the page lies on the wiki, relative to the address that a
URL template makes of an id. So a body does not depend on which pages there are, of which some may
be for fewer people. What the link means stands beside it: the page's id, or ``key:title`` of space
and page where the export does not hold it.
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, unquote, unquote_plus, urlsplit

from knowledge.readers import _wikitext as md
from knowledge.types import Link, Loss, LossKind

_DISPLAY = re.compile(r"/display/(?:public/)?([^/]+)(?:/([^/]+))?/?$")
_SPACES = re.compile(
    r"/spaces/([^/]+)(?:/(?:pages|blog/\d+/\d+/\d+)/(?:edit-v2/)?(\d+)(?:/[^/]*)?|/overview|/?)$"
)
_DOWNLOAD = re.compile(r"/download/(?:attachments|thumbnails)/(\d+)/([^/]+)$")
_TINY = re.compile(r"/x/([\w-]{1,12})$")
_ELSEWHERE = ("atlassian.com",)


@dataclass(slots=True)
class Places:
    """What can be linked to: the titles of pages by id, their ids by space and title, and those of
    spaces' home pages by key."""

    ids: dict[str, str] = field(default_factory=dict)
    titles: dict[tuple[str, str], str] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    person: Callable[[str], str | None] = lambda ref: None

    def add(self, space: str, title: str, id: str) -> None:
        """A page; the first of a title is the one that links mean."""
        self.ids[id] = title
        self.titles.setdefault((space.lower(), title.lower()), id)


class Page:
    """One page while it is converted: what its links mean, and what was lost of it.

    ``files`` maps the lower-case names of its attachments to how its body refers to them.
    """

    def __init__(
        self, places: Places, id: str = "", space: str = "", files: dict[str, str] | None = None
    ) -> None:
        self._places = places
        self.id = id
        self.space = space
        self._files = files or {}
        self._links: dict[str, Link] = {}
        self._losses: Counter[tuple[LossKind, str]] = Counter()

    @property
    def links(self) -> tuple[Link, ...]:
        """Its links to pages, each way of writing one once."""
        return tuple(self._links.values())

    def losses(self) -> Iterable[Loss]:
        """What was lost so far, in the order in which it was met."""
        return [Loss(kind, what, count) for (kind, what), count in self._losses.items()]

    def lose(self, kind: LossKind, what: str, count: int = 1) -> None:
        """Note a loss."""
        self._losses[kind, " ".join(what.split())[:200] or "unnamed"] += count

    def person(self, ref: str) -> str | None:
        """What an account is called."""
        return self._places.person(ref)

    @property
    def title(self) -> str:
        """What the page itself is called."""
        return self._places.ids.get(self.id, "")

    def titled(self, title: str, space: str = "", anchor: str = "") -> str:
        """The link to a page by its title, in this page's space if none is named."""
        space = self._key(space)
        target = self._by_title(space, title)
        anchor = _own_anchor(anchor, title)
        if target == self.id and anchor:
            return _fragment("", anchor)
        href = f"../display/{_quoted(space or '-')}/{_quoted(title.replace(' ', '+'))}"
        return self._linked(_fragment(href, anchor), target)

    def numbered(self, id: str, anchor: str = "") -> str:
        """The link to a page by its id; to a place on this page there is none to note."""
        anchor = _own_anchor(anchor, self._places.ids.get(id, "") if id == self.id else "")
        if id == self.id and anchor:
            return _fragment("", anchor)
        return self._linked(_fragment(page_href(id), anchor), id)

    def home(self, space: str, anchor: str = "") -> str:
        """The link to a space's home page."""
        href = _fragment(f"../display/{_quoted(self._key(space))}", anchor)
        id = self._places.homes.get(self._key(space).lower())
        return href if id is None else self._linked(href, id)

    def file(self, name: str) -> str | None:
        """How the body refers to a file of this page, if it has one of this name."""
        return self._files.get(name.lower())

    def address(self, href: str) -> str:
        """An address that somebody pasted: the link itself, noted where it leads to this wiki."""
        try:
            parts = urlsplit(href.strip())
        except ValueError:
            return href
        host = (parts.hostname or "").lower()
        foreign = any(host == one or host.endswith(f".{one}") for one in _ELSEWHERE)
        written = md.href(href)
        if foreign or parts.scheme.lower() not in ("", "http", "https") or not parts.path:
            return written
        if (here := _DOWNLOAD.search(parts.path)) and here[1] == self.id:
            return self.file(unquote_plus(here[2])) or written
        target = self._meant(parts.path, parts.query)
        return written if target is None else self._linked(written, target)

    def _key(self, space: str) -> str:
        return self.space if space in ("", "currentSpace()") else space

    def _meant(self, path: str, query: str) -> str | None:
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        if path.endswith("/pages/viewpage.action") or path == "viewpage.action":
            if (id := asked.get("pageId", "")).isdecimal():
                return id
            if asked.get("spaceKey") and asked.get("title"):
                return self._by_title(asked["spaceKey"], asked["title"])
        elif path.endswith("/viewspace.action"):
            return self._places.homes.get(asked.get("key", "").lower())
        elif found := _SPACES.search(path):
            return found[2] or self._places.homes.get(unquote(found[1]).lower())
        elif found := _DISPLAY.search(path):
            space = unquote_plus(found[1])
            if not found[2]:
                return self._places.homes.get(space.lower())
            return self._by_title(space, unquote_plus(found[2]))
        elif found := _TINY.search(path):
            id = _untied(found[1])
            return id if id in self._places.ids else None
        return None

    def _by_title(self, space: str, title: str) -> str:
        return self._places.titles.get((space.lower(), title.lower())) or named(space, title)

    def _linked(self, href: str, target: str) -> str:
        self._links.setdefault(href, Link(href, target))
        return href


def named(space: str, title: str) -> str:
    """What a page is called in its space: how links from other spaces' exports mean it."""
    return f"{space.lower()}:{title.lower()}"


def _untied(code: str) -> str:
    """The page id in a short link: its bytes, least first, in base 64."""
    told = code.replace("-", "/").replace("_", "+")
    try:
        data = base64.b64decode(told + "A" * (-len(told) % 4))
    except ValueError:
        return ""
    return str(int.from_bytes(data, "little"))


def _fragment(href: str, anchor: str) -> str:
    return f"{href}#{quote(anchor)}" if anchor else href


def page_href(id: str) -> str:
    """How a body writes the link to a page."""
    return f"viewpage.action?pageId={id}"


def _quoted(text: str) -> str:
    return quote(text, safe="~+")


def _own_anchor(anchor: str, title: str) -> str:
    """A place on a page. A heading's own begins with the page's title, without the blanks."""
    return anchor.removeprefix(f"{''.join(title.split())}-") or anchor


def file_href(name: str) -> str:
    """How a body refers to a file of its page."""
    return f"attachments/{quote(name, safe='')}"

"""A text under way as it will be read: as HTML for pages, and as a tree for scripts, which may
write no HTML."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from markupsafe import Markup

from api.filing import draft_files_address, files_address, shown_as
from api.services import Services
from api.web.prose import Targets, prose
from knowledge.types import Principal

_DEEPEST = 40
_VOID = frozenset(("br", "hr", "img"))


@dataclass(slots=True)
class Node:
    """An element. What is in it is text, or further elements."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)


def preview(
    services: Services,
    asker: Principal,
    title: str,
    body: str,
    *,
    draft_id: int | None = None,
    document_id: int | None = None,
) -> Markup:
    """The text as its document's page would have it, with the pictures of a draft and of the
    document that it changes. Raises NotFound for a draft or a document that is not the asker's."""
    own = {href: f"/documents/{key}" for href, key in services.files.of_text(body, asker).items()}
    pictures: dict[str, str] = {}
    if document_id is not None:
        for one in services.files.places(document_id, body, asker).files.values():
            if shown_as(one.name):
                pictures[one.href] = files_address(document_id, one.number)
    if draft_id is not None:
        for one in services.drafting.files(draft_id, asker):
            pictures[one.href] = draft_files_address(draft_id, one.number)
    return prose(body, title, Targets(None, own | pictures, pictures), None)


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("div")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Node(tag, {name: value or "" for name, value in attrs})
        # Deeper than anybody writes, what is inside stands beside: neither the answer nor a script
        # has to nest without end.
        inside = self._open[min(len(self._open), _DEEPEST) - 1]
        inside.children.append(made)
        if tag not in _VOID:
            self._open.append(made)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID and len(self._open) > 1:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[min(len(self._open), _DEEPEST) - 1].children.append(data)


def tree(cleaned: Markup) -> list[Node | str]:
    """Cleaned HTML, which is well-formed, as its elements."""
    parser = _Tree()
    parser.feed(str(cleaned))
    parser.close()
    return parser.root.children

"""A rendered text on the wire: elements and not HTML, which no script may write into a page."""

from __future__ import annotations

from pydantic import Field

from api.schemas.fields import Told
from api.web.preview import Node


class NodeOut(Told):
    """An element."""

    tag: str
    attributes: dict[str, str]
    children: list[NodeOut | str]


class PreviewOut(Told):
    """A text as it will be read."""

    nodes: list[NodeOut | str] = Field(description="Elements and texts, in order.")


def nodes_out(nodes: list[Node | str]) -> list[NodeOut | str]:
    """Elements as they are told."""
    return [
        one
        if isinstance(one, str)
        else NodeOut(tag=one.tag, attributes=one.attributes, children=nodes_out(one.children))
        for one in nodes
    ]

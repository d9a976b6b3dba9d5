"""Drawings, read."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

SVG = "{http://www.w3.org/2000/svg}"


def drawn(text: str) -> Element:
    """The drawing's root. Raises ParseError where it is no XML."""
    root = fromstring(text)  # noqa: S314 - it was made here
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    return root

"""Where a source's pages stand on the web, by a template: ``https://wiki.example/{path}``.

``{id}`` is the page's id in its source (of a file, its path), ``{path}`` the same without a file's
extension, ``{title}`` its title; each is escaped, and slashes stay in ``{id}`` and ``{path}``.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from knowledge.errors import InvalidInput
from knowledge.types import SourceDocument

_MAX = 500
_FIELD = re.compile(r"\{(\w*)\}")
_FIELDS = ("id", "path", "title")
_SUFFIX = re.compile(r"\.(?:md|markdown|txt|html?|tid)$", re.IGNORECASE)


def checked(template: str) -> str:
    """The template itself. Raises InvalidInput for what makes no addresses of pages."""
    named = _FIELD.findall(template)
    try:
        parts = urlsplit(template)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
        # A field in the host's place would let a page choose where its link leads.
        good = good and "{" not in parts.netloc and template.isprintable()
    except ValueError:
        good = False
    if not good or not named or not set(named) <= set(_FIELDS) or len(template) > _MAX:
        raise InvalidInput(
            f"{template[:100]!r} is no template of addresses; write it like "
            "https://wiki.example/pages/{id}, with {id}, {path} or {title}"
        )
    return template


def address(template: str, document: SourceDocument) -> str:
    """A document's address."""
    said = {
        "id": quote(document.external_id, safe="/"),
        "path": quote(_SUFFIX.sub("", document.external_id), safe="/"),
        "title": quote(document.title, safe=""),
    }
    return _FIELD.sub(lambda match: said[match[1]], template)

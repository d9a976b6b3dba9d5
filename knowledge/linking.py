"""Where the links and pictures of a stored document lead, for somebody who reads it.

Resolved when it is shown, and only to what the reader may read: a page that is imported later
mends every link to it, and one that is hidden leads nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urldefrag

from sqlalchemy import Connection

from knowledge import markdown
from knowledge.store import attachments, documents
from knowledge.store.database import Database
from knowledge.types import KeptFile, Principal

_MOST_ADDRESSES = 1000
# As documents are linked to by what is written here.
_HERE = re.compile(r"/documents/([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Places:
    """By what the body writes: ids of documents, and files of this document."""

    documents: dict[str, int] = field(default_factory=dict)
    files: dict[str, KeptFile] = field(default_factory=dict)


def places(connection: Connection, document_id: int, body: str, principal: Principal) -> Places:
    """What a document refers to. ``body`` is its text, or the part of it that is shown."""
    kept = attachments.files(connection, document_id, principal)
    return Places(
        of_text(connection, body, principal)
        | attachments.targets(connection, document_id, principal),
        {one.href: one for one in kept},
    )


def of_text(connection: Connection, text: str, principal: Principal) -> dict[str, int]:
    """The documents that a text leads to by their addresses, here or where they come from."""
    wanted: dict[str, str] = {}
    here: dict[str, int] = {}
    for href in markdown.hrefs(text):
        if len(wanted) + len(here) >= _MOST_ADDRESSES:
            break
        if href.startswith(("http://", "https://")):
            wanted[href] = urldefrag(href).url
        elif own := _HERE.fullmatch(urldefrag(href).url):
            here[href] = int(own[1])
    known = attachments.by_url(connection, wanted.values(), principal)
    there = documents.visible(connection, set(here.values()), principal) if here else ()
    return {href: known[url] for href, url in wanted.items() if url in known} | {
        href: key for href, key in here.items() if key in there
    }


class Files:
    """What belongs to documents, for those who may read them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def places(self, document_id: int, body: str, principal: Principal) -> Places:
        """See ``places``."""
        with self._database.read() as connection:
            return places(connection, document_id, body, principal)

    def of_text(self, text: str, principal: Principal) -> dict[str, int]:
        """See ``of_text``."""
        with self._database.read() as connection:
            return of_text(connection, text, principal)

    def content(
        self, document_id: int, number: int, principal: Principal
    ) -> tuple[KeptFile, bytes]:
        """One file. Raises NotFound, the same for unknown and forbidden."""
        with self._database.read() as connection:
            return attachments.content(connection, document_id, number, principal)

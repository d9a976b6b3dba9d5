"""Files that belong to a document: pictures, and what else a page has beside its text."""

from __future__ import annotations

import hashlib

from knowledge.exports import Entry, Refused
from knowledge.types import Attachment, Loss, LossKind

_BLOCK = 1 << 20


def attachment(entry: Entry, href: str, name: str | None = None) -> Attachment | Loss:
    """An entry as an attachment, or why it is lost. Its bytes are read once, and not kept.

    ``href``: how the document's body refers to it; ``name``: what its owner calls it.
    """
    called = name or entry.name.rsplit("/", 1)[-1]
    digest, size = hashlib.sha256(), 0
    try:
        entry.check_size()
        with entry.open() as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
                size += len(block)
    except Refused as refusal:
        return Loss(LossKind.ATTACHMENT, f"{called}: {refusal}")
    return Attachment(href, called, digest.hexdigest(), size, entry=entry.name)


def embedded(data: bytes, href: str, name: str) -> Attachment:
    """Bytes that lie inside another file, as an attachment."""
    return Attachment(href, name, hashlib.sha256(data).hexdigest(), len(data), data=data)

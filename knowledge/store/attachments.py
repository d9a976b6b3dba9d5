"""Queries about what belongs to documents: their files, and their links to each other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from sqlalchemy import Connection, delete, insert, select

from knowledge import limits
from knowledge.errors import NotFound
from knowledge.store.access import readable_by
from knowledge.store.draft_tables import draft_files
from knowledge.store.tables import aliases, attachments, blobs, documents, links
from knowledge.types import Attachment, KeptFile, Link, Principal
from knowledge.words import url_key

_BATCH = 500


def put_links(
    connection: Connection, document_id: int, told: Sequence[Link], names: Collection[str] = ()
) -> None:
    """Replace a document's links, and the further ``names`` by which others mean it."""
    connection.execute(delete(aliases).where(aliases.c.document_id == document_id))
    kept = [name for name in names if limits.fits_key(name)]
    if kept:
        rows = [{"document_id": document_id, "alias": name} for name in sorted(set(kept))]
        connection.execute(insert(aliases), rows)
    connection.execute(delete(links).where(links.c.document_id == document_id))
    rows = [
        {"document_id": document_id, "position": at, "href": one.href, "target": one.target}
        for at, one in enumerate(told)
        if limits.fits_key(one.target)
    ]
    if rows:
        connection.execute(insert(links), rows)


def targets(connection: Connection, document_id: int, principal: Principal) -> dict[str, int]:
    """Where a document's links lead that lead to documents the principal may read: id by href."""
    there = documents.alias()
    held = select(links.c.href, documents.c.id).join(there, there.c.id == links.c.document_id)
    same = documents.c.source_id == there.c.source_id
    theirs = links.c.document_id == document_id, readable_by(principal)
    by_id = held.join(documents, same & (documents.c.external_id == links.c.target))
    by_name = held.join(aliases, aliases.c.alias == links.c.target).join(
        documents, same & (documents.c.id == aliases.c.document_id)
    )
    # Of several documents of one name the oldest; an id goes before any name.
    named = connection.execute(by_name.where(*theirs).order_by(documents.c.id.desc()))
    found = {row.href: row.id for row in named}
    return found | {row.href: row.id for row in connection.execute(by_id.where(*theirs))}


def by_url(connection: Connection, urls: Collection[str], principal: Principal) -> dict[str, int]:
    """The documents that stand at addresses on the web, of those the principal may read."""
    found: dict[str, int] = {}
    wanted = sorted(set(urls))
    for at in range(0, len(wanted), _BATCH):
        some = wanted[at : at + _BATCH]
        query = select(documents.c.url, documents.c.id).where(
            documents.c.url_key.in_([url_key(url) for url in some]),
            documents.c.url.in_(some),
            readable_by(principal),
        )
        for row in connection.execute(query.order_by(documents.c.id.desc())):
            found[row.url] = row.id
    return found


def put(
    connection: Connection,
    document_id: int,
    told: Sequence[Attachment],
    bytes_of: Callable[[Attachment], bytes | None],
) -> None:
    """Replace a document's files. ``bytes_of`` is asked for those that nobody has yet; without an
    answer the file is left out."""
    before = digests_of(connection, document_id)
    connection.execute(delete(attachments).where(attachments.c.document_id == document_id))
    for at, one in enumerate(told):
        if not kept(connection, [one.digest]):
            data = bytes_of(one)
            if data is None:
                continue
            connection.execute(insert(blobs).values(digest=one.digest, data=data))
        connection.execute(
            insert(attachments).values(
                document_id=document_id,
                position=at,
                href=one.href,
                name=one.name,
                size=one.size,
                digest=one.digest,
            )
        )
    forget(connection, before)


def digests_of(connection: Connection, document_id: int) -> set[str]:
    """What tells the bytes of a document's files from others."""
    query = select(attachments.c.digest).where(attachments.c.document_id == document_id)
    return set(connection.execute(query).scalars())


def kept(connection: Connection, digests: Collection[str]) -> set[str]:
    """Those of the digests whose bytes are stored."""
    query = select(blobs.c.digest).where(blobs.c.digest.in_(sorted(digests)))
    return set(connection.execute(query).scalars())


def forget(connection: Connection, digests: Collection[str]) -> None:
    """Deleted means gone: what no document and no draft has attached any more."""
    for digest in sorted(digests):
        held = (
            select(table.c.digest).where(table.c.digest == digest).limit(1)
            for table in (attachments, draft_files)
        )
        if all(connection.execute(query).first() is None for query in held):
            connection.execute(delete(blobs).where(blobs.c.digest == digest))


def told(connection: Connection, document_id: int) -> list[Attachment]:
    """A document's files as they would be told again; their bytes are kept already."""
    query = (
        select(attachments.c.href, attachments.c.name, attachments.c.digest, attachments.c.size)
        .where(attachments.c.document_id == document_id)
        .order_by(attachments.c.position)
    )
    return [Attachment(*row) for row in connection.execute(query)]


def remove(connection: Connection, document_id: int) -> None:
    """Delete a document's links and files."""
    put_links(connection, document_id, ())
    before = digests_of(connection, document_id)
    connection.execute(delete(attachments).where(attachments.c.document_id == document_id))
    forget(connection, before)


def files(connection: Connection, document_id: int, principal: Principal) -> list[KeptFile]:
    """The files of a document, in its own order; none if the principal may not read it."""
    query = (
        select(attachments.c.position, attachments.c.href, attachments.c.name, attachments.c.size)
        .join(documents, documents.c.id == attachments.c.document_id)
        .where(attachments.c.document_id == document_id, readable_by(principal))
        .order_by(attachments.c.position)
    )
    return [KeptFile(*row) for row in connection.execute(query)]


def content(
    connection: Connection, document_id: int, position: int, principal: Principal
) -> tuple[KeptFile, bytes]:
    """One file of a document. Raises NotFound, the same for unknown and forbidden."""
    query = (
        select(
            attachments.c.position,
            attachments.c.href,
            attachments.c.name,
            attachments.c.size,
            blobs.c.data,
        )
        .join(documents, documents.c.id == attachments.c.document_id)
        .join(blobs, blobs.c.digest == attachments.c.digest)
        .where(
            attachments.c.document_id == document_id,
            attachments.c.position == position,
            readable_by(principal),
        )
    )
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("no such file")
    return KeptFile(*row[:4]), bytes(row.data)

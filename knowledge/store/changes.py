"""The change log: which documents an index must look at again, in commit order."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from knowledge.store.database import next_sequence
from knowledge.store.tables import changes


def record(connection: Connection, document_ids: list[int]) -> int:
    """Log that documents changed; call it last in the transaction. Returns the newest number."""
    if not document_ids:
        return 0
    sequence = next_sequence(connection, len(document_ids))
    now = datetime.now(UTC)
    rows = [
        {"sequence": number, "document_id": document_id, "at": now}
        for number, document_id in enumerate(document_ids, sequence - len(document_ids) + 1)
    ]
    connection.execute(insert(changes), rows)
    return sequence


def documents_after(connection: Connection, sequence: int) -> list[int]:
    """Ids of the documents that changed after ``sequence``, each once, ascending."""
    statement = select(changes.c.document_id).where(changes.c.sequence > sequence).distinct()
    return sorted(connection.execute(statement).scalars())

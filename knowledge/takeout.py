"""Everything that is kept of a person, for themselves: JSON, and what they wrote as files."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection

from knowledge import audit, queries
from knowledge.audit import Action
from knowledge.errors import Conflict, InvalidInput
from knowledge.handover import thing
from knowledge.store import access, attachments, documents, drafts, people, personal
from knowledge.store import queries as log
from knowledge.store.database import Database
from knowledge.types import Document, Principal, Role

PERSON = "person.json"
_MADE = (
    *("contributions", "speaker_assignments", "objections"),
    *("settlements", "doubts", "currency", "care", "readings"),
)

# Whose files are as much theirs as the text is. A speaker did not attach anything.
_WRITERS = {role.value for role in (Role.AUTHOR, Role.EDITOR, Role.ANSWERER)}


class Takeout:
    """Hands out what is kept of people, to them or to the operator on their behalf.

    Nobody gets more than they may read: documents that are closed to them, or archived, are left
    out, and that there are such is not said. Files come with what somebody wrote, not with where
    they only spoke or which they endorsed.
    """

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def write(self, person_id: int, actor: str, file: IO[bytes]) -> int:
        """A zip into a file; returns how many documents are in it. Raises NotFound."""
        count = 0
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self._files(person_id, actor):
                archive.writestr(name, data)
                count += name.startswith("documents/")
        return count

    def save(self, person_id: int, actor: str, path: Path) -> int:
        """The same into a new file if it is called so, otherwise into a new directory, which only
        their owner may read. Raises NotFound, Conflict when there is something."""
        if path.exists():
            raise Conflict(f"{path} exists; name another file or directory")
        held = io.BytesIO()
        count = self.write(person_id, actor, held)
        try:
            if path.suffix.lower() == ".zip":
                path.touch(mode=0o600)
                path.write_bytes(held.getvalue())
                return count
            path.mkdir(mode=0o700)
            with zipfile.ZipFile(held) as archive:
                archive.extractall(path)
        except OSError as error:
            raise InvalidInput(f"{path} cannot be written: {error}") from error
        return count

    def _files(self, person_id: int, actor: str) -> Iterator[tuple[str, bytes]]:
        with self._database.read() as connection:
            whole = people.whole(connection, people.get(connection, person_id).id)
            principal = access.principal_of(connection, whole)
            told, made = self._told(connection, whole, principal)
            wrote = {r["document_id"] for r in told["contributions"] if r["role"] in _WRITERS}
            yield PERSON, _json(told)
            for document in made:
                body = documents.body(connection, document.id, principal)
                yield f"documents/{document.id}-{_slug(document.title)}.md", _page(document, body)
                if document.id in wrote:
                    yield from _attached(connection, document.id, principal)
            for draft_id in drafts.of_people(connection, personal.records(connection, whole)):
                for file in drafts.files(connection, draft_id):
                    _, data = drafts.content(connection, draft_id, file.number)
                    yield f"drafts/{draft_id}/{file.href}", data
        with self._database.write() as connection:
            subject = f"person:{whole}"
            audit.record(connection, actor, Action.EXPORTED, subject, at=self._now())

    def _told(
        self, connection: Connection, person_id: int, principal: Principal
    ) -> tuple[dict[str, Any], list[Document]]:
        ids = personal.records(connection, person_id)
        told: dict[str, Any] = {"exported_at": self._now(), "person_id": person_id}
        for held in (*personal.CHANGED, *personal.DELETED, personal.ACTED):
            told[held.table.name] = personal.rows(connection, held, ids)
        # Whom else a question may go to is not told before it does.
        asked = [row for row in told["question_people"] if row["asked_at"] is not None]
        told["question_people"] = asked
        named = {row["document_id"] for name in _MADE for row in told[name]}
        seen = documents.load(connection, named, principal)
        for name in _MADE:
            told[name] = [
                row | {"title": seen[row["document_id"]].title}
                for row in told[name]
                if row["document_id"] in seen
            ]
        told["handover_items"] = [
            row
            for row in told["handover_items"]
            if thing(connection, row["kind"], row["item_id"], principal) is not None
        ]
        names = {queries.pseudonym(key, one) for key in log.keys(connection) for one in ids}
        told["queries"] = personal.asked_by(connection, names)
        wrote = {row["document_id"] for row in told["contributions"]}
        return told, [seen[key] for key in sorted(wrote)]


def _attached(
    connection: Connection, document_id: int, principal: Principal
) -> Iterator[tuple[str, bytes]]:
    """The files of a document, one after the other: together they may be large."""
    for one in attachments.files(connection, document_id, principal):
        kept, data = attachments.content(connection, document_id, one.number, principal)
        stem, dot, ending = kept.name.rpartition(".")
        ending = _slug(ending)[:10] if stem else ""
        name = _slug(stem or kept.name) + (dot and f".{ending}" if ending else "")
        yield f"files/{document_id}-{one.number}-{name}", data


def _json(told: dict[str, Any]) -> bytes:
    return json.dumps(told, default=_plain, ensure_ascii=False, indent=1).encode()


def _plain(value: Any) -> str:
    assert isinstance(value, datetime)
    return value.astimezone(UTC).isoformat()


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60] or "document"


def _page(document: Document, body: str) -> bytes:
    """A Markdown file as ``whoknows ingest`` reads it."""
    head = {
        "title": document.title,
        "kind": document.kind.value,
        "source": document.source,
        "url": document.url,
        "tags": list(document.tags),
        "updated": document.updated_at and f"{document.updated_at:%Y-%m-%d}",
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items()]
    said = "\n".join(lines)
    return f"---\n{said}\n---\n\n{body}\n".encode("utf-8", "replace")

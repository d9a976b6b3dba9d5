"""Pages of a small company, asked for as one of its people."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from httpx2 import Response

from knowledge.capture import Terms
from knowledge.types import Audience, Contributor, Kind, Level, Role, SourceDocument
from tests.api.routes.support import Served
from tests.builders import document

EVIL = '"><script>alert(1)</script>'

ADA = Contributor("Ada Field", Role.AUTHOR, email="ada@example.org")
BEN = Contributor("Ben Osei", Role.AUTHOR, email="ben@example.org")
BACKUP = (
    "# Copies\n\nEvery night a copy is made. To restore a backup, stop the ledger 🧾 first. "
    "Then start it again.\n\n## Afterwards\n\nCompare the totals."
)
TALK = (
    "**Ada Field:** \\[00:03\\] Who has the key of the printer? Nobody?\n\n"
    "**Ben Osei:** \\[01:05\\] It hangs beside the printer. Since the spring.\n\n"
    "**A Guest:** \\[62:07\\] Then we look there.\n"
)


def company() -> list[SourceDocument]:
    """A write-up, a note and a transcript for all, and a secret for the group vault."""
    return [
        document(
            "backup",
            BACKUP,
            title="Restoring a backup",
            tags=("ledger", "backup"),
            level=Level.EXPERT,
            updated_at=datetime(2026, 3, 1, tzinfo=UTC),
            created_at=datetime(2025, 3, 1, tzinfo=UTC),
            url="https://wiki.example/backup",
        ),
        document(
            "queue",
            "The queue of the ledger drains by itself.",
            title="Draining the queue",
            kind=Kind.NOTE,
            contributors=(BEN,),
            source="notes",
        ),
        document(
            "talk",
            TALK,
            title="Where the key is",
            kind=Kind.TRANSCRIPT,
            contributors=(
                Contributor("Ada Field", Role.SPEAKER, email="ada@example.org"),
                Contributor("Ben Osei", Role.SPEAKER, email="ben@example.org"),
            ),
        ),
        document(
            "secret",
            "To restore a backup of the vault, ask Zebedee.",
            title="Vault of Zebedee",
            contributors=(Contributor("Zebedee Quill", Role.AUTHOR, email="z@example.org"),),
            audience=Audience.of("group:vault"),
            tags=("zebra",),
        ),
    ]


@dataclass(frozen=True)
class Site:
    """The pages, as a browser asks for them."""

    served: Served

    def get(self, path: str, who: str | None = "ben", **params: Any) -> Response:
        """A page as somebody; None is nobody who is known."""
        headers = {"Accept": "text/html"}
        if who is not None:
            headers["As"] = f"{who}@example.org"
        answer: Response = self.served.client.get(path, params=params or None, headers=headers)
        return answer

    def search(self, q: str, who: str = "ben", **params: Any) -> str:
        """The page of a search."""
        answer = self.get("/", who, q=q, **params)
        assert answer.status_code == 200, answer.text
        return answer.text

    def add(self, *more: SourceDocument) -> None:
        """Bring documents in."""
        list(self.served.services.capture.ingest(more, Terms(speakers_consented=True)))


def hrefs(page: str) -> list[str]:
    """Every address that the page links to."""
    return [html.unescape(found) for found in re.findall(r'href="([^"]*)"', page)]


def part(page: str, begin: str, end: str) -> str:
    """What stands between two marks, on one line."""
    return " ".join(page.split(begin, 1)[1].split(end, 1)[0].split())


def words(page: str) -> str:
    """A page without its tags, on one line."""
    text = re.sub(r"<(script|style|select)\b.*?</\1>", " ", page, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())

"""The wire form of results: what HTTP and ``--json`` give."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from indexer.search.results import PersonHit, SearchHit, SearchResult


def search_result(result: SearchResult, took_ms: float) -> dict[str, Any]:
    """A whole search. No raw scores: they would tell of documents the asker may not see."""
    return {
        "query_id": uuid.uuid4().hex,
        "query": result.query,
        "intent": result.intent.value,
        "corrected": None,
        "took_ms": round(took_ms, 1),
        "answers": [answer(hit) for hit in result.answers],
        "people": [person(hit) for hit in result.people],
        "confident": result.confident,
        "facets": {
            field: [{"value": value, "count": count} for value, count in counts.items()]
            for field, counts in result.facets.items()
        },
        "next_cursor": None,
    }


def answer(hit: SearchHit) -> dict[str, Any]:
    """One answer with where it stands."""
    passage, document = hit.passage, hit.document
    return {
        "passage_id": passage.id,
        "document": {
            "id": document.id,
            "title": document.title,
            "url": document.url,
            "kind": document.kind.value,
            "source": document.source,
            "updated_at": _time(document.updated_at),
            "contributors": [
                {"person_id": c.person_id, "name": c.name, "role": c.role.value}
                for c in document.contributions
            ],
        },
        "heading_path": list(passage.heading_path),
        "text": passage.text,
        "highlights": [{"start": start, "end": end} for start, end in hit.highlights],
        "locator": {
            "start": passage.start,
            "end": passage.end,
            "speakers": [share.label for share in passage.speakers],
            "start_s": passage.start_s,
            "end_s": passage.end_s,
        },
    }


def person(hit: PersonHit) -> dict[str, Any]:
    """One person with the evidence."""
    return {
        "person": {
            "id": hit.person.id,
            "name": hit.person.name,
            "team": hit.person.team,
            "title": hit.person.title,
        },
        "confidence": hit.confidence.value,
        "evidence": [
            {
                "passage_id": e.passage_id,
                "document_id": e.document_id,
                "title": e.title,
                "quote": e.quote,
                "role": e.role.value,
                "at": _time(e.at),
            }
            for e in hit.evidence
        ],
    }


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat().replace("+00:00", "Z")

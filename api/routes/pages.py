"""The pages: searching, reading a document, and a colleague. They work without scripts."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from api import cursors
from api.auth import Searcher
from api.auth.demo import DemoDoor
from api.deps import Wired
from api.schemas.fields import MAX_ID
from api.web import assets
from api.web.answers import found, makers
from api.web.examples import EXAMPLES
from api.web.question import Links, asked
from api.web.reading import reading
from api.web.rendering import page
from knowledge.errors import NotFound
from knowledge.profiles import profile
from knowledge.store import documents, passages

router = APIRouter(include_in_schema=False)

_READ = ["GET", "HEAD"]
_MADE = 20
_FOREVER = "public, max-age=31536000, immutable"


@router.api_route("/", methods=_READ)
def search(request: Request, asker: Searcher, services: Wired) -> Response:
    """Answers and people for ``q``; without one, what can be asked."""
    question = asked(request)
    if not question.q.strip():
        demo = isinstance(request.app.state.door, DemoDoor)
        return page(request, asker, "start.html", examples=EXAMPLES if demo else ())
    wanted = question.request()
    done = services.search(wanted, asker.principal)
    sure = services.settings.search.confident_from
    shown = found(question, wanted, done.result, sure, datetime.now(UTC))
    return page(
        request,
        asker,
        "search.html",
        q=question.q,
        kept=Links(question).pairs(),
        found=shown,
        result=done.result,
    )


@router.api_route("/documents/{id}", methods=_READ)
def document(request: Request, id: str, asker: Searcher, services: Wired) -> Response:
    """A document to read, with the passage that ``passage`` names marked."""
    key, wanted = _id(id), request.query_params.get("passage")
    part = request.query_params.get("part", "")
    with services.database.read() as connection:
        shown = documents.get(connection, key, asker.principal)
        body = documents.body(connection, key, asker.principal)
        ids = [int(wanted)] if wanted and _is_id(wanted) else []
        held = passages.load(connection, ids, asker.principal)
    passage = next((p for p in held.values() if p.document_id == key), None)
    return page(
        request,
        asker,
        "document.html",
        document=shown,
        makers=[
            (maker, [c.role for c in shown.contributions if c.person_id == maker.id])
            for maker in makers(shown.contributions)
        ],
        reading=reading(shown, body, passage, int(part) if _is_id(part) else None),
        passage=passage,
        lost=wanted is not None and passage is None,
    )


@router.api_route("/people/{id}", methods=_READ)
def person(request: Request, id: str, asker: Searcher, services: Wired) -> Response:
    """A colleague: what they know about, and what they made that the asker may read."""
    key, cursor = _id(id), request.query_params.get("cursor") or None
    offset = cursors.decode(cursor, "person", key) or 0
    shown = profile(services.database, key, asker.principal, offset=offset, limit=_MADE)
    following = cursors.encode(offset + _MADE, "person", key) if shown.more else None
    return page(request, asker, "person.html", profile=shown, following=following, offset=offset)


@router.api_route("/static/{digest}/{name}", methods=_READ)
async def static(digest: str, name: str) -> Response:
    """A static file; one that is asked for by an older page's digest is not kept."""
    held = assets.content(digest, name)
    if held is None:
        raise NotFound("there is no such file")
    content, media_type, current = held
    kept = {"Cache-Control": _FOREVER if current else "no-cache"}
    return Response(content, media_type=media_type, headers=kept)


def _is_id(told: str) -> bool:
    return told.isascii() and told.isdigit() and len(told) < 20 and 0 < int(told) <= MAX_ID


def _id(told: str) -> int:
    if not _is_id(told):
        raise NotFound("there is no such page")
    return int(told)

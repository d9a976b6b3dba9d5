"""The pages of searching, and of a colleague. They work without scripts."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from api import cursors
from api.auth import Asker, Reader, Searcher, anybody
from api.auth.demo import DemoDoor
from api.deps import Wired
from api.excerpts import excerpt
from api.schemas.fields import number_in
from api.services import Services
from api.web import assets
from api.web.answers import found
from api.web.examples import EXAMPLES
from api.web.question import Links, asked
from api.web.rendering import page
from knowledge.errors import InvalidInput, NotFound
from knowledge.types import Kind, Scope

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
        wishes = services.wishing.look(asker.principal) if asker.person is not None else ()
        return page(
            request,
            asker,
            "start.html",
            examples=EXAMPLES if demo else (),
            received=len(services.handing_over.received(asker.principal)),
            due=sum(one.currency.due for one in services.care.reviews(asker.principal)),
            answered=[wish for wish in wishes if wish.told_at is not None],
            comfort=_asked(asker, services),
        )
    wanted = question.request()
    done = services.search(wanted, asker.principal)
    sure = services.settings.search.confident_from
    shown = found(question, wanted, done.result, sure, datetime.now(UTC), done.query_id)
    return page(
        request,
        asker,
        "search.html",
        q=question.q,
        kept=Links(question).pairs(),
        found=shown,
        result=done.result,
        query_id=done.query_id,
    )


@router.api_route("/people/{id}", methods=_READ)
def person(request: Request, id: str, asker: Reader, services: Wired) -> Response:
    """A colleague: what they know about, and what they made that the asker may read."""
    key, cursor = _id(id), request.query_params.get("cursor") or None
    kind = _kind(request.query_params.get("kind"))
    about = ("person", key) if kind is None else ("person", key, kind.value)
    offset = cursors.decode(cursor, *about) or 0
    shown = services.profiles.show(key, asker.principal, offset=offset, limit=_MADE, kind=kind)
    following = cursors.encode(offset + _MADE, *about) if shown.more else None
    return page(
        request,
        asker,
        "person.html",
        profile=shown,
        following=following,
        offset=offset,
        kind=kind,
        own=asker.person is not None and asker.person.id == shown.person.id,
        excerpts={
            one.passage.id: excerpt(one.passage, ())
            for held in shown.behind.values()
            for one in held
            if one.passage is not None
        },
    )


@router.api_route(
    "/static/{digest}/{name}",
    methods=_READ,
    dependencies=[anybody("the same files for all, of which none says anything of anybody")],
)
async def static(digest: str, name: str) -> Response:
    """A static file; one that is asked for by an older page's digest is not kept."""
    held = assets.content(digest, name)
    if held is None:
        raise NotFound("there is no such file")
    content, media_type, current = held
    kept = {"Cache-Control": _FOREVER if current else "no-cache"}
    return Response(content, media_type=media_type, headers=kept)


def _asked(asker: Asker, services: Services) -> bool:
    """Whether the monthly form is offered: to people who could answer it and did not yet."""
    if asker.person is None or Scope.CAPTURE not in asker.scopes:
        return False
    return services.comforting.answered(asker.principal) is None


def _kind(told: str | None) -> Kind | None:
    if not told:
        return None
    try:
        return Kind(told)
    except ValueError as error:
        raise InvalidInput(f"'kind' in this address has to be one of {', '.join(Kind)}") from error


def _id(told: str) -> int:
    key = number_in(told)
    if key is None:
        raise NotFound("there is no such page")
    return key

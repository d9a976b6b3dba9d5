"""Imports as pages: hand in a file, see what would come of it, start it, and read the report."""

from __future__ import annotations

from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from api import cursors, mistakes, receiving
from api.auth import Asker, Importer, Overseer, Uploader
from api.deps import Wired
from api.mistakes import MENDABLE, Mistake
from api.schemas.fields import Cursor
from api.services import Services
from api.web import formats
from api.web.rendering import page
from knowledge.capture import Status
from knowledge.errors import InvalidInput, NotFound
from knowledge.jobs import Action, Import, ImportState
from knowledge.types import Scope, source_name

router = APIRouter(prefix="/imports", include_in_schema=False)

ImportId = Annotated[str, Path(alias="id", pattern="^[0-9a-f]{32}$")]
_TYPED = ("format", "source", "full", "gone", "url_template")
_SHOWN, _ITEMS, _GROUPS = 20, 50, 20
_MOVING = (ImportState.QUEUED, ImportState.RUNNING)
_DONE = {
    "started": "It is started. You may leave this page; it goes on by itself.",
    "pause": "It pauses at its next page.",
    "resume": "It goes on.",
    "cancel": "It is cancelled. What was taken in before stays.",
    "archive_gone": "It goes on, and archives what is gone.",
    "keep_gone": "What is gone was left as it is.",
}


@router.get("")
def read_list(
    request: Request, asker: Importer, services: Wired, cursor: Cursor | None = None
) -> Response:
    """One's imports, the newest first."""
    about = ("imports", asker.owner)
    jobs, position = services.imports.of(asker.owner, _SHOWN, cursors.decode(cursor, *about))
    return page(
        request,
        asker,
        "imports.html",
        jobs=jobs,
        following=cursors.encode(position, *about) if position else None,
        earlier=cursor is not None,
    )


def _new(
    request: Request,
    asker: Asker,
    services: Services,
    told: dict[str, list[str]],
    mistake: Mistake = mistakes.NONE,
) -> Response:
    wholes, files = formats.formats()
    made = page(
        request,
        asker,
        "import_new.html",
        wholes=wholes,
        files=files,
        groups=sorted(asker.principal.groups)[:_GROUPS],
        curated=sorted(asker.standing.sources),
        told={name: (told.get(name) or [""])[0] for name in _TYPED},
        audiences=told.get("audience", []),
        largest=services.imports.spool.limit,
        mistake=mistake,
    )
    made.status_code = mistake.status
    return made


@router.get("/new")
def show_form(
    request: Request,
    asker: Importer,
    services: Wired,
    source: Annotated[str, Query(max_length=150)] = "",
) -> Response:
    """The form; with the name of a source that is imported into again."""
    return _new(request, asker, services, {"source": [source]} if source else {})


@router.post("/new")
async def create(request: Request, asker: Uploader, services: Wired) -> Response:
    """Hand in a file."""
    try:
        made = await receiving.hand_in(request, asker, services)
    except MENDABLE as error:
        fields = getattr(request.state, "fields", {})
        mistake = mistakes.of(request, error)
        return await run_in_threadpool(_new, request, asker, services, fields, mistake)
    return RedirectResponse(f"/imports/{made.id}", 303)


@router.get("/{id}")
def show(
    id: ImportId,
    request: Request,
    asker: Overseer,
    services: Wired,
    status: Annotated[str, Query(max_length=20)] = "",
    cursor: Cursor | None = None,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """How far an import is, and what became of each of its inputs."""
    said = _DONE.get(done, "")
    return _one(id, request, asker, services, status=status, cursor=cursor, said=said)


@router.post("/{id}")
def change(
    id: ImportId,
    request: Request,
    asker: Overseer,
    services: Wired,
    action: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Pause, resume or cancel it, or answer what it asks."""
    overseer = Scope.ADMIN in asker.scopes
    try:
        services.imports.act(id, asker.owner, _action(action), administrator=overseer)
    except MENDABLE as error:
        mistake = mistakes.of(request, error)
        return _one(id, request, asker, services, mistake=mistake)
    return RedirectResponse(f"/imports/{id}?done={action}", 303)


@router.post("/{id}/start")
async def start(id: ImportId, request: Request, asker: Uploader, services: Wired) -> Response:
    """Import for real what a dry run read."""
    try:
        # As for an upload: whoever starts it may wait for others who write.
        made = await anyio.to_thread.run_sync(
            services.rehearsals.start, id, asker.owner, limiter=request.app.state.filing
        )
    except MENDABLE as error:
        mistake = mistakes.of(request, error)
        return await run_in_threadpool(_one, id, request, asker, services, mistake=mistake)
    return RedirectResponse(f"/imports/{made.id}?done=started", 303)


def _one(
    import_id: str,
    request: Request,
    asker: Asker,
    services: Services,
    *,
    status: str = "",
    cursor: str | None = None,
    said: str = "",
    mistake: Mistake = mistakes.NONE,
) -> Response:
    job, own = _visible(import_id, asker, services)
    only = _status(status)
    shown: dict[str, Any] = {"items": [], "following": None, "reasons": []}
    if own:
        about = ("import report", import_id, only)
        after = cursors.decode(cursor, *about) or 0
        items, more = services.reports.page(import_id, asker.owner, after, _ITEMS, only)
        shown["items"] = items
        shown["following"] = cursors.encode(items[-1].number, *about) if more else None
        if job.counts.get("refused"):
            shown["reasons"] = services.reports.reasons(import_id, asker.owner)
    made = page(
        request,
        asker,
        "import.html",
        job=job,
        own=own,
        source=source_name(job.source),
        only=only,
        statuses=[one for one in Status if one is not Status.UNCHANGED],
        earlier=cursor is not None,
        reported=sum(job.counts.get(one.value, 0) for one in Status if one is not Status.UNCHANGED),
        moving=job.state in _MOVING,
        before=job.state is ImportState.QUEUED and _before(job, asker, services),
        said=said,
        mistake=mistake,
        **shown,
    )
    made.status_code = mistake.status
    return made


def _visible(import_id: str, asker: Asker, services: Services) -> tuple[Import, bool]:
    """An import, and whether it is the asker's own; administrators see how others go."""
    if Scope.ADMIN in asker.scopes:
        job = services.imports.supervised(import_id)
        if job.owner != asker.owner:
            return job, False
    return services.imports.get(import_id, asker.owner), True


def _before(job: Import, asker: Asker, services: Services) -> bool:
    """Whether another import is done first, of those that the asker may know of."""
    overseer = Scope.ADMIN in asker.scopes
    return any(
        one.created_at < job.created_at and (overseer or one.owner == asker.owner)
        for one in services.imports.unfinished()
    )


def _action(told: str) -> Action:
    try:
        return Action(told)
    except ValueError:
        raise InvalidInput("choose what is to become of this import") from None


def _status(told: str) -> Status | None:
    try:
        return Status(told) if told else None
    except ValueError:
        raise NotFound("there is no such part of a report") from None

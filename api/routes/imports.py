"""Imports: hand in a file, and see what becomes of it."""

from __future__ import annotations

from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Header, Path, Query, Request, Response

from api import cursors, receiving, reports, streams
from api.auth import Asker, Importer, Overseer, Uploader
from api.conditions import IdempotencyKey
from api.deps import Wired
from api.routes import V1
from api.schemas.imports import (
    ImportChange,
    ImportItemList,
    ImportList,
    ImportOut,
    ImportsQuestion,
    ReportOut,
    form_description,
    import_out,
    items_out,
)
from api.services import Services
from knowledge.jobs import Import
from knowledge.types import Scope

router = APIRouter(prefix=f"{V1}/imports", tags=["imports"])

ImportId = Annotated[str, Path(alias="id", pattern="^[0-9a-f]{32}$", description="Its id.")]


@router.post(
    "",
    status_code=202,
    openapi_extra={"requestBody": form_description()},
    responses={
        202: {
            "headers": {"Location": {"description": "Where it is.", "schema": {"type": "string"}}}
        },
        415: {"description": "The body is no multipart/form-data."},
        507: {"description": "The disk is full; nothing was kept."},
    },
)
async def create(
    request: Request,
    asker: Uploader,
    services: Wired,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> ImportOut:
    """Hand in a file: an export, a zip of documents, or a single document.

    When this answers, the file is on the disk and will be read, whatever happens meanwhile. What
    you import stands in sources of your own; with the scope `admin` it stands in those that the
    operator keeps.
    """
    made = await receiving.hand_in(request, asker, services, idempotency_key)
    response.headers["Location"] = f"{V1}/imports/{made.id}"
    return import_out(made)


@router.get("")
def read_list(
    asked: Annotated[ImportsQuestion, Query()], asker: Importer, services: Wired
) -> ImportList:
    """Your imports, newest first."""
    about = ("imports", asker.owner)
    page, position = services.imports.of(
        asker.owner, asked.limit, cursors.decode(asked.cursor, *about)
    )
    following = cursors.encode(position, *about) if position else None
    return ImportList(imports=[import_out(job) for job in page], next_cursor=following)


@router.get("/{id}")
def read(id: ImportId, asker: Overseer, services: Wired) -> ImportOut:
    """How far an import of yours is. Administrators see how any goes, not what is in it."""
    return import_out(_visible(id, asker, services))


@router.patch(
    "/{id}",
    responses={409: {"description": "It is in a state in which this cannot be done"}},
)
def change(id: ImportId, given: ImportChange, asker: Overseer, services: Wired) -> ImportOut:
    """Pause, resume or cancel an import of yours, or answer what it asks. Administrators cancel
    anybody's.

    What runs stops at its next input; what is in stays in.
    """
    overseer = Scope.ADMIN in asker.scopes
    services.imports.act(id, asker.owner, given.action, administrator=overseer)
    return import_out(_visible(id, asker, services))


@router.post(
    "/{id}/start",
    status_code=202,
    responses={
        202: {
            "headers": {"Location": {"description": "Where it is.", "schema": {"type": "string"}}}
        },
        409: {"description": "It was no dry run, or its file was given back"},
        507: {"description": "The disk is full; nothing was kept."},
    },
)
async def start(
    id: ImportId, request: Request, asker: Uploader, services: Wired, response: Response
) -> ImportOut:
    """Import for real what a dry run of yours read: the same file, in the same way.

    It is kept for a day after the dry run is done, or until your next one.
    """
    # It may wait for other writes, as an upload may.
    made = await anyio.to_thread.run_sync(
        services.rehearsals.start, id, asker.owner, limiter=request.app.state.filing
    )
    response.headers["Location"] = f"{V1}/imports/{made.id}"
    return import_out(made)


@router.get("/{id}/report")
def report(id: ImportId, asker: Importer, services: Wired) -> ReportOut:
    """What became of an import of yours, all of it: each input, and what was found in the file."""
    job, found = services.imports.progress(id, asker.owner, 0, None)
    return ReportOut(**{"import": import_out(job)}, summary=job.summary, items=items_out(found))


@router.get(
    "/{id}/report.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def report_table(id: ImportId, asker: Importer, services: Wired) -> Response:
    """The same as a table, one row a fact, which a spreadsheet can open."""
    job, found = services.imports.progress(id, asker.owner, 0, None)
    name = f'attachment; filename="import-{id}.csv"'
    table = "".join(reports.as_csv(found, job.summary))
    return Response(
        table, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": name}
    )


@router.get("/{id}/items")
def items(
    id: ImportId,
    asked: Annotated[ImportsQuestion, Query()],
    asker: Importer,
    services: Wired,
) -> ImportItemList:
    """What became of each input of an import of yours: refused and why, added or changed."""
    after = cursors.decode(asked.cursor, "import items", id) or 0
    _, found = services.imports.progress(id, asker.owner, after, asked.limit + 1)
    page = found[: asked.limit]
    more = len(found) > asked.limit
    following = cursors.encode(page[-1].number, "import items", id) if more else None
    return ImportItemList(items=items_out(page), next_cursor=following)


@router.get(
    "/{id}/events",
    response_class=streams.EventStream,
    responses={
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
        204: {"description": "You got `end`: nothing more comes."},
    },
)
def events(
    id: ImportId,
    request: Request,
    asker: Importer,
    services: Wired,
    last_event_id: Annotated[
        str | None,
        Header(alias="Last-Event-ID", description="The id of the last event you got."),
    ] = None,
    after: Annotated[
        int,
        Query(ge=0, le=10**9, description="At first, only items after this number."),
    ] = 0,
) -> Response:
    """The progress of an import of yours as server-sent events: `item`, `progress`, and `end`.

    Nothing comes after `end`, whose id is `end` too: who comes back with it gets 204.
    """
    services.imports.get(id, asker.owner)
    return streams.progress(request, services, id, asker.owner, last_event_id or str(after))


def _visible(import_id: str, asker: Asker, services: Services) -> Import:
    if Scope.ADMIN in asker.scopes:
        job = services.imports.supervised(import_id)
        return services.imports.get(import_id, asker.owner) if job.owner == asker.owner else job
    return services.imports.get(import_id, asker.owner)

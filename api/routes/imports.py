"""Imports: hand in a file, and see what becomes of it."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Header, Path, Query, Request, Response, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from api import cursors, streams, uploads
from api.auth import Asker, Importer, asker
from api.conditions import IdempotencyKey
from api.deps import Wired
from api.routes import V1
from api.schemas.imports import (
    ImportForm,
    ImportItemList,
    ImportList,
    ImportOut,
    ImportsQuestion,
    form_description,
    import_out,
    items_out,
)
from api.services import Services
from knowledge.errors import InvalidInput, NotAllowed
from knowledge.types import Import, Scope

router = APIRouter(prefix=f"{V1}/imports", tags=["imports"])

_FORM_OVERHEAD = 1_000_000

ImportId = Annotated[str, Path(alias="id", pattern="^[0-9a-f]{32}$", description="Its id.")]
AnyAsker = Annotated[Asker, Security(asker)]


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
    asker: Importer,
    services: Wired,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> ImportOut:
    """Hand in a file: an export, a zip of documents, or a single document.

    When this answers, the file is on the disk and will be read, whatever happens meanwhile. What
    you import stands in sources of your own; with the scope `admin` it stands in those that the
    operator keeps.
    """
    boundary = uploads.boundary_of(request)
    upload = await run_in_threadpool(services.imports.receive)
    try:
        length = request.headers.get("content-length", "")
        if length.isascii() and length.isdigit():
            await run_in_threadpool(upload.expect, max(0, int(length) - _FORM_OVERHEAD))
        form = uploads.Form(boundary, upload.write)
        await uploads.receive(request, form)
        given = _form(form.fields)
        if form.file_name is None:
            raise InvalidInput("the form has no file; send it as the field 'file'")
        create = partial(
            services.imports.create,
            upload,
            given.order(form.file_name),
            asker.owner,
            shared=Scope.ADMIN in asker.scopes,
            key=idempotency_key,
        )
        # It may wait for other writes, and long, since a file is not sent again lightly: not in
        # one of the threads that answer searches.
        made = await anyio.to_thread.run_sync(create, limiter=request.app.state.filing)
    finally:
        upload.close()  # not in a thread, which a cancelled request could not wait for
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
def read(id: ImportId, asker: AnyAsker, services: Wired) -> ImportOut:
    """How far an import of yours is. Administrators see how any goes, not what is in it."""
    return import_out(_visible(id, asker, services))


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
) -> Response:
    """The progress of an import of yours as server-sent events: `item`, `progress`, and `end`.

    Nothing comes after `end`, whose id is `end` too: who comes back with it gets 204.
    """
    services.imports.get(id, asker.owner)
    return streams.progress(request, services, id, asker.owner, last_event_id or "")


def _visible(import_id: str, asker: Asker, services: Services) -> Import:
    if not {Scope.IMPORT, Scope.ADMIN} & asker.scopes:
        raise NotAllowed("this needs the scope 'import', which you do not hold")
    if Scope.ADMIN in asker.scopes:
        job = services.imports.supervised(import_id)
        return services.imports.get(import_id, asker.owner) if job.owner == asker.owner else job
    return services.imports.get(import_id, asker.owner)


def _form(fields: dict[str, list[str]]) -> ImportForm:
    # A form on a page sends what was left empty.
    told = {name: values for name, sent in fields.items() if (values := [v for v in sent if v])}
    given = {
        name: values if name == "audience" or len(values) > 1 else values[0]
        for name, values in told.items()
    }
    try:
        return ImportForm.model_validate(given)
    except ValidationError as error:
        wrong = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        raise RequestValidationError(wrong) from error

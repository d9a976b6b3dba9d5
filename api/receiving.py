"""A file that is handed in to be imported: on the disk, and entered, when this is done."""

from __future__ import annotations

from functools import partial

import anyio.to_thread
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from api import uploads
from api.auth import Asker, csrf
from api.schemas.imports import ImportForm
from api.services import Services
from knowledge.errors import InvalidInput
from knowledge.jobs import Import


async def hand_in(
    request: Request, asker: Asker, services: Services, key: str | None = None
) -> Import:
    """Take in the file of a request's form. ``key``: the caller's name for the request.
    ``request.state.fields`` are what else was in it, for whoever shows the form again.

    Raises InvalidInput, TooLarge, OutOfSpace, RequestValidationError for fields that do not fit,
    and HTTPException for what is no form.
    """
    boundary = uploads.boundary_of(request)
    upload = await run_in_threadpool(services.imports.receive)
    try:
        length = request.headers.get("content-length", "")
        if length.isascii() and length.isdigit():
            await run_in_threadpool(upload.expect, max(0, int(length) - uploads.FORM_OVERHEAD))
        form = uploads.Form(boundary, upload.write)
        request.state.fields = form.fields
        await uploads.receive(request, form)
        given = _form(form.fields)
        if form.file_name is None:
            raise InvalidInput("the form has no file; send it as the field 'file'")
        create = partial(
            services.imports.create,
            upload,
            given.order(form.file_name),
            asker.owner,
            standing=asker.standing,
            key=key,
        )
        # It may wait for other writes, and long, since a file is not sent again lightly: not in
        # one of the threads that answer searches.
        return await anyio.to_thread.run_sync(create, limiter=request.app.state.filing)
    finally:
        upload.close()  # not in a thread, which a cancelled request could not wait for


def _form(fields: dict[str, list[str]]) -> ImportForm:
    # A form on a page sends what was left empty, and its token, which was looked at before.
    told = {
        name: values
        for name, sent in fields.items()
        if name != csrf.FIELD and (values := [v for v in sent if v])
    }
    given = {
        name: values if name == "audience" or len(values) > 1 else values[0]
        for name, values in told.items()
    }
    try:
        return ImportForm.model_validate(given)
    except ValidationError as error:
        wrong = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        raise RequestValidationError(wrong) from error

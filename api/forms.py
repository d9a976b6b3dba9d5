"""The forms that pages send, read whole once it is known who sends them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, Request
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

from api import uploads
from api.auth import OwnWriter, Recorder

_MOST_FILES, _MOST_FIELDS, _LARGEST_FIELD = 2, 1000, 2_000_000


async def _written(request: Request, _writer: OwnWriter) -> AsyncIterator[None]:
    """What somebody writes."""
    async with _read(request):
        yield


async def _recorded(request: Request, _recorder: Recorder) -> AsyncIterator[None]:
    """What somebody records."""
    async with _read(request):
        yield


@asynccontextmanager
async def _read(request: Request) -> AsyncIterator[None]:
    """Nothing large is read of nobody. How much it may be is limited before, see ``api.limits``;
    what is large of it waits in a file until the request is answered."""
    begun = uploads.begun(request)
    if begun is None:
        form = await request.form(
            max_files=_MOST_FILES, max_fields=_MOST_FIELDS, max_part_size=_LARGEST_FIELD
        )
    else:
        parser = MultiPartParser(
            request.headers,
            begun.all_of_it(),
            max_files=_MOST_FILES,
            max_fields=_MOST_FIELDS,
            max_part_size=_LARGEST_FIELD,
        )
        try:
            form = await parser.parse()
        except MultiPartException as error:
            raise HTTPException(400, error.message) from error
    request.state.form = form
    try:
        yield
    finally:
        await form.close()


WRITTEN, RECORDED = Depends(_written), Depends(_recorded)
"""For the ``dependencies`` of a route to which somebody who writes, or who records, sends a form:
it is ``request.state.form`` then."""

"""What people dispute about themselves, as a page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api import cursors
from api.auth import Reader, Writer
from api.deps import Wired
from api.routes.currency import editor
from api.schemas.fields import number_in
from api.web.rendering import page

router = APIRouter(prefix="/admin/disputes", include_in_schema=False)

_SHOWN = 20
Number = Annotated[str, Form(max_length=40)]


@router.get("")
def disputes(request: Request, asker: Reader, services: Wired) -> Response:
    """Those that whoever asks may settle."""
    cursor = request.query_params.get("cursor") or None
    offset = cursors.decode(cursor, "disputes page") or 0
    found, more = services.disputes.page(editor(asker), asker.standing, offset, _SHOWN)
    return page(
        request,
        asker,
        "disputes.html",
        disputes=found,
        following=cursors.encode(offset + _SHOWN, "disputes page") if more else None,
        settled="settled" in request.query_params,
    )


@router.post("")
def settle(
    asker: Writer, services: Wired, document_id: Number = "", person_id: Number = ""
) -> Response:
    """Say that one was dealt with."""
    person, document = number_in(person_id) or 0, number_in(document_id) or 0
    services.disputes.settle(person, document, editor(asker), asker.standing)
    return RedirectResponse("/admin/disputes?settled", 303)

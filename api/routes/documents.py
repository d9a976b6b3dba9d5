"""Documents: written, read, listed, changed and deleted one by one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api import cursors, filing
from api.auth import Asker, Reader, Writer
from api.conditions import (
    IdempotencyKey,
    IfMatch,
    etag,
    needed_versions,
    request_key,
    versions,
)
from api.deps import PathId, Wired
from api.routes import V1
from api.schemas.documents import (
    DocumentList,
    ListQuestion,
    NewDocument,
    WholeDocument,
    WholeDocumentOut,
    document_list,
    draft,
    whole_document,
)
from knowledge.editing import Editor
from knowledge.types import Scope

router = APIRouter(prefix=f"{V1}/documents", tags=["documents"])

_Responses = dict[int | str, dict[str, Any]]

_ETAG = {"ETag": {"description": "Its version, for If-Match.", "schema": {"type": "string"}}}
_LOCATION = {"Location": {"description": "Where it is.", "schema": {"type": "string"}}}
_STALE: _Responses = {412: {"description": "It changed since you read it"}}
_FULL: _Responses = {507: {"description": "The disk is full; nothing was kept"}}


@router.post(
    "",
    status_code=201,
    responses={
        201: {"headers": _ETAG | _LOCATION},
        404: {"description": "What this request made before is gone"},
        **_FULL,
    },
)
def create(
    given: NewDocument,
    asker: Writer,
    services: Wired,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> WholeDocumentOut:
    """Write a document, of which you are the author.

    When this answers, it is on the disk and the next search finds it. You must be able to read
    it yourself.
    """
    key = request_key(asker, idempotency_key, "POST documents", given)
    made = services.editing.create(draft(given), _editor(asker), key)
    response.headers["Location"] = f"{V1}/documents/{made}"
    return _shown(made, asker, services, response)


@router.get("")
def read_list(
    asked: Annotated[ListQuestion, Query()], asker: Reader, services: Wired
) -> DocumentList:
    """Documents that you may read, those that came last first."""
    about = ("documents", sorted(asked.kind), sorted(asked.source), asked.author)
    found = services.editing.page(
        _editor(asker),
        below=cursors.decode(asked.cursor, *about),
        kinds=asked.kind,
        sources=asked.source,
        own=asked.author == "me",
        limit=asked.limit,
    )
    following = cursors.encode(found.documents[-1].id, *about) if found.more else None
    return document_list(found.documents, following)


@router.get("/{id}", responses={200: {"headers": _ETAG}})
def read(id: PathId, asker: Reader, services: Wired, response: Response) -> WholeDocumentOut:
    """A document with its text."""
    shown = _shown(id, asker, services, response)
    if not asker.by_token:
        services.readings.record(asker.principal.person_id, id)
    return shown


@router.put(
    "/{id}",
    responses={
        200: {"headers": _ETAG},
        409: {"description": "It came by import and is changed where it came from"},
        428: {"description": "If-Match is missing"},
        **_STALE,
        **_FULL,
    },
)
def change(
    id: PathId,
    given: WholeDocument,
    asker: Writer,
    services: Wired,
    response: Response,
    if_match: IfMatch = None,
) -> WholeDocumentOut:
    """Replace a document: 428 without If-Match, 412 when it changed since you read it.

    Its authors and editors may, whoever imported it into a source of their own, and
    administrators who can read it. A document that came by
    import is changed where it came from; here only its audience can be.
    """
    services.editing.change(id, draft(given), _editor(asker), needed_versions(if_match))
    return _shown(id, asker, services, response)


@router.delete("/{id}", status_code=204, responses=_STALE)
def delete(id: PathId, asker: Writer, services: Wired, if_match: IfMatch = None) -> None:
    """Delete a document with all its revisions; the next search finds nothing of it.

    With If-Match only the version that you read. What came by import comes again with the next
    one, unless it is gone there too.
    """
    services.editing.delete(id, _editor(asker), versions(if_match))


@router.get(
    "/{id}/files/{number}",
    response_class=Response,
    responses={
        200: {
            "content": {"application/octet-stream": {"schema": {"type": "string"}}},
            "description": "The file; a picture is shown, anything else handed over.",
        }
    },
)
def file(
    id: PathId,
    number: Annotated[int, Path(ge=0, le=1_000_000, description="Its number.")],
    asker: Reader,
    services: Wired,
) -> Response:
    """A file that belongs to a document that you may read."""
    return filing.response(*services.files.content(id, number, asker.principal))


def _editor(asker: Asker) -> Editor:
    return Editor(asker.principal, Scope.ADMIN in asker.scopes, asker.owner)


def _shown(id: int, asker: Asker, services: Wired, response: Response) -> WholeDocumentOut:
    shown = services.editing.show(id, _editor(asker))
    response.headers["ETag"] = etag(shown.version)
    places = services.files.places(id, shown.body, asker.principal)
    return whole_document(shown, places)

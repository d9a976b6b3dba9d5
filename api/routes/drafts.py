"""Drafts: what you have begun to write. Nobody else sees any of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response, UploadFile

from api import advising, filing
from api.auth import Asker, OwnSearcher, OwnWriter
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
from api.schemas.documents import FileOut
from api.schemas.drafts import (
    AdviceOut,
    DraftIn,
    DraftList,
    DraftOut,
    Published,
    Text,
    base,
    draft,
    draft_out,
    file_out,
    hint_out,
    similar_out,
    summary,
)
from api.services import Services
from knowledge import pictures
from knowledge.drafting import Kept
from knowledge.editing import Editor
from knowledge.types import Scope

router = APIRouter(prefix=f"{V1}/drafts", tags=["drafts"])

_Responses = dict[int | str, dict[str, Any]]

_ETAG = {"ETag": {"description": "Its version, for If-Match.", "schema": {"type": "string"}}}
_LOCATION = {"Location": {"description": "Where it is.", "schema": {"type": "string"}}}
_STALE: _Responses = {412: {"description": "It changed since you read it"}}
_FULL: _Responses = {507: {"description": "The disk is full; nothing was kept"}}

Number = Annotated[int, Path(ge=0, le=1_000_000, description="Its number.")]


@router.post("", status_code=201, responses={201: {"headers": _ETAG | _LOCATION}, **_FULL})
def create(
    given: DraftIn,
    asker: OwnWriter,
    services: Wired,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> DraftOut:
    """Keep what you have written so far. With `base` it is to change a document."""
    key = request_key(asker, idempotency_key, "POST drafts", given)
    kept = services.drafting.create(
        given.form,
        draft(given),
        asker.principal,
        knower=given.knower_id,
        base=base(given),
        key=key,
    )
    response.headers["Location"] = f"{V1}/drafts/{kept.id}"
    return _shown(kept, asker, services, response)


@router.get("")
def read_list(asker: OwnWriter, services: Wired) -> DraftList:
    """Your drafts, the last changed first. There are never more than 200."""
    return DraftList(drafts=[summary(one) for one in services.drafting.listed(asker.principal)])


@router.post("/hints")
def hints(given: Text, asker: OwnSearcher, services: Wired) -> AdviceOut:
    """What would make a text better, what there is already of the kind, and its likely tags and
    level, by what you may read. Nothing of the text is kept."""
    told = advising.advise(
        services, asker.principal, given.form, given.title, given.body, given.document_id
    )
    editor = editor_of(asker)
    return AdviceOut(
        hints=[hint_out(one) for one in told.hints],
        similar=[similar_out(one, editor) for one in told.similar],
        tags=list(told.tags),
        level=told.level,
    )


@router.get("/{id}", responses={200: {"headers": _ETAG}})
def read(id: PathId, asker: OwnWriter, services: Wired, response: Response) -> DraftOut:
    """A draft of yours."""
    return _shown(services.drafting.get(id, asker.principal), asker, services, response)


@router.put(
    "/{id}",
    responses={
        200: {"headers": _ETAG},
        428: {"description": "If-Match is missing"},
        **_STALE,
        **_FULL,
    },
)
def save(
    id: PathId,
    given: DraftIn,
    asker: OwnWriter,
    services: Wired,
    response: Response,
    if_match: IfMatch = None,
) -> DraftOut:
    """Replace a draft: 428 without If-Match, 412 when it changed since you read it, perhaps in
    another window. With `base` it starts from that state of its document from now on."""
    kept = services.drafting.save(
        id,
        draft(given),
        asker.principal,
        needed_versions(if_match),
        form=given.form,
        knower=given.knower_id,
        base=base(given),
    )
    return _shown(kept, asker, services, response)


@router.delete("/{id}", status_code=204, responses=_STALE)
def delete(id: PathId, asker: OwnWriter, services: Wired, if_match: IfMatch = None) -> None:
    """Throw a draft away, with its pictures."""
    services.drafting.delete(id, asker.principal, versions(if_match))


@router.post(
    "/{id}/publish",
    status_code=201,
    responses={
        201: {"headers": _LOCATION},
        409: {"description": "The document that it changes is gone"},
        **_STALE,
        **_FULL,
    },
)
def publish(
    id: PathId,
    asker: OwnWriter,
    services: Wired,
    response: Response,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Published:
    """Make a document of a draft, or change the one that it changes; the draft is gone then, and
    the next search finds the document."""
    key = request_key(asker, idempotency_key, f"POST drafts/{id}/publish", Text())
    made = services.drafting.publish(id, editor_of(asker), key, versions(if_match))
    response.headers["Location"] = f"{V1}/documents/{made}"
    return Published(document_id=made, url=f"/documents/{made}")


@router.post(
    "/{id}/files",
    status_code=201,
    responses={413: {"description": "It is larger than can be taken"}, **_FULL},
)
def attach(id: PathId, file: UploadFile, asker: OwnWriter, services: Wired) -> FileOut:
    """Give a draft a picture: PNG, JPEG, GIF or WebP, at most 5 MB and 20 of them. The text shows
    it by its `href`: `![what it shows](href)`."""
    data = file.file.read(pictures.MAX_BYTES + 1)
    kept = services.drafting.attach(id, file.filename or "", data, asker.principal)
    return file_out(id, kept)


@router.get(
    "/{id}/files/{number}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {"schema": {"type": "string"}}}}},
)
def file(id: PathId, number: Number, asker: OwnWriter, services: Wired) -> Response:
    """A picture of a draft of yours."""
    return filing.response(*services.drafting.content(id, number, asker.principal))


def editor_of(asker: Asker) -> Editor:
    """Who changes something."""
    return Editor(asker.principal, Scope.ADMIN in asker.scopes, asker.owner)


def _shown(kept: Kept, asker: Asker, services: Services, response: Response) -> DraftOut:
    response.headers["ETag"] = etag(str(kept.version))
    return draft_out(kept, services.drafting.files(kept.id, asker.principal))

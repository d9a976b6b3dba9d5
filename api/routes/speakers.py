"""Who speaks in a transcript, and who that is."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.auth import Asker, Reader, Writer
from api.conditions import IfMatch, etag, versions
from api.deps import PathId, Wired
from api.routes import V1
from api.schemas.speakers import GivenSpeaker, SpeakerList, SpeakersChanged, speakers_out
from knowledge.editing import Editor
from knowledge.types import Scope

router = APIRouter(prefix=f"{V1}/documents/{{id}}/speakers", tags=["documents"])

_ETAG = {
    "ETag": {"description": "The document's version, for If-Match.", "schema": {"type": "string"}}
}


@router.get("", responses={200: {"headers": _ETAG}})
def speakers(id: PathId, asker: Reader, services: Wired, response: Response) -> SpeakerList:
    """Who speaks in a transcript, with their part of the words; empty for what is none."""
    told = services.speakers.show(id, _editor(asker))
    response.headers["ETag"] = etag(told.version)
    return SpeakerList(speakers=speakers_out(told), editable=told.editable)


@router.put(
    "",
    responses={
        200: {"headers": _ETAG},
        412: {"description": "It changed since you read it"},
        507: {"description": "The disk is full; nothing was kept"},
    },
)
def assign(
    id: PathId,
    given: GivenSpeaker,
    asker: Writer,
    services: Wired,
    response: Response,
    if_match: IfMatch = None,
) -> SpeakersChanged:
    """Say who a label is, however the document came; later imports of it keep to that.

    Its authors and editors may, whoever imported it into a source of their own, and
    administrators who can read it. Everybody who reads the document sees the name. What is spoken
    ranks the colleague only if they agreed to that.
    """
    editor = _editor(asker)
    changed = services.speakers.assign(
        id,
        given.label,
        given.who,
        editor,
        asker.owner,
        everywhere=given.everywhere,
        expected=versions(if_match),
    )
    told = services.speakers.show(id, editor)
    response.headers["ETag"] = etag(told.version)
    return SpeakersChanged(
        speakers=speakers_out(told), editable=told.editable, document_ids=changed
    )


def _editor(asker: Asker) -> Editor:
    return Editor(asker.principal, Scope.ADMIN in asker.scopes, asker.owner)

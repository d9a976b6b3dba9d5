"""What somebody decides about themselves, and sees of it. Nobody asks this of another."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import StringConstraints

from api import cursors
from api.auth import Oneself, OwnReader, OwnWriter
from api.deps import PathId, Wired
from api.routes import V1
from api.schemas.fields import Storable
from api.schemas.me import (
    Appearance,
    AppearanceList,
    EvidenceList,
    GivenDecisions,
    GivenVerdict,
    Me,
    evidence_out,
    me_out,
)
from api.schemas.people import PageQuestion
from knowledge.store.privacy import CONSENTS

_PIECE = 2**16
_Responses = dict[int | str, dict[str, Any]]

_NOBODY: _Responses = {403: {"description": "You are nobody in particular"}}
_FULL: _Responses = {507: {"description": "The disk is full; nothing was kept"}}

router = APIRouter(prefix=f"{V1}/people/me", tags=["people"], responses=_NOBODY)

Topic = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    Storable,
    Path(description="A tag. One with a slash is hidden by `PATCH /api/v1/people/me`."),
]
DocumentId = Annotated[PathId, Path(alias="document_id", description="The document.")]


@router.get("")
def me(asker: OwnReader, services: Wired) -> Me:
    """You, and what you decided about yourself."""
    return me_out(services.privacy.decisions(asker.person_id), services.privacy.settings)


@router.patch("", responses=_FULL)
def decide(given: GivenDecisions, asker: OwnWriter, services: Wired) -> Me:
    """Say whether you may be found by what you wrote and said, what you do not want to be found
    by, and until when you do not want to be asked. It holds from the next request on."""
    told = given.model_dump(exclude_unset=True)
    changes: dict[str, Any] = {name: told[name] for name in ("paused_until",) if name in told}
    held = services.privacy.decide(
        asker.person_id,
        consents={name: told[name] for name in CONSENTS if name in told},
        topics=told.get("hidden_topics"),
        **changes,
    )
    return me_out(held, services.privacy.settings)


@router.put("/topics/{tag}", status_code=204, responses=_FULL)
def hide_topic(tag: Topic, asker: OwnWriter, services: Wired) -> None:
    """Let nothing that has this tag speak for you; nobody can tell that something is hidden."""
    services.privacy.hide_topic(asker.person_id, tag)


@router.delete("/topics/{tag}", status_code=204, responses=_FULL)
def show_topic(tag: Topic, asker: OwnWriter, services: Wired) -> None:
    """Let what has this tag speak for you again."""
    services.privacy.show_topic(asker.person_id, tag)


@router.get("/evidence")
def evidence(
    asked: Annotated[PageQuestion, Query()], asker: OwnReader, services: Wired
) -> EvidenceList:
    """Every document that names you and that you may read, and whether it speaks for you."""
    person = asker.person_id
    about = ("evidence", person)
    offset = cursors.decode(asked.cursor, *about) or 0
    found, more = services.privacy.evidence(asker.principal, offset, asked.limit)
    following = cursors.encode(offset + asked.limit, *about) if more else None
    return EvidenceList(evidence=[evidence_out(one) for one in found], next_cursor=following)


@router.put("/evidence/{document_id}", status_code=204, responses={404: {}, **_FULL})
def object_to(
    document_id: DocumentId, given: GivenVerdict, asker: OwnWriter, services: Wired
) -> None:
    """Let a document speak for you no more: because you hide it, it is not by you, or it is out of
    date. Who reads it reads it as before."""
    services.privacy.object_to(asker.principal, document_id, given.verdict)


@router.delete("/evidence/{document_id}", status_code=204, responses=_FULL)
def withdraw_objection(document_id: DocumentId, asker: OwnWriter, services: Wired) -> None:
    """Let a document speak for you again."""
    services.privacy.withdraw_objection(asker.person_id, document_id)


@router.get("/appearances")
def appearances(asker: OwnReader, services: Wired) -> AppearanceList:
    """How often searches of others named you, by day. Nobody else is told, whatever their role."""
    held = services.privacy.appearances(asker.person_id)
    return AppearanceList(appearances=[Appearance(day=day, shown=shown) for day, shown in held])


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": {"schema": {"type": "string"}}}}},
)
def export(asker: Oneself, services: Wired) -> StreamingResponse:
    """Everything that is kept of you, as a zip: `person.json`, and the documents that name you and
    that you may read as Markdown files."""
    # Gone from the disk when it is closed, or when the process ends.
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it was sent
    try:
        services.takeout.write(asker.person_id, asker.owner, file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    headers = {"Content-Disposition": 'attachment; filename="whoknows-me.zip"'}
    return StreamingResponse(_sent(file), media_type="application/zip", headers=headers)


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece

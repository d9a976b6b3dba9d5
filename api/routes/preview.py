"""How a text will look."""

from __future__ import annotations

from fastapi import APIRouter

from api.auth import OwnPreviewer
from api.deps import Wired
from api.routes import V1
from api.schemas.drafts import Text
from api.schemas.preview import PreviewOut, nodes_out
from api.web.preview import preview as rendered
from api.web.preview import tree

router = APIRouter(prefix=V1, tags=["drafts"])


@router.post("/preview")
def preview(given: Text, asker: OwnPreviewer, services: Wired) -> PreviewOut:
    """A text as its document will be read, as elements. Nothing of it is kept."""
    html = rendered(
        services,
        asker.principal,
        given.title,
        given.body,
        draft_id=given.draft_id,
        document_id=given.document_id,
    )
    return PreviewOut(nodes=nodes_out(tree(html)))

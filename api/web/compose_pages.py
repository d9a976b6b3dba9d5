"""The pages of a text under way: its form, with what is told of it, and two texts to make one."""

from __future__ import annotations

from dataclasses import replace

from fastapi import Request, Response

from api import advising
from api.auth import Asker, charge
from api.schemas.drafts import similar_out
from api.services import Services
from api.web.composing import NOTE_FIELDS, Filled
from api.web.preview import preview as rendered
from api.web.rendering import page
from knowledge import drafts, reviewing, template, threeway
from knowledge.drafting import Form, Kept, base_of
from knowledge.editing import Editor
from knowledge.errors import NotFound, TooMany
from knowledge.hints import About
from knowledge.reviewing import Review
from knowledge.types import PUBLIC, Scope

POINT_NAMES = {
    About.TITLE: "The title says what one can do afterwards",
    About.ONE_THING: "It teaches one thing",
    About.EXAMPLE: "There is an example",
    About.LIMITS: "It says when it does not apply",
    About.ASK: "It says whom to ask",
    About.LENGTH: "It is about as long as it should be",
}
_HEADINGS = {
    Form.NOTE: "Teach one thing",
    Form.QUICK: "What did you just help somebody with?",
    Form.WRITEUP: "Write something up",
}


def form(
    request: Request,
    asker: Asker,
    services: Services,
    filled: Filled,
    *,
    wrong: str = "",
    at: str = "",
    preview: bool = False,
    said: str = "",
) -> Response:
    """The form with what stands in it; ``wrong`` says why what was asked for could not be done,
    and ``at`` which field it is about."""
    changed = None if filled.base is None else filled.base.document_id
    told = _advice(request, asker, services, filled, changed)
    editor = Editor(asker.principal, Scope.ADMIN in asker.scopes, asker.owner)
    shown = None
    if preview:
        shown = rendered(
            services,
            asker.principal,
            filled.title,
            filled.text,
            draft_id=filled.draft_id,
            document_id=changed,
        )
    made = page(
        request,
        asker,
        "compose.html",
        heading=f"Change “{filled.title}”" if changed else _HEADINGS[filled.form],
        filled=filled,
        fields=[(name, template.PARTS[name], *more) for name, *more in NOTE_FIELDS],
        groups=sorted(asker.principal.groups | set(filled.groups)),
        public=filled.reach == PUBLIC or Scope.ADMIN in asker.scopes,
        most=drafts.MAX_BODY,
        hints=told.hints if told else (),
        similar=[similar_out(hit, editor) for hit in told.similar] if told else (),
        tags=told.tags if told else (),
        level=told.level if told else None,
        wrong=wrong,
        at=at,
        said_so=said,
        preview=shown,
        last=_last(asker, services, filled),
        reviews=_reviews(asker, services, filled),
        points=reviewing.POINTS,
        point_names=POINT_NAMES,
    )
    made.status_code = 422 if wrong else 200
    return made


def _reviews(asker: Asker, services: Services, filled: Filled) -> list[Review]:
    if filled.draft_id is None:
        return []
    return services.reviewing.asked_for(asker.principal, filled.draft_id)


def _last(asker: Asker, services: Services, filled: Filled) -> Kept | None:
    """The draft that whoever begins anew may rather go on with."""
    if filled.draft_id is not None or filled.base is not None:
        return None
    kept = services.drafting.listed(asker.principal)
    return next((one for one in kept if one.form is filled.form and one.base is None), None)


def merge_drafts(request: Request, asker: Asker, services: Services, filled: Filled) -> Response:
    """What was typed here beside what was kept meanwhile, as from another window."""
    assert filled.draft_id is not None
    kept = services.drafting.get(filled.draft_id, asker.principal)
    return _merge(
        request,
        asker,
        replace(filled, version=str(kept.version)),
        ("draft", str(kept.version), kept.draft.title, kept.draft.body, kept.draft.tags),
    )


def _advice(
    request: Request, asker: Asker, services: Services, filled: Filled, changed: int | None
) -> advising.Told | None:
    """What is there of the kind, and what would make it better; None where they may not search, or
    searched too often: the text goes first."""
    if Scope.SEARCH not in asker.scopes:
        return None
    if filled.title.strip() or filled.text.strip():
        try:
            charge(request, asker)
        except TooMany:
            return None
    return advising.advise(
        services, asker.principal, filled.form, filled.title, filled.text, changed
    )


def merge_document(request: Request, asker: Asker, services: Services, filled: Filled) -> Response:
    """A draft beside the document that it changes, which somebody changed meanwhile."""
    assert filled.draft_id is not None
    kept = services.drafting.get(filled.draft_id, asker.principal)
    if str(kept.version) != filled.version or kept.base is None:
        return merge_drafts(request, asker, services, filled)
    editor = Editor(asker.principal, Scope.ADMIN in asker.scopes, asker.owner)
    try:
        shown = services.editing.show(kept.base.document_id, editor)
    except NotFound:
        return form(request, asker, services, filled, wrong="The document is gone.")
    if base_of(shown) == kept.base:
        return merge_drafts(request, asker, services, filled)
    before = services.drafting.base_text(kept, editor)
    held = shown.document
    return _merge(
        request,
        asker,
        replace(filled, before=before),
        ("document", shown.version, held.title, shown.body, held.tags),
    )


def _merge(
    request: Request,
    asker: Asker,
    filled: Filled,
    theirs: tuple[str, str, str, str, tuple[str, ...]],
) -> Response:
    against, version, title, body, tags = theirs
    pieces = threeway.merge(filled.before, filled.text, body)
    made = page(
        request,
        asker,
        "merge.html",
        filled=filled,
        against=against,
        against_version=version,
        title=title,
        tags=", ".join(tags),
        pieces=pieces,
        conflicts=sum(piece.conflict for piece in pieces),
    )
    made.status_code = 409
    return made

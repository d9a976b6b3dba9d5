"""The pages on which people write: what they begin with, their drafts, and changing a document.

Every save keeps what was typed; what cannot be done is said in the page, with the text in it.
"""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api import mistakes
from api.auth import Asker, OwnWriter
from api.deps import PathId, Wired
from api.forms import WRITTEN
from api.routes.drafts import editor_of
from api.services import Services
from api.web import compose_pages as pages
from api.web import composing
from api.web.composing import Filled, posted
from api.web.managing import sentence
from api.web.rendering import page
from knowledge import pictures, template, threeway
from knowledge.drafting import Form, base_of
from knowledge.editing import SOURCE, written_here
from knowledge.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    Stale,
)
from knowledge.guides import TextKind

router = APIRouter(include_in_schema=False)

_RECENT = 5
_DONE = {
    "saved": "Saved. Nobody else sees it until you publish it.",
    "passed_on": "Thank you. Your answer is kept without your name. What you would pass on stands "
    "here: say a little more, or publish it as it is. Until then only you see it.",
    "begun": "Your answer stands here. Only you see it until you publish it.",
}


@router.get("/write")
def choose(request: Request, asker: OwnWriter, services: Wired) -> Response:
    """What there is to write, and what was begun."""
    drafts = services.drafting.listed(asker.principal)
    templates = services.guides.all_of_them(TextKind.TEMPLATE)
    more = len(drafts) > _RECENT
    shown = drafts[:_RECENT]
    return page(request, asker, "write.html", drafts=shown, more=more, templates=templates)


@router.get("/write/note")
def note(request: Request, asker: OwnWriter, services: Wired) -> Response:
    """An empty Teach 1 Thing note, or with ``template`` one to fill in."""
    return pages.form(request, asker, services, _begun(request, services, Form.NOTE))


@router.get("/write/quick")
def quick(request: Request, asker: OwnWriter, services: Wired) -> Response:
    """Two lines and who; ``about`` is what is known of it already."""
    about = " ".join(request.query_params.get("about", "").split())[:300]
    return pages.form(request, asker, services, composing.empty(Form.QUICK, title=about))


@router.get("/write/writeup")
def writeup(request: Request, asker: OwnWriter, services: Wired) -> Response:
    """An empty write-up, or with ``template`` one to fill in."""
    return pages.form(request, asker, services, _begun(request, services, Form.WRITEUP))


@router.get("/drafts")
def drafts(request: Request, asker: OwnWriter, services: Wired) -> Response:
    """What was begun."""
    found = services.drafting.listed(asker.principal)
    gone = "thrown" in request.query_params
    return page(request, asker, "drafts.html", drafts=found, gone=gone)


@router.post("/drafts", dependencies=[WRITTEN])
def begin(request: Request, asker: OwnWriter, services: Wired) -> Response:
    """Keep a new draft, and go on with it as was asked."""
    filled, unknown = _named(posted(request, Form.WRITEUP), asker, services)
    if composing.blank(filled) and composing.file_of(request, 0) is None:
        said = "Nothing stands here yet, so nothing was kept."
        at = composing.lacking(filled)
        return pages.form(request, asker, services, filled, wrong=said, at=at)
    try:
        kept = services.drafting.create(
            filled.form,
            composing.draft(filled, asker.principal),
            asker.principal,
            knower=filled.knower,
            base=filled.base,
        )
    except (InvalidInput, NotFound) as error:
        return pages.form(request, asker, services, filled, wrong=sentence(str(error)))
    filled = replace(filled, draft_id=kept.id, version=str(kept.version), before=kept.draft.body)
    if unknown:
        return pages.form(request, asker, services, filled, wrong=unknown, at="knower_name")
    return _go_on(request, asker, services, kept.id, filled)


@router.get("/drafts/{id}")
def draft(request: Request, id: PathId, asker: OwnWriter, services: Wired) -> Response:
    """A draft to go on with; ``preview`` shows how it will look."""
    kept = services.drafting.get(id, asker.principal)
    name = services.drafting.name_of(kept.knower, asker.principal)
    filled = composing.of_draft(kept, asker.principal, name)
    return pages.form(
        request,
        asker,
        services,
        filled,
        preview="preview" in request.query_params,
        said=_DONE.get(request.query_params.get("said", ""), ""),
    )


@router.post("/drafts/{id}", dependencies=[WRITTEN])
def save(request: Request, id: PathId, asker: OwnWriter, services: Wired) -> Response:
    """Keep what was typed, and go on with it as was asked: throw it away, show it, publish it."""
    filled = replace(posted(request, Form.WRITEUP), draft_id=id)
    if composing.form_of(request).get("action") == "discard":
        services.drafting.delete(id, asker.principal)
        return RedirectResponse("/drafts?thrown", 303)
    services.drafting.get(id, asker.principal)
    filled, unknown = _named(filled, asker, services)
    try:
        filled = _saved(asker, services, id, filled)
    except Stale:
        return pages.merge_drafts(request, asker, services, filled)
    except (InvalidInput, NotFound) as error:
        return pages.form(request, asker, services, filled, wrong=sentence(str(error)))
    if unknown:
        return pages.form(request, asker, services, filled, wrong=unknown, at="knower_name")
    return _go_on(request, asker, services, id, filled)


@router.post("/drafts/{id}/merge", dependencies=[WRITTEN])
def merge(request: Request, id: PathId, asker: OwnWriter, services: Wired) -> Response:
    """Make one text of two, as was chosen for each piece."""
    filled = replace(posted(request, Form.WRITEUP), draft_id=id)
    told = composing.form_of(request)
    against = told.get("against")
    kept = services.drafting.get(id, asker.principal)
    base = kept.base
    if against == "document" and base is not None:
        shown = services.editing.show(base.document_id, editor_of(asker))
        theirs, current, base = shown.body, shown.version, base_of(shown)
    else:
        theirs, current = kept.draft.body, str(kept.version)
    if told.get("against_version") != current:
        merging = pages.merge_document if against == "document" else pages.merge_drafts
        return merging(request, asker, services, filled)
    texts = []
    for at, piece in enumerate(threeway.merge(filled.before, filled.text, theirs)):
        chosen = told.get(f"piece-{at}") if piece.conflict else "mine"
        own = str(told.get(f"own-{at}", "")).replace("\r\n", "\n")
        both = threeway.joined([piece.mine, piece.theirs])
        said = {"theirs": piece.theirs, "both": both, "own": own}
        texts.append(said.get(str(chosen), piece.mine))
    merged = replace(filled, parts=None, body=threeway.joined(texts))
    expected = filled.version if against == "document" else current
    try:
        made = services.drafting.save(
            id,
            composing.draft(merged, asker.principal),
            asker.principal,
            frozenset({expected}),
            form=merged.form,
            knower=merged.knower,
            base=base,
        )
    except Stale:
        return pages.merge_drafts(request, asker, services, merged)
    except (InvalidInput, NotFound) as error:
        return pages.form(request, asker, services, merged, wrong=sentence(str(error)))
    return RedirectResponse(f"/drafts/{made.id}?said=saved", 303)


@router.get("/documents/{id}/edit")
def edit(request: Request, id: PathId, asker: OwnWriter, services: Wired) -> Response:
    """A document to change, or one's draft of that."""
    shown = services.editing.show(id, editor_of(asker))
    if shown.audience is None:
        raise NotAllowed(
            "only those who wrote or edited a document, and administrators, may change it"
        )
    if shown.document.source_key != SOURCE:
        return page(request, asker, "imported.html", document=shown.document)
    if not written_here(shown.document):
        raise Conflict("a thread stays as it was asked and answered; write a note beside it")
    kept = services.drafting.of_document(id, asker.principal)
    if kept is not None:
        return RedirectResponse(f"/drafts/{kept.id}", 303)
    filled = composing.of_document(shown, asker.principal, base_of(shown))
    return pages.form(request, asker, services, filled)


def _begun(request: Request, services: Services, form: Form) -> Filled:
    """What stands in a form at first. Raises NotFound for a template of another form."""
    slug = request.query_params.get("template", "")
    if not slug:
        return composing.empty(form)
    text = services.guides.get(slug, TextKind.TEMPLATE)
    if text.begun is None or text.begun.value != form.value:
        raise NotFound("there is no such template")
    parts = None if form is Form.WRITEUP else template.parts(text.body)
    return Filled(form, body=text.body, parts=parts)


def _named(filled: Filled, asker: Asker, services: Services) -> tuple[Filled, str]:
    """With whoever is meant by a typed name, and what is wrong where that is not one."""
    name = filled.knower_name.strip()
    if filled.form is not Form.QUICK or not name:
        return replace(filled, knower=None), ""
    if name == services.drafting.name_of(filled.knower, asker.principal):
        return filled, ""
    found = services.drafting.called(name, asker.principal)
    if len(found) == 1:
        return replace(filled, knower=found[0].id, knower_name=found[0].name), ""
    several = f"{len(found)} colleagues are called {name!r}: write the whole name, or an address"
    nobody = (
        f"nobody in the directory is called {name!r}; write the name as the directory has it, "
        "or leave it out"
    )
    return replace(filled, knower=None), sentence(several if found else nobody)


def _saved(asker: Asker, services: Services, draft_id: int, filled: Filled) -> Filled:
    kept = services.drafting.save(
        draft_id,
        composing.draft(filled, asker.principal),
        asker.principal,
        frozenset({filled.version}),
        form=filled.form,
        knower=filled.knower,
    )
    return replace(filled, version=str(kept.version), before=kept.draft.body, base=kept.base)


def _go_on(
    request: Request, asker: Asker, services: Services, draft_id: int, filled: Filled
) -> Response:
    """What was asked for beside saving."""
    action = composing.form_of(request).get("action")
    try:
        given = composing.file_of(request, pictures.MAX_BYTES)
        if given is not None:
            file = services.drafting.attach(draft_id, *given, asker.principal)
            shown = f"![{file.name.rpartition('.')[0]}]({file.href})"
            filled = _saved(asker, services, draft_id, composing.with_more(filled, shown))
        if action == "publish" and given is None:
            expected = frozenset({filled.version})
            made = services.drafting.publish(draft_id, editor_of(asker), expected=expected)
            return RedirectResponse(f"/documents/{made}", 303)
    except Stale:
        return pages.merge_document(request, asker, services, filled)
    except (InvalidInput, Conflict, NotAllowed) as error:
        at = composing.lacking(filled) if action == "publish" and given is None else ""
        # A refusal is told in the audit, also where the page says it.
        said = mistakes.of(request, error).said
        return pages.form(request, asker, services, filled, wrong=said, at=at)
    also = "preview" if action == "preview" else "said=saved"
    return RedirectResponse(f"/drafts/{draft_id}?{also}", 303)

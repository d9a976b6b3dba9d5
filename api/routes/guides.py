"""Short guides for those who teach, as pages; and theirs and the templates' texts, for
administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api import mistakes
from api.auth import Administrator, Asker, Reader
from api.deps import Wired
from api.mistakes import MENDABLE, Mistake
from api.services import Services
from api.web.prose import Targets, prose
from api.web.rendering import page
from knowledge.errors import NotFound
from knowledge.guides import Begun, Text, TextKind, slug_of

router = APIRouter(include_in_schema=False)

Line = Annotated[str, Form(max_length=2000)]
Body = Annotated[str, Form(max_length=100_000)]
Short = Annotated[str, Form(max_length=40)]
_DONE = {
    "kept": "It is shown so from now on.",
    "back": "The text that was shipped is shown again; one that was not shipped is gone.",
}
_NO_LINKS = Targets(None, {}, {})


@router.get("/guides")
def guides(request: Request, asker: Reader, services: Wired) -> Response:
    """Every guide."""
    return page(request, asker, "guides.html", guides=services.guides.all_of_them(TextKind.GUIDE))


@router.get("/guides/{slug}")
def guide(request: Request, slug: str, asker: Reader, services: Wired) -> Response:
    """One guide."""
    text = services.guides.get(slug, TextKind.GUIDE)
    others = [one for one in services.guides.all_of_them(TextKind.GUIDE) if one.slug != slug]
    shown = prose(text.body, text.title, _NO_LINKS, None)
    return page(request, asker, "guide.html", guide=text, prose=shown, others=others)


@router.get("/admin/guides")
def texts(request: Request, asker: Administrator, services: Wired, done: str = "") -> Response:
    """Every guide and template, and the form for another."""
    return _listed(request, asker, services, said=_DONE.get(done, ""))


@router.post("/admin/guides")
def add(
    request: Request,
    asker: Administrator,
    services: Wired,
    kind: Short = "",
    begun: Short = "",
    title: Line = "",
    body: Body = "",
) -> Response:
    """Add one; where there is one of that name, it is replaced by the form of that."""
    told = {"kind": kind, "begun": begun, "title": title, "body": body}
    chosen = TextKind(kind) if kind in set(TextKind) else TextKind.GUIDE
    slug = slug_of(chosen, Begun(begun) if begun in set(Begun) else Begun.NOTE, title)
    try:
        services.guides.get(slug)
    except NotFound:
        pass
    else:
        return RedirectResponse(f"/admin/guides/{slug}", 303)
    try:
        made = services.guides.put(slug, chosen, title, body, asker.owner)
    except MENDABLE as error:
        mistake = mistakes.of(request, error)
        return _listed(request, asker, services, told=told, mistake=mistake)
    return RedirectResponse(f"/admin/guides/{made.slug}?done=kept", 303)


@router.get("/admin/guides/{slug}")
def text(
    request: Request, slug: str, asker: Administrator, services: Wired, done: str = ""
) -> Response:
    """One to change."""
    held = services.guides.get(slug)
    return _one(request, asker, held, held.title, held.body, said=_DONE.get(done, ""))


@router.post("/admin/guides/{slug}")
def change(
    request: Request,
    slug: str,
    asker: Administrator,
    services: Wired,
    title: Line = "",
    body: Body = "",
    action: Short = "",
) -> Response:
    """Make it the organisation's own, or go back to what was shipped."""
    held = services.guides.get(slug)
    if action == "back":
        services.guides.remove(slug, asker.owner)
        return RedirectResponse("/admin/guides?done=back", 303)
    try:
        services.guides.put(slug, held.kind, title, body, asker.owner)
    except MENDABLE as error:
        return _one(request, asker, held, title, body, mistake=mistakes.of(request, error))
    return RedirectResponse(f"/admin/guides/{slug}?done=kept", 303)


def _listed(
    request: Request,
    asker: Asker,
    services: Services,
    *,
    told: dict[str, str] | None = None,
    said: str = "",
    mistake: Mistake = mistakes.NONE,
) -> Response:
    made = page(
        request,
        asker,
        "admin_guides.html",
        texts=[(kind, services.guides.all_of_them(kind)) for kind in TextKind],
        told=told or {"kind": "guide", "begun": "note", "title": "", "body": ""},
        said=said,
        mistake=mistake,
    )
    made.status_code = mistake.status
    return made


def _one(
    request: Request,
    asker: Asker,
    held: Text,
    title: str,
    body: str,
    *,
    said: str = "",
    mistake: Mistake = mistakes.NONE,
) -> Response:
    made = page(
        request,
        asker,
        "admin_guide.html",
        text=held,
        title=title,
        body=body,
        prose=prose(body, title, _NO_LINKS, None),
        said=said,
        mistake=mistake,
    )
    made.status_code = mistake.status
    return made

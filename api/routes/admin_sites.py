"""Widgets on other sites as pages: made, changed, looked at, copied, and withdrawn."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import mistakes
from api.auth import Administrator, Asker
from api.auth.origin import own_origin
from api.deps import PathId, Wired
from api.mistakes import MENDABLE, Mistake
from api.schemas.sites import GivenSite
from api.services import Services
from api.web.rendering import page
from knowledge.sites import MOST_ORIGINS, version

router = APIRouter(prefix="/admin/sites", include_in_schema=False)

Text = Annotated[str, Form(max_length=10_000)]
_BLANK = {"name": "", "origins": ""}
_DONE = {
    "made": "The site is there. Copy the snippet into its pages.",
    "changed": "It is changed, from the next request on.",
    "revoked": "Its key is withdrawn: its next request is refused.",
}


def _list(
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
        "sites.html",
        sites=services.sites.all_of_them(),
        most=MOST_ORIGINS,
        told=told or _BLANK,
        said=said,
        mistake=mistake,
    )
    made.status_code = mistake.status
    return made


def _one(
    site_id: int,
    request: Request,
    asker: Asker,
    services: Services,
    *,
    told: dict[str, str] | None = None,
    said: str = "",
    mistake: Mistake = mistakes.NONE,
) -> Response:
    site = services.sites.get(site_id)
    made = page(
        request,
        asker,
        "site.html",
        site=site,
        version=version(site),
        endpoint=own_origin(request),
        told=told or {"name": site.name, "origins": " ".join(site.origins)},
        said=said,
        mistake=mistake,
    )
    made.status_code = mistake.status
    return made


@router.get("")
def read_list(
    request: Request,
    asker: Administrator,
    services: Wired,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Every site, and the form for another."""
    return _list(request, asker, services, said=_DONE.get(done, ""))


@router.post("")
def create(
    request: Request, asker: Administrator, services: Wired, name: Text = "", origins: Text = ""
) -> Response:
    """Make one."""
    try:
        given = GivenSite(name=name.strip(), origins=origins.replace(",", " ").split())
        made = services.sites.create(given.plan(), asker.owner)
    except MENDABLE as error:
        told = {"name": name, "origins": origins}
        return _list(request, asker, services, told=told, mistake=mistakes.of(request, error))
    return RedirectResponse(f"/admin/sites/{made.id}?done=made", 303)


@router.get("/{id}")
def read(
    id: PathId,
    request: Request,
    asker: Administrator,
    services: Wired,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """One site: its snippet, how it looks, and what may be changed."""
    return _one(id, request, asker, services, said=_DONE.get(done, ""))


@router.post("/{id}")
def change(
    id: PathId,
    request: Request,
    asker: Administrator,
    services: Wired,
    name: Text = "",
    origins: Text = "",
    version: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Say anew what it is called and where it works."""
    try:
        given = GivenSite(name=name.strip(), origins=origins.replace(",", " ").split())
        services.sites.change(id, given.plan(), asker.owner, frozenset({version}))
    except MENDABLE as error:
        told = {"name": name, "origins": origins}
        mistake = mistakes.of(request, error)
        return _one(id, request, asker, services, told=told, mistake=mistake)
    return RedirectResponse(f"/admin/sites/{id}?done=changed", 303)


@router.post("/{id}/revoke")
def revoke(id: PathId, asker: Administrator, services: Wired) -> Response:
    """Withdraw its key."""
    services.sites.revoke(id, asker.owner)
    return RedirectResponse("/admin/sites?done=revoked", 303)

"""Other sites that show the search, as administrators keep them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from api.auth import Administrator
from api.conditions import IdempotencyKey, IfMatch, etag, request_key, versions
from api.deps import PathId, Wired
from api.routes import V1
from api.schemas.sites import GivenSite, SiteList, SiteOut, site_out
from knowledge.identity import Site
from knowledge.sites import version

router = APIRouter(prefix=f"{V1}/sites", tags=["sites"])

_Responses = dict[int | str, dict[str, Any]]

_ETAG = {"ETag": {"description": "Its version, for If-Match.", "schema": {"type": "string"}}}
_LOCATION = {"Location": {"description": "Where it is.", "schema": {"type": "string"}}}
_FULL: _Responses = {507: {"description": "The disk is full; nothing was kept"}}


@router.get("")
def read_list(_asker: Administrator, services: Wired) -> SiteList:
    """Every site, oldest first, also those that were revoked."""
    return SiteList(sites=[site_out(one) for one in services.sites.all_of_them()])


@router.post(
    "",
    status_code=201,
    responses={
        201: {"headers": _ETAG | _LOCATION},
        409: {"description": "There are too many"},
        **_FULL,
    },
)
def create(
    given: GivenSite,
    asker: Administrator,
    services: Wired,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> SiteOut:
    """Let the pages of a site show what is public.

    The key works from these origins alone, and stands in their pages. A site whose backend signs
    who is asking is made by the operator of the service alone.
    """
    key = request_key(asker, idempotency_key, "POST sites", given)
    made = services.sites.create(given.plan(), asker.owner, key)
    response.headers["Location"] = f"{V1}/sites/{made.id}"
    return _shown(made, response)


@router.get("/{id}", responses={200: {"headers": _ETAG}})
def read(id: PathId, _asker: Administrator, services: Wired, response: Response) -> SiteOut:
    """One site."""
    return _shown(services.sites.get(id), response)


@router.put(
    "/{id}",
    responses={
        200: {"headers": _ETAG},
        409: {"description": "It was revoked"},
        412: {"description": "It changed since you read it"},
        **_FULL,
    },
)
def change(
    id: PathId,
    given: GivenSite,
    asker: Administrator,
    services: Wired,
    response: Response,
    if_match: IfMatch = None,
) -> SiteOut:
    """Say anew what a site is called and where it works; its key stays, and how it signs.

    A site that signs gets no further origins here.
    """
    return _shown(
        services.sites.change(id, given.plan(), asker.owner, versions(if_match)), response
    )


@router.delete("/{id}", status_code=204)
def revoke(id: PathId, asker: Administrator, services: Wired) -> None:
    """Withdraw a site's key; its next request is refused."""
    services.sites.revoke(id, asker.owner)


def _shown(site: Site, response: Response) -> SiteOut:
    response.headers["ETag"] = etag(version(site))
    return site_out(site)

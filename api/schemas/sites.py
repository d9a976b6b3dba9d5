"""Other sites that show the search, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.fields import Given, Storable, Told
from knowledge.identity import Algorithm, Site
from knowledge.sites import MOST_ORIGINS, Plan

Origin = Annotated[str, StringConstraints(min_length=1, max_length=300), Storable]
Pem = Annotated[str, StringConstraints(min_length=1, max_length=4000), Storable]


class GivenSite(Given):
    """What a site is called, where it works, and how it says who asks."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200), Storable]
    origins: Annotated[
        list[Origin],
        Field(
            min_length=1,
            max_length=MOST_ORIGINS,
            description="The origins of its pages, exactly: scheme, host, and a port where there "
            "is one.",
            examples=[["https://intranet.example.org"]],
        ),
    ]
    algorithm: Annotated[
        Algorithm | None, Field(description="As it is, or left out: only the operator changes it.")
    ] = None
    public_key: Annotated[
        Pem | None, Field(description="As it is, or left out, with `algorithm`.")
    ] = None

    def plan(self) -> Plan:
        """The same for the use case."""
        return Plan(self.name, tuple(self.origins), self.algorithm, self.public_key)


class SiteOut(Told):
    """A site."""

    id: int
    name: str
    key: str = Field(description="For its pages, as `X-Site-Key`. It is no secret.")
    origins: list[str]
    algorithm: Algorithm | None
    public_key: str | None
    created_at: datetime
    last_used_at: datetime | None = Field(description="To the minute.")
    revoked_at: datetime | None


class SiteList(Told):
    """Every site, oldest first."""

    sites: list[SiteOut]


def site_out(site: Site) -> SiteOut:
    """A site as it is told."""
    return SiteOut(
        id=site.id,
        name=site.name,
        key=site.key,
        origins=list(site.origins),
        algorithm=site.algorithm,
        public_key=site.public_key,
        created_at=site.created_at,
        last_used_at=site.last_used_at,
        revoked_at=site.revoked_at,
    )

"""Queries about other sites. What their keys open is decided in ``knowledge.sites``."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from knowledge.identity import Algorithm, Site
from knowledge.store.identity_tables import sites

# Made once: every request of a site asks it.
_BY_KEY = select(sites).where(sites.c.key == bindparam("key"))


def add(connection: Connection, site: Site) -> Site:
    """Keep a new site, whose id is drawn here."""
    key = connection.execute(
        insert(sites).values(key=site.key, created_at=site.created_at, **_told(site))
    ).inserted_primary_key
    assert key is not None
    return replace(site, id=int(key[0]))


def put(connection: Connection, site: Site) -> None:
    """Change what a site is called, where it works and how it signs."""
    connection.execute(update(sites).where(sites.c.id == site.id).values(**_told(site)))


def by_key(connection: Connection, key: str) -> Site | None:
    """The site with this key, whatever its state."""
    row = connection.execute(_BY_KEY, {"key": key}).first()
    return None if row is None else _site(row)


def get(connection: Connection, site_id: int) -> Site | None:
    """One site, whatever its state."""
    row = connection.execute(select(sites).where(sites.c.id == site_id)).first()
    return None if row is None else _site(row)


def all_of_them(connection: Connection) -> list[Site]:
    """Every site ever made, oldest first."""
    return [_site(row) for row in connection.execute(select(sites).order_by(sites.c.id))]


def used(connection: Connection, site_id: int, at: datetime) -> None:
    """Note when a site was last used."""
    connection.execute(update(sites).where(sites.c.id == site_id).values(last_used_at=at))


def revoke(connection: Connection, site_id: int, at: datetime) -> bool:
    """Withdraw a site's key; False for one that is withdrawn, which keeps its time."""
    alive = (sites.c.id == site_id) & sites.c.revoked_at.is_(None)
    return bool(connection.execute(update(sites).where(alive).values(revoked_at=at)).rowcount)


def _told(site: Site) -> dict[str, Any]:
    return {
        "name": site.name,
        "origins": list(site.origins),
        "algorithm": site.algorithm and site.algorithm.value,
        "public_key": site.public_key,
    }


def _site(row: Row[Any]) -> Site:
    return Site(
        row.id,
        row.name,
        row.key,
        tuple(row.origins),
        row.created_at,
        None if row.algorithm is None else Algorithm(row.algorithm),
        row.public_key,
        row.last_used_at,
        row.revoked_at,
    )

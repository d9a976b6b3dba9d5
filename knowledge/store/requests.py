"""Queries about requests that made something and may be sent again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from knowledge.store.tables import requests


def find(connection: Connection, owner: str, key: str, since: datetime) -> tuple[str, str] | None:
    """Fingerprint and what was made, of a request not older than ``since``."""
    row = connection.execute(
        select(requests.c.fingerprint, requests.c.made).where(
            requests.c.owner == owner, requests.c.key == key, requests.c.at >= since
        )
    ).first()
    return None if row is None else (row.fingerprint, row.made)


def add(
    connection: Connection, owner: str, key: str, fingerprint: str, made: str, at: datetime
) -> None:
    """Remember what a request made."""
    connection.execute(
        insert(requests).values(owner=owner, key=key, fingerprint=fingerprint, made=made, at=at)
    )


def forget_before(connection: Connection, at: datetime) -> None:
    """Forget the requests of before a time."""
    connection.execute(delete(requests).where(requests.c.at < at))

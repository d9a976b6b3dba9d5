"""Colleagues by what somebody typed."""

from __future__ import annotations

from api.auth import Asker
from api.services import Services
from knowledge.errors import InvalidInput
from knowledge.types import Person


def named(services: Services, asker: Asker, name: str, at: str = "") -> Person:
    """Who is called so, or has this address. Raises InvalidInput, ``at`` where it was typed, where
    it is not one."""
    told = " ".join(name.split())
    found = services.drafting.called(told, asker.principal) if told else []
    if len(found) == 1:
        return found[0]
    raise InvalidInput(
        f"{len(found)} colleagues are called {told[:100]!r}: write the whole name, or an address"
        if found
        else f"nobody in the directory is called {told[:100]!r}: write the name as the directory "
        "has it, or an address",
        at,
    )

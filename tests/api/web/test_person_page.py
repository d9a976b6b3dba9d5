"""A colleague's page discloses no refusal."""

from __future__ import annotations

from knowledge.people import Profile
from knowledge.types import Contributor, Role
from tests.api.web.support import Site, words
from tests.builders import document


def test_whoever_refuses_looks_like_whoever_made_nothing(own: Site) -> None:
    put = own.served.services.directory.put
    quiet = put(Profile("Eve Lund", "eve@example.org", consent_written=False))
    idle = put(Profile("Eve Lang", "lang@example.org"))
    own.add(
        document(
            "l", "Text.", contributors=(Contributor("E", Role.AUTHOR, email="eve@example.org"),)
        )
    )
    shown = [words(own.get(f"/people/{key}").text) for key in (quiet, idle)]
    told = [page.replace("Lund", "*").replace("Lang", "*") for page in shown]
    assert told[0].replace("eve@", "lang@") == told[1]
    assert "Nothing to show here." in told[0]

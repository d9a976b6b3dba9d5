"""Sources as each sees them who looks after some: counted is what they may read."""

from __future__ import annotations

from pathlib import Path

from api.services import Services
from knowledge.identity import AccountRole
from knowledge.people import Profile
from knowledge.roles import EVERYTHING, MEMBER, Standing
from knowledge.sources import Source
from knowledge.store import access
from knowledge.types import Audience, Kind, owned_source
from tests.builders import document, opened


def seen(services: Services, email: str, standing: Standing) -> dict[str, Source]:
    person = services.merging.find(email)
    with services.database.read() as connection:
        principal = access.principal_of(connection, person)
    return {one.name: one for one in services.sources.of(principal, standing, f"person:{person}")}


def test_each_sees_their_own_and_what_they_look_after(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada = services.directory.put(Profile("Ada Field", "ada@example.org", groups=("vault",)))
        ben = services.directory.put(Profile("Ben Osei", "ben@example.org"))
        services.roles.grant(ben, AccountRole.CURATOR, "operator", source="wiki")
        hidden = Audience.of("group:vault")
        held = [
            document("1", "Kilns.", source="wiki"),
            document("2", "Kilns, secretly.", source="wiki", kind=Kind.NOTE, audience=hidden),
            document("3", "A vault.", source="vault", audience=hidden),
            document("4", "Mine.", source=owned_source(f"person:{ben}", "bag")),
            document("5", "Others’.", source=owned_source(f"person:{ada}", "purse")),
        ]
        assert not [one for one in services.capture.ingest(held) if one.reason]
        curator = Standing(sources=frozenset({"wiki", "empty"}))
        of_ben = seen(services, "ben@example.org", curator)
        assert list(of_ben) == ["bag", "empty", "wiki"]
        assert (of_ben["bag"].own, of_ben["wiki"].own) == (True, False)
        assert (of_ben["wiki"].documents, of_ben["empty"].documents) == (1, 0)
        assert [one.name for one in of_ben["wiki"].curators] == ["Ben Osei"]

        assert list(seen(services, "ben@example.org", EVERYTHING)) == ["bag", "wiki"]
        of_ada = seen(services, "ada@example.org", EVERYTHING)
        assert list(of_ada) == ["purse", "vault", "wiki"]
        told = of_ada["wiki"].seen
        assert told is not None
        assert told.kinds == {"note": 1, "writeup": 1}
        assert list(seen(services, "ada@example.org", MEMBER)) == ["purse"]

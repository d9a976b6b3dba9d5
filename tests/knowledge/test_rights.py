"""Nothing is ever readable by more people than in its source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from api.services import Services
from indexer.search.results import Request
from knowledge.capture import Status, Terms
from knowledge.people import Profile
from knowledge.rights import NOBODY, joined, resolve
from knowledge.store import access, documents
from knowledge.types import (
    EVERYONE,
    PUBLIC,
    Audience,
    Contributor,
    Grantee,
    Principal,
    Role,
    SourceDocument,
)
from tests.builders import opened

PAGE = SourceDocument("wiki", "vault", "The vault", "The vault opens at noon.")
ADA, BEN = Grantee(email="Ada@Example.org"), Grantee(handle="ben")
OPS = Grantee(group="ops")


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path) as made:
        yield made


def ingest(services: Services, page: SourceDocument, terms: Terms | None = None) -> Status:
    (outcome,) = services.capture.ingest([page], terms or Terms())
    return outcome.status


def audience(services: Services) -> Audience:
    with services.database.read() as connection:
        found = documents.find(connection, "wiki", "vault")
        assert found is not None
        return access.audience_of(connection, found.audience_id)


def reads(services: Services, principal: Principal) -> bool:
    return bool(services.pipeline.search(Request("when does the vault open"), principal).answers)


def test_groups_and_accounts_become_an_audience(services: Services) -> None:
    ada = services.directory.put(Profile("Ada Field", "ada@example.org"))
    ben = services.directory.put(Profile("Ben Osei", "ben@example.org", handles=(("wiki", "ben"),)))
    with services.database.read() as connection:
        mapped = resolve(connection, "wiki", [(OPS, ADA), (BEN,), (Grantee(),)])
        elsewhere = resolve(connection, "other wiki", [(BEN,)])
    assert mapped.audience == Audience.of({"group:ops", f"person:{ada}"}, f"person:{ben}", EVERYONE)
    assert mapped.unmapped == ()
    # A handle is of its source alone.
    assert (elsewhere.audience, elsewhere.unmapped) == (Audience.of(NOBODY), ("ben",))


def test_who_is_not_known_is_left_out_and_nobody_is_the_importer(services: Services) -> None:
    odd = Grantee(group="All the people!")
    with services.database.read() as connection:
        some = resolve(connection, "wiki", [(OPS, BEN, odd)], "person:7")
        none = resolve(connection, "wiki", [(BEN,), (odd,), ()], "person:7")
    assert some.audience == Audience.of("group:ops")
    assert some.unmapped == ("ben", "group All the people!")
    assert none.audience == Audience.of("person:7")


def test_restrictions_join_what_the_import_declares(services: Services) -> None:
    ingest(services, replace(PAGE, restrictions=((OPS,),)), Terms(Audience.of("group:staff")))
    assert audience(services) == Audience.of("group:ops", "group:staff")
    assert not reads(services, Principal(1, frozenset(("ops",)), signed_in=True))
    assert reads(services, Principal(1, frozenset(("ops", "staff")), signed_in=True))


def test_what_is_open_to_all_adds_no_clause() -> None:
    ops, everyone, public = Audience.of("group:ops"), Audience.of(EVERYONE), Audience.of(PUBLIC)
    assert joined(ops, everyone) == joined(public, ops) == ops
    assert joined(everyone, public) == everyone
    assert joined(public, public) == public


def test_somebody_who_becomes_known_gets_in_with_the_next_import(services: Services) -> None:
    page = replace(PAGE, restrictions=((ADA,),))
    ingest(services, page)
    assert audience(services) == Audience.of(NOBODY)
    ada = services.directory.put(Profile("Ada Field", "ada@example.org"))
    assert ingest(services, page) is Status.CHANGED
    assert audience(services) == Audience.of(f"person:{ada}")
    assert ingest(services, page) is Status.UNCHANGED


def test_what_documents_say_of_accounts_opens_nothing(services: Services) -> None:
    """Whoever writes a page may put any name, address or handle beside any other."""
    jane = services.directory.put(Profile("Jane Doe", "jane@example.org", groups=("ops",)))
    # A name alone is enough to be taken for somebody's author, and not for a key.
    account = Contributor("Jane Doe", Role.AUTHOR, handle="jdoe77")
    page = replace(PAGE, contributors=(account,), restrictions=((Grantee(handle="jdoe77"),),))
    ingest(services, page)
    assert audience(services) == Audience.of(NOBODY)
    # Nor does a second page give her the address of somebody who is not known yet.
    boss = replace(account, email="boss@example.org")
    ingest(services, replace(page, external_id="other", contributors=(boss,)))
    ingest(services, replace(PAGE, restrictions=((Grantee(email="boss@example.org"),),)))
    assert audience(services) == Audience.of(NOBODY)
    told = services.directory.put(Profile("The Boss", "boss@example.org", groups=("board",)))
    assert told != jane
    with services.database.read() as connection:
        assert access.principal_of(connection, jane).groups == {"ops"}


def test_a_page_follows_its_source(services: Services) -> None:
    ingest(services, PAGE)
    assert audience(services) == Audience.of(EVERYONE)
    ingest(services, replace(PAGE, restrictions=((OPS,),)))
    assert audience(services) == Audience.of("group:ops")
    ingest(services, replace(PAGE, restrictions=((OPS,), (Grantee(group="leads"),))))
    assert audience(services) == Audience.of("group:ops", "group:leads")
    ingest(services, PAGE)
    assert audience(services) == Audience.of(EVERYONE)


def test_a_page_that_moves_stays_as_narrow_as_it_was_made(services: Services) -> None:
    (before,) = services.capture.ingest([PAGE])
    assert before.document_id is not None
    services.capture.set_audience(before.document_id, Audience.of("group:leads"))
    (after,) = services.capture.ingest([replace(PAGE, external_id="moved")])
    assert after.document_id is not None
    services.capture.moved(before.document_id, after.document_id)
    with services.database.read() as connection:
        found = documents.find(connection, "wiki", "moved")
        assert found is not None
        assert found.id == before.document_id
        assert access.audience_of(connection, found.audience_id) == Audience.of("group:leads")


def test_nobody_widens_it_here_and_what_is_narrowed_here_stays_narrow(services: Services) -> None:
    page = replace(PAGE, restrictions=((OPS,),))
    (outcome,) = services.capture.ingest([page])
    assert outcome.document_id is not None
    services.capture.set_audience(outcome.document_id, Audience.of(EVERYONE))
    assert audience(services) == Audience.of("group:ops")
    services.capture.set_audience(outcome.document_id, Audience.of("group:leads"))
    narrow = Audience.of("group:ops", "group:leads")
    assert audience(services) == narrow
    assert ingest(services, page) is Status.UNCHANGED
    assert ingest(services, replace(page, body="The vault opens at one.")) is Status.CHANGED
    assert audience(services) == narrow
    ingest(services, replace(page, restrictions=((Grantee(group="sec"),),)))
    assert audience(services) == Audience.of("group:sec", "group:ops", "group:leads")

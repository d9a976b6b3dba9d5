"""Who is who."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.errors import InvalidInput
from knowledge.people import Profile, clean_email, resolve
from knowledge.store import people
from knowledge.types import Contributor, Role
from tests.builders import document, opened


def named(name: str, **more: str) -> Contributor:
    return Contributor(name, Role.AUTHOR, **more)  # type: ignore[arg-type]


def test_an_address_decides_whatever_the_name(tmp_path: Path) -> None:
    with opened(tmp_path) as services, services.database.write() as connection:
        ada = resolve(connection, "wiki", named("Ada Field", email="Ada@Example.org "))
        same = resolve(connection, "chat", named("A. Field", email="ada@example.org"))
        assert same == ada
        other = resolve(connection, "chat", named("Ada Field", email="ada@other.example"))
        assert other.person_id != ada.person_id
        assert other.ambiguous


def test_a_handle_counts_within_its_source(tmp_path: Path) -> None:
    with opened(tmp_path) as services, services.database.write() as connection:
        one = resolve(connection, "wiki", named("Ada", handle="ada"))
        assert resolve(connection, "wiki", named("ada f.", handle="ada")) == one
        assert resolve(connection, "chat", named("Zoe", handle="ada")).person_id != one.person_id


def test_an_exact_name_is_enough_when_nobody_else_has_it(tmp_path: Path) -> None:
    with opened(tmp_path) as services, services.database.write() as connection:
        ada = resolve(connection, "wiki", named("Ada Field", email="ada@example.org"))
        assert resolve(connection, "talks", named("ada  field")) == ada
        assert resolve(connection, "talks", named("Ada Fields")).person_id != ada.person_id


def test_a_shared_name_is_kept_apart_once_for_a_source_and_reported(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        with services.database.write() as connection:
            one = resolve(connection, "wiki", named("Bo Li", email="bo@example.org"))
            two = resolve(connection, "wiki", named("Bo Li", email="bo2@example.org"))
            apart = resolve(connection, "talks", named("Bo Li"))
            assert len({one.person_id, two.person_id, apart.person_id}) == 3
            assert apart.ambiguous
            assert resolve(connection, "talks", named("bo li")) == apart
            assert resolve(connection, "other", named("Bo Li")).person_id != apart.person_id
        outcome = services.capture.save(document("a", "text", contributors=(named("Bo Li"),)))
        assert outcome.ambiguous == ("Bo Li",)


def test_different_handles_of_one_source_are_different_people(tmp_path: Path) -> None:
    with opened(tmp_path) as services, services.database.write() as connection:
        one = resolve(connection, "set", named("gray", handle="gray"))
        two = resolve(connection, "set", named("Gray", handle="Gray"))
        assert one.person_id != two.person_id


def test_a_nameless_contributor_refuses_the_document_only(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        bad = document("bad", "text", contributors=(named("  "),))
        outcomes = list(services.capture.ingest([bad, document("good", "text")]))
        assert [(o.name, o.status) for o in outcomes] == [("bad", "refused"), ("good", "added")]


@pytest.mark.parametrize("bad", [None, "", "ada", "ada@", "@x.org", "a b@x.org", "a@localhost"])
def test_what_is_no_address_is_none(bad: str | None) -> None:
    assert clean_email(bad) is None


def test_a_profile_completes_a_person_known_by_writing(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        services.capture.save(document("a", "text"))
        key = services.directory.put(
            Profile("Ada Field", "ada@example.org", team="Finance", groups=("ledger",))
        )
        with services.database.read() as connection:
            person = people.get(connection, key)
        assert (person.team, person.emails) == ("Finance", ("ada@example.org",))
        assert services.principal("ADA@example.org").groups == {"ledger"}
        with pytest.raises(InvalidInput, match="nobody with the address"):
            services.principal("nobody@example.org")
        with pytest.raises(InvalidInput, match="no e-mail address"):
            services.directory.put(Profile("X", "nonsense"))


def test_an_address_in_a_page_opens_nobodys_doors(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        with services.database.write() as connection:
            bob = resolve(connection, "wiki", named("Bob Hr")).person_id
            people.set_profile(connection, bob, groups=["hr"])
            resolve(connection, "wiki", named("Bob Hr", email="mallory@example.net"))
        assert services.principal("mallory@example.net").groups == frozenset()


ADA = Profile(
    "Ada Field", "ada@example.org", handles=(("wiki", "ada"),), team="Finance", groups=("hr",)
)


@pytest.mark.parametrize(
    "row",
    [
        replace(ADA, email="ada@new.example"),
        replace(ADA, email="ada@new.example", name="ada  field"),
        Profile("Ada Reed", "ada@new.example", other_emails=("old@example.org", "ADA@example.org")),
    ],
    ids=["by a handle and the name", "however it is spelled", "by an earlier address"],
)
def test_a_colleague_with_a_new_address_stays_one_person(tmp_path: Path, row: Profile) -> None:
    with opened(tmp_path) as services:
        key = services.directory.put(ADA)
        assert services.directory.put(row) == key
        with services.database.read() as connection:
            person = people.get(connection, key)
        assert person.address == "ada@new.example"
        assert {"ada@example.org", "ada@new.example"} <= set(person.emails)
        for address in person.emails:
            assert services.principal(address).groups == {"hr"}


def test_neither_a_name_nor_a_handle_alone_makes_one_person_of_two(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        key = services.directory.put(ADA)
        assert services.directory.put(Profile("Ada Field", "ada@new.example")) != key
        with pytest.raises(InvalidInput, match="belongs to somebody else"):
            services.directory.put(replace(ADA, name="Ben Osei", email="ben@example.org"))
        # A page may have put the handle beside an address, and the name as well.
        mallory = named("Cleo Marsh", email="mallory@example.net", handle="cleo")
        services.capture.save(document("a", "text", contributors=(mallory,)))
        row = Profile("Cleo Marsh", "cleo@example.org", handles=(("wiki", "cleo"),), groups=("hr",))
        with pytest.raises(InvalidInput, match="belongs to somebody else"):
            services.directory.put(row)
        assert services.principal("mallory@example.net").groups == frozenset()


def test_addresses_of_two_people_make_no_third(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        services.directory.put(ADA)
        services.directory.put(Profile("Ben Osei", "ben@example.org", handles=(("wiki", "ben"),)))
        for both in (
            replace(ADA, other_emails=("ben@example.org",)),
            Profile("Zoe", "zoe@example.org", other_emails=("ada@example.org", "ben@example.org")),
        ):
            with pytest.raises(InvalidInput, match="several people"):
                services.directory.put(both)
        with pytest.raises(InvalidInput, match="no e-mail address"):
            services.directory.put(replace(ADA, other_emails=("nonsense",)))
        with pytest.raises(InvalidInput, match="nobody with the address"):
            services.principal("zoe@example.org")

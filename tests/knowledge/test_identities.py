"""Whom a provider means: what stays together when people are merged, and what it opens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from api.services import Services
from knowledge.errors import Conflict, NotAllowed, NotFound, NotSignedIn, TooMany
from knowledge.identities import Claims, Identities, Trust, groups, verified
from knowledge.identity import AccountRole
from knowledge.merging import By
from knowledge.people import Profile
from knowledge.sessions import Browser, Lifetimes
from knowledge.store import documents, people
from knowledge.types import Audience, Contributor, Principal, Role, Scope
from tests.builders import document, settings
from tests.knowledge.signing import CLIENT, PASSWORD, Clock, colleagues, told

assert settings  # these tests run on both kinds of database

ISSUER = "https://id.example.org"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[tuple[Services, Clock]]:
    with colleagues(tmp_path) as made:
        yield made


def claims(name: str = "ada", *slugs: str, subject: str | None = None) -> Claims:
    email = f"{name}@example.org"
    return Claims(ISSUER, subject or f"sub-{name}", email, name.title(), frozenset(slugs))


def come(services: Services, given: Claims) -> Principal:
    secret = services.identities.sign_in(given, CLIENT, Browser())[1]
    return services.sessions.identify(secret).principal


def titles(services: Services, principal: Principal) -> set[str]:
    with services.database.read() as connection:
        return {one.title for one in documents.load_all(connection, principal).values()}


def test_groups_of_the_provider_open_what_those_of_the_directory_open(
    office: tuple[Services, Clock],
) -> None:
    services, _ = office
    board = document("board", "The board meets.", audience=Audience.of("group:board"))
    list(
        services.capture.ingest(
            [board, document("vault", "V.", audience=Audience.of("group:vault"))]
        )
    )
    assert titles(services, come(services, claims())) == {"Page vault"}
    principal = come(services, claims("ada", "board"))
    assert titles(services, principal) == {"Page board", "Page vault"}
    assert principal == services.principal("ada@example.org")
    assert titles(services, come(services, claims())) == {"Page vault"}


def test_the_directory_s_groups_are_left_alone(office: tuple[Services, Clock]) -> None:
    services, _ = office
    come(services, claims("ada", "board"))
    services.directory.put(Profile("Ada Field", "ada@example.org", groups=("kiln",)))
    assert services.principal("ada@example.org").groups == {"board", "kiln"}
    assert come(services, claims()).groups == {"kiln"}


def test_only_what_an_audience_can_name_is_a_group(office: tuple[Services, Clock]) -> None:
    services, _ = office
    odd = ("a group", "", "person:1", "x" * 300, "a\x00b", "Ä.ö/ü", "uuid-7")
    assert come(services, claims("ada", *odd)).groups == {"vault", "Ä.ö/ü", "uuid-7"}
    assert len(groups([f"g{number:04}" for number in range(2000)])) == 500
    assert groups([f"a group {number}" for number in range(500)] + ["zeta"]) == {"zeta"}


@pytest.mark.parametrize(
    ("email", "said", "found"),
    [
        ("Ada@Example.org", True, "ada@example.org"),
        ("ada@example.org", False, None),
        ("ada@example.org", "true", None),
        ("ada@example.org", 1, None),
        ("ada", True, None),
        (None, True, None),
        (["ada@example.org"], True, None),
    ],
)
def test_an_address_is_one_that_was_verified(
    email: object, said: object, found: str | None
) -> None:
    assert verified(email, said) == found


def test_two_issuers_of_one_subject_are_two(office: tuple[Services, Clock]) -> None:
    services, _ = office
    come(services, claims())
    other = Claims("https://other.example.org", "sub-ada", "ben@example.org", "Ben", frozenset())
    assert come(services, other).person_id == services.merging.find("ben@example.org")


def test_a_merged_person_signs_in_as_who_was_kept_and_is_two_again(
    office: tuple[Services, Clock],
) -> None:
    services, _ = office
    ada, ben = (services.merging.find(f"{name}@example.org") for name in ("ada", "ben"))
    come(services, claims("ben"))
    merge = services.merging.merge(ada, ben, force=True)
    assert come(services, claims("ben")).person_id == ada
    services.merging.unmerge(merge.id)
    assert come(services, claims("ben")).person_id == ben


def rights(services: Services, what: str) -> None:
    ben = services.merging.find("ben@example.org")
    match what:
        case "is in board":
            come(services, claims("ben", "board"))
        case "can sign in":
            link = services.accounts.invite("ben@example.org", "operator")
            services.accounts.accept(link, PASSWORD, Browser())
        case "has a role":
            services.roles.grant(ben, AccountRole.CURATOR, "operator", source="wiki")
        case "is disabled":
            services.accounts.disable(ben, "operator")


@pytest.mark.parametrize("what", ["is in board", "can sign in", "has a role", "is disabled"])
def test_no_administrator_merges_away_who_comes_in_by_themselves(
    office: tuple[Services, Clock], what: str
) -> None:
    services, _ = office
    ada, ben = (services.merging.find(f"{name}@example.org") for name in ("ada", "ben"))
    with services.database.write() as connection:
        people.set_profile(connection, ben, groups=())
    rights(services, what)
    judge = By(Principal(signed_in=True), "token:1")
    with pytest.raises((Conflict, NotAllowed)):
        services.merging.merge(ada, ben, judge)
    with pytest.raises(Conflict, match=what):
        services.merging.merge(ada, ben)
    services.merging.merge(ada, ben, force=True)


def test_pages_give_nobody_an_address_who_has_a_provider_s_group(
    office: tuple[Services, Clock],
) -> None:
    services, _ = office
    come(services, claims("ben", "board"))
    with services.database.read() as connection:
        assert people.has_rights(connection, services.merging.find("ben@example.org"))


def test_whom_it_refuses_waits_as_well(office: tuple[Services, Clock]) -> None:
    services, _ = office
    for number in range(30):
        with pytest.raises(NotAllowed):
            come(services, claims(f"user{number}"))
    before = told(services)
    with pytest.raises(TooMany):
        come(services, claims("user99"))
    assert told(services) == before


def test_the_provider_can_be_the_directory(office: tuple[Services, Clock]) -> None:
    services, clock = office
    lifetimes = Lifetimes.of(services.settings.auth)
    trusting = Identities(services.database, lifetimes, Trust(directory=True), clock)
    session, _ = trusting.sign_in(claims("nia", "board"), CLIENT, Browser())
    with services.database.read() as connection:
        person = people.get(connection, session.person_id)
    assert (person.name, person.address, person.listed) == ("Nia", "nia@example.org", True)
    # Who is known already is not called otherwise.
    trusting.sign_in(claims("ada"), CLIENT, Browser())
    with services.database.read() as connection:
        assert people.get(connection, services.merging.find("ada@example.org")).name == "Ada Field"
    unverified = Claims(ISSUER, "sub-zed", None, "Zed", frozenset())
    with pytest.raises(NotAllowed):
        trusting.sign_in(unverified, CLIENT, Browser())
    with pytest.raises(NotFound):
        services.merging.find("zed@example.org")


def test_nobody_is_taken_for_a_namesake(office: tuple[Services, Clock]) -> None:
    services, clock = office
    page = document("a", "A plan.", contributors=(Contributor("Zed Boss", Role.AUTHOR),))
    list(services.capture.ingest([page]))
    with services.database.read() as connection:
        (boss,) = people.by_name(connection, "Zed Boss")
    services.roles.grant(boss, AccountRole.ADMINISTRATOR, "operator")
    lifetimes = Lifetimes.of(services.settings.auth)
    trusting = Identities(services.database, lifetimes, Trust(directory=True), clock)
    mallory = Claims(ISSUER, "sub-m", "mallory@example.org", "Zed Boss", frozenset())
    session, _ = trusting.sign_in(mallory, CLIENT, Browser())
    assert session.person_id != boss
    assert not services.roles.of(session.person_id).administrator
    with services.database.read() as connection:
        assert people.get(connection, boss).emails == ()
        assert people.documents_of(connection, session.person_id) == []
    # The operator's directory says who is who, by name as well.
    assert services.directory.put(Profile("Ada Field", "ada@example.org")) != boss


def test_where_no_group_makes_administrators_the_provider_s_are_none(
    office: tuple[Services, Clock],
) -> None:
    services, clock = office
    lifetimes = Lifetimes.of(services.settings.auth)
    ada = services.merging.find("ada@example.org")
    named = Identities(services.database, lifetimes, Trust("bosses"), clock)
    named.sign_in(claims("ada", "bosses"), CLIENT, Browser())
    assert services.roles.of(ada).administrator
    come(services, claims("ada", "bosses"))
    assert not services.roles.of(ada).administrator


def test_what_the_provider_said_long_ago_counts_no_more(
    office: tuple[Services, Clock],
) -> None:
    services, clock = office
    lifetimes = Lifetimes.of(services.settings.auth)
    trust = Trust("bosses", lasts=timedelta(days=7))
    named = Identities(services.database, lifetimes, trust, clock)
    ada, ben = (services.merging.find(f"{name}@example.org") for name in ("ada", "ben"))
    services.roles.grant(ben, AccountRole.CURATOR, "operator", source="wiki")
    for name in ("ada", "ben"):
        named.sign_in(claims(name, "bosses", "board"), CLIENT, Browser())
    _, secret = services.tokens.create_own(ada, "x", list(Scope), 365)
    clock.forward(days=6)
    named.sign_in(claims("ben", "bosses", "board"), CLIENT, Browser())
    clock.forward(hours=23)
    assert named.expire() == 0
    assert services.tokens.identify(secret).principal.groups == {"vault", "board", "bosses"}
    clock.forward(hours=1)
    assert (named.expire(), named.expire()) == (1, 0)
    holder = services.tokens.identify(secret)
    assert (holder.principal.groups, holder.standing.administrator) == ({"vault"}, False)
    assert holder.scopes == {Scope.SEARCH, Scope.CAPTURE}
    assert services.roles.of(ben).administrator
    assert told(services)[-1] == ("provider", "role-withdrawn", f"person:{ada}")
    named.sign_in(claims("ada", "bosses", "board"), CLIENT, Browser())
    assert services.tokens.identify(secret).principal.groups == {"vault", "board", "bosses"}
    # It makes no administrators any more, and is trusted otherwise.
    none = Identities(services.database, lifetimes, Trust(lasts=timedelta(days=7)), clock)
    assert none.expire() == 2
    assert not services.roles.of(ben).administrator
    assert services.roles.of(ben).sources == {"wiki"}
    assert services.tokens.identify(secret).principal.groups == {"vault", "board", "bosses"}


def test_a_merged_person_s_sign_ins_are_those_of_who_was_kept(
    office: tuple[Services, Clock],
) -> None:
    services, clock = office
    ada, ben = (services.merging.find(f"{name}@example.org") for name in ("ada", "ben"))
    come(services, claims("ben"))
    services.merging.merge(ada, ben, force=True)
    come(services, claims("ben", "board"))
    assert services.identities.expire() == 0
    assert "board" in services.principal("ada@example.org").groups
    clock.forward(days=7)
    assert services.identities.expire() == 1
    assert "board" not in services.principal("ada@example.org").groups


def test_what_is_granted_here_the_provider_does_not_take(
    office: tuple[Services, Clock],
) -> None:
    services, clock = office
    lifetimes = Lifetimes.of(services.settings.auth)
    ada = services.merging.find("ada@example.org")
    named = Identities(services.database, lifetimes, Trust("bosses"), clock)
    named.sign_in(claims("ada", "bosses"), CLIENT, Browser())
    for _ in range(2):
        services.roles.grant(ada, AccountRole.ADMINISTRATOR, "operator")
    named.sign_in(claims("ada"), CLIENT, Browser())
    assert services.roles.of(ada).administrator
    assert [one for one in told(services) if "role" in one[1]] == [
        ("provider", "role-granted", f"person:{ada}"),
        ("operator", "role-granted", f"person:{ada}"),
    ]


def test_whose_provider_is_forgotten_is_signed_in_nowhere(
    office: tuple[Services, Clock],
) -> None:
    services, _ = office
    secret = services.identities.sign_in(claims(), CLIENT, Browser())[1]
    services.identities.forget(services.merging.find("ada@example.org"), "operator")
    with pytest.raises(NotSignedIn):
        services.sessions.identify(secret)


def test_what_it_says_of_administrators_is_told(office: tuple[Services, Clock]) -> None:
    services, clock = office
    lifetimes = Lifetimes.of(services.settings.auth)
    trusting = Identities(services.database, lifetimes, Trust("bosses"), clock)
    who = f"person:{services.merging.find('ada@example.org')}"
    for slugs in (("bosses",), ("bosses",), ()):
        trusting.sign_in(claims("ada", *slugs), CLIENT, Browser())
    assert [one for one in told(services) if "role" in one[1]] == [
        ("provider", "role-granted", who),
        ("provider", "role-withdrawn", who),
    ]
    trusting.sign_in(claims("ada", "bosses"), CLIENT, Browser())
    trusting.forget(services.merging.find("ada@example.org"), "operator")
    assert not services.roles.of(services.merging.find("ada@example.org")).administrator
    assert services.principal("ada@example.org").groups == {"vault"}

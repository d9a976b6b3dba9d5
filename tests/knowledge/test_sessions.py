"""Sessions: each way in which they begin, hold and end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.services import Services
from knowledge.errors import NotFound, NotSignedIn
from knowledge.identity import AccountRole
from knowledge.people import Profile
from knowledge.sessions import Browser
from knowledge.store import patience
from knowledge.types import Scope
from tests.builders import settings, writing_elsewhere
from tests.knowledge.signing import Clock, colleagues, told

assert settings  # these tests run on both kinds of database


@pytest.fixture
def office(tmp_path: Path) -> Iterator[tuple[Services, Clock]]:
    with colleagues(tmp_path) as made:
        yield made


def ada(services: Services) -> int:
    return services.merging.find("ada@example.org")


def begin(services: Services, **browser: str | None) -> str:
    made = services.sessions.begin(ada(services), "local", Browser(**browser))  # type: ignore[arg-type]
    return made[1]


def holds(services: Services, secret: str) -> bool:
    try:
        services.sessions.identify(secret)
    except NotSignedIn as error:
        return {"you are not signed in, or no longer; sign in again": False}[str(error)]
    return True


def test_a_session_is_of_its_person_with_their_groups_and_roles_of_now(
    office: tuple[Services, Clock],
) -> None:
    services, _ = office
    secret = begin(services, agent="Firefox  on\nLinux")
    found = services.sessions.identify(secret)
    assert (found.person.name, found.principal.groups) == ("Ada Field", {"vault"})
    assert found.standing.scopes == {Scope.SEARCH, Scope.CAPTURE}
    assert found.session.agent == "Firefox on Linux"
    services.directory.put(Profile("Ada Field", "ada@example.org", groups=()))
    services.roles.grant(found.person.id, AccountRole.ADMINISTRATOR, "operator")
    found = services.sessions.identify(secret)
    assert found.principal.groups == frozenset()
    assert found.standing.scopes == frozenset(Scope)


def test_the_secret_has_256_bits_and_is_kept_nowhere(
    office: tuple[Services, Clock], tmp_path: Path
) -> None:
    services, _ = office
    secrets = {begin(services) for _ in range(20)}
    assert len(secrets) == 20
    assert {len(secret) for secret in secrets} == {43}
    services.database.close()
    for file in tmp_path.rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        assert not [secret for secret in secrets if secret.encode() in content], file


def test_it_ends_when_it_is_not_used(office: tuple[Services, Clock]) -> None:
    services, clock = office
    secret = begin(services)
    for _ in range(2):
        clock.forward(hours=7, minutes=59)
        assert holds(services, secret)
        services.later.flush()
    clock.forward(hours=8)
    assert not holds(services, secret)
    assert services.sessions.of_person(ada(services)) == []


def test_it_ends_after_a_day_however_much_it_is_used(office: tuple[Services, Clock]) -> None:
    services, clock = office
    secret = begin(services)
    for _ in range(23):
        clock.forward(hours=1)
        assert holds(services, secret)
        services.later.flush()
    clock.forward(minutes=59)
    assert holds(services, secret)
    clock.forward(minutes=1)
    assert not holds(services, secret)


def test_its_lifetimes_can_be_set(tmp_path: Path) -> None:
    with colleagues(tmp_path, session_idle_h=1, session_h=2) as (services, clock):
        secret = begin(services)
        clock.forward(minutes=59)
        assert holds(services, secret)
        clock.forward(minutes=1)
        assert not holds(services, secret)


def ended(services: Services, secret: str) -> None:
    session = services.sessions.identify(secret).session
    services.sessions.end(session.id, ada(services), "operator")


def all_ended(services: Services, secret: str) -> None:
    assert services.sessions.end_all(ada(services), "operator") == 1


def signed_out(services: Services, secret: str) -> None:
    services.sessions.sign_out(secret)


def disabled(services: Services, secret: str) -> None:
    services.accounts.disable(ada(services), "operator")


def merged(services: Services, secret: str) -> None:
    services.merging.merge(services.merging.find("ben@example.org"), ada(services), force=True)


@pytest.mark.parametrize("end", [ended, all_ended, signed_out, disabled, merged])
def test_it_ends_at_once(
    office: tuple[Services, Clock], end: Callable[[Services, str], None]
) -> None:
    services, _ = office
    secret = begin(services)
    assert holds(services, secret)
    end(services, secret)
    assert not holds(services, secret)


def test_signing_in_again_ends_the_session_of_before_and_no_other(
    office: tuple[Services, Clock],
) -> None:
    services, _ = office
    elsewhere, before = begin(services), begin(services)
    after = begin(services, presented=before)
    assert [holds(services, one) for one in (elsewhere, before, after)] == [True, False, True]
    assert after != before
    assert holds(services, begin(services, presented="a secret of nobody"))


@pytest.mark.parametrize("secret", ["", "x", "A" * 43, "\x00", "\ud800", "ä" * 5000])
def test_a_secret_of_nobody_opens_nothing(office: tuple[Services, Clock], secret: str) -> None:
    services, _ = office
    begin(services)
    assert not holds(services, secret)


def test_who_is_enabled_again_has_to_sign_in_again(office: tuple[Services, Clock]) -> None:
    services, _ = office
    secret = begin(services)
    token = services.tokens.create("ci", [Scope.SEARCH], email="ada@example.org")[1]
    other = services.tokens.create("ci", [Scope.SEARCH], email="ben@example.org")[1]
    services.accounts.disable(ada(services), "operator")
    with pytest.raises(NotSignedIn, match="unknown, has expired or was revoked"):
        services.tokens.identify(token)
    services.tokens.identify(other)
    services.accounts.enable(ada(services), "operator")
    assert not holds(services, secret)
    assert services.tokens.identify(token).person is not None


def test_somebody_s_own_are_listed_and_nobody_ends_another_s(
    office: tuple[Services, Clock],
) -> None:
    services, clock = office
    begin(services, agent="first")
    clock.forward(minutes=1)
    begin(services, agent="second")
    held = services.sessions.of_person(ada(services))
    assert [one.agent for one in held] == ["second", "first"]
    ben = services.merging.find("ben@example.org")
    for session_id in (held[0].id, 999):
        with pytest.raises(NotFound, match="no such session"):
            services.sessions.end(session_id, ben, "x")
    services.sessions.end(held[0].id, ada(services), "operator")
    services.sessions.end(held[0].id, ada(services), "operator")
    assert [one.agent for one in services.sessions.of_person(ada(services))] == ["first"]


def test_when_it_was_used_is_noted_once_a_minute(office: tuple[Services, Clock]) -> None:
    services, clock = office
    secret = begin(services)
    began = clock.now

    def seen() -> float:
        services.later.flush()
        (held,) = services.sessions.of_person(ada(services))
        return (held.seen_at - began).total_seconds()

    for seconds, noted in ((59, 0), (1, 60), (59, 60), (1, 120)):
        clock.forward(seconds=seconds)
        assert holds(services, secret)
        assert seen() == noted


@pytest.mark.sqlite("writers wait for a lock")
def test_looking_it_up_waits_for_no_writer(office: tuple[Services, Clock], tmp_path: Path) -> None:
    services, clock = office
    secret = begin(services)
    clock.forward(hours=1)
    with writing_elsewhere(tmp_path):
        assert holds(services, secret)
        # Nor does it matter that it cannot be written.
        with patience.at_most(0.01):
            services.later.flush()
    services.later.close()
    assert holds(services, secret)


def test_all_of_it_is_told(office: tuple[Services, Clock]) -> None:
    services, _ = office
    who = f"person:{ada(services)}"
    first = begin(services)
    second = begin(services, presented=first)
    services.sessions.sign_out(second)
    services.sessions.sign_out(second)
    begin(services)
    services.accounts.disable(ada(services), "operator")
    services.accounts.disable(ada(services), "operator")
    services.accounts.enable(ada(services), "operator")
    assert [one for one in told(services) if "changed" not in one[1]] == [
        (who, "signed-in", "session:1"),
        (who, "session-ended", "session:1"),
        (who, "signed-in", "session:2"),
        (who, "signed-out", "session:2"),
        (who, "signed-in", "session:3"),
        ("operator", "session-ended", "session:3"),
        ("operator", "person-disabled", who),
        ("operator", "person-enabled", who),
    ]


def test_old_ones_are_forgotten(office: tuple[Services, Clock]) -> None:
    services, clock = office
    begin(services)
    clock.forward(days=32)
    begin(services)
    with services.database.read() as connection:
        from knowledge.store import sessions

        assert [one.id for one in sessions.of_person(connection, ada(services))] == [2]

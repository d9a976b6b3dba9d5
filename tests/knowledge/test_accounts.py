"""Local accounts: links, passwords, guessing, and who is let in no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from api.services import Services
from knowledge import passwords
from knowledge.errors import Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn, TooMany
from knowledge.identity import AccountRole
from knowledge.roles import MEMBER
from knowledge.sessions import Browser
from knowledge.store import accounts as store
from knowledge.throttle import place
from tests.builders import document, settings
from tests.knowledge.signing import CLIENT, PASSWORD, Clock, colleagues, entries, told

assert settings  # these tests run on both kinds of database

WRONG = "the address or the password is wrong"
ADA = "ada@example.org"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[tuple[Services, Clock]]:
    with colleagues(tmp_path) as made:
        yield made


def join(services: Services, email: str = ADA, password: str = PASSWORD) -> str:
    """Choose a password; the secret of the session."""
    link = services.accounts.invite(email, "operator")
    return services.accounts.accept(link, password, Browser())[1]


def sign_in(
    services: Services, password: str = PASSWORD, email: str = ADA, client: str = CLIENT
) -> str:
    return services.accounts.sign_in(email, password, client, Browser())[1]


def works(services: Services, secret: str) -> bool:
    try:
        services.sessions.identify(secret)
    except NotSignedIn:
        return False
    return True


def test_the_first_administrator_comes_in_by_a_link(office: tuple[Services, Clock]) -> None:
    services, _ = office
    link = services.accounts.invite(ADA, "operator", administrator=True)
    assert services.accounts.invited(link).name == "Ada Field"
    session, secret = services.accounts.accept(link, PASSWORD, Browser("Firefox"))
    found = services.sessions.identify(secret)
    assert (found.session, found.standing.administrator) == (session, True)
    assert works(services, sign_in(services))


def test_everybody_else_becomes_a_member(office: tuple[Services, Clock]) -> None:
    services, _ = office
    assert services.sessions.identify(join(services)).standing == MEMBER


def test_a_link_works_once_and_for_a_day(office: tuple[Services, Clock]) -> None:
    services, clock = office
    old = services.accounts.invite(ADA, "operator")
    used = services.accounts.invite(ADA, "operator")
    services.accounts.accept(used, PASSWORD, Browser())
    late = services.accounts.invite(ADA, "operator")
    clock.forward(hours=23, minutes=59)
    services.accounts.invited(late)
    clock.forward(minutes=1)
    for link in (old, used, late, "", "nobody's", "\ud800"):
        with pytest.raises(NotFound, match="this link does not work, or no longer"):
            services.accounts.accept(link, PASSWORD, Browser())


def test_only_colleagues_of_the_directory_get_a_link(office: tuple[Services, Clock]) -> None:
    services, _ = office
    # Documents know an address of Dan, and say another one of Ada.
    list(services.capture.ingest([document("a", "Words.")]))
    from knowledge.types import Contributor, Role

    dan = Contributor("Dan Reed", Role.AUTHOR, email="dan@example.org")
    list(services.capture.ingest([document("b", "More words.", contributors=(dan,))]))
    for email in ("dan@example.org", "nobody@example.org", "no address", ""):
        with pytest.raises(InvalidInput, match="whoknows person import"):
            services.accounts.invite(email, "operator")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "eleven char",
        "x" * 201,
        "password1234",
        "Pass-Word 1234",
        "PasswordPassword99",
        "qwertyuiop12",
        "aaaaaaaaaaaaaaa",
        "ababababababab",
        "ada@example.org",
        "Ada.Field-2026!",
        "adafield123456",
    ],
)
def test_a_password_that_others_would_guess_is_not_taken(
    office: tuple[Services, Clock], password: str
) -> None:
    services, _ = office
    link = services.accounts.invite(ADA, "operator")
    with pytest.raises(InvalidInput, match="password"):
        services.accounts.accept(link, password, Browser())
    services.accounts.accept(link, PASSWORD, Browser())


@pytest.mark.parametrize(
    "password", ["twelve chars", "ß" * 5 + "wölf 🐺 herons", "y" + "xz1-" * 49]
)
def test_other_passwords_are(office: tuple[Services, Clock], password: str) -> None:
    services, _ = office
    join(services, password=password)
    assert works(services, sign_in(services, password))


def test_a_password_is_the_same_from_every_keyboard(office: tuple[Services, Clock]) -> None:
    services, _ = office
    join(services, password="gr\u00fcne Reiher im Schilf")
    assert works(services, sign_in(services, "gru\u0308ne Reiher im Schilf"))


def test_it_is_kept_as_argon2id_and_made_anew_with_other_parameters(
    office: tuple[Services, Clock],
) -> None:
    services, clock = office
    join(services)
    ada = services.merging.find(ADA)

    def kept() -> str:
        with services.database.read() as connection:
            return store.password_of(connection, ada) or ""

    assert kept().startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with services.database.write() as connection:
        store.set_password(connection, ada, weak, clock.now)
    with pytest.raises(NotSignedIn):
        sign_in(services, "another one")
    assert kept() == weak
    assert works(services, sign_in(services))
    assert kept().startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert works(services, sign_in(services))


def test_who_it_is_not_is_told_in_the_same_words(
    office: tuple[Services, Clock], monkeypatch: pytest.MonkeyPatch
) -> None:
    services, _ = office
    join(services)
    checked: list[str | None] = []
    real = passwords._HASHER.verify
    monkeypatch.setattr(
        type(passwords._HASHER),
        "verify",
        lambda self, told, password: checked.append(told) or real(told, password),
    )
    for email, password in (
        (ADA, "wrong password"),
        ("ben@example.org", PASSWORD),
        ("nobody@example.org", PASSWORD),
        ("no address", PASSWORD),
        (ADA, "\ud800"),
        (ADA, PASSWORD + "\x00"),
    ):
        with pytest.raises(NotSignedIn) as error:
            sign_in(services, password, email)
        assert str(error.value) == WRONG
    # As much work for an address that nobody has: a hash with the same parameters.
    assert len(checked) == 6
    assert {(told or "").rsplit("$", 2)[0] for told in checked} == {
        "$argon2id$v=19$m=19456,t=2,p=1"
    }


def test_who_is_disabled_is_out_and_comes_in_by_nothing(office: tuple[Services, Clock]) -> None:
    services, _ = office
    secret = join(services)
    link = services.accounts.invite(ADA, "operator")
    ada = services.merging.find(ADA)
    services.accounts.disable(ada, "operator")
    assert not works(services, secret)
    with pytest.raises(NotSignedIn, match=WRONG):
        sign_in(services)
    with pytest.raises(NotFound):
        services.accounts.accept(link, PASSWORD, Browser())
    with pytest.raises(InvalidInput, match="whoknows account enable"):
        services.accounts.invite(ADA, "operator")
    services.accounts.enable(ada, "operator")
    assert works(services, sign_in(services))


def test_another_password_ends_the_other_sessions(office: tuple[Services, Clock]) -> None:
    services, _ = office
    join(services)
    here, there = sign_in(services), sign_in(services)
    who = services.sessions.identify(here)
    with pytest.raises(NotAllowed, match="current password is wrong"):
        services.accounts.change_password(who, "wrong", "another long password", CLIENT)
    with pytest.raises(InvalidInput, match="between 12 and 200"):
        services.accounts.change_password(who, PASSWORD, "short", CLIENT)
    assert works(services, there)
    services.accounts.change_password(who, PASSWORD, "another long password", CLIENT)
    assert [works(services, one) for one in (here, there)] == [True, False]
    with pytest.raises(NotSignedIn):
        sign_in(services)
    assert works(services, sign_in(services, "another long password"))
    # A link is for who has forgotten it; all sessions end.
    again = join(services)
    assert [works(services, one) for one in (here, again)] == [False, True]


def guess(services: Services, email: str = ADA, client: str = CLIENT, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(NotSignedIn):
            sign_in(services, "a wrong password", email, client)


def test_who_guesses_waits_twice_as_long_each_time(office: tuple[Services, Clock]) -> None:
    services, clock = office
    join(services)
    guess(services, times=5)
    for seconds in (1, 2, 4, 8):
        with pytest.raises(TooMany) as error:
            sign_in(services)
        assert error.value.retry_after_s == seconds
        clock.forward(seconds=seconds)
        guess(services)
    clock.forward(hours=1)
    assert works(services, sign_in(services))
    guess(services, times=5)


def test_who_guesses_from_elsewhere_keeps_nobody_out(office: tuple[Services, Clock]) -> None:
    services, _ = office
    join(services)
    guess(services, client="198.51.100.1", times=5)
    with pytest.raises(TooMany):
        sign_in(services, client="198.51.100.1")
    assert works(services, sign_in(services))


def test_from_one_place_many_addresses_are_guessed_slowly_as_well(
    office: tuple[Services, Clock],
) -> None:
    services, clock = office
    join(services)
    for number in range(30):
        guess(services, f"user{number}@example.org")
    with pytest.raises(TooMany):
        sign_in(services)
    clock.forward(seconds=1)
    # One's own account does not wash the guesses clean.
    assert works(services, sign_in(services))
    guess(services, "user99@example.org")
    with pytest.raises(TooMany):
        guess(services, "user98@example.org")


def test_one_address_is_guessed_slowly_from_everywhere(office: tuple[Services, Clock]) -> None:
    services, _ = office
    join(services)
    for number in range(30):
        guess(services, client=f"198.51.100.{number}")
    with pytest.raises(TooMany):
        sign_in(services)


@pytest.mark.slow
def test_who_signed_in_lately_is_not_kept_out_by_others(office: tuple[Services, Clock]) -> None:
    services, clock = office
    join(services)
    assert works(services, sign_in(services))
    clock.forward(days=29)
    for number in range(30):
        guess(services, client=f"198.51.100.{number}")
    with pytest.raises(TooMany):
        sign_in(services, client="203.0.113.9")
    # Where they are known their own mistakes count, and no one else's.
    guess(services, times=5)
    with pytest.raises(TooMany):
        sign_in(services)
    clock.forward(seconds=1)
    assert works(services, sign_in(services))
    clock.forward(days=30, seconds=1)
    for number in range(30):
        guess(services, client=f"198.51.100.{number}")
    with pytest.raises(TooMany):
        sign_in(services)


def test_of_ipv6_what_somebody_has_as_a_whole_is_one_place(office: tuple[Services, Clock]) -> None:
    services, _ = office
    join(services)
    for number in range(5):
        guess(services, client=f"2001:db8:1:1::{number}")
    for client in ("2001:db8:1:1::99", "2001:DB8:1:1:ffff::"):
        with pytest.raises(TooMany):
            sign_in(services, client=client)
    assert works(services, sign_in(services, client="2001:db8:1:2::1"))


@pytest.mark.parametrize(
    ("client", "told"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_a_place_is_what_it_costs_to_come_from_elsewhere(client: str, told: str) -> None:
    assert place(client) == told


def test_what_failed_counts_half_after_each_hour(office: tuple[Services, Clock]) -> None:
    services, clock = office
    join(services)
    guess(services, times=5)
    for seconds in (1, 2, 4, 8, 16):
        clock.forward(seconds=seconds)
        guess(services)
    # Ten have failed; after an hour five, and one more lets the next wait two seconds.
    clock.forward(hours=1)
    guess(services)
    with pytest.raises(TooMany) as error:
        sign_in(services)
    assert error.value.retry_after_s == 2
    clock.forward(hours=2)
    guess(services, times=4)
    with pytest.raises(TooMany):
        sign_in(services)


@pytest.mark.slow
def test_signing_in_takes_nothing_off_and_puts_nothing_on_where_it_came_from(
    office: tuple[Services, Clock],
) -> None:
    services, clock = office
    join(services)
    for number in range(20):
        guess(services, f"user{number}@example.org")
    clock.forward(minutes=59)
    for _ in range(20):
        assert works(services, sign_in(services))
    clock.forward(minutes=1)
    # Ten are left of the twenty.
    for number in range(20):
        guess(services, f"user{number}@example.org")
    with pytest.raises(TooMany):
        guess(services, "user99@example.org")


def test_an_attempt_counts_before_it_is_looked_at(
    office: tuple[Services, Clock], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that many at once are no way around."""
    services, _ = office
    join(services)
    during: list[bool] = []

    def fits(*_: object) -> bool:
        if len(during) < 5:
            during.append(True)
            with pytest.raises((NotSignedIn, TooMany)):
                sign_in(services)
        return False

    monkeypatch.setattr(passwords, "fits", fits)
    with pytest.raises(NotSignedIn):
        sign_in(services)
    assert len(during) == 5
    with pytest.raises(TooMany):
        sign_in(services)


def test_what_is_refused_at_once_is_written_nowhere(office: tuple[Services, Clock]) -> None:
    services, _ = office
    join(services)
    guess(services, times=5)
    before = told(services)
    for _ in range(20):
        with pytest.raises(TooMany):
            sign_in(services)
    assert told(services) == before


def test_the_audit_tells_who_and_never_an_address(office: tuple[Services, Clock]) -> None:
    services, _ = office
    who = f"person:{services.merging.find(ADA)}"
    join(services)
    guess(services)
    guess(services, "nobody@example.org")
    assert [one for one in told(services) if one[1] != "directory-changed"] == [
        ("operator", "invited", who),
        (who, "password-set", who),
        (who, "signed-in", "session:1"),
        ("nobody", "sign-in-failed", who),
        ("nobody", "sign-in-failed", "nobody"),
    ]
    assert "example.org" not in repr(entries(services))
    assert PASSWORD not in repr(entries(services))


def test_accounts_are_listed_with_what_they_are(office: tuple[Services, Clock]) -> None:
    services, clock = office
    assert services.accounts.everybody() == []
    join(services)
    services.accounts.invite("ben@example.org", "operator")
    services.accounts.disable(services.merging.find(ADA), "operator")
    one, other = services.accounts.everybody()
    assert (one.person.name, one.password, one.disabled_since) == ("Ada Field", True, clock.now)
    assert (other.person.name, other.password) == ("Ben Osei", False)
    assert other.invited_until is not None
    assert services.accounts.has_password(one.person.id)
    assert not services.accounts.has_password(other.person.id)


def test_nobody_but_the_operator_puts_out_the_last_administrator(
    office: tuple[Services, Clock],
) -> None:
    services, _ = office
    ada, ben = (services.merging.find(f"{name}@example.org") for name in ("ada", "ben"))
    services.roles.grant(ada, AccountRole.ADMINISTRATOR, "operator")
    with pytest.raises(Conflict, match="only administrator"):
        services.accounts.disable(ada, f"person:{ada}")
    services.accounts.disable(ben, f"person:{ada}")
    services.roles.grant(ben, AccountRole.ADMINISTRATOR, "operator")
    # Who may not sign in is no administrator that is left.
    with pytest.raises(Conflict):
        services.accounts.disable(ada, f"person:{ada}")
    services.accounts.enable(ben, "operator")
    services.accounts.disable(ada, f"person:{ben}")
    services.accounts.disable(ben, "operator")
    assert [one.disabled_since is None for one in services.accounts.everybody()] == [False, False]

"""Access tokens: what they open, and that what no longer opens anything says always the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.services import Services
from knowledge.audit import Journal
from knowledge.errors import Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn
from knowledge.identity import AccountRole
from knowledge.later import Later
from knowledge.people import Profile
from knowledge.requests import RequestKey
from knowledge.tokens import Tokens
from knowledge.types import Principal, Scope
from tests.builders import disable, opened

ADA = Profile("Ada Field", "ada@example.org", groups=("ledger", "leads"))


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path / "data") as made:
        yield made


def test_a_person_s_token_reads_as_that_person_with_the_groups_of_now(services: Services) -> None:
    key = services.directory.put(ADA)
    token, secret = services.tokens.create("laptop", [Scope.SEARCH], email=" ADA@example.org")
    holder = services.tokens.identify(secret)
    assert holder.token == token
    assert holder.principal == Principal(key, frozenset({"ledger", "leads"}), signed_in=True)
    assert holder.person is not None
    assert holder.person.name == "Ada Field"

    services.directory.put(Profile("Ada Field", "ada@example.org", groups=("leads",)))
    assert services.tokens.identify(secret).principal.groups == {"leads"}


def test_a_service_s_token_is_signed_in_and_in_no_group(services: Services) -> None:
    _, secret = services.tokens.create("monitoring", [Scope.ADMIN])
    holder = services.tokens.identify(secret)
    assert holder.principal == Principal(signed_in=True)
    assert not holder.principal.operator
    assert holder.person is None


@pytest.mark.sqlite("looks into its files")
def test_only_the_digest_of_a_secret_is_on_the_disk(services: Services, tmp_path: Path) -> None:
    token, secret = services.tokens.create("laptop", [Scope.SEARCH])
    stored = b"".join(p.read_bytes() for p in (tmp_path / "data").iterdir() if p.is_file())
    assert secret.encode() not in stored
    assert secret.removeprefix("wk_").encode() not in stored
    assert hashlib.sha256(secret.encode()).hexdigest().encode() in stored
    assert secret.startswith("wk_")
    assert len(secret) == len("wk_") + 43  # 256 bits in base64url
    assert secret not in repr(token)


def test_unknown_expired_and_revoked_are_refused_in_the_same_words(services: Services) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    tokens = Tokens(services.database, lambda: now)
    _, expiring = tokens.create("old", [Scope.SEARCH], days=3)
    revoked, withdrawn = tokens.create("lost", [Scope.SEARCH])
    tokens.identify(withdrawn)
    tokens.revoke(revoked.id)
    now += timedelta(days=3, seconds=-1)
    tokens.identify(expiring)
    now += timedelta(seconds=1)
    said = set()
    for secret in (expiring, withdrawn, "wk_" + "a" * 43, "", "\ud800", "x" * 100_000):
        with pytest.raises(NotSignedIn) as caught:
            tokens.identify(secret)
        said.add(str(caught.value))
    assert len(said) == 1


def test_revoking_twice_keeps_the_first_time_and_an_unknown_one_is_named(
    services: Services,
) -> None:
    token, _ = services.tokens.create("lost", [Scope.SEARCH])
    services.tokens.revoke(token.id)
    ((first, _),) = services.tokens.all_of_them()
    services.tokens.revoke(token.id)
    ((again, _),) = services.tokens.all_of_them()
    assert first.revoked_at is not None
    assert again == first
    with pytest.raises(NotFound, match="no token 99"):
        services.tokens.revoke(99)


@pytest.mark.parametrize(
    ("name", "scopes", "email", "days", "said"),
    [
        (" ", [Scope.SEARCH], None, 90, "needs a name"),
        ("x" * 201, [Scope.SEARCH], None, 90, "200 characters"),
        ("x", [], None, 90, "at least one scope"),
        ("x", [Scope.SEARCH], None, 0, "not 0"),
        ("x", [Scope.SEARCH], None, 4000, "3650"),
        ("x", [Scope.SEARCH], "nobody@example.org", 90, "nobody@example.org"),
        ("x", [Scope.SEARCH], "", 90, "nobody with the address"),
    ],
)
def test_what_cannot_be_made_says_why(
    services: Services, name: str, scopes: list[Scope], email: str | None, days: int, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        services.tokens.create(name, scopes, email=email, days=days)
    assert services.tokens.all_of_them() == []


class Clock:
    """A time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 9, 30, 15, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def told(services: Services) -> list[tuple[str, str, str]]:
    """What the audit has of tokens, the oldest first."""
    entries = reversed(Journal(services.database).newest(100))
    tokens = [one for one in entries if one.subject.startswith("token:")]
    return [(one.actor, one.action, one.subject) for one in tokens]


def opens(tokens: Tokens, secret: str) -> bool:
    try:
        tokens.identify(secret)
    except NotSignedIn:
        return False
    return True


def test_a_token_of_one_s_own_does_what_its_maker_may_do_now(services: Services) -> None:
    key = services.directory.put(ADA)
    with pytest.raises(NotAllowed, match="import, admin"):
        services.tokens.create_own(key, "all", list(Scope))
    services.roles.grant(key, AccountRole.ADMINISTRATOR, "operator")
    token, secret = services.tokens.create_own(key, "all", list(Scope), 365)
    assert token.made_by == f"person:{key}"
    assert services.tokens.identify(secret).scopes == frozenset(Scope)
    services.roles.withdraw(key, AccountRole.ADMINISTRATOR, "operator")
    assert services.tokens.identify(secret).scopes == {Scope.SEARCH, Scope.CAPTURE}
    assert [row for row in told(services) if "token" in row[1]] == [
        (f"person:{key}", "token-made", f"token:{token.id}")
    ]


@pytest.mark.parametrize("days", [0, 366])
def test_one_s_own_lasts_a_year_at_most(services: Services, days: int) -> None:
    key = services.directory.put(ADA)
    with pytest.raises(InvalidInput, match=f"365 days, not {days}"):
        services.tokens.create_own(key, "x", [Scope.SEARCH], days)
    assert told(services) == []


def test_nobody_has_more_than_some_that_work(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.tokens.OWN_MOST", 2)
    key = services.directory.put(ADA)
    first, _ = services.tokens.create_own(key, "1", [Scope.SEARCH])
    services.tokens.create_own(key, "2", [Scope.SEARCH])
    with pytest.raises(Conflict, match="revoke some"):
        services.tokens.create_own(key, "3", [Scope.SEARCH])
    services.tokens.revoke(first.id, f"person:{key}", own=key)
    services.tokens.create_own(key, "3", [Scope.SEARCH])


def test_rotating_makes_no_more_than_that_either(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.tokens.OWN_MOST", 2)
    key = services.directory.put(ADA)
    first, _ = services.tokens.create_own(key, "1", [Scope.SEARCH])
    second, secret = services.tokens.create_own(key, "2", [Scope.SEARCH])
    with pytest.raises(Conflict, match="revoke some"):
        services.tokens.rotate(second.id, own=key)
    assert services.tokens.identify(secret).token == second
    services.tokens.rotate(second.id, own=key, overlap=timedelta())
    services.tokens.revoke(first.id, own=key)


def test_a_repeated_request_makes_no_second_one(services: Services) -> None:
    key = services.directory.put(ADA)
    request = RequestKey(f"person:{key}", "a", "f" * 64)
    services.tokens.create_own(key, "1", [Scope.SEARCH], key=request)
    with pytest.raises(Conflict, match="made token 1 before"):
        services.tokens.create_own(key, "1", [Scope.SEARCH], key=request)
    assert len(services.tokens.own(key, 10)) == 1


def test_rotating_leaves_the_old_one_for_a_while(services: Services) -> None:
    clock = Clock()
    tokens = Tokens(services.database, clock)
    key = services.directory.put(ADA)
    old, before = tokens.create_own(key, "laptop", [Scope.SEARCH], 30)
    clock.now += timedelta(days=20)
    new, after = tokens.rotate(old.id, own=key)
    assert (new.name, new.scopes, new.person_id, new.made_by, new.replaces) == (
        "laptop",
        old.scopes,
        key,
        old.made_by,
        old.id,
    )
    assert new.expires_at == clock.now + timedelta(days=30)
    clock.now += timedelta(hours=24, seconds=-1)
    assert (opens(tokens, before), opens(tokens, after)) == (True, True)
    clock.now += timedelta(seconds=1)
    assert (opens(tokens, before), opens(tokens, after)) == (False, True)
    assert told(services)[1:] == [(f"person:{key}", "token-rotated", f"token:{new.id}")]


def test_an_overlap_makes_no_token_last_longer_and_may_be_none(services: Services) -> None:
    clock = Clock()
    tokens = Tokens(services.database, clock)
    old, before = tokens.create("ci", [Scope.SEARCH], days=1)
    clock.now += timedelta(hours=20)
    new, after = tokens.rotate(old.id, overlap=timedelta(days=7))
    clock.now += timedelta(hours=4)
    assert (opens(tokens, before), opens(tokens, after)) == (False, True)
    _, last = tokens.rotate(new.id, overlap=timedelta())
    assert (opens(tokens, after), opens(tokens, last)) == (False, True)


def test_what_cannot_be_rotated_says_why(services: Services) -> None:
    clock = Clock()
    tokens = Tokens(services.database, clock)
    ada = services.directory.put(ADA)
    ben = services.directory.put(Profile("Ben Osei", "ben@example.org"))
    old, _ = tokens.create_own(ada, "laptop", [Scope.SEARCH])
    given, _ = tokens.create("robot", [Scope.ADMIN], email="ada@example.org")
    with pytest.raises(InvalidInput, match="7 days"):
        tokens.rotate(old.id, overlap=timedelta(days=8))
    with pytest.raises(InvalidInput, match="7 days"):
        tokens.rotate(old.id, overlap=timedelta(seconds=-1))
    for number, person in ((old.id, ben), (99, ada)):
        with pytest.raises(NotFound):
            tokens.rotate(number, own=person)
    # Its secret may never have been hers, and it may do what she may not.
    with pytest.raises(NotAllowed, match="the operator made"):
        tokens.rotate(given.id, own=ada)
    new, _ = tokens.rotate(old.id, own=ada)
    with pytest.raises(Conflict, match=f"rotate token {new.id}"):
        tokens.rotate(old.id, own=ada)
    tokens.revoke(new.id, own=ada)
    with pytest.raises(Conflict, match="make a new one"):
        tokens.rotate(new.id, own=ada)
    done = [row for row in told(services) if row[1] != "token-made"]
    assert [action for _, action, _ in done] == ["token-rotated", "token-revoked"]


def test_revoking_is_told_once_and_nobody_revokes_what_is_not_theirs(services: Services) -> None:
    ada = services.directory.put(ADA)
    ben = services.directory.put(Profile("Ben Osei", "ben@example.org"))
    token, secret = services.tokens.create("laptop", [Scope.SEARCH], email="ada@example.org")
    with pytest.raises(NotFound):
        services.tokens.revoke(token.id, f"person:{ben}", own=ben)
    assert opens(services.tokens, secret)
    for _ in range(2):
        services.tokens.revoke(token.id, f"person:{ada}", own=ada)
    assert not opens(services.tokens, secret)
    assert told(services)[1:] == [(f"person:{ada}", "token-revoked", f"token:{token.id}")]


def test_whoever_may_not_sign_in_any_more_has_no_token_that_works(services: Services) -> None:
    key = services.directory.put(ADA)
    _, secret = services.tokens.create("laptop", [Scope.SEARCH], email="ada@example.org")
    assert opens(services.tokens, secret)
    disable(services, key)
    with pytest.raises(NotSignedIn, match="the token is unknown, has expired or was revoked"):
        services.tokens.identify(secret)


def test_the_last_use_is_kept_to_the_minute_and_written_once_in_it(services: Services) -> None:
    clock, later = Clock(), Later(services.database)
    tokens = Tokens(services.database, clock, later)
    _, secret = tokens.create("laptop", [Scope.SEARCH])
    tokens.identify(secret)
    ((unused, _),) = tokens.all_of_them()
    later.flush()
    ((used, _),) = tokens.all_of_them()
    assert unused.last_used_at is None or unused == used  # its thread may have been as fast
    assert used.last_used_at == datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    written = []
    later.put = lambda key, _: written.append(key)  # type: ignore[method-assign]
    clock.now += timedelta(seconds=40)
    tokens.identify(secret)
    assert written == []
    clock.now += timedelta(seconds=10)
    tokens.identify(secret)
    assert written == [f"token {used.id}"]
    with pytest.raises(NotSignedIn):
        tokens.identify("wk_unknown")
    assert len(written) == 1
    later.close()


def test_a_list_is_of_one_s_own_or_of_all_with_whom_the_asker_sees(services: Services) -> None:
    ada = services.directory.put(ADA)
    services.directory.put(Profile("Ben Osei", "ben@example.org"))
    for number in range(3):
        services.tokens.create_own(ada, str(number), [Scope.SEARCH])
    services.tokens.create("ben's", [Scope.SEARCH], email="ben@example.org")
    assert [t.name for t in services.tokens.own(ada, 2)] == ["2", "1"]
    assert [t.name for t in services.tokens.own(ada, 2, below=2)] == ["0"]
    everybody = services.tokens.page(Principal(person_id=ada, signed_in=True), 10)
    assert [(t.name, p and p.name) for t, p in everybody[:2]] == [
        ("ben's", "Ben Osei"),
        ("2", "Ada Field"),
    ]
    assert everybody[0][1] is not None
    assert everybody[0][1].emails == ()
    assert [p for _, p in services.tokens.page(Principal(), 10)] == [None] * 4

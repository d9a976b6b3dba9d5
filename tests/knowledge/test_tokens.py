"""Access tokens: what they open, and that what no longer opens anything says always the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.services import Services
from knowledge.errors import InvalidInput, NotFound, NotSignedIn
from knowledge.people import Profile
from knowledge.tokens import Tokens
from knowledge.types import Principal, Scope
from tests.builders import opened

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

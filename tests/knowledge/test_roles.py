"""Who may do what."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.audit import Journal
from knowledge.errors import Conflict, InvalidInput, NotFound
from knowledge.identity import AccountRole
from knowledge.people import Profile
from knowledge.roles import MEMBER, Roles, Standing
from knowledge.types import Scope
from tests.builders import opened

CURATOR, ADMINISTRATOR = AccountRole.CURATOR, AccountRole.ADMINISTRATOR


def test_who_signs_in_searches_and_writes() -> None:
    assert MEMBER.scopes == {Scope.SEARCH, Scope.CAPTURE}
    assert not MEMBER.keeps("wiki")


def test_roles_add_up(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada = services.directory.put(Profile("Ada Field", "ada@example.org"))
        roles = Roles(services.database)
        roles.grant(ada, CURATOR, "operator", source="wiki")
        roles.grant(ada, CURATOR, "operator", topic="kilns")
        roles.grant(ada, CURATOR, "operator", source="wiki")
        standing = roles.of(ada)
        assert standing == Standing(False, frozenset({"wiki"}), frozenset({"kilns"}))
        assert standing.scopes == MEMBER.scopes | {Scope.IMPORT}
        assert (standing.keeps("wiki"), standing.keeps("handbook")) == (True, False)
        roles.grant(ada, ADMINISTRATOR, "operator")
        assert roles.of(ada).scopes == set(Scope)
        assert roles.of(ada).keeps("handbook")
        assert [one.person and one.person.name for one in roles.everybody()] == ["Ada Field"]
        roles.withdraw(ada, ADMINISTRATOR, "operator")
        roles.withdraw(ada, CURATOR, "operator", source="wiki")
        assert roles.of(ada).scopes == MEMBER.scopes
        told = [
            (one.action, one.subject, one.detail) for one in Journal(services.database).newest(9)
        ]
        assert told[0] == (
            "role-withdrawn",
            f"person:{ada}",
            {"role": "curator", "source": "wiki"},
        )
        assert len([one for one in told if one[0] != "directory-changed"]) == 5


def test_somebody_stays_an_administrator(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada = services.directory.put(Profile("Ada Field", "ada@example.org"))
        ben = services.directory.put(Profile("Ben Osei", "ben@example.org"))
        roles = Roles(services.database)
        for person in (ada, ben):
            roles.grant(person, ADMINISTRATOR, "operator")
        roles.withdraw(ben, ADMINISTRATOR, f"person:{ada}")
        with pytest.raises(Conflict, match="somebody has to be"):
            roles.withdraw(ada, ADMINISTRATOR, f"person:{ada}")
        assert roles.of(ada).administrator
        roles.withdraw(ada, ADMINISTRATOR, "operator")
        assert roles.of(ada) == MEMBER


def test_who_is_disabled_is_not_the_administrator_who_is_left(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada, ben = (
            services.directory.put(Profile(f"{name} X", f"{name}@example.org"))
            for name in ("ada", "ben")
        )
        for one in (ada, ben):
            services.roles.grant(one, ADMINISTRATOR, "operator")
        services.accounts.disable(ben, "operator")
        with pytest.raises(Conflict, match="somebody has to be"):
            services.roles.withdraw(ada, ADMINISTRATOR, f"person:{ada}")
        services.roles.withdraw(ben, ADMINISTRATOR, f"person:{ada}")


@pytest.mark.parametrize(
    ("role", "of"),
    [
        (CURATOR, {}),
        (CURATOR, {"source": "wiki", "topic": "kilns"}),
        (CURATOR, {"topic": "k" * 201}),
        (ADMINISTRATOR, {"source": "wiki"}),
    ],
)
def test_roles_that_mean_nothing(tmp_path: Path, role: AccountRole, of: dict[str, str]) -> None:
    with opened(tmp_path) as services:
        ada = services.directory.put(Profile("Ada Field", "ada@example.org"))
        with pytest.raises(InvalidInput):
            Roles(services.database).grant(ada, role, "operator", **of)


def test_nobody_has_no_role_to_lose(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        with pytest.raises(NotFound):
            Roles(services.database).grant(7, ADMINISTRATOR, "operator")
        with pytest.raises(NotFound):
            Roles(services.database).withdraw(7, ADMINISTRATOR, "operator")

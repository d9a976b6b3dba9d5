"""Imports end when their owner may not do any more what they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.services import Services
from knowledge.audit import Journal
from knowledge.identity import AccountRole
from knowledge.imports import Order
from knowledge.jobs import Gone, Import, ImportState, Options
from knowledge.people import Profile
from knowledge.roles import EVERYTHING, Standing
from knowledge.types import Scope
from tests.builders import opened
from tests.knowledge.test_imports import hand_in, report, run, stored, zipped

pytestmark = pytest.mark.usefixtures("warm_readers")

CURATOR, ADMINISTRATOR = AccountRole.CURATOR, AccountRole.ADMINISTRATOR
FILES = {f"{number}.md": f"# Page {number}\n\nKilns cool." for number in range(4)}
WIKI = Standing(sources=frozenset({"wiki"}))


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path) as made:
        made.directory.put(Profile("Ada Field", "ada@example.org"))
        made.roles.grant(1, CURATOR, "operator", source="wiki")
        yield made


def ended(services: Services, job: Import, why: str) -> bool:
    """Whether it was ended, told as such, and nothing is left of its file."""
    found = report(services, job, job.owner)[0]
    assert (found.state, found.stored_as) == (ImportState.CANCELLED, None)
    assert found.error is not None
    assert why in found.error
    told = Journal(services.database).newest(1)[0]
    assert (told.actor, told.action, told.subject) == (
        "nobody",
        "import-cancelled",
        f"import:{job.id}",
    )
    return not services.imports.spool.path(job.id).exists() and not services.imports.unfinished()


def disabled(services: Services) -> None:
    services.accounts.disable(1, "operator")


def withdrawn(services: Services) -> None:
    services.roles.withdraw(1, CURATOR, "operator", source="wiki")


ENDS = pytest.mark.parametrize(
    ("deed", "why"), [(disabled, "may not sign in"), (withdrawn, "into this source")]
)


@ENDS
def test_what_waits_does_not_begin(
    services: Services, deed: Callable[[Services], None], why: str
) -> None:
    job = hand_in(services.imports, zipped(FILES), Order("wiki.zip"), standing=WIKI)
    deed(services)
    assert run(services)
    assert ended(services, job, why)
    assert stored(services) == {}


@ENDS
def test_what_runs_stops_at_its_next_input(
    services: Services,
    deed: Callable[[Services], None],
    why: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("knowledge.importing._EVERY_S", 0.0)
    long = {name: text + " They crack when hurried." * 1000 for name, text in FILES.items()}
    job = hand_in(services.imports, zipped(long), Order("wiki.zip"), standing=WIKI)

    def stopping() -> bool:
        if stored(services) and not services.imports.stops(job):
            deed(services)
        return False

    assert run(services, stopping)
    assert ended(services, job, why)
    assert 0 < len(report(services, job)[1]) < len(FILES)


@ENDS
def test_what_is_gone_is_not_put_away_then(
    services: Services,
    deed: Callable[[Services], None],
    why: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hand_in(services.imports, zipped(FILES), Order("wiki.zip"), standing=WIKI)
    run(services)
    left = {name: text for name, text in FILES.items() if name != "3.md"}
    order = Order("wiki.zip", options=Options(full=True, gone=Gone.ARCHIVE))
    job = hand_in(services.imports, zipped(left), order, standing=WIKI)
    told = services.imports.report

    def reported(*given: object) -> None:
        told(*given)  # type: ignore[arg-type]
        deed(services)
        monkeypatch.setattr(services.imports, "report", told)

    monkeypatch.setattr(services.imports, "report", reported)
    run(services)
    assert ended(services, job, why)
    assert set(stored(services)) == set(FILES)


def test_what_is_one_s_own_needs_no_role(services: Services) -> None:
    job = hand_in(services.imports, zipped(FILES), Order("wiki.zip"))
    withdrawn(services)
    run(services)
    assert report(services, job)[0].state is ImportState.DONE


def test_what_a_token_hands_in_ends_with_it(services: Services) -> None:
    token, _ = services.tokens.create("robot", [Scope.IMPORT])
    owner = f"token:{token.id}"
    first = hand_in(services.imports, zipped(FILES), Order("w.zip"), owner)
    run(services)
    assert report(services, first, owner)[0].state is ImportState.DONE
    job = hand_in(services.imports, zipped(FILES), Order("v.zip"), owner)
    services.tokens.revoke(token.id)
    run(services)
    assert ended(services, job, "was revoked")


@pytest.mark.parametrize("email", [None, "ada@example.org"])
def test_what_the_operator_gave_to_a_token_it_may_import(
    services: Services, email: str | None
) -> None:
    token, _ = services.tokens.create("robot", list(Scope), email=email)
    owner = "person:1" if email else f"token:{token.id}"
    job = hand_in(services.imports, zipped(FILES), Order("pages.zip"), owner, EVERYTHING)
    assert job.source == "pages"
    run(services)
    assert report(services, job, owner)[0].state is ImportState.DONE
    job = hand_in(services.imports, zipped(FILES), Order("pages.zip"), owner, EVERYTHING)
    services.tokens.revoke(token.id)
    run(services)
    assert ended(services, job, "into this source" if email else "was revoked")

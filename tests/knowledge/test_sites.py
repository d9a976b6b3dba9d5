"""Other sites: what their keys open, from where, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.services import Services
from knowledge.audit import Journal
from knowledge.errors import Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn
from knowledge.later import Later
from knowledge.people import Profile
from knowledge.requests import RequestKey
from knowledge.sites import Plan, Sites, origin_of
from knowledge.types import ANYONE, Principal
from tests.builders import disable, document, opened
from tests.knowledge.vouchers import NOW, planned, public, signed

HERE, THERE = "https://intranet.example.org", "https://wiki.example.org:8443"
PLAN = Plan("Intranet", (HERE, THERE))


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path / "data") as made:
        yield made


@pytest.fixture
def sites(services: Services) -> Sites:
    return Sites(services.database, lambda: NOW)


def told(services: Services) -> list[tuple[str, str, str]]:
    """What the audit has, the oldest first."""
    entries = Journal(services.database).newest(100)
    return [(one.actor, one.action, one.subject) for one in reversed(entries)]


def test_a_key_opens_what_is_public_from_its_origins_alone(sites: Sites) -> None:
    site = sites.create(PLAN, "person:1")
    assert site.key.startswith("wks_")
    assert len(site.key) == len("wks_") + 43  # 256 bits in base64url
    for origin in (HERE, THERE):
        visitor = sites.identify(site.key, origin)
        assert (visitor.site, visitor.principal, visitor.person) == (site, ANYONE, None)


def test_every_key_that_does_not_work_is_refused_in_the_same_words(sites: Sites) -> None:
    site = sites.create(PLAN, "operator")
    other = sites.create(Plan("Other", ("https://other.example.org",)), "operator")
    sites.revoke(other.id, "operator")
    said = set()
    for key, origin in [
        (site.key, None),
        (site.key, ""),
        (site.key, "null"),
        (site.key, "https://other.example.org"),
        (site.key, "https://intranet.example.org:443"),
        (site.key, "https://intranet.example.org/"),
        (site.key, "https://intranet.example.org.evil.example"),
        (site.key, "https://evil.intranet.example.org"),
        (site.key, "http://intranet.example.org"),
        (site.key, "https://wiki.example.org"),
        (site.key, "HTTPS://INTRANET.EXAMPLE.ORG"),
        (site.key, f"{HERE}, {THERE}"),
        (site.key, "*"),
        (site.key[:-1], HERE),
        (site.key.upper(), HERE),
        ("", HERE),
        ("%", HERE),
        (other.key, "https://other.example.org"),
    ]:
        with pytest.raises(NotSignedIn) as caught:
            sites.identify(key, origin)
        said.add(str(caught.value))
    assert len(said) == 1


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://intranet.example.org", "https://intranet.example.org"),
        (" HTTPS://Intranet.Example.org ", "https://intranet.example.org"),
        ("https://intranet.example.org:443", "https://intranet.example.org"),
        ("https://intranet.example.org:8443", "https://intranet.example.org:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(given: str, origin: str) -> None:
    assert origin_of(given) == origin


@pytest.mark.parametrize(
    "given",
    [
        "",
        "*",
        "null",
        "https://*",
        "https://*.example.org",
        "https://",
        "intranet.example.org",
        "//intranet.example.org",
        "https://intranet.example.org/",
        "https://intranet.example.org/wiki",
        "https://intranet.example.org?",
        "https://intranet.example.org?a=b",
        "https://intranet.example.org#",
        "https://intranet.example.org#a",
        "https://ada@intranet.example.org",
        "https://@intranet.example.org",
        "https://intranet.example.org:",
        "https://intranet.example.org:0443",
        "https://intranet.example.org:99999",
        "https://intranet.example.org:port",
        "https://intranet example.org",
        "https://intra\tnet.example.org",
        "https://bücher.example",
        "https:intranet.example.org",
        "https://[::1",
        "http://intranet.example.org",
        "http://localhost.example.org",
        "http://127.0.0.1.example.org",
        "ftp://intranet.example.org",
        "file:///etc/passwd",
        "javascript://intranet.example.org",
        "chrome-extension://abcdef",
    ],
)
def test_what_is_no_safe_origin_is_refused(given: str) -> None:
    with pytest.raises(InvalidInput, match="origin"):
        origin_of(given)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Plan(" ", (HERE,)), "needs a name"),
        (Plan("x" * 201, (HERE,)), "200 characters"),
        (Plan("x", ()), "between 1 and 20 origins"),
        (Plan("x", tuple(f"https://a{n}.example" for n in range(21))), "between 1 and 20"),
        (Plan("x", (HERE,), planned("ES256")["algorithm"]), "together"),
        (Plan("x", (HERE,), None, public("ES256")), "together"),
        (Plan("x", (HERE,), planned("ES256")["algorithm"], public("RS256")), "no key for ES256"),
    ],
)
def test_what_cannot_be_made_says_why_and_leaves_no_entry(
    services: Services, sites: Sites, plan: Plan, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        sites.create(plan, "operator")
    assert (sites.all_of_them(), told(services)) == ([], [])


def test_a_site_changes_and_ends(services: Services, sites: Sites) -> None:
    site = sites.create(PLAN, "person:1")
    changed = sites.change(site.id, Plan("Wiki", (THERE, THERE)), "person:2")
    assert (changed.key, changed.name, changed.origins) == (site.key, "Wiki", (THERE,))
    assert sites.get(site.id) == changed
    sites.change(site.id, Plan("Wiki", (THERE,)), "person:2")  # says nothing new
    with pytest.raises(NotSignedIn):
        sites.identify(site.key, HERE)
    assert (sites.knows(HERE), sites.knows(THERE)) == (False, True)
    for _ in range(2):
        sites.revoke(site.id, "person:3")
    assert not sites.knows(THERE)
    with pytest.raises(NotSignedIn):
        sites.identify(site.key, THERE)
    with pytest.raises(Conflict, match="make a new one"):
        sites.change(site.id, PLAN, "person:2")
    for missing in (lambda: sites.get(9), lambda: sites.revoke(9, ""), lambda: _change(sites)):
        with pytest.raises(NotFound):
            missing()
    assert told(services) == [
        ("person:1", "site-made", "site:1"),
        ("person:2", "site-changed", "site:1"),
        ("person:3", "site-revoked", "site:1"),
    ]


@pytest.mark.parametrize("by", ["person:1", "token:1"])
def test_only_the_operator_says_who_may_vouch_for_everybody(
    services: Services, sites: Sites, by: str
) -> None:
    services.directory.put(Profile("Ada Field", "ada@example.org"))
    mine = Plan("Mine", (HERE,), **planned("ES256"))
    with pytest.raises(NotAllowed, match="only the operator"):
        sites.create(mine, by)
    plain = sites.create(Plan("Plain", (HERE,)), by)
    with pytest.raises(NotAllowed, match="only the operator"):
        sites.change(plain.id, mine, by)
    signs = sites.create(Plan("Signs", (HERE, THERE), **planned("ES256")), "operator")
    for plan, said in (
        (Plan("Signs", (HERE,), **planned("RS256")), "leave out the algorithm"),
        (Plan("Signs", (HERE, "https://evil.example")), "further origins"),
        (Plan("Signs", ("https://evil.example",), **planned("ES256")), "further origins"),
    ):
        with pytest.raises(NotAllowed, match=said):
            sites.change(signs.id, plan, by)
    assert sites.get(signs.id) == signs
    for plan in (Plan("Fewer", (THERE,)), Plan("Fewer", (THERE,), **planned("ES256"))):
        fewer = sites.change(signs.id, plan, by)
        assert (fewer.name, fewer.origins) == ("Fewer", (THERE,))
        assert (fewer.algorithm, fewer.public_key) == (signs.algorithm, signs.public_key)
    assert sites.identify(signs.key, THERE, signed(signs)).person
    again = sites.change(signs.id, Plan("Signs", (HERE,), **planned("RS256")), "operator")
    assert again.algorithm == planned("RS256")["algorithm"]


def _change(sites: Sites) -> object:
    return sites.change(9, PLAN, "operator")


def test_a_repeated_request_makes_one_and_there_is_an_end(
    sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = RequestKey("person:1", "a", "f" * 64)
    assert sites.create(PLAN, "person:1", key) == sites.create(PLAN, "person:1", key)
    monkeypatch.setattr("knowledge.sites.MOST", 1)
    with pytest.raises(Conflict, match="revoke some"):
        sites.create(PLAN, "person:1")
    sites.revoke(1, "person:1")
    sites.create(PLAN, "person:1")


def test_whom_the_site_vouches_for_reads_with_the_groups_of_our_directory(
    services: Services, sites: Sites
) -> None:
    ada = services.directory.put(Profile("Ada Field", "ada@example.org", groups=("ledger",)))
    site = sites.create(Plan("Intranet", (HERE,), **planned("ES256")), "operator")
    proof = signed(site, groups=["vault"], roles=["admin"])
    visitor = sites.identify(site.key, HERE, proof)
    assert visitor.principal == Principal(ada, frozenset({"ledger"}), signed_in=True)
    assert visitor.person is not None
    assert visitor.person.name == "Ada Field"
    with pytest.raises(NotSignedIn):
        sites.identify(site.key, THERE, proof)


def test_nobody_else_is_vouched_for(services: Services, sites: Sites) -> None:
    services.directory.put(Profile("Ada Field", "ada@example.org"))
    ben = services.directory.put(Profile("Ben Osei", "ben@example.org"))
    site = sites.create(Plan("Intranet", (HERE,), **planned("ES256")), "operator")
    other = sites.create(Plan("Other", (HERE,), **planned("ES256")), "operator")
    disable(services, ben)
    said = set()
    for proof in (
        signed(site, sub="ben@example.org"),
        signed(site, sub="nobody@example.org"),
        signed(site, sub="Ada Field"),
        signed(site, sub="ada@example.org", email="nobody@example.org"),
        signed(other),
        signed(site, NOW - timedelta(hours=1)),
        "x",
        "",
    ):
        with pytest.raises(NotSignedIn) as caught:
            sites.identify(site.key, HERE, proof)
        said.add(str(caught.value))
    assert len(said) == 1


def test_an_address_that_only_a_document_knows_vouches_for_nobody(
    services: Services, sites: Sites
) -> None:
    (outcome,) = services.capture.ingest([document("a", "By Ada, at an address of her own.")])
    assert outcome.document_id
    site = sites.create(Plan("Intranet", (HERE,), **planned("ES256")), "operator")
    with pytest.raises(NotSignedIn):
        sites.identify(site.key, HERE, signed(site))
    services.directory.put(Profile("Ada Field", "ada@example.org"))
    assert sites.identify(site.key, HERE, signed(site)).person


def test_the_last_use_is_kept_to_the_minute(services: Services) -> None:
    later = Later(services.database)
    sites = Sites(services.database, lambda: NOW + timedelta(seconds=20), later)
    site = sites.create(PLAN, "operator")
    sites.identify(site.key, HERE)
    later.flush()
    assert sites.get(site.id).last_used_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    written: list[str] = []
    later.put = lambda key, _: written.append(key)  # type: ignore[method-assign]
    sites.identify(site.key, HERE)
    assert written == []
    later.close()

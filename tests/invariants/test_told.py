"""The audit is told of each deed once, of none that was refused, and of nothing that is secret."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api import logs
from api.app import create_app
from api.auth.tokens import TokenDoor
from api.metrics import Metrics
from api.services import Services
from knowledge import backup, handover, telling
from knowledge.asked import GapState
from knowledge.audit import Action, Entry, Journal
from knowledge.drafts import Draft
from knowledge.editing import Editor
from knowledge.errors import WhoknowsError
from knowledge.guides import TextKind
from knowledge.identities import Claims, Identities, Trust
from knowledge.identity import AccountRole, Objection
from knowledge.imports import Order
from knowledge.jobs import Action as Wish
from knowledge.merging import By
from knowledge.people import Profile
from knowledge.sessions import Browser, Lifetimes
from knowledge.sites import Plan
from knowledge.speakers import Who
from knowledge.store import gaps, people
from knowledge.types import OPERATOR, Audience, Kind, Principal, Scope
from tests.api.commands import in_this_process
from tests.builders import document, opened
from tests.knowledge.vouchers import planned, signed

ADA = "person:1"
HERE = "https://intranet.example.org"
PLAN = Plan("Intranet", (HERE,))


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path / "data") as made:
        for name in ("Ada Field", "Ben Osei"):
            made.directory.put(Profile(name, f"{name[:3].lower()}@example.org"))
        assert len(list(made.capture.ingest([document("1", "The kiln cools.")]))) == 1
        yield made


def told(services: Services) -> list[Entry]:
    """What the audit has since the directory listed two, the oldest first."""
    services.later.flush()
    return Journal(services.database).newest(1000)[::-1][2:]


def an_import(services: Services, text: bytes = b"# A\n\nB.") -> Any:
    with services.imports.receive() as upload:
        upload.write(text)
        return services.imports.create(upload, Order("a.md"), ADA)


def run(services: Services) -> None:
    """What the worker does, now."""
    services.runner(lambda: False).run(services.imports.unfinished()[0])


def cancelled(services: Services) -> Any:
    return services.imports.act(an_import(services).id, ADA, Wish.CANCEL)


def cancelled_while_it_ran(services: Services) -> Any:
    begun = services.imports.begin(an_import(services))
    assert begun is not None
    services.imports.act(begun[0].id, ADA, Wish.CANCEL)
    return services.imports.obey(begun[0])


def imported(services: Services) -> Any:
    an_import(services)
    run(services)


def unreadable(services: Services) -> Any:
    an_import(services, b"\0\1\2")
    run(services)


def narrowed(services: Services) -> Any:
    return services.capture.set_audience(1, Audience.of("group:vault"), by=ADA)


def narrowed_by_its_source(services: Services) -> Any:
    given = document("1", "The kiln cools.", audience=Audience.of("group:vault"))
    return list(services.capture.ingest([given]))


def merged(services: Services) -> Any:
    gone = services.capture.ingest([document("2", "x", contributors=())])
    assert len(list(gone)) == 1
    cleo = services.directory.put(Profile("Cleo Marsh", "cleo@example.org"))
    return services.merging.merge(1, cleo, force=True)


def unmerged(services: Services) -> Any:
    return services.merging.unmerge(merged(services).id)


def token(services: Services) -> int:
    return services.tokens.create("x", [Scope.SEARCH])[0].id


def site(services: Services) -> int:
    return services.sites.create(PLAN, ADA).id


def curator(services: Services) -> None:
    services.roles.grant(1, AccountRole.CURATOR, ADA, source="wiki")


def not_curator(services: Services) -> None:
    curator(services)
    services.roles.withdraw(1, AccountRole.CURATOR, ADA, source="wiki")


def backed_up(services: Services) -> Any:
    return backup.write(services.database, services.settings.storage.data / "b.zip")


def restored(services: Services) -> Any:
    backed_up(services)
    file = services.settings.storage.data / "b.zip"
    return backup.restore(services.database, file, replace=True)


def listed(services: Services) -> int:
    return services.directory.put(Profile("Cleo Marsh", "cleo@example.org", groups=("kilns",)))


def regrouped(services: Services) -> int:
    with services.database.write() as connection:
        people.set_profile(connection, 1, groups=["a", "b"])
    return services.directory.put(Profile("Ada Field", "ada@example.org", groups=("b", "c")))


def claimed(services: Services, *groups: str, address: str = "ada@example.org") -> Any:
    lifetimes = Lifetimes.of(services.settings.auth)
    trusting = Identities(services.database, lifetimes, Trust(directory=True))
    told = frozenset(groups or {"kilns"})
    claims = Claims("https://idp.example.org", address, address, "Cleo Marsh", told)
    return trusting.sign_in(claims, "127.0.0.1", Browser())


def assigned(services: Services) -> Any:
    talk = document("talk", "**Speaker 1:** The kiln is hot.", kind=Kind.TRANSCRIPT)
    key = services.capture.save(talk).document_id or 0
    editor = Editor(OPERATOR, admin=True)
    return services.speakers.assign(key, "Speaker 1", Who(2), editor, ADA, everywhere=True)


def settled(services: Services) -> Any:
    services.privacy.object_to(services.principal("ada@example.org"), 1, Objection.NOT_ME)
    return services.disputes.settle(1, 1, Editor(OPERATOR, admin=True, name=ADA))


def a_gap(services: Services) -> int:
    with services.database.write() as connection:
        return gaps.add(connection, "kiln", GapState.OPEN, "searches", datetime.now(UTC))


def reopened(services: Services) -> Any:
    number, editor = a_gap(services), Editor(OPERATOR, True, ADA)
    services.gaps.dismiss(number, editor)
    return services.gaps.reopen(number, editor)


def entrusted(services: Services) -> Any:
    services.topics.refresh()
    return services.stewardship.change(1, OPERATOR, ADA, name="Kilns", steward_id=1)


def handed_over(services: Services) -> int:
    ada = Editor(services.principal("ada@example.org"), name=ADA)
    return services.handing_over.hand_over(1, [handover.Wish(handover.Thing.DOCUMENT, 1, 2)], ada)


def replaced(services: Services) -> Any:
    newer = services.capture.save(document("newer", "The kiln cools.")).document_id or 0
    return services.succession.supersede(1, newer, Editor(OPERATOR, True, ADA))


def made_of_two(services: Services) -> Any:
    ada = Editor(services.principal("ada@example.org"), name=ADA)
    everyone = Audience.of("everyone")
    two = [
        services.editing.create(Draft(one, one, Kind.NOTE, (), None, everyone, None), ada)
        for one in ("Kiln", "Oven")
    ]
    return services.succession.merge(*two, "Both", "Kiln and oven", ada)


def ingested(services: Services, *options: str) -> Any:
    """As the operator does it from the shell."""
    data = services.settings.storage.data
    (data.parent / "pages").mkdir(exist_ok=True)
    (data.parent / "pages" / "a.md").write_text("# A\n\nB.")
    environment = {"WHOKNOWS_DATA": str(data), "WHOKNOWS_EMBEDDER": "hashing"}
    if services.settings.storage.database_url is not None:
        environment["WHOKNOWS_DATABASE_URL"] = services.settings.storage.database_url
    done = in_this_process(["ingest", str(data.parent / "pages"), *options], environment)
    assert done.returncode == 0


DEEDS: dict[Callable[[Services], Any], Action] = {
    an_import: Action.IMPORT_BEGUN,
    imported: Action.IMPORTED,
    unreadable: Action.IMPORTED,
    cancelled: Action.IMPORT_CANCELLED,
    cancelled_while_it_ran: Action.IMPORT_CANCELLED,
    narrowed: Action.ACCESS_CHANGED,
    narrowed_by_its_source: Action.ACCESS_CHANGED,
    merged: Action.PEOPLE_MERGED,
    unmerged: Action.PEOPLE_UNMERGED,
    token: Action.TOKEN_MADE,
    site: Action.SITE_MADE,
    curator: Action.ROLE_GRANTED,
    not_curator: Action.ROLE_WITHDRAWN,
    backed_up: Action.BACKED_UP,
    restored: Action.RESTORED,
    listed: Action.DIRECTORY_CHANGED,
    regrouped: Action.DIRECTORY_CHANGED,
    claimed: Action.DIRECTORY_CHANGED,
    assigned: Action.SPEAKER_ASSIGNED,
    settled: Action.DISPUTE_SETTLED,
    lambda s: s.gaps.dismiss(a_gap(s), Editor(OPERATOR, True, ADA)): Action.GAP_DISMISSED,
    reopened: Action.GAP_REOPENED,
    entrusted: Action.TOPIC_CHANGED,
    lambda s: s.care.pass_on(1, 2, Editor(OPERATOR, True, ADA)): Action.OWNER_CHANGED,
    ingested: Action.IMPORTED,
    handed_over: Action.HANDED_OVER,
    lambda s: s.handing_over.undo(handed_over(s), Editor(OPERATOR, True, ADA)): (
        Action.HANDOVER_UNDONE
    ),
    replaced: Action.REPLACED,
    made_of_two: Action.MERGED,
    lambda s: s.editing.delete(1, Editor(OPERATOR, True, ADA)): Action.DELETED,
    lambda s: s.tokens.create_own(1, "x", [Scope.SEARCH]): Action.TOKEN_MADE,
    lambda s: s.tokens.rotate(token(s)): Action.TOKEN_ROTATED,
    lambda s: s.tokens.revoke(token(s)): Action.TOKEN_REVOKED,
    lambda s: s.sites.change(site(s), Plan("Wiki", (HERE,)), ADA): Action.SITE_CHANGED,
    lambda s: s.sites.revoke(site(s), ADA): Action.SITE_REVOKED,
    lambda s: s.jargon.add("k8s", "kubernetes", by=ADA): Action.SYNONYM_ADDED,
    lambda s: s.guides.put("x", TextKind.GUIDE, "x", "y", ADA): Action.TEXT_CHANGED,
    lambda s: s.jargon.remove(s.jargon.add("a", "b").id, ADA): Action.SYNONYM_REMOVED,
    lambda s: s.merging.distinguish(1, 2): Action.PEOPLE_DISTINGUISHED,
    lambda s: s.denials.tell(ADA, "GET /metrics"): Action.DENIED,
}


@pytest.mark.parametrize(
    "deed", DEEDS, ids=[f"{action.value} {n}" for n, action in enumerate(DEEDS.values())]
)
def test_a_deed_is_told_once(services: Services, deed: Callable[[Services], Any]) -> None:
    deed(services)
    entries = [one for one in told(services) if one.action == DEEDS[deed]]
    assert len(entries) == 1
    assert entries[0].actor in (ADA, "operator", "provider")
    assert Journal(services.database).verify().problem == ""


NOT_TOLD: dict[str, Callable[[Services], Any]] = {
    "a token without a name": lambda s: s.tokens.create(" ", [Scope.SEARCH]),
    "a token that is not there": lambda s: s.tokens.revoke(99),
    "a site without origins": lambda s: s.sites.create(Plan("x", ()), ADA),
    "a role of nobody": lambda s: s.roles.grant(99, AccountRole.ADMINISTRATOR, ADA),
    "a synonym of itself": lambda s: s.jargon.add("a", "A"),
    "a synonym that is not there": lambda s: s.jargon.remove(99),
    "a merge of one": lambda s: s.merging.merge(1, 1),
    "a merge of colleagues": lambda s: s.merging.merge(
        1, 2, By(Principal(signed_in=True), "token:1")
    ),
    "a distinction of one": lambda s: s.merging.distinguish(1, 1),
    "an import of nothing known": lambda s: s.imports.act("0" * 32, ADA, Wish.CANCEL),
    "a document that is not there": lambda s: s.capture.set_audience(99, Audience.of("public")),
    "a gap that is not there": lambda s: s.gaps.dismiss(99, Editor(OPERATOR, True, ADA)),
    "a gap of a colleague": lambda s: s.gaps.dismiss(a_gap(s), Editor(OPERATOR, False, ADA)),
    "a deletion of none": lambda s: s.capture.delete(99),
    "a colleague without an address": lambda s: s.directory.put(Profile("X", "x", groups=("a",))),
    "a speaker who does not speak": lambda s: s.speakers.assign(
        1, "X", Who(2), Editor(OPERATOR, True), ADA
    ),
    "a dispute that is not there": lambda s: s.disputes.settle(1, 1, Editor(OPERATOR, True, ADA)),
    "a topic that is not there": lambda s: s.stewardship.change(9, OPERATOR, ADA, name="x"),
    "a document of nobody": lambda s: s.care.pass_on(1, 99, Editor(OPERATOR, True, ADA)),
    "a backup over a file": lambda s: backup.write(s.database, s.settings.storage.data),
    "a restore of nothing": lambda s: backup.restore(s.database, Path("/nothing")),
}


@pytest.mark.parametrize("deed", NOT_TOLD.values(), ids=NOT_TOLD)
def test_what_was_refused_is_not_told(services: Services, deed: Callable[[Services], Any]) -> None:
    before = told(services)
    with pytest.raises(WhoknowsError):
        deed(services)
    assert told(services) == before


def test_what_changes_nothing_is_not_told(services: Services) -> None:
    for _ in range(2):
        list(services.capture.ingest([document("1", "The kiln cools.")]))
        services.capture.set_audience(1, Audience.of("everyone"), by=ADA)
        services.directory.put(Profile("Ada Field", "ada@example.org", team="Kilns", groups=()))
    assert told(services) == []


def test_who_came_into_a_group_and_left_one_is_told(services: Services) -> None:
    listed(services)
    regrouped(services)
    claimed(services, "kilns", "ovens")
    claimed(services, "kilns", "ovens")
    claimed(services, "kilns")
    claimed(services, address="dan@example.org")
    assert [
        (one.actor, one.subject, one.detail)
        for one in told(services)
        if one.action == Action.DIRECTORY_CHANGED
    ] == [
        ("operator", "person:3", {"added": ["kilns"], "removed": [], "listed": True}),
        ("operator", ADA, {"added": ["c"], "removed": ["a"]}),
        ("provider", ADA, {"added": ["kilns", "ovens"], "removed": []}),
        ("provider", ADA, {"added": [], "removed": ["ovens"]}),
        ("provider", "person:4", {"added": [], "removed": [], "listed": True}),
        ("provider", "person:4", {"added": ["kilns"], "removed": []}),
    ]


def test_who_is_said_to_speak_is_told_without_the_label(services: Services) -> None:
    assigned(services)
    (entry,) = told(services)
    assert (entry.subject, entry.detail) == ("document:2", {"who": "person:2"})


def test_what_the_operator_brings_in_is_counted_and_a_dry_run_is_not(services: Services) -> None:
    ingested(services)
    begun, ended = told(services)
    assert begun.subject == ended.subject
    assert (ended.detail["state"], ended.detail["added"]) == ("done", 1)
    ingested(services, "--dry-run")
    assert len(told(services)) == 2
    with pytest.raises(RuntimeError), telling.by_operator(services.journal, dict):
        raise RuntimeError
    assert told(services)[-1].detail["state"] == "failed"
    with pytest.raises(KeyboardInterrupt), telling.by_operator(services.journal, dict):
        raise KeyboardInterrupt
    assert told(services)[-1].action == Action.IMPORT_CANCELLED


def test_the_report_of_an_import_is_counted(services: Services) -> None:
    imported(services)
    begun, ended = told(services)
    assert begun.subject == ended.subject
    assert begun.detail == {"dry_run": False}
    assert (ended.detail["state"], ended.detail["added"]) == ("done", 1)


def test_a_restore_tells_of_the_chain_that_it_replaced(services: Services) -> None:
    backed_up(services)
    token(services)
    entries, seal = Journal(services.database).head()
    assert entries == 4
    file = services.settings.storage.data / "b.zip"
    backup.restore(services.database, file, replace=True)
    (last,) = told(services)
    assert last.detail["replaced_entries"] == 4
    assert last.detail["replaced_seal"] == seal


CANARY = "zanzibarcanary"


class Lines(logging.Handler):
    """Everything that is logged, as the service would write it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logs.JsonLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == "httpx2":
            return  # the client's, which knows what it asks for
        self.lines.append(self.format(record))


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What is logged from the level on that a service logs."""
    handler, root = Lines(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler.lines
    root.setLevel(before)
    root.removeHandler(handler)


def test_no_secret_no_query_and_no_title_is_logged_measured_or_told(
    services: Services, lines: list[str]
) -> None:
    app = create_app(services, TokenDoor(services.tokens))
    client = TestClient(app, raise_server_exceptions=False)
    _, secret = services.tokens.create(CANARY, list(Scope), email="ada@example.org")
    made = services.sites.create(Plan(CANARY, (HERE,), **planned("ES256")), "operator")
    proof = signed(made, sub=f"{CANARY}@example.org")
    held = {"Authorization": f"Bearer {secret}"}
    there = {"X-Site-Key": made.key, "Origin": HERE}
    body = {"title": CANARY, "body": CANARY, "tags": [CANARY]}
    asked: list[tuple[str, str, dict[str, str], Any]] = [
        ("GET", f"/api/v1/search?q={CANARY}", held, None),
        ("GET", f"/api/v1/search?q={CANARY}&kind={CANARY}", held, None),
        ("GET", f"/?q={CANARY}", held, None),
        ("GET", f"/{CANARY}?{CANARY}={secret}", held, None),
        ("GET", f"/api/v1/documents/{CANARY}", held, None),
        ("GET", f"/static/{CANARY}/{CANARY}", {}, None),
        ("GET", f"/api/v1/suggest?q={CANARY}", there, None),
        ("GET", f"/api/v1/search?q={CANARY}&explain=true", there, None),
        ("GET", "/api/v1/search?q=x", there | {"Authorization": f"Bearer {proof}"}, None),
        ("GET", "/api/v1/search?q=x", {"Authorization": f"Bearer wk_{CANARY}"}, None),
        ("GET", "/api/v1/search?q=x", there | {"Origin": f"https://{CANARY}.example"}, None),
        ("GET", "/livez", {"X-Request-ID": f"{secret} {CANARY}"}, None),
        ("POST", "/api/v1/documents", held, body),
        ("POST", "/api/v1/documents", held, body | {CANARY: secret}),
        ("POST", "/api/v1/documents", {}, body),
        ("POST", "/api/v1/synonyms", held, {"term": CANARY, "meaning": f"{CANARY} x"}),
        ("POST", "/api/v1/sites", held, {"name": CANARY, "origins": [HERE]}),
        ("POST", "/api/v1/tokens", held, {"name": CANARY, "scopes": ["search"]}),
        ("DELETE", "/api/v1/tokens/all/1", held, None),
    ]
    answers = [
        client.request(method, path, headers=headers, json=given)
        for method, path, headers, given in asked
    ]
    # Before the last one it worked: what is looked for was there to be told.
    assert {answer.status_code for answer in answers} >= {200, 201, 204, 401, 403, 404, 422}
    services.queries.flush()
    digest = hashlib.sha256(secret.encode()).hexdigest()
    journal = json.dumps([(e.actor, e.action, e.subject, e.detail) for e in told(services)])
    metrics: Metrics = app.state.metrics
    assert len(lines) >= len(asked)
    assert len(told(services)) >= 6
    for where, text in (
        ("log", "\n".join(lines)),
        ("audit", journal),
        ("metrics", metrics.exposition().decode()),
        ("errors", "".join(a.text for a in answers if a.status_code in (401, 403, 404))),
    ):
        for what in (CANARY, secret, secret.removeprefix("wk_"), digest, made.key, proof):
            assert what not in text, f"{what[:12]}… is in the {where}"

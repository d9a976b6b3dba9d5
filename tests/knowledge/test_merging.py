"""One person of two, and two of one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from api.services import Services
from indexer.search.results import Request
from knowledge.capture import Terms
from knowledge.drafts import draft
from knowledge.editing import Editor
from knowledge.errors import Conflict, InvalidInput, NotAllowed, NotFound, Stale
from knowledge.identity import Objection
from knowledge.imports import Order
from knowledge.merging import By
from knowledge.people import Profile
from knowledge.queries import terms
from knowledge.requests import RequestKey
from knowledge.store import copies, documents, people, privacy
from knowledge.store.tables import queries
from knowledge.types import (
    OPERATOR,
    Audience,
    Contributor,
    Kind,
    Principal,
    Role,
    Scope,
    SourceDocument,
)
from tests.builders import document, opened

ADA = Contributor("Ada Field", Role.AUTHOR, email="ada@example.org")
FIELD = Contributor("A. Field", Role.AUTHOR, handle="afield", weight=3.0)
SPOKEN = Terms(speakers_consented=True)
LOG = ("state", "changes", "merges", "distinctions", "requests", "audit", "audit_head")


def by(person_id: int | None, *groups: str) -> By:
    """An administrator over HTTP."""
    return By(Principal(person_id, frozenset(groups), signed_in=True), f"person:{person_id}")


def page(key: str, *makers: Contributor, **changes: Any) -> SourceDocument:
    body = changes.pop("body", f"The kestrel of {key} hovers above the meadow.")
    return document(key, body, contributors=makers, **changes)


TALK = page(
    "talk",
    Contributor("Ada Field", Role.SPEAKER, email="ada@example.org"),
    Contributor("A. Field", Role.SPEAKER, handle="afield", label="AF"),
    Contributor("Zoe Quill", Role.SPEAKER),
    kind=Kind.TRANSCRIPT,
    body="**Ada Field:** The heron waits.\n\n**AF:** So it does.\n\n**Zoe Quill:** Yes.",
)


def rows(services: Services) -> dict[str, list[str]]:
    """Everything but logs, and when documents were stored."""
    with services.database.read() as connection:
        return {
            name: sorted(
                json.dumps({k: v for k, v in row.items() if k != "stored_at"}, sort_keys=True)
                for row in copies.rows(connection, name)
            )
            for name in copies.names()
            if name not in LOG
        }


def two(services: Services) -> tuple[int, int]:
    """Ada of the directory, and A. Field of the wiki, who may be her."""
    ada = services.directory.put(Profile("Ada Field", "ada@example.org", groups=("ops",)))
    held = [page("a", ADA), page("b", FIELD), page("both", ADA, FIELD), TALK]
    assert not [o for o in services.capture.ingest(held, SPOKEN) if o.reason]
    with services.database.read() as connection:
        other = people.by_handle(connection, "wiki", "afield")
    assert other is not None
    assert other != ada
    return ada, other


def makers(services: Services, key: str) -> dict[tuple[str, str], tuple[int, float]]:
    with services.database.read() as connection:
        held = documents.load_all(connection, OPERATOR).values()
    (found,) = [d for d in held if d.external_id == key]
    return {(c.name, c.role.value): (c.person_id, c.weight) for c in found.contributions}


def ranked(services: Services, question: str) -> dict[int, set[str]]:
    found = services.pipeline.search(Request(question, people_limit=10), OPERATOR).people
    with services.database.read() as connection:
        names = {d.id: d.external_id for d in documents.load_all(connection, OPERATOR).values()}
    return {hit.person.id: {names[e.document_id] for e in hit.evidence} for hit in found}


def test_every_process_ranks_one_person_with_both_evidences(tmp_path: Path) -> None:
    with opened(tmp_path) as services, opened(tmp_path) as other:
        ada, field = two(services)
        before = ranked(other, "who knows about the kestrel of the meadow")
        assert "b" not in before[ada]
        assert before[field] >= {"b", "both"}
        made = services.merging.merge(ada, field)
        after = ranked(other, "who knows about the kestrel of the meadow")
        assert after[ada] == {"a", "b", "both"}
        assert field not in after
        assert other.index.verify() == []
        assert makers(services, "both") == {("Ada Field", "author"): (ada, 4.0)}
        services.merging.unmerge(made.id)
        assert ranked(other, "who knows about the kestrel of the meadow") == before
        assert other.index.verify() == []


@pytest.mark.parametrize("order", ["first in, first out", "last in, first out"])
def test_undoing_restores_everything(tmp_path: Path, order: str) -> None:
    with opened(tmp_path) as services:
        ada, field = two(services)
        third = Contributor("Adah", Role.AUTHOR, handle="adah", weight=7.0)
        editor = replace(third, role=Role.EDITOR)
        for key, who in (
            ("c", (editor, FIELD)),
            ("all", (third, FIELD, ADA)),
            ("without", (third, FIELD)),
            ("mine", (replace(ADA, name="A. Field"),)),
        ):
            services.capture.save(page(key, *who))
        with services.database.read() as connection:
            adah = people.by_handle(connection, "wiki", "adah") or 0
        before = rows(services)
        made = [services.merging.merge(ada, one).id for one in (field, adah)]
        assert rows(services) != before
        assert makers(services, "all") == {("Ada Field", "author"): (ada, 11.0)}
        services.capture.set_audience(8, Audience.of("group:ops"))
        services.capture.set_audience(8, Audience.of("everyone"))
        before["audiences"] = rows(services)["audiences"]
        before["audience_tokens"] = rows(services)["audience_tokens"]
        for key in made if order.startswith("first") else made[::-1]:
            services.merging.unmerge(key)
        assert rows(services) == before
        assert services.index.verify() == []


def test_rights_of_both_are_one_and_are_two_again(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada, _ = two(services)
        services.directory.put(
            Profile("Ada Marsh", "marsh@example.org", groups=("hr", "ops"), consent_written=False)
        )
        marsh = services.merging.find("marsh@example.org")
        assert services.merging.find(f" {marsh}") == marsh
        services.capture.save(page("own", ADA, audience=Audience.of(f"person:{marsh}")))
        _, secret = services.tokens.create("t", [Scope.SEARCH], email="marsh@example.org")
        upload = services.imports.receive()
        upload.write(b"# Page")
        job = services.imports.create(upload, Order("a.md", dry_run=True), f"person:{marsh}")
        upload.close()
        with pytest.raises(Conflict, match="not finished"):
            services.merging.merge(ada, marsh, force=True)
        services.imports.finish(job)
        before = rows(services)
        with pytest.raises(Conflict, match=r"hr.*named in.*token.*imported.*--force"):
            services.merging.merge(ada, marsh)
        assert rows(services) == before
        made = services.merging.merge(ada, marsh, force=True)
        holder = services.tokens.identify(secret).principal
        assert holder.person_id == ada
        assert holder.groups == {"hr", "ops"}
        assert services.principal("marsh@example.org") == holder
        own = services.pipeline.search(Request("kestrel of own"), holder).answers[0]
        assert own.document.external_id == "own"
        assert services.imports.get(job.id, f"person:{ada}")
        with services.database.read() as connection:
            assert not people.get(connection, ada).consent_written
            assert marsh not in people.listed(connection)
        services.merging.unmerge(made.id)
        assert rows(services) == before
        assert services.principal("ada@example.org").parts == frozenset()
        assert services.tokens.identify(secret).principal.groups == {"hr", "ops"}


def test_a_right_that_ended_meanwhile_does_not_come_back(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        one = services.directory.put(Profile("Ada Field", "ada@example.org", groups=("ops",)))
        two = services.directory.put(Profile("A. Field", "a@example.org", groups=("hr", "law")))
        made = services.merging.merge(one, two, force=True)
        services.directory.put(Profile("Ada Field", "ada@example.org", groups=("ops", "law")))
        services.merging.unmerge(made.id)
        assert services.principal("ada@example.org").groups == {"ops"}
        assert services.principal("a@example.org").groups == {"law"}


def test_a_consent_that_was_given_meanwhile_is_kept(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada = Profile("Ada Field", "ada@example.org", consent_spoken=True)
        one = services.directory.put(ada)
        two = services.directory.put(Profile("A. Field", "a@example.org", consent_written=False))
        made = services.merging.merge(one, two, force=True)
        with services.database.read() as connection:
            held = people.get(connection, one)
        assert (held.consent_written, held.consent_spoken) == (False, False)
        services.directory.put(Profile("Ada Field", "ada@example.org", consent_spoken=False))
        services.merging.unmerge(made.id)
        with services.database.read() as connection:
            held = people.get(connection, one)
        assert (held.consent_written, held.consent_spoken) == (True, False)


def test_what_a_page_alone_knows_takes_nobodys_consent_away(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada, field = two(services)
        services.directory.put(Profile("Ada Field", "ada@example.org", consent_spoken=True))
        services.merging.merge(ada, field)
        with services.database.read() as connection:
            assert people.get(connection, ada).consent_spoken


def test_what_an_import_wrote_anew_is_not_taken_apart_by_guessing(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada, field = two(services)
        made = services.merging.merge(ada, field)
        services.capture.save(page("both", ADA, body="A kestrel of Ada's alone."))
        services.merging.unmerge(made.id)
        assert makers(services, "both") == {("Ada Field", "author"): (ada, 1.0)}
        assert services.index.verify() == []


@pytest.mark.parametrize("who", [FIELD, Contributor("a.  field", Role.AUTHOR)])
def test_later_imports_land_on_who_was_kept_and_after_undoing_do_not(
    tmp_path: Path, who: Contributor
) -> None:
    with opened(tmp_path) as services:
        ada, field = two(services)
        made = services.merging.merge(ada, field)
        for key, source in (("b", "wiki"), ("e", "talks")):
            services.capture.save(page(key, who, source=source, body="Another kestrel."))
            assert {one for one, _ in makers(services, key).values()} == {ada}
        with services.database.read() as connection:
            assert people.documents_of(connection, field) == []
        services.merging.unmerge(made.id)
        with services.database.read() as connection:
            assert len(people.documents_of(connection, field)) == 4
        services.capture.save(page("b", who, body="A third kestrel."))
        assert {key for key, _ in makers(services, "b").values()} == {field}
        assert services.index.verify() == []


def test_a_chain_is_one_person_and_is_undone_from_its_end(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada, field = two(services)
        services.capture.save(page("c", Contributor("Adah", Role.AUTHOR, handle="adah")))
        with services.database.read() as connection:
            adah = people.by_handle(connection, "wiki", "adah") or 0
        first = services.merging.merge(adah, field)
        second = services.merging.merge(ada, adah)
        assert [one.kept.id for one in services.merging.standing()] == [ada, ada]
        services.capture.save(page("d", FIELD))
        assert {key for key, _ in makers(services, "d").values()} == {ada}
        with pytest.raises(Conflict, match=f"undo merge {second.id} first"):
            services.merging.unmerge(first.id)
        services.merging.unmerge(second.id)
        services.merging.unmerge(first.id)
        assert {key for key, _ in makers(services, "c").values()} == {adah}
        assert {key for key, _ in makers(services, "b").values()} == {field}


def test_what_cannot_be_merged_says_why(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada, field = two(services)
        merging = services.merging
        before = rows(services)
        with pytest.raises(InvalidInput, match="these are one"):
            merging.merge(ada, ada)
        for pair in ((ada, 99), (99, ada)):
            with pytest.raises(NotFound):
                merging.merge(*pair)
        with pytest.raises(Conflict, match="other way round"):
            merging.merge(field, ada, force=True)
        with pytest.raises(NotFound):
            merging.find("nobody@example.org")
        with pytest.raises(NotFound):
            merging.unmerge(1)
        assert rows(services) == before
        made = merging.merge(ada, field)
        with pytest.raises(Conflict, match=f"{field} is part of {ada} already"):
            merging.merge(ada, field)
        with pytest.raises(InvalidInput, match="one person"):
            merging.distinguish(ada, field)
        merging.unmerge(made.id)
        with pytest.raises(NotFound, match="undone already"):
            merging.unmerge(made.id)
        assert merging.standing() == []
        assert rows(services) == before


def test_an_administrator_opens_nothing_by_merging(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada, field = two(services)
        boss = services.directory.put(Profile("Bo Li", "bo@example.org", groups=("board",)))
        secret = Audience.of("group:board")
        quill = Contributor("Quirina Vask", Role.AUTHOR, handle="qv")
        services.capture.save(page("s", quill, audience=secret))
        services.capture.save(page("mine", FIELD, audience=Audience.of("group:ops")))
        with services.database.read() as connection:
            hidden = people.by_handle(connection, "wiki", "qv") or 0
        merging = services.merging
        before = rows(services)
        me, admin = by(field), by(boss, "board")
        # Somebody of whom only hidden pages know, whoever they are merged with.
        for pair in ((ada, hidden), (hidden, ada)):
            with pytest.raises(NotFound, match="no such person"):
                merging.merge(*pair, by=by(boss))
        with pytest.raises(NotAllowed, match="themselves"):
            merging.merge(ada, field, by=me)
        with pytest.raises(NotAllowed, match="person merge --force"):
            merging.merge(ada, boss, by=by(None), force=True)
        assert rows(services) == before
        made = merging.merge(ada, field, by=admin)
        assert made.by == f"person:{boss}"
        with pytest.raises(NotAllowed, match="themselves"):
            merging.unmerge(made.id, by=by(ada))
        services.capture.save(page("t", Contributor("Q.", Role.AUTHOR), audience=secret))
        with services.database.read() as connection:
            (unknown,) = people.by_name(connection, "q.")
        other = merging.merge(hidden, unknown)
        assert [one.id for one in merging.standing(by(boss))] == [made.id]
        for refused in (merging.unmerge, merging.get):
            with pytest.raises(NotFound, match=f"no merge {other.id}"):
                refused(other.id, by=by(boss))


@pytest.mark.parametrize("name", ["Bo Li", "Ada Field"])
def test_an_address_that_a_merge_brought_opens_nobodys_doors(tmp_path: Path, name: str) -> None:
    with opened(tmp_path) as services:
        ada = services.directory.put(Profile("Ada Field", "ada@example.org"))
        who = Contributor(name, Role.AUTHOR, email="bo@example.org")
        services.capture.save(page("x", who))
        made = services.merging.merge(ada, services.merging.find("bo@example.org"))
        row = Profile(name, "bo@example.org", groups=("hr",))
        with pytest.raises(InvalidInput, match=f"unmerge {made.id}"):
            services.directory.put(row)
        assert services.principal("ada@example.org").groups == frozenset()
        moved = replace(row, name="Ada Field", groups=("ops",), other_emails=("ada@example.org",))
        assert services.directory.put(moved) == ada
        assert services.directory.put(replace(moved, other_emails=())) == ada
        services.merging.unmerge(made.id)
        assert services.directory.put(row) != ada
        assert services.principal("bo@example.org").groups == {"hr"}
        assert services.principal("ada@example.org").groups == {"ops"}
        with services.database.read() as connection:
            assert people.get(connection, ada).address is None


def test_the_directory_may_list_whom_pages_made_one(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        makers = [Contributor(n, Role.AUTHOR, email=f"{n[0]}@x.org") for n in ("Ada F", "Bo F")]
        services.capture.save(page("x", *makers))
        one, other = (services.merging.find(f"{letter}@x.org") for letter in "ab")
        services.merging.merge(one, other)
        with pytest.raises(InvalidInput, match="unmerge 1"):
            services.directory.put(Profile("Cleo Marsh", "b@x.org"))
        assert services.directory.put(Profile("Bo F", "b@x.org", groups=("ops",))) == one


def test_a_change_that_began_before_is_not_lost_in_it(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada, _ = two(services)
        bo = services.directory.put(Profile("Bo Li", "bo@example.org"))
        written = draft(title="T", body="kestrels", kind=Kind.NOTE, audience=[["everyone"]])
        writer = Editor(Principal(bo, signed_in=True))
        prepare = services.capture._prepare

        def meanwhile(items, known):  # type: ignore[no-untyped-def]
            services.capture._prepare = prepare
            services.merging.merge(ada, bo, force=True)
            return prepare(items, known)

        services.capture._prepare = meanwhile
        key = services.editing.create(written, writer)
        assert {c.person_id for c in services.editing.show(key, writer).document.contributions} == {
            ada
        }
        services.merging.unmerge(1)
        old = services.editing.show(2, Editor(OPERATOR)).version
        services.merging.merge(ada, services.merging.find("bo@example.org"), force=True)
        services.merging.unmerge(2)
        with services.database.read() as connection:
            field = people.by_handle(connection, "wiki", "afield") or 0
        services.merging.merge(ada, field)
        with pytest.raises(Stale):
            services.editing.delete(2, Editor(OPERATOR, admin=True), frozenset({old}))


def test_a_repeated_request_merges_once(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada, field = two(services)
        key = RequestKey("operator", "k", "0" * 64)
        made = services.merging.merge(ada, field, key=key)
        assert services.merging.merge(ada, field, key=key) == made
        assert len(services.merging.standing()) == 1
        key = RequestKey("operator", "l", "0" * 64)
        services.merging.unmerge(made.id)
        for _ in range(2):
            services.merging.distinguish(field, ada, key=key)


@pytest.mark.parametrize("action", ["merge", "unmerge"])
def test_a_fault_at_any_statement_leaves_all_or_nothing(tmp_path: Path, action: str) -> None:
    with opened(tmp_path) as services:
        ada, field = two(services)
        if action == "unmerge":
            services.merging.merge(ada, field)
        perform: Callable[[], object] = {
            "merge": lambda: services.merging.merge(ada, field),
            "unmerge": lambda: services.merging.unmerge(1),
        }[action]
        with services.database.read() as connection:
            logs = [list(copies.rows(connection, name)) for name in LOG]
        before = rows(services)
        countdown = [0]

        def fail(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if statement.split(maxsplit=1)[0] in ("INSERT", "UPDATE", "DELETE"):
                countdown[0] -= 1
                if countdown[0] == 0:
                    raise KeyError("injected")

        event.listen(services.database._writer, "before_cursor_execute", fail)
        for at in range(1, 200):
            countdown[0] = at
            try:
                perform()
            except KeyError:
                assert rows(services) == before
                with services.database.read() as connection:
                    assert [list(copies.rows(connection, name)) for name in LOG] == logs
            else:
                break
        assert at > 10
        assert rows(services) != before


def test_times_are_kept_to_the_microsecond(tmp_path: Path) -> None:
    at = datetime(2026, 5, 4, 12, 30, 1, 17, UTC)
    with opened(tmp_path) as services:
        ada, field = two(services)
        later = [
            Contributor(c.name, c.role, c.email, c.handle, at=at.replace(second=second))
            for second, c in enumerate((ADA, FIELD))
        ]
        services.capture.save(page("both", *later))
        before = rows(services)
        made = services.merging.merge(ada, field)
        services.merging.unmerge(made.id)
        assert rows(services) == before


def test_the_review_shows_what_the_asker_may_see(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada, field = two(services)
        admin = by(services.directory.put(Profile("Bo Li", "bo@example.org")))
        secret = Contributor("Ada Field", Role.AUTHOR, email="ada.field@hidden.example")
        services.capture.save(page("s", secret, audience=Audience.of("group:hr")))
        hidden = services.merging.find("ada.field@hidden.example")
        assert {(p.kept.id, p.other.id) for p in services.merging.review()} == {
            (ada, hidden),
            (ada, field),
            (field, hidden),
        }
        (pair,) = services.merging.review(admin)
        assert (pair.kept.id, pair.other.id) == (ada, field)
        assert pair.kept.addresses == ("ada@example.org",)
        assert (pair.kept.documents, pair.other.documents) == (3, 3)
        assert pair.other.handles == ()
        assert services.merging.review(By(Principal(), "anyone")) == []
        services.merging.distinguish(field, ada, admin)
        assert services.merging.review(admin) == []
        with pytest.raises(NotFound):
            services.merging.distinguish(ada, hidden, admin)
        made = services.merging.merge(ada, hidden)
        assert services.merging.review() == []
        services.merging.unmerge(made.id)
        assert {(p.kept.id, p.other.id) for p in services.merging.review()} == {(field, hidden)}


def test_two_who_become_one_count_as_one_asker(tmp_path: Path) -> None:
    with opened(tmp_path / "data") as services:
        ids = [services.directory.put(Profile(f"P{n} Q", f"p{n}@example.org")) for n in range(5)]
        for person in ids:
            services.search(Request("kiln"), Principal(person, signed_in=True))
        services.queries.flush()
        with services.database.read() as connection:
            assert [term.askers for term in terms(connection)] == [5]
        # Asked before they became one, and written after.
        services.search(Request("kiln"), Principal(ids[1], signed_in=True))
        merge = services.merging.merge(ids[0], ids[1], force=True)
        services.search(Request("kiln"), Principal(ids[0], signed_in=True))
        services.queries.flush()
        with services.database.read() as connection:
            assert terms(connection) == []
            assert [term.askers for term in terms(connection, at_least=4)] == [4]
        # Two again: what they asked as one is neither's, so nobody counts twice.
        services.merging.unmerge(merge.id)
        services.search(Request("kiln"), Principal(ids[1], signed_in=True))
        services.queries.flush()
        with services.database.read() as connection:
            assert [term.askers for term in terms(connection, at_least=1)] == [4]
            asked = connection.execute(select(queries.c.asker)).scalars().all()
        assert (len(asked), asked.count(None)) == (8, 4)


def test_what_was_withdrawn_meanwhile_is_withdrawn_for_both(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada, field = two(services)
        with services.database.read() as connection:
            ids = {d.external_id: d.id for d in documents.load_all(connection, OPERATOR).values()}
        before, until = (datetime.now(UTC) + timedelta(days=days) for days in (1, 2))
        services.privacy.decide(ada, topics=["owls"], paused_until=before)
        # What she refused before is hers alone.
        services.privacy.decide(ada, consents={"consent_spoken": False})
        made = services.merging.merge(ada, field)
        services.privacy.hide_topic(ada, "kestrels")
        services.privacy.decide(ada, consents={"consent_written": False}, paused_until=until)
        me = Principal(ada, signed_in=True)
        for key in ("a", "b"):
            services.privacy.object_to(me, ids[key], Objection.HIDDEN)
        services.merging.unmerge(made.id)
        told = {one: services.privacy.decisions(one) for one in (ada, field)}
        assert told[ada].consents == {"consent_written": False, "consent_spoken": False}
        assert told[field].consents == {"consent_written": False, "consent_spoken": None}
        assert told[ada].topics == ("kestrels", "owls")
        assert told[field].topics == ("kestrels",)
        assert [told[one].person.paused_until for one in (ada, field)] == [until, until]
        with services.database.read() as connection:
            every = list(ids.values())
            objected = {one: set(privacy.objected(connection, one, every)) for one in told}
        assert objected == {ada: {ids["a"], ids["b"]}, field: {ids["b"]}}


def test_what_was_decided_before_a_merge_stays_whose_it_was(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada, field = two(services)
        until = datetime.now(UTC) + timedelta(days=1)
        refused: dict[str, bool | None] = {"consent_written": False, "consent_spoken": False}
        services.privacy.decide(ada, topics=["owls"], consents=refused, paused_until=until)
        before = rows(services)
        services.merging.unmerge(services.merging.merge(ada, field).id)
        assert rows(services) == before

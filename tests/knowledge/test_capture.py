"""Storing documents: what is written, what is left alone, what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select, update

from api.services import Services
from knowledge.capture import Outcome, Status, Terms, reprepare
from knowledge.errors import IndexDamaged, InvalidInput, NotFound, UnreadableExport
from knowledge.store import documents, passages
from knowledge.store import sources as source_queries
from knowledge.store.tables import passages as passages_table
from knowledge.store.tables import revisions, sources, vectors
from knowledge.types import (
    EVERYONE,
    OPERATOR,
    Audience,
    Contributor,
    Kind,
    Principal,
    ReadFailure,
    Role,
    SourceDocument,
)
from tests.builders import document, opened

BODY = "\n\n".join(
    f"## Part {part}\n\n" + " ".join(f"{word}{part}" for word in ["ledger", "backup"] * 45)
    for part in range(6)
)


def count(services: Services, table: object) -> int:
    with services.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def test_the_same_again_writes_and_embeds_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        first = services.capture.save(document("a", BODY))
        before = (count(services, revisions), count(services, vectors))
        again = services.capture.save(document("a", BODY))
        assert first.embedded > 3
        assert (again.status, again.embedded) == ("unchanged", 0)
        assert (count(services, revisions), count(services, vectors)) == before
        assert services.index.catch_up() == 1


def test_a_change_embeds_only_what_changed_and_keeps_the_other_ids(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        services.capture.save(document("a", BODY))
        with services.database.read() as connection:
            before = set(passages.live_ids(connection))
        outcome = services.capture.save(document("a", BODY.replace("ledger3", "invoice3")))
        with services.database.read() as connection:
            after = set(passages.live_ids(connection))
        assert (outcome.status, outcome.embedded) == ("changed", 1)
        assert len(before - after) == len(after - before) == 1
        assert count(services, revisions) == 2


def test_new_metadata_is_a_change_without_a_revision(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        services.capture.save(document("a", BODY))
        outcome = services.capture.save(document("a", BODY, tags=("money",)))
        assert (outcome.status, outcome.embedded) == ("changed", 0)
        assert count(services, revisions) == 1


def test_contributors_are_named_by_role_and_then_as_they_are_written(tmp_path: Path) -> None:
    told = [("Eve", "editor"), ("Zoe", "author"), ("Ann", "author"), ("Eve", "author")]
    made = tuple(
        Contributor(name, Role(role), weight=9.0 - number)
        for number, (name, role) in reversed(list(enumerate(told)))
    )
    with opened(tmp_path) as services:
        services.capture.save(document("first", "text", contributors=made[::-1]))
        for order in (made, made[::-1]):
            outcome = services.capture.save(document("second", "text", contributors=order))
            with services.database.read() as connection:
                held = documents.get(connection, outcome.document_id or 0, OPERATOR)
            written = [c.name for c in order if c.role is Role.AUTHOR]
            assert [c.name for c in held.contributions] == [*written, "Eve"]


def test_passages_are_ranges_of_the_body_as_it_came(tmp_path: Path) -> None:
    body = "\ufeff# Übung 🎈\r\n\r\nErste Zeile.\r\n\r\n" + BODY
    with opened(tmp_path) as services:
        saved = services.capture.save(document("a", body))
        assert saved.document_id is not None
        with services.database.read() as connection:
            assert documents.body(connection, saved.document_id, OPERATOR) == body
            for passage, vector in passages.of_documents(
                connection, [saved.document_id], services.embedder.identity
            ):
                assert passage.text == body[passage.start : passage.end]
                assert vector is not None


def test_a_deleted_document_leaves_no_text_and_no_vector(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        saved = services.capture.save(document("a", BODY))
        twin = services.capture.save(document("b", BODY, title="Page a"))
        assert saved.document_id is not None
        assert twin.embedded == 0
        services.capture.delete(saved.document_id)
        assert count(services, vectors) > 0
        services.capture.delete(twin.document_id or 0)
        for table in (vectors, passages_table, revisions):
            assert count(services, table) == 0
        with pytest.raises(NotFound):
            services.capture.delete(saved.document_id)


def test_ids_are_never_used_again(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        first = services.capture.save(document("a", "one"))
        services.capture.delete(first.document_id or 0)
        second = services.capture.save(document("a", "one"))
        assert second.document_id != first.document_id
        with services.database.read() as connection:
            assert passages.live_ids(connection) == [2]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"body": " \n"}, "no text"),
        ({"body": "a\x00b"}, "NUL"),
        ({"body": "lone \ud800 surrogate"}, "surrogate"),
        ({"title": " "}, "no title"),
        ({"external_id": "x" * 1001}, "longer than"),
    ],
)
def test_bad_documents_are_refused_by_name_and_good_ones_land(
    tmp_path: Path, bad: dict[str, str], reason: str
) -> None:
    with opened(tmp_path) as services:
        wrong = replace(document("bad", "text"), **bad)  # type: ignore[arg-type]
        items = [
            document("one", "text"),
            wrong,
            ReadFailure("f.bin", "binary"),
            document("two", "t"),
        ]
        outcomes = {o.name: o for o in services.capture.ingest(items)}
        assert {n for n, o in outcomes.items() if o.status == "added"} == {"one", "two"}
        assert outcomes["f.bin"].reason == "binary"
        assert reason in outcomes[wrong.external_id].reason
        with pytest.raises(InvalidInput, match=reason):
            services.capture.save(wrong)


def test_one_document_that_cannot_be_split_is_the_only_one_lost(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        prepare = services.capture._prepare

        def choosy(items, known):  # type: ignore[no-untyped-def]
            if any("poison" in item.body for item in items):
                raise RecursionError("too deep")
            return prepare(items, known)

        services.capture._prepare = choosy
        items = [document("a", "fine"), document("b", "poison"), document("c", "fine too")]
        outcomes = {o.name: o.status.value for o in services.capture.ingest(items)}
        assert outcomes == {"a": "added", "b": "refused", "c": "added"}


def test_a_vector_that_vanished_meanwhile_is_made_again(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        first = services.capture.save(document("a", "same words", title="T"))
        store = services.capture._store

        def late(*given):  # type: ignore[no-untyped-def]
            services.capture._store = store  # type: ignore[method-assign]
            services.capture.delete(first.document_id or 0)
            return store(*given)

        services.capture._store = late  # type: ignore[method-assign]
        services.capture.save(document("b", "same words", title="T"))
        assert services.index.verify() == []


def test_an_audience_needs_every_clause(tmp_path: Path) -> None:
    audience = Audience.of(("group:hr", "group:law"), EVERYONE, "group:lead")
    with opened(tmp_path) as services:
        saved = services.capture.save(document("a", "text", audience=audience))
        key = saved.document_id or 0

        def reads(*groups: str, signed_in: bool = True) -> bool:
            principal = Principal(signed_in=signed_in, groups=frozenset(groups))
            with services.database.read() as connection:
                return key in documents.load(connection, [key], principal)

        assert reads("hr", "lead")
        assert reads("law", "lead")
        assert not reads("hr", "law")
        assert not reads("lead")
        assert not reads("hr", "lead", signed_in=False)
        assert not reads()


def test_a_document_that_says_nothing_of_rights_takes_the_declared_audience(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        bare = document("a", "text", audience=None)
        list(services.capture.ingest([bare], Terms(audience=Audience.of("group:ops"))))
        with services.database.read() as connection:
            everyone = documents.load_all(connection, Principal(signed_in=True))
            operations = documents.load_all(
                connection, Principal(signed_in=True, groups=frozenset({"ops"}))
            )
        assert (len(everyone), len(operations)) == (0, 1)


def test_speakers_of_passages_are_people(tmp_path: Path) -> None:
    talk = document(
        "t",
        "**Mo:** \\[00:01\\] The tunnel is open.\n\n**Zoe Quill:** \\[00:09\\] Good, since when?",
        kind=Kind.TRANSCRIPT,
        contributors=(
            Contributor("Mo Tran", Role.SPEAKER, label="Mo"),
            Contributor("Zoe Quill", Role.SPEAKER),
        ),
    )
    with opened(tmp_path) as services:
        services.capture.save(talk)
        with services.database.read() as connection:
            (shares,) = passages.speakers(connection, passages.live_ids(connection)).values()
        assert {share.label for share in shares} == {"Mo", "Zoe Quill"}
        assert None not in {share.person_id for share in shares}
        assert sum(share.share for share in shares) == pytest.approx(1.0)


def test_a_later_import_without_an_audience_opens_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        bare = document("a", "text", audience=None)
        list(services.capture.ingest([bare], Terms(audience=Audience.of("group:ops"))))
        list(services.capture.ingest([replace(bare, body="new text")]))
        with services.database.read() as connection:
            assert documents.load_all(connection, Principal(signed_in=True)) == {}


def test_what_came_before_a_broken_export_is_stored(tmp_path: Path) -> None:
    def items() -> Iterator[SourceDocument]:
        yield document("good", "text")
        raise UnreadableExport("cut off")

    with opened(tmp_path) as services:
        outcomes = services.capture.ingest(items())
        assert next(outcomes).status == "added"
        with pytest.raises(UnreadableExport):
            next(outcomes)


def test_consent_of_speakers_can_be_declared_and_taken_back_later(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        for declared in (None, True, None, False):
            list(
                services.capture.ingest([document("a", "text")], Terms(speakers_consented=declared))
            )
            with services.database.read() as connection:
                agreed = source_queries.consenting_sources(connection)
            if declared is not None:
                assert agreed == (frozenset({"wiki"}) if declared else frozenset())


def test_a_failed_replay_is_made_good_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as services:
        services.capture.save(document("a", "text"))
        with monkeypatch.context() as patch:

            def full(_ids: object) -> None:
                raise OSError("no space")

            patch.setattr(services.index._lexical, "remove_documents", full)
            with pytest.raises(OSError, match="no space"):
                services.index.catch_up()
        assert services.index.verify() == []


def test_vectors_of_another_model_are_named_and_can_be_made_again(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        services.capture.save(document("a", "text"))
        with services.database.write() as connection:
            connection.execute(update(vectors).values(model="another"))
        with pytest.raises(IndexDamaged, match="index rebuild"):
            services.index.catch_up()
        prepare, model = services.capture._prepare, services.embedder.identity
        assert list(reprepare(services.database, prepare, model)) == [1]
        services.index.rebuild()
        assert services.index.verify() == []


def test_outcomes_come_in_the_order_of_the_inputs(tmp_path: Path) -> None:
    items = [
        document("a", "old"),
        document("b", "new"),
        ReadFailure("c", "broken"),
        document("d", " "),
        document("e", "new too"),
    ]
    with opened(tmp_path) as services:
        services.capture.save(document("a", "old"))
        would = [(o.name, o.status) for o in services.capture.compare(items)]
        assert services.index.catch_up() == 1
        outcomes = [(o.name, o.status) for o in services.capture.ingest(items)]
        assert outcomes == would
        assert outcomes == [
            ("a", Status.UNCHANGED),
            ("b", Status.ADDED),
            ("c", Status.REFUSED),
            ("d", Status.REFUSED),
            ("e", Status.ADDED),
        ]
        again = [document("b", "newer"), document("e", "new too", audience=None)]
        assert [o.status for o in services.capture.compare(again)] == [Status.CHANGED] * 2
        with_audience = services.capture.compare(again[1:], Terms(audience=Audience.of(EVERYONE)))
        assert [o.status for o in with_audience] == [Status.UNCHANGED]


def test_what_is_done_beside_a_document_commits_or_fails_with_it(tmp_path: Path) -> None:
    seen = []

    def beside(connection: Connection, source_document: SourceDocument, outcome: Outcome) -> None:
        seen.append(outcome)
        source_queries.source_id(connection, f"beside {source_document.external_id}")
        if source_document.external_id == "b":
            raise InvalidInput("not this one")

    with opened(tmp_path) as services:
        items = [document("a", "one"), document("b", "two"), ReadFailure("c", "broken")]
        outcomes = list(services.capture.ingest(items, beside=beside))
        assert [o.status for o in outcomes] == [Status.ADDED, Status.REFUSED, Status.REFUSED]
        assert seen[0] == outcomes[0]
        assert [o.name for o in seen] == ["a", "b"]
        with services.database.read() as connection:
            names = set(connection.execute(select(sources.c.name)).scalars())
        assert names == {"wiki", "beside a"}

"""Who may change what, and what a repeated or failed request leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, func, select, update

from api.services import Services
from knowledge.drafts import Draft, draft
from knowledge.editing import Editing, Editor, may_edit
from knowledge.errors import InvalidInput, NotAllowed, NotFound
from knowledge.people import Profile
from knowledge.requests import RequestKey
from knowledge.settings import StorageSettings
from knowledge.store import access
from knowledge.store.database import Database
from knowledge.store.tables import documents, requests
from knowledge.types import (
    OPERATOR,
    Audience,
    Contribution,
    Document,
    Kind,
    Principal,
    Role,
)
from tests.builders import document, opened

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def written(body: str = "text", audience: str = "everyone") -> Draft:
    return draft(title="Title", body=body, kind=Kind.NOTE, audience=[[audience]])


def person(services: Services, name: str = "ada") -> Editor:
    key = services.directory.put(Profile(name.title(), f"{name}@example.org"))
    return Editor(Principal(person_id=key, signed_in=True))


def meanwhile(services: Services, change: Callable[[], None]) -> None:
    """Do something while the text of the next save is embedded."""
    prepare = services.capture._prepare

    def slow(items, known):  # type: ignore[no-untyped-def]
        services.capture._prepare = prepare
        change()
        return prepare(items, known)

    services.capture._prepare = slow


def count(services: Services, table: object) -> int:
    with services.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


@pytest.mark.parametrize("role", Role)
def test_authors_and_editors_may_change_what_they_made(role: Role) -> None:
    made = Document(
        1, "app", "x", "T", Kind.NOTE, 1, 1, contributions=(Contribution(7, "A", role),)
    )
    own = Editor(Principal(person_id=7, signed_in=True))
    assert may_edit(own, made) is (role in (Role.AUTHOR, Role.EDITOR))
    assert not may_edit(Editor(Principal(person_id=8, signed_in=True)), made)
    assert not may_edit(Editor(Principal(signed_in=True)), made)
    assert may_edit(Editor(Principal(signed_in=True), admin=True), made)


TOKENS = st.sampled_from(["public", "everyone", "group:a", "group:b", "person:1", "person:2"])


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return Database(StorageSettings(data=tmp_path_factory.mktemp("data")))


@given(
    st.lists(st.lists(TOKENS, min_size=1), min_size=1, max_size=3),
    st.booleans(),
    st.sampled_from([None, 1, 2]),
    st.frozensets(st.sampled_from(["a", "b"])),
)
def test_admitting_is_what_the_database_says(
    database: Database,
    clauses: list[list[str]],
    signed_in: bool,
    key: int | None,
    groups: frozenset[str],
) -> None:
    audience = Audience.of(*clauses)
    principal = Principal(key, groups, signed_in)
    with database.write() as connection:
        stored = access.intern(connection, audience)
    with database.read() as connection:
        allowed = access.allowed_audiences(connection, principal)
    assert allowed is not None
    assert access.admits(audience, principal) is (stored in allowed)
    assert access.admits(audience, OPERATOR)


def test_nobody_in_particular_may_delete_but_not_write(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        key = services.editing.create(written(), person(services))
        nobody = Editor(Principal(signed_in=True), admin=True)
        with pytest.raises(NotAllowed, match="nobody in particular"):
            services.editing.create(written("other"), nobody)
        with pytest.raises(NotAllowed, match="nobody in particular"):
            services.editing.change(key, written("other"), nobody, None)
        services.editing.delete(key, nobody)
        assert count(services, documents) == 0


def test_a_right_that_ends_during_a_change_stops_it(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada = person(services)
        key = services.editing.create(written(), ada)

        meanwhile(services, lambda: services.capture.set_audience(key, Audience.of("group:hr")))
        with pytest.raises(NotFound):
            services.editing.change(key, written("new text"), ada, None)
        assert services.editing.show(key, Editor(OPERATOR)).body == "text"
        assert services.index.verify() == []


def test_a_version_tells_nothing_of_who_else_reads_it(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada, ben = person(services), person(services, "ben")
        key = services.editing.create(written(), ada)
        read = services.editing.show(key, ben)
        assert read.audience is None
        with services.database.write() as connection:
            other = access.intern(connection, Audience.of("everyone", "public"))
            connection.execute(update(documents).values(audience_id=other))
        assert services.editing.show(key, ben).version == read.version
        services.editing.change(key, written(audience="public"), ada, None)
        assert services.editing.show(key, ben).version != read.version


def test_lists_and_single_documents_are_for_their_readers(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada, ben = person(services), person(services, "ben")
        editing = services.editing
        open_ = editing.create(written(), ada)
        own = editing.create(written(audience=f"person:{ada.principal.person_id}"), ada)
        imported = document("a", "text", source="person:9/wiki", kind=Kind.THREAD)
        services.capture.save(imported)

        def ids(editor: Editor, **narrowed: Any) -> list[int]:
            return [found.id for found in editing.page(editor, **narrowed).documents]

        assert ids(ada) == [own + 1, own, open_]
        assert ids(ada, own=True) == [own + 1, own, open_]
        assert ids(ben) == [own + 1, open_]
        assert ids(ben, own=True) == []
        assert ids(ben, kinds=[Kind.THREAD], sources=["wiki"]) == [own + 1]
        assert ids(ben, sources=["person:9/wiki"]) == []
        assert ids(ada, below=own) == [open_]
        assert editing.page(ada, limit=2).more
        assert ids(Editor(Principal())) == []
        with pytest.raises(NotFound, match="no such document"):
            editing.show(own, ben)


def test_a_request_is_remembered_for_a_day(tmp_path: Path) -> None:
    clock = [NOW]
    key = RequestKey("person:1", "k", "0" * 64)
    with opened(tmp_path) as services:
        editing = Editing(services.database, services.capture, lambda: clock[0])
        ada = person(services)
        first = editing.create(written(), ada, key)
        clock[0] = NOW + timedelta(hours=23)
        assert editing.create(written(), ada, key) == first
        clock[0] = NOW + timedelta(hours=25)
        assert editing.create(written(), ada, key) != first
        assert count(services, requests) == 1


def test_a_failed_request_may_be_sent_again(tmp_path: Path) -> None:
    key = RequestKey("person:1", "k", "0" * 64)
    with opened(tmp_path) as services:
        ada = person(services)
        with pytest.raises(InvalidInput, match="no text"):
            services.editing.create(written("\x00"), ada, key)
        assert count(services, requests) == 0
        services.editing.create(written(), ada, key)
        assert count(services, requests) == 1


def test_a_repetition_that_comes_while_the_first_is_written_makes_nothing(tmp_path: Path) -> None:
    key = RequestKey("person:1", "k", "0" * 64)
    made: list[int] = []
    with opened(tmp_path) as services:
        ada = person(services)
        meanwhile(services, lambda: made.append(services.editing.create(written(), ada, key)))
        assert [services.editing.create(written(), ada, key)] == made
        assert count(services, documents) == 1
        other = RequestKey("person:1", "k", "1" * 64)
        with pytest.raises(InvalidInput, match="another request"):
            services.editing.create(written(), ada, other)


def test_a_fault_at_any_statement_leaves_neither_document_nor_request(tmp_path: Path) -> None:
    key = RequestKey("person:1", "k", "0" * 64)
    countdown = [0]

    def fail(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.split(maxsplit=1)[0] in ("INSERT", "UPDATE", "DELETE"):
            countdown[0] -= 1
            if countdown[0] == 0:
                raise KeyError("injected")

    with opened(tmp_path) as services:
        ada = person(services)
        event.listen(services.database._writer, "before_cursor_execute", fail)
        for at in range(1, 100):
            countdown[0] = at
            try:
                services.editing.create(written(), ada, key)
            except KeyError:
                assert (count(services, documents), count(services, requests)) == (0, 0)
            else:
                break
        assert at > 8
        assert (count(services, documents), count(services, requests)) == (1, 1)

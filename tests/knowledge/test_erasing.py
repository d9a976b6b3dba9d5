"""Erasing somebody: what goes, what stays, and what an older backup brings back. That nothing is
left in any file is in tests/invariants/test_erase.py."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from sqlalchemy import select

from api.services import Services
from indexer.search.results import Request
from knowledge import backup, erasing
from knowledge.audit import Action, Journal
from knowledge.capture import Terms
from knowledge.drafting import Base, Form
from knowledge.drafts import draft
from knowledge.editing import Editor
from knowledge.erasures import NOTED
from knowledge.errors import Conflict, DataUnavailable, InvalidInput, NotFound, Stale
from knowledge.importing import WORKER_LOCK
from knowledge.imports import Order
from knowledge.people import Profile
from knowledge.redaction import FORMER, REMOVED
from knowledge.speakers import Who
from knowledge.store import copies, documents, people
from knowledge.store.database import position
from knowledge.store.identity_tables import erasures
from knowledge.store.tables import people as people_table
from knowledge.types import OPERATOR, Contributor, Kind, Principal, Role, Scope
from tests.builders import document, opened

CLEO = Contributor("Cleo Marsh", Role.AUTHOR, email="cleo@example.org")
ADA = Contributor("Ada Field", Role.AUTHOR, email="ada@example.org")
BEN = Contributor("Ben Osei", Role.AUTHOR, email="ben@example.org")
TALK = "**Ada Field:** A secret.\n\n**Ben Osei:** The kiln of Ada Field is hot.\n\n**X:** Mine."


def talk(key: str) -> object:
    speakers = (
        Contributor("Ada Field", Role.SPEAKER, email="ada@example.org"),
        Contributor("Ben Osei", Role.SPEAKER, email="ben@example.org"),
        Contributor("Ada Field", Role.HOST, email="ada@example.org"),
    )
    return document(key, TALK, kind=Kind.TRANSCRIPT, contributors=speakers, source="talks")


def fill(services: Services) -> dict[str, int]:
    services.directory.put(Profile("Ada Field", "ada@example.org"))
    services.directory.put(Profile("Ben Osei", "ben@example.org"))
    made = [
        document("ada", "How to fire a kiln.", contributors=(ADA,)),
        document("both", "How to close a kiln.", contributors=(ADA, BEN)),
        document("edited", "How to cool a kiln.", contributors=(ADA, _as(BEN, Role.EDITOR))),
        document("liked", "How to buy a kiln.", contributors=(BEN, _as(ADA, Role.ENDORSER))),
        document("mention", "Ask Ada Field of kilns.", contributors=(BEN,)),
        talk("talk"),
    ]
    outcomes = list(services.capture.ingest(made))  # type: ignore[arg-type]
    assert not [one for one in outcomes if one.reason]
    return {one.name: one.document_id or 0 for one in outcomes}


def _as(who: Contributor, role: Role) -> Contributor:
    return Contributor(who.name, role, email=who.email)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path / "data") as made:
        yield made


def held(services: Services) -> dict[str, tuple[str, list[str]]]:
    """Every document's text and who made it."""
    with services.database.read() as connection:
        return {
            one.external_id: (
                documents.body(connection, one.id, OPERATOR),
                sorted(f"{c.name}, {c.role}" for c in one.contributions),
            )
            for one in documents.load_all(connection, OPERATOR).values()
        }


def test_what_they_said_goes_and_what_they_wrote_stays(services: Services) -> None:
    fill(services)
    done = services.erasing.erase(1)
    assert (done.changed, done.deleted) == (5, 0)
    left = held(services)
    assert left["ada"] == ("How to fire a kiln.", [f"{FORMER}, author"])
    assert left["both"][1] == ["Ben Osei, author", f"{FORMER}, author"]
    body, makers = left["talk"]
    assert "secret" not in body
    assert f"**{FORMER}:** {REMOVED}" in body
    assert f"The kiln of {FORMER} is hot." in body
    assert "**X:** Mine." in body
    assert makers == ["Ben Osei, speaker", f"{FORMER}, host", f"{FORMER}, speaker"]
    # What others wrote of her is theirs.
    assert left["mention"] == ("Ask Ada Field of kilns.", ["Ben Osei, author"])
    assert services.index.verify() == []


@pytest.mark.slow
def test_with_their_writing_only_what_others_had_a_part_in_stays(services: Services) -> None:
    fill(services)
    done = services.erasing.erase(1, with_writing=True)
    assert (done.changed, done.deleted) == (4, 1)
    left = held(services)
    assert "ada" not in left
    assert left["both"][1] == ["Ben Osei, author"]
    assert left["edited"][1] == ["Ben Osei, editor"]
    assert left["liked"][1] == ["Ben Osei, author"]
    assert left["talk"][1] == ["Ben Osei, speaker"]
    assert services.index.verify() == []


@pytest.mark.slow
def test_nobody_becomes_or_is_ranked_as_a_former_colleague(services: Services) -> None:
    fill(services)
    services.directory.put(Profile("Cleo Marsh", "cleo@example.org"))
    services.capture.save(
        document("c", "Of Cleo.", contributors=(Contributor("Cleo Marsh", Role.AUTHOR),))
    )
    # What was declared of a source holds for whoever said nothing, and nobody is nobody.
    declared = Terms(speakers_consented=True)
    hosted = document(
        "h", "How to glaze a pot.", contributors=(_as(ADA, Role.HOST),), source="talks"
    )
    list(services.capture.ingest([talk("declared"), hosted], declared))  # type: ignore[list-item]
    services.erasing.erase(1)
    services.erasing.erase(3)
    with services.database.read() as connection:
        rows = connection.execute(select(people_table)).all()
    (former,) = [row for row in rows if row.name == FORMER]
    assert former.disabled_at is not None
    assert not former.consent_written
    assert (former.consent_written_by, former.consent_spoken_by) == ("self", "self")
    roles = {one for _, makers in held(services).values() for one in makers if FORMER in one}
    assert roles >= {f"{FORMER}, host", f"{FORMER}, speaker"}
    for question in ("how to fire a kiln", "how to glaze a pot", FORMER):
        result = services.pipeline.search(Request(question), Principal(2, signed_in=True))
        assert former.id not in {hit.person.id for hit in result.people}
    for asker in (OPERATOR, Principal(2, signed_in=True)):
        with pytest.raises(NotFound):
            services.profiles.show(former.id, asker)
    for one, other in ((2, former.id), (former.id, 2)):
        with pytest.raises(Conflict, match="stands for all"):
            services.merging.merge(one, other, force=True)
    with pytest.raises(InvalidInput, match="is nobody"):
        services.erasing.erase(former.id)
    # A page by somebody who is called so is by somebody else.
    services.capture.save(
        document("new", "x", contributors=(Contributor(FORMER, Role.AUTHOR, email="f@x.org"),))
    )
    with services.database.read() as connection:
        assert people.by_email(connection, "f@x.org") != former.id


def test_an_unchanged_page_does_not_bring_them_back_and_a_changed_one_does(
    services: Services,
) -> None:
    fill(services)
    services.erasing.erase(1)
    (again,) = services.capture.ingest(
        [document("ada", "How to fire a kiln.", contributors=(ADA,))]
    )
    assert again.status == "unchanged"
    services.capture.save(document("ada", "How to fire it.", contributors=(ADA,)))
    with services.database.read() as connection:
        assert people.by_email(connection, "ada@example.org") not in (None, 1)


def test_who_was_assigned_a_label_is_taken_out_of_it(services: Services) -> None:
    ids = fill(services)
    editor = Editor(OPERATOR, admin=True)
    services.speakers.assign(ids["talk"], "X", Who(1), editor, "operator")
    services.speakers.assign(ids["talk"], "Ada Field", Who(None), editor, "operator")
    services.erasing.erase(1)
    body, makers = held(services)["talk"]
    assert "Mine." not in body
    assert [one for one in makers if "Ada" in one] == []
    with services.database.read() as connection:
        told = json.dumps([list(copies.rows(connection, name)) for name in copies.names()])
    assert told.count("Ada Field") == 3  # in Ben's page: text, revision and passage


def test_what_is_archived_is_not_forgotten(services: Services) -> None:
    ids = fill(services)
    other = Contributor("Ada Field", Role.SPEAKER, email="ada@example.org", label="AF")
    labelled = document("labelled", "**AF:** Unheard.", kind=Kind.TRANSCRIPT, contributors=(other,))
    ids["labelled"] = services.capture.save(labelled).document_id or 0
    services.capture.archive(ids.values())
    services.erasing.erase(1)
    with services.database.read() as connection:
        told = json.dumps([list(copies.rows(connection, name)) for name in copies.names()])
    assert "secret" not in told
    assert "Unheard" not in told
    assert "How to fire a kiln." in told
    assert "ada@example.org" not in told


def test_it_is_told_by_id_alone_and_every_index_is_made_anew(services: Services) -> None:
    fill(services)
    with services.database.read() as connection:
        before = position(connection)
    services.erasing.erase(1, with_writing=True)
    with services.database.read() as connection:
        assert position(connection)[0] != before[0]
        (row,) = connection.execute(select(erasures)).all()
    assert (row.person_id, row.with_writing) == (1, True)
    (line,) = (services.database.directory / NOTED).read_text().splitlines()
    assert set(json.loads(line)) == {"installation", "ids", "with_writing", "at"}
    (entry,) = Journal(services.database).newest(9, action=Action.ERASED)
    assert (entry.subject, entry.detail) == ("person:1", {"with_writing": True})
    with pytest.raises(NotFound):
        services.erasing.erase(1)


def test_nothing_is_erased_while_an_import_runs(services: Services) -> None:
    fill(services)
    with (
        FileLock(services.database.directory / WORKER_LOCK),
        pytest.raises(Conflict, match="an import is running"),
    ):
        services.erasing.erase(1)
    assert services.erasing.unfinished() is None


@pytest.mark.slow
def test_a_restore_erases_again_whom_the_backup_knows(services: Services, tmp_path: Path) -> None:
    fill(services)
    services.search(Request("kiln"), Principal(1, signed_in=True))
    services.queries.flush()
    backup.write(services.database, tmp_path / "before.zip")
    with zipfile.ZipFile(tmp_path / "before.zip") as archive:
        assert archive.read("tables/pseudonym_keys.jsonl") == b""
    services.erasing.erase(1)
    after = held(services)
    last = services.directory.put(Profile("Dan Reed", "dan@example.org"))
    services.erasing.erase(last)
    with pytest.raises(Conflict, match="whoknows restore"):
        backup.restore(services.database, tmp_path / "before.zip", replace=True)
    services.restore(tmp_path / "before.zip", replace=True)
    assert held(services) == after
    assert services.index.verify() == []
    with services.database.read() as connection:
        assert set(connection.execute(select(erasures.c.person_id)).scalars()) == {1, last}
        assert people.by_email(connection, "ada@example.org") is None
        # Nobody can tell any more that it was she who asked.
        assert list(copies.rows(connection, "queries")) == []
    # Nobody gets the id of somebody who was erased: they would go with the next restore.
    assert services.directory.put(Profile("Eve Stone", "eve@example.org")) > last


@pytest.mark.slow
def test_who_was_parted_before_is_parted_again_before_they_are_erased(
    services: Services, tmp_path: Path
) -> None:
    fill(services)
    merge = services.merging.merge(2, 1, force=True)
    backup.write(services.database, tmp_path / "merged.zip")
    services.merging.unmerge(merge.id)
    services.erasing.erase(1)
    after = held(services)
    services.restore(tmp_path / "merged.zip", replace=True)
    assert held(services) == after
    with services.database.read() as connection:
        assert people.by_email(connection, "ben@example.org") == 2


def fail(*_: object, **__: object) -> None:
    raise DataUnavailable("the power is out")


@pytest.mark.slow
def test_how_they_were_spelled_is_not_forgotten_by_an_interruption(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.directory.put(Profile("Ada Field", "ada@example.org"))
    other = Contributor("A. J. Fieldstone", Role.AUTHOR, email="ada@example.org")
    made = [document("1", "Kilns.", contributors=(other,))]
    made += [document(f"{n}", f"Ask A. J. Fieldstone {n}.", contributors=(ADA,)) for n in (2, 3)]
    list(services.capture.ingest(made))
    carry_out, calls = erasing._carry_out, iter(range(9))

    def second_fails(*given: Any) -> None:
        if next(calls) == 1:
            fail()
        carry_out(*given)

    with monkeypatch.context() as patch:
        patch.setattr(erasing, "_carry_out", second_fails)
        with pytest.raises(DataUnavailable):
            services.erasing.erase(1)
    monkeypatch.setattr(services.erasing, "_renew", fail)
    with pytest.raises(DataUnavailable):
        services.erasing.erase(1)
    assert [text for text, _ in held(services).values()] == [
        "Kilns.",
        f"Ask {FORMER} 2.",
        f"Ask {FORMER} 3.",
    ]
    left = [p.read_text() for p in services.database.directory.glob("eras*")]
    assert len(left) == 2
    assert "Fieldstone" not in "".join(left)


def test_what_is_asked_while_they_are_erased_goes_as_well(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.directory.put(Profile("Ada Field", "ada@example.org"))
    services.directory.put(Profile("Ben Osei", "ben@example.org"))
    services.capture.save(document("1", "How to fire a kiln.", contributors=(ADA,)))
    take_out = services.erasing._document

    def asking(*given: Any) -> bool:
        services.search(Request("her secret"), Principal(1, signed_in=True))
        services.search(Request("where is Field"), Principal(2, signed_in=True))
        services.search(Request("kiln"), Principal(2, signed_in=True))
        services.queries.flush()
        return take_out(*given)

    monkeypatch.setattr(services.erasing, "_document", asking)
    services.erasing.erase(1)
    services.search(Request("her secret"), Principal(1, signed_in=True))
    services.queries.flush()
    with services.database.read() as connection:
        kept = [row["text"] for row in copies.rows(connection, "queries")]
    assert kept == ["kiln"]


def test_nothing_else_is_called_as_they_are(services: Services) -> None:
    services.directory.put(Profile("Quirina Vaskette", "quirina@example.org"))
    services.directory.put(Profile("Ben Osei", "ben@example.org"))
    hers = Contributor("Quirina Vaskette", Role.AUTHOR, email="quirina@example.org")
    body = "I am **Quirina** Vaskette, vaskette for short; Vaskette, Quirina: quirina%40example.org"
    services.capture.save(document("1", body, contributors=(hers,), tags=("vaskette", "kiln")))
    services.tokens.create("Quirina Vaskette's laptop", (Scope.SEARCH,))
    services.jargon.add("qv", "Quirina Vaskette", True)
    services.jargon.add("kiln", "oven", True)
    with services.imports.receive() as upload:
        upload.write(b"# Tea")
        services.imports.create(upload, Order("vaskette.md", source="tea"), "person:2")
    for text in ("vaskette", "what did quirina say", "kiln"):
        services.search(Request(text), Principal(2, signed_in=True))
    services.queries.flush()
    services.erasing.erase(1, force=True)
    with services.database.read() as connection:
        told = {name: json.dumps(list(copies.rows(connection, name))) for name in copies.names()}
    found = {n for n, text in told.items() if "vaskette" in text.lower() or "quir" in text.lower()}
    assert found == set()
    for kept in ("synonyms", "queries", "document_tags"):
        assert "kiln" in told[kept]
    assert f"{FORMER}'s laptop" in told["tokens"]


def test_nothing_is_erased_while_an_import_of_others_waits(services: Services) -> None:
    fill(services)
    for owner in ("person:1", "person:2"):
        with services.imports.receive() as upload:
            upload.write(b"# Tea")
            services.imports.create(upload, Order("tea.md"), owner)
    with pytest.raises(Conflict, match="1 imports wait"):
        services.erasing.erase(1)
    assert services.erasing.unfinished() is None
    services.erasing.erase(1, force=True)


def test_further_records_go_as_one_person(services: Services) -> None:
    services.directory.put(Profile("Ada Field", "ada@example.org"))
    other = Contributor("A. Field", Role.AUTHOR, email="af@example.com")
    services.capture.save(document("1", "By A. Field.", contributors=(other,)))
    done = services.erasing.erase(1, also=(2,))
    assert (done.person_id, done.changed) == (1, 1)
    assert held(services) == {"1": (f"By {FORMER}.", [f"{FORMER}, author"])}
    (line,) = (services.database.directory / NOTED).read_text().splitlines()
    assert json.loads(line)["ids"] == [1, 2]


def test_files_of_dry_runs_are_given_back_whoever_tried_them(services: Services) -> None:
    fill(services)
    tried = []
    for owner in ("person:1", "person:2"):
        with services.imports.receive() as upload:
            upload.write(b"# Tea\n\nAsk Ada Field.")
            made = services.imports.create(upload, Order("tea.md", dry_run=True), owner)
        services.runner(lambda: False).run(made)
        tried.append(made.id)
    folder = services.database.directory / "imports"
    assert {path.name for path in folder.iterdir()} == set(tried)
    services.erasing.erase(1)
    assert list(folder.iterdir()) == []
    assert services.imports.get(tried[1], "person:2").kept_until is None
    with pytest.raises(Conflict, match="hand it in again"):
        services.rehearsals.start(tried[1], "person:2")


@pytest.mark.parametrize("gone", [False, True])
def test_what_others_began_to_change_forgets_them(services: Services, gone: bool) -> None:
    ids = fill(services)
    key, ben = ids["edited"], services.principal("ben@example.org")
    says = draft(
        title="Kilns of Ada Field",
        body="Write to ada@example.org.",
        kind=Kind.NOTE,
        tags=("Ada Field", "kilns"),
        audience=[["everyone"]],
        url="https://wiki.example/ada@example.org",
    )
    kept = services.drafting.create(Form.NOTE, says, ben, base=Base(key, 1, "x"))
    mine = services.drafting.create(Form.NOTE, says, ben)
    if gone:
        services.editing.delete(key, Editor(OPERATOR, admin=True), None)
    services.erasing.erase(1)
    left = services.drafting.get(kept.id, ben)
    assert (left.draft.title, left.draft.tags) == (f"Kilns of {FORMER}", ("kilns",))
    assert (left.draft.body, left.draft.url) == (f"Write to {FORMER}.", None)
    # An editor that is open would bring them back with its next save.
    with pytest.raises(Stale):
        services.drafting.save(kept.id, says, ben, frozenset({"1"}))
    # What somebody writes of their own is theirs.
    assert services.drafting.get(mine.id, ben).draft == says

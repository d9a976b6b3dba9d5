"""Saying who a transcript's labels are: at once, everywhere, for good, and taken back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.services import Services
from indexer.search.results import Request
from knowledge.capture import Capture, reprepare
from knowledge.editing import Editor
from knowledge.errors import InvalidInput, NotAllowed, NotFound, Stale
from knowledge.people import Profile
from knowledge.speakers import Who
from knowledge.store import copies, documents, passages, people
from knowledge.types import (
    OPERATOR,
    Audience,
    Contributor,
    Kind,
    Principal,
    Role,
    SourceDocument,
)
from tests.builders import document, opened

BODY = """**Speaker 1:** \\[00:01\\] The heron waits in the reeds until the pike is near.

**Mo:** \\[00:09\\] So it does.

**speaker 1:** \\[00:12\\] And then it strikes."""
MO = Contributor("Mo Tran", Role.SPEAKER, label="Mo", handle="mo", weight=3.0)
HOST = Contributor("Kit Locke", Role.HOST)
OWNER = Editor(OPERATOR, admin=True)
LOG = ("state", "changes", "audit", "audit_head")


def talk(key: str, body: str = BODY, **changes: Any) -> SourceDocument:
    given = {"kind": Kind.TRANSCRIPT, "contributors": (MO, HOST), "source": "talks"} | changes
    return document(key, body, **given)


def rows(services: Services) -> dict[str, list[str]]:
    with services.database.read() as connection:
        return {
            name: sorted(
                json.dumps({k: v for k, v in row.items() if k != "stored_at"}, sort_keys=True)
                for row in copies.rows(connection, name)
            )
            for name in copies.names()
            if name not in LOG
        }


def spoken(services: Services, key: int) -> dict[str, int | None]:
    """Whose each label is in the passages."""
    with services.database.read() as connection:
        held = passages.of_documents(connection, [key], services.embedder.identity)
        return {s.label: s.person_id for passage, _ in held for s in passage.speakers}


def made(services: Services, key: int) -> dict[tuple[int, str], float]:
    with services.database.read() as connection:
        found = documents.get(connection, key, OPERATOR)
    return {(c.person_id, c.role.value): c.weight for c in found.contributions}


def save(services: Services, given: SourceDocument) -> int:
    (outcome,) = services.capture.ingest([given])
    assert outcome.document_id is not None, outcome.reason
    return outcome.document_id


def zoe(services: Services, **more: Any) -> int:
    return services.directory.put(Profile("Zoe Quill", "zoe@example.org", **more))


def assign(services: Services, key: int, label: str, who: Who, **more: Any) -> list[int]:
    return services.speakers.assign(key, label, who, more.pop("editor", OWNER), "operator", **more)


def test_a_generic_label_is_nobody_until_it_is_somebody_everywhere_at_once(tmp_path: Path) -> None:
    with opened(tmp_path) as services, opened(tmp_path) as other:
        speaker = Contributor("Speaker 1", Role.SPEAKER)
        key = save(services, talk("a", contributors=(MO, HOST, speaker)))
        with services.database.read() as connection:
            assert people.by_name(connection, "Speaker 1") == []
        person = zoe(services, consent_spoken=True)
        question = Request("who knows when the heron strikes the pike")
        assert person not in [p.person.id for p in other.pipeline.search(question, OPERATOR).people]
        before = rows(services)
        assert assign(services, key, "SPEAKER  1", Who(person)) == [key]
        assert spoken(services, key)["Speaker 1"] == spoken(services, key)["speaker 1"] == person
        assert made(services, key)[person, "speaker"] == 15
        found = other.pipeline.search(question, OPERATOR).people
        assert found[0].person.id == person
        assert found[0].evidence[0].document_id == key
        assert other.index.verify() == []
        shown = services.speakers.show(key, OWNER)
        assert [(s.label, s.name, s.generic, s.assigned) for s in shown.speakers] == [
            ("Speaker 1", "Zoe Quill", True, True),
            ("Mo", "Mo Tran", False, False),
        ]
        assert sum(s.share for s in shown.speakers) == pytest.approx(1)
        assert assign(services, key, "Speaker 1", Who(person)) == []
        assert assign(services, key, "Speaker 1", Who(undo=True)) == [key]
        assert rows(services) == before
        assert assign(services, key, "Speaker 1", Who(undo=True)) == []
        assert other.index.verify() == []


def test_what_is_spoken_counts_only_with_consent(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        key = save(services, talk("a"))
        person = zoe(services)
        assign(services, key, "Speaker 1", Who(person))

        def ranked() -> bool:
            found = services.pipeline.search(Request("who knows about the heron"), OPERATOR)
            return person in [hit.person.id for hit in found.people]

        assert not ranked()
        zoe(services, consent_spoken=True)
        assert ranked()


def test_a_named_label_can_be_somebody_else_nobody_and_again_whom_the_source_says(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as services:
        key = save(services, talk("a"))
        person = zoe(services)
        before, mo = rows(services), spoken(services, key)["Mo"]
        assert mo is not None
        assign(services, key, "Mo", Who(person))
        assert spoken(services, key)["Mo"] == person
        assert (mo, "speaker") not in made(services, key)
        assert made(services, key)[person, "speaker"] == 3
        assign(services, key, "Speaker 1", Who(mo))
        assert made(services, key)[mo, "speaker"] == 15
        assign(services, key, "Mo", Who(None))
        assert spoken(services, key)["Mo"] is None
        assert (person, "speaker") not in made(services, key)
        assign(services, key, "Speaker 1", Who(undo=True))
        assert [s.person_id for s in services.speakers.show(key, OWNER).speakers] == [None, None]
        assign(services, key, "Mo", Who(undo=True))
        assert rows(services) == before


def test_the_host_may_be_a_speaker_and_stays_the_host(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        key = save(services, talk("a"))
        (host,) = [person for person, role in made(services, key) if role == "host"]
        assign(services, key, "Speaker 1", Who(host))
        assert {role for person, role in made(services, key) if person == host} == {
            "host",
            "speaker",
        }


@pytest.mark.parametrize("again", ["import", "metadata", "prepare", "move", "put away"])
def test_it_outlives(tmp_path: Path, again: str) -> None:
    with opened(tmp_path) as services:
        key = save(services, talk("a"))
        person = zoe(services)
        assign(services, key, "Speaker 1", Who(person))
        assign(services, key, "Mo", Who(None))
        capture: Capture = services.capture
        longer = BODY + "\n\n**Speaker 1:** Always.\n\n**Mo:** Never."
        match again:
            case "import":
                save(services, talk("a", longer))
            case "metadata":
                save(services, talk("a", tags=("birds",)))
            case "prepare":
                list(reprepare(services.database, capture._prepare, "another"))
            case "move":
                capture.moved(key, save(services, talk("b", longer)))
            case "put away":
                capture.archive([key])
                save(services, talk("a"))
        held = spoken(services, key)
        assert (held["Speaker 1"], held["speaker 1"], held["Mo"]) == (person, person, None)
        words = 16 if again in ("import", "move") else 15
        assert made(services, key)[person, "speaker"] == words
        assert [role for _, role in made(services, key)].count("speaker") == 1
        assert services.index.verify() == []
        for label in ("Speaker 1", "Mo"):
            assign(services, key, label, Who(undo=True))
        with services.database.read() as connection:
            mo = people.by_handle(connection, "talks", "mo")
        assert spoken(services, key) == {"Speaker 1": None, "speaker 1": None, "Mo": mo}
        assert made(services, key)[mo or 0, "speaker"] == 3
        services.capture.delete(key)


def test_everywhere_is_where_the_asker_may_edit(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        person = zoe(services)
        ada = services.directory.put(Profile("Ada Field", "ada@example.org"))
        author = Contributor("Ada Field", Role.AUTHOR, email="ada@example.org")
        mine = (MO, author)
        first = save(services, talk("a", contributors=mine))
        second = save(services, talk("b", BODY + "\n\nEnd.", contributors=mine))
        others = save(services, talk("c", BODY + "\n\nBye."))
        hidden = save(services, talk("d", contributors=mine, audience=Audience.of("group:hr")))
        elsewhere = save(services, talk("e", contributors=mine, source="calls"))
        without = save(services, talk("f", "**Mo:** Alone.", contributors=mine))
        editor = Editor(Principal(ada, signed_in=True))
        with pytest.raises(NotAllowed):
            assign(services, others, "Speaker 1", Who(person), editor=editor)
        changed = assign(services, first, "Speaker 1", Who(person), editor=editor, everywhere=True)
        assert changed == [first, second]
        for key in (others, hidden, elsewhere):
            assert spoken(services, key)["Speaker 1"] is None
        assert assign(services, first, "Speaker 1", Who(person), everywhere=True) == [
            others,
            hidden,
        ]
        assert without not in assign(services, first, "Speaker 1", Who(undo=True), everywhere=True)
        assert services.index.verify() == []


def test_what_cannot_be_said(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        key = save(services, talk("a"))
        page = save(services, document("p", "**Mo:** no transcript"))
        hidden = save(services, talk("h", audience=Audience.of("group:hr")))
        person = zoe(services)
        ben = services.directory.put(Profile("Ben Osei", "ben@example.org"))
        ben_ = Editor(Principal(ben, signed_in=True), admin=True)
        secret = Contributor("Quirina Vask", Role.AUTHOR)
        save(services, document("s", "x", contributors=(secret,), audience=Audience.of("group:x")))
        with services.database.read() as connection:
            (quirina,) = people.by_name(connection, "Quirina Vask")
        before = rows(services)
        for where, label, who, error, text in (
            (key, "Speaker 2", Who(person), InvalidInput, "nobody is called 'Speaker 2'"),
            (page, "Mo", Who(person), InvalidInput, "nobody is called"),
            (hidden, "Mo", Who(person), NotFound, "no such document"),
            (99, "Mo", Who(person), NotFound, "no such document"),
            (key, "Mo", Who(99), NotFound, "no such person"),
            (key, "Mo", Who(quirina), NotFound, "no such person"),
        ):
            with pytest.raises(error, match=text):
                assign(services, where, label, who, editor=ben_)
        with pytest.raises(Stale):
            assign(services, key, "Mo", Who(person), expected=frozenset({"x"}))
        assert rows(services) == before
        version = services.speakers.show(key, ben_).version
        assign(services, key, "Mo", Who(person), editor=ben_, expected=frozenset({version}))
        assert services.speakers.show(key, ben_).version != version
        assert services.speakers.show(page, ben_).speakers == ()


def test_who_was_assigned_can_be_merged_and_parted(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        key = save(services, talk("a"))
        person, kept = zoe(services), services.directory.put(Profile("Z. Quill", "z@example.org"))
        assign(services, key, "Speaker 1", Who(person))
        before = rows(services)
        merge = services.merging.merge(kept, person, force=True)
        assert spoken(services, key)["Speaker 1"] == kept
        save(services, replace(talk("a"), tags=("birds",)))
        assert spoken(services, key)["Speaker 1"] == kept
        assert made(services, key)[kept, "speaker"] == 15
        save(services, talk("a"))
        services.merging.unmerge(merge.id)
        # What an import says is more than what was read from the passages.
        for log in ("merges", "distinctions", "speakers_told"):
            before[log] = rows(services)[log]
        assert rows(services) == before
        assert spoken(services, key)["Speaker 1"] == person

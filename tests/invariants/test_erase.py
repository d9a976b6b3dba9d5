"""Who is erased is in no byte of the data directory, also after an older backup was restored.

An installation is filled through its doors, with canaries in every place where a person leaves a
trace; they are erased by the command; then every file is read as bytes, and what is packed in it
is unpacked.
"""

from __future__ import annotations

import base64
import io
import json
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth.tokens import TokenDoor
from api.routes import V1
from api.services import Services
from indexer import lexical
from indexer.protocols import Filters
from knowledge import erasing
from knowledge.asked import By, GapState
from knowledge.drafting import Form
from knowledge.drafts import draft
from knowledge.editing import Editor
from knowledge.errors import DataUnavailable
from knowledge.guides import TextKind
from knowledge.milestones import Deed
from knowledge.people import Profile
from knowledge.store import copies, documents, gaps, reviews
from knowledge.teaching_time import Act
from knowledge.types import OPERATOR, Contributor, Kind, Level, Role, Scope
from tests import postgres
from tests.api.commands import in_this_process
from tests.builders import document, settings, wired

WHO = "quirina.vaskette@example.org"
# Of her: name, addresses, handles, team, what she said; each word in no other place.
NAMES = (
    *("vaskette", "quirinus", "qvask77x", "formerly-q", "zanzibarians", "porphyrogenite"),
    "wombatine",  # in a draft
    "bandicootish",  # in a question
)
SPOKEN = ("wobbegong", "cassowary")
WRITTEN = ("axolotline", "numbatish")
TALK = """**Quirina Vaskette:** \\[00:10\\] The wobbegong of the harbour sings.

**Ben Osei:** \\[00:20\\] The lighthouse keeper answers it.

**Quirina Vaskette:** \\[00:30\\] And the cassowary, too.
"""


pytestmark = pytest.mark.slow


@dataclass
class Installation:
    """A data directory with somebody in it who leaves."""

    data: Path
    backup: Path
    services: Services
    client: TestClient
    tokens: dict[str, str]

    def ask(self, method: str, path: str, who: str, **given: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        response = self.client.request(method, f"{V1}{path}", headers=headers, **given)
        assert response.status_code < 300, (path, response.text)
        return response.json() if response.content else None

    def command(self, *words: str) -> Any:
        environment = {"WHOKNOWS_DATA": str(self.data), "WHOKNOWS_EMBEDDER": "hashing"}
        url = self.services.settings.storage.database_url
        if url is not None:
            environment["WHOKNOWS_DATABASE_URL"] = url
        done = in_this_process(list(words), environment)
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def installation(directory: Path) -> Iterator[Installation]:
    """Everything that somebody leaves, made through the doors."""
    services = wired(settings(directory / "data"))
    put = services.directory.put
    handles = (("wiki", "qvask77x"),)
    put(Profile("Quirina Vaskette", WHO, handles=handles, team="zanzibarians", groups=("board",)))
    put(Profile("Ben Osei", "ben@example.org", groups=("board",)))
    app = create_app(services, TokenDoor(services.tokens))
    made = services.tokens.create
    scopes = (Scope.SEARCH, Scope.CAPTURE, Scope.IMPORT)
    tokens = {
        "her": made("her", scopes, email=WHO)[1],
        "ben": made("ben", scopes, email="ben@example.org")[1],
    }
    with TestClient(app) as client:
        made_ = Installation(directory / "data", directory / "before.zip", services, client, tokens)
        _fill(made_)
        yield made_
    services.close()


def _fill(one: Installation) -> None:
    services, save = one.services, one.services.capture.save
    her = Contributor("Quirina Vaskette", Role.AUTHOR, email=WHO)
    ben = Contributor("Ben Osei", Role.AUTHOR, email="ben@example.org")
    body = "The axolotline ledger. Ask me, Quirina Vaskette, or write to " + WHO
    save(document("hers", body, contributors=(her,), tags=("ledger",)))
    save(document("hers", body + " soon.", contributors=(her,), tags=("ledger",)))
    save(document("both", "The lighthouse ledger of both.", contributors=(her, ben)))
    save(document("bens", "The lighthouse has a lamp.", contributors=(ben,)))
    save(document("gone", "The numbatish old page.", contributors=(her,)))
    speakers = (
        Contributor("Quirina Vaskette", Role.SPEAKER, email=WHO),
        Contributor("Ben Osei", Role.SPEAKER, email="ben@example.org"),
    )
    for key in ("talk", "old talk"):
        talk = document(key, TALK, contributors=speakers, kind=Kind.TRANSCRIPT, source="talks")
        save(talk)
    # Under another name, which somebody merged with her.
    other = Contributor("Quirinus V", Role.AUTHOR, email="formerly-q@example.org")
    save(document("earlier", "The lighthouse in earlier days.", contributors=(other,)))
    find = services.merging.find
    services.merging.merge(find(WHO), find("formerly-q@example.org"), force=True)
    with services.database.read() as connection:
        held = documents.load_all(connection, OPERATOR)
    ids = {d.external_id: key for key, d in held.items()}
    services.capture.archive([ids["gone"], ids["old talk"]])
    note = {"title": "Lamp", "body": "# Lamp\n\nThe axolotline lamp.", "kind": "note"}
    one.ask("POST", "/documents", "her", json=note | {"audience": [["everyone"]]})
    one.ask("POST", "/drafts", "her", json={"title": "Wombatine plans", "body": "The wombatine."})
    thing = {"title": "Where is the bandicootish lamp?", "to_id": find("ben@example.org")}
    one.ask("POST", "/questions", "her", json=thing)
    theirs = {"title": "Where is the lamp of Vaskette?", "to_id": find(WHO)}
    asked = one.ask("POST", "/questions", "ben", json=theirs)["id"]
    text = "The axolotline lamp. Quirina Vaskette"
    said = one.ask("POST", f"/questions/{asked}/answers", "her", json={"body": text})
    helped = {"answer_id": said["answers"][0]["id"]}
    one.ask("POST", f"/questions/{asked}/accept", "ben", json=helped)
    for who, text in (("her", "axolotline lamp"), ("ben", "who is Quirina Vaskette")):
        found = one.ask("GET", f"/search?q={text}", who)
        told = {"query_id": found["query_id"], "verdict": "wrong_person", "person_id": find(WHO)}
        one.ask("POST", "/feedback", who, json=told | {"reason": "not Quirina Vaskette"})
    page = (
        f"---\nauthor: Quirina Vaskette <{WHO}>\naudience: everyone\n---\n# Tea\n\nLighthouse tea."
    )
    form = {"source": "pages"}
    for who in ("her", "ben"):
        one.ask("POST", "/imports", who, files={"file": ("tea.md", page)}, data=form)
    while jobs := services.imports.unfinished():
        services.runner(lambda: False).run(jobs[0])
    # A dry run of somebody else, of which the file is kept.
    tried = {"source": "tried", "dry_run": "true"}
    file = {"file": ("tea.md", page + " Porphyrogenite.")}
    one.ask("POST", "/imports", "ben", files=file, data=tried)
    services.runner(lambda: False).run(services.imports.unfinished()[0])
    # And one that nobody ran.
    one.ask("POST", "/imports", "her", files={"file": ("porphyrogenite.md", page)}, data=form)
    said = {"hidden_topics": ["ledger"], "consent_spoken": True}
    one.ask("PATCH", "/people/me", "her", json=said)
    one.ask("PUT", f"/people/me/evidence/{ids['both']}", "her", json={"verdict": "outdated"})
    one.ask("PUT", f"/documents/{ids['hers']}/currency", "her", json={"state": "verified"})
    for who, told_so in (("her", "axolotline no more"), ("ben", "as Quirina Vaskette says")):
        reason = {"reason": told_so}
        one.ask("POST", f"/documents/{ids['both']}/doubts", who, json=reason)
        for kind in ("teach", "learn"):
            one.ask("POST", "/people/me/offers", who, json={"kind": kind, "topic": told_so})
    for who, wished in (("her", "porphyrogenite lamp"), ("ben", "what vaskette knows")):
        one.ask("POST", "/people/me/wishes", who, json={"text": wished})
    with services.database.write() as connection:
        now = datetime.now(UTC)
        for who in (WHO, "ben@example.org"):
            decided = {
                "month": "2026-01",
                "again": "2026-03",
                "outcome": "Vaskette knows.",
                "at": now,
            }
            decided |= {"text": "Ask Quirina Vaskette.", "person_id": find(who)}
            reviews.add(connection, decided)
        gaps.add(connection, "vaskette lamp", GapState.OPEN, By.SEARCHES.value, now)
        gaps.add(connection, "lighthouse lamp", GapState.OPEN, By.SEARCHES.value, now)
    for who in ("her", "ben"):
        told = {"title": "As Quirina Vaskette fires", "place": "beside Vaskette's kiln"}
        made = one.ask("POST", "/meetings", who, json=told | {"starts_at": "2999-01-31"})
        other = "ben" if who == "her" else "her"
        one.ask("POST", f"/meetings/{made['id']}/join", other)
        one.ask("POST", "/meetings", who, json={"title": "What does Vaskette do?"})
    _teach(one, find(WHO), find("ben@example.org"), ids["bens"])
    judged = {"document_id": ids["both"], "verdict": "helpful", "reason": "thanks, Vaskette"}
    one.ask("POST", "/feedback", "ben", json=judged)
    one.ask("GET", "/search?q=lighthouse ledger", "ben")
    services.topics.refresh()
    named = "The ledger of Quirina Vaskette"
    services.stewardship.change(1, OPERATOR, "operator", name=named, steward_id=find(WHO))
    services.queries.flush()
    services.index.save()
    one.command("backup", str(one.backup))


def _teach(one: Installation, her: int, ben: int, bens: int) -> None:
    """What helps those who teach, of her and about her."""
    services = one.services
    who = {her: services.principal(WHO), ben: services.principal("ben@example.org")}
    for asks, looks in ((her, ben), (ben, her)):
        kept = services.drafting.create(
            Form.NOTE,
            draft(title="Lamps", body="Look.", kind=Kind.NOTE, audience=[["everyone"]]),
            who[asks],
        )
        text = "So says Quirina Vaskette: wombatine."
        key = services.reviewing.ask(kept.id, looks, text, who[asks]).id
        services.reviewing.give(key, text, [], who[looks])
    services.levels.say(who[her], Level.EXPERT)
    services.milestones.add(who[her], Deed.NOTES, 3, datetime.now(UTC).date())
    services.teaching_time.say(who[her], {Act.NOTE: 9})
    services.gallery.choose(bens, "Quirina Vaskette wishes for it.", Editor(OPERATOR, True))
    services.guides.put("ours", TextKind.GUIDE, "By Quirina Vaskette", "Ask Quirina Vaskette.")


def traces(one: Installation, words: tuple[str, ...]) -> dict[str, list[str]]:
    """Where a word stands in a file of the data directory, and in which table."""
    found: dict[str, list[str]] = {}
    for path in sorted(one.data.rglob("*")):
        if not path.is_file():
            continue
        for place, data in _unpacked(path.relative_to(one.data).as_posix(), path.read_bytes()):
            told = [word for word in words if _holds(data, word)]
            if told:
                found[place] = told
    for meta in sorted(one.data.rglob("meta.json")):
        told = _indexed(meta.parent, words)
        if told:
            found[meta.parent.relative_to(one.data).as_posix()] = told
    if postgres.current:  # where the files are the server's
        with one.services.database.read() as connection:
            for name in copies.names():
                text = json.dumps(list(copies.rows(connection, name)), ensure_ascii=False)
                told = [word for word in words if _holds(text.encode(), word)]
                if told:
                    found[name] = told
    return found


def _indexed(directory: Path, words: tuple[str, ...]) -> list[str]:
    """What a lexical index knows. It stores no texts; its words stand in automata that no search
    for bytes would find, those of deleted passages too until their files are written anew."""
    segments = json.loads((directory / "meta.json").read_text())["segments"]
    listed = {one["segment_id"].replace("-", "") for one in segments}
    files = {path.stem for path in directory.glob("*.term")}
    told = ["deleted passages"] if any(one["deletes"] for one in segments) else []
    told += ["files of no segment"] if files - listed else []
    with tempfile.TemporaryDirectory() as scratch:
        copy = shutil.copytree(directory, Path(scratch) / "copy")
        index = lexical.load("tantivy", Path(scratch) / "own")
        index.load(copy)
        told += [word for word in words if index.matching(Filters(phrase=frozenset({word}))).size]
        index.close()
    return told


def _unpacked(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, data
    if data[:4] == b"PK\x03\x04":  # also what numpy writes
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                yield from _unpacked(f"{name}!{member}", archive.read(member))
    elif data[:2] in (b"x\x01", b"x\x9c", b"x\xda"):
        yield f"{name}!", zlib.decompress(data)


def _holds(data: bytes, word: str) -> bool:
    plain = data.lower()
    forms = [word.encode(), word.encode("utf-16-le"), word.encode("utf-32-le")]
    if any(form in plain for form in forms):
        return True
    # Wherever in three bytes it begins: without what depends on its neighbours.
    for spelled in (word, word.title()):
        for shift in range(3):
            coded = base64.b64encode(b"\0" * shift + spelled.encode()).rstrip(b"=")
            if coded[4 if shift else 0 : -1] in data:
                return True
    return False


def test_the_canaries_are_there_before(tmp_path: Path) -> None:
    with installation(tmp_path) as one:
        found = traces(one, NAMES + SPOKEN + WRITTEN)
        told = {word for words in found.values() for word in words}
        assert told == set(NAMES + SPOKEN + WRITTEN)
        places = ["index/snapshots/", "index/live/", "imports/"]
        places.append("people" if postgres.current else "whoknows.db")
        assert [p for p in places if not any(one.startswith(p) for one in found)] == []


@pytest.mark.parametrize("with_writing", [False, True])
def test_who_is_erased_is_in_no_file(tmp_path: Path, with_writing: bool) -> None:
    with installation(tmp_path) as one:
        more = ("--with-writing",) if with_writing else ()
        done = json.loads(one.command("person", "erase", WHO, "--yes", "--json", *more))
        assert done["deleted"] == (7 if with_writing else 0)
        gone = NAMES + SPOKEN + (WRITTEN if with_writing else ())
        # The service that runs beside the command renews its own copy when it looks.
        one.services.index.catch_up()
        assert traces(one, gone) == {}
        assert one.services.index.verify() == []
        _still_works(one, with_writing)
        one.command("restore", str(one.backup), "--replace")
        one.services.index.catch_up()
        assert traces(one, gone) == {}
        assert one.services.index.verify() == []
        _still_works(one, with_writing)


def _still_works(one: Installation, with_writing: bool) -> None:
    """What others wrote and said is found, and what she wrote stays if it shall."""
    told = one.ask("GET", "/search?q=lighthouse keeper answers&limit=50", "ben")
    texts = " ".join(answer["text"] for answer in told["answers"])
    assert "The lighthouse keeper answers it" in texts
    assert "Former colleague" in texts
    assert "(removed)" in texts
    names = {c["name"] for answer in told["answers"] for c in answer["document"]["contributors"]}
    assert names <= {"Ben Osei", "Former colleague"}
    assert {hit["person"]["name"] for hit in told["people"]} <= {"Ben Osei"}
    # Asked for by another word: what is typed here is kept as well.
    kept = one.ask("GET", "/search?q=ledger lamp&limit=50", "ben")["answers"]
    assert any("axolotline" in answer["text"] for answer in kept) is not with_writing
    one.services.queries.flush()


@pytest.mark.parametrize(
    "where", ["forget_traces", "_carry_out", "finish", "Database.purge", "Index.renew"]
)
def test_what_was_interrupted_goes_on_when_it_is_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise DataUnavailable("the power is out")

    with installation(tmp_path) as one:
        person = one.services.merging.find(WHO)
        with monkeypatch.context() as patch:
            if where == "Database.purge":
                patch.setattr("knowledge.store.database.Database.purge", fail)
            elif where == "Index.renew":
                patch.setattr("indexer.build.Index.renew", fail)
            else:
                patch.setattr(erasing, where, fail)
            with pytest.raises(DataUnavailable):
                one.services.erasing.erase(person)
        assert one.services.erasing.unfinished() is not None
        one.command("person", "erase", WHO, "--yes")
        assert one.services.erasing.unfinished() is None
        one.services.index.catch_up()
        assert traces(one, NAMES + SPOKEN) == {}
        assert one.services.index.verify() == []

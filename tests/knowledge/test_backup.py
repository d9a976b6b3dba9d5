"""Backups are complete, checked, atomic, and give a database another epoch."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import threading
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import pytest
from filelock import FileLock

from api.services import Services
from indexer.search.results import Request
from knowledge import backup
from knowledge.asked import AskedQuery
from knowledge.errors import Conflict, NotSignedIn, OutOfSpace
from knowledge.people import Profile
from knowledge.queries import QueryLog, terms
from knowledge.sessions import Browser
from knowledge.sites import Plan
from knowledge.store import copies, documents
from knowledge.store.database import Database, position
from knowledge.store.passages import live_ids
from knowledge.types import OPERATOR, Audience, Principal, Scope
from tests.builders import document, opened


def fill(services: Services, count: int, start: int = 0) -> None:
    made = [
        document(str(n), f"Page {n} tells of kiln number {n}.", tags=("kiln",))
        for n in range(start, start + count)
    ]
    assert len(list(services.capture.ingest(made))) == count


def everything(services: Services) -> dict[str, list[str]]:
    """All rows but the state row and the audit's, in an order of their own."""
    with services.database.read() as connection:
        return {
            name: sorted(json.dumps(row, sort_keys=True) for row in copies.rows(connection, name))
            for name in copies.names()
            if name not in ("state", "audit", "audit_head")
        }


def test_all_tables_come_back_under_a_new_epoch(tmp_path: Path) -> None:
    with opened(tmp_path / "a") as old:
        fill(old, 5)
        old.directory.put(Profile("Ada Field", "ada@example.org", groups=("kiln",), team="Kilns"))
        old.capture.set_audience(1, Audience.of("group:kiln"))
        manifest = backup.write(old.database, tmp_path / "b.zip")
        assert manifest.documents == 5
        with opened(tmp_path / "c") as new:
            backup.restore(new.database, tmp_path / "b.zip")
            assert everything(new) == everything(old)
            with old.database.read() as one, new.database.read() as two:
                assert position(one)[0] != position(two)[0]
            assert new.index.verify() == []
            assert new.pipeline.search(Request("kiln number 3"), OPERATOR).answers


def test_a_serving_process_answers_from_what_was_restored(tmp_path: Path) -> None:
    with opened(tmp_path / "a") as serving, opened(tmp_path / "a") as operator:
        fill(serving, 3)
        backup.write(operator.database, tmp_path / "b.zip")
        fill(serving, 3, start=50)
        assert serving.pipeline.search(Request("kiln number 51"), OPERATOR).answers
        backup.restore(operator.database, tmp_path / "b.zip", replace=True)
        titles = {
            hit.document.title
            for hit in serving.pipeline.search(Request("kiln number 51"), OPERATOR).answers
        }
        assert titles == {"Page 0", "Page 1", "Page 2"}
        fill(serving, 1, start=60)
        assert serving.index.verify() == []


def test_a_newer_snapshot_of_before_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path / "a") as services:
        fill(services, 2)
        backup.write(services.database, tmp_path / "b.zip")
        fill(services, 2, start=10)
        services.index.catch_up()
        assert services.index.save()
        backup.restore(services.database, tmp_path / "b.zip", replace=True)
    with opened(tmp_path / "a") as again:
        assert again.index.saved_sequence == -1
        assert again.index.verify() == []


def test_a_filled_directory_is_replaced_only_when_asked(tmp_path: Path) -> None:
    with opened(tmp_path / "a") as services:
        fill(services, 2)
        backup.write(services.database, tmp_path / "b.zip")
        before = everything(services)
        with pytest.raises(Conflict, match="--replace"):
            backup.restore(services.database, tmp_path / "b.zip")
        assert everything(services) == before


def test_nothing_is_replaced_under_a_running_import(tmp_path: Path) -> None:
    with opened(tmp_path / "a") as services:
        fill(services, 2)
        backup.write(services.database, tmp_path / "b.zip")
        fill(services, 1, start=9)
        before = everything(services)
        with (
            FileLock(tmp_path / "a" / "worker.lock"),
            pytest.raises(Conflict, match="an import is running"),
        ):
            backup.restore(services.database, tmp_path / "b.zip", replace=True)
        assert everything(services) == before


def test_what_killed_ones_left_is_swept_away(tmp_path: Path) -> None:
    running = tmp_path / ".whoknows-backup-0000aaaa.part"
    killed = tmp_path / ".whoknows-backup-0000bbbb.part"
    killed.write_bytes(b"half")
    with opened(tmp_path / "a") as services, running.open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        backup.write(services.database, tmp_path / "b.zip")
        assert {path.name for path in tmp_path.iterdir()} == {"a", "b.zip", running.name}
        for name in ("restore-0000cccc.tmp", "restore-0000cccc.tmp-journal"):
            (tmp_path / "a" / name).write_bytes(b"half")
        backup.restore(services.database, tmp_path / "b.zip")
        assert not list((tmp_path / "a").glob("restore-*"))


def test_a_backup_that_is_being_made_is_not_swept_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = backup._fill

    def fill_during_another(database: Database, raw: IO[bytes]) -> backup.Manifest:
        monkeypatch.setattr(backup, "_fill", real)
        backup.write(database, tmp_path / "other.zip")
        return real(database, raw)

    monkeypatch.setattr(backup, "_fill", fill_during_another)
    with opened(tmp_path / "a") as services:
        backup.write(services.database, tmp_path / "b.zip")
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b.zip", "other.zip"}


def older(tmp_path: Path, file: Path) -> Path:
    """The backup as the first release made it."""
    made = tmp_path / "older.zip"
    with zipfile.ZipFile(file) as read, zipfile.ZipFile(made, "w") as written:
        for name in read.namelist():
            told = read.read(name)
            if name == "manifest.json":
                manifest = json.loads(told)
                del manifest["counters"]
                told = json.dumps(manifest | {"format": 1}).encode()
            written.writestr(name, told)
    return made


@pytest.mark.parametrize("made_by", ["this version", "the first release"])
def test_no_id_is_given_again(tmp_path: Path, made_by: str) -> None:
    with opened(tmp_path / "a") as old, opened(tmp_path / "b") as new:
        fill(old, 5)
        with old.database.read() as connection:
            passages = max(live_ids(connection))
        old.capture.delete(4)
        old.capture.delete(5)
        backup.write(old.database, tmp_path / "b.zip")
        file = tmp_path / "b.zip"
        if made_by == "the first release":
            file = older(tmp_path, file)
        backup.restore(new.database, file)
        given = new.capture.save(document("new", "A new kiln.")).document_id
        assert given is not None
        assert given > 5
        if made_by == "this version":
            with new.database.read() as connection:
                assert max(live_ids(connection)) > passages
            # Nor what was given here before.
            backup.restore(old.database, file, replace=True)
            assert old.capture.save(document("new", "A new kiln.")).document_id == 6
        assert new.index.verify() == []


@pytest.fixture
def share(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if on a network share: no hard links, no syncing of directories."""

    def link(_source: Path, _target: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    def fsync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "link", link)
    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.usefixtures("share")
def test_a_backup_on_a_file_system_without_hard_links(tmp_path: Path) -> None:
    with opened(tmp_path / "a") as services:
        fill(services, 2)
        backup.write(services.database, tmp_path / "b.zip")
        backup.restore(services.database, tmp_path / "b.zip", replace=True)
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b.zip"}
    assert (tmp_path / "b.zip").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("share")
def test_there_too_a_file_that_appears_meanwhile_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = backup._fill

    def fill_while_it_appears(database: Database, raw: IO[bytes]) -> backup.Manifest:
        (tmp_path / "b.zip").write_text("precious")
        return real(database, raw)

    monkeypatch.setattr(backup, "_fill", fill_while_it_appears)
    with opened(tmp_path / "a") as services, pytest.raises(Conflict, match="exists"):
        backup.write(services.database, tmp_path / "b.zip")
    assert (tmp_path / "b.zip").read_text() == "precious"
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b.zip"}


def test_nobody_else_may_read_the_data_or_a_backup(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with opened(tmp_path / "new" / "a") as services:
            fill(services, 1)
            backup.write(services.database, tmp_path / "b.zip")
    finally:
        os.umask(before)
    assert (tmp_path / "b.zip").stat().st_mode & 0o777 == 0o600
    for made in ("new", "new/a"):
        assert (tmp_path / made).stat().st_mode & 0o777 == 0o700


def test_an_existing_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    file.write_text("precious")
    with opened(tmp_path / "a") as services, pytest.raises(Conflict, match="exists"):
        backup.write(services.database, file)
    assert file.read_text() == "precious"


@pytest.mark.slow
def test_a_backup_under_writes_is_one_moment(tmp_path: Path) -> None:
    """Documents are added in order, so a consistent backup holds the first so many of them."""
    stop = threading.Event()
    with opened(tmp_path / "a") as services:
        fill(services, 3)

        def write() -> None:
            number = 100
            while not stop.is_set():
                fill(services, 1, start=number)
                number += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(8):
                backup.write(services.database, tmp_path / f"{number}.zip")
        finally:
            stop.set()
            writer.join()
    held = []
    for number in range(8):
        with opened(tmp_path / "copy") as copy:
            backup.restore(copy.database, tmp_path / f"{number}.zip", replace=True)
            assert copy.index.verify() == []
            with copy.database.read() as connection:
                keys = sorted(
                    int(d.external_id) for d in documents.load_all(connection, OPERATOR).values()
                )
            assert keys == [0, 1, 2, *range(100, 97 + len(keys))]
            held.append(len(keys))
    assert held == sorted(held)
    assert held[0] < held[-1]


def test_too_little_room_is_said_before_anything_is_written(tmp_path: Path) -> None:
    with opened(tmp_path / "a", reserve_mb=10**9) as services:
        with pytest.raises(OutOfSpace, match="nearly full"):
            fill(services, 1)
        assert services.pipeline.search(Request("anything"), OPERATOR).answers == ()


def test_a_restore_lets_nobody_in_who_was_put_out_since(tmp_path: Path) -> None:
    with opened(tmp_path / "a") as services:
        ada, ben = (
            services.directory.put(Profile(name, f"{name.lower()}@example.org"))
            for name in ("Ada", "Ben")
        )
        gone, kept, own = (
            services.tokens.create(name, [Scope.SEARCH], email=email)[1]
            for name, email in (("gone", None), ("kept", None), ("own", "ben@example.org"))
        )
        session = services.sessions.begin(ada, "local", Browser())[1]
        site = services.sites.create(Plan("Intranet", ("https://a.example",)), "operator")
        backup.write(services.database, tmp_path / "b.zip")
        services.tokens.revoke(services.tokens.identify(gone).token.id, "operator")
        services.sites.revoke(site.id, "operator")
        services.accounts.disable(ben, "operator")
        services.restore(tmp_path / "b.zip", replace=True)
        assert services.tokens.identify(kept).principal.signed_in
        for refused in (
            lambda: services.tokens.identify(gone),
            lambda: services.tokens.identify(own),
            lambda: services.sessions.identify(session),
            lambda: services.sites.identify(site.key, "https://a.example"),
        ):
            with pytest.raises(NotSignedIn):
                refused()
        assert services.roles.of(ben).scopes


def test_who_asks_again_after_a_restore_counts_once(tmp_path: Path) -> None:
    """Their pseudonym is another one, for the key of the week is in no backup."""
    with opened(tmp_path / "data") as services:
        ids = [services.directory.put(Profile(f"P{n} Q", f"p{n}@example.org")) for n in range(5)]
        # Of a week that is over nobody asks any more, so what was counted holds.
        last_week = datetime.now(UTC) - timedelta(days=7)
        log = QueryLog(services.database, 30, lambda: last_week)
        for n, person in enumerate(ids):
            log.record(AskedQuery(f"q{n}", "old", "answer", 1, True, last_week), person)
        log.close()

        def ask(persons: list[int]) -> None:
            for person in persons:
                services.search(Request("kiln"), Principal(person, signed_in=True))
            services.queries.flush()

        ask(ids[:4])
        backup.write(services.database, tmp_path / "b.zip")
        backup.restore(services.database, tmp_path / "b.zip", replace=True)
        ask(ids[:2])
        with services.database.read() as connection:
            assert [(one.text, one.askers) for one in terms(connection, at_least=2)] == [
                ("old", 5),
                ("kiln", 2),
            ]

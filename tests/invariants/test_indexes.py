"""Invariants 3, 4, 6, 7 and 9: the indexes tell the truth, and only the newest."""

from __future__ import annotations

import json
import os
import random
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.services import Services
from indexer import snapshot
from indexer.recall import Recall
from indexer.search.results import Request
from knowledge.store.database import mint_epoch
from knowledge.types import ANYONE, Audience, Principal
from tests.builders import document, opened

WORDS = "ledger backup restore invoice printer queue budget release canary tunnel".split()
STAFF = Principal(person_id=None, signed_in=True)


def titles(services: Services, query: str, principal: Principal = STAFF) -> set[str]:
    result = services.pipeline.search(Request(query, limit=100), principal)
    return {hit.document.title for hit in result.answers}


def test_verify_finds_what_random_work_leaves(tmp_path: Path) -> None:
    chance = random.Random(7)
    with opened(tmp_path) as services:
        held: dict[str, int] = {}
        for number in range(60):
            key = f"p{chance.randrange(15)}"
            if key in held and chance.random() < 0.3:
                services.capture.delete(held.pop(key))
            else:
                body = "\n\n".join(
                    f"# Part {part}\n" + " ".join(chance.choices(WORDS, k=60))
                    for part in range(chance.randrange(1, 5))
                )
                saved = services.capture.save(document(key, body))
                held[key] = saved.document_id or held[key]
            if number % 7 == 0:
                assert services.index.verify() == []
        assert services.index.verify() == []


def test_verify_notices_every_kind_of_difference(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        services.capture.save(document("a", "one two three"))
        index = services.index
        index.catch_up()
        vector = services.embedder.embed(["stranger"])
        index._vectors.add(np.array([999]), vector)
        assert any("vector index" in problem for problem in index.verify())
        index._vectors.remove(np.array([999]))
        assert index.verify() == []
        held = index._vectors.ids()
        index._vectors.remove(held)
        index._vectors.add(held, vector)
        assert any("differ" in problem for problem in index.verify())
        index._lexical.remove_documents([1])
        index._lexical.commit()
        assert any("lexical index" in problem for problem in index.verify())


def test_recall_is_measured_against_the_database(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        assert services.index.recall().queries == 0
        for number in range(30):
            services.capture.save(document(f"p{number}", f"The {WORDS[number % 7]} {number}."))
        assert services.index.recall() == Recall(30, 1.0, 1.0)
        find = services.index._vectors.search
        services.index._vectors.search = lambda vector, k, allowed=None: find(vector, 2, allowed)  # type: ignore[method-assign]
        assert not services.index.recall().enough


def test_what_is_acknowledged_is_what_every_worker_finds_next(tmp_path: Path) -> None:
    with opened(tmp_path) as writer, opened(tmp_path) as other:
        saved = writer.capture.save(document("a", "The canary sings at noon."))
        assert saved.document_id is not None
        assert titles(other, "canary") == {"Page a"}
        writer.capture.set_audience(saved.document_id, Audience.of("group:ops"))
        assert titles(other, "canary") == titles(writer, "canary") == set()
        operations = Principal(signed_in=True, groups=frozenset({"ops"}))
        assert titles(other, "canary", operations) == {"Page a"}
        assert titles(other, "canary", ANYONE) == set()
        writer.capture.delete(saved.document_id)
        assert titles(other, "canary", operations) == titles(writer, "canary", operations) == set()


def test_a_revoked_document_gives_no_evidence_and_no_facet(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        saved = services.capture.save(document("a", "The canary sings at noon.", tags=("birds",)))
        assert saved.document_id is not None
        result = services.pipeline.search(Request("canary"), STAFF)
        assert result.people
        assert result.facets["tag"] == {"birds": 1}
        services.capture.set_audience(saved.document_id, Audience.of("group:ops"))
        result = services.pipeline.search(Request("canary"), STAFF)
        assert (result.answers, result.people, result.facets) == ((), (), {})


def test_a_document_hidden_between_retrieval_and_hydration_stays_hidden(tmp_path: Path) -> None:
    """SQL has the last word, whatever an index still believes."""
    with opened(tmp_path) as services:
        saved = services.capture.save(document("a", "The canary sings at noon."))
        assert saved.document_id is not None
        pipeline = services.pipeline
        candidates = pipeline._retrieval.candidates

        def late(*args: Any) -> Any:
            found = candidates(*args)
            services.capture.set_audience(saved.document_id or 0, Audience.of("group:ops"))
            return found

        pipeline._retrieval.candidates = late  # type: ignore[method-assign]
        result = pipeline.search(Request("canary"), STAFF)
        assert (result.answers, result.people, result.facets) == ((), (), {})


def filled(data: Path) -> Path:
    """A data directory with a few pages and one snapshot; returns the snapshot's path."""
    with opened(data) as services:
        for number, word in enumerate(WORDS):
            services.capture.save(document(str(number), f"All about the {word}."))
        services.index.catch_up()
        assert services.index.save()
        assert not services.index.save()
    (path,) = snapshot.found(data / "index" / "snapshots")
    return path


def test_a_snapshot_is_opened_instead_of_building(tmp_path: Path) -> None:
    filled(tmp_path)
    with opened(tmp_path) as services:
        assert services.index.catch_up() == 0
        assert "Page 1" in titles(services, "backup")
        services.capture.save(document("new", "The backup of the backup."))
        assert "Page new" in titles(services, "backup")
        assert services.index.verify() == []


@pytest.mark.parametrize(
    "name", ["vectors", "catalog.npz", "vocabulary.npz", "manifest.json", "lexical/meta.json"]
)
@pytest.mark.parametrize("damage", ["flip", "cut", "gone"])
def test_a_damaged_snapshot_is_refused_and_rebuilt(tmp_path: Path, name: str, damage: str) -> None:
    file = filled(tmp_path) / name
    content = bytearray(file.read_bytes())
    if damage == "gone":
        file.unlink()
    else:
        content[len(content) // 2] ^= 0x10
        file.write_bytes(content if damage == "flip" else content[: len(content) // 2])
    with opened(tmp_path) as services:
        assert services.index.catch_up() == len(WORDS)
        assert services.index.verify() == []


def test_a_snapshot_of_another_layout_is_refused_and_rebuilt(tmp_path: Path) -> None:
    manifest = filled(tmp_path) / "manifest.json"
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(told | {"format": snapshot.FORMAT - 1}))
    with opened(tmp_path) as services:
        assert services.index.catch_up() == len(WORDS)
        assert services.index.verify() == []


def test_a_snapshot_is_synced_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def synced(handle: int) -> None:
        order.append(os.readlink(f"/proc/self/fd/{handle}"))
        fsync(handle)

    def renamed(path: Path, target: Path) -> Path:
        order.append(f"rename {path.name}")
        return rename(path, target)

    def filled_by_hand(directory: Path) -> snapshot.Held:
        (directory / "vectors").write_bytes(b"x")
        return snapshot.Held("e" * 32, sequence=1, count=0)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "rename", renamed)
    snapshot.write(
        tmp_path / "s",
        filled_by_hand,
        model="m",
        dimension=1,
    )
    (at,) = [place for place, what in enumerate(order) if what.startswith("rename")]
    assert {Path(what).name for what in order[:at]} >= {"vectors", "manifest.json"}
    assert [Path(what).name for what in order[at + 1 :]] == ["s"]


def test_a_failed_snapshot_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = filled(tmp_path)
    with opened(tmp_path) as services:
        services.capture.save(document("new", "One more page."))
        services.index.catch_up()

        def full(_path: Path) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(services.index._catalog, "save", full)
        with pytest.raises(OSError, match="No space"):
            services.index.save()
    assert snapshot.found(tmp_path / "index" / "snapshots") == [old]
    assert not list((tmp_path / "index" / "snapshots").glob("tmp-*"))


def test_searches_go_on_while_a_snapshot_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither filling the files nor hashing and syncing them keeps a search waiting, and only the
    filling keeps a change waiting."""
    with opened(tmp_path) as services, ThreadPoolExecutor(1) as aside:
        services.capture.save(document("a", "The canary sings."))
        services.index.catch_up()
        at = services.index.sequence
        fill, digest = services.index._catalog.save, snapshot._digest

        def filled_beside(path: Path) -> None:
            fill(path)
            assert aside.submit(titles, services, "canary").result(timeout=20) == {"Page a"}

        def hashed_beside(path: Path) -> str:
            services.capture.save(document("b", "The canary sleeps."))
            found = aside.submit(titles, services, "canary").result(timeout=20)
            assert found == {"Page a", "Page b"}
            return digest(path)

        monkeypatch.setattr(services.index._catalog, "save", filled_beside)
        monkeypatch.setattr(snapshot, "_digest", hashed_beside)
        assert services.index.save()
        assert services.index.saved_sequence == at < services.index.sequence
    monkeypatch.undo()
    with opened(tmp_path) as services:
        assert services.index.sequence == at
        assert titles(services, "canary") == {"Page a", "Page b"}
        assert services.index.verify() == []


def test_one_replays_for_all_who_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path) as services, ThreadPoolExecutor(8) as askers:
        services.capture.save(document("a", "The canary sings."))
        services.index.catch_up()
        services.capture.save(document("b", "The canary sleeps."))
        together, replay = threading.Barrier(8), services.index._replay
        replays: list[object] = []

        def counted(progress: object) -> int:
            replays.append(progress)
            threading.Event().wait(0.2)
            return replay(progress)  # type: ignore[arg-type]

        def ask() -> set[str]:
            together.wait()
            return titles(services, "canary")

        monkeypatch.setattr(services.index, "_replay", counted)
        found = [asker.result(timeout=20) for asker in [askers.submit(ask) for _ in range(8)]]
        assert found == [{"Page a", "Page b"}] * 8
        assert len(replays) == 1


def test_searches_under_way_go_on_while_words_are_put_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who asked before a change was acknowledged does not wait for it."""
    with opened(tmp_path) as services, ThreadPoolExecutor(1) as aside:
        services.capture.save(document("a", "The canary sings."))
        services.index.catch_up()
        write, looked = services.index._lexical.write, threading.Event()

        def look() -> None:
            with services.index._lock.reading():
                looked.set()

        def written_beside() -> None:
            if not looked.is_set():
                aside.submit(look).result(timeout=20)
            write()

        monkeypatch.setattr(services.index._lexical, "write", written_beside)
        services.capture.save(document("b", "The canary sleeps."))
        assert titles(services, "canary") == {"Page a", "Page b"}
        assert looked.is_set()


def test_search_and_mutation_exclude_each_other(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        services.capture.save(document("a", "The canary sings."))
        index = services.index
        index.catch_up()
        busy = {"search": 0, "add": 0}
        overlaps: list[dict[str, int]] = []
        guard = threading.Lock()

        def watched(name: str, call: Any) -> Any:
            def run(*args: Any) -> Any:
                with guard:
                    busy[name] += 1
                    if (busy["search"] and busy["add"]) or busy["add"] > 1:
                        overlaps.append(dict(busy))
                threading.Event().wait(0.002)
                result = call(*args)
                with guard:
                    busy[name] -= 1
                return result

            return run

        index._vectors.search = watched("search", index._vectors.search)  # type: ignore[method-assign]
        index._vectors.add = watched("add", index._vectors.add)  # type: ignore[method-assign]

        def ask() -> None:
            for _ in range(30):
                services.pipeline.search(Request("canary"), STAFF)

        def write(name: str) -> None:
            for number in range(20):
                services.capture.save(document(f"{name}{number}", f"The canary {number}."))
                index.catch_up()

        threads = [threading.Thread(target=ask) for _ in range(2)]
        threads += [threading.Thread(target=write, args=(name,)) for name in "xy"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert overlaps == []
        assert index.verify() == []


@pytest.mark.sqlite("puts an old file in the place of the new; see also test_backup")
def test_a_snapshot_from_another_life_is_refused(tmp_path: Path) -> None:
    """After going back to an old copy of the database, a newer snapshot would lie."""
    with opened(tmp_path) as services:
        services.capture.save(document("old", "The tunnel is open."))
    shutil.copytree(tmp_path, tmp_path.parent / "copy")
    with opened(tmp_path) as services:
        saved = services.capture.save(document("new", "The tunnel is closed."))
        services.index.catch_up()
        services.index.save()
        assert saved.document_id is not None
    shutil.copy(tmp_path.parent / "copy" / "whoknows.db", tmp_path / "whoknows.db")
    for left in tmp_path.glob("whoknows.db-*"):
        left.unlink()
    with opened(tmp_path) as services:
        with services.database.write() as connection:
            mint_epoch(connection)
        services.capture.save(document("other", "The tunnel is flooded."))
        assert titles(services, "tunnel") == {"Page old", "Page other"}
        assert services.index.verify() == []

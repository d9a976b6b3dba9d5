"""Imports: handed in, run, resumed after any interruption, told only to their owner."""

from __future__ import annotations

import io
import os
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from api.services import Services
from knowledge.capture import Capture
from knowledge.errors import InvalidInput, NotFound, OutOfSpace, TooLarge
from knowledge.identity import AccountRole
from knowledge.imports import Imports, Order, audience_of
from knowledge.jobs import Import, ImportItem, ImportState
from knowledge.people import Profile
from knowledge.roles import EVERYTHING, MEMBER, Standing
from knowledge.spool import label
from knowledge.store import access, documents, sources
from knowledge.types import OPERATOR, Audience
from tests.builders import opened

pytestmark = pytest.mark.usefixtures("warm_readers")

ADA, BEN = "person:1", "person:2"
FILES = {
    "a.md": "# Kilns\n\nKilns cool slowly.",
    "b.md": "---\nauthor: Ben Osei <ben@example.org>\n---\n# Glaze\n\nGlaze runs when thick.",
    "c.md": "",
    "d.png": "no text",
    "e.md": "# Clay\n\nClay shrinks as it dries.",
}


def zipped(files: dict[str, str]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, text in files.items():
            # Always of the same moment, which is part of what a document is.
            archive.writestr(zipfile.ZipInfo(name, (2024, 5, 1, 12, 0, 0)), text)
    return raw.getvalue()


def hand_in(
    imports: Imports, data: bytes, order: Order, owner: str = ADA, standing: Standing = MEMBER
) -> Import:
    with imports.receive() as upload:
        upload.write(data)
        return imports.create(upload, order, owner, standing=standing)


def run(services: Services, stopping: Callable[[], bool] = lambda: False) -> bool:
    return services.runner(stopping).run(services.imports.unfinished()[0])


def report(services: Services, job: Import, owner: str = ADA) -> tuple[Import, list[ImportItem]]:
    return services.imports.progress(job.id, owner, 0, 1000)


def stored(services: Services) -> dict[str, str]:
    with services.database.read() as connection:
        held = documents.load_all(connection, OPERATOR).values()
        return {d.external_id: d.source_key for d in held}


def test_a_file_is_read_and_each_input_reported_once(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        job = hand_in(services.imports, zipped(FILES), Order("wiki.zip"))
        assert (job.state, job.source) == (ImportState.QUEUED, "person:1/wiki")
        assert run(services)
        done, items = report(services, job)
        assert [(i.number, i.name, i.status) for i in items] == [
            (1, "a.md", "added"),
            (2, "b.md", "added"),
            (3, "c.md", "refused"),
            (4, "e.md", "added"),
            (5, "d.png", "refused"),
        ]
        assert [bool(i.reason) for i in items] == [i.status == "refused" for i in items]
        assert done.state is ImportState.DONE
        assert done.counts == {
            "added": 3,
            "changed": 0,
            "unchanged": 0,
            "refused": 2,
            "people": 1,
            "moved": 0,
            "archived": 0,
            "bytes_read": 134,
            "bytes": 141,
        }
        assert done.started_at is not None
        assert done.finished_at is not None
        assert not list((tmp_path / "imports").iterdir())
        assert services.imports.unfinished() == []
        assert set(stored(services)) == {"a.md", "b.md", "e.md"}

        again = zipped(FILES | {"a.md": "# Kilns\n\nKilns cool overnight."})
        job = hand_in(services.imports, again, Order("wiki.zip"))
        assert run(services)
        done, items = report(services, job)
        assert [(i.name, i.status) for i in items if i.status != "refused"] == [("a.md", "changed")]
        assert done.counts["unchanged"] == 2


def test_a_single_file_is_called_what_its_owner_calls_it(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        note = hand_in(services.imports, FILES["a.md"].encode(), Order("C:\\stuff\\kiln notes.md"))
        broken = hand_in(services.imports, b"PK no zip", Order("/etc/wiki.ZIP"))
        strange = hand_in(services.imports, b"?", Order("thing.runes"))
        while services.imports.unfinished():
            run(services)
        assert stored(services) == {"kiln notes.md": "person:1/kiln notes"}
        assert [i.name for i in report(services, note)[1]] == ["kiln notes.md"]
        failed, items = report(services, broken)
        assert (failed.state, items) == (ImportState.FAILED, [])
        assert failed.error is not None
        assert failed.error.startswith("wiki.ZIP is not a complete zip archive")
        assert [i.name for i in report(services, strange)[1]] == ["thing.runes"]


def test_a_dry_run_reports_the_same_and_writes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        hand_in(services.imports, zipped({"a.md": "# Old\n\nOld."}), Order("wiki.zip"))
        run(services)
        would = hand_in(services.imports, zipped(FILES), Order("wiki.zip", dry_run=True))
        run(services)
        assert set(stored(services)) == {"a.md"}
        does = hand_in(services.imports, zipped(FILES), Order("wiki.zip"))
        run(services)
        planned, planned_items = report(services, would)
        done, items = report(services, does)
        assert planned_items == [replace(item, document_id=None) for item in items]
        assert planned.counts == done.counts
        assert planned.state is ImportState.DONE
        assert done.counts["changed"] == 1


@pytest.mark.parametrize(
    ("pages", "dry_run"),
    [
        (2, False),
        pytest.param(12, False, marks=pytest.mark.slow),
        pytest.param(12, True, marks=pytest.mark.slow),
    ],
)
def test_an_import_stopped_anywhere_goes_on_to_the_same_report(
    tmp_path: Path, pages: int, dry_run: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.services._IMPORT_WINDOW", 40)
    line = '{"_id": "one", "title": "T", "text": "Twice and thrice."}\n'
    files = FILES | {"pages.jsonl": line * 3 + "nonsense\n"}
    files |= {f"x{n}.md": "" if n % 4 == 0 else f"# X\n\nText {n}." for n in range(pages)}
    order = Order("wiki.zip", dry_run=dry_run)
    before = zipped({"a.md": FILES["a.md"], "x1.md": "# X\n\nOld."})

    with opened(tmp_path / "calm") as services:
        hand_in(services.imports, before, Order("wiki.zip"))
        run(services)
        calm = hand_in(services.imports, zipped(files), order)
        assert run(services)
        expected, expected_items = report(services, calm)

    with opened(tmp_path / "stormy") as services:
        hand_in(services.imports, before, Order("wiki.zip"))
        run(services)
        stormy = hand_in(services.imports, zipped(files), order)
        shown: list[ImportItem] = []
        for patience in range(1000):
            left = iter(range(patience % 40))
            ended = run(services, lambda left=left: next(left, None) is None)  # type: ignore[misc]
            now, items = report(services, stormy)
            assert items[: len(shown)] == shown
            shown = items
            if ended:
                break
            assert now.state is ImportState.RUNNING
        assert patience > 3
        assert shown == expected_items
        assert now.counts == expected.counts
        assert services.index.verify() == []


def test_what_an_interrupted_run_saw_unchanged_is_counted_once(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        pages = {f"{n}.md": f"# P\n\nPage {n}." for n in range(30)}
        hand_in(services.imports, zipped(pages), Order("wiki.zip"))
        run(services)
        job = hand_in(services.imports, zipped(pages | {"z.md": "# Z\n\nNew."}), Order("wiki.zip"))
        left = iter(range(50))
        assert not run(services, lambda: next(left, None) is None)
        assert run(services)
        assert report(services, job)[0].counts["unchanged"] == 30


def test_an_import_is_its_owners_alone(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        imports = services.imports
        jobs = [hand_in(imports, b"x", Order(f"{n}.md"), owner=ADA) for n in range(5)]
        other = hand_in(imports, b"x", Order("secret.md", source="plans"), owner=BEN)
        page, position = imports.of(ADA, 3)
        rest, end = imports.of(ADA, 3, position)
        assert [job.id for job in page + rest] == [job.id for job in reversed(jobs)]
        assert end == 0
        assert imports.get(other.id, BEN).file_name == "secret.md"
        for key in (other.id, "0" * 32):
            with pytest.raises(NotFound, match=r"^no such import$"):
                imports.get(key, ADA)
            with pytest.raises(NotFound, match=r"^no such import$"):
                imports.progress(key, ADA, 0, 10)
        seen = imports.supervised(other.id)
        assert seen.state is ImportState.QUEUED
        assert not {"secret.md", "plans"} & {seen.file_name, seen.source}
        with pytest.raises(NotFound):
            imports.supervised("0" * 32)


def test_a_source_of_the_same_name_is_another_source(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada = services.directory.put(Profile("Ada Field", "ada@example.org"))
        services.roles.grant(ada, AccountRole.ADMINISTRATOR, "operator")
        hand_in(
            services.imports,
            zipped({"a.md": "# A\n\nShared."}),
            Order("w.zip"),
            standing=EVERYTHING,
        )
        mine = hand_in(services.imports, zipped({"a.md": "# A\n\nShared."}), Order("w.zip"))
        run(services)
        with services.database.write() as connection:
            sources.source_id(connection, "w", speakers_consented=True)
        run(services)
        assert [i.status for i in report(services, mine)[1]] == ["added"]
        with services.database.read() as connection:
            held = documents.load_all(connection, OPERATOR).values()
            assert sorted(d.source for d in held) == ["w", "w"]
            assert sorted(d.source_key for d in held) == ["person:1/w", "w"]
            assert sources.consenting_sources(connection) == {"w"}
        services.index.catch_up()
        with services.index.reading() as view:
            kept = {view.catalog.entry(d.id).source for d in held}
            assert kept == {"person:1/w", "w"}
            assert all("source:w" in view.catalog.entry(d.id).facets for d in held)


def test_an_audience_is_for_what_says_nothing_of_its_own(tmp_path: Path) -> None:
    assert audience_of([]) is None
    assert audience_of(["group:a|group:b", "everyone"]) == Audience.of(
        ["group:a", "group:b"], "everyone"
    )
    for wrong in (["Friends"], [""], ["group:" + "x" * 200], ["everyone"] * 100):
        with pytest.raises(InvalidInput):
            audience_of(wrong)
    with opened(tmp_path) as services:
        order = Order("a.md", audience=("group:kiln",))
        hand_in(services.imports, FILES["a.md"].encode(), order)
        run(services)
        with services.database.read() as connection:
            (document,) = documents.load_all(connection, OPERATOR).values()
            audience = access.audience_of(connection, document.audience_id)
        assert audience == Audience.of("group:kiln")


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (Order(""), "choose a file"),
        (Order("///"), "choose a file"),
        (Order("a.md", format="runes"), "runes"),
        (Order("a.md", source="x" * 151), "150"),
        (Order("a.md", source="a\0b"), "one line"),
        (Order("a.md", audience=("Friends",)), "no audience"),
    ],
)
def test_what_cannot_be_done_is_refused_and_leaves_nothing(
    tmp_path: Path, order: Order, said: str
) -> None:
    with opened(tmp_path) as services:
        with pytest.raises(InvalidInput, match=said):
            hand_in(services.imports, b"text", order)
        assert services.imports.unfinished() == []
        assert not list((tmp_path / "imports").iterdir())


def test_a_file_beyond_the_limit_is_cut_off(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        imports = Imports(services.database, 1000)
        with imports.receive() as upload:
            upload.expect(1000)
            with pytest.raises(TooLarge, match="1,000 bytes"):
                upload.expect(1001)
            for _ in range(10):
                upload.write(b"x" * 100)
            with pytest.raises(TooLarge):
                upload.write(b"x")
        assert not list((tmp_path / "imports").iterdir())


def test_a_nearly_full_disk_takes_no_file(tmp_path: Path) -> None:
    with opened(tmp_path, reserve_mb=1e9) as services:
        with services.imports.receive() as upload, pytest.raises(OutOfSpace):
            upload.expect(10)
        with services.imports.receive() as upload:
            upload.write(b"x")
            with pytest.raises(OutOfSpace):
                services.imports.create(upload, Order("a.md"), ADA)
        assert not list((tmp_path / "imports").iterdir())


def test_files_that_nobody_waits_for_are_swept(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        imports = services.imports
        job = hand_in(imports, b"# A\n\nText.", Order("a.md"))
        ended = hand_in(imports, b"# B\n\nText.", Order("b.md"))
        imports.finish(ended, error="for the test")
        left = imports.spool.path(ended.id)
        young, old = (imports.spool.path(key + ".part") for key in ("1" * 32, "2" * 32))
        for path in (left, young, old):
            path.write_bytes(b"x")
        yesterday = time.time() - 25 * 3600
        os.utime(old, (yesterday, yesterday))
        os.utime(imports.spool.path(job.id), (yesterday, yesterday))
        imports.sweep()
        assert {p.name for p in (tmp_path / "imports").iterdir()} == {job.id, young.name}


def test_a_missing_file_fails_its_import_with_what_to_do(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        job = hand_in(services.imports, b"# A\n\nText.", Order("a.md"))
        services.imports.spool.remove(job.id)
        assert run(services)
        failed, _ = report(services, job)
        assert failed.state is ImportState.FAILED
        assert "import it again" in (failed.error or "")


def test_a_mistake_of_ours_fails_the_import_and_not_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as services:
        job = hand_in(services.imports, zipped(FILES), Order("wiki.zip"))

        def broken(*_: object) -> None:
            raise AssertionError("a secret detail")

        monkeypatch.setattr(Capture, "_prepare_all", broken)
        assert run(services)
        failed, _ = report(services, job)
        assert failed.state is ImportState.FAILED
        assert failed.error == "something went wrong here (AssertionError); it was logged"


def test_file_names_are_labels() -> None:
    assert label("notes.md") == "notes.md"
    assert label("../../etc/passwd") == "passwd"
    assert label("C:\\Users\\x\\Wiki Export.zip") == "Wiki Export.zip"
    assert label("...") == ""
    assert label("a\x00b\n.md") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}.md"
    long = label("x" * 500 + ".vtt")
    assert len(long) == 200
    assert long.endswith("x.vtt")


def test_a_request_sent_again_makes_no_second_import(tmp_path: Path) -> None:
    with opened(tmp_path) as services:

        def send(data: bytes, order: Order, owner: str = ADA) -> Import:
            with services.imports.receive() as upload:
                upload.write(data)
                return services.imports.create(upload, order, owner, key="mine")

        first = send(b"# A\n\nText.", Order("a.md"))
        assert send(b"# A\n\nText.", Order("a.md")) == first
        assert [p.name for p in (tmp_path / "imports").iterdir()] == [first.id]
        for data, order in ((b"# B\n\nText.", Order("a.md")), (b"# A\n\nText.", Order("b.md"))):
            with pytest.raises(InvalidInput, match="Idempotency-Key"):
                send(data, order)
        assert send(b"# A\n\nText.", Order("a.md"), BEN).id != first.id

"""One run over an export after another: only changes are written, and what is gone is put away."""

from __future__ import annotations

import shutil
import warnings
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.services import Services
from indexer.search.results import Request
from knowledge.capture import Outcome, Status, Terms
from knowledge.errors import NotFound
from knowledge.execution import Course, Execution
from knowledge.exports import Entry, Export
from knowledge.jobs import Gone
from knowledge.store import attachments, documents, sources
from knowledge.store.tables import documents as documents_table
from knowledge.store.tables import revisions
from knowledge.types import OPERATOR, Audience, Document, Link, Principal, SourceDocument
from tests.builders import opened

pytestmark = pytest.mark.usefixtures("warm_readers")

SAMPLES = Path(__file__).parents[2] / "data" / "samples" / "formats"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))
PAGES = {
    "kilns.md": "# Kilns\n\nKilns cool slowly. See [glaze](glaze.md#runs) and "
    "[clay](more/clay.md).\n\n![plan](plan.png)\n",
    "glaze.md": "# Glaze\n\n## Runs\n\nGlaze runs when thick. Ask [nobody](gone.md).\n",
    "more/clay.md": "# Clay\n\nClay shrinks as it dries; see [kilns](../kilns.md).\n",
    "more/tools.md": "# Tools\n\nA wire cuts clay.\n",
    "more/wheel.md": "# Wheel\n\nThe wheel turns left.\n",
    "more/studio.md": "# Studio\n\nThe studio opens at nine.\n",
}


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    folder = tmp_path / "wiki"
    for name, text in PAGES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "plan.png").write_bytes(PNG)
    return folder


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path / "data") as made:
        yield made


def run(services: Services, path: Path, **more: Any) -> tuple[list[Outcome], Execution]:
    given = {"format": "auto", "full": True} | more
    course = Course(path, "wiki", **given)
    execution = Execution(services.database, services.capture, course)
    outcomes = list(execution.outcomes())
    return outcomes, execution


def held(services: Services) -> dict[str, Document]:
    with services.database.read() as connection:
        found = documents.load_all(connection, OPERATOR).values()
    return {document.external_id: document for document in found}


def rows(services: Services) -> dict[str, Any]:
    with services.database.read() as connection:
        return {
            "documents": connection.execute(documents_table.select()).all(),
            "revisions": connection.execute(revisions.select()).all(),
        }


def finds(services: Services, question: str) -> list[str]:
    answers = services.pipeline.search(Request(question), OPERATOR).answers
    return [hit.document.external_id for hit in answers]


def test_the_second_and_third_import_write_nothing(services: Services, wiki: Path) -> None:
    first, _ = run(services, wiki)
    assert [o.status for o in first] == [Status.ADDED] * len(PAGES)
    before = rows(services)
    for _ in range(2):
        again, execution = run(services, wiki)
        assert [(o.status, o.embedded) for o in again] == [(Status.UNCHANGED, 0)] * len(PAGES)
        assert (execution.moved, execution.archived, execution.question) == (0, 0, None)
        assert rows(services) == before


def test_only_what_changed_is_written(services: Services, wiki: Path) -> None:
    run(services, wiki)
    (wiki / "glaze.md").write_text("# Glaze\n\nGlaze runs when thin.\n")
    outcomes, _ = run(services, wiki)
    assert {o.name for o in outcomes if o.status is Status.CHANGED} == {"glaze.md"}
    assert {key: d.revision for key, d in held(services).items() if d.revision > 1} == {
        "glaze.md": 2
    }


def test_what_is_gone_is_archived_and_comes_back(services: Services, wiki: Path) -> None:
    run(services, wiki)
    key = held(services)["more/wheel.md"].id
    (wiki / "more/wheel.md").unlink()
    _, execution = run(services, wiki)
    assert (execution.archived, execution.question) == (1, None)
    assert "more/wheel.md" not in held(services)
    assert "more/wheel.md" not in finds(services, "which way does the wheel turn")
    assert services.index.verify() == []
    with services.database.read() as connection, pytest.raises(NotFound):
        documents.get(connection, key, OPERATOR)
    assert len(rows(services)["documents"]) == len(PAGES)

    (wiki / "more/wheel.md").write_text(PAGES["more/wheel.md"])
    run(services, wiki)
    back = held(services)["more/wheel.md"]
    assert (back.id, back.revision) == (key, 1)
    assert finds(services, "which way does the wheel turn")[0] == "more/wheel.md"
    assert services.index.verify() == []


def test_a_part_of_a_source_archives_nothing(services: Services, wiki: Path) -> None:
    run(services, wiki)
    (wiki / "more/wheel.md").unlink()
    _, execution = run(services, wiki, full=None)
    assert (execution.archived, len(held(services))) == (0, len(PAGES))


def test_when_much_is_gone_it_asks(services: Services, wiki: Path) -> None:
    run(services, wiki)
    shutil.rmtree(wiki / "more")
    _, execution = run(services, wiki)
    assert execution.question is not None
    assert (execution.question.gone, execution.question.held) == (4, 6)
    assert execution.question.names == tuple(sorted(n for n in PAGES if n.startswith("more")))
    assert len(held(services)) == len(PAGES)
    _, execution = run(services, wiki, gone=Gone.KEEP)
    assert (execution.archived, len(held(services))) == (0, len(PAGES))
    _, execution = run(services, wiki, gone=Gone.ARCHIVE)
    assert execution.archived == 4
    assert set(held(services)) == {"kilns.md", "glaze.md"}


@pytest.mark.parametrize(("gone", "asks"), [(2, False), (3, True)])
def test_up_to_a_fifth_may_go_unasked(
    services: Services, tmp_path: Path, gone: int, asks: bool
) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(10):
        (folder / f"{number}.md").write_text(f"# Kiln {number}\n\nKiln {number} cools slowly.\n")
    run(services, folder)
    for number in range(gone):
        (folder / f"{number}.md").unlink()
    _, execution = run(services, folder)
    assert (execution.question is not None, execution.archived) == (asks, 0 if asks else gone)


def test_what_stands_behind_damage_is_not_gone(services: Services, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "kilns.md").write_text("# Kilns\n\nKilns cool slowly.\n")
    whole = (SAMPLES / "evernote/Field notes.enex").read_text()
    (folder / "field.enex").write_text(whole)
    run(services, folder)
    before = set(held(services))
    (folder / "field.enex").write_text(whole[: whole.index("</note>") + 20])
    outcomes, execution = run(services, folder, gone=Gone.ARCHIVE)
    assert {one.status for one in outcomes} == {Status.UNCHANGED, Status.REFUSED}
    assert (execution.archived, set(held(services))) == (0, before)


@pytest.mark.parametrize(
    ("before", "after"),
    [(("one.md", "two.md"), ("three.md",)), (("one.md",), ("two.md", "three.md"))],
)
def test_a_text_that_several_pages_have_tells_no_move(
    services: Services, wiki: Path, before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    for name in before:
        (wiki / name).write_text("# To do\n\nThis page is still empty.\n")
    run(services, wiki)
    for name in before:
        (wiki / name).unlink()
    for name in after:
        (wiki / name).write_text("# To do\n\nThis page is still empty.\n")
    _, execution = run(services, wiki, gone=Gone.ARCHIVE)
    assert (execution.moved, execution.archived) == (0, len(before))


def test_a_file_that_changed_while_it_was_read_is_not_kept(
    services: Services, wiki: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Export.get

    def overtaken(export: Export, name: str) -> Entry | None:
        (wiki / "plan.png").write_bytes(PNG + b"another one")
        return read(export, name)

    monkeypatch.setattr(Export, "get", overtaken)
    outcomes, _ = run(services, wiki)
    lost = {loss.what for one in outcomes for loss in one.losses}
    assert any("plan.png" in what and "changed while" in what for what in lost)


def test_a_moved_page_keeps_its_id_and_its_history(services: Services, wiki: Path) -> None:
    run(services, wiki)
    (wiki / "more/tools.md").write_text("# Tools\n\nA wire cuts wet clay.\n")
    run(services, wiki)
    before = held(services)["more/tools.md"]
    (wiki / "more/tools.md").rename(wiki / "equipment.md")
    outcomes, execution = run(services, wiki)
    assert (execution.moved, execution.archived, execution.question) == (1, 0, None)
    assert sum(o.embedded for o in outcomes) == 0
    after = held(services)
    assert (after["equipment.md"].id, after["equipment.md"].revision) == (before.id, 2)
    assert len(after) == len(PAGES)
    assert finds(services, "what cuts wet clay")[0] == "equipment.md"
    assert services.index.verify() == []
    again, execution = run(services, wiki)
    assert {o.status for o in again} == {Status.UNCHANGED}
    assert execution.moved == 0


def test_what_is_refused_this_time_is_not_gone(services: Services, wiki: Path) -> None:
    run(services, wiki)
    (wiki / "more/wheel.md").write_bytes(b"# Wh\xff\xfe\n")
    outcomes, execution = run(services, wiki)
    assert [o.name for o in outcomes if o.status is Status.REFUSED] == ["more/wheel.md"]
    assert execution.archived == 0
    assert "more/wheel.md" in held(services)


def test_a_dry_run_tells_the_same_and_writes_nothing(services: Services, wiki: Path) -> None:
    run(services, wiki)
    (wiki / "more/tools.md").rename(wiki / "equipment.md")
    (wiki / "more/wheel.md").unlink()
    (wiki / "new.md").write_text("# New\n\nNew and broken: [x](nowhere.md).\n")
    before = rows(services)
    would, dry = run(services, wiki, dry_run=True)
    assert rows(services) == before
    did, execution = run(services, wiki)
    assert [(o.name, o.status) for o in would] == [(o.name, o.status) for o in did]
    assert (dry.moved, dry.archived) == (execution.moved, execution.archived) == (1, 1)
    one, other = dry.summary(), execution.summary()
    assert one == other
    assert one["links"]["broken_ones"][-1] | {"count": 1} == {
        "document": "new.md",
        "href": "nowhere.md",
        "target": "nowhere.md",
        "count": 1,
    }


def test_facts_are_counted(services: Services, wiki: Path) -> None:
    (wiki / "glaze.md").write_text(
        "---\nauthor: Ben Osei <ben@example.org>\naudience: [group:ops]\n---\n" + PAGES["glaze.md"]
    )
    _, execution = run(services, wiki)
    facts = execution.summary()
    assert facts["kinds"] == {"writeup": 6}
    assert facts["people"] == {"count": 1, "names": ["Ben Osei"]}
    assert facts["readers"] == [
        {"who": "as declared", "documents": 5},
        {"who": "group:ops", "documents": 1},
    ]
    assert facts["attachments"] == {"count": 1, "bytes": len(PNG)}
    assert (facts["links"]["count"], facts["links"]["broken"]) == (4, 1)
    consumed, size = execution.progress
    assert 0 < consumed <= size


def test_addresses_follow_the_template_and_are_remembered(services: Services, wiki: Path) -> None:
    template = "https://wiki.example/{path}?t={title}"
    run(services, wiki, terms=Terms(url_template=template))
    assert held(services)["more/clay.md"].url == "https://wiki.example/more/clay?t=Clay"
    outcomes, _ = run(services, wiki)
    assert {o.status for o in outcomes} == {Status.UNCHANGED}


def test_parts_of_a_source_are_whole_by_themselves_and_link_to_each_other(
    services: Services,
) -> None:
    def page(space: str, key: str, *links: Link) -> SourceDocument:
        return SourceDocument(
            "wiki",
            key,
            f"Page {key}",
            f"Text of {key}.",
            links=links,
            aliases=(f"{space}:page {key}",),
            part=space,
        )

    one, two = page("a", "1", Link("x", "b:page 2")), page("b", "2", Link("y", "1"))
    list(services.capture.ingest([one, two]))
    with services.database.read() as connection:
        ids = {d.external_id: k for k, d in documents.load_all(connection, OPERATOR).items()}
        assert attachments.targets(connection, ids["1"], OPERATOR) == {"x": ids["2"]}
        assert attachments.targets(connection, ids["2"], OPERATOR) == {"y": ids["1"]}
        held = sources.of_source(connection, "wiki")
    assert {name: one.part for name, one in held.items()} == {"1": "a", "2": "b"}


def test_what_came_after_the_import_began_is_not_gone(services: Services, wiki: Path) -> None:
    run(services, wiki)
    began = datetime.now(UTC)
    late = SourceDocument("wiki", "late.md", "Late", "It came later.")
    list(services.capture.ingest([late]))
    _, execution = run(services, wiki, since=began)
    assert (execution.archived, execution.question) == (0, None)
    assert "late.md" in held(services)
    _, execution = run(services, wiki, since=datetime.now(UTC))
    assert execution.archived == 1


def test_another_format_in_the_same_source_is_another_part(services: Services) -> None:
    samples = Path(__file__).parents[2] / "data" / "samples" / "formats"
    run(services, samples / "dokuwiki", full=None)
    count = len(held(services))
    run(services, samples / "notion", full=None)
    _, execution = run(services, samples / "dokuwiki", full=None)
    assert (execution.archived, execution.question) == (0, None)
    assert len(held(services)) > count


def test_a_page_that_an_archive_refuses_is_not_gone(services: Services, tmp_path: Path) -> None:
    pages = {f"data/pages/p{n}.txt": f"====== Page {n} ======\n\nText {n}.\n" for n in range(6)}
    whole, twice = tmp_path / "whole.zip", tmp_path / "twice.zip"
    with zipfile.ZipFile(whole, "w") as archive:
        for name, text in pages.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 5, 1, 12, 0, 0)), text)
    shutil.copy(whole, twice)
    with warnings.catch_warnings(), zipfile.ZipFile(twice, "a") as archive:
        warnings.simplefilter("ignore", UserWarning)
        archive.writestr("data/pages/p3.txt", "Another one.")
    run(services, whole, format="dokuwiki")
    outcomes, execution = run(services, twice, format="dokuwiki")
    assert [o.status for o in outcomes].count(Status.REFUSED) >= 1
    assert execution.archived == 0
    assert "p3" in held(services)


def test_whoever_deletes_a_page_meanwhile_stops_no_import(
    services: Services, wiki: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(services, wiki)
    (wiki / "more/tools.md").rename(wiki / "equipment.md")
    course = Course(wiki, "wiki", "auto", full=True)
    execution = Execution(
        services.database,
        services.capture,
        course,
        settling=lambda: services.capture.delete(held(services)["equipment.md"].id),
    )
    list(execution.outcomes())
    assert "equipment.md" not in held(services)
    assert services.index.verify() == []


def test_what_is_told_of_a_source_is_what_the_importer_may_read(
    services: Services, wiki: Path
) -> None:
    hidden = SourceDocument("wiki", "layoffs.md", "Layoffs", "A secret.")
    list(services.capture.ingest([hidden], Terms(Audience.of("group:hr"))))
    (wiki / "kilns.md").write_text("# Kilns\n\nSee [it](layoffs.md).\n")
    for reader, names in ((Principal(signed_in=True), []), (OPERATOR, ["layoffs.md"])):
        _, execution = run(services, wiki, dry_run=True, reader=reader)
        assert execution.question is not None
        assert execution.summary()["gone"] == names
        broken = {one["target"] for one in execution.summary()["links"]["broken_ones"]}
        assert ("layoffs.md" in broken) == (not names)

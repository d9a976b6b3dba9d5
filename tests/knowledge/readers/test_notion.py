"""Notion's exports: ids, databases, properties, and archives within archives."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge import readers
from knowledge.exports import Export
from knowledge.readers import _notion_pages, _notion_properties, notion
from knowledge.types import LossKind, ReadFailure, Role, SourceDocument
from tests.contracts.test_readers import sample
from tests.knowledge.readers.support import read

HOME = "1a2b3c4d5e6f47089a0b1c2d3e4f5061"
RING = "9c8b7a6d5e4f4a3b8c2d1e0f9a8b7c6d"
LOG = "4f0c2a6e9b1d4c7a8e3f5b6d7c8e9f01"
BEARING = "0123456789abcdef0123456789abcdef"
PAINT = "fedcba9876543210fedcba9876543210"


def documents(path: Path) -> dict[str, SourceDocument]:
    items = list(readers.read_export(path, source="test"))
    assert not [item for item in items if isinstance(item, ReadFailure)]
    return {item.external_id: item for item in items if isinstance(item, SourceDocument)}


@pytest.fixture(scope="module")
def pages() -> dict[str, SourceDocument]:
    return documents(sample("notion"))


def test_every_page_has_notions_id_and_no_title_has_one(pages: dict[str, SourceDocument]) -> None:
    assert {page.external_id: page.title for page in pages.values()} == {
        HOME: "Fennmoor home",
        RING: "How to ring",
        LOG: "Turbine log",
        BEARING: "Heron 1 bearing",
        PAINT: "Heron 2 paint",
    }
    assert pages[HOME].url == f"https://www.notion.so/{HOME}"


def test_links_lead_to_pages_and_tables(pages: dict[str, SourceDocument]) -> None:
    assert [link.target for link in pages[HOME].links] == [RING, LOG]
    assert [link.target for link in pages[RING].links] == [HOME]
    assert all(link.href in pages[HOME].body for link in pages[HOME].links)
    assert [one.name for one in pages[HOME].attachments] == ["bell.svg"]


def test_a_callout_is_a_quote(pages: dict[str, SourceDocument]) -> None:
    assert "\n> ⚠️ Never open a nacelle alone.\n" in pages[HOME].body
    assert "aside" not in pages[HOME].body


def test_properties_in_markdown(pages: dict[str, SourceDocument]) -> None:
    page = pages[RING]

    assert [(c.name, c.role) for c in page.contributors] == [
        ("Runa Ilvesdal", Role.AUTHOR),
        ("Oswin Kerr", Role.EDITOR),
    ]
    assert page.tags == ("safety", "control room")
    assert page.created_at == datetime(2024, 3, 4, 9, 15, tzinfo=UTC)
    assert page.updated_at == datetime(2024, 6, 2, 16, 40, tzinfo=UTC)
    assert page.body.startswith("# How to ring\n\n- Created by: Runa Ilvesdal\n")


def test_a_table_links_its_rows(pages: dict[str, SourceDocument]) -> None:
    page = pages[LOG]

    assert page.body == (
        "# Turbine log\n\n"
        "| Title | Keeper | Status | Hours |\n| --- | --- | --- | --- |\n"
        f"| [Heron 1 bearing]({BEARING}) | Oswin Kerr | Done | 14 |\n"
        f"| [Heron 2 paint]({PAINT}) | Runa Ilvesdal | Open |  |\n"
    )
    assert [link.target for link in page.links] == [BEARING, PAINT]


def test_a_row_knows_its_tables_columns(pages: dict[str, SourceDocument]) -> None:
    assert "- Keeper: Oswin Kerr\n- Status: Done\n- Hours: 14\n" in pages[BEARING].body
    assert pages[BEARING].tags == ("Done",)


def test_a_page_in_html(pages: dict[str, SourceDocument]) -> None:
    page = pages[PAINT]

    assert page.body == (
        "# Heron 2 paint\n\nGrey, not white.\n\n"
        "- Keeper: Runa Ilvesdal\n- Tags: paint, blades\n- Begun: May 3, 2024 10:00 AM\n\n"
        "- [x] Sand it\n- [ ] Paint it\n\n## Why grey\n\nGulls.\n\n> 💡\n>\n> Two coats.\n\n"
        "[Grey paint](https://paint.example/grey)\n"
    )
    assert [(c.name, c.role) for c in page.contributors] == [("Runa Ilvesdal", Role.AUTHOR)]
    assert page.tags == ("paint", "blades")
    assert page.created_at == datetime(2024, 5, 3, 10, tzinfo=UTC)


def test_zipped_twice_is_the_same(pages: dict[str, SourceDocument], tmp_path: Path) -> None:
    part = io.BytesIO()
    with zipfile.ZipFile(part, "w") as archive:
        for path in sample("notion").rglob("*.*"):
            archive.write(path, f"Export-x/{path.relative_to(sample('notion'))}")
    outer = tmp_path / "export.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        name = "ExportBlock-950ad927-7171-4abf-9001-821e5310d286-Part-1.zip"
        archive.writestr(name, part.getvalue())

    found = documents(outer)

    assert {page: one.body for page, one in found.items()} == {
        page: one.body for page, one in pages.items()
    }


def test_a_page_that_begins_like_properties_keeps_its_text() -> None:
    page = _notion_pages.markdown("# T\n\nNote: this is text\n\nmore", [])
    assert page.body == "Note: this is text\n\nmore"
    assert not page.properties

    page = _notion_pages.markdown("# T\n\nStatus: open\nbut this goes on", [])
    assert page.body == "Status: open\nbut this goes on"
    assert not page.properties


def test_code_is_left_alone() -> None:
    text = "# T\n\n```html\n<aside>\nx\n</aside>\n```"

    assert _notion_pages.markdown(text, []).body == "```html\n<aside>\nx\n</aside>\n```"


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("March 4, 2024 9:15 AM", datetime(2024, 3, 4, 9, 15, tzinfo=UTC)),
        ("@March 4, 2024", datetime(2024, 3, 4, tzinfo=UTC)),
        ("March 4, 2024 → March 8, 2024", datetime(2024, 3, 4, tzinfo=UTC)),
        ("March 4, 2024 9:15 AM (GMT+1)", datetime(2024, 3, 4, 8, 15, tzinfo=UTC)),
        ("March 4, 2024 9:15 AM (GMT-3:30)", datetime(2024, 3, 4, 12, 45, tzinfo=UTC)),
        ("2024/03/04", datetime(2024, 3, 4, tzinfo=UTC)),
        ("2024-03-04", datetime(2024, 3, 4, tzinfo=UTC)),
        ("soon", None),
        ("January 1, 0001 (GMT+9)", None),
    ],
)
def test_times(written: str, time: datetime | None) -> None:
    assert _notion_properties.time(written) == time


def test_a_file_nobody_refers_to_is_told(tmp_path: Path) -> None:
    items = read(tmp_path, {f"A {HOME}.md": "# A\n\ntext", "left.png": b"\x89PNG"})

    assert [(i.name, i.reason) for i in items if isinstance(i, ReadFailure)] == [
        ("left.png", "no page of the export refers to it")
    ]


def test_a_missing_file_is_a_loss(tmp_path: Path) -> None:
    (page,) = read(tmp_path, {f"A {HOME}.md": "# A\n\n![x](gone.png)"})

    assert isinstance(page, SourceDocument)
    assert [(loss.kind, loss.what) for loss in page.losses] == [
        (LossKind.ATTACHMENT, "gone.png: not in the export")
    ]


def test_references_in_a_table_are_links(tmp_path: Path) -> None:
    row = f"A {RING}.md"
    items = read(
        tmp_path,
        {
            f"T {LOG}.csv": f"Name,Other\nx,A (A%20{RING}.md)\n",
            row: "# A\n\ntext",
        },
    )
    table = next(i for i in items if isinstance(i, SourceDocument) and i.external_id == LOG)

    assert [(link.href, link.target) for link in table.links] == [(f"A%20{RING}.md", RING)]
    assert f"[A](A%20{RING}.md)" in table.body


def test_files_in_a_table_are_kept(tmp_path: Path) -> None:
    row = f"T {LOG}/A {RING}.md"
    items = read(
        tmp_path,
        {
            f"T {LOG}.csv": f'Name,Photos,Note\nA,"T%20{LOG}/a b.png, T%20{LOG}/c.pdf",x/y.png\n',
            row: f"# A\n\nPhotos: T%20{LOG}/a b.png\n\ntext",
            f"T {LOG}/a b.png": b"\x89PNG",
            f"T {LOG}/c.pdf": b"no pdf",
        },
    )
    table = next(i for i in items if isinstance(i, SourceDocument) and i.external_id == LOG)

    path = f"T%20{LOG}"
    assert f"![a b.png]({path}/a%20b.png), [c.pdf]({path}/c.pdf) | x/y.png |" in table.body
    assert [one.entry for one in table.attachments] == [f"T {LOG}/a b.png", f"T {LOG}/c.pdf"]
    assert not [item for item in items if isinstance(item, ReadFailure)]
    assert not table.losses


def test_a_broken_table_costs_only_itself(tmp_path: Path) -> None:
    items = read(tmp_path, {f"T {LOG}.csv": b"\xff\xfe\xff", f"A {RING}.md": "# A\n\ntext"})

    assert [i.external_id for i in items if isinstance(i, SourceDocument)] == [RING]
    assert [i.name for i in items if isinstance(i, ReadFailure)] == [LOG]


def test_a_table_is_not_read_anew_for_each_row(tmp_path: Path) -> None:
    rows = {f"T {LOG}/r {at:032x}.md": f"# r{at}\n\nName: r{at}\n" for at in range(50)}
    read(
        tmp_path, {f"T {LOG}.csv": "Name,Note\n" + "".join(f"r{n},x\n" for n in range(50)), **rows}
    )
    with Export.open(tmp_path) as export:
        found = list(notion.read_export(export, "test"))
        size = export.size
        consumed = export.consumed

    assert len(found) == 51
    assert consumed < 4 * size


def test_front_matter_is_not_read_over(tmp_path: Path) -> None:
    items = read(
        tmp_path,
        {
            f"A {HOME}.md": "# A\n\ntext",
            f"B {RING}.md": "# B\n\ntext",
            "C.md": "---\naudience: group:board\n---\n# C\n\ntext",
        },
    )

    assert {i.external_id for i in items if isinstance(i, SourceDocument)} == {HOME, RING}
    (refused,) = (i for i in items if isinstance(i, ReadFailure))
    assert "front matter" in refused.reason


def test_pages_without_ids_are_not_notions(tmp_path: Path) -> None:
    (page,) = read(tmp_path, {"a.md": "# A\n\ntext"})

    assert isinstance(page, SourceDocument)
    assert page.external_id == "a.md"


@pytest.mark.parametrize(
    ("name", "count", "links"), [("notion-testspace", 4, 4), ("Notion.Test.Export", 279, 260)]
)
def test_real_exports(shared: Path, name: str, count: int, links: int) -> None:
    found = documents(shared / f"exports/notion/{name}.zip")

    assert len(found) == count
    assert sum(link.target in found for page in found.values() for link in page.links) >= links
    assert not any(page.external_id in page.title for page in found.values())


def test_a_real_row(shared: Path) -> None:
    (page,) = readers.read_export(shared / "exports/notion/database-row.html", source="test")

    assert isinstance(page, SourceDocument)
    assert page.external_id == "1590080aa5a3802488c2e857dea7aa7e"
    assert page.tags == ("Owned", "home office", "coffee")
    assert "- Price (BRL): R$67.3\n" in page.body

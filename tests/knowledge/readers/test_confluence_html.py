"""Confluence's HTML exports: the invented sample, and the same changed in one place each."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge import readers
from knowledge.readers._confluence_rendered import date
from knowledge.types import LossKind, ReadFailure, Role, SourceDocument

SAMPLE = Path(__file__).parents[3] / "data" / "samples" / "formats" / "confluence_html"
GATEWAY = "OPS/Restart-the-meter-gateway_4101.html"


def read(path: Path) -> tuple[dict[str, SourceDocument], dict[str, str]]:
    """Documents by id, and why what is refused."""
    items = list(readers.read_export(path, source="test"))
    found = [item for item in items if isinstance(item, SourceDocument)]
    refused = {item.name: item.reason for item in items if isinstance(item, ReadFailure)}
    return {document.external_id: document for document in found}, refused


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A copy that may be changed."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "export"))


def test_pages_are_known_by_the_ids_of_the_wiki() -> None:
    documents, refused = read(SAMPLE)

    assert {id: document.title for id, document in documents.items()} == {
        "4100": "Operations",
        "4101": "Restart the meter gateway",
    }
    assert not refused


def test_a_page_reads_as_from_the_xml_export() -> None:
    body = read(SAMPLE)[0]["4101"].body
    xml = read(SAMPLE.parent / "confluence_xml")[0]["4101"].body

    for block in (
        "## When\n\nThe dashboard shows no readings for *ten minutes* and METER-118 is not open.",
        "> **Warning: Never at the full hour**\n>\n> Then every meter reports at once.",
        "- [x] Label the gateways\n- [ ] Rehearse this",
        "**Why not reboot the host?**\n\nIt takes the logs with it.",
        "| Gateway | Site |\n| --- | --- |\n| MG-01 | Fennmoor East |",
    ):
        assert block in body
        assert block in xml
    assert '**drain.sh**\n\n```bash\ngatewayctl drain MG-01 && test "$(' in body


def test_a_file_that_no_page_shows_is_told(sample: Path) -> None:
    (sample / "OPS/attachments/4101").mkdir(exist_ok=True)
    (sample / "OPS/attachments/4101/9.bin").write_bytes(b"x")

    assert read(sample)[1] == {"OPS/attachments/4101/9.bin": "no page of the export shows it"}


def test_comments_come_below() -> None:
    comments = read(SAMPLE)[0]["4101"].body.partition("## Comments\n\n")[2]

    assert comments == (
        "**ines.halloway**, Nov 22, 2024 08:00:\n\nDoes this also hold for the annex?\n"
    )


def test_people_and_times() -> None:
    documents, _ = read(SAMPLE)
    at = datetime(2024, 11, 20, tzinfo=UTC)

    assert [(p.name, p.role, p.at) for p in documents["4101"].contributors] == [
        ("Mara Quill", Role.AUTHOR, None),
        ("Tobin Ashby", Role.EDITOR, at),
    ]
    assert (documents["4101"].created_at, documents["4101"].updated_at) == (None, at)
    assert documents["4100"].created_at == datetime(2023, 2, 1, tzinfo=UTC)


def test_links_mean_pages_also_those_that_are_not_there(sample: Path) -> None:
    (sample / GATEWAY).unlink()
    (document,) = read(sample)[0].values()

    assert [(one.href, one.target) for one in document.links] == [
        ("viewpage.action?pageId=4101#Steps", "4101")
    ]
    assert read(SAMPLE)[0]["4100"].body == document.body
    assert "ask Tobin Ashby 🙂." in document.body


def test_files_are_attached_under_their_names() -> None:
    files = {one.name: one for one in read(SAMPLE)[0]["4101"].attachments}

    assert set(files) == {"gateway.svg", "gateways.csv"}
    assert files["gateway.svg"].entry == "OPS/attachments/4101/4302.svg"
    assert f"![gateway.svg]({files['gateway.svg'].href})" in read(SAMPLE)[0]["4101"].body


def test_a_small_picture_stands_for_the_whole_one(sample: Path) -> None:
    page = sample / GATEWAY
    page.write_text(
        page.read_text().replace('src="attachments/4101/4302.svg"', 'src="thumbnails/x"')
    )

    assert "![gateway.svg](attachments/4101/4302.svg)" in read(sample)[0]["4101"].body


def test_a_file_that_is_missing_is_lost(sample: Path) -> None:
    (sample / "OPS/attachments/4101/4301.csv").unlink()
    document = read(sample)[0]["4101"]

    assert [(one.kind, one.what) for one in document.losses] == [
        (LossKind.ATTACHMENT, "gateways.csv: not in the export")
    ]


def test_labels_are_tags(sample: Path) -> None:
    page = sample / GATEWAY
    labels = '<ul class="label-list"><li><a rel="tag" href="#">runbook</a></li></ul>'
    page.write_text(page.read_text().replace('<div id="footer"', labels + '<div id="footer"'))

    assert read(sample)[0]["4101"].tags == ("runbook",)


def test_what_is_no_page_is_named(sample: Path) -> None:
    (sample / "OPS/plain.html").write_text("<html><body><p>Mine</p></body></html>")
    (sample / "notes.md").write_text("# Mine")
    documents, refused = read(sample)

    assert len(documents) == 2
    assert set(refused) == {"OPS/plain.html", "notes.md"}
    assert "no main content" in refused["OPS/plain.html"]


def test_an_index_alone_is_refused(sample: Path) -> None:
    for page in sample.glob("OPS/*_*.html"):
        page.unlink()
    documents, refused = read(sample)

    assert not documents
    assert ["no page beside its index" in reason for reason in refused.values()] == [True]


def test_other_pages_of_html_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<html><body><h1>Mine</h1><p>Text.</p></body></html>")
    (document,) = read(tmp_path)[0].values()

    assert document.external_id == "index.html"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("on Nov 20, 2024", datetime(2024, 11, 20, tzinfo=UTC)),
        ("at May 24, 2018 15:20", datetime(2018, 5, 24, 15, 20, tzinfo=UTC)),
        ("September 3, 2020", datetime(2020, 9, 3, tzinfo=UTC)),
        ("20. Nov. 2024", None),
        ("Feb 30, 2024", None),
        ("", None),
    ],
)
def test_dates(told: str, expected: datetime | None) -> None:
    assert date(told) == expected

"""DokuWiki's data folder: its markup, its log of changes, its names and its rights."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge import readers
from knowledge.readers import _php
from knowledge.readers._dokuwiki import Page, Place
from knowledge.readers._dokuwiki_ids import clean, resolve
from knowledge.types import Grantee, LossKind, ReadFailure, Role, SourceDocument

Wiki = Callable[[dict[str, str]], dict[str, SourceDocument]]


@pytest.fixture
def wiki(tmp_path: Path) -> Wiki:
    """Reads files, by path below a wiki's folder, as a wiki; its pages by id."""

    def made(files: dict[str, str]) -> dict[str, SourceDocument]:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        items = list(readers.read_export(tmp_path, source="test"))
        assert not [item for item in items if isinstance(item, ReadFailure)]
        return {d.external_id: d for d in items if isinstance(d, SourceDocument)}

    return made


def markdown(text: str) -> str:
    place = Place(
        lambda target: (target, target),
        lambda target: f"media/{target}",
        {"wp": "https://w.example/"},
    )
    return Page(text, place).body.strip()


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("====== One ======", "# One"),
        ("== Five ==", "##### Five"),
        ("  ==== Three ===", "### Three"),
        ("**b** //i// __u__ ''m''", "**b** *i* u `m`"),
        ("see http://a.example/b//c// now", "see http://a.example/b//c// now"),
        ("<del>gone</del> H<sub>2</sub>O 2<sup>31</sup>", "~~gone~~ H2O 2^31"),
        ("one\\\\ two", "one\\\ntwo"),
        ("one\\\\\ntwo \\\\ \n\nthree\\\\", "one\\\ntwo\n\nthree"),
        ("http://a.example/b\\\\\n  * item\\\\", "http://a.example/b\n\n- item"),
        ("  - **one\n**    - two", "1. **one**\n   1. two"),
        ("%%**kept**%%", r"\*\*kept\*\*"),
        ("<nowiki>[[x]]</nowiki>", r"\[\[x\]\]"),
        ("text\n----\nmore", "text\n\n---\n\nmore"),
        ("a line\n---", "a line\n\\---"),
        ("  indented\n  code", "```\nindented\ncode\n```"),
        ("<code python>\nif a:\n    b\n</code>", "```python\nif a:\n    b\n```"),
        ("<code>a ``` b</code>", "````\na ``` b\n````"),
        ("<file - notes.txt>\nx\n</file>", "`notes.txt`:\n\n```\nx\n```"),
        ("[[https://a.example/x|words]]", "[words](https://a.example/x)"),
        ("[[mail@a.example]]", "[mail@a.example](mailto:mail@a.example)"),
        ("[[wp>Heron]]", "[Heron](https://w.example/Heron)"),
        ("[[nowhere>Heron]]", "Heron"),
        ("[[#Last Part]]", "[Last Part](#last-part)"),
        ("{{https://a.example/x.png?300|A}}", "![A](https://a.example/x.png)"),
        ("{{manual.pdf|The manual}}", "[The manual](media/manual.pdf)"),
        ("[[page|{{a.png|alt}}]]", "[![alt](media/a.png)](page)"),
        ("x((a //note//)) y", "x[^1] y\n\n[^1]: a *note*"),
        ("> a\n>> b\n> c", "> a\n> > b\n>\n> c"),
        ("~~NOTOC~~\ntext", "text"),
        ("<WRAP tip>\nkept\n</WRAP>", "kept"),
        ("say <your name> here", "say <your name> here"),
        ("<code>never closed", "<code>never closed"),
    ],
)
def test_markup(markup: str, expected: str) -> None:
    assert markdown(markup) == expected


def test_lists_nest_by_their_indent() -> None:
    text = "  * a\n    - one\n    - two\n      * deep\n  * b\n  - other\n\n  - new"

    assert markdown(text) == ("- a\n  1. one\n  2. two\n     - deep\n- b\n1. other\n\n1. new")


def test_code_in_a_list_stays_in_its_item() -> None:
    assert markdown("  * run <code sh>ls\ncd</code>") == "- run\n\n  ```sh\n  ls\n  cd\n  ```"


def test_a_table_keeps_its_cells() -> None:
    text = "^ A ^ B ^\n| [[x|y]] | ''a|b'' |\n^ row | one\\\\ two |"

    assert markdown(text) == (
        "| A | B |\n| --- | --- |\n| [y](x) | `a\\|b` |\n| **row** | one two |"
    )


def test_a_table_without_a_head() -> None:
    assert markdown("| a | b |") == "|  |  |\n| --- | --- |\n| a | b |"


def test_what_is_lost_is_counted_and_keeps_its_text() -> None:
    place = Place(lambda target: (target, target), lambda target: target, {})
    page = Page("{{youtube>abc}} <WRAP box>in</WRAP> {{page>other}} ~~DISCUSSION~~", place)

    assert page.body.strip() == "abc in [other](other)"
    assert [(loss.kind, loss.what) for loss in page.losses.told()] == [
        (LossKind.MACRO, "~~DISCUSSION~~"),
        (LossKind.MACRO, "youtube"),
        (LossKind.EMBED, "page"),
        (LossKind.MACRO, "<WRAP>"),
    ]


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("Gear Box  Oil", "gear_box_oil"),
        (":a:B?!", "a:b"),
        ("a::b:", "a:b"),
        ("v1.0-x", "v1.0-x"),
        ("Größe", "groesse"),
        ("Café", "cafe"),
        ("术语", "术语"),
    ],
)
def test_names_are_cleaned_as_dokuwiki_does(written: str, cleaned: str) -> None:
    assert clean(written, plain=True) == cleaned


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("b", "a:b"),
        ("a:b", "a:b"),
        (":top", "top"),
        ("top", "a:top"),
        ("..:top", "top"),
        (".b", "a:b"),
        ("a/b", "a:b"),
        ("a:", "a:start"),
        ("n:", "n:n"),
        (".:", "a:start"),
        ("new page", "a:new_page"),
        ("größe", "a:größe"),
    ],
)
def test_a_link_means_the_page_that_is_there(target: str, expected: str) -> None:
    pages = {"a:b", "a:c", "a:start", "top", "n:n", "a:größe"}

    assert resolve(target, "a:c", pages) == expected


def test_people_and_times_come_from_the_changes(wiki: Wiki) -> None:
    page = wiki(
        {
            "data/pages/p.txt": "== Words ==\ntext",
            "data/meta/p.changes": (
                "100\t1.2.3.4\tC\tp\told\tbefore it was deleted\n"
                "200\t1.2.3.4\tD\tp\told\t\n"
                "300\t1.2.3.4\tC\tp\tanna\t\t\t500\n"
                "400\t1.2.3.4\te\tp\tben\t\n"
                "500\t1.2.3.4\tE\tp\t\tby nobody\n"
                "600\t1.2.3.4\tE\tp\tben\t\n"
                "not a change\n"
            ),
            "conf/users.auth.php": "anna:HASH:Anna Orm:anna@fennmoor.example:user\n",
        }
    )["p"]

    assert [(c.name, c.handle, c.role, c.weight) for c in page.contributors] == [
        ("Anna Orm", "anna", Role.AUTHOR, 2.0),
        ("ben", "ben", Role.EDITOR, 1.25),
    ]
    assert page.contributors[0].email == "anna@fennmoor.example"
    assert page.created_at == datetime.fromtimestamp(300, UTC)
    assert page.updated_at == datetime.fromtimestamp(600, UTC)
    assert "HASH" not in repr(page)


def test_names_come_from_the_meta_file(wiki: Wiki) -> None:
    meta = (
        'a:1:{s:7:"current";a:3:{s:7:"creator";s:8:"Anna Orm";s:4:"user";s:4:"anna";'
        's:4:"date";a:2:{s:7:"created";i:100;s:8:"modified";i:200;}}}'
    )
    page = wiki({"data/pages/p.txt": "== W ==", "data/meta/p.meta": meta})["p"]

    assert [(c.name, c.handle, c.role) for c in page.contributors] == [
        ("Anna Orm", "anna", Role.AUTHOR)
    ]
    assert page.updated_at == datetime.fromtimestamp(200, UTC)


def test_pages_alone_are_enough(wiki: Wiki) -> None:
    pages = wiki({"pages/a/one.txt": "====== One ======\n[[two]]", "pages/a/two.txt": "== Two =="})

    assert pages["a:one"].title == "One"
    assert [link.target for link in pages["a:one"].links] == ["a:two"]


@pytest.mark.parametrize(
    ("page", "text", "title"),
    [
        ("a/one_two", "Words.\n===== Goals =====\nx\n===== Means =====\ny", "one two"),
        ("a/one_two", "Words.\n===== Goals =====\nx\n==== Means ====\ny", "Goals"),
        ("a/one_two", "{{a.png}} [[b]]\n===== Goals =====\nx\n===== Means =====\ny", "Goals"),
        ("night_shift/start", "Words.", "night shift"),
        ("start", "Words.", "start"),
    ],
)
def test_a_heading_is_the_title_where_it_heads_the_page(
    wiki: Wiki, page: str, text: str, title: str
) -> None:
    pages = wiki({f"data/pages/{page}.txt": text, "data/meta/x.changes": ""})

    assert pages[page.replace("/", ":")].title == title


def test_text_files_in_a_folder_named_pages_are_no_wiki(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.txt").write_text("# A heading\n\nin Markdown")

    (document,) = readers.read_export(tmp_path, source="test")

    assert isinstance(document, SourceDocument)
    assert document.external_id == "pages/a.txt"


def test_old_versions_are_left_out(wiki: Wiki) -> None:
    pages = wiki(
        {"data/pages/p.txt": "== W ==", "data/meta/p.changes": "", "data/attic/p.100.txt": "old"}
    )

    assert list(pages) == ["p"]


ACL = """
*            @ALL      1
staff:*      @ALL      0
staff:*      @turbines 8
staff:*      anna      1
signed:*     @ALL      0
signed:*     @user     1
odd:*        @guests   0
shut         @ALL      0
more:*       @turbines 8
"""


@pytest.mark.parametrize(
    ("page", "clauses"),
    [
        ("open", ()),
        ("more/p", ()),
        ("staff/p", ((Grantee(group="turbines"), Grantee(handle="anna")),)),
        ("staff/in/p", ((Grantee(group="turbines"), Grantee(handle="anna")),)),
        ("signed/p", ((Grantee(),),)),
        ("shut", ((),)),
        ("odd/p", ((),)),
    ],
)
def test_rights_only_narrow(wiki: Wiki, page: str, clauses: object) -> None:
    pages = wiki(
        {
            f"data/pages/{page}.txt": "== W ==",
            "data/meta/p.changes": "",
            "conf/acl.auth.php": ACL,
        }
    )

    assert pages[page.replace("/", ":")].restrictions == clauses


def read(folder: Path, files: dict[str, str]) -> tuple[dict[str, SourceDocument], dict[str, str]]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    items = list(readers.read_export(folder, source="test"))
    return (
        {d.external_id: d for d in items if isinstance(d, SourceDocument)},
        {f.name: f.reason for f in items if isinstance(f, ReadFailure)},
    )


PAGE = {"data/pages/p.txt": "== W ==\n{{in:plan.png}}", "data/meta/p.changes": ""}


def test_rules_that_cannot_be_read_open_nothing(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    # As some distributions lay it out.
    (tmp_path / "conf" / "acl.auth.php").symlink_to("/etc/dokuwiki/acl.auth.php")

    pages, _ = read(tmp_path, PAGE)

    assert pages["p"].restrictions == ((),)
    assert LossKind.RIGHTS in {loss.kind for loss in pages["p"].losses}


@pytest.mark.parametrize("place", ["conf/acl.auth.php", "elsewhere/acl.auth.php"])
def test_rules_hold_whatever_lies_beside_them(tmp_path: Path, place: str) -> None:
    strangers = {f"notes/{n}.md": "# A\n\nwords" for n in range(9)}

    pages, refused = read(tmp_path, {**PAGE, **strangers, place: "* @ALL 0\n"})

    assert pages["p"].restrictions == ((),)
    assert set(strangers) <= set(refused)


def test_a_file_for_fewer_readers_than_its_page_stays_there(tmp_path: Path) -> None:
    rules = "* @ALL 1\nin:* @ALL 0\nin:* @board 1\nin:plan.png @ALL 1\n"
    files = {**PAGE, "data/pages/in/q.txt": "== Q ==\n{{plan.png}}", "data/media/in/plan.png": "x"}

    pages, refused = read(tmp_path, {**files, "conf/acl.auth.php": rules})

    assert pages["p"].attachments == ()
    assert "in:plan.png: for fewer readers than the page" in {x.what for x in pages["p"].losses}
    assert [file.name for file in pages["in:q"].attachments] == ["plan.png"]
    assert not refused


def test_no_file_beside_a_wiki_is_passed_over(tmp_path: Path) -> None:
    strangers = {"a.md": "# A", "data/media/left.png": "x", "data/pages/b.md": "# B"}
    wiki = {f"data/pages/p{n}.txt": "== W ==" for n in range(3)} | {"data/meta/p0.changes": ""}

    pages, refused = read(tmp_path, {**wiki, **strangers, "conf/local.php": "<?php"})

    assert set(pages) == {"p0", "p1", "p2"}
    assert set(refused) == set(strangers)


def test_few_pages_among_other_files_are_no_wiki(tmp_path: Path) -> None:
    pages, _ = read(tmp_path, {"pages/p.txt": "== W ==", "a.md": "# A\n\nx", "b.md": "# B\n\nx"})

    assert set(pages) == {"pages/p.txt", "a.md", "b.md"}


def test_a_wiki_without_rules_among_other_folders_is_not_all_there_is(tmp_path: Path) -> None:
    wiki = {f"wiki/data/pages/p{n}.txt": "== W ==" for n in range(9)}

    pages, _ = read(tmp_path, {**wiki, **{f"notes/{n}.md": "# A\n\nx" for n in range(3)}})

    assert "notes/0.md" in pages


def test_underlined_headings_are_of_another_markup(tmp_path: Path) -> None:
    pages, _ = read(tmp_path, {"pages/p.txt": "A title\n=======\n\nwords\n"})

    assert set(pages) == {"pages/p.txt"}


@pytest.mark.parametrize(
    "data", [b"", b"O:1:{}", b"a:1:{i:0;", b's:3:"ab', b"a:1:" * 99, b"a:999999999:{", b"i:x;"]
)
def test_what_php_did_not_serialise_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"a|o"):
        _php.parse(data)


def test_reads_php_values() -> None:
    data = b'a:4:{i:0;s:3:"\xc3\xa9a";s:1:"k";b:1;i:2;N;i:3;d:0.5;}'

    assert _php.parse(data) == {0: "\u00e9a", "k": True, 2: None, 3: 0.5}


@pytest.mark.slow
def test_a_real_wiki_comes_over(shared: Path) -> None:
    items = list(readers.read_export(shared / "exports/dokuwiki-hyperledger", source="test"))
    documents = {d.external_id: d for d in items if isinstance(d, SourceDocument)}

    assert len(documents) == 779
    # Licences and a readme beside the data, and a picture.
    assert len(items) - len(documents) == 5
    handles = {c.handle for d in documents.values() for c in d.contributors}
    assert len(handles) > 300
    links = [link.target for d in documents.values() for link in d.links]
    assert sum(target in documents for target in links) > 2000
    assert sum(len(d.attachments) for d in documents.values()) == 4
    assert sum(bool(d.created_at) for d in documents.values()) > 750
    assert all(d.updated_at for d in documents.values())


@pytest.mark.parametrize(
    "text",
    [
        "[[" * 30_000,
        "{{" * 30_000,
        "((" * 30_000,
        "//" * 30_001,
        "''" * 30_001,
        "__" * 30_001,
        "**" * 30_001,
        "<code>" * 20_000,
        "<code " * 20_000,
        "%%" * 30_001,
        "~~A" * 20_000,
        "<WRAP " * 20_000,
        "=" * 100_000,
        "== a " * 20_000,
        "|" * 50_000,
        "".join(" " * (2 * depth) + "* x\n" for depth in range(1, 1_000)),
        "> " * 30_000,
        ">" * 50_000,
        "http://" * 20_000,
        "-" * 100_000,
    ],
)
def test_hostile_markup_takes_linear_time(text: str) -> None:
    start = time.process_time()
    markdown(text)

    assert time.process_time() - start < 5

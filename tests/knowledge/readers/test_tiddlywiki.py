"""TiddlyWiki: its markup, and each of the files that it keeps tiddlers in."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge import readers
from knowledge.readers import _tiddlers
from knowledge.readers._tiddlywiki import Around, Page
from knowledge.types import LossKind, ReadFailure, Role, SourceDocument
from tests.contracts.test_readers import sample
from tests.knowledge.readers.support import read

PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()


def converted(text: str, *, classic: bool = False) -> Page:
    def page(title: str) -> str | None:
        return None if title.startswith("$:/") else f"id:{title}"

    def picture(title: str) -> str | None:
        return title if title.endswith(".png") else None

    fields = {"caption": "The caption"}
    return Page(text, Around(page, lambda title: title == "GearBox", picture, fields, classic))


def by_id(items: list[SourceDocument | ReadFailure]) -> dict[str, SourceDocument]:
    return {item.external_id: item for item in items if isinstance(item, SourceDocument)}


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("! One\n!! Two", "# One\n\n## Two"),
        ("!.cls Styled", "# Styled"),
        ("''b'' //i// __u__ ~~s~~ x^^2^^ ,,down,,", "**b** *i* u ~~s~~ x^2 down"),
        ("''bold'' first", "**bold** first"),
        ("@@high@@ @@color:red;red@@ @@.cls styled@@", "high red styled"),
        ("@@.four.columns\n* a\n\n* b\n@@\n\nc", "- a\n\n- b\n\nc"),
        ("@@width:9em;\na\n@@", "a"),
        ("tagged {{$:/tags/Mast||$:/core/ui/TagTemplate}} {{$:/core}}", "tagged $:/tags/Mast"),
        ("* a\n** b\n*# c\n* d", "- a\n  - b\n  1. c\n- d"),
        ("; term\n: meaning", "**term**\n\nmeaning"),
        ("> a\n>> b", "> a\n> > b"),
        ("<<<\nsaid\n<<< Who", "> said\n>\n> — Who"),
        ("a\n\n---\n\nb", "a\n\n---\n\nb"),
        ("|!A |!B |\n|one|two|\n|~|<|", "| A | B |\n| --- | --- |\n| one | two |\n|  |  |"),
        (
            "|A|B|h\n|one|two|\n|Told|c\n|cls|k",
            "**Told**\n\n| A | B |\n| --- | --- |\n| one | two |",
        ),
        ("```js\nlet a;\n```", "```js\nlet a;\n```"),
        ("$$$text/x-python\na = 1\n$$$", "```python\na = 1\n```"),
        ("`[[x]]` ``a`b``", "`[[x]]` ``a`b``"),
        ("[[Gear box]] [[the box|Gear box]]", "[Gear box](Gear%20box) [the box](Gear%20box)"),
        ("[[GearBox words|Gear box]]", "[GearBox words](Gear%20box)"),
        ("[[site|https://a.example/x]]", "[site](https://a.example/x)"),
        ("[ext[site|https://a.example/x]]", "[site](https://a.example/x)"),
        ("GearBox ~GearBox OtherBox", "[GearBox](GearBox) GearBox OtherBox"),
        ("https://a.example/GearBox//x//", "https://a.example/GearBox//x//"),
        ("[[$:/core]]", "$:/core"),
        (
            "[img[A bird|a.png]] [img width=9 [https://a.example/b.png]]",
            "![A bird](a.png) ![](https://a.example/b.png)",
        ),
        ("{{a.png}}", "![a.png](a.png)"),
        ("{{Gear box}} {{Gear box!!text}}", "[Gear box](Gear%20box) [Gear box](Gear%20box)"),
        ("{{!!caption}}", "The caption"),
        ('<<tip "mind this">>', "mind this"),
        ('<<tip text:\'mind\' other:"""this""">>', "mind this"),
        ('<<list-links "[tag[x]]">>done', "done"),
        ("<<outer \"<<inner 'deep'>>\">>", "deep"),
        ("<$link to='Gear box'>the ''box''</$link>", "[the **box**](Gear%20box)"),
        ("<$list filter='[tag[x]]'>kept</$list>", "kept"),
        ('<$codeblock code="""<a>"""/>', "```\n<a>\n```"),
        ('"""\none\ntwo\n"""', "one\\\ntwo"),
        ("\\define x() y\ntext", "text"),
        ("\\procedure x()\nno\n\\end\n\ntext", "text"),
        ("\\whitespace trim\ntext", "text"),
        ("<!-- no -->yes", "yes"),
        ("<div class='x'>\n\nkept\n</div>", "kept"),
        ("<table><tr><td>a</td><td>[[b]]</td></tr></table>", "| a | [b](b) |\n| --- | --- |"),
        ("a &amp; b", "a & b"),
    ],
)
def test_markup(markup: str, expected: str) -> None:
    assert converted(markup).body.strip() == expected


def test_classic_code() -> None:
    assert converted("{{{\n''x''\n}}}", classic=True).body == "```\n''x''\n```\n"


def test_what_is_lost_is_counted() -> None:
    made = converted("\\define a() b\n<<tip x>> <<tip y>> <$list>z</$list> {{T}} {{{ [x[]] }}}")

    assert [(loss.kind, loss.what, loss.count) for loss in made.losses.told()] == [
        (LossKind.MACRO, "\\define", 1),
        (LossKind.MACRO, "<<tip>>", 2),
        (LossKind.EMBED, "{{{ }}}", 1),
        (LossKind.EMBED, "{{ }}", 1),
        (LossKind.MACRO, "<$list>", 1),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<<a " * 20_000,
        '<<a "' * 20_000,
        "[[" * 30_000,
        "[img[" * 20_000,
        "{{{" * 20_000,
        "{{" * 30_000,
        "<$a b='" * 10_000,
        '<$link to="' * 10_000,
        "''" * 30_001,
        "//" * 30_001,
        "@@" * 30_001,
        "```\n" * 10_001,
        "\\define x()\n" * 5_000,
        "<table>" * 3_000,
        "<code>" * 10_000,
        "aB" * 30_000,
        '<div a="' * 10_000,
        "<<<\n" * 10_001,
        "`" * 50_000,
        "<!--" * 20_000,
    ],
)
def test_hostile_markup_takes_linear_time(text: str) -> None:
    start = time.process_time()
    converted(text)

    assert time.process_time() - start < 10


def test_the_sample() -> None:
    items = list(readers.read_export(sample("tiddlywiki"), source="test"))
    found = by_id(items)
    page = found["Greasing bearings"]

    assert set(found) == {"Greasing bearings", "Who climbs", "Rescue kit"}
    assert [(c.name, c.handle, c.role) for c in page.contributors] == [
        ("runa", "runa", Role.AUTHOR),
        ("oswin", "oswin", Role.EDITOR),
    ]
    assert page.tags == ("Maintenance", "Heron 1")
    assert page.created_at == datetime(2024, 1, 10, 8, 30, tzinfo=UTC)
    assert page.updated_at == datetime(2024, 5, 2, 14, 15, tzinfo=UTC)
    assert [(link.href, link.target) for link in page.links] == [
        ("Who%20climbs", "Who climbs"),
        ("Grease", "Grease"),
    ]
    assert [(one.href, one.entry) for one in page.attachments] == [("gun.svg", "tiddlers/gun.svg")]
    assert found["Who climbs"].body.startswith("# Who climbs\n")
    assert [link.target for link in found["Who climbs"].links] == ["Greasing bearings"]


STORE = (
    "<!doctype html><html><head><title>W</title></head><body>"
    '<script class="tiddlywiki-tiddler-store" type="application/json">{}</script></body></html>'
)


def test_a_single_file(tmp_path: Path) -> None:
    tiddlers = [
        {"title": "$:/core", "text": "no"},
        {
            "title": "A",
            "text": "see [[B]] [img[p.png]]",
            "tags": "x [[y z]]",
            "modified": "20240102",
        },
        {"title": "B", "text": "a \u003cb\u003e"},
        {"title": "p.png", "type": "image/png", "text": PIXEL},
    ]
    items = read(tmp_path, {"wiki.html": STORE.format(json.dumps(tiddlers))})
    found = by_id(items)

    assert set(found) == {"A", "B"}
    assert found["A"].tags == ("x", "y z")
    assert found["A"].updated_at == datetime(2024, 1, 2, tzinfo=UTC)
    assert found["A"].attachments[0].data == b"\x89PNG\r\n\x1a\n"
    assert [(i.name, i.reason) for i in items if isinstance(i, ReadFailure)] == [
        ("wiki.html", "not imported: system tiddlers 1")
    ]


def test_what_somebody_keeps_in_fields_is_told(tmp_path: Path) -> None:
    head = "title: A\ncolor: #fff\nkeeper: [[Oswin Kerr]]\nicon: $:/core/x\nhours: 14\nnone:"
    found = by_id(read(tmp_path, {"A.tid": f"{head}\n\nGrease it.", "B.tid": f"{head}\n\n"}))

    assert found["A"].body == "- keeper: [Oswin Kerr](Oswin%20Kerr)\n- hours: 14\n\nGrease it.\n"
    assert [link.target for link in found["A"].links] == ["Oswin Kerr"]
    assert "B" not in found


def test_an_older_single_file(tmp_path: Path) -> None:
    html = (
        '<html><body><div id="storeArea"><div title="A" modified="202401020304" modifier="Anna"'
        ' tags="x"><pre>see [[B]] &lt;c&gt;</pre></div>'
        '<div tiddler="B" changecount="1">one\\ntwo</div></div></body></html>'
    )
    found = by_id(read(tmp_path, {"wiki.html": html}))

    assert found["A"].body == "see [B](B) <c>\n"
    assert [(c.name, c.role) for c in found["A"].contributors] == [("Anna", Role.AUTHOR)]
    assert found["A"].updated_at == datetime(2024, 1, 2, 3, 4, tzinfo=UTC)
    assert found["B"].body == "one\ntwo\n"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.html", '<html><pre id="encryptedStoreArea">x</pre></html>', "encrypted"),
        ("a.html", STORE.format('[{"title": "A"'), "damaged tiddlers"),
        ("a.html", STORE.format("{}"), "no list of tiddlers"),
        ("a.html", STORE.format("[" * 100_000), "nested too deeply"),
    ],
)
def test_what_is_refused(tmp_path: Path, name: str, content: str, reason: str) -> None:
    (item,) = read(tmp_path, {name: content})

    assert isinstance(item, ReadFailure)
    assert item.name == name
    assert reason in item.reason


def test_tiddlers_in_json(tmp_path: Path) -> None:
    listed = [{"title": "A", "text": "x", "created": "20240102030405000", "tags": ["y z", "w"]}]
    found = by_id(read(tmp_path, {"tiddlers.json": json.dumps(listed)}))

    assert found["A"].tags == ("y z", "w")


def test_other_json_is_left_alone(tmp_path: Path) -> None:
    (item,) = read(tmp_path, {"a.json": '[{"title": "A", "text": "x"}]'})

    assert isinstance(item, ReadFailure)
    assert "no reader takes" in item.reason


def test_several_wikis_do_not_mix(tmp_path: Path) -> None:
    files = {
        f"{wiki}/{name}": text
        for wiki in ("one", "two")
        for name, text in (
            ("tiddlywiki.info", "{}"),
            ("tiddlers/A.tid", "title: A\n\nsee [[B]]"),
            ("tiddlers/B.tid", f"title: B\n\n{wiki}"),
        )
    }
    found = by_id(read(tmp_path, files))

    assert set(found) == {"one/A", "one/B", "two/A", "two/B"}
    assert [link.target for link in found["two/A"].links] == ["two/B"]


def test_no_file_beside_tiddlers_is_passed_over(tmp_path: Path) -> None:
    tiddlers = {f"tiddlers/{n}.tid": f"title: T{n}\n\n[img[on.png]]" for n in range(6)}
    own = {"tiddlywiki.info": "{}", "tiddlers/on.png": "x", "tiddlers/p.js": "1"}
    strangers = {"a.md": "# A", "talk.vtt": "WEBVTT", "tiddlers/off.png": "x", "b.json": "{}"}

    items = read(tmp_path, {**tiddlers, **own, **strangers})

    refused = {item.name for item in items if isinstance(item, ReadFailure)} - {tmp_path.name}
    assert len(by_id(items)) == 6
    assert refused == set(strangers)


def test_files_beside_their_fields(tmp_path: Path) -> None:
    found = by_id(
        read(
            tmp_path,
            {
                "a.tid": "title: A\n\nwords",
                "b.tid": "title: B\n\nwords",
                "conf.txt": "x = 1",
                "conf.txt.meta": "title: The settings\ntype: text/plain",
            },
        )
    )

    assert found["The settings"].body == "```\nx = 1\n```\n"


def test_many_short_tiddlers_in_a_file(tmp_path: Path) -> None:
    found = by_id(
        read(
            tmp_path,
            {
                "a.multids": "title: Word/\ntags: x\n\none: first\ntwo: second\n",
                "b.tid": "title: B\n\nb",
            },
        )
    )

    assert found["Word/one"].body == "first\n"
    assert found["Word/two"].tags == ("x",)


def test_a_missing_picture_is_a_loss(tmp_path: Path) -> None:
    found = by_id(read(tmp_path, {"a.tid": "title: A\n\nx [img[gone.png]]"}))

    assert [(loss.kind, loss.what) for loss in found["A"].losses] == [
        (LossKind.ATTACHMENT, "gone.png: not in the export")
    ]


@pytest.mark.parametrize("written", ["", "2024", "20241399", "x", "99999999999999999"])
def test_times_that_are_none(written: str) -> None:
    assert _tiddlers.time(written) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edition", "count", "links"), [("dev", 120, 200), ("full", 1, 0), ("tw5.com", 1600, 3500)]
)
def test_real_editions(shared: Path, edition: str, count: int, links: int) -> None:
    items = list(
        readers.read_export(shared / "exports/tiddlywiki/editions" / edition, source="test")
    )
    found = by_id(items)
    (left_out,) = (item for item in items if isinstance(item, ReadFailure))

    assert len(found) >= count
    assert "system tiddlers" in left_out.reason
    assert sum(link.target in found for page in found.values() for link in page.links) >= links

"""MediaWiki's dumps: markup, templates, people, moved pages, and streams that mean harm."""

from __future__ import annotations

import bz2
import gzip
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge import readers
from knowledge.exports import Export, Limits
from knowledge.readers import mediawiki
from knowledge.readers._mediawiki import Page
from knowledge.readers._mediawiki_links import Wiki
from knowledge.readers._mediawiki_people import Survival, person
from knowledge.readers._mediawiki_titles import Titles
from knowledge.types import LossKind, ReadFailure, Role, SourceDocument
from tests.contracts.test_readers import sample

HEAD = (
    '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/"><siteinfo>'
    "<base>https://w.example/wiki/Main</base><namespaces>"
    '<namespace key="0"/><namespace key="1">Talk</namespace><namespace key="4">Our Wiki</namespace>'
    '<namespace key="14">Kategorie</namespace><namespace key="3000">Manual</namespace>'
    '<namespace key="828">Module</namespace></namespaces></siteinfo>'
)


def page(title: str, id: int, text: str, more: str = "", ns: int = 0) -> str:
    return (
        f"<page><title>{title}</title><ns>{ns}</ns><id>{id}</id>{more}<revision><id>{id}0</id>"
        "<timestamp>2024-01-02T03:04:05Z</timestamp><contributor><username>Anna</username>"
        f"</contributor><text>{text}</text></revision></page>"
    )


def revision(who: str, text: str, day: int) -> str:
    return (
        f"<revision><parentid>{day - 1}</parentid><timestamp>2024-01-{day:02}T00:00:00Z</timestamp>"
        f"<contributor>{who}</contributor><text>{text}</text></revision>"
    )


def user(name: str) -> str:
    return f"<username>{name}</username><id>1</id>"


@pytest.fixture
def dump(tmp_path: Path) -> Callable[..., list[SourceDocument | ReadFailure]]:
    """Reads pages as a dump."""

    def made(
        *pages: str, name: str = "dump.xml", limits: Limits | None = None
    ) -> list[SourceDocument | ReadFailure]:
        data = (HEAD + "".join(pages) + "</mediawiki>").encode()
        pack = {"gz": gzip.compress, "z2": bz2.compress}.get(name[-2:], bytes)
        (tmp_path / name).write_bytes(pack(data))
        return list(readers.read_export(tmp_path / name, source="test", limits=limits))

    return made


def converted(text: str) -> Page:
    spaces = {"file": 6, "image": 6, "category": 14, "help": 12, "user": 2, "special": -1}
    names = {6: "File", 14: "Category", 12: "Help", 2: "User"}
    return Page(text, "Turbine", Wiki(spaces, names, lambda title: f"id:{title}"))


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("== Two ==\ntext", "## Two\n\ntext"),
        ("'''b''' ''i'' '''''x''''' ''open", "**b** *i* ***x*** open"),
        ("* a\n** b\n*# c\n* d", "- a\n  - b\n  1. c\n- d"),
        ("# a\n#: more\n# b", "1. a\n\n   more\n2. b"),
        ("; term : meaning", "**term**: meaning"),
        (";term:meaning", "**term**: meaning"),
        (": indented", "indented"),
        ("a\n----\nb", "a\n\n---\n\nb"),
        (" code\n more", "```\ncode\nmore\n```"),
        ("one<br />two", "one\\\ntwo"),
        ("one<br>\ntwo<br/><br/>\n\nthree", "one\\\ntwo\n\nthree"),
        ("<nowiki>[[x]] ''y''</nowiki>", r"\[\[x\]\] ''y''"),
        ("<code>a &lt; b</code>", "`a < b`"),
        ("<pre>a &amp; b</pre>", "```\na & b\n```"),
        ('<syntaxhighlight lang="py" line>\nx = 1\n</syntaxhighlight>', "```py\nx = 1\n```"),
        ("<syntaxhighlight lang=sh inline>ls</syntaxhighlight>", "`ls`"),
        ("<math>x_1</math>", "$x_1$"),
        ("a&nbsp;b &lt;c&gt;", "a\u00a0b <c>"),
        ("<!-- no -->yes<!-- never closed", "yes"),
        ("[[gear box]]es", "[gear box](Gear_box)es"),
        ("[[Gear box#Main part|the ''box'']]", "[the *box*](Gear_box#main-part)"),
        ("[[Oil (gear)|]]", "[Oil](Oil_%28gear%29)"),
        ("[[#Below]]", "[Below](#below)"),
        ("[[/Sub]]", "[/Sub](Turbine/Sub)"),
        ("[[Special:Search]]", "Special:Search"),
        ("[[:Category:Oil]]", "[Category:Oil](Category:Oil)"),
        ("[[help:room]]", "[help:room](Help:Room)"),
        ("[[Note: careful]]", "[Note: careful](Note:_careful)"),
        ("[[w:Heron|bird]]", "[bird](https://en.wikipedia.org/wiki/Heron)"),
        ("[[de:Reiher]]text", "text"),
        ("[https://a.example/x words]", "[words](https://a.example/x)"),
        ("see https://a.example/b''c''.", "see https://a.example/b*c*."),
        ("[[File:x.png|thumb|left|A ''bird'']]text", "A *bird*\n\ntext"),
        ("a [[File:x.png|20px|bird]] b", "a bird b"),
        ("[[open", "[[open"),
        ("a ]] b }} c", "a ]] b }} c"),
        ("__NOTOC__ text", "text"),
        ("H<sub>2</sub>O 2<sup>31</sup> 1<sup>st</sup>", "H2O 2^31 1st"),
        ("<blockquote>said\n\nso</blockquote>", "> said\n>\n> so"),
        ("<ul><li>one</li><li>[[two]]</li></ul>", "- one\n- [two](Two)"),
        (
            "x<ref>note</ref> y<ref name=a>b</ref> z<ref name=a /><references />",
            "x[^1] y[^2] z[^2]\n\n[^1]: note\n\n[^2]: b",
        ),
        ("<div style='x'>kept</div>", "kept"),
        ("<unknown>kept</unknown>", "<unknown>kept</unknown>"),
    ],
)
def test_markup(markup: str, expected: str) -> None:
    assert converted(markup).body.strip() == expected


def test_tables() -> None:
    text = (
        '{| class="wikitable"\n|+ What turns\n! A !! B\n|-\n| style="x" | [[p|one]] || two\n'
        "|-\n! row\n|\n* x\n* y\n|-\n|\n{|\n| inner || cell\n|}\n| last\n|}\nafter"
    )

    assert converted(text).body.strip() == (
        "**What turns**\n\n| A | B |\n| --- | --- |\n| [one](P) | two |\n| **row** | - x - y |\n"
        "| inner, cell | last |\n\nafter"
    )


@pytest.mark.parametrize(
    ("markup", "expected", "lost"),
    [
        (
            "{{Infobox x\n| name = Heron\n| power = 2 MW\n| none =\n}}",
            "- name: Heron\n- power: 2 MW",
            ["Infobox x"],
        ),
        ("a {{shift|north|day=Monday}} b", "a north day: Monday b", ["shift"]),
        ("{{outer|{{inner|deep}}}}", "deep", ["inner", "outer"]),
        ("{{stub}}text", "text", ["stub"]),
        ("{{Note|Mind ''this''.}}", "> **Note:** Mind *this*.", []),
        ("{{nowrap|a b}}{{!}}{{code|x=1}}", "a b|`x=1`", []),
        ("{{main|Gear box}}", "Main article: [Gear box](Gear_box)", []),
        ("{{cite web|url=https://a.example|title=T|author=B}}", "[T](https://a.example), B", []),
        ("{{convert|5|km|mi}}", "5 km", []),
        ("{{start date|2012|5|3}}{{citation needed|date=x}}", "2012-05-03", []),
        ("x {{bc|a\nb}}", "x\n\n```\na\nb\n```", []),
        ("{{PAGENAME}} {{{1|default}}}", "Turbine default", []),
        ("{{DEFAULTSORT:x}}text", "text", []),
    ],
)
def test_templates_keep_their_words(markup: str, expected: str, lost: list[str]) -> None:
    made = converted(markup)

    assert made.body.strip() == expected
    assert [loss.what for loss in made.losses.told()] == lost


def test_what_is_lost_is_counted() -> None:
    made = converted(
        "{{#if:x|y}}[[File:a.png]]<gallery>\nb.png|A caption\n</gallery>{{odd}}{{odd}}"
    )

    assert [(loss.kind, loss.what, loss.count) for loss in made.losses.told()] == [
        (LossKind.ATTACHMENT, "b.png: no dump holds files", 1),
        (LossKind.MACRO, "{{#if}}", 1),
        (LossKind.ATTACHMENT, "a.png: no dump holds files", 1),
        (LossKind.TEMPLATE, "odd", 2),
    ]
    assert "- A caption" in made.body


@pytest.mark.parametrize(
    "text",
    [
        "{{" * 30_000,
        "[[" * 30_000 + "]]" * 30_000,
        "{{a|" * 5_000 + "}}" * 5_000,
        "{|\n" * 10_000,
        "'''" * 30_000,
        "<ref>" * 20_000,
        "<nowiki>" * 20_000,
        "<blockquote>" * 5_000,
        "<table>" * 5_000,
        "=" * 100_000,
        "<code>" * 20_000,
        "[http://" * 20_000,
        "* " * 50_000,
        "<!--" * 20_000,
    ],
)
def test_hostile_markup_takes_linear_time(text: str) -> None:
    start = time.process_time()
    converted(text)

    assert time.process_time() - start < 10


def test_the_sample() -> None:
    items = list(readers.read_export(sample("mediawiki"), source="test"))
    pages = {item.external_id: item for item in items if isinstance(item, SourceDocument)}

    assert [page.title for page in pages.values()] == [
        "Main Page",
        "Changing gearbox oil",
        "Help:Control room",
    ]
    assert pages["1"].url == "https://wiki.fennmoor.example/wiki/Main_Page"
    assert pages["3"].tags == ("Maintenance", "Gearboxes")
    assert [(c.handle, c.role) for c in pages["1"].contributors] == [
        ("Oswin Kerr", Role.EDITOR),
        ("Runa Ilvesdal", Role.AUTHOR),
    ]
    assert pages["1"].created_at == datetime(2023, 11, 6, 8, tzinfo=UTC)
    assert pages["1"].updated_at == datetime(2024, 2, 20, 10, 30, tzinfo=UTC)


def test_links_lead_through_redirects_that_come_later(
    dump: Callable[..., list[SourceDocument | ReadFailure]],
) -> None:
    redirect = page("Old", 8, "#REDIRECT [[Older]]", '<redirect title="Older"/>')
    second = page("Older", 9, "#REDIRECT [[New]]", '<redirect title="New"/>')
    items = dump(page("A", 1, "[[old]] [[missing]] [[new]]"), redirect, second, page("New", 2, "x"))
    (first, new) = (item for item in items if isinstance(item, SourceDocument))

    assert len(items) == 2
    assert new.external_id == "2"
    assert new.aliases == ("title:New",)
    assert [(link.href, link.target) for link in first.links] == [
        ("Old", "2"),
        ("Missing", "title:Missing"),
        ("New", "2"),
    ]


def test_only_what_is_written_for_readers_comes_over(
    dump: Callable[..., list[SourceDocument | ReadFailure]],
) -> None:
    items = dump(
        page("A", 1, "x"),
        page("Talk:A", 2, "x", ns=1),
        page("Our Wiki:B", 3, "x", ns=4),
        page("Manual:C", 4, "x", ns=3000),
        page("Module:D", 5, "x", ns=828),
        page("Talk:E", 6, "x", ns=1),
    )

    assert [d.external_id for d in items if isinstance(d, SourceDocument)] == ["1", "3", "4"]
    assert [(f.name, f.reason) for f in items if isinstance(f, ReadFailure)] == [
        ("dump.xml", "pages that are neither articles, project pages nor help: Talk 2, Module 1")
    ]


def test_namespaces_are_known_by_their_own_and_their_english_names(
    dump: Callable[..., list[SourceDocument | ReadFailure]],
) -> None:
    items = dump(
        page("A", 1, "[[Project:B]] [[Kategorie:Eins]] [[Category:Zwei]]"),
        page("Our Wiki:B", 3, "x", ns=4),
    )
    first = items[0]

    assert isinstance(first, SourceDocument)
    assert [link.target for link in first.links] == ["3"]
    assert first.tags == ("Eins", "Zwei")


@pytest.mark.parametrize("name", ["dump.xml.gz", "dump.xml.bz2"])
def test_compressed_dumps(
    dump: Callable[..., list[SourceDocument | ReadFailure]], name: str
) -> None:
    (item,) = dump(page("A", 1, "words"), name=name)

    assert isinstance(item, SourceDocument)
    assert item.body == "words\n"


def test_several_streams_one_behind_the_other(tmp_path: Path) -> None:
    """As Wikimedia writes its multistream dumps."""
    path = tmp_path / "dump.xml.bz2"
    parts = (HEAD, page("A", 1, "x"), page("B", 2, "y"), "</mediawiki>")
    path.write_bytes(b"".join(bz2.compress(part.encode()) for part in parts))

    assert [
        item.external_id
        for item in readers.read_export(path, source="test")
        if isinstance(item, SourceDocument)
    ] == ["1", "2"]


def test_people_count_by_what_is_left(
    dump: Callable[..., list[SourceDocument | ReadFailure]],
) -> None:
    first = "One two three four. Five six."
    (item,) = dump(
        "<page><title>A</title><ns>0</ns><id>1</id>"
        + revision(user("Anna"), first, 1).replace("<parentid>0</parentid>", "")
        + revision("<ip>192.0.2.1</ip>", "vandals", 2)
        + revision(user("Ben"), first, 3)
        + revision(user("CleanBot"), first + " Seven.", 4)
        + revision(user("Cleo"), "One two three four. Nine ten. Seven.", 5)
        + "</page>"
    )

    assert isinstance(item, SourceDocument)
    assert [(c.name, c.role, c.weight) for c in item.contributors] == [
        ("Anna", Role.AUTHOR, 4.0),
        ("Cleo", Role.EDITOR, 2.0),
    ]
    assert item.body == "One two three four. Nine ten. Seven.\n"
    assert item.contributors[1].at == datetime(2024, 1, 5, tzinfo=UTC)


def test_whoever_only_came_later_is_no_author() -> None:
    survival = Survival()
    survival.revision("words", "Anna", None, follows=True)

    assert [c.role for c in survival.contributors("words")] == [Role.EDITOR]


def test_a_page_that_is_too_large_costs_only_itself(
    dump: Callable[..., list[SourceDocument | ReadFailure]],
) -> None:
    items = dump(page("A", 1, "x" * 3000), page("B", 2, "fine"), limits=Limits(page=2000))

    assert [item.external_id for item in items if isinstance(item, SourceDocument)] == ["2"]
    assert [item.name for item in items if isinstance(item, ReadFailure)] == ["1"]


@pytest.mark.slow
def test_a_page_of_megabytes_is_kept_as_it_stands(
    dump: Callable[..., list[SourceDocument | ReadFailure]],
) -> None:
    (item,) = dump(page("Log", 1, "== Day ==\n" + "[[x]] entry\n" * 500_000))

    assert isinstance(item, SourceDocument)
    assert item.body.startswith("## Day\n[[x]] entry\n")
    assert [loss.kind for loss in item.losses] == [LossKind.FORMATTING]


def test_what_stands_before_the_damage_comes_over(tmp_path: Path) -> None:
    path = tmp_path / "dump.xml"
    path.write_text(HEAD + page("A", 1, "x") + "<page><title>B</ti")
    items = list(readers.read_export(path, source="test"))

    assert isinstance(items[0], SourceDocument)
    assert isinstance(items[1], ReadFailure)
    assert 'damaged after the page "A"' in items[1].reason


def test_a_cut_compressed_dump_is_told(tmp_path: Path) -> None:
    path = tmp_path / "dump.xml.gz"
    path.write_bytes(gzip.compress((HEAD + page("A", 1, "x") + "</mediawiki>").encode())[:-10])
    items = list(readers.read_export(path, "mediawiki", source="test"))

    assert isinstance(items[-1], ReadFailure)
    assert "damaged" in items[-1].reason


@pytest.mark.parametrize(
    "start",
    [
        '<!DOCTYPE mediawiki [<!ENTITY a "aaaa">]><mediawiki>',
        '<?xml version="1.0"?><!DOCTYPE mediawiki SYSTEM "file:///etc/passwd"><mediawiki>',
    ],
)
def test_a_document_type_is_refused(tmp_path: Path, start: str) -> None:
    path = tmp_path / "dump.xml"
    path.write_text(start + page("A", 1, "&a;") + "</mediawiki>")
    (item,) = readers.read_export(path, source="test")

    assert isinstance(item, ReadFailure)
    assert "document type" in item.reason


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dump.xml.gz"
    with gzip.open(path, "wb") as file:
        file.write((HEAD + "<page><title>A</title><ns>0</ns><id>1</id><revision><text>").encode())
        for _ in range(60):
            file.write(bytes(1_000_000).replace(b"\0", b"a"))
    tracemalloc.start()
    (item,) = readers.read_export(path, source="test")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert isinstance(item, ReadFailure)
    assert "more than 100 times its size" in item.reason
    assert peak < 60_000_000


def test_a_dump_may_not_unpack_beyond_its_limit(
    dump: Callable[..., list[SourceDocument | ReadFailure]],
) -> None:
    items = dump(
        *(page(f"P{at}", at + 1, f"words {at}") for at in range(100)),
        name="dump.xml.gz",
        limits=Limits(dump=20_000),
    )

    assert isinstance(items[-1], ReadFailure)
    assert "unpacks to more than" in items[-1].reason


@pytest.mark.slow
def test_memory_does_not_grow_with_the_dump(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = tmp_path / f"{count}.xml"
        with path.open("w") as file:
            file.write(HEAD)
            for at in range(count):
                file.write(page(f"P{at}", at + 1, f"[[P{at + 1}]] " + "words " * 2000))
            file.write("</mediawiki>")
        tracemalloc.start()
        with Export.open(path) as export:
            assert sum(1 for _ in mediawiki.read_export(export, "test")) == count
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(600) < peak(100) * 1.5


def test_titles_survive_growing() -> None:
    titles = Titles()
    for at in range(1, 20_000):
        titles.add(f"T{at}", str(at))
    titles.add("R", "0", "T7")
    titles.add("Loop", "0", "Loop")

    assert [titles.page(f"T{at}") for at in (1, 4096, 19_999)] == ["1", "4096", "19999"]
    assert titles.page("R") == "7"
    assert titles.page("Loop") is None
    assert titles.page("None") is None


def test_xml_that_is_no_dump_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<feed><entry>mediawiki</entry></feed>")
    (item,) = readers.read_export(tmp_path, source="test")

    assert isinstance(item, ReadFailure)
    assert "no reader takes" in item.reason


def test_what_lies_beside_a_dump_is_told(tmp_path: Path) -> None:
    (tmp_path / "dump.xml").write_text(HEAD + page("A", 1, "words " * 100) + "</mediawiki>")
    (tmp_path / "note.md").write_text("# Note")
    items = readers.read_export(tmp_path, source="test")

    assert [i.name for i in items if isinstance(i, ReadFailure)] == ["note.md"]


@pytest.mark.parametrize(
    ("account", "name"),
    [
        ("Runa Talbot", "Runa Talbot"),
        ("Abbot", "Abbot"),
        ("imported>Oswin_Hale", "Oswin Hale"),
        ("CleanupBot", ""),
        ("Cleanup bot 2", ""),
        ("mailbot", ""),
        ("Move page script", ""),
        ("192.0.2.xxx", ""),
        ("~2026-12345", ""),
        ("Unknown user", ""),
    ],
)
def test_which_accounts_are_people(account: str, name: str) -> None:
    assert person(account) == name

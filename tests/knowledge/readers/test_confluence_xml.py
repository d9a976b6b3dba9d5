"""Confluence's XML exports: the invented sample, real ones, and dumps made up for one case each."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from knowledge import readers
from knowledge.readers._confluence_rights import NOBODY
from knowledge.types import (
    Grantee,
    LossKind,
    ReadFailure,
    Role,
    SourceDocument,
)

SAMPLE = Path(__file__).parents[3] / "data" / "samples" / "formats" / "confluence_xml"
STAFF = (Grantee(group="fennmoor-staff"),)
INES = Grantee(email="ines.halloway@fennmoor.example", handle="ines.halloway")


def read(path: Path) -> tuple[dict[str, SourceDocument], list[ReadFailure]]:
    """Documents by id, and refusals."""
    items = list(readers.read_export(path, source="test"))
    found = [item for item in items if isinstance(item, SourceDocument)]
    documents = {document.external_id: document for document in found}
    assert len(documents) == len(found)
    return documents, [item for item in items if isinstance(item, ReadFailure)]


@pytest.fixture(scope="module")
def sample() -> dict[str, SourceDocument]:
    return read(SAMPLE)[0]


def test_current_pages_come_in_and_no_others(sample: dict[str, SourceDocument]) -> None:
    assert {id: document.title for id, document in sample.items()} == {
        "4100": "Operations",
        "4101": "Restart the meter gateway",
        "4102": "Suppliers",
        "4103": "Contract prices",
        "4104": "Radio masts",
        "4105": "The night the meters went quiet",
    }
    everything = " ".join(document.body for document in sample.values())
    assert "Not yet for anybody" not in everything
    assert "for an hour" not in everything


def test_a_page_reads_as_it_was_written(sample: dict[str, SourceDocument]) -> None:
    body = sample["4101"].body

    assert "## When\n\nThe dashboard shows no readings for *ten minutes* and METER-118" in body
    assert "> **Warning: Never at the full hour**\n>\n> Then every meter" in body
    assert '   ```bash\n   gatewayctl drain MG-01 && test "$(gatewayctl depth)" -lt 5\n' in body
    assert "![how it hangs together](attachments/gateway.svg)" in body
    assert "| MG-02 | Peat Lane \\| annex |" in body
    assert "- [x] Label the gateways\n- [ ] Rehearse this with Ines Halloway by 2025-04-01" in body
    assert "**Why not reboot the host?**\n\nIt takes the logs with it." in body
    assert "Load: usual" in body


def test_old_wiki_markup_is_read_too(sample: dict[str, SourceDocument]) -> None:
    assert sample["4104"].body.startswith("## Masts\n\nEach mast **must** have an `asset tag`.")
    assert "- check the guy wires\n  - twice in autumn" in sample["4104"].body


def test_links_name_pages_by_their_ids(sample: dict[str, SourceDocument]) -> None:
    def links(id: str) -> dict[str, str]:
        return {link.href: link.target for link in sample[id].links}

    wiki = "https://wiki.fennmoor.example/pages/viewpage.action?pageId=4101"
    assert links("4100") == {"../display/OPS/Restart+the+meter+gateway#Steps": "4101"}
    assert links("4102") == {wiki: "4101"}
    assert links("4101") == {"../display/BILL/Tariff+import": "bill:tariff import"}
    for document in sample.values():
        assert all(f"]({link.href})" in document.body for link in document.links)


def test_people_are_weighted_by_what_is_left_of_them(sample: dict[str, SourceDocument]) -> None:
    mara, tobin = sample["4101"].contributors

    assert (mara.name, mara.role, mara.email) == (
        "Mara Quill",
        Role.AUTHOR,
        "mara.quill@fennmoor.example",
    )
    assert (tobin.name, tobin.role, tobin.handle) == ("Tobin Ashby", Role.EDITOR, "tobin.ashby")
    assert mara.at == datetime(2023, 5, 2, 9, tzinfo=UTC)
    assert tobin.weight > 5 * mara.weight > 5
    # Whoever asked below the page did not write it.
    assert "Ines Halloway" not in {person.name for person in sample["4101"].contributors}


def test_comments_are_told_with_writer_and_time(sample: dict[str, SourceDocument]) -> None:
    comments = sample["4101"].body.partition("## Comments\n\n")[2]

    assert comments.startswith("**Ines Halloway**, 2024-11-22 08:00 UTC:\n\nDoes this also")
    assert "**Tobin Ashby**, 2024-11-22 08:30 UTC, in reply to Ines Halloway:" in comments
    assert "resolved:\n\n> wait for the green light\n\nThat takes about" in comments


def test_labels_are_tags_and_favourites_are_not(sample: dict[str, SourceDocument]) -> None:
    assert sample["4101"].tags == ("runbook",)


def test_files_come_in_their_last_version(sample: dict[str, SourceDocument]) -> None:
    files = {one.name: one for one in sample["4101"].attachments}

    assert files["gateways.csv"].entry == "attachments/4101/4301/2"
    assert files["gateways.csv"].href == "attachments/gateways.csv"
    assert set(files) == {"gateways.csv", "gateway.svg"}


def test_restrictions_of_pages_above_hold_below(sample: dict[str, SourceDocument]) -> None:
    some = (INES, Grantee(group="purchasing"))

    assert sample["4100"].restrictions == (STAFF,)
    assert sample["4102"].restrictions == (STAFF, some)
    assert sample["4103"].restrictions == (STAFF, some)


def test_what_is_lost_is_told(sample: dict[str, SourceDocument]) -> None:
    losses = {(one.kind, one.what) for document in sample.values() for one in document.losses}

    assert losses == {
        (LossKind.TEMPLATE, "page template Incident review"),
        (LossKind.MACRO, "children"),
        (LossKind.MACRO, "meter-gauge"),
    }


# Dumps that are made up -----------------------------------------------------------------------


def thing(kind: str, id: str, *parts: str) -> str:
    name = "key" if kind == "ConfluenceUserImpl" else "id"
    return f'<object class="{kind}"><id name="{name}">{id}</id>{"".join(parts)}</object>'


def text(name: str, words: str) -> str:
    return f'<property name="{name}"><![CDATA[{words}]]></property>'


def ref(name: str, kind: str, id: str) -> str:
    return f'<property name="{name}" class="{kind}"><id name="id">{id}</id></property>'


def many(name: str, kind: str, ids: Iterable[str]) -> str:
    inside = "".join(f'<element class="{kind}"><id name="id">{id}</id></element>' for id in ids)
    return f'<collection name="{name}">{inside}</collection>'


def page(id: str, *parts: str, title: str = "A page", body: str = "<p>Words.</p>") -> str:
    whole = thing("Page", id, text("title", title), text("contentStatus", "current"), *parts)
    return whole + thing("BodyContent", f"9{id}", text("body", body), ref("content", "Page", id))


def dumped(folder: Path, *objects: str) -> Path:
    main = folder / "entities.xml"
    main.write_text(f"<hibernate-generic>{''.join(objects)}</hibernate-generic>")
    return folder


def view(id: str, owner: str, *grants: str, kind: str = "View") -> str:
    """A permission set and its grants; a grant is ``user:KEY``, ``group:NAME`` or "" for none."""
    made = ""
    ids = [f"{id}{number}" for number in range(len(grants))]
    for number, grant in zip(ids, grants, strict=True):
        what, _, name = grant.partition(":")
        whom = ref("userSubject", "User", name) if what == "user" else text("groupName", name)
        made += thing(
            "ContentPermission", number, text("type", kind), whom, ref("owningSet", "", id)
        )
    listed = many("contentPermissions", "ContentPermission", ids)
    return made + thing(
        "ContentPermissionSet", id, text("type", kind), listed, ref("owningContent", "Page", owner)
    )


def clauses(folder: Path, *objects: str, id: str = "11") -> tuple[tuple[Grantee, ...], ...]:
    return read(dumped(folder, *objects))[0][id].restrictions


def test_a_page_without_restrictions_has_none(tmp_path: Path) -> None:
    assert clauses(tmp_path, page("11")) == ()


def test_each_page_above_adds_its_clause(tmp_path: Path) -> None:
    pages = (
        page("1"),
        page("5", ref("parent", "Page", "1")),
        page("11", ref("parent", "Page", "5")),
    )
    top, own = (Grantee(group="a"),), (Grantee(group="b"), Grantee(group="c"))

    found = clauses(
        tmp_path, *pages, view("21", "1", "group:a"), view("31", "11", "group:b", "group:c")
    )

    assert set(found) == {top, own}


def test_only_the_right_to_view_counts(tmp_path: Path) -> None:
    assert clauses(tmp_path, page("11"), view("21", "11", "group:a", kind="Edit")) == ()


@pytest.mark.parametrize(
    "objects",
    [
        (page("11", ref("parent", "Page", "404")),),
        (page("11", many("ancestors", "Page", ["404"])),),
        (page("11"), view("21", "11")),
        (page("11"), view("21", "11", "group:")),
        (page("11"), view("21", "11", "group:a", kind="Peek")),
        (page("11", many("contentPermissionSets", "", ["404"])),),
        (page("11", many("contentPermissionSets", "", ["404"])),
         view("21", "11", "user:k", kind="Edit")),
        (page("11"),
         thing("ContentPermissionSet", "21", text("type", "View"),
               many("contentPermissions", "", ["404"]), ref("owningContent", "", "11"))),
        (thing("Space", "7", text("key", "S"), many("permissions", "", ["404"])),
         page("11", ref("space", "Space", "7"))),
        (thing("Space", "7", text("key", "S")), page("11", ref("space", "Space", "7")),
         thing("SpacePermission", "8", text("type", "EDITSPACE"), ref("space", "Space", "7"))),
        (page("11", ref("space", "Space", "7")),
         thing("SpacePermission", "8", text("type", "VIEWSPACE"), ref("space", "Space", "7"),
               text("group", ""), text("allUsersSubject", "robots"))),
    ],
    ids=["parent missing", "ancestor missing", "set of nobody", "grant of nobody", "strange set",
         "set missing", "view set missing", "grant missing", "space's grants missing",
         "nobody may view the space", "strange space grant"],
)  # fmt: skip
def test_what_is_not_understood_is_for_nobody(tmp_path: Path, objects: tuple[str, ...]) -> None:
    document = read(dumped(tmp_path, *objects))[0]["11"]

    assert NOBODY in document.restrictions
    assert any(one.kind is LossKind.RIGHTS for one in document.losses)


def test_an_edit_set_that_is_missing_changes_nothing(tmp_path: Path) -> None:
    own = many("contentPermissionSets", "", ["21", "404"])

    assert clauses(tmp_path, page("11", own), view("21", "11", "group:a")) == (
        (Grantee(group="a"),),
    )


def test_pages_in_a_circle_are_read(tmp_path: Path) -> None:
    found = clauses(
        tmp_path,
        page("11", ref("parent", "Page", "12")),
        page("12", ref("parent", "Page", "11")),
        view("21", "12", "group:a"),
    )

    assert found == ((Grantee(group="a"),),)


def test_pages_below_a_former_version_are_below_the_page(tmp_path: Path) -> None:
    found = clauses(
        tmp_path,
        page("1"),
        page("2", ref("originalVersion", "Page", "1")),
        page("11", ref("parent", "Page", "2")),
        view("21", "1", "group:a"),
    )

    assert found == ((Grantee(group="a"),),)


SPACE = thing("Space", "7", text("key", "S")) + page("11", ref("space", "Space", "7"))


def may_view(id: str, *parts: str) -> str:
    return thing("SpacePermission", id, text("type", "VIEWSPACE"), ref("space", "", "7"), *parts)


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        ((may_view("1", text("group", "staff")),), ((Grantee(group="staff"),),)),
        ((may_view("1", text("userName", "mara")),), ((Grantee(handle="mara"),),)),
        ((may_view("1", text("allUsersSubject", "authenticated-users")),), ((Grantee(),),)),
        ((may_view("1", text("allUsersSubject", "anonymous-users")),), ()),
        # As they were written before that property: of nobody in particular is of anybody.
        ((may_view("1", text("group", "")), may_view("2", text("group", "staff"))), ()),
    ],
    ids=["group", "old user", "all accounts", "anybody", "anybody, formerly"],
)
def test_who_may_view_the_space(
    tmp_path: Path, grants: tuple[str, ...], expected: tuple[tuple[Grantee, ...], ...]
) -> None:
    assert clauses(tmp_path, SPACE, *grants) == expected


def test_an_address_of_several_accounts_is_nobodys(tmp_path: Path) -> None:
    def user(key: str, mail: str) -> str:
        return thing("ConfluenceUserImpl", key, text("name", f"login-{key}"), text("email", mail))

    found = clauses(
        tmp_path,
        *(user("a", "x@fennmoor.example"), user("b", "x@fennmoor.example")),
        user("c", "c@fennmoor.example"),
        page("11"),
        view("21", "11", "user:a", "user:c", "user:gone"),
    )

    assert found == (
        (
            Grantee(handle="gone"),
            Grantee(handle="login-a"),
            Grantee(email="c@fennmoor.example", handle="login-c"),
        ),
    )


def test_a_page_of_another_spaces_title_stays_there(tmp_path: Path) -> None:
    spaces = thing("Space", "7", text("key", "ONE")) + thing("Space", "8", text("key", "TWO"))
    body = '<ac:link><ri:page ri:content-title="Same" /></ac:link>'
    documents, _ = read(
        dumped(
            tmp_path,
            spaces,
            page("11", ref("space", "Space", "7"), body=body),
            page("12", ref("space", "Space", "8"), title="Same"),
        )
    )

    assert documents["11"].links[0].target == "one:same"


def test_a_file_of_another_page_is_not_attached(tmp_path: Path) -> None:
    """It may be for fewer people than this page."""
    body = (
        '<ac:image><ri:attachment ri:filename="secret.png"><ri:page ri:content-title="Other" />'
        "</ri:attachment></ac:image>"
    )
    secret = thing(
        "Attachment", "31", text("title", "secret.png"), text("version", "1"),
        ref("containerContent", "Page", "12"),
    )  # fmt: skip
    (tmp_path / "attachments" / "12" / "31").mkdir(parents=True)
    (tmp_path / "attachments" / "12" / "31" / "1").write_bytes(b"secret")
    documents, _ = read(dumped(tmp_path, page("11", body=body), page("12", title="Other"), secret))

    assert documents["11"].attachments == ()
    assert documents["11"].body.strip() == "[secret.png](../display/-/Other)"
    assert [one.name for one in documents["12"].attachments] == ["secret.png"]


def test_children_are_not_listed(tmp_path: Path) -> None:
    """Their titles may be for fewer people than this page."""
    body = '<ac:structured-macro ac:name="children" />'
    documents, _ = read(
        dumped(
            tmp_path, page("11", body=body), page("12", ref("parent", "Page", "11"), title="Plan Q")
        )
    )

    assert "Plan Q" not in documents["11"].body


def test_a_page_without_text_is_there_by_its_title(tmp_path: Path) -> None:
    documents, refused = read(dumped(tmp_path, page("11", title="To do", body=" ")))

    assert (documents["11"].title, documents["11"].body) == ("To do", "To do\n")
    assert not refused


def test_an_export_from_before_the_storage_format_is_wiki_markup(tmp_path: Path) -> None:
    old = page("11", title="Masts", body="h2. Wires\n\n* see [Yaw]") + thing(
        "Space", "7", text("key", "S")
    )
    documents, _ = read(dumped(tmp_path, old, page("12", body="a &amp; [b]")))

    assert documents["11"].body == "## Wires\n\n- see [Yaw](../display/-/Yaw)\n"
    assert documents["12"].body == "a & [b]\n"


def test_archived_pages_say_so(tmp_path: Path) -> None:
    old = thing("Page", "11", text("title", "Old"), text("contentStatus", "archived"))
    space = thing("Space", "7", text("key", "S"), text("spaceStatus", "ARCHIVED"))
    documents, _ = read(dumped(tmp_path, space, old, page("12", ref("space", "Space", "7"))))

    assert [document.tags for document in documents.values()] == [("archived",), ("archived",)]


@pytest.mark.parametrize("where", [0.5, 0.9, 0.999])
def test_half_an_export_is_refused_whole(tmp_path: Path, where: float) -> None:
    """Who may read a page can stand at the end of the file."""
    whole = dumped(tmp_path, page("11"), page("12"), view("21", "11", "group:a"))
    main = whole / "entities.xml"
    data = main.read_bytes()
    main.write_bytes(data[: int(len(data) * where)])
    documents, refused = read(whole)

    assert not documents
    assert "damaged or incomplete" in refused[0].reason


def test_entities_are_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    whole = dumped(tmp_path, page("11", body="&b;"))
    main = whole / "entities.xml"
    main.write_text(bomb + main.read_text())
    documents, refused = read(whole)

    assert not documents
    assert "document type" in refused[0].reason


def test_characters_that_xml_forbids_are_left_out(tmp_path: Path) -> None:
    bodies = [f"<p>{'x' * more} one\x1c\x08two\ufffe &#x1c;three</p>" for more in range(40)]
    # So that one of them lies across the blocks in which the file is read.
    filler = page("1", body="<p>" + "long " * (((1 << 18) - 5_000) // 5) + "</p>")
    pages = (page(f"7{number:02}", body=body) for number, body in enumerate(bodies))
    documents, _ = read(dumped(tmp_path, filler, *pages))

    assert len(documents) == 41
    assert all(one.body.endswith("onetwo three\n") for id, one in documents.items() if id != "1")


def test_a_body_larger_than_a_page_costs_that_page(tmp_path: Path) -> None:
    from knowledge.exports import Limits

    limits = Limits(page=5_000)
    whole = dumped(tmp_path, page("11", body="<p>" + "long " * 2_000 + "</p>"), page("12"))
    items = list(readers.read_export(whole, source="test", limits=limits))

    assert [item.external_id for item in items if isinstance(item, SourceDocument)] == ["12"]
    assert [item.name for item in items if isinstance(item, ReadFailure)] == ["11"]


def test_other_files_beside_it_are_named(tmp_path: Path) -> None:
    (dumped(tmp_path, page("11")) / "notes.md").write_text("# Mine")
    documents, refused = read(tmp_path)

    assert set(documents) == {"11"}
    assert [one.name for one in refused] == ["notes.md"]


def test_several_exports_lie_side_by_side(tmp_path: Path) -> None:
    for name, id in (("one", "11"), ("two", "12")):
        (tmp_path / name).mkdir()
        dumped(tmp_path / name, page(id))

    assert set(read(tmp_path)[0]) == {"11", "12"}


def test_a_zip_with_a_folder_around_it(tmp_path: Path) -> None:
    dumped(tmp_path, page("11"))
    with zipfile.ZipFile(tmp_path / "space.zip", "w") as archive:
        archive.write(tmp_path / "entities.xml", "Confluence-export/entities.xml")

    assert set(read(tmp_path / "space.zip")[0]) == {"11"}


# Real exports ---------------------------------------------------------------------------------

CASES = Path("exports") / "confluence-xml"


def whole(path: Path) -> ElementTree.Element:
    """A real dump, parsed at once and apart from the reader."""
    data = path.read_bytes().translate(None, bytes(set(range(32)) - {9, 10, 13}))
    return ElementTree.fromstring(data)  # noqa: S314


def plain(element: ElementTree.Element, name: str) -> str:
    found = element.find(f"property[@name='{name}']")
    return (found.text or "").strip() if found is not None else ""


def refers(element: ElementTree.Element, name: str) -> str:
    # One case names two pages above; the last holds.
    found = element.findall(f"property[@name='{name}']/id")
    return (found[-1].text or "").strip() if found else ""


def pages_of(root: ElementTree.Element) -> Iterator[tuple[str, ElementTree.Element]]:
    for element in root.findall("object"):
        if element.get("class") in ("Page", "BlogPost"):
            yield (element.findtext("id") or "").strip(), element


def expected(root: ElementTree.Element) -> set[str]:
    """The ids of the pages that a reader of that wiki sees."""
    return {
        id
        for id, element in pages_of(root)
        if plain(element, "contentStatus") in ("", "current")
        and not refers(element, "originalVersion")
        and not plain(element, "originalVersionId")
    }


def cases(shared: Path) -> list[Path]:
    return sorted(path for path in (shared / CASES).iterdir() if path.is_dir())


def test_every_real_page_comes_in_once(shared: Path) -> None:
    counted = {}
    for case in cases(shared):
        documents, refused = read(case)
        wanted = expected(whole(case / "entities.xml"))
        assert set(documents) == wanted, case.name
        assert [one.name for one in refused] == ([] if wanted else ["entities.xml"]), case.name
        counted[case.name] = len(documents)

    assert len(counted) == 57
    assert sum(counted.values()) == 95


def test_no_former_or_deleted_text_of_a_real_page_comes_in(shared: Path) -> None:
    documents, _ = read(shared / CASES / "deletedrevision")
    assert [document.body for document in documents.values()] == ["hello current\n"]

    documents, _ = read(shared / CASES / "historyorder")
    assert [document.body for document in documents.values()] == ["content current\n"]


def test_real_restrictions_are_mapped(shared: Path) -> None:
    case = shared / CASES / "permissions"
    documents, _ = read(case)
    root = whole(case / "entities.xml")
    may_view, may_open = set(), set()
    logins = {element.findtext("id"): plain(element, "name") for element in root.findall("object")}
    for element in root.findall("object"):
        user = refers(element, "userSubject")
        user = logins.get(user, user)
        if element.get("class") == "ContentPermission" and plain(element, "type") == "View":
            may_view.add((user or None, plain(element, "groupName") or None))
        if element.get("class") == "SpacePermission" and plain(element, "type") == "VIEWSPACE":
            may_open.add((user or None, plain(element, "group") or None))
    assert len(may_view) == 17

    def named(clause: tuple[Grantee, ...]) -> set[tuple[str | None, str | None]]:
        return {(one.handle, one.group) for one in clause}

    for id, document in documents.items():
        assert named(document.restrictions[0]) == may_open
        if id == "66719934":
            assert [named(clause) for clause in document.restrictions[1:]] == [may_view]
        else:
            assert len(document.restrictions) == 1


def test_real_pages_below_unknown_ones_are_for_the_importer(shared: Path) -> None:
    for case in cases(shared):
        root = whole(case / "entities.xml")
        known = {id for id, _ in pages_of(root)}
        above = {id: refers(element, "parent") for id, element in pages_of(root)}
        for id, document in read(case)[0].items():
            seen: set[str] = set()
            at = id
            while (at := above.get(at, "")) and at not in seen:
                seen.add(at)
            assert (NOBODY in document.restrictions) == bool(seen - known), (case.name, id)


def test_real_links_resolve(shared: Path) -> None:
    documents, _ = read(shared / CASES / "links")

    assert Counter(link.target for link in documents["10"].links) == {
        "11": 17,
        "12": 2,
        "testspace:pagetovalidate": 1,
        "notfound:other page": 1,
    }
    hrefs = {
        link.href: link.target
        for link in read(shared / CASES / "absolutelinks")[0]["45809846"].links
    }
    assert hrefs["http://my.wiki.invalid/wiki/pages/viewpage.action?pageId=4242"] == "4242"
    assert hrefs["http://my.wiki.invalid/wiki/display/TEST/Deal+Portal"] == "test:deal portal"


def test_real_control_characters_and_broken_cdata(shared: Path) -> None:
    assert read(shared / CASES / "asciichar28")[0]
    documents, _ = read(shared / CASES / "fixcdata")
    assert "wrong" in documents["10"].body
    assert "cdata" in documents["10"].body


def test_real_comments_come_in_the_order_of_time(shared: Path) -> None:
    (document,) = read(shared / CASES / "commentorder")[0].values()
    comments = document.body.partition("## Comments")[2]
    texts = [line for line in comments.splitlines() if line.isdecimal()]

    assert len(texts) == 7
    assert texts == sorted(texts)


def test_real_files_come_in_their_last_version(shared: Path) -> None:
    documents, _ = read(shared / CASES / "attachhist")
    files = {one.name: one.entry for one in documents["948633601"].attachments}

    assert files == {
        "attachment.txt": "attachments/948633601/948830209/3",
        "attachment2.txt": "attachments/948633601/948043783/1",
    }


MAIL = """From: Tobin Ashby <tobin.ashby@fennmoor.example>
To: ops@fennmoor.example
Subject: Spare gateways
Date: Mon, 03 Mar 2025 10:00:00 +0000
Content-Type: text/plain; charset=utf-8

The spare gateways stand in the annex.
"""


def with_file(folder: Path, name: str, data: bytes) -> Path:
    file = thing(
        "Attachment", "31", text("title", name), text("version", "1"), ref("creator", "", "k"),
        ref("containerContent", "Page", "11"), text("creationDate", "2025-03-03 10:00:00.000"),
    )  # fmt: skip
    place = folder / "attachments" / "11" / "31"
    place.mkdir(parents=True)
    (place / "1").write_bytes(data)
    return dumped(folder, page("11", title="Spares [old]"), view("21", "11", "group:a"), file)


def test_office_files_are_documents_for_the_pages_readers(tmp_path: Path) -> None:
    documents, refused = read(with_file(tmp_path, "answer.eml", MAIL.encode()))
    whole, file = documents["11"], documents["11/attachments/answer.eml"]

    assert not refused
    assert file.title == "answer.eml"
    assert "The spare gateways stand in the annex." in file.body
    assert file.body.startswith("Attached to [Spares \\[old\\]](viewpage.action?pageId=11).")
    assert file.restrictions == whole.restrictions == ((Grantee(group="a"),),)
    assert file.tags == ("attachment",)
    assert [(one.href, one.target) for one in file.links] == [("viewpage.action?pageId=11", "11")]
    assert [one.handle for one in file.contributors] == ["k"]
    assert file.attachments == whole.attachments
    assert file.updated_at == datetime(2025, 3, 3, 10, tzinfo=UTC)


def test_an_office_file_without_readable_text_stays_attached(tmp_path: Path) -> None:
    documents, refused = read(with_file(tmp_path, "broken.pdf", b"no pdf"))

    assert set(documents) == {"11"}
    assert not refused
    assert [one.name for one in documents["11"].attachments] == ["broken.pdf"]
    assert any("broken.pdf: not searched" in one.what for one in documents["11"].losses)


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("Europe/Zurich", 8), ("UTC", 9), ("Nowhere/Land", 9), ("../../etc/passwd", 9), ("/", 9)],
)
def test_times_are_of_the_servers_zone(tmp_path: Path, zone: str, hour: int) -> None:
    whole = dumped(tmp_path, page("11", text("creationDate", "2024-01-05 09:00:00.000")))
    (whole / "exportDescriptor.properties").write_text(f"exportType=space\ntimezoneId={zone}\n")

    assert read(whole)[0]["11"].created_at == datetime(2024, 1, 5, hour, tzinfo=UTC)


def test_no_account_can_pass_for_nobody(tmp_path: Path) -> None:
    (nobody,) = NOBODY
    name = str(nobody.handle)
    account = thing("ConfluenceUserImpl", "k", text("name", name))
    own = page("11", text("creatorName", name), ref("parent", "Page", "404"))
    other = page("12", ref("creator", "", "k"))
    whole = dumped(tmp_path, account, own, other, view("21", "12", "user:k"))
    documents, _ = read(whole)

    people = [person for document in documents.values() for person in document.contributors]
    assert len(people) == 2
    assert name not in {person.handle for person in people}
    assert documents["11"].restrictions == (NOBODY,)

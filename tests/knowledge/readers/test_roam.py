"""Roam Research graphs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge import readers
from knowledge.readers.roam import MAX_DEPTH
from knowledge.types import Contributor, Link, LossKind, Role, SourceDocument
from tests.knowledge.readers.support import read, refusal

AT = 1_736_700_000_000


def block(string: str, *children: object, uid: str = "", **more: object) -> dict[str, object]:
    return {"string": string, "uid": uid, "children": list(children), **more}


def page(title: str, *children: object, **more: object) -> dict[str, object]:
    return {"title": title, "uid": f"uid-{title}", "children": list(children), **more}


def documents(folder: Path, *pages: object) -> list[SourceDocument]:
    found = read(folder, {"graph.json": json.dumps(pages)})
    return [d for d in found if isinstance(d, SourceDocument)]


KNOWN = page(
    "Other page",
    block("said once, see ((block-002))", uid="block-001"),
    block("and ((block-001))", uid="block-002"),
    block("```py\na = 1\nb = 2```", uid="block-003"),
)


@pytest.mark.parametrize(
    ("blocks", "markdown"),
    [
        ([block("one"), block("two")], "one\n\ntwo"),
        ([block("one", block("a", block("b\nc")), block(""))], "one\n\n- a\n  - b\n    c"),
        ([block("H", block("p", block("q")), heading=2)], "### H\n\np\n\n- q"),
        ([block("p", block("H", block("q"), heading=3))], "p\n\n- **H**\n  - q"),
        (
            [block("{{[[TODO]]}} x", block("{{[[DONE]]}} y"), block("{{TODO}} z"))],
            "- [ ] x\n\n- [x] y\n- [ ] z",
        ),
        ([block("__i__ **b** ^^m^^ a__b__c")], "*i* **b** m a__b__c"),
        ([block("Owner:: me"), block("a::b c: d")], "**Owner:** me\n\na::b c: d"),
        ([block("```js\nx [[y]]\n```")], "```js\nx [[y]]\n```"),
        ([block("so ```\nx``` then `[[y]]`")], "so\n```\nx\n```\n then `[[y]]`"),
        (
            [block("[[Other page]] [it]([[Other page]])")],
            "[Other page](Other%20page) [it](Other%20page)",
        ),
        ([block("[words](((block-003))) ((block-003))")], "[words](Other%20page) `a = 1 b = 2`"),
        (
            [block("((block-001))")],
            "said once, see and said once, see ((block-002))",
        ),
        ([block("**Of it:**", heading=1), block("Kind::", heading=2)], "## Of it\n\n### Kind"),
        ([block("[[.--]]", block("H", block("p"), heading=1), block("q"))], "## H\n\np\n\nq"),
        ([block("one", block("---"), block("", block("a")))], "one\n\n- a"),
        (
            [block("x `{{query: [[a]]}}\n[[b]]\n` y")],
            "x\n```\n{{query: [[a]]}}\n[[b]]\n```\n\n y",
        ),
        ([block("((nosuchblock)) ((and so on))")], "((nosuchblock)) ((and so on))"),
        ([block("{{[[embed]]: [[Other page]]}}")], "[Other page](Other%20page)"),
        ([block("{{[[video]]: https://v.example/1}}")], "<https://v.example/1>"),
        ([block("a {{[[query]]: {and: [[A]] {not: [[B]]}}}} b")], "a  b"),
        ([block("{{[[slider]]}} {{ open")], "{{slider}} {{ open"),
        (
            [
                block(
                    "{{[[table]]}}",
                    block("a", block("b|c")),
                    block("d", block("e"), block("f")),
                    block("g"),
                )
            ],
            "| a | b\\|c |\n| --- | --- |\n| d | e |\n|  | f |\n| g |  |",
        ),
    ],
)
def test_blocks(tmp_path: Path, blocks: list[object], markdown: str) -> None:
    found = documents(tmp_path, page("P", *blocks), KNOWN)[0]

    assert found.body == f"{markdown}\n"


def test_a_page(tmp_path: Path) -> None:
    text = block(
        "To [[Other page]], [[Gone]] #duty #[[night shift]] #12 #.rm",
        **{"create-email": "mia@fennmoor.example", "create-time": AT, "edit-time": AT + 5000},
    )

    found, other = documents(tmp_path, page("P/q", text), KNOWN, page("Empty"))

    mia = "mia@fennmoor.example"
    assert found.external_id == "uid-P/q"
    assert found.title == "P/q"
    assert found.created_at == datetime(2025, 1, 12, 16, 40, tzinfo=UTC)
    assert found.updated_at == datetime(2025, 1, 12, 16, 40, 5, tzinfo=UTC)
    assert found.tags == ("duty", "night shift")
    assert found.links == (
        Link("Other%20page", other.external_id),
        Link("Gone", "Gone"),
        Link("night%20shift", "night shift"),
    )
    assert found.contributors == (
        Contributor(mia, Role.AUTHOR, mia, weight=9.0, at=found.updated_at),
    )


def test_what_is_lost_is_counted(tmp_path: Path) -> None:
    blocks = ["{{query: [[A]]}}", "{{[[query]]: x}} ((nosuchblock))", "{{embed: ((block-001))}}"]

    found = documents(tmp_path, page("P", *map(block, blocks)), KNOWN)[0]

    assert [(loss.kind, loss.what, loss.count) for loss in found.losses] == [
        (LossKind.EMBED, "a block shown within", 1),
        (LossKind.LINK, "a block that is not in the export", 1),
        (LossKind.MACRO, "query", 2),
    ]


def test_what_is_refused(tmp_path: Path) -> None:
    deep: dict[str, object] = block("x")
    for _ in range(MAX_DEPTH + 1):
        deep = block("x", deep)

    assert "nests deeper" in refusal(tmp_path, "g.json", json.dumps([page("P", deep)]))
    assert "broken JSON" in refusal(tmp_path, "g.json", json.dumps([KNOWN])[:-9])
    nothing = '[{"title": "", "string": "", "uid": ""}]'
    assert "holds no pages" in refusal(tmp_path, "g.json", nothing)


def test_real_graphs(shared: Path) -> None:
    folder = shared / "exports" / "roam"
    found = {
        path.name: [
            d for d in readers.read_export(path, source="t") if isinstance(d, SourceDocument)
        ]
        for path in sorted(folder.glob("*.json"))
    }

    assert {name: len(pages) for name, pages in found.items()} == {
        "help-graph-excerpt.json": 15,
        "shapes.json": 12,
        "small-test-graph.json": 1,
    }
    assert all(d.created_at and d.updated_at for d in found["help-graph-excerpt.json"])


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "junk", ["{{", "  ", "[[", "((", "}}", "__", "^^", "`", "a:", "#a", "```\n"]
)
def test_junk_takes_linear_time(tmp_path: Path, junk: str) -> None:
    assert documents(tmp_path, page("P", block("x " + junk * 50_000 + ".")))

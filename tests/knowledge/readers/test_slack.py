"""Slack exports: threads, talk outside of them, people and rights."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge import readers
from knowledge.readers import slack
from knowledge.readers._conversations import Author, Message, asks, title
from knowledge.readers._mrkdwn import to_markdown
from knowledge.types import Grantee, Kind, LossKind, ReadFailure, Role, SourceDocument
from tests.knowledge.readers.support import read

NOON = 1_700_000_000
LONG = "It is the valve behind the pump that sticks in winter, so turn it twice a week."


def user(key: str, name: str, **more: object) -> dict[str, object]:
    profile = {"real_name": name, "email": f"{key.lower()}@fennmoor.example"}
    return {"id": key, "name": f"{key.lower()}x", "profile": profile, **more}


USERS = [user("UA", "Ann Able"), user("UB", "Ben Bold"), user("UC", "Cy Cold", deleted=True)]
CHANNELS = [{"id": "C1", "name": "general", "members": []}]


def said(minute: float, key: str, text: str, **more: object) -> dict[str, object]:
    return {"type": "message", "user": key, "ts": f"{NOON + minute * 60:.6f}", "text": text, **more}


def thread(minute: float, **more: object) -> dict[str, object]:
    return {"thread_ts": f"{NOON + minute * 60:.6f}", **more}


def export(folder: Path, days: Mapping[str, object], **lists: object) -> list[SourceDocument]:
    return [i for i in items(folder, days, **lists) if isinstance(i, SourceDocument)]


def items(
    folder: Path, days: Mapping[str, object], **lists: object
) -> list[SourceDocument | ReadFailure]:
    files = {"users": USERS, "channels": CHANNELS, **lists, **days}
    return read(folder, {f"{name}.json": json.dumps(value) for name, value in files.items()})


def roles(document: SourceDocument) -> dict[str, tuple[Role, float]]:
    return {c.name: (c.role, c.weight) for c in document.contributors}


def test_a_thread_over_days(tmp_path: Path) -> None:
    liked = [{"name": "+1", "users": ["UA", "UB", "UC"]}]
    days = {
        "general/2023-11-14": [
            said(0, "UA", "Hi all! The pump is *stuck*. Why does it?", **thread(0, reply_count=2)),
            said(1, "UB", LONG, **thread(0), reactions=liked),
        ],
        "general/2023-11-20": [
            said(9000, "UC", "And oil it in May.", **thread(0)),
            said(9001, "UA", "Thanks, that works!", **thread(0)),
        ],
    }  # fmt: skip

    (found,) = export(tmp_path, days)

    assert found.kind is Kind.THREAD
    assert found.external_id == "C1/1700000000.000000"
    assert found.title == "Why does it?"
    assert found.tags == ("general",)
    assert found.restrictions == ()
    assert found.created_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert found.updated_at == datetime(2023, 11, 21, 4, 14, 20, tzinfo=UTC)
    assert found.body == (
        "**Ann Able** (2023-11-14 22:13): Hi all! The pump is **stuck**. Why does it?\n\n"
        f"**Ben Bold** (2023-11-14 22:14): {LONG}\n\n"
        "**Cy Cold** (2023-11-21 04:13): And oil it in May.\n\n"
        "**Ann Able** (2023-11-21 04:14): Thanks, that works!\n"
    )
    assert roles(found) == {
        "Ben Bold": (Role.ANSWERER, 17.0),
        "Cy Cold": (Role.ANSWERER, 5.0),
    }
    assert found.contributors[0].email == "ub@fennmoor.example"
    assert found.contributors[0].handle == "UB"


def test_whoever_reacts_well_to_an_answer_endorses_it(tmp_path: Path) -> None:
    signs = [
        {"name": "+1::skin-tone-3", "users": ["UC", "UA"]},
        {"name": "tada", "users": ["UC"]},
        {"name": "thinking_face", "users": ["UB"]},
    ]
    day = [
        said(0, "UA", "Why?", **thread(0, reply_count=1), reactions=signs),
        said(1, "UB", LONG, **thread(0), reactions=signs),
    ]  # fmt: skip

    (found,) = export(tmp_path, {"general/2023-11-14": day})

    assert roles(found) == {"Ben Bold": (Role.ANSWERER, 17.0), "Cy Cold": (Role.ENDORSER, 0.2)}


def test_who_answers_themselves_counts_and_who_tells_is_the_author(tmp_path: Path) -> None:
    solved = "Solved it: the valve was closed, and now it is open and all runs as before."
    days = {
        "general/2023-11-14": [
            said(0, "UA", "Why does it stick?", **thread(0, reply_count=1)),
            said(1, "UA", solved, **thread(0)),
            said(200, "UB", f"{LONG} {LONG}", **thread(200, reply_count=1)),
            said(201, "UC", "Good to know.", **thread(200)),
        ]
    }

    asked, told = export(tmp_path, days)

    assert roles(asked) == {"Ann Able": (Role.ANSWERER, 16.0)}
    assert roles(told) == {"Ben Bold": (Role.AUTHOR, 34.0)}


def test_talk_outside_of_threads_is_cut_at_silence(tmp_path: Path) -> None:
    day = [
        said(0, "UA", "Does anybody know why the pump sticks"),
        said(1, "UC", "joined", subtype="channel_join"),
        said(30, "UB", LONG),
        said(30.5, "UB", "Or call me."),
        said(100, "UA", "Lunch?"),
        said(101, "UB", "Yes."),
        said(300, "UA", LONG),
        said(500, "UA", " ".join([LONG] * 4)),
        {"type": "message", "subtype": "bot_message", "ts": f"{NOON + 30060}.0", "text": LONG},
    ]

    first, second = export(tmp_path, {"general/2023-11-14": day})

    assert first.title == "Does anybody know why the pump sticks"
    assert first.body.endswith(f"{LONG}\n\nOr call me.\n")
    assert roles(first) == {"Ben Bold": (Role.ANSWERER, 20.0)}
    assert second.body.count(LONG) == 4
    assert first.losses == ()
    assert {loss.what: loss.count for loss in second.losses} == {
        "channel_join (notices of Slack)": 1,
        "messages of apps": 1,
        "short messages outside of threads": 3,
    }
    assert all(loss.kind is LossKind.COMMENT for loss in second.losses)


def test_a_thread_is_not_kept_longer_than_it_lasts(tmp_path: Path) -> None:
    """So that years of threads need no memory: what is finished comes out on the way."""
    talk = slack._Talk(slack.Directory(), slack.Channel("C1", "general", "general"), "test", "")
    day = [said(0, "UA", "Why?", **thread(0, reply_count=1, latest_reply=f"{NOON + 60}.000000"))]
    for raw in map(talk._decoder.raw, [*day, said(1, "UB", LONG, **thread(0))]):
        assert raw is not None
        list(talk._take(raw))
    assert len(talk._open) == 1

    list(talk._close_threads(NOON + 86_400))

    assert not talk._open
    assert talk._held is not None


def test_a_reply_later_than_its_thread_tells_is_counted(tmp_path: Path) -> None:
    days = {
        "general/2023-11-14": [
            said(0, "UA", "Why?", **thread(0, reply_count=1, latest_reply=f"{NOON + 60}.000000")),
            said(1, "UB", LONG, **thread(0)),
        ],
        "general/2023-11-20": [said(9000, "UC", LONG, **thread(0))],
    }

    (found,) = export(tmp_path, days)

    assert set(roles(found)) == {"Ben Bold"}
    assert {loss.what: loss.count for loss in found.losses} == {
        "replies later than their thread tells": 1
    }


def test_an_answer_whose_question_is_older_than_the_export(tmp_path: Path) -> None:
    days = {
        "general/2023-11-14": [said(0, "UB", LONG, **thread(-9000))],
        "general/2023-11-15": [said(1500, "UC", LONG, **thread(-9000))],
    }

    (found,) = export(tmp_path, days)

    assert found.external_id == "C1/1699460000.000000"
    assert set(roles(found)) == {"Cy Cold"}


def test_rights(tmp_path: Path) -> None:
    day = [said(0, "UA", LONG, **thread(0, reply_count=1)), said(1, "UX", LONG, **thread(0))]
    folders = ("general", "secret", "D1", "mpdm-a--b-1", "hidden", "unknown")
    lists: dict[str, object] = {
        "channels": [*CHANNELS, {"id": "C9", "name": "hidden", "is_private": True, "members": []}],
        "groups": [{"id": "G1", "name": "secret", "members": ["UA", "UX"]}],
        "dms": [{"id": "D1", "members": ["UA", "UB"]}],
        "mpims": [{"id": "G2", "name": "mpdm-a--b-1", "members": ["UB"]}],
    }

    found = items(tmp_path, {f"{name}/2023-11-14": day for name in folders}, **lists)

    ann, ben = (Grantee(email=f"{k}@fennmoor.example", handle=k.upper()) for k in ("ua", "ub"))
    documents = {d.external_id.partition("/")[0]: d for d in found if isinstance(d, SourceDocument)}
    assert {key: d.restrictions for key, d in documents.items()} == {
        "C1": (),
        "C9": ((),),
        "G1": ((ann, Grantee(handle="UX")),),
        "D1": ((ann, ben),),
        "G2": ((ben,),),
    }
    assert documents["D1"].tags == ()
    (refused,) = (f for f in found if isinstance(f, ReadFailure))
    assert refused.name == "unknown/2023-11-14.json"
    assert "who may read #unknown" in refused.reason
    assert refused.rest_lost


def test_a_private_channel_keeps_its_name_from_others(tmp_path: Path) -> None:
    day = [said(0, "UA", f"See <#G1> and <#C1>. {LONG * 9}")]
    groups = [{"id": "G1", "name": "layoffs", "members": ["UA"]}]

    (found,) = export(tmp_path, {"general/2023-11-14": day}, groups=groups)

    assert found.body.partition("See ")[2].startswith("#G1 and #general.")


def test_a_broken_list_opens_nothing(tmp_path: Path) -> None:
    read(tmp_path, {"groups.json": "[{", "secret/2023-11-14.json": "[]", "x.md": "Words."})

    found = items(tmp_path, {"secret/2023-11-14": [said(0, "UA", LONG * 9)]})

    assert not [d for d in found if isinstance(d, SourceDocument)]
    assert {f.name for f in found if isinstance(f, ReadFailure)} == {
        "groups.json",
        "secret/2023-11-14.json",
        "x.md",
    }


def test_names_that_are_none(tmp_path: Path) -> None:
    users = [user(f"U{n}", "Redacted") for n in range(3)] + [user("UA", "Ann", is_bot=True)]
    day = [
        said(0, "UA", "Feeder 9 is down?", **thread(0, reply_count=2)),
        said(1, "U1", LONG, **thread(0)),
        said(2, "UQ", LONG, **thread(0), user_profile={"real_name": "Guest Gill"}),
        said(3, "U2", f"Ask <@U1> or <@UZ|zed>. {LONG}", **thread(0)),
    ]

    (found,) = export(tmp_path, {"general/2023-11-14": day}, users=users)

    assert [c.name for c in found.contributors] == ["u1x", "Guest Gill", "u2x"]
    assert "Ask @u1x or @zed." in found.body


def test_files_keep_their_links_without_their_keys(tmp_path: Path) -> None:
    files = [
        {"title": "plan [1].pdf", "permalink": "https://s.example/f/1?t=xoxe-1#x"},
        {"name": "b"},
    ]
    named = [{**files[0], "title": "A plan of it all"}]
    day = [
        said(0, "UA", "", **thread(0, reply_count=1), files=named),
        said(0.5, "UA", LONG, **thread(0), files=files),
        said(1, "UB", "<@UB|ben> uploaded a file: <https://s.example/f/2|x> and commented: See.",
             **thread(0), subtype="file_share", file={"title": "x", "permalink": "https://s.example/f/2"}),
    ]  # fmt: skip

    (found,) = export(tmp_path, {"general/2023-11-14": day})

    assert "xoxe" not in found.body
    assert found.title == LONG
    assert r"[plan \[1\].pdf](https://s.example/f/1)" in found.body
    assert found.body.endswith("See.\n\n[x](https://s.example/f/2)\n")
    assert sum(loss.count for loss in found.losses) == 4
    assert {loss.kind for loss in found.losses} == {LossKind.ATTACHMENT}


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("*bold* _it_ ~gone~ 2*3*4 a*b", "**bold** _it_ ~~gone~~ 2*3*4 a*b"),
        ("<https://a.example/x_(y)|it>", "[it](<https://a.example/x_(y)>)"),
        ("<https://a.example/?a=1&amp;b=2>", "<https://a.example/?a=1&b=2>"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("<javascript:alert(1)|x>", "[x](<javascript:alert(1)>)"),
        ("<#C1> <#C2|two> <#C3>", "#general #two #C3"),
        ("<!here> <!subteam^S1|@ops> <!date^1^{date}|May 1>", "@here @ops May 1"),
        ("a &lt; b &amp;&amp; &lt;div&gt;", r"a < b && \<div>"),
        ("&gt; quoted\nnot", "> quoted\n\nnot"),
        ("&gt;&gt;&gt; all\nof it", "> all\n> of it"),
        ("• one\n    ◦ two\nend", "- one\n  - two\n\nend"),
        ("one\ntwo", "one  \ntwo"),
        ("run `a*b*c` and `<b>`", "run `a*b*c` and `b`"),
        ("```x &lt; <http://y.example|y>\n*z*```", "```\nx < http://y.example\n*z*\n```"),
        ("so: ```\na\n``` then", "so:\n\n```\na\n```\n\n then"),
        ("# no heading", r"\# no heading"),
        (":tada: :+1::skin-tone-2: :our-own: 10:30:45", "🎉 👍 :our-own: 10:30:45"),
        ("aw :blush::link:", "aw 😊🔗"),
        ("\0 0\0", " 0"),
    ],
)
def test_notation(text: str, markdown: str) -> None:
    assert to_markdown(text, lambda key: None, {"C1": "general"}.get) == markdown


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "junk", ["*", "*a ", "<", "`", "```", ":a", "~", "&gt;", "\0", "•", "\n", "<@"]
)
def test_junk_takes_linear_time(junk: str) -> None:
    text = "x " + junk * 50_000

    assert to_markdown(text, lambda key: None, lambda key: None) is not None
    asks(text)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("junk", ["[[", "[a](", "``"])
def test_a_title_of_junk_takes_linear_time(junk: str) -> None:
    said = Message(Author("k", "Ann"), datetime(2024, 1, 1, tzinfo=UTC), "x " + junk * 30_000)

    assert title([said])


def test_only_a_whole_export_is_one(tmp_path: Path) -> None:
    sample = Path(__file__).parents[3] / "data" / "samples" / "formats" / "slack"
    inside = Path(shutil.copytree(sample, tmp_path / "in" / "export"))

    assert len(list(readers.read_export(inside.parent, source="test"))) == 4
    (tmp_path / "in" / "page.md").write_text("Words.")
    mixed = list(readers.read_export(inside.parent, source="test"))
    assert [d.external_id for d in mixed if isinstance(d, SourceDocument)] == ["page.md"]


def test_a_real_export(shared: Path) -> None:
    found = list(readers.read_export(shared / "exports" / "slack", source="test"))

    documents = [d for d in found if isinstance(d, SourceDocument)]
    assert len(documents) > 70
    named = Counter(c.role for d in documents for c in d.contributors)
    assert named[Role.ANSWERER] > 80
    assert named[Role.ENDORSER] > 20
    assert not any("Redacted" in c.name for d in documents for c in d.contributors)
    assert not any("<@" in d.body or "has joined the channel" in d.body for d in documents)

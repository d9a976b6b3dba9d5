"""Filters in words, on a real catalog."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.services import Services
from indexer.protocols import Filters
from indexer.search.results import Mode, Request, SearchResult, Understood
from indexer.search.understanding import narrowed
from knowledge.people import Profile
from knowledge.types import OPERATOR, Audience, Contributor, Kind, Level, Principal, Role
from tests.builders import document, opened

STAFF = Principal(signed_in=True)
ADA = Contributor("Ada Field", Role.AUTHOR, email="ada@example.org")
BEN = Contributor("Ben Osei", Role.SPEAKER, email="ben@example.org")
ZOE = Contributor("Zoë Quill", Role.AUTHOR, email="zoe@example.org")
ENDORSER = Contributor("Edith Endorser", Role.ENDORSER)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with opened(tmp_path_factory.mktemp("data")) as made:
        made.directory.put(Profile("Ada Field", "ada@example.org", team="Customer Success"))
        made.directory.put(Profile("Ben Osei", "ben@example.org", team="Data"))
        made.directory.put(Profile("Kit Locke", "kit@example.org", team="Nobody Else"))
        saved = [
            document("plan", "How a backup is made.", contributors=(ADA, ENDORSER), tags=("ops",),
                     source="handbook", updated_at=datetime(2024, 5, 1, tzinfo=UTC)),
            document("talk", "Ben Osei: The backup runs at night.", contributors=(BEN,),
                     kind=Kind.TRANSCRIPT, source="town hall", level=Level.EXPERT,
                     updated_at=datetime(2023, 5, 1, tzinfo=UTC)),
            document("thread", "A backup deadlocks in threads.", kind=Kind.THREAD,
                     contributors=(ADA, BEN), source="handbook"),
            document("secret", "A backup of the vault.", contributors=(ZOE,), source="boardroom",
                     kind=Kind.NOTE, tags=("layoffs",), audience=Audience.of("group:vault")),
        ]  # fmt: skip
        assert not [o for o in made.capture.ingest(saved) if o.reason]
        yield made


def ask(
    services: Services, query: str, principal: Principal = STAFF, **more: object
) -> SearchResult:
    return services.pipeline.search(Request(query, **more), principal)  # type: ignore[arg-type]


def keys(result: SearchResult) -> set[str]:
    return {hit.document.external_id for hit in result.answers}


@pytest.mark.parametrize(
    ("query", "topic", "field", "text", "expected"),
    [
        ("backup by Ada Field", "backup", "author", "by Ada Field", {"plan", "thread"}),
        ("backup by ada field?", "backup", "author", "by ada field", {"plan", "thread"}),
        ("backup by Ada", "backup", "author", "by Ada", {"plan", "thread"}),
        ("what does backup mean from Ben Osei", "what does backup mean", "author",
         "from Ben Osei", {"talk", "thread"}),
        ("notes by Ada about backup", "notes backup", "author", "by Ada", {"plan", "thread"}),
        ("backup in handbook", "backup", "source", "in handbook", {"plan", "thread"}),
        ("backup in the Handbook", "backup", "source", "in the Handbook", {"plan", "thread"}),
        ("backup from the town hall", "backup", "source", "from the town hall", {"talk"}),
        ("backup in transcripts", "backup", "kind", "in transcripts", {"talk"}),
        ("backup from the transcripts", "backup", "kind", "from the transcripts", {"talk"}),
        ("backup in the threads", "backup", "kind", "in the threads", {"thread"}),
        ("backup in the data team", "backup", "team", "in the data team", {"talk", "thread"}),
        ("backup by Customer Success", "backup", "team", "by Customer Success",
         {"plan", "thread"}),
        ("who knows about backup in team Data", "backup", "team", "in team Data",
         {"talk", "thread"}),
        ("who in the data team knows about backup", "backup", "team", "in the data team",
         {"talk", "thread"}),
        ("backup since 2024", "backup", "updated_after", "since 2024", {"plan"}),
        ("backup since May 2023", "backup", "updated_after", "since May 2023", {"plan", "talk"}),
        ("backup after 2023", "backup", "updated_after", "after 2023", {"plan"}),
        ("backup before 2024", "backup", "updated_before", "before 2024", {"talk"}),
        ("tag:ops backup", "backup", "tag", "tag:ops", {"plan"}),
        ("kind:transcripts backup", "backup", "kind", "kind:transcripts", {"talk"}),
        ("level:expert backup", "backup", "level", "level:expert", {"talk"}),
        ('team:"customer success" backup', "backup", "team", 'team:"customer success"',
         {"plan", "thread"}),
        ("after:2024 backup", "backup", "updated_after", "after:2024", {"plan"}),
        ("before:2024-01-31 backup", "backup", "updated_before", "before:2024-01-31", {"talk"}),
        ("author:ben backup", "backup", "author", "author:ben", {"talk", "thread"}),
        ("author:kit backup", "backup", "author", "author:kit", set()),
        ("tag:nothing backup", "backup", "tag", "tag:nothing", set()),
        ('"at night" backup', '"at night" backup', "phrase", '"at night"', {"talk"}),
        ("backup -night", "backup", "without", "-night", {"plan", "thread"}),
    ],
)  # fmt: skip
def test_what_is_understood(
    services: Services, query: str, topic: str, field: str, text: str, expected: set[str]
) -> None:
    for mode in Mode:
        result = ask(services, query, mode=mode)
        (told,) = result.understood
        assert (result.topic, told.field, told.text) == (topic, field, text)
        assert keys(result) == expected
    literal = ask(services, query, literal=True)
    assert literal.understood == ()
    assert keys(literal) == {"plan", "talk", "thread"}


@pytest.mark.parametrize(
    "query",
    [
        "backup by hand",
        "backup from tape",
        "backup in production",
        "backup by ada",
        "backup by Field",
        "backup by Kit Locke",
        "backup by Edith Endorser",
        "backup by Zoë Quill",
        "backup from Zoe",
        "backup in boardroom",
        "backup in notes",
        "backup by design",
        "errors in data",
        "backup by Data",
        "backup deadlocks in threads",
        "backup in transcript",
        "backup in the recordings",
        "backup before lunch",
        "backup after 5",
        "backup since 2024 reorganisation",
        "backup by Ada Field and others",
        "in handbook style of backup",
        "kind:Deployment backup",
        "level:2 backup",
        "before:noon backup",
        "-backup",
        "after:2024",
        "backup by " + "Ada Field " * 60,
    ],
)
def test_what_stays_words(services: Services, query: str) -> None:
    assert ask(services, query, spelling=False).understood == ()


def test_several_things_at_once(services: Services) -> None:
    result = ask(services, 'backup -night since 2024 by Ada Field in the handbook "is made"')
    assert keys(result) == {"plan"}
    assert result.topic == 'backup since 2024 by Ada Field in the handbook "is made"'
    result = ask(services, '"is made" backup -night since 2024 by Ada Field in the handbook')
    assert (keys(result), result.topic) == ({"plan"}, '"is made" backup')
    assert {one.field for one in result.understood} == {
        "phrase", "without", "updated_after", "author", "source",
    }  # fmt: skip


def test_a_phrase_that_nothing_holds_is_searched_for_as_words(services: Services) -> None:
    for query, told in (
        ('backup "of the vault"', []),
        ('"a backup is made" by Ben Osei', ["author"]),
        ('"at night" "is made" backup', []),
    ):
        result = ask(services, query)
        assert result.missing
        assert keys(result)
        assert [one.field for one in result.understood] == told
    keeper = Principal(signed_in=True, groups=frozenset({"vault"}))
    found = ask(services, 'backup "of the vault"', keeper)
    assert (keys(found), found.missing) == ({"secret"}, ())


def test_only_filters_look_for_what_they_name(services: Services) -> None:
    assert ask(services, "tag:ops").topic == "ops"
    named = ask(services, "by Ada Field")
    assert (named.topic, keys(named)) == ("by Ada Field", {"plan", "thread"})


def test_who_may_read_more_understands_more(services: Services) -> None:
    keeper = Principal(signed_in=True, groups=frozenset({"vault"}))
    for clause in ("by Zoë Quill", "from Zoe", "in boardroom", "in notes"):
        query = f"backup {clause}"
        for reader in (keeper, OPERATOR):
            assert keys(ask(services, query, reader)) == {"secret"}
        assert ask(services, query).understood == ()


def test_the_directory_is_for_those_who_are_signed_in(services: Services) -> None:
    (known,) = ask(services, "author:kit backup").understood
    (unknown,) = ask(services, "author:kit backup", Principal()).understood
    assert known.value != "0"
    assert unknown.value == "0"


def test_a_mistyped_name_is_put_right_first(services: Services) -> None:
    result = ask(services, "backup by Ada Feild")
    assert result.corrected == "backup by Ada Field"
    assert [one.text for one in result.understood] == ["by Ada Field"]


def test_values_of_one_field_are_any_and_dates_the_closest() -> None:
    given = Filters(kind=frozenset({"note"}), updated_after=datetime(2024, 1, 1, tzinfo=UTC))
    told = [
        Understood("kind", "thread", ""),
        Understood("updated_after", "2023-01-01", ""),
        Understood("updated_before", "2025-01-01", ""),
        Understood("updated_before", "2026-01-01", ""),
        Understood("author", "7", ""),
        Understood("without", "x", ""),
    ]
    assert narrowed(given, told) == Filters(
        kind=frozenset({"note", "thread"}),
        updated_after=datetime(2024, 1, 1, tzinfo=UTC),
        updated_before=datetime(2025, 1, 1, tzinfo=UTC),
        author=frozenset({7}),
        without=frozenset({"x"}),
    )


def test_names_go_with_the_documents_that_say_them(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ruth = Contributor("Ruth Vane", Role.AUTHOR)
        services.capture.save(document("one", "A backup.", contributors=(ruth,)))
        assert ask(services, "backup by Ruth Vane").understood
        assert services.index.save()
    with opened(tmp_path) as again:
        assert ask(again, "backup by Ruth").understood
        again.capture.save(document("one", "A backup."))
        assert not ask(again, "backup by Ruth Vane").understood

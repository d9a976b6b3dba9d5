"""What to read before a document and after it: both ways, and only what one may read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.services import Services
from knowledge.editing import Editor
from knowledge.errors import InvalidInput, NotAllowed, NotFound
from knowledge.people import Profile
from knowledge.roles import Standing
from knowledge.steps import MOST, Way, numbers
from knowledge.store import steps
from knowledge.types import Audience, Contributor, Role
from tests.builders import document, opened

ONE, TWO, THREE, SECRET = range(1, 5)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path) as made:
        made.directory.put(Profile("Ada Field", "ada@example.org", groups=("vault",)))
        made.directory.put(Profile("Ben Osei", "ben@example.org"))
        ada = Contributor("Ada Field", Role.AUTHOR, email="ada@example.org")
        for key in ("one", "two", "three"):
            made.capture.save(document(key, f"The {key}.", title=key, contributors=(ada,)))
        vault = Audience.of("group:vault")
        made.capture.save(
            document("secret", "Hidden.", title="secret", contributors=(ada,), audience=vault)
        )
        yield made


def editor(services: Services, name: str) -> Editor:
    return Editor(services.principal(f"{name}@example.org"))


def told(services: Services, key: int, name: str = "ada") -> tuple[list[str], list[str]]:
    found = services.paths.of(key, editor(services, name))
    return [one.title for one in found.before], [one.title for one in found.after]


def test_both_sides_are_told_on_both_sides(services: Services) -> None:
    services.paths.put(TWO, [ONE], [THREE, THREE], editor(services, "ada"))
    assert told(services, TWO) == (["one"], ["three"])
    assert told(services, ONE, "ben") == ([], ["two"])
    assert told(services, THREE, "ben") == (["two"], [])
    assert services.paths.of(ONE, editor(services, "ada")).said == {Way.BEFORE: (), Way.AFTER: ()}
    services.paths.put(TWO, [], [], editor(services, "ada"))
    assert told(services, ONE) == told(services, TWO) == ([], [])


def test_each_reader_sees_what_they_may_read(services: Services) -> None:
    ada, ben = editor(services, "ada"), editor(services, "ben")
    services.paths.put(ONE, [SECRET], [TWO], ada)
    assert told(services, ONE) == (["secret"], ["two"])
    assert told(services, ONE, "ben") == ([], ["two"])
    curator = Standing(topics=frozenset({"kiln"}))
    services.capture.save(document("kiln", "A kiln.", title="kiln", tags=("kiln",)))
    services.paths.put(
        5, [SECRET, ONE], [], ada, Standing(administrator=True, topics=curator.topics)
    )
    # What Ben may not read stays where it was, when he changes the rest.
    services.paths.put(5, [TWO], [], ben, curator)
    assert told(services, 5, "ben") == (["two"], [])
    assert told(services, 5) == (["two", "secret"], [])


def test_who_does_not_look_after_it_says_nothing_of_it(services: Services) -> None:
    with pytest.raises(NotAllowed):
        services.paths.put(ONE, [TWO], [], editor(services, "ben"))
    with pytest.raises(NotFound):
        services.paths.put(SECRET, [TWO], [], editor(services, "ben"))
    with pytest.raises(NotFound):
        services.paths.of(99, editor(services, "ben"))
    assert not services.paths.of(ONE, editor(services, "ben")).may_change


@pytest.mark.parametrize(
    ("before", "after"), [([ONE], []), ([TWO], [TWO]), ([99], []), ([], list(range(1, MOST + 2)))]
)
def test_what_leads_nowhere_is_refused(
    services: Services, before: list[int], after: list[int]
) -> None:
    with pytest.raises(InvalidInput):
        services.paths.put(ONE, before, after, editor(services, "ada"))
    assert told(services, ONE) == ([], [])


def test_unknown_and_closed_are_refused_alike(services: Services) -> None:
    services.capture.save(
        document(
            "bens",
            "Mine.",
            contributors=(Contributor("Ben Osei", Role.AUTHOR, email="ben@example.org"),),
        )
    )
    said = []
    for key in (SECRET, 99):
        with pytest.raises(InvalidInput) as refused:
            services.paths.put(5, [key], [], editor(services, "ben"))
        said.append(str(refused.value))
    assert said[0] == said[1]


def test_what_is_deleted_leads_nowhere(services: Services) -> None:
    ada = editor(services, "ada")
    services.paths.put(TWO, [ONE], [THREE], ada)
    services.editing.delete(ONE, Editor(ada.principal, True))
    assert told(services, TWO) == ([], ["three"])
    services.editing.delete(TWO, Editor(ada.principal, True))
    assert told(services, THREE) == ([], [])


def test_a_document_in_place_of_another_is_led_to(services: Services) -> None:
    ada = editor(services, "ada")
    services.paths.put(ONE, [TWO], [THREE], ada)
    services.paths.put(THREE, [], [TWO], ada)
    with services.database.write() as connection:
        steps.take_over(connection, SECRET, TWO)
        assert steps.of(connection, ONE) == [("after", THREE), ("before", SECRET)]
        assert steps.of(connection, THREE) == [("after", SECRET)]
        steps.take_over(connection, THREE, ONE)
        # Nothing leads to itself.
        assert steps.of(connection, THREE) == [("after", SECRET), ("before", SECRET)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        ("3, 4\n5", (3, 4, 5)),
        ("https://know.example/documents/12?find=x /documents/7#p3", (12, 7)),
    ],
)
def test_numbers_and_addresses_are_read(text: str, found: tuple[int, ...]) -> None:
    assert numbers(text) == found


@pytest.mark.parametrize("text", ["x", "0", "3.5", "-1", "9" * 30, "/people/3", "9" * 19])
def test_what_names_no_document_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        numbers(text)

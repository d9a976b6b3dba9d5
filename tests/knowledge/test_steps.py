"""What to read before a document and after it: both ways, and only what one may read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.services import Services
from knowledge import pointing
from knowledge.editing import Editor
from knowledge.errors import InvalidInput, NotAllowed, NotFound
from knowledge.people import Profile
from knowledge.roles import Standing
from knowledge.steps import MOST, Typed, Way
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
        # Nothing leads to itself, or to one both before and after.
        assert steps.of(connection, THREE) == [("after", SECRET)]


def test_two_sides_that_become_one_document_are_one_side(services: Services) -> None:
    ada = editor(services, "ada")
    services.paths.put(ONE, [TWO], [THREE], ada)
    with services.database.write() as connection:
        steps.take_over(connection, THREE, TWO)
        assert steps.of(connection, ONE) == [("after", THREE)]


def test_what_stands_on_both_sides_is_typed_on_neither(services: Services) -> None:
    """As it may stand in databases of before."""
    ada = editor(services, "ada")
    with services.database.write() as connection:
        steps.put(connection, ONE, "before", [TWO, THREE])
        steps.put(connection, ONE, "after", [THREE])
    shown = services.paths.of(ONE, ada)
    assert services.paths.typed(shown, ada.principal) == Typed(("two",), ())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3", THREE),
        ("https://know.example/documents/2?find=x", TWO),
        ("/documents/3#p3", THREE),
        ("two", TWO),
        ("  Two ", TWO),
    ],
)
def test_a_document_is_named_by_number_address_or_title(
    services: Services, text: str, found: int
) -> None:
    ada = editor(services, "ada").principal
    assert services.paths.meant(Typed((text,), ()), ada) == ([found], [])


@pytest.mark.parametrize("text", ["tw", "0", "-1", "9" * 30, "/people/3", "9" * 19, "?", "a\0b"])
def test_what_names_no_document_is_refused(services: Services, text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        services.paths.meant(Typed((), ("two", text)), editor(services, "ada").principal)
    assert refused.value.at == "after-1"


def test_who_may_not_read_a_title_cannot_tell_that_it_is_there(services: Services) -> None:
    ada, ben = editor(services, "ada").principal, editor(services, "ben").principal
    assert pointing.meant(services.database, "secret", ada) == SECRET
    said = []
    for typed in ("secret", "nothing", f"/documents/{SECRET}", "/documents/99"):
        with pytest.raises(InvalidInput) as refused:
            pointing.meant(services.database, typed, ben)
        said.append(str(refused.value).replace(repr(typed), "it"))
    assert len(set(said)) == 1
    # One that Ben may not read makes no title of another one mean two.
    services.capture.save(document("again", "Open.", title="secret"))
    assert pointing.meant(services.database, "secret", ben) == 5
    with pytest.raises(InvalidInput, match="several documents"):
        pointing.meant(services.database, "secret", ada)


def test_what_is_typed_for_a_document_means_it_alone(services: Services) -> None:
    ada = editor(services, "ada")
    for key in ("first", "second"):
        services.capture.save(document(key, f"The {key}.", title="Twice"))
    services.capture.save(document("number", "A number.", title="3"))
    services.capture.save(document("case", "In capitals.", title="ONE"))
    services.paths.put(TWO, [ONE, 5], [7, 8], ada)
    typed = services.paths.typed(services.paths.of(TWO, ada), ada.principal)
    assert typed == Typed(("one", "/documents/5"), ("/documents/7", "ONE"))
    assert services.paths.meant(typed, ada.principal) == ([ONE, 5], [7, 8])
    # What Ben sees of it is what he would type.
    services.paths.put(TWO, [ONE, SECRET], [], ada)
    ben = editor(services, "ben")
    assert services.paths.typed(services.paths.of(TWO, ben), ben.principal) == Typed(("one",), ())

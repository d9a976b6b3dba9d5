"""One document replaces another or is made of two: nobody loses anything, nothing is opened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from api.services import Services
from indexer.protocols import Filters
from indexer.search.results import Request
from knowledge.drafts import Draft
from knowledge.editing import SOURCE, Editor
from knowledge.errors import Conflict, InvalidInput, NotAllowed, NotFound
from knowledge.identity import Objection
from knowledge.people import Profile
from knowledge.steps import Way
from knowledge.store import access, documents, successors
from knowledge.store.successors import Successor
from knowledge.types import OPERATOR, Attachment, Audience, Contributor, Kind, Principal, Role
from tests.builders import document, opened

OLD, NEW = "Fire the kiln at nine hundred degrees.", "Fire the kiln at a thousand degrees."


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path) as made:
        for name, groups in (("ada", ("vault",)), ("ben", ("desk",)), ("cleo", ("vault", "desk"))):
            made.directory.put(Profile(name.title(), f"{name}@example.org", groups=groups))
        yield made


def who(services: Services, name: str) -> Principal:
    return services.principal(f"{name}@example.org")


def write(services: Services, name: str, title: str, body: str, *clauses: Any) -> int:
    audience = Audience.of(*(clauses or ("everyone",)))
    draft = Draft(title, body, Kind.NOTE, (title,), None, audience, None)
    return services.editing.create(draft, Editor(who(services, name)))


def found(services: Services, name: str, query: str = "fire the kiln") -> list[int]:
    answers = services.pipeline.search(Request(query), who(services, name)).answers
    return [one.document.id for one in answers]


def known(services: Services, name: str) -> list[tuple[int, list[int]]]:
    people = services.pipeline.search(Request("fire the kiln"), who(services, name)).people
    return sorted((one.person.id, sorted(e.document_id for e in one.evidence)) for one in people)


def test_who_reads_the_newer_one_finds_only_that(services: Services) -> None:
    old = write(services, "ada", "Kiln", OLD)
    new = write(services, "ada", "Kilns", NEW, "group:vault")
    ada, ben = (Editor(who(services, name)) for name in ("ada", "ben"))
    credited = known(services, "ben")
    with pytest.raises(NotFound):
        services.succession.supersede(old, new, Editor(who(services, "ben"), admin=True))
    services.succession.supersede(old, new, ada)
    assert (found(services, "ada"), found(services, "ben")) == ([new], [old])
    assert services.succession.show(old, ada).by == services.succession.both(old, new, ada).new
    # Who may not read the newer one is told nothing of it.
    told = services.succession.show(old, ben)
    assert (told.by, told.at, told.replaces) == (None, None, ())
    assert known(services, "ben") == credited
    # Its makers are still known by it.
    assert known(services, "ada") == [(1, [old, new])]
    facets = services.pipeline.search(Request("fire the kiln"), who(services, "ada")).facets
    assert sum(facets["kind"].values()) == 1
    services.succession.restore(old, ada)
    assert sorted(found(services, "ada")) == [old, new]


def test_inside_a_replaced_document_it_is_still_looked_for(services: Services) -> None:
    old, new = (write(services, "ada", title, OLD + title) for title in ("Kiln", "Kilns"))
    services.succession.supersede(old, new, Editor(who(services, "ada")))
    inside = Request("fire the kiln", filters=Filters(document=frozenset({old})))
    assert services.pipeline.search(inside, who(services, "ada")).answers


def test_only_who_looks_after_the_older_one_says_so_and_not_round_about(
    services: Services,
) -> None:
    one, two, three = (write(services, "ada", title, OLD + title) for title in "ABC")
    with pytest.raises(NotAllowed):
        services.succession.supersede(one, two, Editor(who(services, "ben")))
    ada = Editor(who(services, "ada"))
    with pytest.raises(InvalidInput):
        services.succession.supersede(one, one, ada)
    services.succession.supersede(one, two, ada)
    services.succession.supersede(two, three, ada)
    with pytest.raises(InvalidInput, match="replaced by this one"):
        services.succession.supersede(three, one, ada)
    assert found(services, "ben") == [three]
    services.editing.delete(three, ada)
    assert found(services, "ben") == [two]


def test_what_goes_round_through_a_hidden_one_hides_nothing(services: Services) -> None:
    """Who cannot read what is between cannot know; so nothing rests on it, nor is lost by it."""
    one, other = (write(services, "ada", title, OLD + title) for title in "AB")
    between = write(services, "cleo", "H", OLD, "group:desk")
    everything = Editor(OPERATOR, admin=True)
    services.succession.supersede(one, between, everything)
    services.succession.supersede(between, other, everything)
    services.succession.supersede(other, one, Editor(who(services, "ada")))
    assert found(services, "ada") == [one]
    assert sorted(found(services, "ben")) == [one, other, between]


def test_two_become_one_that_who_reads_both_reads(services: Services) -> None:
    one = write(services, "cleo", "A", OLD, "group:vault")
    other = write(services, "cleo", "B", NEW, "group:desk")
    cleo = Editor(who(services, "cleo"))
    services.privacy.object_to(who(services, "cleo"), other, Objection.HIDDEN)
    before = found(services, "ada"), found(services, "ben"), known(services, "ada")
    made = services.succession.merge(one, other, " Kilns ", OLD + "\n\n" + NEW, cleo)
    assert (found(services, "ada"), found(services, "ben"), known(services, "ada")) == before
    assert found(services, "cleo") == [made]
    with services.database.read() as connection:
        whole = documents.get(connection, made, OPERATOR)
        audience = access.audience_of(connection, whole.audience_id)
    assert audience == Audience.of("group:vault", "group:desk")
    assert (whole.title, whole.tags) == ("Kilns", ("A", "B"))
    # What she hid of one does not speak for her in the whole.
    assert known(services, "cleo") == []
    assert services.editing.show(one, Editor(who(services, "ada"))).body == OLD
    with pytest.raises(Conflict):
        services.succession.merge(one, other, "x", "y", cleo)
    assert services.succession.unmerge(made, cleo)
    assert sorted(found(services, "cleo")) == [one, other]
    assert services.index.verify() == []


def test_those_who_made_either_made_the_whole_and_count_once(services: Services) -> None:
    one = write(services, "ada", "A", OLD)
    other = write(services, "ben", "B", NEW)
    judge = Editor(who(services, "cleo"), admin=True)
    made = services.succession.merge(one, other, "Kilns", OLD + " " + NEW, judge)
    assert known(services, "cleo") == [(1, [made]), (2, [made])]
    # Changed since, it stays beside them.
    shown = services.editing.show(made, judge)
    assert shown.audience is not None
    draft = Draft("Kilns", OLD + " Slowly.", Kind.NOTE, (), None, shown.audience, None)
    services.editing.change(made, draft, Editor(who(services, "ada")), None)
    assert not services.succession.unmerge(made, judge)
    assert sorted(found(services, "cleo")) == [one, other, made]


def test_only_what_was_written_here_and_may_be_changed_is_merged(services: Services) -> None:
    mine = write(services, "ada", "A", OLD)
    theirs = write(services, "ben", "B", NEW)
    imported = services.capture.save(document("page", OLD)).document_id or 0
    for pair, editor in (
        ((mine, theirs), Editor(who(services, "ada"))),
        ((mine, imported), Editor(who(services, "ada"), admin=True)),
    ):
        with pytest.raises(NotAllowed):
            services.succession.merge(*pair, "T", "B", editor)
    with pytest.raises(InvalidInput):
        services.succession.unmerge(mine, Editor(who(services, "ada")))


def test_copies_are_found_among_what_one_reads(services: Services) -> None:
    text = "To fire the kiln, stack it loosely, close the door and wait for nine hours."
    mine = write(services, "ada", "A", text)
    copy = write(services, "ben", "B", text + " Then open it.")
    write(services, "cleo", "C", text, "group:desk")
    write(services, "ada", "D", "Glaze the pots thinly and let them dry.")
    pairs = services.duplicates.own(who(services, "ada"))
    assert [(p.one.id, p.other.id) for p in pairs] == [(mine, copy)]
    assert len(services.duplicates.stretch(who(services, "cleo")).pairs) == 3
    services.succession.supersede(mine, copy, Editor(who(services, "ada")))
    assert services.duplicates.own(who(services, "ada")) == []


def test_a_merge_is_no_matter_of_those_who_cannot_read_it(services: Services) -> None:
    """Neither told to them, nor undone by what they say of the part that they read."""
    shared, third = (write(services, "ben", title, OLD + title) for title in "AC")
    closed = write(services, "cleo", "B", NEW, "group:vault")
    cleo, ben = Editor(who(services, "cleo"), admin=True), Editor(who(services, "ben"))
    made = services.succession.merge(shared, closed, "Kilns", OLD + NEW, cleo)
    services.succession.restore(shared, ben)
    services.succession.supersede(shared, third, ben)
    services.succession.restore(shared, ben)
    assert sorted(found(services, "cleo")) == [third, made]
    for refused in (
        lambda: services.succession.supersede(shared, third, cleo),
        lambda: services.succession.restore(shared, cleo),
    ):
        with pytest.raises(Conflict, match="take that back where"):
            refused()
    other = services.succession.merge(shared, third, "Both", OLD + " Slowly.", ben)
    assert found(services, "ben") == [other]
    assert sorted(found(services, "cleo")) == [made, other]
    assert services.succession.unmerge(other, ben)
    assert sorted(found(services, "ben")) == [shared, third]
    assert sorted(found(services, "cleo")) == [third, made]


def test_what_is_left_of_a_merge_is_not_deleted_with_it(services: Services) -> None:
    ada, ben = (Editor(who(services, name)) for name in ("ada", "ben"))
    gone, stays = write(services, "ada", "A", OLD), write(services, "ben", "B", NEW)
    judge = Editor(who(services, "cleo"), admin=True)
    made = services.succession.merge(gone, stays, "Kilns", OLD + " " + NEW, judge)
    services.editing.delete(gone, ada)
    assert not services.succession.unmerge(made, ben)
    assert sorted(found(services, "cleo")) == [stays, made]
    assert OLD in services.editing.show(made, ben).body
    with pytest.raises(InvalidInput):
        services.succession.unmerge(made, ben)


def test_the_whole_has_an_owner_who_reads_it_and_the_earlier_review(services: Services) -> None:
    one = write(services, "ada", "A", OLD, "group:vault")
    other = write(services, "cleo", "B", NEW, "group:desk")
    later = datetime.now(UTC) + timedelta(days=90)
    sooner = later - timedelta(days=60)
    judge = Editor(who(services, "cleo"), admin=True)
    services.care.review(one, later, None, judge)
    services.care.review(other, sooner, 3, judge)
    made = services.succession.merge(one, other, "Kilns", OLD + NEW, judge)
    told = services.care.show(made, judge)
    assert told.owner is not None
    # Ada comes first, and does not read it.
    assert (told.owner.id, told.review_at, told.every_months) == (3, sooner, 3)
    # What was merged is looked at where it went.
    listed = [review.document.id for review in services.care.reviews(judge.principal)]
    assert set(listed).isdisjoint({one, other})


def test_of_the_whole_nobody_is_owner_who_cannot_read_it(services: Services) -> None:
    one = write(services, "ada", "A", OLD, "group:vault")
    other = write(services, "ben", "B", NEW, "group:desk")
    judge = Editor(who(services, "cleo"), admin=True)
    made = services.succession.merge(one, other, "Kilns", OLD + NEW, judge)
    assert services.care.show(made, judge).owner is None


def test_what_stands_before_and_after_either_stands_there_of_the_whole(services: Services) -> None:
    one, other, first, then, closed = (
        write(services, "ada", title, f"{OLD} {title}", clause)
        for title, clause in (*((t, "everyone") for t in "ABCD"), ("E", "group:vault"))
    )
    ada = Editor(who(services, "ada"))
    services.paths.put(one, [first], [other], ada)
    services.paths.put(other, [first, closed], [], ada)
    services.paths.put(then, [one], [], ada)
    made = services.succession.merge(one, other, "Kilns", OLD + NEW, ada)

    def steps(name: str, key: int) -> tuple[list[int], list[int]]:
        told = services.paths.of(key, Editor(who(services, name)))
        return [one.id for one in told.before], [one.id for one in told.after]

    assert steps("ada", made) == ([first, closed], [then])
    assert steps("ben", made) == ([first], [then])
    # What was said of another one stays as it was said.
    assert services.paths.of(then, ada).said[Way.BEFORE] == (one,)
    services.succession.unmerge(made, ada)
    assert steps("ada", then) == ([one], [])


def test_whoever_declined_that_a_part_is_an_example_declined_the_whole(services: Services) -> None:
    one, other = write(services, "ada", "A", OLD), write(services, "ben", "B", NEW)
    judge = Editor(who(services, "cleo"), admin=True)
    services.gallery.choose(one, "Short.", judge)
    services.gallery.decline(one, who(services, "ada"))
    made = services.succession.merge(one, other, "Kilns", OLD + NEW, judge)
    with pytest.raises(Conflict):
        services.gallery.choose(made, "Short.", judge)
    with pytest.raises(NotAllowed):
        services.gallery.decline(made, who(services, "ben"), declined=False)
    services.gallery.decline(made, who(services, "ada"), declined=False)
    services.gallery.choose(made, "Short.", judge)


def test_files_that_are_called_alike_are_not_mistaken_for_each_other(services: Services) -> None:
    def drawn(key: str, data: bytes, name: str) -> int:
        file = Attachment("kiln.png", "kiln.png", sha256(data).hexdigest(), len(data), data=data)
        by = Contributor("Ada", Role.AUTHOR, email="ada@example.org")
        text = f"{OLD} {name} ![the kiln](kiln.png)"
        told = document(key, text, kind=Kind.NOTE, contributors=(by,), attachments=(file,))
        return services.capture.save(replace(told, source=SOURCE)).document_id or 0

    one, other, same = drawn("a", b"1", "A"), drawn("b", b"2", "B"), drawn("c", b"1", "C")
    ada = Editor(who(services, "ada"))
    text = "![the kiln](kiln.png)"
    with pytest.raises(Conflict, match=r"called kiln\.png"):
        services.succession.merge(one, other, "Kilns", text, ada)
    # No matter, where the text does not show it, or both have the same.
    assert services.succession.merge(one, same, "Kilns", text, ada)
    assert services.succession.merge(other, write(services, "ada", "D", NEW), "K", NEW, ada)


def test_a_page_that_was_moved_replaces_what_either_replaced_once(services: Services) -> None:
    ids = [services.capture.save(document(key, f"{OLD} {key}")).document_id or 0 for key in "abc"]
    old, before, after = ids
    with services.database.write() as connection:
        for key in (before, after):
            said = Successor(key, False, "operator", datetime.now(UTC))
            successors.put(connection, old, said)
    services.capture.moved(before, after)
    with services.database.read() as connection:
        assert successors.replaced(connection, before) == {old: False}
        assert successors.replaced(connection, after) == {}

"""Exemplars: who chooses them, who sees them, and that whoever made one has the last word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.services import Services
from knowledge.editing import Editor
from knowledge.errors import Conflict, InvalidInput, NotAllowed, NotFound
from knowledge.gallery import MAX_WHY, Said
from knowledge.people import Profile
from knowledge.roles import Standing
from knowledge.store.topic_tables import topic_documents, topics
from knowledge.types import ANYONE, Audience, Contributor, Role
from tests.builders import document, opened

ADAS, SECRET, BENS = 1, 2, 3
WHY = "Its example comes first."


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path) as made:
        made.directory.put(Profile("Ada Field", "ada@example.org", groups=("vault",)))
        made.directory.put(Profile("Ben Osei", "ben@example.org"))
        made.directory.put(Profile("Cleo Marsh", "cleo@example.org", groups=("vault",)))
        ada = Contributor("Ada Field", Role.AUTHOR, email="ada@example.org")
        ben = Contributor("Ben Osei", Role.ENDORSER, email="ben@example.org")
        made.capture.save(document("a", "Of Ada.", contributors=(ada, ben), tags=("kilns",)))
        vault = Audience.of("group:vault")
        made.capture.save(document("s", "Hidden.", contributors=(ada,), audience=vault))
        made.capture.save(document("b", "Nobody's.", contributors=()))
        yield made


def editor(services: Services, name: str, admin: bool = False) -> Editor:
    return Editor(services.principal(f"{name}@example.org"), admin)


def shown(services: Services, name: str) -> list[int]:
    asker = services.principal(f"{name}@example.org")
    return [one.document.id for one in services.gallery.shown(asker)]


def test_it_is_seen_by_those_who_may_read_it(services: Services) -> None:
    judge = editor(services, "cleo", admin=True)
    for key in (ADAS, SECRET):
        services.gallery.choose(key, f"  {WHY} ", judge)
    assert set(shown(services, "cleo")) == set(shown(services, "ada")) == {ADAS, SECRET}
    assert shown(services, "ben") == [ADAS]
    assert services.gallery.shown(ANYONE) == []
    (one,) = services.gallery.shown(services.principal("ben@example.org"))
    assert one.why == WHY
    services.gallery.remove(ADAS, judge)
    assert shown(services, "ben") == []


def test_those_who_look_after_what_it_is_about_choose(services: Services) -> None:
    for name in ("ada", "ben"):  # its author is none of them
        with pytest.raises(NotAllowed):
            services.gallery.choose(ADAS, WHY, editor(services, name))
    with pytest.raises(NotFound):
        services.gallery.choose(SECRET, WHY, editor(services, "ben", admin=True))
    ben = editor(services, "ben")
    services.gallery.choose(ADAS, WHY, ben, Standing(topics=frozenset({"Kilns"})))
    with services.database.write() as connection:
        now = services.gallery.shown(services.principal("ben@example.org"))[0].at
        values = {"steward_id": 2, "first_seen_at": now, "centre": b""}
        connection.execute(topics.insert().values(id=7, **values))
        of = {"document_id": BENS, "topic_id": 7, "weight": 1.0, "formed": True, "revision": 1}
        connection.execute(topic_documents.insert().values(words=[], **of))
    services.gallery.choose(BENS, WHY, ben)
    assert services.gallery.of(BENS, ben).may_choose
    assert not services.gallery.of(ADAS, ben).may_choose


@pytest.mark.parametrize("why", ["", "  ", "x" * (MAX_WHY + 1), "\0"])
def test_it_is_said_why(services: Services, why: str) -> None:
    with pytest.raises(InvalidInput):
        services.gallery.choose(ADAS, why, editor(services, "ben", admin=True))


def test_whoever_made_it_is_told_and_may_decline(services: Services) -> None:
    gallery, judge = services.gallery, editor(services, "cleo", admin=True)
    ada, ben = services.principal("ada@example.org"), services.principal("ben@example.org")
    with pytest.raises(Conflict):
        gallery.decline(ADAS, ada)
    gallery.choose(ADAS, WHY, judge)
    assert [(one.document.id, one.declined) for one in gallery.made_by(ada)] == [(ADAS, False)]
    assert gallery.made_by(ben) == []  # who endorsed it did not make it
    with pytest.raises(NotAllowed):
        gallery.decline(ADAS, ben)
    gallery.decline(ADAS, ada)
    assert shown(services, "ada") == shown(services, "cleo") == []
    assert gallery.of(ADAS, Editor(ben)).declined is False
    assert gallery.of(ADAS, Editor(ada)).declined is gallery.of(ADAS, judge).declined is True
    with pytest.raises(Conflict):
        gallery.choose(ADAS, WHY, judge)
    gallery.remove(ADAS, judge)
    with pytest.raises(Conflict):
        gallery.choose(ADAS, WHY, judge)
    gallery.decline(ADAS, ada, declined=False)
    assert gallery.made_by(ada) == []
    gallery.choose(ADAS, WHY, judge)
    assert shown(services, "ben") == [ADAS]


def test_what_one_declined_no_other_takes_back(services: Services) -> None:
    gallery, judge = services.gallery, editor(services, "cleo", admin=True)
    ada, ben = services.principal("ada@example.org"), services.principal("ben@example.org")
    both = [
        Contributor(name, Role.AUTHOR, email=f"{name.lower()}@example.org")
        for name in ("Ada", "Ben")
    ]
    services.capture.save(document("both", "Of two.", contributors=tuple(both)))
    gallery.choose(4, WHY, judge)
    gallery.decline(4, ada)
    gallery.decline(4, ben)  # once more changes nothing
    assert gallery.of(4, Editor(ben)) == Said(None, True, False, False)
    assert gallery.of(4, Editor(ada)).may_decline
    with pytest.raises(NotAllowed, match="whoever declined"):
        gallery.decline(4, ben, declined=False)
    gallery.decline(4, ada, declined=False)
    gallery.choose(4, WHY, judge)
    gallery.decline(4, ben, declined=False)  # who declined nothing takes nothing back
    assert 4 in shown(services, "ada")


def test_it_goes_with_its_document_and_without_names_of_who_is_erased(services: Services) -> None:
    judge = editor(services, "cleo", admin=True)
    services.gallery.choose(ADAS, "So that Cleo Marsh gets it.", judge)
    services.gallery.choose(BENS, WHY, judge)
    services.editing.delete(BENS, judge)
    services.erasing.erase(3)
    (left,) = services.gallery.shown(services.principal("ada@example.org"))
    assert left.why == "So that Former colleague gets it."

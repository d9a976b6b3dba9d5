"""Who can read a document, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.services import Services
from knowledge.capture import Terms
from knowledge.errors import NotFound
from knowledge.people import Profile
from knowledge.sharing import Condition, Kind, Reader, Why, conditions
from knowledge.store import access
from knowledge.types import ANYONE, EVERYONE, Audience, Grantee, Principal
from tests.builders import document, opened


def ids(services: Services) -> dict[str, int]:
    put = services.directory.put
    return {
        name: put(Profile(name, f"{name.lower()}@example.org", groups=("kiln",)))
        for name in ("Ada", "Ben")
    }


def asker(services: Services, person_id: int) -> Principal:
    with services.database.read() as connection:
        return access.principal_of(connection, person_id)


def stored(services: Services, **changes: object) -> int:
    terms = Terms(importer="person:1")
    (outcome,) = services.capture.ingest([document("a", "Kilns cool slowly.", **changes)], terms)
    assert outcome.document_id is not None, outcome
    return outcome.document_id


def test_each_condition_says_who_meets_it(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        people = ids(services)
        audience = Audience.of(EVERYONE, ("group:glaze", f"person:{people['Ada']}"))
        made = stored(services, audience=audience)
        ada = asker(services, people["Ada"])
        everyone, either = conditions(services.database, made, ada)
        assert everyone == Condition((Reader(Kind.EVERYONE, None, None, True),), Why.HERE)
        assert [(one.kind, one.group, one.you) for one in either.any_of] == [
            (Kind.GROUP, "glaze", False),
            (Kind.PERSON, None, True),
        ]
        assert either.any_of[1].person is not None
        assert either.any_of[1].person.name == "Ada"


def test_what_the_source_restricts_is_told_from_what_was_said_here(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        ada = asker(services, ids(services)["Ada"])
        restrictions = ((Grantee(group="kiln"),),)
        made = stored(services, audience=None, restrictions=restrictions)
        (only,) = conditions(services.database, made, ada)
        assert (only.why, only.any_of) == (Why.SOURCE, (Reader(Kind.GROUP, "kiln", None, True),))


def test_who_may_not_read_it_is_told_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        people = ids(services)
        made = stored(services, audience=Audience.of(f"person:{people['Ada']}"))
        for principal in (asker(services, people["Ben"]), ANYONE):
            with pytest.raises(NotFound, match="no such document"):
                conditions(services.database, made, principal)


def test_a_person_is_named_to_those_who_see_them(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        people = ids(services)
        made = stored(services, audience=Audience.of(("public", f"person:{people['Ben']}")))
        (condition,) = conditions(services.database, made, ANYONE)
        kinds = {one.kind: one for one in condition.any_of}
        assert kinds[Kind.PUBLIC].you
        assert kinds[Kind.PERSON].person is None

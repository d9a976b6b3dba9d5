"""What an asker may see of a colleague, as the database has it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge.errors import NotFound
from knowledge.people import Profile
from knowledge.store import people
from knowledge.types import (
    ANYONE,
    OPERATOR,
    Audience,
    Contributor,
    Kind,
    Made,
    Principal,
    Role,
    Topic,
)
from tests.builders import document, opened

COLLEAGUE = Principal(signed_in=True)
INSIDER = Principal(signed_in=True, groups=frozenset({"vault"}))
DAN = "dan@example.org"


def by(name: str, role: Role = Role.AUTHOR, at: datetime | None = None) -> Contributor:
    return Contributor(name, role, email=DAN, at=at)


def test_a_reader_without_rights_sees_nothing(tmp_path: Path) -> None:
    hidden = document(
        "v",
        "text",
        tags=("vaults",),
        audience=Audience.of("group:vault"),
        contributors=(by("D. Hale", at=datetime(2026, 1, 1, tzinfo=UTC)),),
    )
    with opened(tmp_path) as services:
        services.capture.save(hidden)
        shown = services.profiles.show(1, INSIDER)
        assert (shown.person.name, shown.topics) == ("D. Hale", (Topic("vaults", 1),))
        assert shown.made == (
            Made(1, "Page v", Kind.WRITEUP, Role.AUTHOR, datetime(2026, 1, 1, tzinfo=UTC)),
        )
        assert (shown.person.emails, shown.person.handles) == ((), ())
        for stranger in (COLLEAGUE, ANYONE):
            with pytest.raises(NotFound, match="no such person"):
                services.profiles.show(1, stranger)
        services.capture.save(document("o", "text", contributors=(by("Dan Hale", Role.EDITOR),)))
        seen = services.profiles.show(1, COLLEAGUE)
        assert (seen.person.name, seen.topics, len(seen.made)) == ("Dan Hale", (), 1)


def test_the_directory_is_for_who_is_signed_in(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        services.directory.put(Profile("Dan Hale", DAN, team="Tunnels"))
        for principal in (COLLEAGUE, OPERATOR):
            assert services.profiles.show(1, principal).person.team == "Tunnels"
            assert services.profiles.show(1, principal).person.address == DAN
        with pytest.raises(NotFound):
            services.profiles.show(1, ANYONE)
        public = document("p", "text", contributors=(by("D."),), audience=Audience.of("public"))
        services.capture.save(public)
        seen = services.profiles.show(1, ANYONE).person
        assert (seen.name, seen.team, seen.address) == ("Dan Hale", None, None)


def test_only_the_directory_s_newest_address_is_shown(tmp_path: Path) -> None:
    other = Contributor("Dan Hale", Role.AUTHOR, email="a.secret@example.org", handle="dan")
    hidden = document("v", "text", contributors=(other,), audience=Audience.of("group:vault"))
    known = Profile("Dan Hale", DAN, handles=(("wiki", "dan"),))
    with opened(tmp_path) as services:
        services.directory.put(known)
        services.capture.save(hidden)
        with services.database.read() as connection:
            # What a page says of the address of somebody who is listed is not even kept.
            assert people.get(connection, 1).emails == (DAN,)
        assert services.profiles.show(1, INSIDER).person.address == DAN
        services.directory.put(replace(known, email="a.secret@example.org"))
        assert services.profiles.show(1, COLLEAGUE).person.address == "a.secret@example.org"


def test_what_only_documents_know_is_no_address(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        services.capture.save(document("o", "text", contributors=(by("Dan"),)))
        assert services.profiles.show(1, OPERATOR).person.address is None


def test_the_newest_comes_first_and_what_has_no_date_last(tmp_path: Path) -> None:
    times = (datetime(2026, 1, 2, tzinfo=UTC), None, datetime(2026, 1, 3, tzinfo=UTC), None)
    with opened(tmp_path) as services:
        for number, at in enumerate(times):
            services.capture.save(document(f"{number}", "text", contributors=(by("Dan", at=at),)))
        shown = services.profiles.show(1, COLLEAGUE, limit=3)
        assert ([made.document_id for made in shown.made], shown.more) == ([3, 1, 4], True)
        rest = services.profiles.show(1, COLLEAGUE, offset=3, limit=3)
        assert ([made.document_id for made in rest.made], rest.more) == ([2], False)

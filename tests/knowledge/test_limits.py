"""What is just storable is stored, on every database; what is not is refused with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from knowledge.errors import InvalidInput
from knowledge.people import Profile
from knowledge.store import access, changes, documents
from knowledge.types import OPERATOR, Audience, Contributor, Principal, Role
from tests.builders import document, opened

WIDE = "\U0001f388"  # four bytes


def named(name: str, **more: Any) -> Contributor:
    return Contributor(name, Role.AUTHOR, **more)


def test_a_document_at_every_limit_is_stored(tmp_path: Path) -> None:
    group = f"group:{'ж' * 190}"
    largest = document(
        WIDE * 500,
        "text",
        source=WIDE * 200,
        title=WIDE * 5000,
        url=f"https://example.org/{'x' * 5000}",
        tags=(WIDE * 200, "z" * 200),
        audience=Audience.of(
            *({group, f"group:{sha256(b'%d' % n).hexdigest()}"} for n in range(99))
        ),
        contributors=(
            named(WIDE * 400),
            named("ẞ" * 400, handle=WIDE * 300),
            named("Ada", email="a" * 308 + "@example.org"),
            named("Bo", email="a" * 309 + "@example.org"),
        ),
    )
    with opened(tmp_path) as services:
        saved = services.capture.save(largest)
        again = services.capture.save(replace(largest, body="more"))
        assert (saved.status, again.status) == ("added", "changed")
        with services.database.read() as connection:
            held = documents.get(connection, saved.document_id or 0, OPERATOR)
            assert (held.external_id, held.title) == (largest.external_id, largest.title)
            assert access.audience_of(connection, held.audience_id) == largest.audience
            reader = Principal(signed_in=True, groups=frozenset({"ж" * 190}))
            assert held.audience_id in (access.allowed_audiences(connection, reader) or ())
        assert services.index.verify() == []


def test_a_long_ambiguous_name_is_kept_apart(tmp_path: Path) -> None:
    name = "Bo " + "Li " * 120
    with opened(tmp_path) as services:
        for key, email in ("ab", "cd"):
            maker = named(name, email=f"{email}@example.org")
            services.capture.save(document(key, "text", contributors=(maker,)))
        outcome = services.capture.save(document("x", "text", contributors=(named(name),)))
        assert outcome.ambiguous == (name,)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"external_id": WIDE * 501}, "bytes"),
        ({"source": "s" * 201}, "source"),
        ({"tags": ("t" * 201,)}, "a tag"),
        ({"tags": ("a\x00b",)}, "NUL"),
        ({"url": "https://\x00"}, "NUL"),
        ({"contributors": (named("\ud800"),)}, "surrogate"),
        ({"contributors": (named("Bo", handle="h" * 301),)}, "a handle"),
        ({"contributors": (named("Bo", label="\x00"),)}, "NUL"),
        ({"updated_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))}, "times"),
    ],
)
def test_what_cannot_be_stored_is_refused(
    tmp_path: Path, wrong: dict[str, Any], reason: str
) -> None:
    with opened(tmp_path) as services, pytest.raises(InvalidInput, match=reason):
        services.capture.save(document("a", "text", **wrong))


@pytest.mark.parametrize("year", [1, 9999])
def test_times_at_the_ends_of_the_calendar_are_stored(tmp_path: Path, year: int) -> None:
    at = datetime(year, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    with opened(tmp_path) as services:
        saved = services.capture.save(document("a", "text", updated_at=at))
        with services.database.read() as connection:
            held = documents.get(connection, saved.document_id or 0, OPERATOR)
        assert held.updated_at == at


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"name": "n" * 301}, "name"),
        ({"team": "t" * 201}, "team"),
        ({"title": "t" * 201}, "title"),
        ({"groups": ("g" * 191,)}, "group"),
        ({"handles": (("wiki", "h" * 301),)}, "handle"),
        ({"handles": (("w" * 201, "h"),)}, "source"),
        ({"name": "a\x00b"}, "NUL"),
    ],
)
def test_a_profile_that_cannot_be_stored_is_refused(
    tmp_path: Path, wrong: dict[str, Any], reason: str
) -> None:
    profile = replace(Profile("Ada", "ada@example.org"), **wrong)
    with opened(tmp_path) as services, pytest.raises(InvalidInput, match=reason):
        services.directory.put(profile)


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**30])
def test_a_number_that_no_database_holds_is_an_invalid_input(tmp_path: Path, number: int) -> None:
    with (
        opened(tmp_path) as services,
        pytest.raises(InvalidInput, match="no database holds"),
        services.database.read() as connection,
    ):
        changes.documents_after(connection, number)


@pytest.mark.parametrize("text", ["\x00", "\ud800"])
def test_a_text_that_no_database_holds_is_an_invalid_input(
    tmp_path: Path, text: str, engine: str
) -> None:
    with opened(tmp_path) as services, services.database.read() as connection:
        if engine == "sqlite" and text == "\x00":
            assert documents.find(connection, text, "a") is None
            return
    with (
        opened(tmp_path) as services,
        pytest.raises(InvalidInput, match="no database holds"),
        services.database.read() as connection,
    ):
        documents.find(connection, text, "a")

"""How often somebody was shown is told to nobody but them: not by any route, not by any command."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from api.routes import V1
from knowledge.store.identity_tables import appearances
from tests.api.commands import in_this_process
from tests.invariants.asking import Asking, every_route
from tests.invariants.generators import EVERY
from tests.invariants.worlds import World, two_worlds
from tests.test_docs import command_tree, leaves

SHOWN, DAY = 918273645, "1999-12-31"

# Commands that read, and with what. ``person export`` hands somebody's data to the operator, who
# gives them to that person.
ASKED = {
    "whoknows search": ["--json", "ledger"],
    "whoknows people": ["--json", "ledger"],
    "whoknows queries": ["--json"],
    "whoknows doctor": [],
    "whoknows index status": [],
    "whoknows index verify": [],
    "whoknows person review": ["--json"],
    "whoknows person merges": ["--json"],
    "whoknows synonym list": ["--json"],
    "whoknows token list": ["--json"],
    "whoknows account list": ["--json"],
    "whoknows account sessions": ["ben@example.org"],
    "whoknows audit list": ["--json"],
    "whoknows audit verify": [],
    "whoknows role list": ["--json"],
    "whoknows site list": ["--json"],
    "whoknows topics list": ["--json"],
    "whoknows measures list": ["--json"],
    "whoknows mail status": ["--json"],
    "whoknows archived list": ["--json"],
}
NOT_ASKED = {
    *("whoknows demo", "whoknows serve", "whoknows worker", "whoknows eval", "whoknows ingest"),
    *("whoknows backup", "whoknows restore", "whoknows index rebuild"),
    *(f"whoknows person {name}" for name in ("import", "merge", "unmerge", "distinct", "speaker")),
    *("whoknows person export", "whoknows person erase"),
    *("whoknows synonym add", "whoknows synonym remove"),
    *(f"whoknows token {name}" for name in ("create", "revoke", "rotate")),
    *(f"whoknows account {name}" for name in ("invite", "disable", "enable", "sign-out", "unlink")),
    *("whoknows role grant", "whoknows role withdraw"),
    *("whoknows topics refresh", "whoknows measures publish", "whoknows archived delete"),
    *("whoknows site create", "whoknows site revoke", "whoknows mail test"),
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[World, Asking]]:
    """Ben was shown a number of times that nothing else says."""
    with two_worlds(tmp_path, 3) as worlds:
        world = worlds[0]
        with world.services.database.write() as connection:
            ben = world.id("person", "ben")
            row = {"person_id": ben, "day": DAY, "shown": SHOWN}
            connection.execute(insert(appearances).values(**row))
        world.tokens["ben"] = world.services.tokens.create(
            "ben", tuple(world.services.tokens.all_of_them()[0][0].scopes), email="ben@example.org"
        )[1]
        yield world, Asking(worlds, 3)


def tells(text: str) -> bool:
    return str(SHOWN) in text or DAY in text


@pytest.mark.slow
def test_nobody_else_is_told_by_any_route(world: tuple[World, Asking]) -> None:
    one, asking = world
    assert every_route(one.app) == set(EVERY)
    headers = {"Authorization": f"Bearer {one.tokens['ben']}"}
    own = one.client.get(f"{V1}/people/me/appearances", headers=headers)
    assert tells(own.text)
    heard: list[str] = []
    send = one.client.request

    def request(*given: object, **more: object) -> object:
        response = send(*given, **more)  # type: ignore[arg-type]
        heard.append(f"{response.headers} {response.text}")
        if response.headers.get("content-type") == "application/zip":
            with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
                heard.append(archive.read("person.json").decode())
        return response

    one.client.request = request  # type: ignore[assignment,method-assign]
    for route in sorted(EVERY):
        for _ in range(3):
            asking.difference(EVERY[route][1](asking))
    assert heard
    assert [text for text in heard if tells(text)] == []


def test_no_command_tells(tmp_path: Path, world: tuple[World, Asking]) -> None:
    one, _ = world
    assert set(leaves(command_tree())) == set(ASKED) | NOT_ASKED
    environment = {
        "WHOKNOWS_DATA": str(one.services.settings.storage.data),
        "WHOKNOWS_EMBEDDER": "hashing",
    }
    for name, words in ASKED.items():
        done = in_this_process([*name.split()[1:], *words], environment)
        assert done.returncode in (0, 1), done.stderr
        assert not tells(done.stdout + done.stderr), name
    told = tmp_path / "ben"
    done = in_this_process(["person", "export", "ben@example.org", str(told)], environment)
    assert done.returncode == 0, done.stderr
    assert tells((told / "person.json").read_text())

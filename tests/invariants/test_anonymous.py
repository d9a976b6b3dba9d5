"""Who asks anonymously changes nothing that anybody else gets.

Two installations differ in nothing but who asked. Everybody else, administrators too, gets the same
of both, of everything that shows a question or what came of it.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.routes import V1
from knowledge.people import Profile
from tests.api.routes.support import Served, TrustingDoor
from tests.builders import document, settings, wired

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PAGES = ("/questions", "/questions/1", "/", "/?q=kiln", "/people/1", "/documents/2", "/admin/audit")
PAGES += ("/documents/2/history", "/people/2", "/people/3", "/people/4", "/ask?q=kiln")
PATHS = ("/questions", "/questions?box=to_answer", "/questions/1", "/search?q=kiln", "/audit")
PATHS += ("/people?q=kiln", "/documents/2", "/documents/2/readers", "/documents/2/revisions")
PATHS += ("/documents", "/people/2", "/people/4", "/people/me", "/people/review", "/drafts")


@contextmanager
def asked_by(who: str, data: Path, anonymous: bool) -> Iterator[Served]:
    """Ben knows, Eve might; Ada or Cleo asks; Ben hands it on to whoever it is, and Eve answers."""
    with closing(wired(settings(data), now=lambda: NOW)) as services:
        for name in ("Ada Field", "Ben Osei", "Cleo Marsh", "Eve Lind"):
            address = f"{name.split()[0].lower()}@example.org"
            services.directory.put(Profile(name, address))
        makers = [
            document("kiln", "The kiln is fired on Mondays.", contributors=()),
            document("x", "Nothing of it.", contributors=()),
        ]
        list(services.capture.ingest(makers))
        with TestClient(create_app(services, TrustingDoor(services))) as client:
            one = Served(services, client)
            given = {"title": "Who fires the kiln?", "anonymous": anonymous, "to_id": 2}
            assert one("POST", "/questions", who, json=given).status_code == 201
            assert one("POST", "/questions/1/hand_on", "ben", json={"to_id": 4}).status_code == 204
            answer = {"body": "Whoever comes first fires the kiln."}
            assert one("POST", "/questions/1/answers", "eve", json=answer).status_code == 201
            yield one


def heard(one: Served, asker: str) -> dict[str, str]:
    """Everything that the others get, before and after the answer is taken."""
    found: dict[str, str] = {}

    def listen(when: str) -> None:
        for who, admin in (("ben", False), ("eve", False), ("eve", True)):
            scopes = "search capture import admin" if admin else "search capture"
            headers = {"As": f"{who}@example.org", "Scopes": scopes}
            for path in (*(f"{V1}{path}" for path in PATHS), *PAGES):
                kind = "application/json" if path.startswith(V1) else "text/html"
                told = one.client.get(path, headers=headers | {"Accept": kind})
                found[f"{when} {who} {admin} {path}"] = comparable(told.text)
                # Otherwise a thread would write them, in one of the two sooner.
                one.services.later.flush()
                one.services.queries.flush()
        for person in (2, 4):
            file = io.BytesIO()
            one.services.takeout.write(person, "operator", file)
            with zipfile.ZipFile(file) as archive:
                for name in archive.namelist():
                    text = comparable(archive.read(name).decode())
                    found[f"{when} export of {person}: {name}"] = text

    listen("before")
    assert one("POST", "/questions/1/accept", asker, json={"answer_id": 1}).status_code == 200
    listen("after")
    return found


def comparable(text: str) -> str:
    """Without what is drawn, and how long something took."""
    text = re.sub(r"<time .*?</time>", "<time>", re.sub(r"[0-9a-f]{32,64}", "<drawn>", text))
    return re.sub(r'"(took_ms|stored_at|at)": ?("[^"]*"|[0-9.]+)', "<time>", text)


def differing(tmp_path: Path, anonymous: bool) -> list[str]:
    told = []
    for who in ("ada", "cleo"):
        with asked_by(who, tmp_path / who, anonymous) as one:
            told.append(heard(one, who))
    assert told[0].keys() == told[1].keys()
    assert any("Who fires the kiln" in text for text in told[0].values())
    return [where for where, text in told[0].items() if text != told[1][where]]


@pytest.mark.slow
def test_nobody_else_can_tell_who_asks_anonymously(tmp_path: Path) -> None:
    assert differing(tmp_path, anonymous=True) == []


@pytest.mark.slow
def test_of_whoever_asks_openly_it_is_told(tmp_path: Path) -> None:
    """So that the test above is known to see something."""
    assert f"before eve False {V1}/questions/1" in differing(tmp_path, anonymous=False)


@pytest.mark.parametrize("to", [1, 4])
def test_a_question_is_handed_on_alike_to_whoever_asks_and_to_others(
    tmp_path: Path, to: int
) -> None:
    with closing(wired(settings(tmp_path / "data"), now=lambda: NOW + timedelta(days=1))) as made:
        for name in ("Ada Field", "Ben Osei", "Cleo Marsh", "Eve Lind"):
            made.directory.put(Profile(name, f"{name.split()[0].lower()}@example.org"))
        with TestClient(create_app(made, TrustingDoor(made))) as client:
            one = Served(made, client)
            given = {"title": "Who fires the kiln?", "anonymous": True, "to_id": 2}
            assert one("POST", "/questions", "ada", json=given).status_code == 201
            done = one("POST", "/questions/1/hand_on", "ben", json={"to_id": to})
            assert (done.status_code, done.text) == (204, "")
            assert one.get("/questions/1", "ben").status_code == 404
            assert json.loads(one.get("/questions", "ben").text)["questions"] == []

"""Who may not read a restricted page of Confluence finds no trace of it, whatever they ask.

A colleague imports a space over HTTP. In one of two installations it holds restricted pages with
what hangs on them: pages below, labels, comments, pictures, office files, people who wrote nothing
else. Every route is asked for each of these by everything that they are called.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import docx
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth.serving import ServeDoor
from api.routes import V1
from knowledge.people import Profile
from knowledge.types import Scope
from tests.builders import settings, wired
from tests.invariants import test_two_worlds as leaks
from tests.invariants.asking import Ask, Asking, Ref, every_route
from tests.invariants.generators import EVERY
from tests.invariants.space import Page, image, link, space
from tests.invariants.worlds import Clock, World, undisturbed

PEOPLE = {
    "mara.quill": "Mara Quill",
    "tobin.ashby": "Tobin Ashby",
    "ines.halloway": "Ines Halloway",
}
HIDDEN_PEOPLE = {"quirina.vask": "Quirina Vask", "osric.thornbeam": "Osric Thornbeam"}
# What stands in hidden pages only, in one place each: titles, texts, labels, names, files.
CANARIES = (
    *("zanthoxyl", "wobbegong", "axolotl", "cassowary", "jabiru", "layoffplan", "quokkaboard"),
    *("quirina", "vask", "osric", "thornbeam", "heronplan", "pangolin", "numbat"),
)
SOURCE = "fennmoor"
HIDDEN = ("201", "202", "203", "204")
PNG = b"\x89PNG\r\n\x1a\n"


def readable() -> list[Page]:
    """What all of the staff may read. It names one hidden page, as somebody may by mistake."""
    return [
        Page(100, "Operations", "<p>How we keep meters talking.</p>" + link("Meters", "meters")),
        Page(
            *(101, "Meters", "<p>A meter is restarted by its gateway.</p>" + image("meter.png")),
            parent=100,
            labels=("runbook",),
            files={"meter.png": PNG + b"meter"},
            comments=(("tobin.ashby", "Does a gateway restart by itself?"),),
        ),
        Page(
            *(102, "Gateways", "<p>Gateways reserve a port.</p>" + link("Linked plan", "a plan")),
            author="tobin.ashby",
            parent=100,
            labels=("runbook",),
        ),
        Page(103, "Ports", "<p>Ports and their timetable.</p>" + link("linked PLAN", "it")),
        Page(104, "Team", "<p>Mara and Tobin.</p>", author="ines.halloway"),
    ]


def hidden() -> list[Page]:
    """What Ines and the board may read, and what lies below it."""
    readers = ("ines.halloway", "group:board")
    return [
        Page(
            *(201, "Zanthoxyl reserve", "<p>The wobbegong gateway reserve.</p>"),
            author="quirina.vask",
            parent=100,
            labels=("layoffplan", "runbook"),
            readers=readers,
            comments=(("osric.thornbeam", "Why a jabiru meter?"),),
            files={
                "heronplan.docx": office("The pangolin gateway is closed."),
                "heronplan.png": PNG + b"numbat",
            },
        ),
        Page(
            *(202, "Axolotl timetable", "<p>Meters of the cassowary.</p>" + link("Meters", "m")),
            author="quirina.vask",
            parent=201,
            labels=("quokkaboard",),
        ),
        Page(203, "Meters of the axolotl", "<p>Below what is below.</p>", parent=202),
        Page(204, "Linked plan", "<p>The wobbegong plan.</p>", readers=readers, parent=100),
    ]


def office(text: str) -> bytes:
    made, raw = docx.Document(), io.BytesIO()
    made.add_paragraph(text)
    made.save(raw)
    return raw.getvalue()


class Listener:
    """A client that remembers what was answered."""

    def __init__(self, client: TestClient) -> None:
        self._client = client
        self.heard: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def request(self, *given: Any, **more: Any) -> Any:
        response = self._client.request(*given, **more)
        self.heard.append(response)
        return response

    def get(self, *given: Any, **more: Any) -> Any:
        return self.request("GET", *given, **more)


@contextmanager
def installations(directory: Path) -> Iterator[tuple[World, World]]:
    """The one with the hidden pages, and the one without."""
    everybody = PEOPLE | HIDDEN_PEOPLE
    exports = {
        "with": space([*readable(), *hidden()], everybody),
        "without": space(readable(), PEOPLE),
    }
    with ExitStack() as stack:
        stack.enter_context(undisturbed())
        made = []
        for name, export in exports.items():
            services = wired(settings(directory / name), now=(clock := Clock()))
            stack.callback(services.close)
            put = services.directory.put
            for who, groups in {"Ada Field": ("staff",), "Kit Locke": ("staff",)}.items():
                put(Profile(who, f"{who.split()[0].lower()}@example.org", groups=groups))
            ines = "ines.halloway@fennmoor.example"
            put(Profile("Ines Halloway", ines, groups=("staff",)))
            app = create_app(services, ServeDoor(services))
            client = stack.enter_context(
                TestClient(app, raise_server_exceptions=False, follow_redirects=False)
            )
            world = World(services, client, clock)
            make = services.tokens.create
            world.tokens["kit"] = make("kit", [Scope.IMPORT], email="kit@example.org")[1]
            world.tokens["ines"] = make("ines", [Scope.SEARCH], email=ines)[1]
            taken = client.post(
                f"{V1}/imports",
                files={"file": ("fennmoor.zip", export)},
                data={"audience": "everyone", "source": SOURCE},
                headers={"Authorization": f"Bearer {world.tokens['kit']}"},
            )
            assert taken.status_code == 202, taken.text
            world.hidden_import = taken.json()["id"]
            world.run_imports()
            world.look()
            listener = Listener(client)
            world.client = listener  # type: ignore[assignment]
            made.append(world)
        yield made[0], made[1]


def documents(world: World) -> list[Ref]:
    """All hidden documents, by names that stand for an id of nothing in the other world."""
    names = [name for kind, name in world._ids if kind == "document"]
    found = [n for n in names if n.partition("/")[2].partition("/")[2].split("/")[0] in HIDDEN]
    assert len(found) == len(HIDDEN) + 1, names
    return [Ref("document", name) for name in found]


def questions() -> Iterator[str]:
    """Whatever may be typed: what it is called, who wrote it, mistyped, in filters, in quotes."""
    for word in CANARIES:
        yield from (word, f"who knows about {word}", word[:-2] + word[-1] + word[-2])
    for page in hidden():
        yield from (page.title, f'"{page.title}"')
    for name in HIDDEN_PEOPLE.values():
        yield from (f"meters by {name}", f'author:"{name}"', f"from {name.split()[0]}")
    for label in ("layoffplan", "quokkaboard", "attachment"):
        yield f"gateway tag:{label}"
    yield from ("gateway", "meters -wobbegong", "restart the gateway", "reserve", "timetable")
    yield from ("heronplan.docx", "/attachments/heronplan.png", "pageId=201", "201")


def asked(world: World, every: int) -> Iterator[Ask]:
    """Of every route, for every hidden thing by all that it is called; of the questions one of so
    many."""
    gone = documents(world)
    people = [Ref("person", handle) for handle in HIDDEN_PEOPLE]
    passages = [Ref("passage", f"{one.name} {number}") for one in gone for number in (0, 1)]
    for text in list(questions())[::every]:
        q = (("q", text), ("limit", 50))
        yield Ask("GET", f"{V1}/search", params=q, all=True)
        yield Ask("GET", f"{V1}/people", params=q)
        yield Ask("GET", "/", params=q, browser=True)
        for end in (2, 4, len(text)):
            yield Ask("GET", f"{V1}/suggest", params=(("q", text[:end]), ("limit", 20)))
    narrowed: list[tuple[str, Any]] = [("document", one) for one in gone]
    narrowed += [("author", one) for one in people]
    narrowed += [("tag", label) for label in ("layoffplan", "quokkaboard", "runbook", "attachment")]
    narrowed += [("source", SOURCE), ("kind", "writeup"), ("updated_after", "2024-11-01")]
    for narrowing in narrowed:
        q = (("q", "gateway meters reserve"), ("limit", 50), narrowing)
        yield Ask("GET", f"{V1}/search", params=q, all=True)
        yield Ask("GET", f"{V1}/people", params=q)
        yield Ask("GET", "/", params=q, browser=True)
    yield Ask("GET", f"{V1}/documents", params=(("limit", 50),), all=True)
    yield Ask("GET", f"{V1}/documents", params=(("limit", 2), ("kind", "writeup")), all=True)
    yield from _of_documents(gone, passages)
    yield from _of_people(people)
    yield from _of_imports()


def _of_documents(gone: list[Ref], passages: list[Ref]) -> Iterator[Ask]:
    body = {"title": "T", "body": "B", "kind": "note", "audience": ["everyone"], "tags": []}
    shown = [Ref("document", f"person:<kit>/{SOURCE}/{key}") for key in (100, 101, 102, 103, 104)]
    for one in [*gone, *shown]:
        at: dict[str, Ref | str] = {"id": one}
        yield Ask("GET", f"{V1}/documents/{{id}}", at)
        yield Ask("GET", "/documents/{id}", at, browser=True)
        yield Ask("HEAD", "/documents/{id}", at, browser=True)
        for number in ("0", "1", "2", "x"):
            yield Ask("GET", f"{V1}/documents/{{id}}/files/{{number}}", at | {"number": number})
    for one in gone:
        at = {"id": one}
        yield Ask("PUT", f"{V1}/documents/{{id}}", at, body=body)
        yield Ask("PUT", f"{V1}/documents/{{id}}", at, body=body, version=one)
        yield Ask("DELETE", f"{V1}/documents/{{id}}", at)
        yield Ask("GET", f"{V1}/documents/{{id}}/speakers", at, who="judge")
        said = {"label": "Speaker 1", "undo": True, "everywhere": True}
        yield Ask("PUT", f"{V1}/documents/{{id}}/speakers", at, who="judge", body=said)
    query = Ref("query", "1")
    for passage in passages:
        told = {"query_id": query, "verdict": "helpful", "passage_id": passage}
        yield Ask("POST", f"{V1}/feedback", body=told)
        yield Ask("GET", "/documents/{id}", {"id": gone[0]}, (("passage", passage),), browser=True)


def _of_people(people: list[Ref]) -> Iterator[Ask]:
    known = Ref("person", "mara.quill")
    for person in [*people, known, Ref("person", "tobin.ashby"), Ref("person", "ines.halloway")]:
        at: dict[str, Ref | str] = {"id": person}
        yield Ask("GET", f"{V1}/people/{{id}}", at, (("limit", 50),), all=True)
        yield Ask("GET", "/people/{id}", at, browser=True)
        yield Ask("HEAD", "/people/{id}", at, browser=True)
    for person in people:
        told = {"query_id": Ref("query", "1"), "verdict": "wrong_person", "person_id": person}
        yield Ask("POST", f"{V1}/feedback", body=told)
        yield Ask("POST", "/demo/person", form={"person": person, "next": "/"})
        pair = {"kept": known, "gone": person}
        yield Ask("POST", f"{V1}/people/merges", who="judge", body=pair)
        two = {"one": known, "other": person}
        yield Ask("POST", f"{V1}/people/distinctions", who="judge", body=two)
    yield Ask("GET", f"{V1}/people/review", who="judge", params=(("limit", 50),))
    yield Ask("GET", f"{V1}/people/merges", who="judge", params=(("limit", 50),), all=True)


def _of_imports() -> Iterator[Ask]:
    """Of the import that brought it, which is its owner's."""
    at: dict[str, Ref | str] = {"id": Ref("import", "hidden")}
    yield Ask("GET", f"{V1}/imports")
    for part in ("", "/items", "/report", "/report.csv", "/events"):
        yield Ask("GET", f"{V1}/imports/{{id}}{part}", at)
    for action in ("pause", "resume", "cancel", "archive_gone", "keep_gone"):
        yield Ask("PATCH", f"{V1}/imports/{{id}}", at, body={"action": action})


def first_trace(directory: Path, every: int = 1) -> str:
    """Ask by somebody who is signed in, by nobody, and where all is asked by others as well; empty
    when there is no trace."""
    people = ["ada", None] if every > 1 else ["ada", "machine", "judge", None]
    with installations(directory) as worlds:
        asking = Asking(worlds, 7)
        typed: list[str] = []
        made = list(asked(worlds[0], every))
        reached = {(one.method, one.path) for one in made}
        rest = [EVERY[route][1] for route in sorted(EVERY) if route not in reached]
        made += [generator(asking) for generator in rest for _ in range(2)]
        for one in made:
            for who in [one.who] if one.who != "ada" else people:
                ask = replace(one, who=who)
                found = trace(asking, ask, typed)
                if found:
                    return f"{ask}: {found}"
        assert {(one.method, one.path) for one in made} == every_route(worlds[0].app)
    return ""


def trace(asking: Asking, ask: Ask, typed: list[str]) -> str:
    """What tells of the hidden pages in the answers to one request. ``typed``: what was written
    before, which askers see again."""
    listener = asking.worlds[0].client
    assert isinstance(listener, Listener)
    listener.heard.clear()
    difference = asking.difference(ask)
    asked = unquote_plus(repr(ask)).lower()
    own = " ".join([*typed, asked])
    if ask.method not in ("GET", "HEAD"):
        typed.append(asked)
    for response in listener.heard:
        said = f"{response.headers} {response.text}".lower()
        told = [word for word in CANARIES if word in said and word not in own]
        if told:
            return f"{told} in {said[:2000]}"
    # An administrator sees how anybody's import goes, and nothing that its file says; how much the
    # service has to do; and by ids what was done.
    overseen = (
        *(f"{V1}/imports/{{id}}", "/imports/{id}"),
        *(f"{V1}/audit", f"{V1}/audit/head", "/admin/audit", "/metrics"),
    )
    supervises = ask.who == "judge" and ask.path in overseen
    return "" if supervises else difference


def test_who_may_read_it_finds_all_of_it(tmp_path: Path) -> None:
    """So that it is there to be found."""
    with installations(tmp_path) as (world, _):
        client = world.client
        headers = {"Authorization": f"Bearer {world.tokens['ines']}"}
        said = ""
        for one in documents(world):
            response = client.get(
                f"{V1}/documents/{world.id('document', one.name)}", headers=headers
            )
            assert response.status_code == 200, one
            said += response.text.lower()
        for word in ("zanthoxyl", "heronplan"):
            said += client.get(f"{V1}/search?q={word}", headers=headers).text.lower()
        assert [word for word in CANARIES if word not in said] == ["numbat"]
        secret = next(one.name for one in documents(world) if one.name.endswith("/201"))
        files = f"{V1}/documents/{world.id('document', secret)}/files"
        bodies = [client.get(f"{files}/{number}", headers=headers).content for number in range(2)]
        assert any(b"numbat" in body for body in bodies)


@pytest.mark.slow
def test_who_may_not_read_it_finds_no_trace(tmp_path: Path) -> None:
    assert first_trace(tmp_path, 8) == ""


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_who_may_not_read_it_finds_no_trace_whatever_they_ask(tmp_path: Path) -> None:
    assert first_trace(tmp_path) == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    "leak",
    [
        leaks.leak_links,
        leaks.leak_files,
        leaks.leak_existence,
        leaks.leak_suggestions,
        leaks.leak_profiles,
        leaks.leak_imports,
        leaks.leak_evidence,
        leaks.leak_facets,
    ],
    ids=lambda leak: leak.__name__,
)
def test_a_trace_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leak: Callable[[pytest.MonkeyPatch], None]
) -> None:
    leak(monkeypatch)
    assert first_trace(tmp_path, 3) != ""

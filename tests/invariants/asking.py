"""Random requests for every route, the same for both worlds, and answers made comparable."""

from __future__ import annotations

import difflib
import io
import json
import pprint
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
from fastapi import FastAPI

from api import cursors, routes
from api.auth import cookies, csrf
from api.routes import V1
from api.routes.succession import LIST
from tests.invariants.worlds import (
    ASKERS,
    COMMON,
    DAN_IN_SECRET,
    NAMES,
    PEOPLE,
    SECRET,
    SECRET_NAMES,
    SECRET_SOURCES,
    SECRET_TAGS,
    SITE,
    SOURCES,
    TAGS,
    World,
    named,
)


@dataclass(frozen=True)
class Ref:
    """Something by its name, which stands for another id in each world."""

    kind: str
    name: str


@dataclass(frozen=True)
class Ask:
    """One request. ``path`` is the route's template, ``at`` fills it; ``who`` holds the token, or
    is ``site``, a page of another one.

    ``version``: send the ETag that this document has in If-Match. ``all``: follow the cursors, so
    that no order decides what is compared. ``browser``: a page is asked for, with a session if they
    have one.
    """

    method: str
    path: str
    at: dict[str, Ref | str] = field(default_factory=dict)
    params: tuple[tuple[str, Any], ...] = ()
    who: str | None = "ada"
    body: Any = None
    form: Any = None
    file: tuple[str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    version: Ref | None = None
    all: bool = False
    browser: bool = False


_READABLE = [f"{source}/r{n}" for source in SOURCES for n in range(6)] + ["notes/talk"]


class Asking:
    """Asks both worlds, and remembers what was made."""

    def __init__(self, worlds: tuple[World, World], seed: int) -> None:
        self.worlds = worlds
        self.chance = random.Random(seed)
        self.alive: list[str] = []
        self.keys = 0

    def difference(self, ask: Ask) -> str:
        """What tells the worlds apart, in a few words; empty when nothing does."""
        told = []
        for world in self.worlds:
            world.pass_time()
            told.append(list(_told(ask, world)))
        if ask.method not in ("GET", "HEAD"):
            self._remember(ask, told)
            for world in self.worlds:
                world.look()
        if ask.path == f"{V1}/people/me/appearances":
            # It rests on what others read, who were shown somebody: docs/security.md.
            told = [[one["status"] for one in answers] for answers in told]
        if told[0] == told[1]:
            return ""
        return f"{ask}\n{_apart(*(pprint.pformat(one, width=160) for one in told))}"

    def _remember(self, ask: Ask, told: list[list[Any]]) -> None:
        done = {told[0][0]["status"], told[1][0]["status"]}
        if ask.path == f"{V1}/documents" and done == {201}:
            self.alive.append(f"made {len(self.worlds[0].made) - 1}")
        if (ask.method, ask.path) == ("DELETE", f"{V1}/documents/{{id}}") and done == {204}:
            gone = ask.at["id"]
            assert isinstance(gone, Ref)
            self.alive = [name for name in self.alive if name != gone.name]

    def words(self, most: int = 5) -> str:
        """A few words that somebody may type: common, hidden, mistyped, or names."""
        chance = self.chance
        kinds = [COMMON, COMMON, COMMON, SECRET, NAMES, SECRET_NAMES, SECRET_TAGS + TAGS]
        chosen = [chance.choice(chance.choice(kinds)) for _ in range(chance.randrange(1, most))]
        if chance.random() < 0.4:
            chosen[-1] = mistyped(chosen[-1], chance)
        return " ".join(chosen)

    def question(self) -> str:
        """What is typed into the search box."""
        lead = self.chance.choice(
            ["", "", "how do I restore the ", "who knows about ", "bakcup of the reslease ", '"']
        )
        limits = [self.limit() for _ in range(self.chance.choice([0, 0, 0, 1, 1, 2]))]
        return " ".join([lead + self.words(), *limits])

    def limit(self) -> str:
        """What narrows a question in its own words, also by what is hidden or unknown."""
        chance = self.chance
        name = chance.choice([*NAMES, *SECRET_NAMES, DAN_IN_SECRET.name, DAN_IN_SECRET.name])
        source = chance.choice(SOURCES + SECRET_SOURCES)
        word = chance.choice(COMMON + SECRET)
        side = chance.choice(["since", "after", "before"])
        return chance.choice(
            [
                f"by {chance.choice([name, name.split()[0], name.lower()])}",
                f"from {chance.choice([name, source])}",
                f'author:"{name}"',
                f"author:{name.split()[-1]}",
                f"in {chance.choice(['', 'the '])}{source}",
                f"in the {chance.choice(['platform', 'data', 'board'])} team",
                f"in {chance.choice(['transcripts', 'notes', 'write-ups', 'the threads'])}",
                f"tag:{chance.choice(TAGS + SECRET_TAGS)}",
                f"source:{source}",
                f"kind:{chance.choice(['note', 'threads', 'poem'])}",
                f"level:{chance.choice(['expert', 'newcomer', '2'])}",
                f"{side} {chance.choice(['2024', '2 years ago'])}",
                f"{side}:2024-06",
                f'"{word} {chance.choice(COMMON)}"',
                f'"{word}"',
                f"-{word}",
                f'-"{word} {chance.choice(COMMON)}"',
            ]
        )

    def prefix(self) -> str:
        """The letters typed so far of some words."""
        return self.words(3)[: self.chance.randrange(1, 9)]

    def narrowing(self) -> Iterator[tuple[str, Any]]:
        """Filters, also by what is hidden or unknown."""
        chance = self.chance
        values: dict[str, Callable[[], Any]] = {
            "kind": lambda: chance.choice(["writeup", "note", "thread", "transcript"]),
            "tag": lambda: chance.choice(TAGS + SECRET_TAGS + ["nothing"]),
            "team": lambda: chance.choice(["Platform", "Data", "Board", "Nobody"]),
            "source": lambda: chance.choice(SOURCES + SECRET_SOURCES),
            "level": lambda: chance.choice(["newcomer", "practitioner", "expert"]),
            "author": self.person,
            "document": self.document,
            "updated_after": lambda: chance.choice(["2023-06-01", "2024-03-01", "2025-09-01"]),
            "mode": lambda: chance.choice(["hybrid", "semantic", "lexical"]),
            "spelling": lambda: chance.choice(["true", "false"]),
            "literal": lambda: chance.choice(["true", "false"]),
        }
        for name in chance.sample(list(values), chance.choice([0, 0, 1, 1, 2])):
            yield name, values[name]()

    def document(self) -> Ref:
        """A document: to be read, hidden, made here, or none."""
        chance = self.chance
        copies = [f"{source}/copy of r{n}" for source in SOURCES for n in range(6)]
        secret = [f"{source}/s{n}" for source in SOURCES + SECRET_SOURCES for n in range(10)]
        of = chance.choice(
            [_READABLE, _READABLE, secret, copies, self.alive or _READABLE, ["none"]]
        )
        return Ref("document", chance.choice(of))

    def title(self) -> str:
        """That of a document, as ``document``, in whatever case; or something that none is called.
        Of the world that has them all, as somebody would type it who heard of it."""
        found = self.worlds[0].title(self.document().name) or self.words(3)
        return self.chance.choice([found, found, found.upper()])

    def readable(self) -> Ref:
        """A document that everybody may read, or that is nowhere."""
        return Ref("document", self.chance.choice(_READABLE))

    def person(self) -> Ref:
        """Somebody: in the directory, in documents, in hidden documents only, or nobody."""
        return Ref("person", self.chance.choice(PEOPLE))

    def an_import(self) -> Ref:
        """An import of the asker's, somebody else's, or none."""
        most = max(len(self.worlds[0].imports), 1)
        mine = f"import {self.chance.randrange(most)}"
        return Ref("import", self.chance.choice([mine, mine, "hidden", "none"]))

    def passage(self) -> Ref:
        """A passage, as ``document``."""
        of = self.hidden() if self.chance.random() < 0.4 else self.document()
        return Ref("passage", f"{of.name} {self.chance.choice([0, 0, 0, 1])}")

    def hidden(self) -> Ref:
        """A document that nobody who asks may read, in the world that has it."""
        sources, numbers = SECRET_SOURCES + SOURCES, range(len(SECRET))
        names = [f"{source}/s{number}" for source in sources for number in numbers]
        held = [name for name in names if self.worlds[0].holds("document", name)]
        return Ref("document", self.chance.choice(held or names))

    def key(self) -> dict[str, str]:
        """Sometimes an Idempotency-Key, and sometimes that of another request."""
        self.keys += self.chance.choice([0, 1])
        return {"Idempotency-Key": f"key {self.keys}"} if self.chance.random() < 0.3 else {}

    def who_judges(self) -> str | None:
        """Whose token is sent where administrators decide."""
        return self.chance.choice(["judge", "judge", "judge", "ada", None])

    def talk(self) -> Ref:
        """A transcript, to be read or hidden, or another document."""
        talks = [Ref("document", "notes/talk"), Ref("document", "notes/hidden talk")]
        return self.chance.choice([talks[0], *talks, self.document()])

    def who(self) -> str | None:
        """Whose token is sent; None for none."""
        return self.chance.choice([*ASKERS, "ada", "ada", "ada", "machine", "site", None])


def mistyped(word: str, chance: random.Random) -> str:
    """Two neighbouring letters swapped, or one left out."""
    at = chance.randrange(1, max(len(word) - 1, 2))
    if chance.random() < 0.5:
        return word[:at] + word[at + 1 :]
    return word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :]


def _apart(with_them: str, without: str) -> str:
    lines = difflib.unified_diff(with_them.splitlines(), without.splitlines(), n=1, lineterm="")
    return "\n".join(lines)


def every_route(app: FastAPI) -> set[tuple[str, str]]:
    """(method, path) of all that is served, also of what the description leaves out."""
    found = [route for router in routes.routers() for route in router.routes]
    assert app.routes[: len(found)] == found, "something in a routes/ file is not served"
    served = set()
    for route in app.routes:
        methods = getattr(route, "methods", None)
        assert methods, f"{route} is served by every method"
        served |= {(method, route.path) for method in methods}  # type: ignore[attr-defined]
    described = {
        (method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }
    assert described <= served
    return served


def _told(ask: Ask, world: World) -> Iterator[dict[str, Any]]:
    """The answer, and with ``all`` those of the following pages as if they were one."""
    response = _send(ask, world, ())
    told = _comparable(ask, response, world)
    cursor = _next(response) if ask.all else None
    while cursor is not None:
        response = _send(ask, world, (("cursor", cursor),))
        more = _comparable(ask, response, world)
        for name, value in more["body"].items():
            if isinstance(value, list) and name in _PAGED:
                told["body"][name] += value
        cursor = _next(response)
    if ask.all and isinstance(told["body"], dict):
        # Every page folds the copies of what it shows; which is shown decides no order here.
        told["body"] = _sorted(told["body"]) | {"next_cursor": None}
    yield told


_PAGED = (
    *("disputes", "tokens", "merges"),
    *("evidence", "answers", "documents", "contributions", "imports", "items"),
)


def _next(response: httpx2.Response) -> str | None:
    return response.json().get("next_cursor") if response.status_code == 200 else None


def _send(ask: Ask, world: World, more: tuple[tuple[str, str], ...]) -> httpx2.Response:
    def real(value: Any) -> Any:
        if isinstance(value, Ref):
            return _real(value, world)
        if isinstance(value, dict):
            return {key: real(part) for key, part in value.items()}
        return [real(part) for part in value] if isinstance(value, list | tuple) else value

    headers, token = dict(ask.headers), world.tokens.get(ask.who or "", "")
    session = world.sessions.get(ask.who or "", "") if ask.browser else ""
    if ask.browser and token:
        headers["Accept"] = "text/html"
    if session:
        headers["Cookie"] = f"{cookies.SESSION}={session}"
    if session and ask.method not in ("GET", "HEAD"):
        headers |= {csrf.HEADER: csrf.token_of(session), "Sec-Fetch-Site": "same-origin"}
    elif token and not session:
        headers["Authorization"] = f"Bearer {token}"
    elif ask.who == "site":
        headers |= {"X-Site-Key": world.site, "Origin": SITE}
    if ask.version is not None:
        path = f"{V1}/documents/{real(ask.version)}"
        held = world.client.get(path, headers={"Authorization": f"Bearer {token}"})
        headers["If-Match"] = held.headers.get("ETag", '"none"')
    path = ask.path
    for key, value in ask.at.items():
        path = path.replace("{" + key + "}", str(real(value)))
    world.client.cookies.clear()
    return world.client.request(
        ask.method,
        path,
        params=[(key, str(real(value))) for key, value in (*ask.params, *more)],
        json=real(ask.body),
        data=real(ask.form),
        files=None if ask.file is None else {"file": ask.file},
        headers=headers,
    )


def _real(ref: Ref, world: World) -> int | str:
    if ref.kind == "import":
        return world.import_id(ref.name)
    if ref.kind == "query":
        return world.queries[int(ref.name) % len(world.queries)]
    if ref.kind == "link":
        return world.link
    if ref.kind == "text":
        return f"Zanzibar. [See there](/documents/{world.id('document', ref.name)})."
    if ref.kind == "stretch":
        return cursors.encode(world.id("document", ref.name), LIST)
    if ref.kind == "address":
        return f"/documents/{world.id('document', ref.name)}"
    if ref.kind == "audience":
        return f"person:{world.id('person', ref.name)}"
    return world.id(ref.kind, ref.name)


_HEADERS = ("content-type", "location", "www-authenticate", "retry-after", "cache-control", "vary")


def _comparable(ask: Ask, response: httpx2.Response, world: World) -> dict[str, Any]:
    made = ask.path in (f"{V1}/documents", f"{V1}/documents/merges")
    if made and response.status_code == 201:
        world.made.append(response.json()["id"])
        world.look()
    if ask.path == f"{V1}/imports" and response.status_code == 202:
        world.imports.append(response.json()["id"])
        world.run_imports()
    echoes = _sent(ask, world)

    def plain(text: str) -> str:
        def echo(found: re.Match[str]) -> str:
            return found[1] + echoes.get((found[2], found[3]), found[3])

        quoted = {value: name for (_, value), name in echoes.items()}
        text = _QUOTED.sub(lambda m: quoted.get(m[0], m[0]), named(text, world))
        return _ECHO.sub(echo, text)

    headers = {name: plain(response.headers[name]) for name in _HEADERS if name in response.headers}
    headers["etag"] = str("etag" in response.headers)
    told: dict[str, Any] = {"status": response.status_code, "headers": headers}
    if "json" in headers.get("content-type", "") and response.content:
        body = response.json()
        if isinstance(body, dict) and "query_id" in body and response.status_code == 200:
            world.queries.append(body["query_id"])
        told["body"] = _sorted(_named_json(body, world, ""))
    elif headers.get("content-type") == "application/zip":
        told["body"] = _packed(response.content, world)
    else:
        # A page's order may differ, too.
        told["body"] = sorted(line.strip() for line in plain(response.text).splitlines())
    return told


# Where a page hands back what was sent: in the field of that name, in an address, in a sentence.
_ECHO = re.compile(r"((?:name=\"|[?&;]|%3F|%26)([\w-]+)(?:\"[^<>]*? value=\"|=|%3D))([\w-]+)")
_QUOTED = re.compile(r"(?<=&#39;)[\w-]+(?=&#39;)")


def _sent(ask: Ask, world: World) -> dict[tuple[str, str], str]:
    """By field and what was sent in it in this world: what to call that in both."""
    return {
        (key, str(_real(value, world))): f"<{value.kind} {value.name}>"
        for key, value in (*ask.params, *(ask.form or {}).items())
        if isinstance(value, Ref)
    }


_DRAWN = ("id", "made", "key", "person_id", "kept", "gone", "one", "other", "merged_into")


def _packed(data: bytes, world: World) -> dict[str, Any]:
    """What is kept of somebody, but for when, and for numbers that are drawn."""

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return sorted((plain(one) for one in value), key=json.dumps)
        if not isinstance(value, dict):
            return named(value, world) if isinstance(value, str) else value
        return {
            key: world.name("document", part) if key == "document_id" else plain(part)
            for key, part in value.items()
            if key not in _DRAWN and key != "at" and not key.endswith("_at")
        }

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    body = plain(json.loads(files.pop("person.json")))
    assert isinstance(body, dict)
    body.pop("appearances", None)  # as above
    return body | {"files": sorted(named(text, world) for text in files.values())}


_ID = {
    "passage_id": "passage",
    "document_id": "document",
    "document_ids": "document",
    "merged_from": "document",
    "said_before": "document",
    "said_after": "document",
    "person_id": "person",
    "gone": "person",
    "one": "person",
    "other": "person",
}
_HOLDER = {
    "asker": "person",
    "asked_by": "person",
    "host": "person",
    "holder": "person",
    "document": "document",
    "documents": "document",
    "person": "person",
    "similar": "document",
    "kept": "person",
    "gone": "person",
    "related": "document",
    "steward": "person",
    "owner": "person",
    "sender": "person",
    "suggested": "person",
    "replaced_by": "document",
    "replaces": "document",
    "first": "document",
    "second": "document",
    "alone": "document",
    "open": "document",
    "before": "document",
    "after": "document",
}
_COUNTED_ALIKE = ("synonyms", "tokens", "sites", "offers", "wishes", "gaps", "milestones")
# What has one of these fields is counted alike, too.
_COUNTED = {
    "kept",
    "origins",
    "form",
    "anonymous",
    "accepted",
    "answered_at",
    "led",
    "first_seen_at",
    "count",
    "measure",
    "deed",
}
_BY_CHANCE = ("key", "secret", "query_id", "took_ms", "stored_at", "next_cursor")


def _named_json(value: Any, world: World, where: str) -> Any:
    if isinstance(value, list):
        return [_named_json(part, world, where) for part in value]
    if isinstance(value, str):
        return named(value, world)
    if not isinstance(value, dict):
        return world.name(_ID[where], value) if where in _ID and value is not None else value
    told = {}
    kind = _HOLDER.get(where) or value.get("kind")
    if where == "":
        kind = "person" if {"contributions", "hidden_topics"} & value.keys() else "document"
    for key, part in value.items():
        if key == "last_used_at":
            continue  # written by a thread when it has time
        if key in _BY_CHANCE:
            told[key] = part is not None
        elif (key == "id" and _COUNTED & value.keys()) or (
            key == "id" and kind in ("topic", "session")
        ):
            told[key] = part
        elif key == "id" and isinstance(part, int) and where not in _COUNTED_ALIKE:
            told[key] = world.name(str(kind), part)
        elif key == "understood" and isinstance(part, list):
            told[key] = [
                one | {"value": world.name("person", int(one["value"]))}
                if one["field"] == "author"
                else one
                for one in part
            ]
        elif key == "author" and isinstance(part, list):
            told[key] = sorted(
                [{**one, "value": world.name("person", int(one["value"]))} for one in part],
                key=json.dumps,
            )
        else:
            told[key] = _named_json(part, world, key)
    return told


def _sorted(body: Any) -> Any:
    """What is ranked, as sets: its order may shift with what is hidden, its members may not."""
    if not isinstance(body, dict):
        return body
    ranked = {
        name: sorted(
            (
                one | {"evidence": sorted(one["evidence"], key=json.dumps)}
                if "evidence" in one
                else one
                for one in value
            ),
            key=json.dumps,
        )
        for name, value in body.items()
        if name in ("answers", "people", "similar", "tags") and isinstance(value, list)
    }
    return body | ranked

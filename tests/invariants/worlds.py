"""Two installations that differ in nothing but documents which an asker may not read."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import asking
from api.app import create_app
from api.auth import csrf
from api.auth.serving import ServeDoor
from api.services import Services
from indexer import advice
from indexer.search import present
from knowledge import later, queries
from knowledge.capture import Terms
from knowledge.imports import Order
from knowledge.people import Profile
from knowledge.readers._attachments import embedded
from knowledge.sessions import Browser
from knowledge.sites import Plan
from knowledge.store import documents, passages, people
from knowledge.types import (
    EVERYONE,
    OPERATOR,
    PUBLIC,
    Audience,
    Contributor,
    Kind,
    Level,
    Link,
    Role,
    Scope,
    SourceDocument,
)
from tests.builders import settings, wired

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
COMMON = """ledger backup restore invoice printer queue budget release canary tunnel committee
certificate server harbour meeting password customer battery weather engine""".split()
SECRET = """meridian zanzibar quicksilver obelisk nightjar tamarisk vermilion cobalt heliotrope
porphyry""".split()
TAGS, SECRET_TAGS = ["ops", "finance", "birds"], ["acquisition", "layoffs"]
SOURCES, SECRET_SOURCES = ["wiki", "notes"], ["boardroom"]

ADA = Contributor("Ada Field", Role.AUTHOR, email="ada@example.org")
BEN = Contributor("Ben Osei", Role.AUTHOR, email="ben@example.org")
CLEO = Contributor("Cleo Marsh", Role.AUTHOR, email="cleo@example.org")
DAN = Contributor("Dan Reed", Role.AUTHOR, email="dan@example.org", handle="dan")
# Another address of his, which only hidden documents know.
DAN_ELSEWHERE = replace(DAN, email="zz.dan@example.org")
DAN_IN_SECRET = Contributor("Daniel Porphyry Reed", Role.AUTHOR, email="dan@example.org")
BEN_IN_SECRET = Contributor("Ben Osei", Role.AUTHOR, email="benedict@example.org", handle="ben")
QUIRINA = Contributor("Quirina Vask", Role.AUTHOR, email="quirina@example.org")
NAMES = ["Ada Field", "Ben Osei", "Cleo", "Dan Reed", "Kit Locke"]
SECRET_NAMES = ["Quirina Vask", "Daniel Porphyry"]
PEOPLE = ["ada", "ben", "cleo", "dan", "kit", "quirina", "nobody-at-all"]
HIDING = (
    Audience.of("group:vault"),
    Audience.of(EVERYONE, "group:vault"),
    Audience.of([f"group:{slug}" for slug in ("vault", "board")]),
)
SITE = "https://intranet.example.org"
ASKERS = {"ada": "ada@example.org", "machine": None}
SCOPES = (Scope.SEARCH, Scope.CAPTURE, Scope.IMPORT)
# An administrator, who asks only what is for administrators.
JUDGE = (Scope.SEARCH, Scope.CAPTURE, Scope.ADMIN)


def readable(chance: random.Random) -> list[SourceDocument]:
    """A few short documents: so few that everything that matches is in every result, whole."""
    makers = [BEN, CLEO, DAN, BEN, CLEO, DAN]
    made = [
        _document(chance, f"r{number}", maker, chance.choice(TAGS), chance.choice(SOURCES))
        for number, maker in enumerate(makers)
    ]
    told = " ".join(chance.choices(COMMON, k=12))
    made.append(
        SourceDocument(
            "notes",
            "talk",
            "Standup of the harbour crew",
            f"Ada Field: Good morning, the {told}.\n\nBoris: And the canary sings.",
            Kind.TRANSCRIPT,
            contributors=(Contributor("Ada Field", Role.SPEAKER, email="ada@example.org"),),
            audience=Audience.of(PUBLIC),
            updated_at=NOW - timedelta(days=900),
        )
    )
    return [*made, _changed(made[0], "twin")]


def hidden(chance: random.Random, others: list[SourceDocument]) -> list[SourceDocument]:
    """What stands in one world only: words, titles, tags, people, dates and a source of their own;
    copies of what can be read; other spellings of people and of words."""
    made = []
    for number, word in enumerate(SECRET):
        mixed = [word, *chance.choices(COMMON, k=14), *chance.choices(SECRET, k=6)]
        chance.shuffle(mixed)
        body = " ".join(mixed).capitalize() + "."
        made.append(
            SourceDocument(
                chance.choice(SECRET_SOURCES + SOURCES),
                f"s{number}",
                f"The {word} {chance.choice(COMMON)}",
                f"# {word}\n\n{body}\n\n# Bakcup of the reslease\n\nThe {word} ledegr.",
                chance.choice([Kind.WRITEUP, Kind.NOTE]),
                contributors=chance.sample([QUIRINA, DAN_IN_SECRET, BEN, BEN_IN_SECRET, ADA], 2),  # type: ignore[arg-type]
                audience=chance.choice(HIDING),
                tags=(chance.choice(SECRET_TAGS), chance.choice(TAGS)),
                level=chance.choice(list(Level)),
                updated_at=NOW - timedelta(days=chance.randrange(300)),
            )
        )
    # In it somebody is known who is a mere label in a talk that can be read.
    made.append(
        SourceDocument(
            "notes",
            "hidden talk",
            "Standup of the obelisk crew",
            "Boris: The obelisk sings.\n\nAda Field: Good.",
            Kind.TRANSCRIPT,
            contributors=(Contributor("Q. Vask", Role.SPEAKER, label="Boris"),),
            audience=HIDING[0],
            updated_at=NOW - timedelta(days=900),
        )
    )
    made += [
        replace(made[0], source=source, external_id="of dan", contributors=(DAN_ELSEWHERE,))
        for source in SOURCES
    ]
    # Better placed than what they copy, and by others.
    made += [
        _changed(other, f"copy of {other.external_id}", audience=HIDING[0], contributors=(QUIRINA,))
        for other in chance.sample(others, 4)
    ]
    return made


def _document(
    chance: random.Random, key: str, maker: Contributor, tag: str, source: str
) -> SourceDocument:
    words = " ".join(chance.choices(COMMON, k=chance.randrange(8, 25)))
    return SourceDocument(
        source,
        key,
        f"{chance.choice(COMMON).capitalize()} and {chance.choice(COMMON)}",
        f"The {words}. To restore a backup, stop the {chance.choice(COMMON)} first.",
        chance.choice([Kind.WRITEUP, Kind.NOTE, Kind.THREAD]),
        contributors=(maker,),
        audience=chance.choice([Audience.of(EVERYONE), Audience.of(PUBLIC)]),
        tags=(tag,),
        level=chance.choice([None, *Level]),
        updated_at=NOW - timedelta(days=700 + chance.randrange(300)),
    )


def _changed(document: SourceDocument, key: str, **changes: object) -> SourceDocument:
    return replace(document, external_id=key, **changes)  # type: ignore[arg-type]


class Clock:
    """A time that passes only when it is told to, so that both worlds agree on it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class World:
    """One installation behind its real application, and names for its ids."""

    def __init__(self, services: Services, client: TestClient, clock: Clock) -> None:
        self.services = services
        self._clock = clock
        self.client = client
        self.tokens = {
            name: services.tokens.create(name, SCOPES, email=email)[1]
            for name, email in ASKERS.items()
        }
        self.tokens["judge"] = services.tokens.create("judge", JUDGE)[1]
        services.tokens.create("spare", SCOPES, email="ada@example.org")
        self.site = services.sites.create(Plan("Intranet", (SITE,)), "operator").key
        # Only people have a browser.
        with services.database.read() as connection:
            ada = people.by_email(connection, "ada@example.org")
        assert ada is not None
        self.sessions = {"ada": services.sessions.begin(ada, "local", Browser())[1]}
        self.link = services.accounts.invite("ada@example.org", "operator")
        self.made: list[int] = []
        self.imports: list[str] = []
        self.hidden_import: str | None = None
        self.queries: list[str] = ["0" * 32]
        self._names: dict[str, dict[int, str]] = {"document": {}, "passage": {}, "person": {}}
        self._ids: dict[tuple[str, str], int] = {}

    @property
    def app(self) -> FastAPI:
        app = self.client.app
        assert isinstance(app, FastAPI)
        return app

    def pass_time(self) -> None:
        """Until the next request."""
        self._clock.now += timedelta(seconds=1)
        self.services.later.flush()
        self.services.queries.flush()

    def run_imports(self) -> None:
        """What the worker does, now."""
        while jobs := self.services.imports.unfinished():
            self.services.runner(lambda: False).run(jobs[0])

    def hide_import(self) -> None:
        """Let somebody whom nobody asks for import something that nobody who asks may read."""
        upload = self.services.imports.receive()
        upload.write(b"# Quicksilver\n\nThe quicksilver import.")
        order = Order("quicksilver.md", source="wiki", audience=("group:vault",))
        kit = f"person:{self.id('person', 'kit')}"
        self.hidden_import = self.services.imports.create(upload, order, kit).id
        upload.close()
        self.run_imports()

    def import_id(self, name: str) -> str:
        """An import's id; of what is not in this world, one that nothing has."""
        known = {f"import {number}": key for number, key in enumerate(self.imports)}
        if self.hidden_import:
            known["hidden"] = self.hidden_import
        return known.get(name, "f" * 32)

    def id(self, kind: str, name: str) -> int:
        """The id behind a name; of what is not in this world, one that nothing has."""
        found = self._ids.get((kind, name))
        if found is None:
            found = 10**9 + zlib.crc32(name.encode())
            self._names[kind][found] = name
        return found

    def holds(self, kind: str, name: str) -> bool:
        """Whether there is something of this name."""
        return (kind, name) in self._ids

    def title(self, name: str) -> str | None:
        """That of a document, if it is in this world and not gone."""
        key = self._ids.get(("document", name))
        with self.services.database.read() as connection:
            held = documents.load(connection, [key] if key else [], OPERATOR)
        return held[key].title if key in held else None

    def name(self, kind: str, key: int) -> str:
        """The name behind an id, the same in both worlds."""
        return self._names[kind].get(key, f"unknown {kind} {key}")

    def look(self) -> None:
        """Learn the names of what is there now; what is gone keeps its own."""
        with self.services.database.read() as connection:
            held = documents.load_all(connection, OPERATOR)
            ids = {c.person_id for d in held.values() for c in d.contributions}
            ids |= set(people.listed(connection))
            for key, person in people.load(connection, ids).items():
                self._learn("person", key, (person.emails or (person.name,))[0].split("@")[0])
            for key, document in held.items():
                name = named(f"{document.source_key}/{document.external_id}", self)
                if key in self.made:
                    name = f"made {self.made.index(key)}"
                self._learn("document", key, name)
            model = self.services.embedder.identity
            for passage, _ in passages.of_documents(connection, list(held), model):
                owner = self.name("document", passage.document_id)
                self._learn("passage", passage.id, f"{owner} {passage.ordinal}")

    def _learn(self, kind: str, key: int, name: str) -> None:
        self._names[kind][key] = name
        self._ids[kind, name] = key


def linked(document: SourceDocument) -> SourceDocument:
    """It links to a readable document, to hidden ones and to none, and has a file attached."""
    names = ("r1", "no", *(f"s{number}" for number in range(len(SECRET))))
    links = tuple(Link(f"{name}.md", name) for name in names)
    return replace(
        document,
        links=links,
        attachments=(embedded(f"of {document.external_id}".encode(), "plan.png", "plan.png"),),
    )


@contextmanager
def undisturbed() -> Iterator[None]:
    """No thread writes down what was noted, which it would do in one world sooner: only
    ``World.pass_time`` does."""
    with patch.object(later, "EVERY_S", 3600.0), patch.object(queries, "EVERY_S", 3600.0):
        yield


@contextmanager
def two_worlds(directory: Path, seed: int) -> Iterator[tuple[World, World]]:
    """The world with the hidden documents, and the one without."""
    chance = random.Random(seed)
    shown = readable(chance)
    secret = [linked(document) for document in hidden(chance, shown)]
    shown = [linked(document) for document in shown]
    mixed = [*shown, *secret]
    chance.shuffle(mixed)
    # First of all, so that its spelling is the one that the people's table keeps.
    # And last what tells another address of him, who is known by then.
    mixed.sort(
        key=lambda document: (
            DAN_IN_SECRET not in document.contributors,
            DAN_ELSEWHERE in document.contributors,
        )
    )
    with ExitStack() as stack:
        stack.enter_context(undisturbed())
        # Which few of many are shown is a matter of order, so all are: quotes, of which merged
        # people have more, and what a text under way is like.
        for module, name in (
            (present, "QUOTES"),
            (advice, "SHOWN"),
            (advice, "NEIGHBOURS"),
            (advice, "MOST_TAGS"),
            (asking, "SHOWN"),
        ):
            stack.enter_context(patch.object(module, name, 50))
        made = []
        for name, held in (("with", mixed), ("without", [d for d in mixed if d not in secret])):
            services = wired(settings(directory / name), now=(clock := Clock()))
            stack.callback(services.close)
            put = services.directory.put
            put(Profile("Ada Field", "ada@example.org", team="Platform", title="Engineer"))
            handles = tuple((source, "ben") for source in SOURCES + SECRET_SOURCES)
            put(Profile("Ben Osei", "ben@example.org", handles=handles, team="Data"))
            put(Profile("Cleo Marsh", "cleo@example.org"))
            put(Profile("Kit Locke", "kit@example.org", team="Board", groups=("vault",)))
            # One says what a hidden word means, and one leads to a hidden word.
            services.jargon.add("zanzibar", "ledger", both=True)
            services.jargon.add("canary", "porphyry")
            outcomes = list(services.capture.ingest(held, Terms(speakers_consented=True)))
            assert not [o for o in outcomes if o.reason]
            app = create_app(services, ServeDoor(services))
            client = stack.enter_context(
                TestClient(app, raise_server_exceptions=False, follow_redirects=False)
            )
            services.topics.refresh()
            made.append(World(services, client, clock))
            made[-1].look()
        made[0].hide_import()
        made[0].look()
        yield made[0], made[1]


_PLACES = (
    (re.compile(r"((?:for|id|name)=\"to-document-)(\d+)"), "document"),
    (re.compile(r"(/documents/|[?&;]document=|%2Fdocuments%2F)(\d+)"), "document"),
    (re.compile(r"(name=\"document(?:_id)?\" value=\"|/me/evidence/)(\d+)"), "document"),
    (re.compile(r"(name=\"passage\" value=\")(\d+)"), "passage"),
    (re.compile(r"(name=\"person_id\" value=\")(\d+)"), "person"),
    (
        re.compile(
            r"(/people/|[?&;](?:author|person)=|person:|/ask\?to=|name=\"to\" value=\")(\d+)"
        ),
        "person",
    ),
    (re.compile(r"(name=\"(?:author|wrong_person|came)\" value=\"|data-asker=\")(\d+)"), "person"),
    (re.compile(r"(name=\"(?:(?:not_)?helpful|outdated)\" value=\")(\d+)"), "passage"),
    (re.compile(r"(name=\"(?:kept|gone|one|other|person)\" value=\")(\d+)"), "person"),
    (re.compile(r"((?:\bkept|\bgone|3Fkept|26gone)(?:=|%3D))(\d+)"), "person"),
    (re.compile(r"(\bnumber )(\d+)"), "person"),
    (re.compile(r"(data-here=\"edit-)(\d+)"), "document"),
    (re.compile(r"(passage=|#p|id=\"p)(\d+)"), "passage"),
    (re.compile(r"(\"document_id\": ?)(\d+)"), "document"),
    # The last column of an import's table.
    (re.compile(r"(^\"(?:input|loss)\",.*,\")(\d+)(?=\"\r?$)", re.MULTILINE), "document"),
)
# Keys of sites, and the name of a form that makes something once.
_DRAWN = re.compile(r"wks_[\w-]{43}|(?<=name=\"key\" value=\")[0-9a-f]{32}")
# Written by a thread when it has time.
_USED = re.compile(r"never used|last used (?:</span>)?<time.*?</time>")
_CURSOR = re.compile(r"(cursor=)[A-Za-z0-9_-]+")
# Names that searches and versions of documents draw.
_QUERY = re.compile(
    r"((?:query=|name=\"(?:query(?:_id)?|(?:base_)?version)\" value=\"))[0-9a-f]{32}"
)
# The best answer, from where on they are loosely related, the first quote; a colour by an id; where
# an answer stands, for the order may shift.
_ORNAMENT = re.compile(r" class=\"(?:best|loose|further)\"| tone-\d|&amp;place=\d+(?=&amp;for=)")
# Beside answers a page shows the first quote of each person, and only the first three people where
# nobody is confirmed to know; the interface shows all.
_FIRST_QUOTE = re.compile(r"<ul class=\"evidence\">.*?</ul>", re.DOTALL)
_FIRST_PEOPLE = re.compile(r"(You could ask those who come closest:</p>).*?</section>", re.DOTALL)
# Two who share a passage: whoever comes first is quoted.
_AGAIN = re.compile(r"(?<=<span class=\"cite\">)Also | \(quoted above\)(?=</span>)")
# How often somebody was shown rests on what others read: docs/security.md.
_SHOWN = re.compile(r'<section class="panel" id="shown".*?</section>', re.DOTALL)
_FOR_PEOPLE = '<div class="results who">'


def named(text: str, world: World) -> str:
    """A text with its ids as names and without what is of one world by chance."""
    for pattern, kind in _PLACES:
        text = pattern.sub(lambda m, k=kind: f"{m[1]}<{world.name(k, int(m[2]))}>", text)
    for secret in world.tokens.values():
        text = text.replace(secret, "<token>")
    for secret in world.sessions.values():
        text = text.replace(csrf.token_of(secret), "<csrf>")
    text = _USED.sub("<used>", _DRAWN.sub("<drawn>", text.replace(world.link, "<link>")))
    for number, key in enumerate(world.imports):
        text = text.replace(key, f"<import {number}>")
    text = text if _FOR_PEOPLE in text else _FIRST_QUOTE.sub("", text)
    text = _AGAIN.sub("", _SHOWN.sub("", text))
    text = _QUERY.sub(r"\1<query>", _FIRST_PEOPLE.sub(r"\1", text))
    return _ORNAMENT.sub("", _CURSOR.sub(r"\1<cursor>", text))

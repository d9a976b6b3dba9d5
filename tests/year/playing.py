"""A year, played through the real interface: every act is a request of whoever acts."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import select

from api.app import create_app
from api.routes import V1
from api.services import Services
from knowledge.learning_settings import AskSettings
from knowledge.people import Profile
from knowledge.store.question_tables import question_people
from tests.api.routes.support import TrustingDoor
from tests.builders import disable, settings, wired
from tests.year import acts
from tests.year.acts import BEGIN, Year, first_of, month_of
from tests.year.facts import Asked, Facts, Felt, Held, Opened, Searched, Written
from tests.year.words import sentence

# Twice, after so long without an answer, those who ask look whether somebody else was asked.
_PATIENCE = timedelta(days=4)
_ROUNDS = 3
_ADMIN = "search capture import admin"


class Clock:
    """A time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True)
class Played:
    """An installation in which a year is played. ``ids``: the ids of people by their numbers;
    ``published``: when which month was."""

    year: Year
    services: Services
    client: TestClient
    clock: Clock
    facts: Facts = field(default_factory=Facts)
    ids: dict[int, int] = field(default_factory=dict)
    published: dict[int, datetime] = field(default_factory=dict)
    _due: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _count: Iterator[int] = field(default_factory=itertools.count)

    def call(
        self,
        method: str,
        path: str,
        who: int,
        *,
        admin: bool = False,
        expect: int = 2,
        **given: Any,
    ) -> Any:
        """A request of somebody to the interface; its answer. ``expect``: its status's hundred."""
        answer = self.raw(method, f"{V1}{path}", who, admin=admin, **given)
        assert answer.status_code // 100 == expect, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None

    def raw(self, method: str, path: str, who: int, *, admin: bool = False, **given: Any) -> Any:
        """The same of any address, whatever comes."""
        headers = dict(given.pop("headers", {})) | {"As": self.year.company.people[who].email}
        if admin:
            headers["Scopes"] = _ADMIN
        return self.client.request(method, path, headers=headers, **given)

    def at(self, when: datetime, what: Callable[[], None]) -> None:
        """Let something happen at a time; what is due at the same time, in the order of this."""
        heapq.heappush(self._due, (when, next(self._count), what))

    def play(self, until: datetime | None = None) -> None:
        """Everything that is due until a time, or everything."""
        while self._due and (until is None or self._due[0][0] < until):
            when, _, what = heapq.heappop(self._due)
            self.pass_to(when)
            what()
        if until is not None:
            self.pass_to(until)
        self.services.queries.flush()

    def pass_to(self, when: datetime) -> None:
        """Let time pass; what waits to be written is written on its day."""
        if when.date() != self.clock.now.date():
            self.services.queries.flush()
            self.services.later.flush()
        self.clock.now = max(when, self.clock.now)

    def number(self, person_id: int) -> int:
        """Whose id it is."""
        return next(number for number, one in self.ids.items() if one == person_id)

    def put(self, number: int, team: str) -> None:
        """What the directory says of somebody from now on."""
        one = self.year.company.people[number]
        self.ids[number] = self.services.directory.put(Profile(one.name, one.email, team=team))
        self.facts.teams.setdefault(number, []).append((self.clock.now, team))

    def act(self, act: acts.Act) -> None:
        """What somebody does."""
        getattr(self, f"_{type(act).__name__.lower()}")(act)

    def _join(self, act: acts.Join) -> None:
        self.put(act.who, self.year.company.people[act.who].team)

    def _move(self, act: acts.Move) -> None:
        self.put(act.who, act.team)

    def _leave(self, act: acts.Leave) -> None:
        disable(self.services, self.ids[act.who])
        self.facts.teams[act.who].append((self.clock.now, None))

    def _search(self, act: acts.Search) -> None:
        told = self.call("GET", "/search", act.who, params={"q": act.text})
        answers, verdict = told["answers"], None
        if act.verdict is not None and answers:
            verdict = act.verdict
            said = "helpful" if verdict else "not_helpful"
            judged = {"passage_id": answers[0]["passage_id"], "verdict": said}
            self.call("POST", "/feedback", act.who, json=judged | {"query_id": told["query_id"]})
        self.facts.searched.append(
            Searched(
                self.clock.now,
                act.who,
                act.text,
                act.found,
                len(answers),
                told["confident"],
                verdict,
            )
        )

    def _read(self, act: acts.Read) -> None:
        there = self.facts.written
        if act.search is None:
            if there:
                self._open_and_again(act, there[int(act.place * len(there))].document, None, "")
            return
        told = self.call("GET", "/search", act.who, params={"q": act.search})
        answers = told["answers"]
        self.facts.searched.append(
            Searched(
                self.clock.now, act.who, act.search, True, len(answers), told["confident"], None
            )
        )
        if answers:
            place = int(act.place * min(4, len(answers)))
            document = answers[place]["document"]["id"]
            self._open_and_again(act, document, place + 1, told["query_id"])

    def _open_and_again(self, act: acts.Read, document: int, place: int | None, query: str) -> None:
        self.open(act.who, document, place, query)
        for when in act.again:
            self.at(when, lambda: self._once_more(act.who, document))

    def _once_more(self, who: int, document: int) -> None:
        if self.facts.team_at(who, self.clock.now) is not None:
            self.open(who, document, None, "")

    def open(self, who: int, document: int, place: int | None, query: str) -> None:
        """Somebody opens a document, from an answer or not."""
        if place is None:
            self.call("GET", f"/documents/{document}", who)
        else:
            page = self.raw("GET", f"/documents/{document}?query={query}&place={place}", who)
            assert page.status_code == 200, page.text
        self.facts.opened.append(Opened(self.clock.now, who, document, place))

    def _write(self, act: acts.Write) -> None:
        given = {"title": act.title, "body": act.body, "kind": "note", "tags": list(act.tags)}
        made = self.call("POST", "/documents", act.who, json=given)
        now, document = self.clock.now, made["id"]
        self.facts.written.append(Written(now, now, act.who, document, act.tags))
        if act.verified:
            self.call("PUT", f"/documents/{document}/currency", act.who, json={"state": "verified"})
            self.facts.verified.append((now, document))

    def _ask(self, act: acts.Ask) -> None:
        given = {"title": act.title, "anonymous": act.anonymous}
        answer = self.raw("POST", f"{V1}/questions", act.who, json=given)
        if answer.status_code in (409, 422):  # they ask it already, or nobody is known to know it
            return
        assert answer.status_code == 201, answer.text
        question = answer.json()["id"]
        asked = Asked(self.clock.now, act.who, question, act.title, act.area, act.anonymous)
        self.facts.asked.append(asked)
        self._turn(asked, 1)
        asked.first = tuple(asked.asked)

    def _turn(self, asked: Asked, turn: int) -> None:
        """Whoever was asked since answers, if they know; when nobody does, whoever asks looks again
        some days later."""
        if turn > 1:
            self.call("GET", f"/questions/{asked.question}", asked.who)
        with self.services.database.read() as connection:
            columns = question_people.c
            query = select(columns.person_id, columns.quality, columns.asked_at)
            rows = connection.execute(query.where(columns.question_id == asked.question)).all()
        number = {one: key for key, one in self.ids.items()}
        asked.likely = {number[row.person_id]: row.quality for row in rows}
        new = sorted(number[row.person_id] for row in rows if row.asked_at is not None)
        new = [one for one in new if one not in asked.asked]
        asked.asked.extend(new)
        for one in new:
            knows = self.year.company.people[one].knows.get(asked.area, 0.0)
            chance = random.Random(f"{asked.title} {asked.at:%m-%d %H:%M:%S} {one}")
            if chance.random() < knows:
                when = self.clock.now + timedelta(minutes=chance.randint(10, 60 * 30))
                self.at(when, lambda one=one, chance=chance: self._answer(asked, one, chance))
        if turn < _ROUNDS:
            self.at(self.clock.now + _PATIENCE, lambda: self._turn_again(asked, turn + 1))

    def _turn_again(self, asked: Asked, turn: int) -> None:
        if asked.taken is None:
            self._turn(asked, turn)

    def _answer(self, asked: Asked, who: int, chance: random.Random) -> None:
        if asked.taken is not None or self.facts.team_at(who, self.clock.now) is None:
            return
        path = f"/questions/{asked.question}"
        body = " ".join(sentence(chance, asked.area) for _ in range(2))
        self.call("POST", f"{path}/answers", who, json={"body": body})
        asked.answers.append((self.clock.now, who))
        if len(asked.answers) == 1:
            when = self.clock.now + timedelta(hours=chance.randint(1, 20))
            self.at(when, lambda: self._accept(asked))

    def _accept(self, asked: Asked) -> None:
        path = f"/questions/{asked.question}"
        answers = self.call("GET", path, asked.who)["answers"]
        said_at, first = asked.answers[0]
        mine = next(one for one in answers if one["person"]["id"] == self.ids[first])
        made = self.call("POST", f"{path}/accept", asked.who, json={"answer_id": mine["id"]})
        asked.taken = (self.clock.now, first)
        self.facts.written.append(
            Written(self.clock.now, said_at, first, made["document_id"], thread=True)
        )

    def _session(self, act: acts.Session) -> None:
        starts = self.clock.now + timedelta(days=2)
        given = {"title": act.title, "starts_at": starts.isoformat(), "minutes": 60}
        meeting = self.call("POST", "/meetings", act.who, json=given)["id"]
        for one in act.joined:
            self.call("POST", f"/meetings/{meeting}/join", one)
        self.at(starts + timedelta(hours=2), lambda: self._held(act, meeting, starts))

    def _held(self, act: acts.Session, meeting: int, starts: datetime) -> None:
        path = f"/meetings/{meeting}"
        came = [self.ids[one] for one in act.came]
        self.call("POST", f"{path}/attendance", act.who, json={"came": came})
        for said in act.opinions:
            taps = dict(zip(("useful", "relevant", "engaging"), said.taps, strict=True))
            self.call("POST", f"{path}/poll", said.who, json=taps)
        told = tuple(said.taps for said in act.opinions)
        self.facts.held.append(
            Held(starts, self.clock.now, meeting, act.who, act.joined, act.came, told)
        )

    def _comfort(self, act: acts.Comfort) -> None:
        told = dict(zip(("asking", "mistakes", "sharing", "time"), act.scores, strict=True))
        self.call("POST", "/comfort", act.who, json=told)
        self.facts.felt.append(Felt(self.clock.now, act.who, act.scores))

    def duty(self) -> None:
        """What the worker does every day."""
        self.services.queries.flush()
        self.services.later.flush()
        self.services.publishing.tally()
        for month in self.services.publishing.publish():
            self.published[int(month[5:])] = self.clock.now


@contextmanager
def playing(data: Path, year: Year) -> Iterator[Played]:
    """An installation with everybody who is there in the beginning, and all acts to come."""
    clock = Clock()
    # To the embedder of the tests questions of one form are alike; here only those of equal words.
    chosen = replace(settings(data), ask=AskSettings(alike=1.0))
    services = wired(chosen, now=clock)
    try:
        app = create_app(services, TrustingDoor(services))
        with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
            played = Played(year, services, client, clock)
            later = {act.who for act in year.acts if isinstance(act, acts.Join)}
            for one in year.company.people:
                if one.number not in later:
                    played.put(one.number, one.team)
            for act in year.acts:
                played.at(act.at, lambda act=act: played.act(act))
            for month in range(1, year.months + 1):
                played.at(first_of(month + 1), services.topics.refresh)
            for day in range(1, (first_of(year.months + 1) - BEGIN).days + 9):
                played.at(BEGIN + timedelta(days=day, hours=3), played.duty)
            yield played
    finally:
        services.close()


__all__ = ["Played", "month_of", "playing"]

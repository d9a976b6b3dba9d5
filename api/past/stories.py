"""What is told of the past one by one: what people wrote, asked, held and decided."""

from __future__ import annotations

import random
from datetime import timedelta
from functools import partial

from api.past.cast import Cast, note
from api.past.telling import Decision, Goal, Intervention, Note, Past, Question, Session
from api.past.time import Agenda
from api.services import Services
from knowledge.asking import Asking
from knowledge.currency import Verdict
from knowledge.measures.aims import GivenGoal, GivenIntervention
from knowledge.measures.kinds import COMPANY, team
from knowledge.meeting import Plan
from knowledge.polls import Opinion, Tap
from knowledge.reviews import Plan as Decided

_TAPS = {"y": Tap.YES, "p": Tap.PARTLY, "n": Tap.NO}
_ACCEPTED = timedelta(hours=3)
_ANNOUNCED = timedelta(days=6)
_HOUR = timedelta(hours=1)


class Stories:
    """Each is put on the agenda; what follows from one is put there when that was done."""

    def __init__(self, services: Services, agenda: Agenda, cast: Cast, told: Past) -> None:
        self._services = services
        self._agenda = agenda
        self._cast = cast
        self._told = told

    def plan(self) -> None:
        """Put everything on the agenda."""
        agenda, told = self._agenda, self._told
        for written in told.notes:
            agenda.at(agenda.day(*written.at), written.title, partial(self._write, written))
        for asked in told.questions:
            agenda.at(agenda.day(*asked.at, 10), asked.ask, partial(self._ask, asked))
        for held in told.sessions:
            when = agenda.day(*held.at, 11) - _ANNOUNCED
            agenda.at(when, held.title, partial(self._announce, held))
        self._plan_care()
        for goal in told.goals:
            when = agenda.published(goal.month)
            agenda.at(when, f"a goal of {goal.measure}", partial(self._aim, goal))
        for tried in told.interventions:
            when = agenda.published(tried.month)
            agenda.at(when, tried.name, partial(self._try, tried))
        for decided in told.decisions:
            when = agenda.published(decided.month)
            agenda.at(when, decided.text, partial(self._decide, decided))

    def _plan_care(self) -> None:
        agenda, cast, services = self._agenda, self._cast, self._services

        def verify(by: str, title: str) -> None:
            document, standing = cast.document_id(title), cast.standing(by)
            services.keeping.judge(document, Verdict.VERIFIED, cast.editor(by), standing)

        def doubt(by: str, title: str, why: str) -> None:
            services.keeping.doubt(cast.document_id(title), cast.principal(by), why)

        def pass_on(by: str, title: str, to: str) -> None:
            services.care.pass_on(cast.document_id(title), cast.person_id(to), cast.editor(by))

        def choose(by: str, title: str, why: str) -> None:
            document, standing = cast.document_id(title), cast.standing(by)
            services.gallery.choose(document, why, cast.editor(by), standing)

        for one in self._told.verified:
            agenda.at(agenda.day(*one.at, 14), one.title, partial(verify, one.by, one.title))
        for one in self._told.doubts:
            deed = partial(doubt, one.by, one.title, one.why)
            agenda.at(agenda.day(*one.at, 14), one.title, deed)
        for one in self._told.passed_on:
            deed = partial(pass_on, one.by, one.title, one.to)
            agenda.at(agenda.day(*one.at, 14), one.title, deed)
        for one in self._told.examples:
            deed = partial(choose, one.by, one.title, one.why)
            agenda.at(agenda.day(*one.at, 15), one.title, deed)
        for gone in self._told.left:
            agenda.at(agenda.day(*gone.at, 17), gone.who, partial(cast.leave, gone.who))

    def _write(self, told: Note) -> None:
        draft = note(told.title, told.thing, told.why, told.tags)
        editor = self._cast.editor(told.by)
        made = self._services.editing.create(draft, editor)
        if told.review is not None:
            self._services.care.review(made, None, told.review, editor)

    def _ask(self, told: Question) -> None:
        # From their colleague's page, so that nobody is looked for.
        given = Asking(told.ask, to=self._cast.person_id(told.to))
        made = self._services.questions.create(given, self._cast.principal(told.by), ())
        when = self._agenda.clock() + timedelta(hours=told.hours)
        self._agenda.at(when, told.answer, partial(self._answer, told, made))

    def _answer(self, told: Question, made: int) -> None:
        self._services.questions.answer(made, told.answer, self._cast.principal(told.to))
        if told.taken:
            when = self._agenda.clock() + _ACCEPTED
            self._agenda.at(when, f"{told.by} takes an answer", partial(self._accept, told, made))

    def _accept(self, told: Question, made: int) -> None:
        asker = self._cast.principal(told.by)
        (answer,) = self._services.questions.show(made, asker).answers
        self._services.questions.accept(made, answer.id, asker)

    def _announce(self, told: Session) -> None:
        starts = self._agenda.clock() + _ANNOUNCED
        plan = Plan(told.title, told.kind, starts_at=starts)
        made = self._services.meetings.create(plan, self._cast.principal(told.host))
        joined = self._cast.some(random.Random(told.title), told.joined, but=[told.host])
        for name in joined:
            self._services.meetings.join(made, self._cast.principal(name))
        came = joined[: told.came]
        self._agenda.at(starts + 2 * _HOUR, told.title, partial(self._hold, told, made, came))

    def _hold(self, told: Session, made: int, came: list[str]) -> None:
        host = self._cast.principal(told.host)
        self._services.meetings.attended(made, [self._cast.person_id(one) for one in came], host)
        for number, (name, said) in enumerate(zip(came, told.said, strict=False)):
            useful, relevant, engaging = (_TAPS[letter] for letter in said)
            line = told.lines[number] if number < len(told.lines) else ""
            opinion = Opinion(useful, relevant, engaging, line)
            self._services.polls.answer(made, opinion, self._cast.principal(name))

    def _aim(self, told: Goal) -> None:
        given = GivenGoal(told.measure, COMPANY, told.target, self._agenda.month(told.due))
        asker, standing = self._cast.principal(told.by), self._cast.standing(told.by)
        self._services.goals.create(given, asker, standing)

    def _try(self, told: Intervention) -> None:
        teams = tuple(team(one) for one in told.teams)
        start = self._agenda.month(told.start)
        given = GivenIntervention(told.name, told.measure, start, teams)
        asker, standing = self._cast.principal(told.by), self._cast.standing(told.by)
        self._services.interventions.create(given, asker, standing)

    def _decide(self, told: Decision) -> None:
        asker, standing = self._cast.principal(told.by), self._cast.standing(told.by)
        month, again = self._agenda.month(told.month), self._agenda.month(told.again)
        partition = COMPANY if told.team is None else team(told.team)
        decided = Decided(told.text, again, told.measure, partition)
        made = self._services.reviews.decide(month, decided, asker, standing)
        if told.outcome:
            deed = partial(self._services.reviews.look, made, told.outcome, standing)
            self._agenda.at(self._agenda.published(told.again), told.outcome, deed)

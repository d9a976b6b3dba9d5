"""What happened in the last days of the past, and waits for somebody."""

from __future__ import annotations

import random
from datetime import timedelta
from functools import partial

from api.asking import looked_up
from api.past.cast import Cast, note
from api.past.telling import Draft, Lately, Milestone, Missed, Planned, Waiting, Wanted
from api.past.time import Agenda
from api.services import Services
from indexer.search.results import Request
from knowledge.asking import Asking
from knowledge.drafting import Form
from knowledge.meeting import Plan

_MORNING = 9


class Recent:
    """Counted back from now."""

    def __init__(self, services: Services, agenda: Agenda, cast: Cast, told: Lately) -> None:
        self._services = services
        self._agenda = agenda
        self._cast = cast
        self._told = told

    def plan(self) -> None:
        """Put everything on the agenda."""
        agenda, told = self._agenda, self._told
        agenda.at(agenda.ago(told.missed.days), "people miss", partial(self._miss, told.missed))
        for asked in told.questions:
            agenda.at(agenda.ago(asked.days), asked.ask, partial(self._ask, asked))
        for offer in told.offers:
            whose = self._cast.person_id(offer.by)
            deed = partial(self._services.offers.add, whose, offer.kind, offer.topic)
            agenda.at(agenda.ago(offer.days), f"{offer.by} on {offer.topic}", deed)
        for wanted in told.wanted:
            agenda.at(agenda.ago(wanted.days), wanted.title, partial(self._want, wanted))
        for planned in told.planned:
            agenda.at(agenda.ago(planned.days), planned.title, partial(self._announce, planned))
        agenda.at(agenda.ago(told.draft.days), told.draft.title, partial(self._draft, told.draft))
        mine = told.milestone
        agenda.at(agenda.ago(mine.days), f"what {mine.by} aims at", partial(self._aim, mine))

    def _miss(self, told: Missed) -> None:
        for name in self._cast.some(random.Random(told.text), told.people):
            self._services.search(Request(told.text), self._cast.principal(name))
        # As if whoever looks after gaps had looked then.
        self._services.queries.flush()
        self._services.gap_finder.look()

    def _ask(self, told: Waiting) -> None:
        asker = self._cast.principal(told.by)
        words = f"{told.ask} {told.body}"
        known = looked_up(self._services, words, asker, told.anonymous).candidates
        to = self._cast.person_id(told.to)
        given = Asking(told.ask, told.body, anonymous=told.anonymous, to=to)
        self._services.questions.create(given, asker, known)

    def _want(self, told: Wanted) -> None:
        asker = self._cast.principal(told.by)
        self._services.meetings.create(Plan(told.title, told.kind), asker)

    def _announce(self, told: Planned) -> None:
        day = self._agenda.clock().replace(hour=_MORNING, minute=0, second=0, microsecond=0)
        plan = Plan(told.title, told.kind, starts_at=day + timedelta(days=told.begins))
        made = self._services.meetings.create(plan, self._cast.principal(told.host))
        for name in self._cast.some(random.Random(told.title), told.joined, but=[told.host]):
            self._services.meetings.join(made, self._cast.principal(name))

    def _draft(self, told: Draft) -> None:
        author = self._cast.principal(told.by)
        draft = note(told.title, told.thing, told.why)
        kept = self._services.drafting.create(Form.NOTE, draft, author)
        self._services.reviewing.ask(kept.id, self._cast.person_id(told.to), told.wish, author)

    def _aim(self, told: Milestone) -> None:
        due = self._agenda.clock().date() + timedelta(days=told.within)
        asker = self._cast.principal(told.by)
        self._services.milestones.add(asker, told.deed, told.number, due)

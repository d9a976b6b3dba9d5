"""The use cases of knowledge, made of settings: what needs neither a model nor an index."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property

from knowledge.accounts import Accounts
from knowledge.apart import Budget
from knowledge.archived import Archived
from knowledge.archives import MB
from knowledge.audit import Journal
from knowledge.care import Care
from knowledge.comforting import Comforting
from knowledge.currency import Ageing, Keeping
from knowledge.denials import Denials
from knowledge.disputes import Disputes
from knowledge.feedback import Opinions
from knowledge.gallery import Gallery
from knowledge.gaps import Gaps
from knowledge.guides import Guides
from knowledge.handover import HandOver
from knowledge.identities import Identities, Trust
from knowledge.imports import Imports
from knowledge.later import Later
from knowledge.levels import Levels
from knowledge.linking import Files
from knowledge.mail_choices import MailChoices
from knowledge.measures.goals import Goals
from knowledge.measures.interventions import Interventions
from knowledge.measures.readings import Readings
from knowledge.measures.telling import Measures
from knowledge.meetings import Meetings
from knowledge.merging import Merging
from knowledge.milestones import Milestones
from knowledge.offers import Offers
from knowledge.outbox import Outbox
from knowledge.people import Directory
from knowledge.privacy import Privacy
from knowledge.profiles import Profiles
from knowledge.queries import QueryLog
from knowledge.rehearsing import Rehearsals
from knowledge.reporting import Reports
from knowledge.reviewing import Reviewing
from knowledge.reviews import Reviews
from knowledge.revising import Revising
from knowledge.roles import Roles
from knowledge.sessions import Lifetimes, Sessions
from knowledge.settings import Settings
from knowledge.sites import Sites
from knowledge.sources import Sources
from knowledge.speakers import Speakers
from knowledge.steps import Paths
from knowledge.store.database import Database
from knowledge.synonyms import Jargon
from knowledge.takeout import Takeout
from knowledge.teaching_time import TeachingTime
from knowledge.tokens import Tokens
from knowledge.topics import Stewardship
from knowledge.wishes import Wishes


class UseCases:
    """Each is made when first used."""

    def __init__(
        self, settings: Settings, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """``now``: the clock."""
        self.settings = settings
        self._now = now

    @cached_property
    def database(self) -> Database:
        """The truth. Raises DataUnavailable or SchemaTooNew."""
        return Database(self.settings.storage)

    @cached_property
    def files(self) -> Files:
        """What belongs to documents."""
        return Files(self.database)

    @cached_property
    def queries(self) -> QueryLog:
        """What was searched for, by whom only as a pseudonym; and how often people were shown."""
        days = self.settings.serve.query_log_days
        shown_days = self.settings.privacy.appearance_days
        return QueryLog(self.database, days, self._now, shown_days)

    @cached_property
    def opinions(self) -> Opinions:
        """What people say of the answers they got."""
        return Opinions(self.database, self.queries, self._now)

    @cached_property
    def archived(self) -> Archived:
        """What its sources no longer hold."""
        return Archived(self.database, self._now)

    @cached_property
    def jargon(self) -> Jargon:
        """What administrators say that terms mean."""
        return Jargon(self.database, self._now)

    @cached_property
    def directory(self) -> Directory:
        """Everything that writes people."""
        return Directory(self.database)

    @cached_property
    def profiles(self) -> Profiles:
        """Everybody's pages."""
        return Profiles(self.database, self.settings.privacy, self._now)

    @cached_property
    def privacy(self) -> Privacy:
        """What people decide about themselves."""
        return Privacy(self.database, self.settings.privacy, self._now)

    @cached_property
    def keeping(self) -> Keeping:
        """Whether documents still hold."""
        return Keeping(self.database, Ageing.of(self.settings.search), self._now)

    @cached_property
    def care(self) -> Care:
        """Who looks after documents, and when."""
        return Care(self.database, Ageing.of(self.settings.search), self._now)

    @cached_property
    def handing_over(self) -> HandOver:
        """What people give to others when they leave."""
        chosen = self.settings
        return HandOver(self.database, chosen.ask, chosen.privacy, self._now)

    @cached_property
    def disputes(self) -> Disputes:
        """What people dispute about themselves."""
        return Disputes(self.database, self._now)

    @cached_property
    def offers(self) -> Offers:
        """What people would teach and want to learn."""
        return Offers(self.database, self._now)

    @cached_property
    def gaps(self) -> Gaps:
        """What people searched for and did not find."""
        return Gaps(self.database, self._now)

    @cached_property
    def wishes(self) -> Wishes:
        """What people want to be told of when it can be answered."""
        return Wishes(self.database, self._now)

    @cached_property
    def meetings(self) -> Meetings:
        """Sessions in which people learn from each other."""
        return Meetings(self.database, self._now)

    @cached_property
    def guides(self) -> Guides:
        """How to teach, and what to begin with."""
        return Guides(self.database, self._now)

    @cached_property
    def gallery(self) -> Gallery:
        """Documents to learn writing from."""
        return Gallery(self.database, self._now)

    @cached_property
    def reviewing(self) -> Reviewing:
        """Looks at drafts that their authors ask for."""
        given = self.settings
        return Reviewing(self.database, given.ask, given.privacy, self._now)

    @cached_property
    def paths(self) -> Paths:
        """What to read before documents, and what after."""
        return Paths(self.database)

    @cached_property
    def levels(self) -> Levels:
        """For whom readers want what they read to be written."""
        return Levels(self.database)

    @cached_property
    def milestones(self) -> Milestones:
        """What people set themselves."""
        return Milestones(self.database, self._now)

    @cached_property
    def teaching_time(self) -> TeachingTime:
        """How long people teach, for each of themselves."""
        return TeachingTime(self.database, self._now)

    @cached_property
    def mail_choices(self) -> MailChoices:
        """How soon people want to be told of what by mail."""
        return MailChoices(self.database)

    @cached_property
    def outbox(self) -> Outbox:
        """What people are told by mail."""
        return Outbox(self.database, self.settings, self._now)

    @cached_property
    def stewardship(self) -> Stewardship:
        """What is decided about topics."""
        return Stewardship(self.database, self._now)

    @cached_property
    def measures(self) -> Measures:
        """What is told of whether learning from each other works."""
        return Measures(self.database)

    @cached_property
    def readings(self) -> Readings:
        """What notes who opens documents, until the month is published."""
        return Readings(self.later, self.settings.measures.reading, self._now)

    @cached_property
    def goals(self) -> Goals:
        """What measures should be."""
        return Goals(self.database, self._now)

    @cached_property
    def interventions(self) -> Interventions:
        """What was done so that measures move."""
        return Interventions(self.database, self._now)

    @cached_property
    def comforting(self) -> Comforting:
        """What asks everybody once a month how comfortable it is to ask and to share."""
        return Comforting(self.database, self._now)

    @cached_property
    def reviews(self) -> Reviews:
        """What is decided once a month, and looked at again."""
        return Reviews(self.database, self.measures, self._now)

    @cached_property
    def revising(self) -> Revising:
        """What documents were before."""
        return Revising(self.database)

    @cached_property
    def merging(self) -> Merging:
        """Who is one person, and who is not."""
        return Merging(self.database, self._now)

    @cached_property
    def speakers(self) -> Speakers:
        """Who speaks in transcripts."""
        return Speakers(self.database, self._now)

    @cached_property
    def imports(self) -> Imports:
        """Everything that concerns imports but running them."""
        return Imports(self.database, int(self.settings.serve.max_import_mb * MB), self._now)

    @cached_property
    def rehearsals(self) -> Rehearsals:
        """Dry runs that become imports."""
        return Rehearsals(self.database, self.imports, self._now)

    @cached_property
    def reports(self) -> Reports:
        """What became of the inputs of imports."""
        return Reports(self.database)

    @cached_property
    def sources(self) -> Sources:
        """Where documents come from."""
        return Sources(self.database)

    @cached_property
    def takeout(self) -> Takeout:
        """What hands out what is kept of somebody."""
        return Takeout(self.database, self._now)

    @property
    def budget(self) -> Budget:
        """What reading an export may cost."""
        chosen = self.settings.imports
        return Budget(chosen.memory_mb, chosen.cpu_s)

    @cached_property
    def tokens(self) -> Tokens:
        """Everything that makes, checks and withdraws access tokens."""
        return Tokens(self.database, self._now, self.later)

    @cached_property
    def sites(self) -> Sites:
        """Other sites that show the search."""
        return Sites(self.database, self._now, self.later)

    @cached_property
    def roles(self) -> Roles:
        """Who is what."""
        return Roles(self.database, self._now)

    @cached_property
    def later(self) -> Later:
        """What is noted when there is time."""
        return Later(self.database)

    @cached_property
    def denials(self) -> Denials:
        """What was refused to whom."""
        return Denials(self.later, self._now)

    @cached_property
    def journal(self) -> Journal:
        """What was done, by whom and when."""
        return Journal(self.database, self._now)

    @cached_property
    def sessions(self) -> Sessions:
        """Who is signed in with a browser."""
        return Sessions(self.database, Lifetimes.of(self.settings.auth), self._now, self.later)

    @cached_property
    def accounts(self) -> Accounts:
        """Who signs in with a password of their own, and who may not at all."""
        return Accounts(self.database, Lifetimes.of(self.settings.auth), self._now)

    @cached_property
    def identities(self) -> Identities:
        """Whom the company's provider means."""
        chosen = self.settings.auth
        lasts = timedelta(days=chosen.oidc_trust_days)
        trust = Trust(chosen.oidc_administrators, chosen.oidc_directory, lasts)
        return Identities(self.database, Lifetimes.of(chosen), trust, self._now)

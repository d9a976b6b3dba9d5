"""The use case: somebody says whether what a search gave was any good."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from knowledge import requests
from knowledge.asked import Feedback, Verdict
from knowledge.errors import InvalidInput, NotFound
from knowledge.queries import QueryLog
from knowledge.requests import Repeated, RequestKey
from knowledge.store import documents, feedback, passages, profiles
from knowledge.store.database import Database
from knowledge.types import Principal

# No more: a request has an owner, and who gave a verdict is not kept.
_MADE = "feedback"


class Opinions:
    """Everything that people say of results. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        queries: QueryLog,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._queries = queries
        self._now = now

    def add(self, given: Feedback, principal: Principal, key: RequestKey | None = None) -> None:
        """Keep a verdict; that of a repeated request is kept once.

        Raises NotFound for a query that is not kept, and for a passage, person or document that
        the asker may not see; InvalidInput for a verdict that does not fit what it is about.
        """
        about = (given.passage_id, given.person_id, given.document_id)
        if sum(key is not None for key in about) != 1:
            raise InvalidInput(
                "feedback is about one passage, one person or one document; name one of them"
            )
        if not given.query_id and given.document_id is None:
            raise InvalidInput("feedback on what a search gave names the search: query_id")
        if given.verdict is Verdict.WRONG_PERSON and given.person_id is None:
            raise InvalidInput("the verdict wrong_person is about a person; name the person")
        if given.query_id and not self._queries.known(given.query_id):
            raise NotFound("no such query; it may have been too long ago")
        with self._database.read() as connection:
            if given.person_id is not None:
                profiles.person(connection, given.person_id, principal)
            elif given.document_id is not None:
                documents.get(connection, given.document_id, principal)
            elif not passages.load(connection, [given.passage_id or 0], principal):
                raise NotFound("no such passage")
        now = self._now()
        try:
            with self._database.write() as connection:
                requests.begin(connection, key, now)
                feedback.add(connection, given, now)
                requests.remember(connection, key, _MADE, now)
        except Repeated:
            return

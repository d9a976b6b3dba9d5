"""The whole query path, top to bottom."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from indexer import spelling
from indexer.build import Index, View
from indexer.catalog import CatalogEntry
from indexer.protocols import Embedder
from indexer.search import confidence, experts, facets, present, standing
from indexer.search.candidates import Candidates, Question, Retrieval, best
from indexer.search.jargon import Expansion, expansions, words_of
from indexer.search.query import parse
from indexer.search.results import Request, SearchResult
from indexer.search.understanding import Known, narrowed, understand
from indexer.vocabulary import Scope
from knowledge import currency
from knowledge.errors import InvalidQuery
from knowledge.levels import level_of
from knowledge.settings import PeopleSettings, PrivacySettings, SearchSettings
from knowledge.store import (
    access,
    documents,
    passages,
    people,
    privacy,
    profiles,
    successors,
    synonyms,
)
from knowledge.store.database import Database
from knowledge.types import Document, Kind, Principal

SPOKEN_KIND = f"kind:{Kind.TRANSCRIPT.value}"


class Pipeline:
    """Answers and people for a query. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        index: Index,
        embedder: Embedder,
        search: SearchSettings,
        people_settings: PeopleSettings,
        privacy_settings: PrivacySettings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._index = index
        self._embedder = embedder
        self._settings = search
        self._people_settings = people_settings
        self._privacy = privacy_settings
        self._now = now
        self._retrieval = Retrieval(search, people_settings)

    def search(self, request: Request, principal: Principal) -> SearchResult:
        """Everything that one query gives this asker. Raises InvalidQuery."""
        asked = self.question(request, principal)
        with self._index.reading() as view:
            found = self._retrieval.candidates(view, asked, request.mode)
            entries = view.catalog.entries(found.owners.tolist())
        return self._hydrate(request, asked, principal, found, entries)

    def question(self, request: Request, principal: Principal) -> Question:
        """What a request means for this asker. Raises InvalidQuery."""
        parsed = parse(request.query, request.literal)
        with self._database.read() as connection:
            scope = access.allowed_audiences(connection, principal)
            insider = access.sees_directory(principal)
            taught = insider and not request.literal
            jargon = synonyms.all_of_them(connection) if taught else ()
        filters = replace(request.filters, audiences=scope)
        if not request.literal:
            with self._index.reading() as view:
                if request.spelling:
                    right = words_of(jargon)
                    parsed = parsed.corrected_by(
                        lambda text: spelling.correct(
                            text,
                            view.vocabulary,
                            scope,
                            lambda word: word in right or self._embedder.knows(word),
                        )
                    )
                parsed = understand(parsed, self._known(view, scope, principal))
                filters = narrowed(filters, parsed.understood)
                if filters.phrase and not view.lexical.matching(filters).size:
                    parsed = parsed.without_phrases()
                    filters = replace(filters, phrase=frozenset())
        if filters.team and not insider:
            raise InvalidQuery("teams are the directory's, which is for those who are signed in")
        more = expansions(parsed.topic, jargon, self._index.analyze)
        vector = self._embedder.embed([_embedded(parsed.topic, more)])[0]
        return Question(parsed, tuple(more), filters, vector)

    def _known(self, view: View, scope: Scope, principal: Principal) -> Known:
        def listed(name: str) -> list[int]:
            # The directory is for those who are signed in.
            if not access.sees_directory(principal):
                return []
            with self._database.read() as connection:
                return people.listed_as(connection, name)

        insider = access.sees_directory(principal)
        return Known(view.catalog, scope, listed, self._now().date(), insider)

    def _hydrate(
        self,
        request: Request,
        asked: Question,
        principal: Principal,
        found: Candidates,
        entries: dict[int, CatalogEntry],
    ) -> SearchResult:
        parsed, more = asked.parsed, asked.more
        retrieved = len(entries)
        with self._database.read() as connection:
            # SQL has the last word on who reads what: nothing below sees other documents.
            visible = documents.visible(connection, entries.keys(), principal)
            entries = {key: entry for key, entry in entries.items() if key in visible}
            places = [at for at, owner in enumerate(found.owners.tolist()) if owner in visible]
            inside = bool(request.filters.document)
            replaced = {} if inside else successors.readable(connection, visible, principal)
            # What was merged speaks for its makers where they read it now, and not twice.
            merged = {key for key, one in replaced.items() if one.merged}
            owners = found.owners.tolist()
            voting = [at for at in places if owners[at] not in merged]
            places = [at for at in places if owners[at] not in replaced]
            reader = level_of(connection, principal)
            words = self._index.analyze(parsed.topic)
            shown = (
                standing.passages(places)
                if inside
                else standing.documents(found, places, words, entries, self._settings, reader)
            )
            spoken = [at for at in voting if SPOKEN_KIND in entries[owners[at]].facets]
            speakers = passages.speakers(connection, found.ids[spoken].tolist())
            makers = {maker[0] for entry in entries.values() for maker in entry.makers}
            consent = privacy.consent(connection, self._privacy, makers, entries)
            ranked = experts.rank(
                found.evidence(voting, speakers),
                entries,
                consent,
                self._people_settings,
                self._settings.support,
                self._now(),
            )
            named = [
                one
                for at, one in enumerate(ranked)
                if at < request.people_limit or one.person_id in request.besides
            ]
            votes = [vote for candidate in named for vote in candidate.votes[: present.QUOTES]]
            near = [int(found.ids[at]) for at in found.nearest(places, confidence.NEAREST)]
            needed = {vote.passage_id for vote in votes}.union(near)
            texts = passages.load(connection, needed, principal)
            held: dict[int, Document] = {}
            end = request.offset + request.limit
            # A few more than asked for, since duplicates among them are folded; then more.
            size = end + present.SPARE
            while True:
                wanted = {int(found.ids[one.at]) for one in shown[:size]} - texts.keys()
                texts |= passages.load(connection, wanted, principal)
                owned = {passage.document_id for passage in texts.values()} - held.keys()
                held |= documents.load(connection, owned, principal)
                hits = list(standing.hits(found, shown[:size], texts, held))
                if not inside:
                    hits = present.fold_duplicates(hits)
                if len(hits) > end or size >= len(shown):
                    break
                size *= 2
            said = currency.load(
                connection,
                {hit.document.id: hit.document for hit in hits[request.offset : end]},
                principal,
                currency.Ageing.of(self._settings),
                self._now(),
            )
            known_as = people.load(connection, [candidate.person_id for candidate in named])
            persons = {
                key: profiles.without_directory(person, principal)
                for key, person in privacy.availability(known_as, principal, self._now()).items()
            }
        quoting = present.Quoting(_embedded(parsed.topic, more), self._index.analyze, texts, held)
        sure = confidence.Judge(parsed.topic, self._index.analyze, texts, found.searched)
        answers = tuple(
            replace(sure.judged(quoting.highlighted(hit)), currency=said[hit.document.id])
            for hit in hits[request.offset : end]
        )
        told = confidence.of_people(ranked, found.searched)
        knows = {key: confidence.KNOWS.of(signs) for key, signs in told.items()}
        likeliest = heapq.nlargest(present.AT_LEAST, (knows[one.person_id] for one in named))
        enough = min(self._people_settings.listed_from, *likeliest) if likeliest else 0.0
        people_hits = tuple(
            present.person_hit(
                one, persons[key], quoting, told[key], knows[key], self._people_settings
            )
            for one in named
            if (key := one.person_id) in persons
            and (knows[key] >= enough or key in request.besides)
        )
        # Of all and not of the first: the order may shift with what the asker may not read.
        signs = sure.answer(best(found.cosine[places]), near)
        answered = confidence.ANSWERED.of(signs)
        known = confidence.somebody(knows.values())
        return SearchResult(
            query=parsed.text,
            topic=parsed.topic,
            intent=parsed.intent,
            answers=answers,
            people=people_hits,
            answers_confident=answered >= self._settings.confident_from,
            people_confident=known >= self._people_settings.confident_from,
            facets=facets.count(
                facets.agreed({k: one for k, one in entries.items() if k not in replaced}, consent),
                () if access.sees_directory(principal) else ("team",),
            ),
            stages=(
                f"query: intent {parsed.intent.value}, topic {parsed.topic!r}"
                + "".join(f", {one.field} {one.value!r}" for one in parsed.understood)
                + "".join(f", no passage holds {phrase!r}" for phrase in parsed.missing)
                + "".join(f", {one.term!r} is {one.meaning!r}" for one in more),
                *found.stages,
                *([f"level: what is written for a {reader.value} gains"] if reader else ()),
                f"access: {len(entries)} of {retrieved} documents may be read",
                f"people: {len(ranked)} with evidence",
                f"confidence: an answer {answered:.2f} (confident from "
                f"{self._settings.confident_from:.2f}), somebody who knows {known:.2f} "
                f"(confirmed from {self._people_settings.confident_from:.2f})",
            ),
            corrected=parsed.corrected,
            understood=parsed.understood,
            missing=parsed.missing,
            more=len(hits) > end,
            answered=answered,
            known=known,
            signs=signs,
        )


def _embedded(topic: str, more: Sequence[Expansion]) -> str:
    return " ".join([topic, *(one.meaning for one in more)])

"""The whole query path, top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from indexer import spelling
from indexer.build import Index, View
from indexer.catalog import CatalogEntry
from indexer.protocols import Embedder, Filters, Ids, Scores
from indexer.search import experts, facets, fusion, present
from indexer.search.agreement import agreement
from indexer.search.jargon import Expansion, expansions, words_of
from indexer.search.query import ParsedQuery, parse
from indexer.search.results import Features, Mode, Request, SearchHit, SearchResult
from indexer.search.understanding import Known, narrowed, understand
from indexer.vocabulary import Scope
from knowledge.settings import PeopleSettings, SearchSettings
from knowledge.store import access, documents, passages, people, synonyms
from knowledge.store.database import Database
from knowledge.types import Document, Kind, Passage, Principal, Share

SPOKEN_KIND = f"kind:{Kind.TRANSCRIPT.value}"

# The semantic weight where only one retriever takes part.
_ALONE = {Mode.SEMANTIC: 1.0, Mode.LEXICAL: 0.0}


@dataclass(frozen=True, slots=True)
class Candidates:
    """Retrieved passages, best first. All arrays have shape (n,); scores are exact.

    ``score`` ranks answers; ``vote`` ranks people, for whom words weigh more.
    """

    ids: Ids
    owners: NDArray[np.int64]
    score: fusion.Ranking
    vote: fusion.Ranking
    cosine: Scores
    bm25: Scores
    stages: tuple[str, ...]

    def features(self, at: int, dense_z: fusion.Ranking, lexical_z: fusion.Ranking) -> Features:
        """How the passage at this place got there."""
        return Features(
            float(self.cosine[at]), float(self.bm25[at]), float(dense_z[at]), float(lexical_z[at])
        )

    def evidence(
        self, places: Sequence[int], speakers: Mapping[int, tuple[Share, ...]]
    ) -> list[experts.Found]:
        """The passages at these places as evidence for people, best first."""
        return [
            experts.Found(
                key := int(self.ids[at]),
                int(self.owners[at]),
                float(self.vote[at]),
                float(self.cosine[at]),
                speakers.get(key, ()),
            )
            for at in sorted(places, key=lambda at: (-self.vote[at], self.ids[at]))
        ]


@dataclass(frozen=True, slots=True)
class Question:
    """A request as it is searched for. ``vector`` has shape (dimension,)."""

    parsed: ParsedQuery
    more: tuple[Expansion, ...]
    filters: Filters
    vector: Scores


class Pipeline:
    """Answers and people for a query. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        index: Index,
        embedder: Embedder,
        search: SearchSettings,
        people_settings: PeopleSettings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._index = index
        self._embedder = embedder
        self._settings = search
        self._people_settings = people_settings
        self._now = now
        self._beside = ThreadPoolExecutor(max_workers=2, thread_name_prefix="lexical")

    def search(self, request: Request, principal: Principal) -> SearchResult:
        """Everything that one query gives this asker. Raises InvalidQuery."""
        asked = self.question(request, principal)
        with self._index.reading() as view:
            found = self._retrieve(view, asked, request.mode)
            entries = view.catalog.entries(found.owners.tolist())
        return self._hydrate(request, asked, principal, found, entries)

    def question(self, request: Request, principal: Principal) -> Question:
        """What a request means for this asker. Raises InvalidQuery."""
        parsed = parse(request.query, request.literal)
        with self._database.read() as connection:
            scope = access.allowed_audiences(connection, principal)
            jargon = () if request.literal else synonyms.all_of_them(connection)
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
        more = expansions(parsed.topic, jargon, self._index.analyze)
        vector = self._embedder.embed([_embedded(parsed.topic, more)])[0]
        return Question(parsed, tuple(more), filters, vector)

    def _known(self, view: View, scope: Scope, principal: Principal) -> Known:
        def listed(name: str) -> list[int]:
            # The directory is for those who are signed in.
            if not (principal.signed_in or principal.operator):
                return []
            with self._database.read() as connection:
                return people.listed_as(connection, name)

        return Known(view.catalog, scope, listed, self._now().date())

    def _retrieve(self, view: View, asked: Question, mode: Mode) -> Candidates:
        depth, filters = self._settings.depth, asked.filters
        topic, vector = asked.parsed.topic, asked.vector
        besides = [(one.meaning, self._settings.synonym_weight) for one in asked.more]
        lexical = self._beside.submit(view.lexical.search, topic, depth, filters, besides)
        near, _ = view.vectors.search(vector, depth, view.allowed(filters))
        worded, _ = lexical.result()
        chosen = {
            Mode.HYBRID: np.union1d(near, worded),
            Mode.SEMANTIC: np.sort(near),
            Mode.LEXICAL: np.sort(worded),
        }[mode]
        cosine = view.vectors.scores(vector, chosen)
        bm25 = view.lexical.scores(topic, chosen, besides)
        inside = bool(filters.document)
        weight = self._settings.inside_weight if inside else self._settings.dense_weight
        score = fusion.fuse(cosine, bm25, _ALONE.get(mode, weight))
        vote = fusion.fuse(cosine, bm25, _ALONE.get(mode, self._people_settings.dense_weight))
        if inside:
            score = self._in_context(view, filters.document, chosen, score)
        order = np.lexsort((chosen, -score))
        stages = (
            f"semantic: {len(near)} passages, best cosine {_best(cosine):.3f}",
            f"lexical: {len(worded)} passages, best BM25 {_best(bm25):.2f}",
            f"fusion: {len(chosen)} candidates, {_ALONE.get(mode, weight):.2f} semantic z + "
            f"{1 - _ALONE.get(mode, weight):.2f} lexical z",
        )
        owners = view.catalog.documents_of(chosen[order])
        return Candidates(
            chosen[order],
            owners,
            score[order],
            vote[order],
            cosine[order],
            bm25[order],
            stages,
        )

    def _in_context(
        self, view: View, inside: frozenset[int], chosen: Ids, score: fusion.Ranking
    ) -> fusion.Ranking:
        """Scores inside a document, where the neighbours of a passage say something about it."""
        held = dict(zip(chosen.tolist(), score.tolist(), strict=True))
        lowest = min(held.values(), default=0.0)
        raised: dict[int, float] = {}
        for document_id in inside:
            told = view.catalog.passages_of(document_id)
            scores = np.array([held.get(key, lowest) for key in told])
            around = fusion.with_neighbours(scores, self._settings.context)
            raised |= zip(told, around.tolist(), strict=True)
        return np.array([raised[key] for key in chosen.tolist()])

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
            shown = places if inside else self._one_each(places, found, parsed.topic, entries)
            owners = found.owners.tolist()
            spoken = [at for at in places if SPOKEN_KIND in entries[owners[at]].facets]
            speakers = passages.speakers(connection, found.ids[spoken].tolist())
            refused, agreed = people.consent_exceptions(connection)
            consent = experts.Consent(refused, agreed, documents.consenting_sources(connection))
            ranked = experts.rank(
                found.evidence(places, speakers),
                entries,
                consent,
                self._people_settings,
                self._settings.support,
                self._now(),
            )
            named = ranked[: request.people_limit]
            votes = [vote for candidate in named for vote in candidate.votes[: present.QUOTES]]
            texts = passages.load(connection, {vote.passage_id for vote in votes}, principal)
            held: dict[int, Document] = {}
            end = request.offset + request.limit
            # A few more than asked for, since duplicates among them are folded; then more.
            size = end + present.SPARE
            while True:
                wanted = {int(found.ids[at]) for at in shown[:size]} - texts.keys()
                texts |= passages.load(connection, wanted, principal)
                owned = {passage.document_id for passage in texts.values()} - held.keys()
                held |= documents.load(connection, owned, principal)
                hits = self._hits(found, shown[:size], texts, held)
                if not inside:
                    hits = present.fold_duplicates(hits)
                if len(hits) > end or size >= len(shown):
                    break
                size *= 2
            persons = people.load(connection, [candidate.person_id for candidate in named])
        quoting = present.Quoting(_embedded(parsed.topic, more), self._index.analyze, texts, held)
        answers = tuple(quoting.highlighted(hit) for hit in hits[request.offset : end])
        people_hits = tuple(
            present.person_hit(
                candidate, persons[candidate.person_id], quoting, self._people_settings
            )
            for candidate in named
            if candidate.person_id in persons
        )
        # Of all and not of the first: the order may shift with what the asker may not read.
        best_cosine = _best(found.cosine[places])
        known = max((v.cosine for c in named for v in c.votes[: present.QUOTES]), default=0.0)
        return SearchResult(
            query=parsed.text,
            topic=parsed.topic,
            intent=parsed.intent,
            answers=answers,
            people=people_hits,
            answers_confident=best_cosine >= self._settings.answer_floor,
            people_confident=known >= self._people_settings.known_floor,
            facets=facets.count(entry.facets for entry in entries.values()),
            stages=(
                f"query: intent {parsed.intent.value}, topic {parsed.topic!r}"
                + "".join(f", {one.field} {one.value!r}" for one in parsed.understood)
                + "".join(f", no passage holds {phrase!r}" for phrase in parsed.missing)
                + "".join(f", {one.term!r} is {one.meaning!r}" for one in more),
                *found.stages,
                f"access: {len(entries)} of {retrieved} documents may be read",
                f"people: {len(ranked)} with votes",
            ),
            corrected=parsed.corrected,
            understood=parsed.understood,
            missing=parsed.missing,
            more=len(hits) > end,
            nearest=best_cosine,
            nearest_known=known,
        )

    def _one_each(
        self,
        places: list[int],
        found: Candidates,
        topic: str,
        entries: Mapping[int, CatalogEntry],
    ) -> list[int]:
        """The place of each document's best passage, best document first."""
        titles = {key: entry.title for key, entry in entries.items()}
        agreed = agreement(self._index.analyze(topic), titles)
        by_document: dict[int, list[int]] = {}
        for at in places:
            by_document.setdefault(int(found.owners[at]), []).append(at)
        worth = {
            held[0]: fusion.worth([float(found.score[at]) for at in held], self._settings.support)
            + self._settings.title * agreed.get(owner, 0.0)
            for owner, held in by_document.items()
        }
        return sorted(worth, key=lambda at: (-worth[at], at))

    def _hits(
        self,
        found: Candidates,
        shown: list[int],
        texts: dict[int, Passage],
        held: dict[int, Document],
    ) -> list[SearchHit]:
        dense_z, lexical_z = fusion.z_scores(found.cosine), fusion.z_scores(found.bm25)
        hits = []
        for at in shown:
            passage = texts.get(int(found.ids[at]))
            if passage is not None and passage.document_id in held:
                features = found.features(at, dense_z, lexical_z)
                document = held[passage.document_id]
                hits.append(SearchHit(passage, document, float(found.score[at]), features))
        return hits


def _embedded(topic: str, more: Sequence[Expansion]) -> str:
    return " ".join([topic, *(one.meaning for one in more)])


def _best(scores: Scores) -> float:
    return float(scores.max()) if scores.size else 0.0

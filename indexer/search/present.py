"""From ranked candidates to what is shown: highlights, folded duplicates, quotes, bands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from indexer.search import experts, snippets
from indexer.search.experts import Candidate
from indexer.search.results import Confidence, Evidence, PersonHit, SearchHit
from indexer.search.snippets import Analyze
from knowledge.settings import PeopleSettings
from knowledge.types import Document, Passage, Person, Role

QUOTES = 3
SPARE = 5

_WEAK = 0.05

_DUPLICATE = 0.9
_NEAR = 0.02
# Words of questions that say nothing about their topic; they may not choose a sentence.
_STOP = frozenset(
    """a about an and any are as at be by can could did do does for from had has have how i in is
    it its me my of on or our should so some than that the their them there these they this to was
    we were what when where which who whom whose why will with would you your""".split()
)


class Quoting:
    """Chooses the sentences that are shown for one query; each passage is looked at once."""

    def __init__(
        self,
        topic: str,
        analyze: Analyze,
        texts: Mapping[int, Passage],
        documents: Mapping[int, Document],
    ) -> None:
        """``texts`` and ``documents`` are what the asker may read."""
        self._analyze = analyze
        self.texts = texts
        self.documents = documents
        weak = {word for stop in _STOP for word in analyze(stop)}
        self._wanted = {word: _WEAK if word in weak else 1.0 for word in analyze(topic)}
        self._chosen: dict[tuple[int, int | None], tuple[int, int] | None] = {}

    def best(self, passage: Passage, speaker: int | None = None) -> tuple[int, int] | None:
        """The best sentence of a passage, as a range of its text; of what ``speaker`` says if
        that is a person."""
        key = (passage.id, speaker)
        if key not in self._chosen:
            among = _sentences(passage, speaker)
            self._chosen[key] = snippets.best_sentence(
                passage.text, among, self._wanted, self._analyze
            )
        return self._chosen[key]

    def quote(self, passage: Passage, speaker: int | None) -> str:
        """What a passage says best as words on one line; of what ``speaker`` says if that is a
        person, and then nothing where they say nothing."""
        chosen = self.best(passage, speaker)
        if chosen is None:
            return "" if passage.speakers else snippets.quote(passage.text, (0, len(passage.text)))
        among = _sentences(passage, speaker)
        return snippets.quote(passage.text, snippets.quotable(passage.text, among, chosen))

    def highlighted(self, hit: SearchHit) -> SearchHit:
        """The hit with its best sentence marked."""
        best = self.best(hit.passage)
        return replace(hit, highlights=(best,) if best else ())


def _sentences(passage: Passage, speaker: int | None) -> snippets.Ranges:
    if not passage.speakers:
        return snippets.written(passage.text)
    if speaker is None:
        return snippets.spoken(passage.text)
    labels = {share.label for share in passage.speakers if share.person_id == speaker}
    return snippets.spoken(passage.text, labels, [share.label for share in passage.speakers])


def fold_duplicates(hits: list[SearchHit]) -> list[SearchHit]:
    """Leave out a passage that says again what a better-placed one says.

    Near duplicates have nearly equal cosines, so only such pairs are compared (Jaccard of words).
    Only visible hits come here: a hidden original never folds a visible copy away.
    """
    kept: list[SearchHit] = []
    words: list[frozenset[str]] = []
    for hit in hits:
        own = frozenset(hit.passage.text.casefold().split())
        twin = any(
            abs(other.features.cosine - hit.features.cosine) < _NEAR
            and len(own & theirs) >= _DUPLICATE * len(own | theirs)
            for other, theirs in zip(kept, words, strict=True)
        )
        if not twin:
            kept.append(hit)
            words.append(own)
    return kept


def person_hit(
    candidate: Candidate, person: Person, quoting: Quoting, settings: PeopleSettings
) -> PersonHit:
    """A person with two or three dated quotes and a band.

    Who is in no directory is named as the best of what the asker may read names them.
    """
    evidence = []
    name = person.name if person.listed else ""
    for vote in candidate.votes[:QUOTES]:
        passage = quoting.texts.get(vote.passage_id)
        document = quoting.documents.get(vote.document_id)
        if passage is None or document is None:
            continue
        named = (c.name for c in document.contributions if c.person_id == person.id)
        name = name or next(named, "")
        # Nobody is quoted with what somebody else said in the same conversation.
        speaker = person.id if vote.role in experts.SPOKEN else None
        evidence.append(
            Evidence(
                passage.id,
                document.id,
                document.title,
                quoting.quote(passage, speaker),
                Role(vote.role),
                datetime.fromtimestamp(vote.at, UTC) if vote.at else None,
            )
        )
    person = replace(person, name=name)
    return PersonHit(person, candidate.score, _band(candidate, settings), tuple(evidence))


def _band(candidate: Candidate, settings: PeopleSettings) -> Confidence:
    """High needs a strong passage and a second document that is no accident."""
    cosines = sorted((vote.cosine for vote in candidate.votes[:QUOTES]), reverse=True)
    if cosines[0] < settings.known_floor:
        return Confidence.LOW
    second = len(cosines) > 1 and cosines[1] >= settings.known_floor
    if cosines[0] >= settings.high_floor and second:
        return Confidence.HIGH
    return Confidence.MEDIUM

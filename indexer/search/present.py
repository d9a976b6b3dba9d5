"""From ranked candidates to what is shown: highlights, folded duplicates, quotes, bands."""

from __future__ import annotations

from collections.abc import Mapping

from indexer.search import snippets
from indexer.search.experts import Candidate
from indexer.search.results import Confidence, Evidence, PersonHit, SearchHit
from indexer.search.snippets import Analyze
from knowledge.settings import PeopleSettings
from knowledge.types import Document, Passage, Person

QUOTES = 3
SPARE = 5

_DUPLICATE = 0.9
_NEAR = 0.02
# Words of questions that say nothing about their topic; they may not choose a sentence.
_STOP = frozenset(
    """a about an and any are as at be by can could did do does for from had has have how i in is
    it its me my of on or our should so some than that the their them there these they this to was
    we were what when where which who whom whose why will with would you your""".split()
)


def wanted_words(topic: str, analyze: Analyze) -> dict[str, float]:
    """The topic's stemmed words with their weight for choosing a sentence."""
    words = dict.fromkeys(analyze(topic), 1.0)
    for stop in _STOP:
        for word in analyze(stop):
            if word in words:
                words[word] = 0.05
    return words


def highlights(
    text: str, wanted: Mapping[str, float], analyze: Analyze
) -> tuple[tuple[int, int], ...]:
    """The best sentence of a passage, as ranges of its text."""
    best = snippets.best_sentence(text, dict(wanted), analyze)
    return (best,) if best else ()


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
    candidate: Candidate,
    person: Person,
    visible: Mapping[int, Document],
    quoted: Mapping[int, Passage],
    wanted: Mapping[str, float],
    analyze: Analyze,
    settings: PeopleSettings,
) -> PersonHit:
    """A person with two or three dated quotes and a band."""
    evidence = []
    for vote in candidate.votes[:QUOTES]:
        passage = quoted.get(vote.passage_id)
        if passage is None:
            continue
        best = snippets.best_sentence(passage.text, dict(wanted), analyze)
        evidence.append(
            Evidence(
                passage.id,
                vote.document_id,
                visible[vote.document_id].title,
                snippets.quote(passage.text, best),
                vote.role,
                vote.at,
            )
        )
    return PersonHit(person, candidate.score, _band(candidate, settings), tuple(evidence))


def _band(candidate: Candidate, settings: PeopleSettings) -> Confidence:
    """Interim: high needs a strong passage and a second document that is no accident."""
    cosines = sorted((vote.cosine for vote in candidate.votes[:QUOTES]), reverse=True)
    if cosines[0] < settings.known_floor:
        return Confidence.LOW
    second = len(cosines) > 1 and cosines[1] >= settings.known_floor
    if cosines[0] >= settings.high_floor and second:
        return Confidence.HIGH
    return Confidence.MEDIUM

"""From ranked candidates to what is shown: highlights, folded duplicates, quotes, bands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from indexer.search import experts, snippets, units
from indexer.search.experts import Candidate
from indexer.search.results import Confidence, Evidence, PersonHit, PersonSigns, SearchHit
from indexer.search.snippets import STOP, Analyze
from indexer.search.units import Unit
from knowledge.settings import PeopleSettings
from knowledge.types import Document, Passage, Person, Role

Chosen = tuple[list[Unit], tuple[Unit, ...]]
"""All that may be shown of a passage, and the best of it."""

QUOTES = 3
AT_LEAST = 2
"""People who are listed however little is known of them: one name may be on holiday."""
SPARE = 5

_WEAK = 0.05

_DUPLICATE = 0.9
_NEAR = 0.02
# Cosines are rounded to some 2e-6, and z-scores stretch that where all cosines are alike.
_SAME = 1e-2


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
        weak = frozenset(analyze(" ".join(STOP)))
        self._wanted = {word: _WEAK if word in weak else 1.0 for word in analyze(topic)}
        self._chosen: dict[tuple[int, int | None], Chosen] = {}

    def quote(self, passage: Passage, speaker: int | None) -> tuple[str, int, int]:
        """What a passage says best as words on one line, and as a range of its text; of what
        ``speaker`` says if that is a person, and then nothing where they say nothing."""
        among, best = self._best(passage, speaker)
        window = snippets.quotable(passage.text, among, best) or tuple(among[:1])
        start, end = (window[0].start, window[-1].end) if window else (0, 0)
        return snippets.quote(passage.text, window), start, end

    def highlighted(self, hit: SearchHit) -> SearchHit:
        """The hit with its best window marked."""
        _, best = self._best(hit.passage)
        return replace(hit, highlights=((best[0].start, best[-1].end),) if best else ())

    def _best(self, passage: Passage, speaker: int | None = None) -> Chosen:
        key = (passage.id, speaker)
        if key not in self._chosen:
            among = _units(passage, speaker)
            best = snippets.best_window(passage.text, among, self._wanted, self._analyze)
            self._chosen[key] = among, best
        return self._chosen[key]


def _units(passage: Passage, speaker: int | None) -> list[Unit]:
    if not passage.speakers:
        return units.written(passage.text)
    if speaker is None:
        return units.spoken(passage.text)
    labels = {share.label for share in passage.speakers if share.person_id == speaker}
    return units.spoken(passage.text, labels, [share.label for share in passage.speakers])


def fold_duplicates(hits: list[SearchHit]) -> list[SearchHit]:
    """Leave out a passage that says again what a better-placed one says.

    Near duplicates have nearly equal cosines, so only such pairs are compared (Jaccard of words).
    Only visible hits come here: a hidden original never folds a visible copy away. Of two that
    score the same, the older stays: rounding, which differs with what else is there, decides
    nothing.
    """
    kept: list[SearchHit] = []
    words: list[frozenset[str]] = []
    for hit in hits:
        own = frozenset(hit.passage.text.casefold().split())
        twin = next(
            (
                at
                for at, (other, theirs) in enumerate(zip(kept, words, strict=True))
                if abs(other.features.cosine - hit.features.cosine) < _NEAR
                and len(own & theirs) >= _DUPLICATE * len(own | theirs)
            ),
            None,
        )
        if twin is None:
            kept.append(hit)
            words.append(own)
        elif (
            kept[twin].features.score - hit.features.score < _SAME
            and hit.passage.id < kept[twin].passage.id
        ):
            kept[twin], words[twin] = hit, own
    return kept


def person_hit(
    candidate: Candidate,
    person: Person,
    quoting: Quoting,
    signs: PersonSigns,
    knows: float,
    settings: PeopleSettings,
) -> PersonHit:
    """A person with two or three dated quotes and a band.

    Who is in no directory is named as the best of what the asker may read names them.
    """
    evidence = []
    name = person.name if person.listed else ""
    for place, vote in enumerate(candidate.votes[:QUOTES]):
        passage = quoting.texts.get(vote.passage_id)
        document = quoting.documents.get(vote.document_id)
        if passage is None or document is None:
            continue
        named = (c.name for c in document.contributions if c.person_id == person.id)
        name = name or next(named, "")
        # Nobody is quoted with what somebody else said in the same conversation.
        speaker = person.id if vote.role in experts.SPOKEN else None
        quote, start, end = quoting.quote(passage, speaker)
        evidence.append(
            Evidence(
                passage.id,
                document.id,
                document.title,
                quote,
                passage.start + start,
                passage.start + end,
                Role(vote.role),
                datetime.fromtimestamp(vote.at, UTC) if vote.at else None,
                vote.value * settings.discount**place if place < settings.votes else 0.0,
            )
        )
    person = replace(person, name=name)
    band = _band(knows, settings)
    return PersonHit(person, candidate.score, band, tuple(evidence), signs, knows)


def _band(knows: float, settings: PeopleSettings) -> Confidence:
    if knows >= settings.high_from:
        return Confidence.HIGH
    return Confidence.MEDIUM if knows >= settings.medium_from else Confidence.LOW

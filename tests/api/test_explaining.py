"""What ``whoknows search --explain`` says in words."""

from __future__ import annotations

from api.cli import _explaining
from indexer.search.results import (
    Confidence,
    Evidence,
    Features,
    PersonHit,
    PersonSigns,
    SearchHit,
)
from knowledge.types import Document, Kind, Passage, Person, Role

VAULT = Document(1, "s", "d", "The vault", Kind.WRITEUP, 1, 1)


def test_an_answer_s_score_is_the_sum_of_what_is_told() -> None:
    features = Features(0.61, 12.3, meaning=1.2, words=-0.25, further=0.004, title=0.5)
    hit = SearchHit(Passage(1, 1, 0, (), 0, 1, "x"), VAULT, features, relevant=0.81)
    assert _explaining.answer(hit) == (
        "score 1.45 = 1.20 meaning - 0.25 words + 0.50 title (cosine 0.610, BM25 12.30); "
        "about this with probability 0.81"
    )


def test_a_person_s_score_is_the_sum_of_their_documents() -> None:
    quote = Evidence(1, 1, "The vault", "It is sealed.", 0, 9, Role.AUTHOR, None, adds=1.5)
    signs = PersonSigns(0.55, 0.3, 6.0)
    ada = PersonHit(Person(1, "Ada Field"), 2.0, Confidence.HIGH, (quote,), signs, 0.46)
    assert list(_explaining.person(ada)) == [
        "score 2.00 = 1.50 “The vault” + 0.50 further documents",
        "knows with probability 0.46: the nearest evidence has cosine 0.550, and 30% of the "
        "nearest evidence for ten people is theirs",
    ]

"""How documents vote for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from indexer.catalog import CatalogEntry
from indexer.search.experts import Found, rank
from knowledge.identity import Consent
from knowledge.settings import PeopleSettings
from knowledge.types import Role, Share

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ALL_AGREE = Consent(agreed_spoken=frozenset(range(9)))


def document(key: int, *made: tuple[int, Role], updated_at: datetime | None = None) -> CatalogEntry:
    updated = int(updated_at.timestamp()) if updated_at else 0
    makers = tuple((person, role.value, 0, 1.0) for person, role in made)
    return CatalogEntry(key, 1, "wiki", (), updated, (), makers)


def order(
    found: list[Found],
    documents: list[CatalogEntry],
    consent: Consent = ALL_AGREE,
    **settings: object,
) -> list[int]:
    by_id = {d.document_id: d for d in documents}
    ranked = rank(found, by_id, consent, PeopleSettings(**settings), 0.2, NOW)  # type: ignore[arg-type]
    return [candidate.person_id for candidate in ranked]


def passages(*documents: int) -> list[Found]:
    return [Found(100 + at, key, 2.0 - at / 10, 0.5) for at, key in enumerate(documents)]


def test_the_author_of_the_better_document_comes_first() -> None:
    docs = [document(1, (1, Role.AUTHOR)), document(2, (2, Role.AUTHOR))]
    assert order(passages(2, 1), docs) == [2, 1]


def test_a_document_votes_once_however_many_passages_it_has() -> None:
    docs = [
        document(1, (1, Role.AUTHOR)),
        document(2, (2, Role.AUTHOR)),
        document(3, (2, Role.AUTHOR)),
    ]
    assert order(passages(1, 1, 1, 1, 2, 3), docs)[0] == 2


def test_votes_beyond_the_cap_do_not_count() -> None:
    many = [document(key, (1, Role.AUTHOR)) for key in range(2, 40)]
    docs = [document(1, (2, Role.AUTHOR)), *many]
    found = passages(*range(1, 40))
    by_id = {d.document_id: d for d in docs}
    ranked = rank(found, by_id, ALL_AGREE, PeopleSettings(votes=2), 0.2, NOW)
    capped = next(c for c in ranked if c.person_id == 1)
    assert capped.score == pytest.approx(
        sum(v.value * 0.7**i for i, v in enumerate(capped.votes[:2]))
    )


def test_a_vote_tells_of_the_nearest_passage_whichever_decides_it() -> None:
    talk = document(1, (1, Role.SPEAKER), (2, Role.SPEAKER))
    page = document(2, (3, Role.AUTHOR))
    said = [
        Found(1, 1, 2.0, 0.5, (Share("P1", 1.0, 1),)),
        Found(2, 1, 1.0, 0.7, (Share("P1", 1.0, 1),)),
        Found(3, 1, 0.9, 0.95, (Share("P2", 0.1, 2), Share("P1", 0.9, 9))),
        Found(6, 1, 0.5, 0.9, (Share("P2", 1.0, 2),)),
        Found(4, 2, 0.4, 0.3),
        Found(5, 2, 0.2, 0.6),
    ]
    settings = PeopleSettings()
    ranked = rank(said, {1: talk, 2: page}, ALL_AGREE, settings, 0.2, NOW)
    told = {one.person_id: (one.votes[0].passage_id, one.votes[0].cosine) for one in ranked}
    assert told == {1: (1, 0.7), 2: (6, 0.95), 3: (4, 0.6)}


def test_documents_that_the_asker_may_not_read_do_not_vote() -> None:
    assert order(passages(1, 2), [document(2, (2, Role.AUTHOR))]) == [2]


def test_consent_is_asked_for_each_kind_of_evidence() -> None:
    docs = [document(1, (1, Role.SPEAKER)), document(2, (2, Role.AUTHOR))]
    said = [Found(1, 1, 0.9, 0.9, (Share("P1", 1.0, 1),)), Found(2, 2, 0.8, 0.8)]
    assert order(said, docs, Consent()) == [2]
    agreed = Consent(agreed_spoken=frozenset({1}))
    assert order(said, docs, agreed) == [1, 2]
    refused = Consent(frozenset({2}), frozenset({1}))
    assert order(said, docs, refused) == [1]
    declared = Consent(sources=frozenset({"wiki"}))
    assert order(said, docs, declared) == [1, 2]


def test_a_speaker_votes_with_what_they_say_only() -> None:
    docs = {1: document(1, (1, Role.SPEAKER), (2, Role.SPEAKER), (3, Role.SPEAKER))}
    said = [
        Found(1, 1, 0.9, 0.9, (Share("P1", 0.75, 1), Share("P2", 0.25, 2))),
        Found(2, 1, 0.9, 0.8, (Share("P2", 0.5, 2), Share("?", 0.5, None))),
    ]
    ranked = rank(said, docs, ALL_AGREE, PeopleSettings(), 0.2, NOW)
    assert [c.person_id for c in ranked] == [1, 2]
    assert ranked[1].votes[0].passage_id == 2
    assert ranked[0].score == pytest.approx(1.5 * ranked[1].score)


def test_a_host_vouches_for_what_they_say_not_for_the_session() -> None:
    docs = [document(1, (1, Role.HOST), (2, Role.SPEAKER)), document(2, (3, Role.HOST))]
    said = [Found(1, 1, 0.9, 0.9, (Share("P2", 1.0, 2),)), Found(2, 2, 0.8, 0.8)]
    assert order(said, docs) == [2, 3]  # the second document has no turns: its host stands for it
    said[0] = Found(1, 1, 0.9, 0.9, (Share("P1", 0.2, 1), Share("P2", 0.8, 2)))
    assert order(said[:1], docs) == [2, 1]


def test_who_wrote_most_of_a_document_comes_first() -> None:
    made = (1, Role.AUTHOR.value, 0, 0.1), (2, Role.AUTHOR.value, 0, 0.9)
    both = CatalogEntry(1, 1, "wiki", (), 0, (), made)
    assert order(passages(1), [both]) == [2, 1]
    assert order(passages(1), [both], share=0.0) == [1, 2]


def test_an_endorser_counts_less_than_an_author() -> None:
    docs = [document(1, (1, Role.ENDORSER)), document(2, (2, Role.AUTHOR))]
    assert order(passages(1, 2), docs) == [2, 1]


def test_age_halves_evidence_only_when_asked_to() -> None:
    old = document(1, (1, Role.AUTHOR), updated_at=NOW - timedelta(days=2000))
    new = document(2, (2, Role.AUTHOR), updated_at=NOW)
    assert order(passages(1, 2), [old, new]) == [1, 2]
    assert order(passages(1, 2), [old, new], half_life_days=365.0) == [2, 1]

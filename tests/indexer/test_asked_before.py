"""Questions that were answered before are found, and only by those who may read the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from api.services import Services
from indexer import embedders
from indexer.asked_before import SHOWN, AskedBefore
from indexer.embedders.hashing import HashingEmbedder
from indexer.protocols import Vectors
from knowledge.editing import Editor
from knowledge.learning_settings import AskSettings
from knowledge.roles import EVERYTHING
from knowledge.types import Audience, Kind, Principal
from tests.builders import document, settings, wired
from tests.indexer.paraphrases import QUESTIONS

EVERYBODY = Principal(signed_in=True)
ASKED = "How do I restore the ledger from a backup?"
AGAIN = "how do I restore the ledger from the backup"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = wired(settings(tmp_path))
    yield made
    made.close()


def thread(services: Services, key: str, title: str, **more: Any) -> int:
    told = document(key, "Stop it first.", title=title, **({"kind": Kind.THREAD} | more))
    made = services.capture.save(told).document_id
    assert made is not None
    return made


def found(services: Services, title: str, who: Principal = EVERYBODY) -> list[int]:
    return [one.id for one in services.asked_before.threads(title, who)]


def test_a_thread_with_nearly_the_same_question_is_found(services: Services) -> None:
    near, other = thread(services, "1", ASKED), thread(services, "2", "Who fires the kiln?")
    assert found(services, AGAIN) == [near]
    assert found(services, f"  {ASKED.upper()}") == [near]
    assert found(services, "Who fires the kiln") == [other]
    assert found(services, "Where do zeppelins land?") == []
    assert found(services, " ?! ") == []


def test_who_looks_again_has_nothing_embedded(services: Services) -> None:
    embedded: list[str] = []

    class Counting(HashingEmbedder):
        def embed(self, texts: Sequence[str]) -> Vectors:
            embedded.extend(texts)
            return super().embed(texts)

    model = Counting(services.embedder.dimension)
    before = AskedBefore(services.database, services.index, model, services.settings.ask.alike)
    near = thread(services, "1", ASKED)
    for _ in range(2):
        assert [one.id for one in before.threads(AGAIN, EVERYBODY)] == [near]
    assert len(embedded) == 2
    thread(services, "2", f"{ASKED} Today")
    before.threads(AGAIN, EVERYBODY)
    assert len(embedded) == 3


def test_only_threads_are_found(services: Services) -> None:
    thread(services, "1", ASKED, kind=Kind.WRITEUP)
    assert found(services, ASKED) == []


def test_a_thread_of_others_is_found_by_them_alone(services: Services) -> None:
    vault = Audience.of("group:vault")
    for number in range(SHOWN):
        thread(services, f"hidden {number}", ASKED, audience=vault)
    near = thread(services, "1", AGAIN)
    assert found(services, ASKED) == [near]
    insider = Principal(signed_in=True, groups=frozenset({"vault"}))
    hidden = found(services, ASKED, insider)
    assert len(hidden) == SHOWN
    assert near not in hidden  # the same words come first


def test_the_newest_of_the_same_comes_first(services: Services) -> None:
    made = [thread(services, f"{number}", ASKED) for number in range(SHOWN + 1)]
    assert found(services, ASKED) == made[:0:-1]


def test_what_is_replaced_is_not_shown(services: Services) -> None:
    old, new = thread(services, "1", ASKED), thread(services, "2", AGAIN)
    editor = Editor(EVERYBODY, True, "person:1")
    services.succession.supersede(old, new, editor, EVERYTHING)
    assert found(services, ASKED) == [new]


@pytest.mark.model
def test_the_same_in_other_words_is_found_and_nothing_else() -> None:
    """docs/asking.md has the table."""
    texts = [(n, text) for n, group in enumerate(QUESTIONS) for text in group]
    vectors = embedders.load("onnx_int8").embed([text for _, text in texts])
    same, other = [], []
    for (a, (one, _)), (b, (two, _)) in combinations(enumerate(texts), 2):
        (same if one == two else other).append(float(vectors[a] @ vectors[b]))
    alike = AskSettings().alike
    assert max(other) < alike - 0.2
    assert 0.55 < sum(cosine >= alike for cosine in same) / len(same) < 0.7

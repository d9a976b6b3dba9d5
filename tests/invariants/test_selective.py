"""Who may read next to nothing of what there is finds it as if nothing else were there.

A graph of neighbours loses what is sparse in it, and a search that filters afterwards runs dry.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest

from api.services import Services
from indexer.protocols import Ids
from indexer.search import fusion
from indexer.search.candidates import Question
from indexer.search.results import Request
from knowledge.people import Profile
from knowledge.store import documents, passages
from knowledge.types import OPERATOR, Audience, Kind, Principal, SourceDocument
from tests.builders import opened

PASSAGES, SHARE = 50_000, 0.001
K, QUERIES = 10, 200
# Long sections, so that each is a passage of its own.
SECTIONS, WORDS = 25, 60
GROUPS = 200

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.sqlite("concerns the indexes, which are the same on every database"),
]


class Vocabulary:
    """Words as frequent as those of a language, some of which only some documents have."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        letters = "bcdfghklmnprstvz", "aeiou"
        made = dict.fromkeys(
            "".join(self.chance.choice(letters[at % 2]) for at in range(6)) for _ in range(9000)
        )
        self.common = list(made)[:6000]
        self.hidden = list(made)[6000:7000]
        self.weights = [1 / rank for rank in range(1, len(self.common) + 1)]

    def text(self, count: int) -> list[str]:
        return self.chance.choices(self.common, self.weights, k=count)

    def section(self, *, secret: bool) -> str:
        words = self.text(WORDS)
        if secret:
            words[::12] = self.chance.choices(self.hidden, k=len(words[::12]))
        return " ".join(words).capitalize() + "."


def company(words: Vocabulary) -> Iterator[SourceDocument]:
    """Long documents of groups that nobody here is in, and short ones of one member's group."""
    few = int(PASSAGES * SHARE)
    many = (PASSAGES - few) // SECTIONS
    places = set(words.chance.sample(range(many), few))
    for number in range(many):
        if number in places:
            yield SourceDocument(
                "wiki",
                f"few {number}",
                f"{words.text(1)[0]} {number}",
                words.section(secret=False),
                Kind.NOTE,
                audience=Audience.of("group:few"),
            )
        sections = (f"# Part {at}\n\n{words.section(secret=True)}" for at in range(SECTIONS))
        yield SourceDocument(
            "wiki",
            f"many {number}",
            f"{words.text(1)[0]} {number}",
            "\n\n".join(sections),
            audience=Audience.of(f"group:g{number % GROUPS}"),
        )


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[Services]:
    with opened(tmp_path_factory.mktemp("data")) as made:
        made.directory.put(Profile("Ada Field", "ada@example.org", groups=("few",)))
        refused = [o for o in made.capture.ingest(company(Vocabulary(1))) if o.reason]
        assert not refused
        made.index.catch_up()
        yield made


@pytest.fixture(scope="module")
def ada(services: Services, engine: str) -> Principal:
    return services.principal("ada@example.org")


@pytest.fixture(scope="module")
def readable(services: Services, ada: Principal, engine: str) -> tuple[Ids, list[str]]:
    """The passages that she may read, by the database: ids ascending, and texts."""
    with services.database.read() as connection:
        held = documents.load_all(connection, ada)
        model = services.embedder.identity
        own = sorted(
            (p.id, p.text) for p, _ in passages.of_documents(connection, list(held), model)
        )
        _, every, _ = documents.counts(connection)
    assert every >= PASSAGES
    assert len(own) <= every * SHARE
    return np.array([key for key, _ in own]), [text for _, text in own]


@pytest.fixture(scope="module")
def queries(engine: str) -> list[str]:
    """Words that everybody has, that only forbidden documents have, and of both."""
    words = Vocabulary(1)
    words.chance = random.Random(2)
    made = []
    for number in range(QUERIES):
        hidden = words.chance.sample(words.hidden, 3)
        common = words.chance.sample(words.common[:2000], 3)
        made.append(" ".join([common, hidden, common[:1] + hidden[:2]][number % 3]))
    return made


def exact(services: Services, asked: Question, own: Ids) -> list[int]:
    """The best passages when both scores of each are computed and nothing is retrieved: fused as
    the pipeline does."""
    with services.index.reading() as view:
        vectors = np.stack(
            [view.vectors.scores(row, own) for row in np.eye(asked.vector.size, dtype=np.float32)]
        )
        bm25 = view.lexical.scores(asked.parsed.topic, own)
    cosine = asked.vector @ vectors
    score = fusion.fuse(cosine, bm25, services.settings.search.dense_weight)
    return [int(key) for key in own[np.lexsort((own, -score))][:K]]


def test_as_many_answers_as_exist(
    services: Services, ada: Principal, readable: tuple[Ids, list[str]], queries: list[str]
) -> None:
    own = set(readable[0].tolist())
    assert len(own) >= 3 * K
    for query in queries:
        answers = services.pipeline.search(Request(query, limit=K), ada).answers
        assert len(answers) == K, query
        assert {hit.passage.id for hit in answers} <= own


def test_the_best_of_what_may_be_read_are_found(
    services: Services, ada: Principal, readable: tuple[Ids, list[str]], queries: list[str]
) -> None:
    own, _ = readable
    recalls = []
    for query in queries:
        request = Request(query, limit=K, spelling=False)
        asked = services.pipeline.question(request, ada)
        found = {hit.passage.id for hit in services.pipeline.search(request, ada).answers}
        recalls.append(len(found.intersection(exact(services, asked, own))) / K)
    mean, worst = float(np.mean(recalls)), min(recalls)
    assert mean >= 0.95, f"recall@{K} {mean:.3f}, at worst {worst:.2f}"


@pytest.mark.parametrize("depth", [5, 20])
def test_either_retriever_misses_nothing_near(
    services: Services,
    ada: Principal,
    readable: tuple[Ids, list[str]],
    queries: list[str],
    depth: int,
) -> None:
    """Also where it hands on fewer than there are: the nearest by meaning and by words."""
    own, _ = readable
    dense, lexical = [], []
    for query in queries:
        asked = services.pipeline.question(Request(query, spelling=False), ada)
        with services.index.reading() as view:
            near, _ = view.vectors.search(asked.vector, depth, view.allowed(asked.filters))
            worded, _ = view.lexical.search(asked.parsed.topic, depth, asked.filters)
            cosine = view.vectors.scores(asked.vector, own)
            bm25 = view.lexical.scores(asked.parsed.topic, own)
        dense.append(_share(near, own, cosine, depth))
        lexical.append(_share(worded, own, bm25, min(depth, int((bm25 > 0).sum()))))
    assert float(np.mean(dense)) >= 0.95
    assert float(np.mean(lexical)) >= 0.95


def _share(found: Ids, own: Ids, scores: np.ndarray, most: int) -> float:
    """How many of the best are found; one as good as the last of them is as right."""
    if not most:
        return 1.0
    assert np.isin(found, own).all()
    last = np.sort(scores)[::-1][most - 1]
    good = own[scores >= last - 1e-5]
    return min(1.0, float(np.isin(found, good).sum()) / most)


def test_everything_else_is_there_for_others(services: Services) -> None:
    """So that the figures above are of a filter and not of an empty index."""
    words = Vocabulary(1)
    found = services.pipeline.search(Request(" ".join(words.hidden[:3]), limit=K), OPERATOR)
    assert len(found.answers) == K

"""Invariant 10: what an asker may not read neither appears in nor changes anything they get.

Two installations differ in nothing but documents that the askers may not read. Whatever is asked,
both must answer the same but for numbers that are drawn in sequence, and for the order of ranks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import true

from api.routes import V1, question_pages
from indexer import spelling
from indexer.build import View
from indexer.catalog import Catalog
from indexer.duplicates import Duplicates, Stretch
from indexer.search import confidence, facets, present, standing
from indexer.search.candidates import Candidates, Retrieval
from indexer.search.pipeline import Pipeline
from indexer.search.results import SearchResult
from indexer.vocabulary import Vocabulary
from knowledge.errors import NotAllowed
from knowledge.imports import Imports
from knowledge.store import attachments, documents, passages, people, profiles, suggest
from knowledge.types import OPERATOR, Principal
from tests.invariants.asking import Asking, every_route
from tests.invariants.generators import EVERY
from tests.invariants.worlds import two_worlds

Routes = Collection[tuple[str, str]]


def first_difference(directory: Path, seed: int, requests: int, routes: Routes = EVERY) -> str:
    """Ask so many random things; empty when nothing tells the worlds apart."""
    with two_worlds(directory, seed) as worlds:
        asking = Asking(worlds, seed)
        weights = [EVERY[route][0] for route in routes]
        generators = [EVERY[route][1] for route in routes]
        for generator in asking.chance.choices(generators, weights, k=requests):
            found = asking.difference(generator(asking))
            if found:
                return found
    return ""


def test_every_route_is_asked(tmp_path: Path) -> None:
    with two_worlds(tmp_path, 0) as (world, _):
        assert every_route(world.app) == set(EVERY)


def test_what_is_hidden_changes_nothing(tmp_path: Path) -> None:
    assert first_difference(tmp_path, 1, 60) == ""


@pytest.mark.slow
@pytest.mark.usefixtures("warm_readers")
@pytest.mark.parametrize("seed", range(1, 51))
def test_what_is_hidden_changes_nothing_in_ten_thousand_requests(tmp_path: Path, seed: int) -> None:
    assert first_difference(tmp_path, seed, 200) == ""


def leak_facets(patch: pytest.MonkeyPatch) -> None:
    """Count all documents that the index holds."""
    original = Pipeline._hydrate

    def hydrated(pipeline: Pipeline, *given: Any) -> SearchResult:
        held = pipeline._index._catalog
        entries = held.entries(held.documents_of(held.passage_ids()).tolist()).values()
        counted = facets.count(entry.facets for entry in entries)
        return replace(original(pipeline, *given), facets=counted)

    patch.setattr(Pipeline, "_hydrate", hydrated)


def leak_suggestions(patch: pytest.MonkeyPatch) -> None:
    """Suggest whatever is there."""
    patch.setattr("knowledge.store.suggest.readable_by", lambda _: true())
    load = documents.load
    patch.setattr("knowledge.suggest.documents.load", lambda c, ids, _: load(c, ids, OPERATOR))


def leak_suggested_places(patch: pytest.MonkeyPatch) -> None:
    """Let hidden documents take places among those that are looked at."""
    patch.setattr("knowledge.store.suggest.readable_by", lambda _: true())
    patch.setattr("knowledge.suggest._LOOKED_AT", 3)


def leak_spelling(patch: pytest.MonkeyPatch) -> None:
    """Correct by everybody's words."""
    correct = spelling.correct
    patch.setattr(
        spelling, "correct", lambda text, words, _, taught: correct(text, words, None, taught)
    )


def leak_known_words(patch: pytest.MonkeyPatch) -> None:
    """Leave alone what stands in anybody's documents."""
    knows = Vocabulary.knows
    patch.setattr(Vocabulary, "knows", lambda words, word, _: knows(words, word, None))


def leak_values(patch: pytest.MonkeyPatch) -> None:
    """Understand whatever anybody's documents have."""
    holds = Catalog.holds
    patch.setattr(Catalog, "holds", lambda held, field, value, _: holds(held, field, value, None))


def leak_called(patch: pytest.MonkeyPatch) -> None:
    """Know people by the names that anybody's documents give them."""
    named = Catalog.people
    patch.setattr(Catalog, "people", lambda held, key, _: named(held, key, None))


def _everything_retrieved(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("indexer.search.pipeline.access.allowed_audiences", lambda *_: None)


def leak_evidence(patch: pytest.MonkeyPatch) -> None:
    """Let hidden documents vote."""
    _everything_retrieved(patch)
    patch.setattr(documents, "visible", lambda _connection, ids, _principal: frozenset(ids))


def leak_duplicates(patch: pytest.MonkeyPatch) -> None:
    """Let a hidden original fold its visible copy away."""
    leak_evidence(patch)
    load, held = passages.load, documents.load
    hits, hydrate = standing.hits, Pipeline._hydrate
    asked: list[Pipeline] = []

    def hydrated(pipeline: Pipeline, *given: Any) -> SearchResult:
        asked.append(pipeline)
        return hydrate(pipeline, *given)

    def all_hits(found: Any, shown: Any, texts: Any, _kept: Any) -> Any:
        with asked[-1]._database.read() as connection:
            ids = [int(found.ids[one.at]) for one in shown]
            every = load(connection, ids, OPERATOR)
            owners = held(connection, {p.document_id for p in every.values()}, OPERATOR)
        made = present.fold_duplicates(list(hits(found, shown, every, owners)))
        return [hit for hit in made if hit.passage.id in texts]

    patch.setattr(Pipeline, "_hydrate", hydrated)
    patch.setattr(standing, "hits", all_hits)


def leak_size(patch: pytest.MonkeyPatch) -> None:
    """Judge how sure an answer is by how much there is, whoever may read it."""
    original = Retrieval.candidates

    def candidates(retrieval: Retrieval, view: View, *given: Any) -> Candidates:
        found = original(retrieval, view, *given)
        return replace(found, searched=len(view.catalog.passage_ids()))

    patch.setattr(Retrieval, "candidates", candidates)
    # So small a world is judged like a larger one, and shows nothing.
    patch.setattr(confidence, "SMALLEST", 1)


def leak_names(patch: pytest.MonkeyPatch) -> None:
    """Call people what the first document called them, whoever may read it."""
    load = people.load

    def listed(connection: Any, ids: Any) -> Any:
        return {key: replace(p, listed=True) for key, p in load(connection, ids).items()}

    patch.setattr(people, "load", listed)


def leak_addresses(patch: pytest.MonkeyPatch) -> None:
    """Write to people wherever any document says that they are reached."""
    load = people.load

    def reached(connection: Any, ids: Any) -> Any:
        known = load(connection, ids).items()
        return {key: replace(p, address=max(p.emails, default=None)) for key, p in known}

    patch.setattr(people, "load", reached)


def leak_existence(patch: pytest.MonkeyPatch) -> None:
    """Say that a document is forbidden instead of unknown."""
    get = documents.get

    def told(connection: Any, document_id: int, principal: Any) -> Any:
        if get(connection, document_id, OPERATOR) and not documents.visible(
            connection, [document_id], principal
        ):
            raise NotAllowed("this is not for you")
        return get(connection, document_id, principal)

    patch.setattr(documents, "get", told)


def leak_profiles(patch: pytest.MonkeyPatch) -> None:
    """Show all that a person made."""
    patch.setattr("knowledge.store.profiles.readable_by", lambda _: true())


def leak_feedback(patch: pytest.MonkeyPatch) -> None:
    """Take feedback on any passage."""
    load = passages.load
    patch.setattr("knowledge.feedback.passages.load", lambda c, ids, _: load(c, ids, OPERATOR))


def leak_imports(patch: pytest.MonkeyPatch) -> None:
    """Let anybody look at anybody's import."""
    progress = Imports.progress

    def anybody(imports: Imports, key: str, _owner: str, after: int, limit: int | None) -> Any:
        return progress(imports, key, imports.supervised(key).owner, after, limit)

    patch.setattr(Imports, "progress", anybody)


def leak_links(patch: pytest.MonkeyPatch) -> None:
    """Let links lead to documents that are not for whoever reads the page."""
    targets = attachments.targets
    patch.setattr(attachments, "targets", lambda c, key, _: targets(c, key, OPERATOR))


def leak_files(patch: pytest.MonkeyPatch) -> None:
    """Hand out the files of any document."""
    content = attachments.content
    patch.setattr(attachments, "content", lambda c, key, n, _: content(c, key, n, OPERATOR))


def leak_review(patch: pytest.MonkeyPatch) -> None:
    """Ask about everybody, by whatever they are called."""
    patch.setattr("knowledge.store.review.readable_by", lambda _: true())


def leak_labels(patch: pytest.MonkeyPatch) -> None:
    """Say who a label is in talks of the same source that the asker may not read, too."""
    every = SimpleNamespace(
        get=documents.get,
        load=lambda c, ids, _: documents.load(c, ids, OPERATOR),
        body=lambda c, key, _: documents.body(c, key, OPERATOR),
    )
    patch.setattr("knowledge.speakers.documents", every)


def leak_own_evidence(patch: pytest.MonkeyPatch) -> None:
    """Tell people of everything about themselves, whoever may read it."""
    patch.setattr("knowledge.store.privacy.readable_by", lambda _: true())
    load = documents.load
    patch.setattr("knowledge.privacy.documents.load", lambda c, ids, _: load(c, ids, OPERATOR))


def leak_export(patch: pytest.MonkeyPatch) -> None:
    """Hand out what is closed to somebody, because it names them."""
    every = SimpleNamespace(
        load=lambda c, ids, _: documents.load(c, ids, OPERATOR),
        body=lambda c, key, _: documents.body(c, key, OPERATOR),
    )
    patch.setattr("knowledge.takeout.documents", every)


def leak_similar(patch: pytest.MonkeyPatch) -> None:
    """Tell who writes of whatever is like their text, whoever may read it."""
    leak_evidence(patch)
    load, held = passages.load, documents.load
    patch.setattr(passages, "load", lambda c, ids, _: load(c, ids, OPERATOR))
    patch.setattr(documents, "load", lambda c, ids, _: held(c, ids, OPERATOR))


def leak_sources(patch: pytest.MonkeyPatch) -> None:
    """Count all documents of a source."""
    patch.setattr("knowledge.store.sources.readable_by", lambda _: true())


def leak_related(patch: pytest.MonkeyPatch) -> None:
    """Name whatever stands near, whoever may read it."""
    every = SimpleNamespace(
        get=documents.get, load=lambda c, ids, _: documents.load(c, ids, OPERATOR)
    )
    texts = SimpleNamespace(
        of_documents=passages.of_documents,
        load=lambda c, ids, _: passages.load(c, ids, OPERATOR),
    )
    patch.setattr("indexer.search.related.access.allowed_audiences", lambda *_: None)
    patch.setattr("indexer.search.related.documents", every)
    patch.setattr("indexer.search.related.passages", texts)


def leak_revisions(patch: pytest.MonkeyPatch) -> None:
    """Hand out what documents were that are closed now."""
    get = documents.get
    patch.setattr("knowledge.revising.documents.get", lambda c, key, _: get(c, key, OPERATOR))
    patch.setattr("knowledge.store.revisions.readable_by", lambda _: true())


def leak_doubts(patch: pytest.MonkeyPatch) -> None:
    """Take doubts of any document."""
    get = documents.get
    patch.setattr("knowledge.currency.documents.get", lambda c, key, _: get(c, key, OPERATOR))


def leak_titles(patch: pytest.MonkeyPatch) -> None:
    """Know what is called so, whoever may read it."""
    real = suggest.titled
    patch.setattr(suggest, "titled", lambda c, titles, _: real(c, titles, OPERATOR))


def leak_further_down(patch: pytest.MonkeyPatch) -> None:
    """Compare everything with everything, but for the first page."""
    real = Duplicates.stretch

    def stretch(held: Duplicates, who: Principal, below: int | None = None) -> Stretch:
        return real(held, who if below is None else OPERATOR, below)

    patch.setattr(Duplicates, "stretch", stretch)


def leak_before_asking(patch: pytest.MonkeyPatch) -> None:
    """Show whoever is about to ask what anybody may read."""
    real = question_pages.looked_up
    patch.setattr(question_pages, "looked_up", lambda s, words, _: real(s, words, OPERATOR))


def leak_topics(patch: pytest.MonkeyPatch) -> None:
    """Name and count topics by all of their documents."""
    patch.setattr("knowledge.store.topics.readable_by", lambda _: true())


def leak_risk(patch: pytest.MonkeyPatch) -> None:
    """Say who holds a topic by whatever is stored of it."""
    leak_topics(patch)
    load = documents.load
    patch.setattr("indexer.topics.documents.load", lambda c, ids, _: load(c, ids, OPERATOR))


def leak_what_one_could_teach(patch: pytest.MonkeyPatch) -> None:
    """Suggest by what anybody may read."""
    real = profiles.topics
    patch.setattr(profiles, "topics", lambda c, p, who, _, most: real(c, p, who, OPERATOR, most))


SEARCHING = [("GET", f"{V1}/search"), ("GET", f"{V1}/people")]
# With where to look: it would take long to come across it among everything.
LEAKS: dict[Callable[[pytest.MonkeyPatch], None], Routes] = {
    leak_facets: SEARCHING,
    leak_suggestions: [("GET", f"{V1}/suggest")],
    leak_suggested_places: [("GET", f"{V1}/suggest")],
    leak_spelling: SEARCHING,
    leak_known_words: SEARCHING,
    leak_values: SEARCHING,
    leak_called: SEARCHING,
    leak_evidence: SEARCHING,
    leak_duplicates: SEARCHING,
    leak_size: SEARCHING,
    leak_names: [*SEARCHING, ("GET", f"{V1}/people/{{id}}")],
    leak_addresses: [("GET", "/people/{id}")],
    leak_existence: [("GET", f"{V1}/documents/{{id}}"), ("DELETE", f"{V1}/documents/{{id}}")],
    leak_profiles: [("GET", f"{V1}/people/{{id}}"), ("GET", "/people/{id}")],
    leak_feedback: [*SEARCHING, ("POST", f"{V1}/feedback")],
    leak_imports: [("POST", f"{V1}/imports"), ("GET", f"{V1}/imports/{{id}}/items")],
    leak_links: [("GET", f"{V1}/documents/{{id}}")],
    leak_files: [("GET", f"{V1}/documents/{{id}}/files/{{number}}")],
    leak_review: [("GET", f"{V1}/people/review")],
    leak_own_evidence: [("GET", f"{V1}/people/me/evidence")],
    leak_export: [("GET", f"{V1}/people/me/export")],
    leak_similar: [("POST", f"{V1}/drafts/hints")],
    leak_sources: [("GET", "/admin/sources")],
    leak_labels: [("PUT", f"{V1}/documents/{{id}}/speakers")],
    leak_related: [("GET", f"{V1}/documents/{{id}}/related")],
    leak_revisions: [("GET", f"{V1}/documents/{{id}}/revisions/{{number}}")],
    leak_titles: [("GET", "/documents/{id}/replace"), ("POST", "/documents/{id}/steps")],
    leak_further_down: [("GET", f"{V1}/duplicates"), ("GET", "/admin/health")],
    leak_before_asking: [("GET", "/ask")],
    leak_topics: [("GET", f"{V1}/topics"), ("GET", f"{V1}/topics/{{id}}")],
    leak_risk: [("GET", f"{V1}/topics/{{id}}/risk")],
    leak_what_one_could_teach: [("GET", "/sessions")],
    leak_doubts: [("POST", f"{V1}/documents/{{id}}/doubts")],
}


@pytest.mark.slow
@pytest.mark.usefixtures("warm_readers")
@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.__name__.removeprefix("leak_"))
def test_a_leak_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leak: Callable[[pytest.MonkeyPatch], None]
) -> None:
    """Put in on purpose, so that the test above is known to see something."""
    leak(monkeypatch)
    assert first_difference(tmp_path, 1, 1000, LEAKS[leak]) != ""

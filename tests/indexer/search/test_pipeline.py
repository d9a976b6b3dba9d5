"""The whole query path on real parts, with the deterministic embedder."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.services import Services
from indexer.protocols import Filters
from indexer.search import confidence
from indexer.search.pipeline import Pipeline
from indexer.search.results import Confidence, Intent, Mode, Request
from knowledge.people import Profile
from knowledge.types import (
    OPERATOR,
    Audience,
    Contributor,
    Kind,
    Level,
    Principal,
    Role,
    SourceDocument,
)
from tests.builders import document, opened

STAFF = Principal(signed_in=True)
BEN = (Contributor("Ben Osei", Role.AUTHOR, email="ben@example.org"),)


def pages() -> list[SourceDocument]:
    day = datetime(2026, 3, 1, tzinfo=UTC)
    return [
        document(
            "backup",
            "# Copies\n\nEvery night a copy is made. To restore a backup, stop the ledger first. "
            "Then start it again.\n\n# Printers\n\nThe printer on floor two jams on Mondays.",
            tags=("ops",),
            updated_at=day,
        ),
        document(
            "queue",
            "The queue drains by itself.",
            contributors=BEN,
            kind=Kind.NOTE,
            level=Level.EXPERT,
            source="notes",
        ),
        document(
            "secret",
            "To restore a backup of the vault, ask the keeper.",
            contributors=BEN,
            audience=Audience.of("group:vault"),
            tags=("hidden",),
        ),
    ]


@contextmanager
def company(data: Path) -> Iterator[Services]:
    with opened(data) as made:
        list(made.capture.ingest(pages()))
        made.directory.put(Profile("Ben Osei", "ben@example.org", team="Platform"))
        yield made


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[Services]:
    """For the tests that change nothing."""
    with company(tmp_path_factory.mktemp(engine)) as made:
        yield made


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Services]:
    """For a test that adds to it."""
    with company(tmp_path) as made:
        yield made


def found(
    services: Services, query: str, principal: Principal = STAFF, **more: object
) -> list[str]:
    filters = Filters(**more)  # type: ignore[arg-type]
    result = services.pipeline.search(Request(query, filters), principal)
    return [hit.document.external_id for hit in result.answers]


def test_the_answer_is_the_passage_with_its_best_sentence(services: Services) -> None:
    result = services.pipeline.search(Request("how do I restore a backup"), STAFF)
    hit = result.answers[0]
    ((start, end),) = hit.highlights
    assert hit.document.external_id == "backup"
    assert hit.passage.text[start:end] == "To restore a backup, stop the ledger first."
    assert result.intent is Intent.ANSWER


def test_one_answer_a_document(services: Services) -> None:
    answers = found(services, "backup printer copy ledger")
    assert len(answers) == len(set(answers))


def test_inside_one_document_passages_are_answers(services: Services) -> None:
    with services.database.read() as connection:
        from knowledge.store import documents

        key = documents.find(connection, "wiki", "backup").id
    result = services.pipeline.search(
        Request("printer jams", Filters(document=frozenset({key}))), STAFF
    )
    assert {hit.document.id for hit in result.answers} == {key}
    assert "printer" in result.answers[0].passage.text


def test_who_knows_names_people_with_quotes(services: Services) -> None:
    result = services.pipeline.search(Request("who knows about restoring the backup"), STAFF)
    assert result.intent is Intent.WHO
    assert result.topic == "restoring the backup"
    ada = result.people[0]
    assert ada.person.name == "Ada Field"
    assert "restore a backup" in ada.evidence[0].quote
    assert ada.evidence[0].at == datetime(2026, 3, 1, tzinfo=UTC)


def test_hidden_documents_change_nothing_but_for_their_readers(services: Services) -> None:
    result = services.pipeline.search(Request("restore a backup of the vault"), STAFF)
    told = repr((result.answers, result.people, result.facets))
    assert "vault" not in told
    assert "hidden" not in told
    keeper = Principal(signed_in=True, groups=frozenset({"vault"}))
    assert found(services, "restore a backup of the vault", keeper)[0] == "secret"
    assert "secret" in found(services, "vault", OPERATOR)


@pytest.mark.parametrize("mode", list(Mode))
def test_an_asker_who_may_read_nothing_gets_nothing(services: Services, mode: Mode) -> None:
    result = services.pipeline.search(Request("backup", mode=mode), Principal())
    assert (result.answers, result.people, result.facets) == ((), (), {})
    assert not result.confident


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"kind": frozenset({"note"})}, {"queue"}),
        ({"source": frozenset({"notes"})}, {"queue"}),
        ({"level": frozenset({"expert"})}, {"queue"}),
        ({"team": frozenset({"Platform"})}, {"queue"}),
        ({"tag": frozenset({"ops"})}, {"backup"}),
        ({"tag": frozenset({"nothing"})}, set()),
        ({"updated_after": datetime(2026, 2, 1, tzinfo=UTC)}, {"backup"}),
        ({"updated_after": datetime(2026, 4, 1, tzinfo=UTC)}, set()),
        ({"kind": frozenset({"note", "writeup"})}, {"queue", "backup"}),
        ({"kind": frozenset({"note"}), "tag": frozenset({"ops"})}, set()),
    ],
)
@pytest.mark.parametrize("mode", list(Mode))
def test_filters_narrow_in_both_retrievers(
    services: Services, filters: dict[str, object], expected: set[str], mode: Mode
) -> None:
    result = services.pipeline.search(
        Request("backup printer ledger queue drains", Filters(**filters), mode=mode),  # type: ignore[arg-type]
        STAFF,
    )
    assert {hit.document.external_id for hit in result.answers} == expected


def test_a_filter_by_author(services: Services) -> None:
    ben = services.principal("ben@example.org")
    assert found(services, "queue backup", author=frozenset({ben.person_id})) == ["queue"]


def test_facets_count_visible_documents(services: Services) -> None:
    result = services.pipeline.search(Request("backup queue"), STAFF)
    assert result.facets["kind"] == {"note": 1, "writeup": 1}
    assert result.facets["team"] == {"Platform": 1}


def test_a_copy_is_folded_unless_the_original_is_hidden(own: Services) -> None:
    text = "To restore a backup of the vault, ask the keeper."
    own.capture.save(document("copy", text, title="Page secret"))
    own.capture.save(document("copy2", text, title="Page secret"))
    assert len([k for k in found(own, "vault keeper") if k.startswith("copy")]) == 1
    keeper = Principal(signed_in=True, groups=frozenset({"vault"}))
    answers = found(own, "vault keeper", keeper)
    assert len(set(answers) & {"secret", "copy", "copy2"}) == 1


def test_many_copies_do_not_end_the_pages_early(own: Services) -> None:
    text = "The heron sleeps on the mast of the ferry."
    for number in range(12):
        own.capture.save(document(f"copy{number}", text, title="Heron"))
    own.capture.save(document("other", "A heron was seen near the harbour crane yesterday."))
    keys: list[str] = []
    more = True
    while more:
        result = own.pipeline.search(Request("heron", limit=1, offset=len(keys)), STAFF)
        keys += [hit.document.external_id for hit in result.answers]
        more = result.more
    assert "other" in keys
    assert len([key for key in keys if key.startswith("copy")]) == 1


@pytest.mark.parametrize(
    "query",
    ['"foo AND -bar:* (', "backup OR NOT [x TO y]", "a:b~2^3", "back\x00up", "\ud800x", "日本"],
)
def test_operators_are_only_words(services: Services, query: str) -> None:
    services.pipeline.search(Request(query), STAFF)


def test_an_empty_index_answers_that_there_is_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "empty") as services:
        result = services.pipeline.search(Request("backup"), OPERATOR)
        assert (result.answers, result.people, result.confident) == ((), (), False)


def test_an_unrelated_query_names_nobody_with_confidence(services: Services) -> None:
    result = services.pipeline.search(Request("who knows zoology of axolotls"), STAFF)
    assert not result.people_confident


def test_stages_are_told(services: Services) -> None:
    result = services.pipeline.search(Request("backup"), STAFF)
    assert [stage.split(":")[0] for stage in result.stages] == [
        "query",
        "semantic",
        "lexical",
        "fusion",
        "access",
        "people",
        "confidence",
    ]


def test_of_whom_hardly_anything_is_known_only_two_are_listed(own: Services) -> None:
    for name in ("Cleo Marsh", "Dan Wood", "Eva Stone", "Fay Lake"):
        own.capture.save(
            document(
                name,
                "Puffins breed on cliffs.",
                contributors=(Contributor(name, Role.AUTHOR, email=f"{name[:3]}@example.org"),),
            )
        )
    one = own.pipeline.search(Request("who knows how to restore a backup"), STAFF)
    names = [hit.person.name for hit in one.people]
    assert names[0] == "Ada Field"
    assert len(names) == 2
    assert one.people[0].knows > one.people[1].knows
    several = own.pipeline.search(Request("who knows where puffins breed"), STAFF)
    assert len(several.people) >= 4
    # But for those whom the request names, if there is any evidence of theirs.
    fay = next(hit.person.id for hit in several.people if hit.person.name == "Fay Lake")
    asked = Request(
        "who knows how to restore a backup", people_limit=1, besides=frozenset({fay, 99})
    )
    assert [hit.person.name for hit in own.pipeline.search(asked, STAFF).people] == [
        "Ada Field",
        "Fay Lake",
    ]


@pytest.mark.parametrize(
    ("thresholds", "expected"),
    [
        ({"high_from": 0.0}, Confidence.HIGH),
        ({"high_from": 1.0, "medium_from": 0.0}, Confidence.MEDIUM),
        ({"high_from": 1.0, "medium_from": 1.0}, Confidence.LOW),
    ],
)
def test_the_band_is_that_of_the_probability(
    services: Services, thresholds: dict[str, float], expected: Confidence
) -> None:
    people = services.settings.people.model_copy(update=thresholds)
    pipeline = Pipeline(
        services.database,
        services.index,
        services.embedder,
        services.settings.search,
        people,
        services.settings.privacy,
    )
    result = pipeline.search(Request("who knows how to restore a backup"), STAFF)
    assert {hit.confidence for hit in result.people} == {expected}


def test_how_much_was_searched_is_what_the_asker_may_read(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confidence, "SMALLEST", 1)
    sizes = {}
    for asker in (STAFF, OPERATOR):
        result = services.pipeline.search(Request("backup"), asker)
        sizes[asker.operator] = round(math.exp(result.signs.size))
    with services.database.read() as connection:
        from knowledge.store import passages

        every = passages.live_ids(connection)
        seen = passages.load(connection, every, STAFF)
    assert sizes == {False: len(seen), True: len(every)}
    assert len(seen) < len(every)


def test_results_favour_the_level_that_the_reader_says_and_change_nothing_else(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as services:
        services.directory.put(Profile("Ben Osei", "ben@example.org"))
        text, save = "The kiln is fired slowly, and opened when it is cold.", services.capture.save
        for key, level in (("a", Level.EXPERT), ("b", Level.NEWCOMER), ("c", None)):
            save(document(key, f"{text} So says {key}.", title="Kilns", level=level))
        for number in range(12):
            save(document(f"p{number}", f"The printer {number} is fired up on Mondays."))
        ben = services.principal("ben@example.org")

        def found(who: Principal) -> list[tuple[int, float]]:
            answers = services.pipeline.search(Request("fired kiln"), who).answers
            return [(hit.document.id, hit.features.level) for hit in answers]

        before = found(ben)
        assert {boost for _, boost in before} == {0.0}
        for level, first in ((Level.NEWCOMER, 2), (Level.EXPERT, 1)):
            services.levels.say(ben, level)
            told = found(ben)
            assert told[0] == (first, services.settings.search.level)
            assert {key for key, _ in told} == {key for key, _ in before}
            assert found(STAFF) == before
            result = services.pipeline.search(Request("fired kiln"), ben)
            assert any(f"written for a {level.value}" in stage for stage in result.stages)
        services.levels.say(ben, Level.PRACTITIONER)
        assert found(ben) == before

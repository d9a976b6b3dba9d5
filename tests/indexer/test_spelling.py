"""Mistyped words are put right, by nothing but what the asker may read."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from api.services import Services
from indexer import lexical, word_counts
from indexer import vocabulary as words_by_document
from indexer.search.results import Intent, Request
from indexer.spelling import correct
from indexer.vocabulary import Vocabulary, words_in
from knowledge.errors import IndexDamaged
from knowledge.types import ANYONE, OPERATOR, Audience, Contributor, Principal, Role
from tests.builders import document, opened

STAFF = Principal(signed_in=True)
KEEPER = Principal(signed_in=True, groups=frozenset({"vault"}))
PUBLIC, SECRET = 1, 2
TEXT = """To restore a backup from the server of the ledger, stop the ledger first and see whether
the certificates are signed. The queue of invoices drains when the printer is switched off, and the
committee reconciles it. Frozen, casual, useful."""


@pytest.fixture
def vocabulary(tmp_path: Path) -> Vocabulary:
    """Twelve documents of ``TEXT``, of which two are entitled; one hidden document."""
    made = Vocabulary(lexical.load("tantivy", tmp_path / "lexical").analyze)
    for number in range(12):
        made.put(number, PUBLIC, words_in(TEXT), set())
    made.put(20, PUBLIC, words_in("Grafana Ada Osei"), words_in("Grafana Ada Osei"))
    made.put(21, SECRET, words_in("Zanzibar"), words_in("Zanzibar"))
    return made


def put_right(vocabulary: Vocabulary, text: str, scope: frozenset[int] | None) -> str | None:
    return correct(text, vocabulary, scope, lambda word: word == "sever")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("how do I resotre a bakcup?", "how do I restore a backup?"),
        ("Resotre the bckup", "Restore the backup"),
        ("the ledgger's queeue", "the ledger's queue"),
        ("printre-ledgre", "printer-ledger"),
        ("(invoises), cerificates!", "(invoices), certificates!"),
        ("certificaets signedd", "certificates signed"),
        ("reconciels recnociles", "reconciles reconciles"),
        ("grafnaa by Osie", "grafana by Osei"),
        ("frozne", "frozen"),
        ("commitee certficatse", "committee certificates"),
        ("zertificates brinter", "certificates printer"),  # long enough to be known by the rest
        ("comitee", None),  # two letters of seven
    ],
)
def test_slips_of_the_keyboard(vocabulary: Vocabulary, typed: str, expected: str | None) -> None:
    assert put_right(vocabulary, typed, frozenset({PUBLIC})) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "restore the backup",
        "restores restoring restored backups",  # other forms of known words
        "RESOTRE",
        "resotreBackup ReSotre",
        "resotre_backup resotre.backup resotre/backup resotre@backup resotre:backup",
        "resotre2 b4ckup",
        '"resotre" “resotre the bakcup” `bakcup`',
        "--resotre -bakcup",
        "teh",  # too short
        "sever",  # the model knows it, whatever it resembles
        "what would whose about",  # words that carry a question
        "xylophone zoology",  # like nothing here
        "mackup",  # another first letter is no slip
        "日本語の文書の検索",
        "bakcup " * 100,  # pasted, not typed
        "bakcup qqqa qqqb qqqc qqqd qqqe qqqf qqqg",  # another language
    ],
)
def test_what_is_left_alone(vocabulary: Vocabulary, typed: str) -> None:
    assert put_right(vocabulary, typed, frozenset({PUBLIC})) is None


def test_what_could_be_two_words_is_left_alone(tmp_path: Path) -> None:
    vocabulary = Vocabulary(lexical.load("tantivy", tmp_path / "lexical").analyze)
    for number in range(10):
        vocabulary.put(number, PUBLIC, {"forest"} if number % 2 else {"frost"}, set())
    assert put_right(vocabulary, "forst", None) is None
    assert put_right(vocabulary, "foresst", None) == "forest"


def test_a_rare_word_is_no_correction_unless_somebody_titled_something_so(
    vocabulary: Vocabulary,
) -> None:
    vocabulary.put(30, PUBLIC, {"kubernetes"}, set())
    assert put_right(vocabulary, "kuberentes", None) is None
    vocabulary.put(30, PUBLIC, {"kubernetes"}, {"kubernetes"})
    assert put_right(vocabulary, "kuberentes", None) == "kubernetes"


def test_hidden_words_do_not_exist(vocabulary: Vocabulary) -> None:
    public, both = frozenset({PUBLIC, 7}), frozenset({PUBLIC, SECRET})
    assert put_right(vocabulary, "zanzbiar", public) is None
    assert put_right(vocabulary, "zanzbiar", both) == "zanzibar"
    assert put_right(vocabulary, "zanzbiar", None) == "zanzibar"
    # A hidden word is no reason to leave a slip alone, either.
    vocabulary.put(22, SECRET, {"bakcup"}, {"bakcup"})
    assert put_right(vocabulary, "bakcup", public) == "backup"
    assert put_right(vocabulary, "bakcup", both) is None
    # Nor is one a second candidate, or makes a first one frequent.
    for number in range(40, 50):
        vocabulary.put(number, SECRET, {"backap", "xenon"}, set())
    assert put_right(vocabulary, "backp", public) == "backup"
    assert put_right(vocabulary, "backp", both) is None
    vocabulary.put(23, PUBLIC, {"xenon"}, set())
    assert put_right(vocabulary, "xneon", public) is None
    assert put_right(vocabulary, "xneon", both) == "xenon"


@pytest.mark.parametrize("waiting", [3, 500])
def test_random_work_leaves_what_a_fresh_start_has(
    waiting: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts, deletions, replacements and saving agree with the plainest way to count."""
    monkeypatch.setattr(word_counts, "_WAITING", waiting)
    chance = random.Random(3)
    words = [f"{first}{second}{third}" for first in "abcd" for second in "xyz" for third in "uvw"]
    analyze = lexical.load("tantivy", tmp_path / "lexical").analyze
    vocabulary, held = Vocabulary(analyze), {}
    for step in range(400):
        key = chance.randrange(30)
        if chance.random() < 0.4:
            held.pop(key, None)
            vocabulary.remove(key)
        else:
            some = set(chance.sample(words, chance.randrange(6)))
            named = set(chance.sample(sorted(some), len(some) // 2))
            held[key] = chance.randrange(4), some, named
            vocabulary.put(key, *held[key])
        if step % 40 == 0:
            vocabulary.save(tmp_path / "saved")
            vocabulary = Vocabulary(analyze)
            vocabulary.load(tmp_path / "saved")
        scope = frozenset(chance.sample(range(6), chance.randrange(6)))
        for asked in (scope, None):
            for word in words:
                seen = sum(
                    (word in some) + (word in named)
                    for audience, some, named in held.values()
                    if asked is None or audience in asked
                )
                assert vocabulary.frequency(word, asked) == seen
                assert vocabulary.knows(word, asked) == bool(seen)
        assert vocabulary.held() == {key: audience for key, (audience, _, _) in held.items()}
        everything = {word for _, some, _ in held.values() for word in some}
        assert set(vocabulary.of_length(3)) == everything
        assert len(vocabulary) == len(everything)


@pytest.mark.parametrize("ids", [[], [0], [0, 0, 7, 65_542, 65_542], [3, 70_000, 2**32 - 1]])
def test_the_words_of_a_document_are_kept_in_few_bytes(ids: list[int]) -> None:
    pressed = words_by_document._pressed(np.array(ids, dtype=np.uint32))
    assert words_by_document._unpressed(pressed).tolist() == ids
    assert len(pressed) <= 1 + 4 * len(ids)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "saved").write_bytes(b"PK\x03\x04 no")
    vocabulary = Vocabulary(lexical.load("tantivy", tmp_path / "lexical").analyze)
    with pytest.raises(IndexDamaged):
        vocabulary.load(tmp_path / "saved")


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path) as made:
        made.capture.save(
            document("backup", "Stop the ledger to restore the backup.", title="Restore a backup")
        )
        made.capture.save(
            document(
                "secret",
                "# Meridian\n\nThe acquisition is called Meridian.",
                title="Meridian",
                tags=("zanzibar",),
                contributors=(Contributor("Quirina Vask", Role.AUTHOR, email="q@example.org"),),
                audience=Audience.of("group:vault"),
            )
        )
        yield made


def corrected(services: Services, query: str, principal: Principal = STAFF) -> str | None:
    return services.pipeline.search(Request(query), principal).corrected


def test_the_corrected_query_is_what_is_searched_for(services: Services) -> None:
    result = services.pipeline.search(Request("how to resotre a bakcup"), STAFF)
    assert result.query == "how to resotre a bakcup"
    assert result.corrected == "how to restore a backup"
    assert result.topic == "how to restore a backup"
    assert result.answers[0].features.bm25 > 0
    typed = services.pipeline.search(Request("how to resotre a bakcup", spelling=False), STAFF)
    assert typed.corrected is None
    assert typed.topic == "how to resotre a bakcup"


def test_only_the_topic_of_a_question_for_people_is_corrected(services: Services) -> None:
    result = services.pipeline.search(Request("Who knows about bakcup?"), STAFF)
    assert (result.corrected, result.topic) == ("Who knows about backup?", "backup")
    services.capture.save(document("who", "She knows who knows.", title="Who knows"))
    mistyped = services.pipeline.search(Request("who knwos about backup"), STAFF)
    assert mistyped.corrected == "who knows about backup"
    assert (mistyped.intent, mistyped.topic) == (Intent.WHO, "backup")


@pytest.mark.parametrize("typed", ["meridain", "zanzbiar", "qurina", "vaks"])
def test_hidden_titles_tags_and_people_spell_nothing(services: Services, typed: str) -> None:
    assert corrected(services, typed) is None
    assert corrected(services, typed, ANYONE) is None
    assert corrected(services, typed, KEEPER) is not None
    assert corrected(services, typed, OPERATOR) is not None


def test_what_is_revoked_or_deleted_spells_nothing_any_more(services: Services) -> None:
    saved = services.capture.save(
        document("b", "Bellwether", title="Bellwether", audience=Audience.of("everyone"))
    )
    assert saved.document_id is not None
    assert corrected(services, "bellwehter") == "bellwether"
    services.capture.set_audience(saved.document_id, Audience.of("group:vault"))
    assert corrected(services, "bellwehter") is None
    assert corrected(services, "bellwehter", KEEPER) == "bellwether"
    services.capture.delete(saved.document_id)
    assert corrected(services, "bellwehter", OPERATOR) is None
    assert services.index.verify() == []


def test_a_snapshot_keeps_the_words(tmp_path: Path, services: Services) -> None:
    services.index.catch_up()
    assert services.index.save()
    with opened(tmp_path) as again:
        assert again.index.catch_up() == 0
        assert corrected(again, "resotre") == "restore"
        assert corrected(again, "meridain") is None
        assert again.index.verify() == []


def test_verify_notices_wrong_words(services: Services) -> None:
    services.index.catch_up()
    vocabulary = services.index._vocabulary
    words, named = words_in("one two"), words_in("two")
    vocabulary.put(1, vocabulary.held()[1], words, named)
    assert services.index.verify() == ["vocabulary: 1 documents differ from the database"]
    vocabulary.remove(1)
    vocabulary.put(99, PUBLIC, words, named)
    assert services.index.verify() == ["vocabulary: 2 documents differ from the database"]

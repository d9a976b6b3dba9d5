"""What every lexical index must do."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from indexer import lexical
from indexer.protocols import Filters, Ids, LexicalEntry, LexicalIndex
from knowledge.errors import IndexDamaged, InvalidSettings

ALL = Filters()
DAY = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.fixture(params=lexical.names())
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def index(kind: str, tmp_path: Path) -> Iterator[LexicalIndex]:
    made = lexical.load(kind, tmp_path / "index")
    yield made
    made.close()


def entry(passage_id: int, text: str, document_id: int | None = None, **fields: object) -> object:
    whole = LexicalEntry(passage_id, document_id or passage_id, 1, "", "", text, "")
    return replace(whole, **fields)  # type: ignore[arg-type]


def put(index: LexicalIndex, *entries: object) -> None:
    index.add(entries)  # type: ignore[arg-type]
    index.commit()


def found(index: LexicalIndex, query: str, filters: Filters = ALL, k: int = 100) -> list[int]:
    return sorted(index.search(query, k, filters)[0].tolist())


def ints(*values: int) -> Ids:
    return np.array(values, dtype=np.int64)


def test_words_are_stemmed_and_folded(index: LexicalIndex) -> None:
    put(index, entry(1, "Rotating the keys of naïve Müller"), entry(2, "Lunch on Fridays"))
    for query in ("rotate key", "ROTATES", "naive", "muller", "MÜLLER'S"):
        assert found(index, query) == [1]
    assert index.analyze("Rotating Müllers' keys") == index.analyze("rotate mullers key")


def test_what_is_written_is_found_after_commit(index: LexicalIndex) -> None:
    put(index, entry(1, "The kiln is cold"))
    index.remove_documents([1])
    index.add([entry(2, "The kiln is hot")])  # type: ignore[list-item]
    index.write()
    assert found(index, "kiln") == [1]
    index.commit()
    assert found(index, "kiln") == [2]


def test_all_of_a_passage_is_searched(index: LexicalIndex) -> None:
    put(
        index,
        entry(1, "a body", title="Kerberos tickets", headings="Renewal › Cron", speakers="Ada Li"),
    )
    for query in ("body", "kerberos", "renewal", "cron", "ada", "LI"):
        assert found(index, query) == [1]


def test_names_are_not_stemmed(index: LexicalIndex) -> None:
    put(index, entry(1, "x", speakers="Hastings"), entry(2, "x", speakers="Hasting"))
    assert found(index, "Hastings") == [1]


def test_best_first(index: LexicalIndex) -> None:
    filler = [entry(i, f"word{i} about the deployment of things") for i in range(10, 40)]
    put(index, entry(1, "kafka " + "other words " * 20), entry(2, "kafka lag, kafka"), *filler)
    ids, scores = index.search("kafka deployment", 100, ALL)
    assert ids[:2].tolist() == [2, 1]
    assert (np.diff(scores) <= 0).all()
    assert (ids.dtype, scores.dtype) == (np.int64, np.float32)
    assert len(index.search("kafka deployment", 5, ALL)[0]) == 5


@pytest.mark.parametrize(
    "query",
    [
        "foo AND -bar:* (",
        '"foo bar"~2 NOT baz^9',
        "text:foo +bar -foo",
        "foo* fo? /foo.*/ [a TO z] {x}",
        "foo\x00 \ud800 \u202e bar",
        "IN [foo bar] facet:kind:note *:*",
        "'; DROP TABLE foo --",
    ],
)
def test_no_character_is_an_operator(index: LexicalIndex, query: str) -> None:
    put(index, entry(1, "foo bar"), entry(2, "foo only"), entry(3, "qux"))
    hits = found(index, query)
    assert {1, 2} <= set(hits)
    assert 3 not in hits


@pytest.mark.parametrize("query", ["", "   \n", "?!…—()[]*:\\\"'", "-" * 10_000, "\ud800", "😀"])
def test_a_query_without_words_finds_nothing(index: LexicalIndex, query: str) -> None:
    put(index, entry(1, "foo bar"))
    assert index.search(query, 10, ALL)[0].shape == (0,)
    assert index.scores(query, ints(1)).tolist() == [0.0]


def test_very_long_queries(index: LexicalIndex) -> None:
    put(index, entry(1, "foo bar"))
    assert found(index, "foo " * 2_500) == [1]
    assert found(index, " ".join(f"w{i}" for i in range(2_000))) == []
    assert found(index, "x" * 10_000) == []


def test_filters(index: LexicalIndex) -> None:
    stamp = int(DAY.timestamp())
    put(
        index,
        entry(1, "foo", 10, audience_id=1, facets=("kind:note", "tag:Ops", "author:7")),
        entry(2, "foo", 10, audience_id=2, facets=("kind:note", "team:core"), updated_at=stamp),
        entry(3, "foo", 11, audience_id=3, facets=("kind:writeup", "source:wiki", "level:expert")),
        entry(4, "foo", 12, audience_id=3, facets=("kind:thread",), updated_at=stamp + 3600),
        entry(5, "bar", 12, audience_id=1, facets=("kind:note",)),
    )
    later = DAY + timedelta(hours=1)
    for filters, expected in (
        (Filters(), [1, 2, 3, 4]),
        (Filters(audiences=frozenset({1, 2})), [1, 2]),
        (Filters(audiences=frozenset({99})), []),
        (Filters(audiences=frozenset()), []),
        (Filters(document=frozenset({10, 12})), [1, 2, 4]),
        (Filters(kind=frozenset({"note"})), [1, 2]),
        (Filters(kind=frozenset({"NOTE", "thread"})), [1, 2, 4]),
        (Filters(kind=frozenset({"not"})), []),
        (Filters(tag=frozenset({"ops"})), [1]),
        (Filters(author=frozenset({7})), [1]),
        (Filters(team=frozenset({"core"})), [2]),
        (Filters(source=frozenset({"wiki"})), [3]),
        (Filters(level=frozenset({"expert"})), [3]),
        (Filters(kind=frozenset({"note"}), team=frozenset({"core"})), [2]),
        (Filters(kind=frozenset({"note"}), source=frozenset({"wiki"})), []),
        (Filters(kind=frozenset({"note"}), audiences=frozenset({1})), [1]),
        (Filters(updated_after=DAY), [2, 4]),
        (Filters(updated_before=later), [2]),
        (Filters(updated_after=DAY, updated_before=later), [2]),
        (Filters(updated_after=later), [4]),
    ):
        assert found(index, "foo", filters) == expected, filters


def test_phrases_are_required_and_words_left_out(index: LexicalIndex) -> None:
    put(
        index,
        entry(1, "Rotate the signing keys first", title="Cold storage", headings="Backup"),
        entry(2, "keys of the signing room", audience_id=2, speakers="Ada Hastings"),
        entry(3, "the storage is cold; a backup key", facets=("kind:note",)),
    )
    for filters, expected in (
        (Filters(phrase=frozenset({"signing key"})), [1]),
        (Filters(phrase=frozenset({"SIGNING"})), [1, 2]),
        (Filters(phrase=frozenset({"signing keys", "cold storage"})), [1]),
        (Filters(phrase=frozenset({"storage backup"})), []),  # the title ends before the heading
        (Filters(phrase=frozenset({"keys signing"})), []),
        (Filters(phrase=frozenset({"ada hastings"})), [2]),
        (Filters(phrase=frozenset({"the"})), [1, 2, 3]),
        (Filters(phrase=frozenset({"?!"})), []),
        (Filters(phrase=frozenset({"foo AND *:*"})), []),
        (Filters(without=frozenset({"storage"})), [2]),
        (Filters(without=frozenset({"storage", "hastings"})), []),
        (Filters(without=frozenset({"cold storage"})), [2, 3]),
        (Filters(without=frozenset({"?!"})), [1, 2, 3]),
        (Filters(phrase=frozenset({"keys"}), without=frozenset({"room"})), [1, 3]),
        (Filters(phrase=frozenset({"cold"}), kind=frozenset({"note"})), [3]),
        (Filters(without=frozenset({"room"}), audiences=frozenset({2})), []),
        (Filters(phrase=frozenset({"keys"}), audiences=frozenset({2})), [2]),
        (ALL, [1, 2, 3]),
    ):
        assert index.matching(filters).tolist() == expected, filters
        assert found(index, "keys", filters) == expected, filters
    ids, scores = index.search("key storage", 10, Filters(without=frozenset({"room"})))
    assert index.scores("key storage", ids) == pytest.approx(scores, abs=1e-4)


def test_what_is_looked_for_besides_counts_by_its_weight(index: LexicalIndex) -> None:
    put(
        index,
        entry(1, "rollout of the kubernetes nodes"),
        entry(2, "time paid and off", speakers="Ada"),
        entry(3, "k8s rollout"),
        entry(4, "paid time off"),
        entry(5, "nothing of it"),
    )
    plain, _ = index.search("k8s", 10, ALL)
    besides = [("kubernetes", 0.5), ("paid time off", 0.25)]
    ids, scores = index.search("k8s", 10, ALL, besides)
    assert plain.tolist() == [3]
    assert ids.tolist() == [3, 4, 1] or ids.tolist() == [3, 1, 4]
    assert index.scores("k8s", ids, besides) == pytest.approx(scores, abs=1e-4)
    (half,) = index.scores("k8s", ints(1), besides)
    (whole,) = index.scores("k8s", ints(1), [("kubernetes", 1.0)])
    assert whole == pytest.approx(2 * half, abs=1e-3)
    assert index.search("k8s", 10, ALL, [("?!", 1.0)])[0].tolist() == [3]
    narrow = Filters(without=frozenset({"rollout"}))
    assert index.search("k8s", 10, narrow, besides)[0].tolist() == [4]


def test_scores_do_not_depend_on_filters_and_are_exact(index: LexicalIndex) -> None:
    random = np.random.default_rng(3)
    words = [f"term{i}" for i in range(40)]
    for part in range(4):  # several commits: the statistics must be those of the whole
        put(
            index,
            *(
                entry(
                    part * 50 + i,
                    " ".join(random.choice(words, random.integers(3, 30))),
                    audience_id=i % 3,
                    speakers="term1 Lovelace" if i % 7 == 0 else "",
                )
                for i in range(1, 51)
            ),
        )
    index.remove_documents(range(60, 90))
    index.commit()
    held = index.ids()
    for query in ("term1 term2", "term1", "lovelace term5", "term3 term3 term4", "absent"):
        ids, scores = index.search(query, 1000, ALL)
        assert index.scores(query, ids) == pytest.approx(scores, abs=1e-4)
        by_id = dict(zip(ids.tolist(), scores.tolist(), strict=True))
        mixed = random.permutation(np.concatenate([held, ints(70, 9999)]))
        assert index.scores(query, mixed).tolist() == pytest.approx(
            [by_id.get(key, 0.0) for key in mixed.tolist()], abs=1e-4
        )
        narrow, narrow_scores = index.search(query, 1000, Filters(audiences=frozenset({1})))
        assert narrow_scores.tolist() == pytest.approx(
            [by_id[i] for i in narrow.tolist()], abs=1e-4
        )
        assert set(narrow.tolist()) <= set(ids.tolist())


def test_scores_of_nothing(index: LexicalIndex) -> None:
    assert index.scores("foo", ints()).shape == (0,)
    assert index.scores("foo", ints(1, 2)).tolist() == [0.0, 0.0]
    assert index.search("foo", 10, ALL)[0].shape == (0,)
    assert index.ids().shape == (0,)
    put(index, entry(1, "foo"))
    assert index.search("foo", 0, ALL)[0].shape == (0,)


def test_equal_scores_come_in_order_of_id(index: LexicalIndex) -> None:
    put(index, *(entry(key, "the very same words") for key in (9, 7, 2)))
    put(index, *(entry(key, "the very same words") for key in (5, 4)))
    assert index.search("words", 10, ALL)[0].tolist() == [2, 4, 5, 7, 9]
    assert index.search("words", 3, ALL)[0].tolist() == [2, 4, 5]


def test_changes_are_visible_after_commit(index: LexicalIndex) -> None:
    put(index, entry(1, "foo", 1), entry(2, "foo", 1), entry(3, "foo", 2))
    index.add([entry(4, "foo", 3)])  # type: ignore[list-item]
    index.remove_documents([1, 77])
    assert index.ids().tolist() == [1, 2, 3]
    index.commit()
    assert index.ids().tolist() == found(index, "foo") == [3, 4]


def test_a_document_is_replaced_within_one_commit(index: LexicalIndex) -> None:
    put(index, entry(1, "old words", 1))
    index.remove_documents([1])
    put(index, entry(2, "new words", 1))
    assert found(index, "words") == [2]
    index.add([entry(3, "passing", 5)])  # type: ignore[list-item]
    index.remove_documents([5])
    index.commit()
    assert index.ids().tolist() == [2]
    index.remove_documents([])
    index.commit()
    assert index.ids().tolist() == [2]


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_a_dictionary_through_random_changes(
    kind: str, seed: int, tmp_path: Path
) -> None:
    random = np.random.default_rng(seed)
    index, held = lexical.load(kind, tmp_path / "a"), dict[int, tuple[int, int, frozenset[str]]]()
    words = [f"w{i}q" for i in range(12)]
    next_id = 1
    for step in range(25):
        picked = set(random.integers(1, 15, 3).tolist())
        index.remove_documents(picked)
        held = {key: value for key, value in held.items() if value[0] not in picked}
        for document_id in picked if random.random() < 0.7 else ():
            for _ in range(random.integers(1, 4)):
                text = frozenset(random.choice(words, 4).tolist())
                held[next_id] = (document_id, document_id % 4, text)
                made = entry(next_id, " ".join(text), document_id, audience_id=document_id % 4)
                index.add([made])  # type: ignore[list-item]
                next_id += 1
        index.commit()
        if step % 8 == 7:
            index.save(tmp_path / f"saved{step}")
            if step == 15:
                index.close()
                index = lexical.load(kind, tmp_path / "b")
                index.load(tmp_path / f"saved{step}")
        assert index.ids().tolist() == sorted(held)
        asked = set(random.choice(words, 2).tolist())
        for scope in (None, frozenset({0, 3}), frozenset({2})):
            expected = [
                key
                for key, (_, audience, text) in sorted(held.items())
                if text & asked and (scope is None or audience in scope)
            ]
            assert found(index, " ".join(asked), Filters(audiences=scope), 500) == expected
    index.close()


def test_saved_loaded_and_written_further(index: LexicalIndex, kind: str, tmp_path: Path) -> None:
    put(index, entry(1, "foo"), entry(2, "foo bar"))
    before = index.search("foo bar", 10, ALL)
    index.save(tmp_path / "saved")
    put(index, entry(3, "foo"))  # the copy stays as it was, the original goes on
    assert index.ids().tolist() == [1, 2, 3]
    other = lexical.load(kind, tmp_path / "other")
    put(other, entry(50, "foo of the past"))
    other.load(tmp_path / "saved")
    after = other.search("foo bar", 10, ALL)
    assert after[0].tolist() == before[0].tolist()
    assert after[1].tolist() == before[1].tolist()
    put(other, entry(4, "foo"))
    assert other.ids().tolist() == [1, 2, 4]
    other.close()
    third = lexical.load(kind, tmp_path / "third")
    third.load(tmp_path / "saved")
    assert third.ids().tolist() == [1, 2]
    third.close()


def test_an_empty_index_can_be_kept(index: LexicalIndex, kind: str, tmp_path: Path) -> None:
    index.save(tmp_path / "saved")
    other = lexical.load(kind, tmp_path / "other")
    put(other, entry(1, "foo"))
    other.load(tmp_path / "saved")
    assert other.ids().size == 0
    other.close()


def test_unusable_files_are_refused(index: LexicalIndex, kind: str, tmp_path: Path) -> None:
    put(index, *(entry(i, f"foo {i}") for i in range(1, 30)))
    index.save(tmp_path / "good")
    for name, spoil in (("cut", lambda data: data[: len(data) // 2]), ("none", lambda data: b"")):
        folder = tmp_path / name
        folder.mkdir()
        for file in (tmp_path / "good").iterdir():
            (folder / file.name).write_bytes(spoil(file.read_bytes()))
    (tmp_path / "empty").mkdir()
    for name in ("cut", "none", "empty", "missing"):
        other = lexical.load(kind, tmp_path / f"other-{name}")
        with pytest.raises(IndexDamaged):
            other.load(tmp_path / name)
        other.close()
    retry = lexical.load(kind, tmp_path / "retry")
    with pytest.raises(IndexDamaged):
        retry.load(tmp_path / "cut")
    retry.load(tmp_path / "good")
    assert retry.ids().size == 29
    retry.close()


def test_closing_gives_up_what_is_not_committed(
    index: LexicalIndex, kind: str, tmp_path: Path
) -> None:
    put(index, entry(1, "foo"))
    index.add([entry(2, "foo")])  # type: ignore[list-item]
    index.close()
    index.close()
    again = lexical.load(kind, tmp_path / "index")
    assert again.ids().tolist() == [1]
    put(again, entry(3, "foo"))
    assert again.ids().tolist() == [1, 3]
    again.close()


def test_searching_while_changing(index: LexicalIndex) -> None:
    put(index, *(entry(i, "foo stable", 1) for i in range(1, 21)))

    def look(_: int) -> bool:
        ids, scores = index.search("stable", 100, Filters(audiences=frozenset({1})))
        return ids.size == 20 and index.scores("stable", ids).size == scores.size

    with ThreadPoolExecutor(3) as pool:
        looks = pool.map(look, range(150))
        for turn in range(15):
            index.remove_documents([2])
            put(index, entry(100 + turn, "foo passing", 2))
        assert all(looks)


def test_an_unknown_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="tantivy"):
        lexical.load("no-such", tmp_path)

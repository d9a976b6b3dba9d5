"""What is tantivy's own: one writer a directory, how words are cut, how many count."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.lexical import tantivy
from indexer.protocols import Filters, LexicalEntry
from knowledge.errors import DataLocked


def entry(passage_id: int, text: str, speakers: str = "") -> LexicalEntry:
    return LexicalEntry(passage_id, passage_id, 1, "", "", text, speakers)


def test_one_writer_a_directory(tmp_path: Path) -> None:
    first, second = tantivy.create(tmp_path), tantivy.create(tmp_path)
    first.add([entry(1, "foo")])
    with pytest.raises(DataLocked):
        second.add([entry(2, "foo")])
    first.commit()
    first.close()
    second.add([entry(2, "foo")])
    second.commit()
    assert second.ids().tolist() == [1, 2]
    second.close()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("snake_case and kebab-case", ["snake", "case", "and", "kebab", "case"]),
        ("v2.11.3 ERR-4711", ["v2", "11", "3", "err", "4711"]),
        ("Æsir straße", ["aesir", "strass"]),
        ("y" * 81, []),
        ("\ud800tail", ["tail"]),
    ],
)
def test_words(tmp_path: Path, text: str, words: list[str]) -> None:
    assert tantivy.create(tmp_path).analyze(text) == words


def test_a_word_counts_less_in_the_list_of_speakers(tmp_path: Path) -> None:
    index = tantivy.create(tmp_path)
    index.add(entry(i, f"filler{i} more", f"Someone{i} Else") for i in range(10, 40))
    index.add([entry(1, "grace said so", "Nobody Else"), entry(2, "other said so", "Grace Else")])
    index.commit()
    ids, scores = index.search("grace", 10, Filters())
    assert ids.tolist() == [1, 2]
    assert 0 < scores[1] < scores[0]
    index.close()


def test_repeating_a_word_gives_it_weight(tmp_path: Path) -> None:
    index = tantivy.create(tmp_path)
    index.add([entry(1, "kafka"), entry(2, "redis")])
    index.commit()
    assert index.search("kafka kafka redis", 10, Filters())[0].tolist() == [1, 2]
    assert index.search("kafka redis redis", 10, Filters())[0].tolist() == [2, 1]
    index.close()


def test_only_so_many_different_words_count(tmp_path: Path) -> None:
    index = tantivy.create(tmp_path)
    index.add([entry(1, "needle")])
    index.commit()
    hay = " ".join(f"hay{i}" for i in range(tantivy.MAX_TERMS))
    assert index.search(f"needle {hay}", 10, Filters())[0].tolist() == [1]
    assert index.search(f"{hay} needle", 10, Filters())[0].size == 0
    index.close()


def test_function_words_count_only_without_others(tmp_path: Path) -> None:
    index = tantivy.create(tmp_path)
    index.add([entry(1, "how to do it"), entry(2, "kafka"), entry(3, "ask the IT helpdesk")])
    index.commit()
    assert index.search("How do I do Kafka?", 10, Filters())[0].tolist() == [2]
    assert index.search("how to do it", 10, Filters())[0].tolist()[0] == 1
    assert set(index.search("IT", 10, Filters())[0].tolist()) == {1, 3}
    assert set(index.search("the IT kafka", 10, Filters())[0].tolist()) == {1, 2, 3}
    index.close()

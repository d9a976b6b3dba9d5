"""What topics are called by the words of their documents."""

from __future__ import annotations

from indexer.topic_names import KEPT, frequent, named


def stem(word: str) -> list[str]:
    return [word.removesuffix("s")]


def test_the_frequent_words_are_kept_as_they_are_written_most() -> None:
    text = "Kilns and the kiln. Kilns fire; Ada's glaze is down on 12 of them"
    assert frequent([], [text], ["Ada Field"], stem) == [
        ("kiln", "kilns", 17),
        ("fire", "fire", 10),
        ("glaze", "glaze", 10),
    ]
    many = " ".join(f"word{'x' * number}" for number in range(100))
    assert len(frequent([], [many], [], stem)) == KEPT


def test_words_of_the_title_and_tags_weigh_twice_the_most_frequent_one() -> None:
    told = frequent(["Cool a kiln", "glazes"], ["Kilns cool. Kilns, kilns, kilns."], [], stem)
    assert told == [("kiln", "kilns", 60), ("cool", "cool", 50), ("glaze", "glazes", 40)]
    assert frequent(["Kilns"], [], [], stem) == [("kiln", "kilns", 20)]


def test_a_topic_is_called_by_what_tells_it_from_the_others() -> None:
    kilns = [[("kiln", "kiln", 5), ("oven", "oven", 9), ("page", "page", 9)]] * 2
    ovens = [[("bread", "bread", 5), ("oven", "oven", 9), ("page", "page", 9)]] * 2
    rest = [[("sail", "sail", 5), ("page", "page", 9)]] * 2
    found = named({1: kilns, 2: ovens, 3: rest})
    # Oven stands in two of three, page in all: such words come last.
    assert found[1][0] == "kiln"
    assert found[2][0] == "bread"
    assert found[3] == ("sail", "page")


def test_a_word_of_one_document_comes_after_those_of_several() -> None:
    held = {
        1: [[("kiln", "kilns", 1), ("aside", "aside", 30)], [("kiln", "kiln", 2)]],
        2: [[("sail", "sail", 5)]],
    }
    assert named(held)[1] == ("kiln", "aside")
    assert named(held)[2] == ("sail",)
    assert named({}) == {}
    assert named({3: [[]]}) == {3: ()}

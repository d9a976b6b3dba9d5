"""Which sentences are shown, and what people are quoted with."""

from __future__ import annotations

from pathlib import Path

from indexer.search.results import Request
from indexer.search.snippets import best_sentence, quotable, quote, spoken, written
from knowledge.types import Contributor, Kind, Principal, Role
from tests.builders import document, opened

TALK = (
    "**Ada Field:** \\[00:01\\] Did the vault open? I was away.\n\n"
    "**Ben Osei:** \\[00:09\\] The vault opens at noon. Not before."
)


def pieces(text: str, ranges: list[tuple[int, int]]) -> list[str]:
    return [text[start:end] for start, end in ranges]


def test_a_heading_is_shown_only_where_nothing_else_is() -> None:
    text = "# Opening the vault\n\nTurn the wheel. Wait."
    assert pieces(text, written(text)) == ["Turn the wheel.", "Wait."]
    assert pieces("## Vault", written("## Vault")) == ["## Vault"]
    assert written("") == []


def test_what_is_said_is_shown_without_names_and_times() -> None:
    assert pieces(TALK, spoken(TALK)) == [
        "Did the vault open?",
        "I was away.",
        "The vault opens at noon.",
        "Not before.",
    ]


def test_a_speaker_is_quoted_with_their_own_words() -> None:
    assert pieces(TALK, spoken(TALK, {"Ada Field"})) == ["Did the vault open?", "I was away."]
    assert spoken(TALK, {"Cleo Marsh"}) == []


def test_a_passage_may_begin_in_the_middle_of_what_somebody_says() -> None:
    text = "and then it jammed.\n\n**Ben Osei:** Oil it."
    both = ["Ada Field", "Ben Osei"]
    assert pieces(text, spoken(text, {"Ada Field"}, both)) == ["and then it jammed."]
    assert pieces(text, spoken(text, {"Ben Osei"}, both)) == ["Oil it."]
    assert spoken(text, {"Ada Field"}, [*both, "Cleo Marsh"]) == []


def test_the_best_of_the_given_sentences_is_chosen() -> None:
    wanted = {"vault": 1.0, "noon": 1.0}
    found = best_sentence(TALK, spoken(TALK, {"Ada Field"}), wanted, _words)
    assert found is not None
    assert TALK[slice(*found)] == "Did the vault open?"
    assert best_sentence(TALK, [], wanted, _words) is None


def test_a_quote_is_words_on_one_line() -> None:
    text = "1. Run `tidectl restore`,\nthen [ask](https://example.org) **Priya**."
    assert quote(text, (0, len(text))) == "Run tidectl restore, then ask Priya."
    assert quote("word " * 100, (0, 500)).endswith("word …")
    plain = "It rose to 12. Then fell - a bit."
    assert quote(plain, (0, len(plain))) == plain


def test_a_short_quote_takes_the_next_sentence_of_its_paragraph_along() -> None:
    text = f"Turn the wheel. Wait.\n\nThen open it. {'Very long. ' * 40}"
    among = written(text)
    assert pieces(text, [quotable(text, among, among[0])]) == ["Turn the wheel. Wait."]
    assert quotable(text, among, among[1]) == among[1]
    assert quotable(text, [among[0], among[-1]], among[0]) == among[0]
    long = (0, len(text))
    assert quotable(text, [long], long) == long


def _words(text: str) -> list[str]:
    return [word.strip("?.!").lower() for word in text.split()]


def test_nobody_is_quoted_with_what_somebody_else_said(tmp_path: Path) -> None:
    speakers = (
        Contributor("Ada Field", Role.SPEAKER, email="ada@example.org"),
        Contributor("Ben Osei", Role.SPEAKER, email="ben@example.org"),
    )
    talk = document("talk", TALK, kind=Kind.TRANSCRIPT, contributors=speakers)
    with opened(tmp_path) as services:
        list(services.capture.ingest([talk], speakers_consented=True))
        request = Request("who knows when the vault opens at noon")
        found = services.pipeline.search(request, Principal(signed_in=True))
    quotes = {hit.person.name: hit.evidence[0].quote for hit in found.people}
    assert quotes == {
        "Ada Field": "Did the vault open? I was away.",
        "Ben Osei": "The vault opens at noon. Not before.",
    }

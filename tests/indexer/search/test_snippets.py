"""Which sentences are shown, and what people are quoted with."""

from __future__ import annotations

from pathlib import Path

from indexer.search.results import Request
from indexer.search.snippets import best_window, quotable, quote
from indexer.search.units import LONG, Unit, spoken, written
from knowledge.capture import Terms
from knowledge.types import Contributor, Kind, Principal, Role
from tests.builders import document, opened

TALK = (
    "**Ada Field:** \\[00:01\\] Did the vault open? I was away.\n\n"
    "**Ben Osei:** \\[00:09\\] The vault opens at noon. Not before."
)
WANTED = {"vault": 1.0, "opens": 1.0, "noon": 1.0}


def chosen(text: str, units: list[Unit], wanted: dict[str, float] = WANTED) -> str:
    window = best_window(text, units, wanted, _words)
    return text[window[0].start : window[-1].end] if window else ""


def _words(text: str) -> list[str]:
    return [word.strip("?.!|,").lower() for word in text.split() if word.strip("?.!|,")]


def test_the_best_of_the_given_sentences_is_chosen() -> None:
    assert chosen(TALK, spoken(TALK)) == "The vault opens at noon."
    assert chosen(TALK, spoken(TALK, {"Ada Field"})) == "Did the vault open?"
    assert best_window(TALK, [], WANTED, _words) == ()


def test_words_in_neighbouring_sentences_make_a_window() -> None:
    text = "It is heavy. The vault is old. It opens late. Mostly at noon. Nobody knows why."
    assert chosen(text, written(text)) == "The vault is old. It opens late. Mostly at noon."
    apart = "The vault is old.\n\nIt opens late.\n\nMostly at noon."
    assert chosen(apart, written(apart)) == "The vault is old."


def test_a_window_is_no_longer_than_what_is_shown() -> None:
    filler = " ".join(["so"] * 70)
    text = f"The vault {filler}. It opens {filler}. At noon {filler}."
    assert len(chosen(text, written(text))) <= LONG


def test_a_question_gives_way_to_what_answers_it() -> None:
    wanted = {"vault": 1.0, "noon": 0.4}
    text = "When does the vault open at noon? Ask.\n\nThe vault opens then."
    assert chosen(text, written(text), wanted) == "The vault opens then."
    reply = "Does the vault open by day? Mostly at noon."
    assert chosen(reply, written(reply), {"vault": 1.0, "noon": 1.0}) == reply
    alone = "When does the vault open?"
    assert chosen(alone, written(alone), wanted) == alone


def test_a_row_or_a_line_is_chosen_whole() -> None:
    table = "| Door | When |\n|---|---|\n| The gate. | Dawn. |\n| The vault. | At noon. Late. |"
    assert chosen(table, written(table)) == "| The vault. | At noon. Late. |"
    code = "First ask.\n\n```\nwait. for it\nopen vault. at noon\n```"
    assert chosen(code, written(code)) == "open vault. at noon"


def test_a_quote_is_words_on_one_line() -> None:
    text = "1. Run `tidectl restore`,\nthen [ask](https://example.org) **Priya**."
    assert quote(text, written(text)) == "Run tidectl restore, then ask Priya."
    assert quote("", ()) == ""


def test_a_cut_quote_says_where_it_was_cut() -> None:
    text = "word " * 200
    first, second, *_ = written(text)
    assert quote(text, [first]).endswith("word …")
    assert quote(text, [second]).startswith("… word")


def test_cells_and_lines_stay_apart_in_a_quote() -> None:
    table = "| Vault \\| safe | | Noon |\n| Gate | Dawn |"
    assert quote(table, written(table)) == "Vault | safe · Noon • Gate · Dawn"
    code = "```\nmake *all*\nmake `go`\n```"
    assert quote(code, written(code)) == "make *all* ⏎ make `go`"


def test_a_short_quote_takes_the_next_sentence_of_its_paragraph_along() -> None:
    text = f"Turn the wheel. Wait.\n\nThen open it. {'Very long. ' * 40}"
    among = written(text)
    assert quotable(text, among, (among[0],)) == (among[0], among[1])
    assert quotable(text, among, (among[1],)) == (among[1],)
    assert quotable(text, [among[0], among[-1]], (among[0],)) == (among[0],)
    assert quotable(text, among, tuple(among[2:5])) == tuple(among[2:5])
    assert quotable(text, among, ()) == ()
    asked = "Does anybody know at which time of the day the vault is opened? At noon."
    assert quotable(asked, written(asked), (written(asked)[0],)) == tuple(written(asked))
    listed = "Turn.\n- Wait."
    assert quotable(listed, written(listed), (written(listed)[0],)) == (written(listed)[0],)


def test_nobody_is_quoted_with_what_somebody_else_said(tmp_path: Path) -> None:
    speakers = (
        Contributor("Ada Field", Role.SPEAKER, email="ada@example.org"),
        Contributor("Ben Osei", Role.SPEAKER, email="ben@example.org"),
    )
    talk = document("talk", TALK, kind=Kind.TRANSCRIPT, contributors=speakers)
    with opened(tmp_path) as services:
        list(services.capture.ingest([talk], Terms(speakers_consented=True)))
        request = Request("who knows when the vault opens at noon")
        found = services.pipeline.search(request, Principal(signed_in=True))
    quotes = {hit.person.name: hit.evidence[0] for hit in found.people}
    assert {name: evidence.quote for name, evidence in quotes.items()} == {
        "Ada Field": "Did the vault open? I was away.",
        "Ben Osei": "The vault opens at noon. Not before.",
    }
    for evidence in quotes.values():
        assert TALK[evidence.start : evidence.end] == evidence.quote

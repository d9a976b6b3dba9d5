"""How text becomes the words that are indexed, and which words of a query count."""

from __future__ import annotations

import re

import tantivy

from indexer.text import encodable

# In bytes. Longer "words" are base64, hashes of hashes and the like: they would only cost memory.
_LONGEST_WORD = 80
_WORD = re.compile(r"\w+")
# Function words only. They are indexed all the same, for queries that hold nothing else.
_STOP_WORDS = frozenset(
    """
    a about am an and are as at be been being but by can could did do does doing don for from had
    has have having how i if in into is it its just ll me my no not of on or our s she should so
    such t than that the their them then there these they this those to us ve was we were what
    when where which who whom whose why will with would you your
    """.split()
)


def _analyzer(*filters: tantivy.Filter) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for each in (
        tantivy.Filter.remove_long(_LONGEST_WORD),
        tantivy.Filter.lowercase(),
        tantivy.Filter.ascii_fold(),
        *filters,
    ):
        builder = builder.filter(each)
    return builder.build()


WORDS = _analyzer(tantivy.Filter.stemmer("english"))
NAMES = _analyzer()


def words_of(text: str) -> list[str]:
    """The words of ``text`` as they are indexed: lower-cased, ascii-folded, stemmed; in order."""
    return WORDS.analyze(encodable(text))


def names_of(text: str) -> list[str]:
    """The words of ``text`` as names are indexed: as by ``words_of``, but not stemmed."""
    return NAMES.analyze(encodable(text))


def telling(query: str) -> str:
    """``query`` without its function words, unless it has no others.

    They would make nearly every passage a candidate. In capitals they mean something: IT, US.
    """
    kept = _WORD.sub(_unless_stop_word, query)
    return kept if _WORD.search(kept) else query


def _unless_stop_word(found: re.Match[str]) -> str:
    word = found[0]
    in_capitals = len(word) > 1 and word.isupper()
    return " " if word.lower() in _STOP_WORDS and not in_capitals else word

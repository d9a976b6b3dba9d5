"""The tantivy index's fields, and what a filter means in terms of them."""

from __future__ import annotations

import math
from datetime import datetime

import tantivy

from indexer.lexical._words import NAMES, WORDS, names_of, words_of
from indexer.protocols import Filters, LexicalEntry
from indexer.text import encodable

TOKENIZERS = {"words": WORDS, "names": NAMES}


def _schema() -> tantivy.Schema:
    return (
        tantivy.SchemaBuilder()
        .add_unsigned_field("passage_id", indexed=True, fast=True)
        .add_unsigned_field("document_id", indexed=True)
        .add_unsigned_field("audience_id", indexed=True)
        .add_integer_field("updated_at", fast=True)
        .add_text_field("text", tokenizer_name="words", index_option="position")
        .add_text_field("speakers", tokenizer_name="names", index_option="position")
        .add_text_field("facet", tokenizer_name="raw", index_option="freq")
        .build()
    )


SCHEMA = _schema()


def document(entry: LexicalEntry) -> tantivy.Document:
    """One passage as it is indexed; nothing is stored, the text is in the database."""
    made = tantivy.Document()
    made.add_unsigned("passage_id", entry.passage_id)
    made.add_unsigned("document_id", entry.document_id)
    made.add_unsigned("audience_id", entry.audience_id)
    made.add_integer("updated_at", entry.updated_at)
    # One value each: no phrase goes on from the title into the text.
    for text in (entry.title, entry.headings, entry.text):
        made.add_text("text", encodable(text))
    made.add_text("speakers", encodable(entry.speakers))
    for facet in entry.facets:
        made.add_text("facet", _facet(facet))
    return made


def condition(filters: Filters) -> tantivy.Query | None:
    """What passes ``filters``, adding 0 to a score; None when everything does.

    Dates are a half-open interval, ``updated_after <= t < updated_before``; a document of unknown
    date is in none.
    """
    clauses: list[tantivy.Query] = []
    if filters.audiences is not None:
        clauses.append(_any_of("audience_id", filters.audiences))
    if filters.document:
        clauses.append(_any_of("document_id", filters.document))
    for field, values in (
        ("kind", filters.kind),
        ("tag", filters.tag),
        ("team", filters.team),
        ("source", filters.source),
        ("author", filters.author),
        ("level", filters.level),
    ):
        if values:
            clauses.append(_any_of("facet", {_facet(f"{field}:{value}") for value in values}))
    if filters.updated_after is not None or filters.updated_before is not None:
        clauses.append(_updated(filters.updated_after, filters.updated_before))
    clauses += [holding(phrase) for phrase in sorted(filters.phrase)]
    left_out = [holding(phrase) for phrase in sorted(filters.without)]
    if not clauses and not left_out:
        return None
    # What is left out needs something to be left out of.
    parts = [(tantivy.Occur.Must, clause) for clause in clauses or [tantivy.Query.all_query()]]
    parts += [(tantivy.Occur.MustNot, clause) for clause in left_out]
    return tantivy.Query.const_score_query(tantivy.Query.boolean_query(parts), 0.0)


def holding(phrase: str) -> tantivy.Query:
    """Passages with these words side by side, wherever a search would find one of them."""
    found = []
    for field, words in (("text", words_of(phrase)), ("speakers", names_of(phrase))):
        if len(words) == 1:
            found.append(tantivy.Query.term_query(SCHEMA, field, words[0], index_option="freq"))
        elif words:
            found.append(tantivy.Query.phrase_query(SCHEMA, field, list(words)))
    if not found:
        return tantivy.Query.empty_query()
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in found])


def _facet(text: str) -> str:
    return encodable(text).lower()


def _any_of(field: str, values: frozenset[int] | frozenset[str] | set[str]) -> tantivy.Query:
    return tantivy.Query.term_set_query(SCHEMA, field, sorted(values))


def _updated(after: datetime | None, before: datetime | None) -> tantivy.Query:
    # Stored as whole seconds, 0 for unknown; rounding outwards rather loses nothing.
    lower = 1 if after is None else max(1, math.floor(after.timestamp()))
    upper = None if before is None else math.ceil(before.timestamp())
    return tantivy.Query.range_query(
        SCHEMA,
        "updated_at",
        tantivy.FieldType.Integer,
        lower_bound=lower,
        upper_bound=upper,
        include_upper=upper is None,
    )

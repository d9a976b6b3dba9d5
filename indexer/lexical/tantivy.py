"""BM25 by tantivy: stemmed words with positions, filters that add nothing to a score.

Queries are built from analysed words, never parsed: nothing a user types is an operator.
"""

from __future__ import annotations

import errno
import shutil
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np
import tantivy

from indexer.lexical._tantivy_schema import (
    SCHEMA,
    TOKENIZERS,
    condition,
    document,
    holding,
)
from indexer.lexical._words import names_of, telling, words_of
from indexer.protocols import Besides, Filters, Ids, LexicalEntry, LexicalIndex, Scores
from knowledge.errors import DataLocked, DataUnavailable, IndexDamaged, OutOfSpace

MAX_TERMS = 256
# Words in the list of speakers count, but less than the same word said or written.
SPEAKERS_WEIGHT = 0.5
_HEAP_BYTES = 20_000_000
_FULL_BYTES = 2**20
# Hits beyond k that are fetched so that equal scores at the cut are settled by id, not by segment.
_TIES = 50
# tantivy adds up a score's terms in an order that depends on the filter; the last bits differ.
_DECIMALS = 4


class TantivyIndex:
    """A directory that one process writes. Searching is safe from any thread at any time."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.RLock()
        self._writer: tantivy.IndexWriter | None = None
        self._unwritten = False
        self._condition = lru_cache(maxsize=256)(condition)
        self._index = _open(directory)

    def analyze(self, text: str) -> list[str]:
        """The words of ``text`` as they are indexed and matched: folded, stemmed; in order."""
        return words_of(text)

    def add(self, entries: Iterable[LexicalEntry]) -> None:
        """Add passages; the caller has removed those of the same document before.

        Raises DataLocked when another process writes to the directory, OutOfSpace when the disk
        is full, DataUnavailable when it fails. So does every method that changes something.
        """
        with self._lock:
            writer = self._open_writer()
            for entry in entries:
                made = document(entry)
                with _disk_errors(self._directory):
                    writer.add_document(made)

    def remove_documents(self, document_ids: Iterable[int]) -> None:
        """Remove every passage added so far of these documents; unknown ones are ignored."""
        with self._lock:
            # Not by term: for an unsigned field the binding then deletes nothing, in silence.
            chosen = tantivy.Query.term_set_query(SCHEMA, "document_id", list(document_ids))
            writer = self._open_writer()
            with _disk_errors(self._directory):
                writer.delete_documents_by_query(chosen)

    def write(self) -> None:
        """Put all changes so far on the disk, where no search looks before ``commit``."""
        with self._lock:
            if self._writer is not None and self._unwritten:
                with _disk_errors(self._directory):
                    self._writer.commit()
                self._unwritten = False

    def commit(self) -> None:
        """Make all changes so far visible to the next search."""
        with self._lock:
            self.write()
            with _disk_errors(self._directory):
                self._index.reload()

    def search(
        self, query: str, k: int, filters: Filters, besides: Besides = ()
    ) -> tuple[Ids, Scores]:
        """Best first, equal scores in ascending order of id; nothing for a query without words.

        A score does not depend on the filters: its statistics are those of the whole index.
        """
        words = _words_query(query, besides)
        if words is None or k <= 0:
            return _nothing()
        narrowing = self._condition(filters)
        ids, scores = self._run(words if narrowing is None else _both(words, narrowing), k + _TIES)
        best = np.lexsort((ids, -scores))[:k]
        return ids[best], scores[best]

    def scores(self, query: str, ids: Ids, besides: Besides = ()) -> Scores:
        """The scores that ``search`` gives, 0 for what it does not find, shape (len(ids),)."""
        words = _words_query(query, besides)
        result = np.zeros(len(ids), dtype=np.float32)
        if words is None or not len(ids):
            return result
        found, scores = self._run(_both(words, _exactly(ids)), len(ids))
        if not found.size:
            return result
        order = np.argsort(found)
        found, scores = found[order], scores[order]
        at = np.minimum(np.searchsorted(found, ids), found.size - 1)
        hit = found[at] == ids
        result[hit] = scores[at[hit]]
        return result

    def matching(self, filters: Filters) -> Ids:
        """Every passage that passes, ascending. A phrase is its words, stemmed, side by side."""
        return self._every(self._condition(filters) or tantivy.Query.all_query())

    def ids(self) -> Ids:
        """Every id that a search can find, ascending."""
        return self._every(tantivy.Query.all_query())

    def _every(self, query: tantivy.Query) -> Ids:
        searcher = self._index.searcher()
        if not searcher.num_docs:
            return np.empty(0, dtype=np.int64)
        hits = searcher.search(
            query,
            limit=searcher.num_docs,
            count=False,
            order_by_field="passage_id",
            order=tantivy.Order.Asc,
        ).hits
        return np.fromiter((value for value, _ in hits), dtype=np.int64, count=len(hits))

    def save(self, path: Path) -> None:
        """Commit, then copy the index into the directory ``path``, which must be new or empty."""
        with self._lock:
            self.commit()
            self._close_writer()  # merges in the background would replace files during the copy
            path.mkdir(parents=True, exist_ok=True)
            for file in sorted(self._directory.iterdir()):
                if file.is_file() and not file.name.endswith(".lock"):
                    shutil.copyfile(file, path / file.name)

    def load(self, path: Path) -> None:
        """Replace the content by a copy of what ``save`` wrote to ``path``.

        Raises IndexDamaged when it cannot be opened; the old content is then gone.
        """
        with self._lock:
            self.close()
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory.mkdir(parents=True)
            try:
                for file in sorted(path.iterdir()):
                    shutil.copyfile(file, self._directory / file.name)
            except OSError as error:
                raise IndexDamaged(f"the lexical index {path.name} cannot be copied") from error
            if not tantivy.Index.exists(str(self._directory)):
                raise IndexDamaged(f"there is no lexical index in {path.name}")
            self._index = _open(self._directory)

    def close(self) -> None:
        """Give up uncommitted changes and the right to write; searching still works."""
        with self._lock:
            self._close_writer()

    def _run(self, query: tantivy.Query, limit: int) -> tuple[Ids, Scores]:
        searcher = self._index.searcher()
        hits = searcher.search(query, limit=limit, count=False).hits
        if not hits:
            return _nothing()
        ids = searcher.fast_field_values("passage_id", [address for _, address in hits])
        scores = np.fromiter((score for score, _ in hits), dtype=np.float64, count=len(hits))
        return np.array(ids, dtype=np.int64), np.round(scores, _DECIMALS).astype(np.float32)

    def _open_writer(self) -> tantivy.IndexWriter:
        if self._writer is None:
            try:
                self._writer = self._index.writer(heap_size=_HEAP_BYTES, num_threads=1)
            except ValueError as error:
                if "LockBusy" in str(error):
                    raise DataLocked("another process writes to the lexical index") from error
                raise DataUnavailable(f"the lexical index cannot be written: {error}") from error
        self._unwritten = True
        return self._writer

    def _close_writer(self) -> None:
        writer, self._writer, self._unwritten = self._writer, None, False
        if writer is not None:
            with _disk_errors(self._directory):
                writer.wait_merging_threads()


@contextmanager
def _disk_errors(directory: Path) -> Iterator[None]:
    """tantivy reports a full disk, as everything else, by a ValueError."""
    try:
        yield
    except (ValueError, OSError) as error:
        if _no_room(error, directory):
            raise OutOfSpace("the disk is full; the lexical index needs room") from error
        raise DataUnavailable(f"the lexical index cannot be written: {error}") from error


def _no_room(error: Exception, directory: Path) -> bool:
    if any(f"(os error {code})" in str(error) for code in (errno.ENOSPC, errno.EDQUOT)):
        return True
    # When a thread of tantivy's meets the full disk, all it says is that the thread ended.
    return shutil.disk_usage(directory).free < _FULL_BYTES


def _open(directory: Path) -> tantivy.Index:
    directory.mkdir(parents=True, exist_ok=True)
    try:
        index = tantivy.Index(SCHEMA, path=str(directory), reuse=True)
        # By hand, not by watching files: a change is visible exactly after commit.
        index.config_reader(reload_policy="manual")
    except (ValueError, OSError) as error:
        if _no_room(error, directory):
            raise OutOfSpace("the disk is full; the lexical index needs room") from error
        raise IndexDamaged(f"the lexical index cannot be opened: {error}") from error
    for name, analyzer in TOKENIZERS.items():
        index.register_tokenizer(name, analyzer)
    index.reload()
    return index


def _words_query(query: str, besides: Besides) -> tantivy.Query | None:
    """Any of the query's words, each weighted by how often it is there, and what is looked for
    besides; None without a word."""
    query = telling(query)
    clauses = []
    for field, tokens, weight in (
        ("text", words_of(query), 1.0),
        ("speakers", names_of(query), SPEAKERS_WEIGHT),
    ):
        for word, count in list(Counter(tokens).items())[:MAX_TERMS]:
            term = tantivy.Query.term_query(SCHEMA, field, word, index_option="freq")
            if count * weight != 1.0:
                term = tantivy.Query.boost_query(term, count * weight)
            clauses.append((tantivy.Occur.Should, term))
    for phrase, weight in besides:
        clauses.append((tantivy.Occur.Should, tantivy.Query.boost_query(holding(phrase), weight)))
    return tantivy.Query.boolean_query(clauses) if clauses else None


def _both(words: tantivy.Query, narrowing: tantivy.Query) -> tantivy.Query:
    must = tantivy.Occur.Must
    return tantivy.Query.boolean_query([(must, words), (must, narrowing)])


def _exactly(ids: Ids) -> tantivy.Query:
    # Hundreds of terms are looked up one by one four times faster than as a set, which tantivy
    # compares with its whole dictionary.
    clauses = [
        (
            tantivy.Occur.Should,
            tantivy.Query.term_query(SCHEMA, "passage_id", key, index_option="basic"),
        )
        for key in ids.tolist()
    ]
    return tantivy.Query.const_score_query(tantivy.Query.boolean_query(clauses), 0.0)


def _nothing() -> tuple[Ids, Scores]:
    return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)


def create(directory: Path) -> LexicalIndex:
    return TantivyIndex(directory)

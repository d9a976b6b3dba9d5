"""Change log -> indexes: one process's copy of everything that search needs.

An index in memory is the last good snapshot plus a replay of the changes after it. Replaying a
document means: forget it, then take what the database holds now; so doing it twice is harmless.
"""

from __future__ import annotations

import errno
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from indexer import lexical, recall, snapshot, vectors, verify
from indexer.catalog import Catalog
from indexer.locks import ReadWriteLock
from indexer.prepare import from_bytes
from indexer.protocols import Filters, Ids, LexicalIndex, VectorIndex
from indexer.replayed import Replayed
from indexer.vocabulary import Vocabulary
from knowledge.errors import DataUnavailable, IndexDamaged, OutOfSpace
from knowledge.store import changes, documents, passages, people
from knowledge.store.database import Database, position
from knowledge.types import OPERATOR

_BATCH = 400
_RENEWING_S = 300.0
Progress = Callable[[int, int], None]
"""(documents done, documents in all)"""


@dataclass(frozen=True, slots=True)
class View:
    """The parts of an index at one change number; use only while holding ``reading``."""

    vectors: VectorIndex
    lexical: LexicalIndex
    catalog: Catalog
    vocabulary: Vocabulary
    sequence: int

    def allowed(self, filters: Filters) -> Ids | None:
        """Ascending ids of the passages that pass, phrases included; None when all do."""
        plain = replace(filters, phrase=frozenset(), without=frozenset())
        allowed = self.catalog.allowed(plain)
        if filters.phrase:
            return self.lexical.matching(filters)
        if filters.without:
            every = self.catalog.passage_ids() if allowed is None else allowed
            # Of what is left out there is less than of what is left.
            gone = [
                self.lexical.matching(replace(plain, phrase=frozenset({one})))
                for one in filters.without
            ]
            return np.setdiff1d(every, np.concatenate(gone), assume_unique=False)
        return allowed


class Index:
    """This process's copy. Safe to share between threads."""

    def __init__(self, database: Database, directory: Path, model: str, dimension: int) -> None:
        """``directory`` holds snapshots and each process's own files; ``model`` names vectors."""
        self._database = database
        self._directory = directory
        self._model = model
        self._dimension = dimension
        # Whoever changes anything holds the first, and both while searches must not look.
        self._changing = threading.Lock()
        self._lock = ReadWriteLock()
        self._own = _own_directory(directory / "live")
        self._fresh()
        self._open_snapshot()

    def _fresh(self) -> None:
        self._epoch, self._sequence, self._saved = "", 0, -1
        self._vectors = vectors.load("faiss", self._dimension)
        self._lexical = lexical.load("tantivy", self._own.path / uuid.uuid4().hex)
        self._catalog = Catalog()
        self._vocabulary = Vocabulary(self._lexical.analyze)

    def _open_snapshot(self) -> None:
        with self._database.read() as connection:
            epoch, newest = position(connection)
        for path in snapshot.found(self._directory / "snapshots"):
            try:
                manifest = snapshot.check(
                    path, epoch=epoch, model=self._model, dimension=self._dimension, newest=newest
                )
                self._vectors.load(path / "vectors")
                self._lexical.load(path / "lexical")
                self._catalog.load(path / "catalog.npz")
                self._vocabulary.load(path / "vocabulary.npz")
            except (IndexDamaged, OSError, ValueError, KeyError):
                self._discard()
                continue
            self._epoch, self._sequence = epoch, manifest.sequence
            self._saved = manifest.sequence
            return
        self._epoch = epoch

    def _discard(self) -> None:
        # First of all, so that whatever fails below, the next to look starts over.
        self._epoch = ""
        with suppress(DataUnavailable):
            self._lexical.close()
        for old in self._own.path.iterdir():
            shutil.rmtree(old, ignore_errors=True)
        self._fresh()

    @contextmanager
    def reading(self) -> Iterator[View]:
        """The index as of every change acknowledged before this call."""
        self.catch_up()
        with self._lock.reading():
            yield View(
                self._vectors, self._lexical, self._catalog, self._vocabulary, self._sequence
            )

    def analyze(self, text: str) -> list[str]:
        """The words of a text as the lexical index knows them."""
        return self._lexical.analyze(text)

    def catch_up(self, progress: Progress | None = None) -> int:
        """Replay what is new. Returns how many documents were looked at.

        Raises OutOfSpace when there is no room for it; searching goes on when there is.
        """
        with self._database.read() as connection:
            seen = position(connection)
        if self._includes(*seen):
            return 0
        # One replays for all who wait: each for itself would keep every search out once more.
        with self._changing:
            if self._includes(*seen):
                return 0
            with _roomy():
                return self._replay(progress)

    def _includes(self, epoch: str, sequence: int) -> bool:
        return epoch == self._epoch and sequence <= self._sequence

    def _replay(self, progress: Progress | None) -> int:
        """Searches are kept out only while what they look at changes: of few documents, not while
        these are read and their words are put on the disk."""
        with self._database.read() as connection, ExitStack() as alone:

            @cache
            def keep_searches_out() -> None:
                alone.enter_context(self._lock.writing())

            epoch, newest = position(connection)
            # Until the end the sequence stays behind, and a failure leaves nothing half replayed.
            try:
                if epoch != self._epoch:
                    keep_searches_out()
                    self._discard()
                    self._open_snapshot()
                changed = changes.documents_after(connection, self._sequence)
                for start in range(0, len(changed), _BATCH):
                    batch = changed[start : start + _BATCH]
                    read = Replayed.of(
                        batch,
                        documents.load(connection, batch, OPERATOR),
                        passages.of_documents(connection, batch, self._model),
                        people.teams_of_documents(connection, batch),
                        self._lexical.analyze,
                    )
                    self._lexical.remove_documents(batch)
                    self._lexical.add(read.words())
                    if start + _BATCH >= len(changed):
                        self._lexical.write()
                    keep_searches_out()
                    self._take(read)
                    if progress:
                        progress(start + len(batch), len(changed))
                self._lexical.commit()
            except BaseException:
                keep_searches_out()
                self._discard()
                raise
            self._sequence = newest
        return len(changed)

    def _take(self, read: Replayed) -> None:
        before = {p for key in read.documents for p in self._catalog.passages_of(key)}
        gone = np.array(sorted(before - read.vectors.keys()), dtype=np.int64)
        self._vectors.remove(gone)
        new = sorted(read.vectors.keys() - before)
        if new:
            made = from_bytes([read.vectors[key] for key in new], self._dimension)
            self._vectors.add(np.array(new, dtype=np.int64), made)
        for document_id, now in read.documents.items():
            if now is None:
                self._catalog.remove(document_id)
                self._vocabulary.remove(document_id)
            else:
                self._catalog.put(now.entry)
                self._vocabulary.put(document_id, now.entry.audience_id, now.told, now.named)

    def save(self) -> bool:
        """Write a snapshot unless the last one is current or another process is writing one."""
        if self._saved == self._sequence:
            return False
        lease = FileLock(self._directory / "snapshot.lock", timeout=0)
        try:
            with lease:
                with self._database.read() as connection:
                    if position(connection)[0] != self._epoch:
                        return False  # history was replaced; what is here shall be forgotten
                held = snapshot.write(
                    self._directory / "snapshots",
                    self._fill,
                    model=self._model,
                    dimension=self._dimension,
                )
                self._saved = held.sequence
        except Timeout:
            return False
        return True

    def _fill(self, directory: Path) -> snapshot.Held:
        with self._changing:  # searches go on; only a replay waits
            self._vectors.save(directory / "vectors")
            self._lexical.save(directory / "lexical")
            self._catalog.save(directory / "catalog.npz")
            self._vocabulary.save(directory / "vocabulary.npz")
            return snapshot.Held(self._epoch, self._sequence, len(self._vectors.ids()))

    def rebuild(self, progress: Progress | None = None) -> int:
        """Throw everything derived away and build it again from the database."""
        with self._changing, self._lock.writing():
            self._discard()
            for path in snapshot.found(self._directory / "snapshots"):
                shutil.rmtree(path, ignore_errors=True)
        return self.catch_up(progress)

    def renew(self) -> None:
        """Make everything anew and leave no older copy on the disk but those of other processes,
        which renew theirs when they see that the database has another epoch."""
        with FileLock(self._directory / "snapshot.lock", timeout=_RENEWING_S):
            for old in (self._directory / "snapshots").glob("*"):
                shutil.rmtree(old, ignore_errors=True)
        self.rebuild()
        self.save()

    def verify(self) -> list[str]:
        """Every difference between the database and the parts of the index; empty is good."""
        with self.reading() as view:
            return verify.differences(self._database, view, self._model, self._dimension)

    def recall(self) -> recall.Recall:
        """How much of what is nearest the vector index finds; reads every vector once."""
        with self.reading() as view:
            return recall.of(self._database, view.vectors, self._model, self._dimension)

    @property
    def sequence(self) -> int:
        """The change number up to which changes are in."""
        return self._sequence

    @property
    def saved_sequence(self) -> int:
        """The change number of the snapshot this index was opened from or wrote; -1 for none."""
        return self._saved

    def close(self) -> None:
        """Give the process's own files back."""
        self._lexical.close()
        self._own.release()


@contextmanager
def _roomy() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OutOfSpace("the disk is full; the indexes need room for what is new") from error
        raise


class _OwnDirectory:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = FileLock(path.with_suffix(".lock"), timeout=0)
        self._lock.acquire()
        path.mkdir()

    def release(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.release()
        self.path.with_suffix(".lock").unlink(missing_ok=True)


def _own_directory(parent: Path) -> _OwnDirectory:
    """A directory of this process; those of processes that died are removed."""
    parent.mkdir(parents=True, exist_ok=True)
    for other in parent.glob("*.lock"):
        try:
            with FileLock(other, timeout=0):
                shutil.rmtree(other.with_suffix(""), ignore_errors=True)
                other.unlink(missing_ok=True)
        except Timeout:
            continue
    return _OwnDirectory(parent / uuid.uuid4().hex)

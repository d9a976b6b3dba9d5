"""The use case: somebody is erased, and afterwards nothing on the disk tells of them.

What they said goes; what they wrote stays, as by a former colleague, unless it shall go too. Each
document is a transaction of its own, and their records go last: so an erasure that is killed goes
on where it was when it is asked for again. Who was erased is noted by id in a file beside the
database, for a backup from before knows them still: see ``knowledge.backup``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from filelock import FileLock, Timeout
from sqlalchemy import Connection

from knowledge import audit, erasures, labels, queries
from knowledge.asking import State
from knowledge.audit import Action
from knowledge.errors import Conflict, InvalidInput
from knowledge.importing import WORKER_LOCK
from knowledge.meeting import State as Meeting
from knowledge.redaction import FORMER, Called, silenced
from knowledge.spool import Spool
from knowledge.store import (
    aims,
    attachments,
    changes,
    drafts,
    imports,
    meetings,
    mentions,
    merges,
    moving,
    passages,
    people,
    personal,
    topics,
)
from knowledge.store import erasing as store
from knowledge.store import queries as log
from knowledge.store import questions as asked
from knowledge.store.database import Database, mint_epoch
from knowledge.store.erasing import Erasure
from knowledge.store.merges import Logged
from knowledge.transcript import turns
from knowledge.types import Contribution, Kind, Role, SourceDocument
from knowledge.writing import Prepare, Prepared, known_shares

_WRITERS = (Role.AUTHOR, Role.EDITOR, Role.ANSWERER)


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done: how many documents name a former colleague now, and how many went."""

    person_id: int
    changed: int
    deleted: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to become of one document."""

    document: SourceDocument
    goes: bool
    names_them: bool
    texts: tuple[tuple[int, str, str], ...]
    shares: dict[str, int | None]
    spoke: bool
    cut_anew: bool


class Erasing:
    """Everything that erases people."""

    def __init__(
        self,
        database: Database,
        prepare: Prepare,
        renew: Callable[[], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``renew`` makes everything derived anew and leaves no older copy of it on the disk."""
        self._database = database
        self._prepare = prepare
        self._renew = renew
        self._now = now
        self._spool = Spool(database, 0)

    def unfinished(self) -> Erasure | None:
        """An erasure that began and did not come to its end."""
        begun = self._begun()
        return None if begun is None else begun.erasure

    def _begun(self) -> erasures.Unfinished | None:
        with self._database.read() as connection:
            return erasures.unfinished(self._database.directory, store.installation_key(connection))

    def erase(
        self,
        person_id: int,
        *,
        with_writing: bool = False,
        also: Collection[int] = (),
        force: bool = False,
    ) -> Erased:
        """Erase somebody, with all records that are part of them, and ``also`` further records of
        theirs with all parts.

        Raises NotFound, Conflict while an import is running, or waits, unless ``force`` (it may
        bring them back), and InvalidInput for who stands for those who were erased. What was done
        when it fails stays done; ask again.
        """
        with self._alone():
            unfinished = self.unfinished()
            if unfinished is not None:
                own = {person_id, *also} <= set(unfinished.ids)
                if own and with_writing:
                    unfinished = replace(unfinished, with_writing=True)
                done = self._all(unfinished)
                if own:
                    return done
            with self._database.read() as connection:
                ids = _records(connection, (person_id, *also))
                if not force:
                    _nothing_waits(connection, ids)
            return self._all(Erasure(ids, with_writing, self._now()))

    def resume(self) -> Erased | None:
        """Finish what began, if anything did."""
        with self._alone():
            unfinished = self.unfinished()
            return None if unfinished is None else self._all(unfinished)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            with FileLock(self._database.directory / WORKER_LOCK, timeout=0):
                yield
        except Timeout as error:
            raise Conflict("an import is running; erase when it has ended") from error

    def _all(self, erasure: Erasure) -> Erased:
        directory = self._database.directory
        begun = self._begun()
        with self._database.read() as connection:
            installation = store.installation_key(connection)
            there = people.load(connection, erasure.ids)
            called = store.called(connection, erasure.ids)
        # Each document that is done has forgotten how it spelled them; another may spell them so.
        if begun is not None and begun.called is not None:
            called = called.and_also(begun.called)
        erasures.begin(directory, installation, erasure, called if there else None)
        erasures.note(directory, installation, erasure)
        changed, deleted = self._take_out(erasure, called) if there else (0, 0)
        erasures.begin(directory, installation, erasure, None)
        self._database.purge()
        self._renew()
        erasures.end(directory)
        return Erased(erasure.ids[0], changed, deleted)

    def _take_out(self, erasure: Erasure, called: Called) -> tuple[int, int]:
        with self._database.write(frees=True) as connection:
            # Before anything is said to be gone: whatever interrupts this, it is asked for again.
            for key in shut_out(connection, erasure):
                self._spool.remove(key)
        with self._database.write(frees=True) as connection:
            forget_traces(connection, erasure, called)
        changed = deleted = 0
        while True:
            with self._database.read() as connection:
                found = store.documents_of(connection, erasure.ids)
            for document_id in found:
                if self._document(document_id, erasure, called):
                    changed += 1
                else:
                    deleted += 1
            with self._database.write(frees=True) as connection:
                # Somebody may have named them in another one meanwhile, or asked for them.
                if not store.documents_of(connection, erasure.ids):
                    forget_traces(connection, erasure, called)
                    finish(connection, erasure)
                    return changed, deleted

    def _document(self, document_id: int, erasure: Erasure, called: Called) -> bool:
        """Take them out of one document; False when it had to go."""
        while True:
            with self._database.read() as connection:
                plan = _planned(connection, document_id, erasure, called)
            prepared = None
            if plan.cut_anew and not plan.goes:
                (prepared,) = self._prepare([plan.document], lambda _model, _hashes: set())
            with self._database.write(frees=True) as connection:
                if _planned(connection, document_id, erasure, called) != plan:
                    continue
                _carry_out(connection, document_id, erasure, called, plan, prepared)
            return not plan.goes


def erase_in(connection: Connection, erasure: Erasure, prepare: Prepare) -> bool:
    """Erase somebody in one transaction, as where a backup is restored; False when they are not
    there."""
    there = [
        key for key in people.load(connection, erasure.ids) if not store.is_former(connection, key)
    ]
    for key in there:
        # Who was one with somebody else then, was so no longer when they were erased.
        for merge in (
            *merges.standing(connection, gone=key),
            *merges.standing(connection, kept=key),
        ):
            if not {merge.kept, merge.gone} <= set(erasure.ids):
                _part(connection, merge, erasure)
    ids = tuple(dict.fromkeys(key for one in there for key in personal.records(connection, one)))
    if not ids:
        return False
    erasure = replace(erasure, ids=ids)
    called = store.called(connection, ids)
    shut_out(connection, erasure)
    forget_traces(connection, erasure, called)
    # The keys that told which of them are theirs are in no backup.
    log.forget_asked(connection, erasure.at)
    for document_id in store.documents_of(connection, ids):
        plan = _planned(connection, document_id, erasure, called)
        prepared = None
        if plan.cut_anew and not plan.goes:
            (prepared,) = prepare([plan.document], lambda _model, _hashes: set())
        _carry_out(connection, document_id, erasure, called, plan, prepared)
    finish(connection, erasure)
    return True


def _part(connection: Connection, merge: Logged, erasure: Erasure) -> None:
    """Undo a merge; whoever was kept in it stays part of whom they are part of."""
    above = merges.standing(connection, gone=merge.kept)
    for one in above:
        _part(connection, one, erasure)
    merges.part(connection, merge)
    merges.undo(connection, merge.id, erasure.at)
    for one in above:
        if not {one.kept, one.gone} & set(erasure.ids):
            moved = merges.join(connection, one.kept, one.gone)
            merges.add(connection, one.kept, one.gone, one.by, one.at, moved)


def _records(connection: Connection, persons: Collection[int]) -> tuple[int, ...]:
    """The records of people with all their parts. Raises NotFound, InvalidInput."""
    found: dict[int, None] = {}
    for person_id in persons:
        whole = people.whole(connection, people.get(connection, person_id).id)
        if store.is_former(connection, whole):
            raise InvalidInput("this stands for all who were erased, and is nobody")
        found |= dict.fromkeys(personal.records(connection, whole))
    return tuple(found)


def _nothing_waits(connection: Connection, ids: Collection[int]) -> None:
    theirs = {f"person:{key}" for key in ids}
    waiting = [job for job in imports.unfinished(connection) if job.owner not in theirs]
    if waiting:
        raise Conflict(
            f"{len(waiting)} imports wait, and may bring them back; let `whoknows worker` finish "
            "them first, or repeat it with --force"
        )


def keep_noted(connection: Connection, erased: Collection[Erasure]) -> None:
    """Remember in a restored database who was erased."""
    for erasure in erased:
        store.note(connection, erasure)


def shut_out(connection: Connection, erasure: Erasure) -> list[str]:
    """Let them in no more, and forget what they imported; returns the files that wait for it, and
    those of everybody's dry runs: nobody knows whom they tell of."""
    store.disable(connection, erasure.ids, erasure.at)
    uploads = store.uploads_of(connection, erasure.ids)
    store.end_access(connection, erasure.ids)
    return [*uploads, *imports.give_back(connection)]


def forget_traces(connection: Connection, erasure: Erasure, called: Called) -> None:
    """Take them out of the query log, of what imports told, and of what others have begun to
    change of documents that are gone."""
    known = log.keys(connection)
    pseudonyms = {queries.pseudonym(key, one) for key in known for one in erasure.ids}
    store.forget_queries(connection, pseudonyms, called)
    store.forget_reports(connection, called)
    mentions.clean(connection, called)


def finish(connection: Connection, erasure: Erasure) -> None:
    """Delete their records, and tell the audit and every index."""
    personal.delete_rows(connection, erasure.ids)
    asked.forget(connection, erasure.ids, State.ANSWERED, erasure.with_writing)
    meetings.forget(connection, erasure.ids, [Meeting.HELD], erasure.with_writing)
    topics.be_nobodys(connection, erasure.ids)
    aims.be_nobodys(connection, erasure.ids)
    store.forget_person(connection, erasure.ids)
    store.note(connection, erasure)
    audit.record(
        connection,
        "operator",
        Action.ERASED,
        f"person:{erasure.ids[0]}",
        at=erasure.at,
        with_writing=erasure.with_writing,
    )
    # Every process makes its indexes anew: a removed passage leaves its words in tantivy's files.
    mint_epoch(connection)


def _planned(connection: Connection, document_id: int, erasure: Erasure, called: Called) -> _Plan:
    held = store.row(connection, document_id)
    made = store.made(connection, document_id)
    persons = store.labels_of(connection, document_id)
    ids = erasure.ids
    transcript = held.kind == Kind.TRANSCRIPT.value
    theirs = {label for label, person in persons.items() if person in ids}
    archived, lost = held.archived_at is not None, False
    spoke = transcript and any(one.person_id in ids and one.role.spoken for one in made)
    if transcript:
        # Of what is archived, nobody knows any more whose the labels are.
        said = {labels.key(turn.label) for turn in turns(held.body) if turn.label is not None}
        named = {label for label in said if called.gone_from(label) == FORMER}
        theirs |= {label for label in named if persons.get(label) is None}
        spoke = spoke or bool(theirs & said)
        lost = archived and spoke and not theirs & said
    goes = lost or (erasure.with_writing and _only_writer(made, ids))
    texts = store.texts(connection, document_id)
    if spoke:
        texts = [one for one in texts if one[0] == held.revision]

    def cleaned(title: str, body: str) -> tuple[str, str]:
        return called.gone_from(title), called.gone_from(silenced(body, theirs))

    title, body = cleaned(held.title, held.body)
    document = SourceDocument("", held.external_id, title, body, Kind(held.kind))
    shares = {
        new: person
        for label, person in persons.items()
        if person not in ids and (new := called.gone_from(label).casefold()) != FORMER.casefold()
    }
    left = [(number, *cleaned(*told)) for number, *told in texts]
    changed = (title, body) != (held.title, held.body)
    return _Plan(
        document,
        goes,
        bool(theirs) or changed or left != texts or any(one.person_id in ids for one in made),
        tuple(left),
        shares,
        spoke,
        changed and not archived,
    )


def _only_writer(made: Collection[Contribution], ids: Collection[int]) -> bool:
    writers = {one.person_id for one in made if one.role in _WRITERS}
    return bool(writers) and writers <= set(ids)


def _carry_out(
    connection: Connection,
    document_id: int,
    erasure: Erasure,
    called: Called,
    plan: _Plan,
    prepared: Prepared | None,
) -> None:
    if plan.goes:
        store.remove(connection, document_id)
        changes.record(connection, [document_id])
        return
    asked.unask(connection, document_id, erasure.ids)
    if not plan.names_them:  # nothing of it may tell when who asked for it was erased
        return
    by = store.former(connection, erasure.at)
    store.put_document(connection, document_id, plan.document.title, plan.document.body)
    store.put_texts(connection, document_id, plan.texts)
    store.forget_tags(connection, document_id, called)
    drafts.clean(connection, called, document_id)
    if plan.spoke:
        attachments.remove(connection, document_id)
    store.replace_speaker(connection, document_id, erasure.ids, by, called)
    if prepared is not None:
        cut = [
            replace(one, speakers=known_shares(one.speakers, plan.shares))
            for one in prepared.passages
        ]
        passages.replace(connection, document_id, cut)
        passages.add_vectors(connection, prepared.model, prepared.vectors)
    else:
        store.speak_not(connection, document_id, erasure.ids)
    store.replace_maker(connection, document_id, erasure.ids, None if erasure.with_writing else by)
    moving.stamp(connection, [document_id])
    changes.record(connection, [document_id])

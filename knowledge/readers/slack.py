"""Slack exports: threads, and talk outside of threads where it holds something.

A channel is read day by day. A thread is kept open until the day of its last reply, which Slack
tells in its first message; so a channel of years takes no more memory than its open threads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

from knowledge.exports import Entry, Export, Refused
from knowledge.readers import _conversations
from knowledge.readers._conversations import Author, Message
from knowledge.readers._json import dicts_in, parse, text_in
from knowledge.readers._slack_directory import LISTS, METADATA, Channel, Directory, read_directory
from knowledge.readers._slack_messages import Decoder, Raw
from knowledge.types import Kind, Loss, LossKind, ReadFailure, SourceDocument

DESCRIPTION = "Slack exports: threads and conversations, with who answered"

GAP_S = 3600.0
"""Silence that ends a conversation outside of threads."""
MIN_WORDS = 25
"""Less, between two or more, is left out."""
MIN_LONE_WORDS = 60
"""Less of one person alone is left out."""
_OPEN_THREADS = 20_000

Item = SourceDocument | ReadFailure


def recognises(export: Export) -> bool:
    """``users.json`` beside a list of channels, and folders of days."""
    return _root(export) is not None


def read_export(export: Export, source: str) -> Iterator[Item]:
    """Each thread and each longer conversation as a document."""
    root = _root(export)
    if root is None:
        return
    directory, failures = read_directory(export, root)
    yield from (replace(failure, rest_lost=True) for failure in failures)
    for folder, grouped in groupby(export.entries(), lambda entry: _folder(entry, root)):
        if folder is None:
            yield from _beside(grouped, root)
        elif folder in directory.channels:
            yield from _Talk(directory, directory.channels[folder], source, root).read(grouped)
        else:
            for entry in grouped:
                yield (
                    entry
                    if isinstance(entry, ReadFailure)
                    else ReadFailure(
                        entry.name,
                        f"the export does not say who may read #{folder}; export it again, whole",
                        rest_lost=True,
                    )
                )


@dataclass(slots=True)
class _Thread:
    root: str
    until: float
    messages: list[Message] = field(default_factory=list)
    losses: Counter[tuple[LossKind, str]] = field(default_factory=Counter)


class _Talk:
    """One channel's messages, as they become documents."""

    def __init__(self, directory: Directory, channel: Channel, source: str, root: str) -> None:
        self._directory = directory
        self._channel = channel
        self._source = source
        self._root = root
        self._decoder = Decoder(directory)
        self._open: dict[str, _Thread] = {}
        self._done: set[str] = set()
        self._now: _Thread | None = None
        self._held: SourceDocument | None = None
        self._lost: Counter[str] = Counter()

    def read(self, entries: Iterator[Entry | ReadFailure]) -> Iterator[Item]:
        """What its days hold. What is left out is told by its last document."""
        for entry in entries:
            if isinstance(entry, ReadFailure):
                yield replace(entry, rest_lost=True)
                continue
            if entry.suffix != ".json":
                yield ReadFailure(entry.name, "not a day of a channel; import it on its own")
                continue
            try:
                day = sorted(self._day(entry), key=lambda raw: raw.ts)
                if day:
                    yield from self._close_threads(day[0].ts)
                for raw in day:
                    yield from self._take(raw)
            except Refused as refusal:
                # Whoever had threads in it still has them.
                yield ReadFailure(entry.name, str(refusal), rest_lost=True)
        for thread in [*self._open.values(), *([self._now] if self._now else [])]:
            yield from self._made(thread, loose=thread is self._now)
        losses = [Loss(LossKind.COMMENT, what, n) for what, n in sorted(self._lost.items())]
        if self._held is not None:
            yield replace(self._held, losses=(*self._held.losses, *losses))
        elif losses:
            told = ", ".join(f"{loss.count} {loss.what}" for loss in losses)
            yield ReadFailure(f"{self._root}{self._channel.folder}", f"nothing but {told}")

    def _day(self, entry: Entry) -> list[Raw]:
        value = parse(entry.text())
        if not isinstance(value, list):
            raise Refused("not a list of messages; export it again")
        found = [self._decoder.raw(one) for one in dicts_in(value)]
        if value and not any(found):
            raise Refused("holds no messages; export it again")
        return [raw for raw in found if raw]

    def _take(self, raw: Raw) -> Iterator[Item]:
        if raw.notice:
            self._lost[f"{raw.notice} (notices of Slack)"] += 1
            return
        yield from self._close(raw.ts)
        if raw.thread is None:
            if not raw.author.counts:
                self._lost["messages of apps"] += 1
                return
            self._now = self._now or _Thread(raw.key, raw.ts)
            self._now.until = raw.ts
            self._add(self._now, raw)
            return
        if raw.thread in self._done:
            self._lost["replies later than their thread tells"] += 1
            return
        thread = self._open.get(raw.thread)
        if thread is None or raw.thread == raw.key:
            thread = thread or _Thread(raw.thread, raw.until)
            thread.until = raw.until
            self._open[raw.thread] = thread
        self._add(thread, raw)
        if len(self._open) > _OPEN_THREADS:
            yield from self._made(self._open.pop(next(iter(self._open))))

    def _close_threads(self, ts: float) -> Iterator[Item]:
        """Hand over what nothing more comes to after this time."""
        for key in [key for key, thread in self._open.items() if thread.until < ts]:
            yield from self._made(self._open.pop(key))

    def _close(self, ts: float) -> Iterator[Item]:
        if self._now and ts - self._now.until > GAP_S:
            now, self._now = self._now, None
            yield from self._made(now, loose=True)

    def _add(self, thread: _Thread, raw: Raw) -> None:
        message, losses = self._decoder.message(raw)
        thread.losses.update(losses)
        if message.text.strip():
            thread.messages.append(message)

    def _made(self, thread: _Thread, *, loose: bool = False) -> Iterator[Item]:
        if not thread.messages or (loose and not _substantial(thread.messages)):
            self._lost["short messages outside of threads"] += len(thread.messages)
            return
        self._done.add(thread.root)
        made, self._held = self._held, self._document(thread)
        if made is not None:
            yield made

    def _document(self, thread: _Thread) -> SourceDocument:
        messages, channel = thread.messages, self._channel

        def author(key: str) -> Author | None:
            return self._directory.authors.get(key)

        return SourceDocument(
            source=self._source,
            external_id=f"{channel.id}/{thread.root}",
            title=_conversations.title(messages),
            body=_conversations.body(messages),
            kind=Kind.THREAD,
            contributors=_conversations.people(messages, author),
            tags=(channel.name,) if channel.name else (),
            created_at=messages[0].at,
            updated_at=max(message.at for message in messages),
            restrictions=channel.restrictions,
            losses=tuple(Loss(kind, what, n) for (kind, what), n in sorted(thread.losses.items())),
        )


def _substantial(messages: list[Message]) -> bool:
    words = sum(message.words for message in messages)
    people = {message.author.key for message in messages}
    return words >= (MIN_WORDS if len(people) > 1 else MIN_LONE_WORDS)


def _root(export: Export) -> str | None:
    """Where the export lies in what was handed in: at the top, or in its only folder."""
    entries = [entry.name for entry in export.entries() if isinstance(entry, Entry)]
    tops = {name.partition("/")[0] for name in entries}
    folders = ["", *([f"{next(iter(tops))}/"] if len(tops) == 1 else [])]
    for root in folders:
        users = export.get(f"{root}users.json")
        if users is None or not any(export.get(f"{root}{name}.json") for name in LISTS):
            continue
        try:
            listed = dicts_in(parse(users.text()))
        except Refused:
            continue
        if listed and all(text_in(one.get("id"))[:1] in ("U", "W") for one in listed[:20]):
            return root
    return None


def _folder(entry: Entry | ReadFailure, root: str) -> str | None:
    if not entry.name.startswith(root):
        return None
    folder, slash, _ = entry.name[len(root) :].partition("/")
    return folder if slash else None


def _beside(entries: Iterator[Entry | ReadFailure], root: str) -> Iterator[ReadFailure]:
    for entry in entries:
        if isinstance(entry, ReadFailure):
            yield entry
        elif entry.name.removeprefix(root) not in METADATA:
            yield ReadFailure(entry.name, "no part of what Slack exports; import it on its own")

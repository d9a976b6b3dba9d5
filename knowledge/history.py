"""Who wrote the files of a git checkout, and when: one pass over its log.

The checkout may come from a stranger, so nothing that its configuration names is ever run. What
goes wrong here (no git, no checkout, a broken repository) only means that there is no history.
"""

from __future__ import annotations

import logging
import os
import re
import subprocess
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from knowledge.types import Contributor, Role

MASS_COMMIT_FILES = 30
AUTHOR_SHARE = 0.2
TIMEOUT_S = 120.0

_log = logging.getLogger(__name__)
_COMMIT = b"\x01"
_FORMAT = "%x01%aN%x00%aE%x00%aI"
_BOT = re.compile(
    r"""\[bot\] | (?:^|[\s_.+-])bot(?:$|[\s_.@-])
      | ^(?:dependabot|renovate|greenkeeper|mergify|snyk|imgbot|codecov|whitesource|weblate
          |transifex|allcontributors|pre-commit-ci|semantic-release|github[ -]?actions?|gitlab-ci
          |travis(?:-?ci)?|circle-?ci|jenkins|netlify(?:-?cms)?|automation|actions-user)\b
      | ^(?:action|noreply)@github\.com$ | ^(?:ci|builds?|automation|no-?reply)@""",
    re.IGNORECASE | re.VERBOSE,
)
_GITHUB_NOREPLY = re.compile(r"(?:\d+\+)?([^@+]+)@users\.noreply\.github\.com", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FileHistory:
    """``contributors`` are weighted by the lines they added, most first; times are UTC."""

    contributors: tuple[Contributor, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class _Writer:
    name: str
    email: str
    at: datetime
    added: int = 0


@dataclass(slots=True)
class _Trail:
    """What the log, read from the newest commit back, has said about one file so far."""

    newest: datetime
    oldest: datetime
    edited: datetime | None = None
    creator: str | None = None
    writers: dict[str, _Writer] = field(default_factory=dict)

    def finish(self) -> FileHistory:
        writers = sorted(
            (w for w in self.writers.values() if w.added), key=lambda w: (-w.added, w.email)
        )
        total = sum(w.added for w in writers)
        return FileHistory(
            tuple(
                _contributor(w, w.email == self.creator or w.added >= AUTHOR_SHARE * total)
                for w in writers
            ),
            self.oldest,
            self.edited or self.newest,
        )


class History:
    """The history of a folder's files, by their path relative to it."""

    def __init__(self, trails: dict[str, _Trail], prefix: str) -> None:
        self._trails = trails
        self._prefix = prefix

    @staticmethod
    def empty() -> History:
        """No history at all."""
        return History({}, "")

    @staticmethod
    def of(folder: Path) -> History:
        """Read the log of the checkout that ``folder`` lies in; empty when there is none.

        Left out are bots and commits touching over ``MASS_COMMIT_FILES`` files (imports,
        reformatting): nobody shows there that they know something. Renames are followed.
        """
        try:
            found = subprocess.run(
                [*_git(folder), "rev-parse", "--show-prefix"],
                capture_output=True,
                check=True,
                env=_environment(),
                timeout=TIMEOUT_S,
            )
            prefix = found.stdout.decode().rstrip("\n")
            return History(_trails(_commits(_log_tokens(folder))), prefix)
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            _log.debug("no history of %s: %s", folder, error)
            return History.empty()

    def get(self, name: str) -> FileHistory | None:
        """The history of one file, None when git does not know it."""
        trail = self._trails.get(self._prefix + name)
        return trail.finish() if trail else None


@dataclass(frozen=True, slots=True)
class _Commit:
    name: str
    email: str
    at: datetime
    changes: list[tuple[int, str | None, str]]  # added lines, old path of a rename, path

    @property
    def counts(self) -> bool:
        """Whether its author gets credit for what it changed."""
        return len(self.changes) <= MASS_COMMIT_FILES and not is_bot(self.name, self.email)


def is_bot(name: str, email: str) -> bool:
    """Whether an author is a machine, by its name or address."""
    return _BOT.search(name) is not None or _BOT.search(email) is not None


def _trails(commits: Iterable[_Commit]) -> dict[str, _Trail]:
    trails: dict[str, _Trail] = {}
    # What an older path is called now. None ends a path's trail: a rename gave it away, so an
    # older file of the same path was another one.
    now: dict[str, str | None] = {}
    for commit in commits:
        counts = commit.counts
        renames: list[tuple[str, str | None, str]] = []
        for added, old, path in commit.changes:
            current = now.get(path, path)
            if old is not None:
                renames.append((old, current, path))
            if current is None:
                continue
            trail = trails.setdefault(current, _Trail(commit.at, commit.at))
            trail.oldest = min(trail.oldest, commit.at)
            trail.newest = max(trail.newest, commit.at)
            trail.creator = None
            if counts:
                key = commit.email.lower()
                if added:
                    trail.edited = max(trail.edited or commit.at, commit.at)
                writer = trail.writers.setdefault(key, _Writer(commit.name, key, commit.at))
                writer.added += added
                trail.creator = key
        for _, _, path in renames:
            now[path] = None
        now.update({old: current for old, current, _ in renames})
    return trails


def _commits(tokens: Iterator[bytes]) -> Iterator[_Commit]:
    """The log's commits; a ValueError says that it is not in the form that was asked for."""
    commit: _Commit | None = None
    for token in tokens:
        if token.startswith(_COMMIT):
            if commit is not None:
                yield commit
            name, email, at = token[1:], next(tokens, b""), next(tokens, b"")
            commit = _Commit(
                name.decode(errors="replace").strip(),
                email.decode(errors="replace").strip(),
                datetime.fromisoformat(at.decode()).astimezone(UTC),
                [],
            )
        elif stripped := token.lstrip(b"\n"):
            if commit is None:
                raise ValueError("changes before the first commit")
            added, _, path = stripped.split(b"\t", 2)
            old = None
            if not path:
                old, path = os.fsdecode(next(tokens, b"")), next(tokens, b"")
            commit.changes.append((int(added) if added.isdigit() else 0, old, os.fsdecode(path)))
    if commit is not None:
        yield commit


def _log_tokens(folder: Path) -> Iterator[bytes]:
    arguments = ["log", "-z", "--numstat", "-M", "--no-ext-diff", "--no-textconv"]
    arguments += ["--topo-order", "--no-show-signature", "--no-color", f"--format={_FORMAT}"]
    with subprocess.Popen(
        [*_git(folder), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env=_environment(),
    ) as process:
        timer = threading.Timer(TIMEOUT_S, process.kill)
        timer.start()
        try:
            assert process.stdout is not None
            rest = b""
            while block := process.stdout.read(1 << 16):
                *whole, rest = (rest + block).split(b"\0")
                yield from whole
            if rest:
                yield rest
        finally:
            timer.cancel()
            process.kill()
    # Half a log would credit the wrong people, so none is better.
    if process.returncode != 0:
        raise ValueError(f"git log ended with status {process.returncode}")


def _git(folder: Path) -> list[str]:
    """git on ``folder``, with everything off by which a repository's own settings run programs."""
    off = {
        "safe.directory": "*",
        "core.fsmonitor": "false",
        "core.hooksPath": os.devnull,
        "core.pager": "cat",
        "core.quotepath": "off",
        "core.attributesFile": os.devnull,
        "diff.external": "",
        "log.showSignature": "false",
        "log.follow": "false",
        "mailmap.file": "",
        "protocol.allow": "never",
    }
    settings = [part for key, value in off.items() for part in ("-c", f"{key}={value}")]
    return ["git", "--no-pager", "--no-optional-locks", *settings, "-C", str(folder)]


def _environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "LC_ALL": "C.UTF-8",
    }


def _contributor(writer: _Writer, author: bool) -> Contributor:
    hidden = _GITHUB_NOREPLY.fullmatch(writer.email)
    return Contributor(
        name=writer.name or writer.email,
        role=Role.AUTHOR if author else Role.EDITOR,
        email=None if hidden else writer.email or None,
        handle=hidden[1] if hidden else None,
        weight=float(writer.added),
        at=writer.at,
    )

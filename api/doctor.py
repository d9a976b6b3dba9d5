"""What may be wrong with an installation, and how to mend it.

Nothing is changed: data of an earlier version are left to the first command that uses them. But an
embedder that was not chosen yet is chosen: whoever asks whether it works wants to know.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module

from api.services import Services
from indexer import snapshot
from indexer.choice import Choice
from indexer.protocols import Embedder
from knowledge import health
from knowledge.errors import (
    DataDamaged,
    DataLocked,
    IndexDamaged,
    OutOfSpace,
    SchemaTooNew,
    WhoknowsError,
)
from knowledge.health import Truth
from knowledge.notices import State
from knowledge.settings import AuthSettings, Settings
from knowledge.store.database import Database, Schema, exists

_RESTORE = (
    "move the database away (on SQLite whoknows.db, with its -wal and -shm), "
    "then restore the last backup: whoknows restore FILE"
)
_REBUILD = (
    "build it again: whoknows index rebuild; but first, if WHOKNOWS_EMBEDDER or WHOKNOWS_MODEL "
    "was changed by mistake, set it back"
)
_REOPEN = "let this user read and write everything in the data directory"
# By what went wrong, the most particular first; what is not here is mended by what was looked at.
_BY_ERROR: tuple[tuple[type[Exception], str], ...] = (
    (DataDamaged, _RESTORE),
    (DataLocked, "wait until the other process has written, or end it; then look again"),
    (OutOfSpace, "make room on the disk; searches go on meanwhile"),
    (SchemaTooNew, "install the version of whoknows that wrote it, or a later one"),
    (IndexDamaged, _REBUILD),
)
_BY_CHECK = {
    "database": f"{_REOPEN}; with WHOKNOWS_DATABASE_URL, see that it is right and the server runs",
    "writing": _REOPEN,
    "model": "set WHOKNOWS_EMBEDDER and WHOKNOWS_MODEL to a model that is there, or unset both",
    "index": _REBUILD,
    "sign-in": "set it as the README says; `whoknows serve` does not start like this",
    "mail": "set it as docs/mail.md says; `whoknows serve` does not start like this",
}


class Verdict(StrEnum):
    """How bad it is."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was seen and, unless it is good, what to do."""

    check: str
    verdict: Verdict
    seen: str
    mend: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Every check in order; those that need what a failed one looked for are left out."""
    yield from _libraries()
    directory = _directory(settings)
    yield directory
    if directory.verdict is Verdict.BAD:
        return
    yield _room(settings)
    schema = _attempt("database", lambda: _schema(settings))
    if schema.verdict is not Verdict.GOOD:
        yield schema
        if schema.verdict is Verdict.WARNING:
            yield _attempt("model", lambda: _model_without_data(Services(settings)))
        return
    with _services(settings) as services:
        truth: list[Truth] = []
        database = _attempt("database", lambda: _database(services, truth))
        yield database
        if database.verdict is Verdict.BAD:
            return
        yield _attempt("writing", lambda: _writing(services))
        yield from _state(truth[0])
        begun = services.erasing.unfinished()
        if begun is not None:
            yield Finding(
                "erasing",
                Verdict.WARNING,
                f"erasing person {begun.ids[0]} began and did not come to its end",
                f"let it go on: whoknows person erase {begun.ids[0]}",
            )
        yield _attempt("sign-in", lambda: _sign_in(settings.auth, truth[0]))
        yield _attempt("mail", lambda: _mail(services))
        model = _attempt("model", lambda: _model(services.choice, services.embedder))
        yield model
        if model.verdict is not Verdict.BAD:
            yield _attempt("index", lambda: _index(services))


def _libraries() -> Iterator[Finding]:
    for name in ("sqlalchemy", "faiss", "tantivy", "fastapi"):
        try:
            import_module(name)
        except ImportError as error:
            yield Finding(
                "installation",
                Verdict.BAD,
                f"{name} cannot be imported: {error}",
                "install whoknows again, into an environment of its own",
            )
            return
    yield Finding("installation", Verdict.GOOD, "every library can be imported")


def _directory(settings: Settings) -> Finding:
    data = settings.storage.data
    if not data.exists():
        parent = next(p for p in data.absolute().parents if p.exists())
        if os.access(parent, os.W_OK | os.X_OK):
            return Finding("data directory", Verdict.GOOD, f"{data} will be made when needed")
        return Finding(
            "data directory",
            Verdict.BAD,
            f"{data} does not exist and {parent} may not be written",
            "set WHOKNOWS_DATA to a directory that this user may write",
        )
    if not data.is_dir() or not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        return Finding(
            "data directory",
            Verdict.BAD,
            f"{data} is no directory that this user may read and write",
            "give it to the user that runs whoknows, or set WHOKNOWS_DATA to another",
        )
    if data.stat().st_mode & 0o077:
        return Finding(
            "data directory",
            Verdict.WARNING,
            f"others on this machine may look into {data}, which holds what is restricted too",
            f"chmod 700 {data}",
        )
    return Finding("data directory", Verdict.GOOD, f"{data}")


def _room(settings: Settings) -> Finding:
    data = settings.storage.data
    free = shutil.disk_usage(data if data.exists() else data.absolute().anchor).free / 2**20
    reserve = settings.storage.reserve_mb
    if free < reserve:
        return Finding(
            "disk",
            Verdict.BAD,
            f"{free:.0f} MiB are free; below {reserve:.0f} nothing is taken in",
            "make room on the disk; searches go on meanwhile",
        )
    if free < 8 * reserve:
        return Finding(
            "disk", Verdict.WARNING, f"only {free:.0f} MiB are free", "make room on the disk soon"
        )
    return Finding("disk", Verdict.GOOD, f"{free / 1024:.1f} GiB are free")


def _schema(settings: Settings) -> Finding:
    found = Schema.MISSING
    if exists(settings.storage):
        database = Database(settings.storage, upgrade=False)
        try:
            found = database.schema()
        finally:
            database.close()
    if found is Schema.MISSING:
        return Finding(
            "database",
            Verdict.WARNING,
            f"there is none yet in {settings.storage.data.absolute()}",
            "take something in: whoknows ingest PATH, or look at the samples: whoknows demo; "
            "if there should be one, set WHOKNOWS_DATA",
        )
    if found is Schema.EARLIER:
        return Finding(
            "database",
            Verdict.WARNING,
            "an earlier version wrote it; the first command but this one upgrades it",
            "back it up first: whoknows backup FILE, with the version that wrote it",
        )
    return Finding("database", Verdict.GOOD, "of this version")


def _database(services: Services, seen: list[Truth]) -> Finding:
    """``seen``: takes what was looked up, for what follows."""
    truth = health.look(services.database)
    seen.append(truth)
    if truth.damage:
        return Finding(
            "database",
            Verdict.BAD,
            f"it is damaged: {truth.damage[0]}",
            _RESTORE,
        )
    return Finding("database", Verdict.GOOD, f"{truth.kind}, {truth.documents} documents, whole")


def _writing(services: Services) -> Finding:
    health.try_to_write(services.database)
    return Finding("writing", Verdict.GOOD, "a transaction can be written")


def _state(truth: Truth) -> Iterator[Finding]:
    if not truth.listed_people:
        yield Finding(
            "people",
            Verdict.WARNING,
            "nobody is in the directory, so nobody has groups or a team",
            "import it: whoknows person import FILE.csv",
        )
    else:
        yield Finding("people", Verdict.GOOD, f"{truth.listed_people} in the directory")
    if truth.failed_imports:
        yield Finding(
            "imports",
            Verdict.WARNING,
            f"{truth.failed_imports} failed",
            "read why at GET /api/v1/imports, and upload again",
        )
    if truth.unfinished_imports:
        yield Finding(
            "imports",
            Verdict.WARNING,
            f"{truth.unfinished_imports} wait or run",
            "they go on with `whoknows serve` or `whoknows worker`",
        )


def _sign_in(settings: AuthSettings, truth: Truth) -> Finding:
    from api.auth import ways

    ways.check(settings)
    others = settings.oidc_issuer or settings.proxy_user_header
    if not (others or truth.accounts or truth.valid_tokens):
        return Finding(
            "sign-in",
            Verdict.WARNING,
            "nobody has a way in, so `whoknows serve` answers nobody",
            "invite the first one: whoknows account invite EMAIL --administrator; for a program: "
            "whoknows token create",
        )
    if not settings.public_url:
        return Finding(
            "sign-in",
            Verdict.WARNING,
            "browsers stay signed in only over https, or at this machine",
            "put TLS before the service, and set WHOKNOWS_AUTH_PUBLIC_URL",
        )
    return Finding("sign-in", Verdict.GOOD, f"at {settings.public_url}")


def _mail(services: Services) -> Finding:
    from api.mail import server

    given = services.settings
    server.check(given)
    if not given.mail.on:
        return Finding("mail", Verdict.GOOD, "none is sent; WHOKNOWS_MAIL_HOST is not set")
    status = services.outbox.status()
    failed = status.counts[State.FAILED]
    if status.since is not None:
        return Finding(
            "mail",
            Verdict.WARNING,
            f"{status.refused} notices wait that the server did not take, the first one since "
            f"{status.since:%Y-%m-%d %H:%M} UTC",
            "see what it answers: whoknows mail test ADDRESS",
        )
    if failed:
        return Finding(
            "mail",
            Verdict.WARNING,
            f"{failed} notices of the last 30 days were given up",
            "look for `whoknows.mail` in the log, and at the addresses in the directory",
        )
    return Finding("mail", Verdict.GOOD, f"by {given.mail.host}")


def _model(chosen: Choice, embedder: Embedder) -> Finding:
    said = f"{chosen.embedder} loads; {chosen.reason}; {embedder.identity[:60]}…"
    return Finding("model", Verdict.GOOD, said)


def _model_without_data(services: Services) -> Finding:
    chosen = services.machine_choice()
    return _model(chosen, services.load_embedder(chosen.embedder))


def _index(services: Services) -> Finding:
    index = services.index
    held = snapshot.found(services.settings.storage.data / "index" / "snapshots")
    opened = index.saved_sequence
    problems = index.verify()
    if problems:
        return Finding("index", Verdict.BAD, "; ".join(problems), _REBUILD)
    if held and opened < 0:
        return Finding(
            "index",
            Verdict.WARNING,
            "no snapshot fits the database, so starting takes longer",
            "write a new one: whoknows index rebuild",
        )
    return Finding("index", Verdict.GOOD, "agrees with the database")


def _attempt(check: str, look: Callable[[], Finding]) -> Finding:
    """A check that fails by an error of ours is a finding as well."""
    try:
        return look()
    except (WhoknowsError, OSError, ImportError) as error:
        known = (mend for kind, mend in _BY_ERROR if isinstance(error, kind))
        mend = next(known, _BY_CHECK[check])
        return Finding(check, Verdict.BAD, str(error), mend)


@contextmanager
def _services(settings: Settings) -> Iterator[Services]:
    services = Services(settings)
    try:
        yield services
    finally:
        services.close()

"""The error tree of whoknows. It knows no HTTP status: the API maps it in one table.

::

    WhoknowsError                 everything raised on purpose; its text is fit for a user
    ├── InvalidInput              what the caller gave cannot be used; says how to mend it
    │   ├── InvalidQuery          an empty, over-long or contentless query
    │   ├── InvalidSettings       a setting that is missing or out of range
    │   ├── TooLarge              more bytes than are taken in at once
    │   └── UnreadableExport      an export that no reader can take at all
    ├── NotFound                  unknown, or not for this asker: deliberately the same
    ├── NotSignedIn               no credentials, or none that are valid
    ├── NotAllowed                the asker may see the thing but not do this with it
    ├── Conflict                  what is asked contradicts what is there
    │   └── Stale                 the thing changed since the caller looked
    ├── Busy                      too much is asked at once; later it will do
    ├── TooMany                   one caller asks too often; they are told when to come again
    ├── DataUnavailable           the data directory or database cannot be used now
    │   ├── DataDamaged           the database holds what was not written; a backup helps
    │   ├── DataLocked            another process holds the write lock for too long
    │   ├── SchemaTooNew          written by a later version of whoknows
    │   └── OutOfSpace            the disk is full; nothing of the write was kept
    └── IndexDamaged              a derived index failed its checks; it can be rebuilt
"""

from __future__ import annotations


class WhoknowsError(Exception):
    """Root of the tree. ``str(error)`` is one sentence a user can act on."""


class InvalidInput(WhoknowsError):
    """What the caller gave cannot be used. ``at``: which part of it, where that is known."""

    def __init__(self, detail: str = "", at: str = "") -> None:
        super().__init__(detail)
        self.at = at


class InvalidQuery(InvalidInput):
    """The query holds nothing that can be searched for, or too much."""


class InvalidSettings(InvalidInput):
    """A setting is missing or out of range."""


class TooLarge(InvalidInput):
    """More bytes than are taken in at once."""


class UnreadableExport(InvalidInput):
    """No reader can make anything of the export as a whole."""


class NotFound(WhoknowsError):
    """There is no such thing, or the asker may not know that there is."""


class NotSignedIn(WhoknowsError):
    """There are no credentials, or none that are valid."""


class NotAllowed(WhoknowsError):
    """The asker may see the thing but not do this with it."""


class Conflict(WhoknowsError):
    """What is asked contradicts what is there."""


class Stale(Conflict):
    """The thing changed between reading and writing it."""


class Busy(WhoknowsError):
    """Too much is asked of this process at once."""


class TooMany(WhoknowsError):
    """One caller asks, or guesses, too often. ``retry_after_s``: when it will do again."""

    def __init__(self, detail: str, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class DataUnavailable(WhoknowsError):
    """The data directory or the database cannot be used at the moment."""


class DataDamaged(DataUnavailable):
    """The database itself says that it does not hold what was written."""


class DataLocked(DataUnavailable):
    """Another process held the write lock longer than we were willing to wait."""


class SchemaTooNew(DataUnavailable):
    """The database was written by a later version of whoknows."""


class OutOfSpace(DataUnavailable):
    """The disk is full; nothing of the write was kept."""


class IndexDamaged(WhoknowsError):
    """A derived index failed its checks. The database is unaffected; rebuild the index."""

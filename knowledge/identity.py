"""Who signs in, and with what: their roles, their tokens and what they say of themselves."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from knowledge.types import Role, Scope


class AccountRole(StrEnum):
    """What a person may do beyond searching and writing, which everybody may who signs in. None of
    them grants a reading right."""

    CURATOR = "curator"
    ADMINISTRATOR = "administrator"


class Objection(StrEnum):
    """What a person says of a document as evidence about them; it then speaks for them no more."""

    HIDDEN = "hidden"
    NOT_ME = "not_me"
    OUTDATED = "outdated"


_SPOKEN = frozenset(role.value for role in Role if role.spoken)


@dataclass(frozen=True, slots=True)
class Consent:
    """Whom what may rank: everybody by writing but ``refused_written``, or only
    ``agreed_written`` if that is told; by speech only ``agreed_spoken``, and in ``sources`` that
    declared their speakers' consent everybody but ``refused_spoken``. ``withdrawn`` are people with
    documents that speak for them no more."""

    refused_written: frozenset[int] = frozenset()
    agreed_spoken: frozenset[int] = frozenset()
    sources: frozenset[str] = frozenset()
    refused_spoken: frozenset[int] = frozenset()
    agreed_written: frozenset[int] | None = None
    withdrawn: frozenset[tuple[int, int]] = frozenset()

    def allows(self, person_id: int, role: str, source: str, document_id: int) -> bool:
        """Whether a contribution may count as evidence."""
        if (person_id, document_id) in self.withdrawn:
            return False
        if role in _SPOKEN:
            declared = source in self.sources and person_id not in self.refused_spoken
            return declared or person_id in self.agreed_spoken
        if self.agreed_written is not None:
            return person_id in self.agreed_written
        return person_id not in self.refused_written


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody's browser that is signed in; its secret is kept nowhere. ``issuer`` says who vouched
    for them: an OpenID provider, or ``local`` for a password of our own."""

    id: int
    person_id: int
    issuer: str
    agent: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A key to the service; its secret is kept nowhere. ``person_id`` None: nobody's own.

    ``made_by`` is ``operator``, or the person who made it for themselves: then it does nothing that
    they may not do now. ``replaces`` is the token whose place it takes.
    """

    id: int
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime
    person_id: int | None = None
    revoked_at: datetime | None = None
    made_by: str = "operator"
    replaces: int | None = None
    last_used_at: datetime | None = None


class Algorithm(StrEnum):
    """How a site's backend may sign. All have a public key: nothing here can sign for it."""

    RS256 = "RS256"
    PS256 = "PS256"
    ES256 = "ES256"
    EDDSA = "EdDSA"


@dataclass(frozen=True, slots=True)
class Site:
    """Another site that shows the search. ``key`` is no secret, it stands in the site's pages;
    ``origins`` are the only ones that it works from. With ``algorithm`` and ``public_key`` (PEM)
    the site's backend says who is asking."""

    id: int
    name: str
    key: str
    origins: tuple[str, ...]
    created_at: datetime
    algorithm: Algorithm | None = None
    public_key: str | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


def digest(secret: str) -> str:
    """SHA-256 in hex, which is kept in place of a secret. Enough, unslowed, because a secret is 256
    random bits and not a word."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class OfferKind(StrEnum):
    """What somebody says of a topic."""

    TEACH = "teach"
    LEARN = "learn"


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody would teach, or wants to learn."""

    id: int
    kind: OfferKind
    topic: str
    at: datetime

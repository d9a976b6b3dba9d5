"""Headers that make a request safe to repeat and a write safe against others: RFC 9110, and the
Idempotency-Key of the IETF's draft."""

from __future__ import annotations

import hashlib
import re
from http import HTTPStatus
from typing import Annotated

from fastapi import Header
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from api.auth import Asker
from knowledge.errors import InvalidInput
from knowledge.requests import RequestKey

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern="^[ -~]+$",
        description="Your own name for this request. Sent again within a day, it makes nothing "
        "twice and gives what it gave.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", max_length=2000, description="The `ETag` of what you read, or `*`."),
]
_TAG = re.compile(r'\s*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*')


def request_key(asker: Asker, key: str | None, route: str, body: BaseModel) -> RequestKey | None:
    """What names this request, if the caller gave it a key."""
    if key is None:
        return None
    told = f"{route}\n{body.model_dump_json()}"
    return RequestKey(asker.owner, key, hashlib.sha256(told.encode()).hexdigest())


def etag(version: str) -> str:
    """A version as the header has it."""
    return f'"{version}"'


def versions(if_match: str | None) -> frozenset[str] | None:
    """The versions that would do; None for any. Raises InvalidInput for what is no such list."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = [_TAG.fullmatch(part) for part in if_match.split(",")]
    if not all(found):
        raise InvalidInput('If-Match holds no ETag; copy it with its quotes: If-Match: "abc123"')
    # A weak tag says that something is about the same, which is not enough to write over it.
    return frozenset(match[2] for match in found if match and not match[1])


def needed_versions(if_match: str | None) -> frozenset[str] | None:
    """The same where it must be given: 428 otherwise."""
    if if_match is None:
        raise HTTPException(
            HTTPStatus.PRECONDITION_REQUIRED,
            "give the ETag of the document as you read it in If-Match, so that nobody's change "
            "is lost",
        )
    return versions(if_match)

"""What the company's jargon means, as administrators say it."""

from __future__ import annotations

from fastapi import APIRouter

from api.auth import Administrator, Reader
from api.conditions import IdempotencyKey, request_key
from api.deps import PathId, Wired
from api.routes import V1
from api.schemas.synonyms import GivenSynonym, SynonymList, SynonymOut, synonym_out

router = APIRouter(prefix=f"{V1}/synonyms", tags=["synonyms"])


@router.get("")
def synonyms(asker: Reader, services: Wired) -> SynonymList:
    """Every synonym, oldest first."""
    return SynonymList(synonyms=[synonym_out(one) for one in services.jargon.all_of_them()])


@router.post(
    "",
    status_code=201,
    responses={
        409: {"description": "The two are paired already, or there are too many"},
        507: {"description": "The disk is full; nothing was kept"},
    },
)
def add(
    given: GivenSynonym,
    asker: Administrator,
    services: Wired,
    idempotency_key: IdempotencyKey = None,
) -> SynonymOut:
    """Let everybody who asks for `term` ask for `meaning` as well, from the next search on."""
    key = request_key(asker, idempotency_key, "POST synonyms", given)
    made = services.jargon.add(given.term, given.meaning, given.both, key, asker.owner)
    return synonym_out(made)


@router.delete("/{id}", status_code=204, responses={404: {"description": "There is no such one"}})
def remove(id: PathId, asker: Administrator, services: Wired) -> None:
    """Forget a synonym, from the next search on."""
    services.jargon.remove(id, asker.owner)

"""What a search gives. No raw scores: they would tell of documents the asker may not see."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from pydantic import Field

from api.schemas.fields import NextCursor, Told
from indexer.search.results import Confidence, Intent, PersonHit, SearchHit, SearchResult
from knowledge.currency import Currency, State
from knowledge.types import Document, Kind, Role


class Contributor(Told):
    """Somebody who made a document, as this document or the directory names them."""

    person_id: int
    name: str
    role: Role


class DocumentSummary(Told):
    """What a document is, without its text."""

    id: int
    title: str
    url: str | None = Field(description="Where it came from, if that can be visited.")
    kind: Kind
    source: str
    updated_at: datetime | None
    contributors: list[Contributor]


class Range(Told):
    """A piece of `text`, in Unicode code points; `end` is the first one after it."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]


class Locator(Told):
    """Where a passage stands in the body of its document, and who speaks in it when."""

    start: int = Field(description="Code points before it in the body.")
    end: int
    speakers: list[str] = Field(description="By their names, as far as it is known who they are.")
    start_s: float | None = Field(description="Seconds from the start of a recording.")
    end_s: float | None


class AnswerFeatures(Told):
    """How an answer got its place. What is worth something adds up to `score`."""

    score: float
    cosine: float
    bm25: float
    meaning: float = Field(description="What its meaning is worth.")
    words: float = Field(description="What its words are worth.")
    neighbours: float = Field(description="What the passages around it add, inside a document.")
    further: float = Field(description="What further passages of its document add.")
    title: float = Field(description="What the title of its document adds.")
    level: float = Field(description="What being written for your level adds.")
    relevant: float = Field(description="Probability that it is about what was asked.")


class CurrencyOut(Told):
    """Whether a document still holds, as far as somebody said so of its text of now."""

    state: State = Field(
        description="`may_be_outdated`: readers doubt it, nobody verified it for long, or its "
        "review is due."
    )
    at: datetime | None = Field(description="When it was last verified or called outdated.")
    person_id: int | None = Field(description="By whom, if you may see them.")
    name: str | None
    doubts: int = Field(description="How many readers doubt it since then.")
    old: bool = Field(description="Whether nobody changed or verified it for long.")
    review_at: datetime | None = Field(description="Until when it is to be looked at again.")
    due: bool = Field(description="Whether that is past.")


class Answer(Told):
    """A passage that answers, in its document."""

    passage_id: int
    document: DocumentSummary
    heading_path: list[str]
    text: str
    highlights: list[Range]
    locator: Locator
    currency: CurrencyOut
    for_your_level: bool = Field(
        description="Whether it stands higher because it is written for the level that you said "
        "of yourself."
    )
    features: AnswerFeatures | None = Field(
        None, exclude_if=lambda told: told is None, description="Only with `explain`."
    )


class PersonSummary(Told):
    """A colleague."""

    id: int
    name: str
    team: str | None
    title: str | None
    paused_until: datetime | None = Field(
        description="Until when they do not want to be asked, if that is so."
    )


class EvidenceOut(Told):
    """Why a person ranks: a quote from something that you may read."""

    passage_id: int
    document_id: int
    title: str
    quote: str
    role: Role
    at: datetime | None


class PersonFeatures(Told):
    """How a person got their place and band."""

    score: float = Field(description="The sum of what each document adds.")
    knows: float = Field(description="Probability that they know, from the next three.")
    cosine: float = Field(description="Of their nearest evidence.")
    part: float = Field(
        description="Of the nearest evidence for ten people, what speaks for them, 0 to 1."
    )
    size: float = Field(description="Logarithm of how many passages were searched.")


class RankedPerson(Told):
    """A colleague who knows, and how that is known."""

    person: PersonSummary
    confidence: Confidence
    evidence: list[EvidenceOut]
    features: PersonFeatures | None = Field(
        None, exclude_if=lambda told: told is None, description="Only with `explain`."
    )


class FacetValue(Told):
    """A value that documents found have, and how many of them."""

    value: str
    count: Annotated[int, Field(ge=1)]


class UnderstoodOut(Told):
    """Words of the query that narrow it."""

    field: str = Field(
        description="A filter's name (`kind`, `tag`, `team`, `source`, `author`, `level`, "
        "`updated_after`, `updated_before`), or `phrase` or `without`."
    )
    value: str = Field(description="Its value; of `author` a person's id, `0` for nobody.")
    text: str = Field(description="What was typed.")


_UNDERSTOOD = Field(
    description="What in the query narrows it instead of being searched for; `literal` undoes it."
)


_MISSING = Field(
    description="Phrases in the query that nothing you may read and that passes the filters holds; "
    "their words were searched for instead."
)


class SearchResponse(Told):
    """Answers, the people who know, and what to narrow by."""

    query_id: str = Field(description="Names this search in feedback about it.")
    query: str
    intent: Intent = Field(description="Whether answers or people were asked for.")
    corrected: str | None = Field(description="What was searched for instead, if another was.")
    understood: list[UnderstoodOut] = _UNDERSTOOD
    missing: list[str] = _MISSING
    took_ms: float
    answers: list[Answer]
    people: list[RankedPerson]
    confident: bool = Field(description="Whether what was asked for was found with confidence.")
    facets: dict[str, list[FacetValue]]
    next_cursor: NextCursor
    stages: list[str] | None = Field(
        None, exclude_if=lambda told: told is None, description="Only with `explain`."
    )


class PeopleResponse(Told):
    """The people who know, best first."""

    query_id: str = Field(description="Names this search in feedback about it.")
    query: str
    corrected: str | None = Field(description="What was searched for instead, if another was.")
    understood: list[UnderstoodOut] = _UNDERSTOOD
    missing: list[str] = _MISSING
    took_ms: float
    people: list[RankedPerson]
    confident: bool = Field(description="False: nobody is confirmed to know; these are closest.")


def search_response(
    result: SearchResult,
    *,
    query_id: str,
    took_ms: float,
    next_cursor: str | None,
    explain: bool = False,
) -> SearchResponse:
    """A whole search; with ``explain`` also how it came about."""
    return SearchResponse(
        query_id=query_id,
        query=result.query,
        intent=result.intent,
        corrected=result.corrected,
        understood=_understood(result),
        missing=list(result.missing),
        took_ms=round(took_ms, 1),
        answers=[_answer(hit, explain) for hit in result.answers],
        people=[ranked_person(hit, explain) for hit in result.people],
        confident=result.confident,
        facets={
            field: [FacetValue(value=value, count=count) for value, count in counts.items()]
            for field, counts in result.facets.items()
        },
        next_cursor=next_cursor,
        stages=list(result.stages) if explain else None,
    )


def people_response(result: SearchResult, *, query_id: str, took_ms: float) -> PeopleResponse:
    """The people of a search."""
    return PeopleResponse(
        query_id=query_id,
        query=result.query,
        corrected=result.corrected,
        understood=_understood(result),
        missing=list(result.missing),
        took_ms=round(took_ms, 1),
        people=[ranked_person(hit) for hit in result.people],
        confident=result.people_confident,
    )


def document_summary(document: Document) -> DocumentSummary:
    """A document as it stands beside an answer or in a list."""
    return DocumentSummary(
        id=document.id,
        title=document.title,
        url=document.url,
        kind=document.kind,
        source=document.source,
        updated_at=document.updated_at,
        contributors=contributors(document),
    )


def currency_out(told: Currency) -> CurrencyOut:
    """Whether a document still holds."""
    return CurrencyOut(
        state=told.state,
        at=told.at,
        person_id=told.by_id,
        name=told.by,
        doubts=told.doubts,
        old=told.old,
        review_at=told.review_at,
        due=told.due,
    )


def contributors(document: Document) -> list[Contributor]:
    """Who made a document."""
    return [
        Contributor(person_id=c.person_id, name=c.name, role=c.role) for c in document.contributions
    ]


def _understood(result: SearchResult) -> list[UnderstoodOut]:
    return [UnderstoodOut(field=u.field, value=u.value, text=u.text) for u in result.understood]


def _answer(hit: SearchHit, explain: bool) -> Answer:
    passage, features = hit.passage, hit.features
    names: dict[int | None, str] = {one.person_id: one.name for one in hit.document.contributions}
    return Answer(
        passage_id=passage.id,
        document=document_summary(hit.document),
        heading_path=list(passage.heading_path),
        text=passage.text,
        highlights=[Range(start=start, end=end) for start, end in hit.highlights],
        locator=Locator(
            start=passage.start,
            end=passage.end,
            speakers=[names.get(share.person_id, share.label) for share in passage.speakers],
            start_s=passage.start_s,
            end_s=passage.end_s,
        ),
        currency=currency_out(hit.currency),
        for_your_level=features.level > 0,
        features=AnswerFeatures(
            score=features.score,
            relevant=hit.relevant,
            **asdict(features),
        )
        if explain
        else None,
    )


def ranked_person(hit: PersonHit, explain: bool = False) -> RankedPerson:
    """One person with the evidence; with ``explain`` also how they got their place."""
    return RankedPerson(
        person=PersonSummary(
            id=hit.person.id,
            name=hit.person.name,
            team=hit.person.team,
            title=hit.person.title,
            paused_until=hit.person.paused_until,
        ),
        confidence=hit.confidence,
        evidence=[
            EvidenceOut(
                passage_id=e.passage_id,
                document_id=e.document_id,
                title=e.title,
                quote=e.quote,
                role=e.role,
                at=e.at,
            )
            for e in hit.evidence
        ],
        features=PersonFeatures(score=hit.score, knows=hit.knows, **asdict(hit.signs))
        if explain
        else None,
    )

"""Questions to colleagues, on the wire."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.documents import Clauses
from api.schemas.fields import Cursor, Given, Id, Instant, NextCursor, Storable, Told
from knowledge import asking, limits, questions
from knowledge.asking import Answer, Asking, Box, Question, State
from knowledge.errors import InvalidInput
from knowledge.types import EVERYONE, Audience, Document, Person


class GivenQuestion(Given):
    """What you want to know."""

    title: Annotated[
        str,
        StringConstraints(min_length=1, max_length=limits.MAX_NAME),
        Storable,
        Field(description="The question in one line."),
    ]
    body: Annotated[str, StringConstraints(max_length=asking.MAX_BODY), Storable] = Field(
        "", description="More about it, in Markdown."
    )
    query: Annotated[str, StringConstraints(max_length=asking.MAX_QUERY), Storable] = Field(
        "", description="The search that did not answer it. Nobody else is told."
    )
    anonymous: bool = Field(
        False, description="Nobody is ever told who asks. Its answer is for everyone then."
    )
    audience: Clauses = ((EVERYONE,),)
    to_id: Id | None = Field(
        None, description="A colleague who is asked first, if they can be asked."
    )


class GivenAnswer(Given):
    """What you answer."""

    body: Annotated[
        str,
        StringConstraints(min_length=1, max_length=questions.MAX_ANSWER),
        Storable,
        Field(description="Markdown."),
    ]


class Acceptance(Given):
    """Which answer helped."""

    answer_id: Id
    read_at: Annotated[
        Instant | None, Field(description="The answer's `at` as you read it; null takes any.")
    ] = None


class HandingOn(Given):
    """To whom a question is handed on."""

    to_id: Id | None = Field(None, description="A colleague; null: whoever likely knows.")


class BoxQuestion(Given):
    """Which questions."""

    box: Box = Field(
        Box.ASKED,
        description="Those you asked, those you were asked, or those you answered that are done.",
    )
    limit: Annotated[int, Field(ge=1, le=50)] = 20
    cursor: Cursor | None = None


class Colleague(Told):
    """A colleague, by name."""

    id: int
    name: str


class AnswerOut(Told):
    """An answer. ``person`` is null for a former colleague."""

    id: int
    person: Colleague | None
    body: str
    at: datetime
    accepted: bool
    mine: bool


class QuestionSummary(Told):
    """A question without its texts."""

    id: int
    title: str
    state: State
    anonymous: bool
    mine: bool
    asker: Colleague | None = Field(description="Null where it is you, or asked anonymously.")
    created_at: datetime
    answered: int = Field(description="How many answers there are.")
    document_id: int | None = Field(description="The thread that came of it, if you may read it.")


class Thread(Told):
    """A question that was answered before."""

    id: int
    title: str
    url: str = Field(description="Its page.")


class QuestionOut(QuestionSummary):
    """A question, as whoever asks or was asked sees it. Nobody else does."""

    body: str
    query: str = Field(description="The search that led to it, if it is yours.")
    audience: list[list[str]] = Field(description="Who may read what comes of it.")
    answers: list[AnswerOut]
    answered_before: list[Thread] = Field(
        description="While it is open: threads that you may read and that likely mean the same."
    )


class QuestionList(Told):
    """Questions, the newest first."""

    questions: list[QuestionSummary]
    next_cursor: NextCursor


class Accepted(Told):
    """What came of it."""

    document_id: int
    url: str = Field(description="Its page.")


def given(told: GivenQuestion) -> Asking:
    """What is asked. Raises InvalidInput for an audience that means nothing."""
    try:
        audience = Audience.of(*told.audience)
    except ValueError as error:
        raise InvalidInput(str(error)) from error
    return Asking(told.title, told.body, told.query, told.anonymous, audience, told.to_id)


def summary(one: Question) -> QuestionSummary:
    """A question in a list."""
    return QuestionSummary(**_summarised(one))


def question_out(one: Question, before: Iterable[Document]) -> QuestionOut:
    """A question as one of its readers gets it, with what was answered ``before``."""
    return QuestionOut(
        **_summarised(one),
        body=one.body,
        query=one.query,
        audience=[list(clause) for clause in one.audience.clauses],
        answers=[_answer(answer) for answer in one.answers],
        answered_before=[
            Thread(id=thread.id, title=thread.title, url=f"/documents/{thread.id}")
            for thread in before
        ],
    )


def _summarised(one: Question) -> dict[str, object]:
    return {
        "id": one.id,
        "title": one.title,
        "state": one.state,
        "anonymous": one.anonymous,
        "mine": one.mine,
        "asker": _colleague(one.asker),
        "created_at": one.created_at,
        "answered": len(one.answers),
        "document_id": one.document_id,
    }


def _answer(one: Answer) -> AnswerOut:
    return AnswerOut(
        id=one.id,
        person=_colleague(one.person),
        body=one.body,
        at=one.at,
        accepted=one.accepted,
        mine=one.mine,
    )


def _colleague(person: Person | None) -> Colleague | None:
    return None if person is None else Colleague(id=person.id, name=person.name)

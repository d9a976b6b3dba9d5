"""Behaviour: what becomes of questions."""

from __future__ import annotations

from knowledge.measures.kinds import Family, Measure, Unit

MEASURES = (
    Measure(
        "repeat_questions",
        "Repeat questions",
        Family.BEHAVIOUR,
        Unit.SHARE,
        "Questions of the month in the same words as one before / questions of the month",
        "questions: the title without case and further spaces",
        "The same in other words is not seen. Questions of people who were erased since are gone.",
        better=-1,
    ),
    Measure(
        "cross_team",
        "Answers from other teams",
        Family.BEHAVIOUR,
        Unit.SHARE,
        "Answers of the month by somebody of another team than the asker's / answers of the month "
        "where both teams are known",
        "questions without anonymous ones, question_answers",
        "Teams' figures are of those who ask. Whoever changed the team counts as of the new one.",
        teams=True,
    ),
    Measure(
        "answer_hours",
        "Working hours to the first answer",
        Family.BEHAVIOUR,
        Unit.HOURS,
        "Median over questions of the month that have an answer, of the hours of Monday to Friday "
        "(UTC, all 24 of a day) from asking to the first answer",
        "questions, question_answers",
        "What nobody answered until the month is published is left out: read it beside the number "
        "of open questions. An answer that was written anew counts from then. Teams' figures are "
        "of those who ask and leave out anonymous questions.",
        better=-1,
        teams=True,
    ),
    Measure(
        "found_without_asking",
        "Found without asking",
        Family.BEHAVIOUR,
        Unit.SHARE,
        "Searches that found something / (those + questions of the month)",
        "search_tallies, questions",
        "A confident answer that nobody rejected within a day counts as found; whether it helped "
        "is not known. One person may search often and asks rarely.",
    ),
)

"""What a question is about, without the words that only ask to be told of it."""

from __future__ import annotations

import pytest

from indexer.search.carriers import topic
from indexer.search.query import parse

CARRIED = """
summarize the discussion about the vault -> the vault
Summarise the team's discussion on opening hours -> opening hours
please summarize the group discussion of the new ferry -> the new ferry
summarize their discussions and conclusions regarding VAT -> VAT
recap the debate on the logo -> the logo
summarize what was said about backups -> backups
give me a short summary of the incident review -> the incident review
give us an overview of the ferry lines -> the ferry lines
tell me more about onboarding -> onboarding
outline the move to the new office -> the move to the new office
summarize Ada's objections to the ferry -> Ada's objections to the ferry
what did the board discuss during the audit -> during the audit
can you tell me about the VPN? -> the VPN?
give me information about parental leave -> parental leave
what was said about the harbour? -> the harbour?
what has been decided about the logo -> the logo
what's the conclusion of the safety walk -> the safety walk
what was the team's opinion on titanium -> titanium
what did the team decide on the buttons -> the buttons
what did the marketing team say about colours -> colours
what did they think of the wooden case -> the wooden case
what do we know about Kafka -> Kafka
what did people finally agree about the budget -> the budget
"""

AS_THEY_ARE = """
how do I restore a backup
what is reported income
what are the opening hours
what did Ada think of the vault
who decided about the logo
discussion about backups
summarize it
recap
what people say
the summary of the year
what is the plan for the move
Outline SSO setup
outline wiki export
Recap meeting bot
get information security policy
Show details page bug
what do we talk to customers about
what do people write in the log
"""


@pytest.mark.parametrize("line", CARRIED.strip().splitlines())
def test_what_carries_a_question_is_left_out(line: str) -> None:
    asked, _, about = line.partition(" -> ")
    assert topic(asked) == about


@pytest.mark.parametrize("asked", AS_THEY_ARE.strip().splitlines())
def test_other_questions_stay_as_they_are(asked: str) -> None:
    assert topic(asked) == asked


def test_only_what_is_looked_for_loses_it() -> None:
    parsed = parse("What did the team say about backups?")
    assert (parsed.text, parsed.topic) == ("What did the team say about backups?", "backups?")
    literal = parse("What did the team say about backups?", literal=True)
    assert literal.topic == literal.text

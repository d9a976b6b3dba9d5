"""Whether a query asks for people, and about what."""

from __future__ import annotations

import pytest

from indexer.search.intent import asked_of_people
from indexer.search.query import parse

FOR_PEOPLE = """
who knows Kubernetes -> Kubernetes
Who knows about restoring a backup? -> restoring a backup
who knows how to restore a backup -> restore a backup
who knows how TLS certificates are renewed? -> TLS certificates are renewed
who knows most about DNS -> DNS
who knows a lot about DNS -> DNS
who else knows DNS -> DNS
who would know about DNS -> DNS
who might know how to rotate keys -> rotate keys
who understands the billing code -> the billing code
who can help with Terraform -> Terraform
who can help me with the VPN? -> the VPN
who can teach me Spanish -> Spanish
who can answer questions about leave -> leave
who has experience with Terraform -> Terraform
who has the most experience with DNS -> DNS
who has expertise in DNS -> DNS
who has used Terraform -> Terraform
who has ever set up LDAP -> LDAP
who worked on the billing rewrite -> the billing rewrite
who works on search -> search
who here has worked with Kafka -> Kafka
who in finance knows about VAT -> VAT in finance
who on the platform team understands DNS? -> DNS on the platform team
who is the expert on tax -> tax
who here is an expert in DNS -> DNS
who is good at SQL -> SQL
who is familiar with DNS -> DNS
who is knowledgeable about DNS -> DNS
who is responsible for billing? -> billing
who is in charge of security training -> security training
who owns the search service -> the search service
who maintains the build -> the build
who deals with invoices -> invoices
who takes care of the office plants -> the office plants
who specialises in accessibility -> accessibility
who's the go-to person for payroll -> payroll
who’s good at SQL -> SQL
who should I ask about parental leave? -> parental leave
whom should I ask about VAT -> VAT
whom do I ask when the printer jams -> the printer jams
who do I contact for payroll? -> payroll
who could I reach out to regarding benefits -> benefits
who to talk to about benefits -> benefits
which colleague knows about VAT -> VAT
which people have worked on search -> search
tell me who knows about DNS -> DNS
please tell me who knows DNS -> DNS
do you know who can help with DNS -> DNS
any idea who knows DNS? -> DNS
anyone know Terraform? -> Terraform
Anybody know the VPN -> the VPN
does anyone know about the payroll export -> the payroll export
does anybody have experience with Terraform? -> Terraform
hi all, does anyone know how to rotate keys? -> rotate keys
anyone with experience in DNS? -> DNS
anyone here good at Excel? -> Excel
is anyone familiar with Kafka -> Kafka
is there anyone who knows about SAML? -> SAML
has anybody here used Terraform -> Terraform
can someone help me with the VPN? -> the VPN
could anybody please explain the on-call rota -> the on-call rota
someone who has done a Postgres migration -> a Postgres migration
someone who speaks Spanish -> speaks Spanish
someone to help with my onboarding -> my onboarding
someone with Terraform experience -> Terraform
I need somebody who understands SAML -> SAML
I'm looking for someone with knowledge of DNS -> DNS
looking for a person who speaks Spanish -> speaks Spanish
we need a developer who has built a scraper -> a scraper
can you recommend someone who knows DNS? -> DNS
people who know Rust -> Rust
people with experience in Rust -> Rust
colleagues with Rust experience -> Rust
expert in machine learning -> machine learning
find an expert on DNS -> DNS
find me a Kubernetes expert -> Kubernetes
Terraform experts -> Terraform
is there an expert on DNS -> DNS
do we have any experts in accessibility? -> accessibility
subject matter expert for accessibility -> accessibility
SME on tax -> tax
mentor for Python -> Python
go-to person for payroll -> payroll
best person to ask about procurement -> procurement
point of contact for procurement -> procurement
contact person for procurement, please -> procurement
ask about parental leave -> parental leave
I would like to talk to somebody about mentoring -> mentoring
""".strip().splitlines()

FOR_ANSWERS = """
how do I restore a backup
deployment
who knows?
whoknows deployment
World Health Organisation
guidelines for who may approve expenses
expertise matrix
who wrote the constitution of the company
who wrote the onboarding guide
who invented the telephone
who may approve expenses
who can see my documents
who is the CEO
who is Ada Field
who does this policy apply to
who pays when I help with a move
who attended the meeting
who we are
how do I find experts?
how to become an expert in Rust
how do I ask someone about pay
find experts
experts
subject matter experts
experience with DNS
what does anyone need to know about VAT
what should someone who joins know
when should I ask about leave
ask for help
contact form
contact details of suppliers
anyone can edit a page
someone changed my password
the person who left
people operations
person of the year
is there a policy on leave
do we have a style guide
show me the roadmap
talks on DNS
right to work
""".strip().splitlines()


@pytest.mark.parametrize("line", FOR_PEOPLE)
def test_people_are_asked_for(line: str) -> None:
    text, _, topic = line.partition(" -> ")
    parsed = parse(text)
    assert (parsed.intent, parsed.topic) == ("who", topic)
    assert asked_of_people(text.upper()) == topic.upper()


@pytest.mark.parametrize("text", FOR_ANSWERS)
def test_an_answer_is_asked_for(text: str) -> None:
    parsed = parse(text)
    assert (parsed.intent, parsed.topic) == ("answer", text)


def test_what_is_asked_about_may_begin_with_a_dot() -> None:
    assert asked_of_people("who knows .NET or C#?") == ".NET or C#"

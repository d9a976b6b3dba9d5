"""Whether a query asks for people, and about what: "who knows about X" in its many forms.

A form counts only if it says that somebody knows, helps, did something or is responsible: "who
wrote the charter" and "who may approve expenses" ask for a fact, which a passage tells.
"""

from __future__ import annotations

import re

from indexer.search.forms import any_of, maybe, then

_EDGE = " ?!.,:;"


_ONE = "(?:some|any)(?:one|body)"
# The only group that is kept: "who in finance knows about VAT".
_PLACE = (
    then("here, around here, else, all, of you, of us, out there")
    + r"(?: ((?:in|at|on|from) (?:the |our )?[\w&-]+(?: (?:team|department|group|office))?))?"
)
_ON = f" {any_of('about, on, with, for, regarding, concerning, in, of, at, when it comes to')}"
_HOW = then("about how to, about how, about, how to, how, of, anything about, something about")
_EXPERT = maybe(
    "subject[ -]matter, local, resident, in-house, internal, real, good, true"
) + any_of("experts?, specialists?, gurus?, smes?, authority, authorities, mentors?, champions?")
_GO_TO = any_of(
    """go[ -]to(?: (?:person|people|guy|colleague|expert|contact|team|man|woman))?,
    (?:right |best )?(?:person|people|colleague|one) to (?:ask|talk to|contact|go to|speak to),
    right (?:person|contact|people), points? of contact, contact person, contact, poc"""
)
_HAVING = (
    maybe(
        """any, some, the most, most, a lot of, lots of, much, good, deep, prior, previous,
        strong, enough, more, first-hand, in-depth"""
    )
    + maybe("hands-on, practical, working, real, technical, professional")
    + any_of("experience, expertise, knowledge, know-how, skills?, background")
    + then("with, in, of, on, about, using, doing, at")
)
_DONE = any_of(
    """worked (?:on|with), dealt with, done, did, used, tried, seen, built, run, set up,
    experimented with, played with, struggled with, written about, talked about, implemented"""
)
_ABLE = (
    maybe("very, really, quite, most, already")
    + any_of(
        """good, great, experienced, familiar, skilled, knowledgeable, proficient, fluent, versed,
        well-versed, comfortable, best"""
    )
    + f" {any_of('at, in, with, on, about')}"
)
_IN_CHARGE = any_of("responsible for, in charge of, accountable for, looking after, working on")
_OWNING = any_of(
    """owns?, maintains?, runs?, handles?, deals? with, looks? after, takes? care of,
    works? (?:on|with), worked (?:on|with), speciali[sz]es? in"""
)
_HELP = (
    any_of(
        "help(?: out)?, explain, tell, teach, show, assist, advise, answer, support, mentor, guide"
    )
    + r"\b(?: (?:me|us|people))?(?: out)?"
    + then("with, about, on, through, how to, how, questions about, questions on, in")
)
_ASKED = any_of(
    """ask, talk to, talk with, contact, turn to, speak to, speak with, go to, reach out to,
    approach, call, ping, message, write to"""
) + then("about, for help with, for, on, with, regarding, concerning, if, when")
_KNOWS = (
    r"(?:knows?|understands?)\b"
    + then("a lot, anything, something, the most, most, more, best, a bit, much, enough, well")
    + _HOW
)
_OWNER = r"(?:the |our )?(?:owners?|maintainers?|leads?|contact) (?:of|for|on)"
_ARTICLE = maybe("the, an?, our, your, considered an?, considered the, any, some, all")
_CAN = "(?:can|could|would|might|may|will|is able to|are able to)"
# What follows "who", "somebody who", "which colleague".
_KNOWING = any_of(
    f"""{_KNOWS}, (?:has|have|had|got) {_HAVING}, {_OWNING},
    (?:has|have|had) {maybe("ever, already, previously, recently, successfully")}{_DONE},
    {_CAN} (?:please )?{_HELP}, {_CAN} know{_HOW},
    (?:is|are|was|were) {any_of(f"{_ABLE}, {_IN_CHARGE}, {_OWNER}")},
    (?:is|are) {_ARTICLE}{any_of(f"{_EXPERT}, {_GO_TO}")}(?:{_ON})?"""
)
_PERSON = any_of(
    rf"""{_ONE}, (?:some |any )?(?:people|colleagues|folks),
    (?:an?|the|any|another) (?:\w+ )?(?:person|colleague|co-?worker|team-?mate|human|contact),
    (?:an?|the|any|another) (?:\w+ )?(?:engineer|developer|designer)"""
)
_WHOSE = any_of(
    f"""(?:who|that|which) {_KNOWING}, (?:with|having) {_HAVING}, {_ABLE}, {_IN_CHARGE},
    to {any_of(f"{_HELP}, talk to about, ask about, ask for")}, knowing(?: about)?"""
)
# Of somebody who is looked for, whatever they do is what they know: "someone who speaks Spanish".
_DOING = "(?:who|that)(?: (?:has|have|is|can|could|would|does|did)(?: ever| already)?)?"
_WHICH = any_of(
    """whom?, which (?:of (?:you|us)|person|people|colleagues?|co-?workers?|team-?mates?),
    which (?:experts?|engineers?|developers?|employees?|team members?)"""
)
_OPENING = (
    r"(?:(?:hi|hello|hey)(?: (?:all|everyone|everybody|team|there|folks))?[,!.:]* )?"
    r"(?:please |(?:can|could|would) (?:you|someone|somebody|anyone) (?:please )?"
    r"(?=tell|find|name|point|recommend|suggest|introduce|show))?"
)
_SEEKING = any_of(
    """(?:(?:i am|i['’]m|we are|we['’]re) )?(?:looking|searching) for,
    (?:i|we) (?:need|want|would like|am trying)(?: to (?:find|talk to|speak to|ask|contact|meet))?,
    i['’]d like to (?:find|talk to|speak to|speak with|ask|contact|meet), (?:is|are) there,
    do (?:i|we|you) have, do you know(?: of)?, find(?: me)?, show me, name, recommend, suggest,
    point me to(?:wards)?, introduce me to, get me, search(?: for)?, need, want"""
)
_SEEK = f"(?:{_SEEKING} )?"
_TELL = maybe(
    f"""tell me, show me, find out, find, do you know, does {_ONE} know, any idea, i wonder,
    i (?:want|need|would like) to know"""
)
_I = "(?:i|we|you|one)"

_SHOULD = f"(?:do|should|shall|must|can|could|would|might|may) {_I}"
_WOULD = maybe("i (?:want|need|would like) to, i['’]d like to")
_EXPERTS = f"{_ARTICLE}{any_of(f'{_EXPERT}, {_GO_TO}')}"
_IS_ABLE = any_of(f"{_ABLE}, {_IN_CHARGE}")

_WHO = re.compile(
    f"^{_OPENING}"
    + any_of(
        f"""{_TELL}{_WHICH}{_PLACE} {_KNOWING}, who['’]s (?:{_IS_ABLE}|{_OWNER}|{_EXPERTS}{_ON}),
        {_TELL}whom?{_PLACE} {_SHOULD} {_ASKED}, {_TELL}whom? to {_ASKED},
        {_WOULD}(?:ask|talk to)(?: {_PERSON})? about,
        {maybe("does, do, did")}{_ONE}{_PLACE} (?:(?:who )?{_KNOWING}|(?:have|with) {_HAVING}),
        {maybe("is, are")}{_ONE}{_PLACE} (?:{_IS_ABLE}|an? {_EXPERT}{_ON}),
        {maybe("has, have")}{_ONE}{_PLACE} (?:ever |already |recently )?{_DONE},
        (?:can|could|would|will|might) {_ONE}{_PLACE} (?:please )?{_HELP},
        {_SEEK}{_PERSON}{_PLACE} {_WHOSE}, {_SEEKING} {_PERSON}{_PLACE} {_DOING}, {_ONE} {_DOING},
        {_SEEK}{_EXPERTS}{_PLACE}{_ON}"""
    )
    + r"(?![\w'’])[ :,]*",
    re.IGNORECASE,
)
# "somebody with Terraform experience", "Terraform experts".
_LEARNT = any_of("experience, expertise, knowledge, know-how, skills?, background")
_INSIDE = re.compile(
    rf"^{_SEEK}(?:{_PERSON} with (?P<thing>.+?) {_LEARNT}"
    rf"|{_ARTICLE}(?P<field>\S+(?: \S+)?) (?:experts?|specialists?|gurus?))$",
    re.IGNORECASE,
)
# "become an expert" asks for an answer; "subject matter experts" names no subject.
_NO_FIELD = re.compile(
    r"""\b(?:how|what|when|where|why|who|which|is|are|be|become|becoming|do|does|can|should|hire
    |hiring|the|our|an?|your|my|of|for|to|with|and|or|from|by|as|matter|find|ask|other|more|many
    |external|internal)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_COURTESY = re.compile(r"[ ,]+(?:please|thanks|thank you)$", re.IGNORECASE)


def asked_of_people(text: str) -> str | None:
    """What people are asked about; None when the query does not ask for people.

    ``text`` has single spaces. "who in finance knows about VAT" gives "VAT in finance".
    """
    plain = _COURTESY.sub("", text.strip().rstrip(_EDGE))
    inside = _INSIDE.match(plain)
    if inside and inside["thing"]:
        return inside["thing"]
    found = _WHO.match(plain)
    if found:
        about = plain[found.end() :]
        place = next(filter(None, found.groups()), "")
        return f"{about} {place}".strip() if any(c.isalnum() for c in about) else None
    return inside["field"] if inside and not _NO_FIELD.search(inside["field"]) else None

"""What is said about oneself, as a page: decided with forms, without scripts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api import cursors
from api.auth import Asker, OwnReader, OwnWriter
from api.deps import Wired
from api.schemas.fields import number_in
from api.services import Services
from api.web import bars
from api.web.managing import sentence
from api.web.rendering import page
from knowledge.errors import InvalidInput, NotFound
from knowledge.identity import Objection, OfferKind
from knowledge.store.privacy import CONSENTS

router = APIRouter(prefix="/me", include_in_schema=False)

_SHOWN = 20
_DECIDED = {"yes": True, "no": False, "unsaid": None}
# In which part of the page it is said, so that it stands where the form was.
_SAID = {
    "consents": ("decide", "It holds from the next search on."),
    "paused": ("pause", "Colleagues see until when you do not want to be asked."),
    "asked": ("pause", "You can be asked again."),
    "hidden": ("topics", "Nothing with that tag speaks for you any more; nobody can tell."),
    "shown": ("topics", "What has that tag speaks for you again."),
    "objected": (
        "evidence",
        "That document speaks for you no more. Readers read it as before.",
    ),
    "disputed": (
        "evidence",
        "That document speaks for you no more. Who looks after it sees why.",
    ),
    "withdrawn": ("evidence", "That document speaks for you again, as far as you agreed."),
    "offered": ("offers", "Whoever sees you sees it."),
    "taken": ("offers", "It is taken back."),
    "level": ("level", "It holds from the next search on."),
    "mail": ("mail", "It holds for what waits to be sent, too."),
    "wished": ("wishes", "When it can be answered, you see it here and where you search."),
    "unwished": ("wishes", "It is taken back."),
}

Text = Annotated[str, Form(max_length=5000)]
Short = Annotated[str, Form(max_length=40)]


@router.get("")
def show(request: Request, asker: OwnReader, services: Wired) -> Response:
    """All of it."""
    return _page(request, asker, services)


def _page(
    request: Request,
    asker: Asker,
    services: Services,
    wrong: str = "",
    place: str = "",
    **typed: str,
) -> Response:
    """``wrong``: what was wrong with the form in a ``place``, and what was ``typed`` into it."""
    told_in, said = _SAID.get(request.query_params.get("said", ""), ("", ""))
    person = asker.person_id
    about = ("own evidence", person)
    offset = cursors.decode(request.query_params.get("cursor") or None, *about) or 0
    evidence, more = services.privacy.evidence(asker.principal, offset, _SHOWN)
    today = datetime.now(UTC)
    given: dict[str, Any] = {
        "decisions": services.privacy.decisions(person),
        "defaults": services.privacy.settings,
        "evidence": evidence,
        "offset": offset,
        "following": cursors.encode(offset + _SHOWN, *about) if more else None,
        "topics": _own_topics(services, asker),
        "chart": bars.chart(services.privacy.appearances(person), today.date()),
        "offers": services.offers.of(person),
        "exemplars": services.gallery.made_by(asker.principal),
        "level": services.levels.of(asker.principal),
        "mail": services.mail_choices.of(person) if services.settings.mail.on else None,
        "wishes": services.wishing.look(asker.principal),
        "known_alone": services.topics.known_alone(asker.principal),
        "comfort": services.comforting.answered(asker.principal),
        "said": "" if wrong else said,
        "wrong": sentence(wrong),
        "place": place if wrong else told_in,
        "typed": {"until": "", "tag": "", "topic": "", "kind": ""} | typed,
    }
    made = page(request, asker, "me.html", **given)
    made.status_code = 422 if wrong else 200
    return made


def _own_topics(services: Services, asker: Asker) -> list[str]:
    """The tags that they are known for now, which they could hide."""
    shown = services.profiles.show(asker.person_id, asker.principal, limit=1)
    return [topic.tag for topic in shown.topics]


@router.post("/consents")
def consents(
    request: Request,
    asker: OwnWriter,
    services: Wired,
    consent_written: Short = "",
    consent_spoken: Short = "",
) -> Response:
    """Say whether one may be found by what one wrote and said."""
    told = dict(zip(CONSENTS, (consent_written, consent_spoken), strict=True))
    if set(told.values()) - _DECIDED.keys():
        return _page(request, asker, services, "choose one answer to each question", "decide")
    held = services.privacy.decisions(asker.person_id)
    # What the directory said stays the directory's, unless another answer is chosen.
    changed = {
        name: _DECIDED[choice]
        for name, choice in told.items()
        if held.consents[name] != _DECIDED[choice]
    }
    services.privacy.decide(asker.person_id, consents=changed)
    return _back("consents", "decide")


@router.post("/pause")
def pause(
    request: Request, asker: OwnWriter, services: Wired, until: Short = "", end: Short = ""
) -> Response:
    """Say until when one does not want to be asked, or that one does again."""
    if end:
        services.privacy.decide(asker.person_id, paused_until=None)
        return _back("asked", "pause")
    try:
        day = datetime.fromisoformat(until).replace(tzinfo=UTC)
        if day <= datetime.now(UTC):
            raise InvalidInput("choose a day that is still to come")
        services.privacy.decide(asker.person_id, paused_until=day)
    except ValueError:
        return _page(request, asker, services, "write the day as 2026-01-31", "pause", until=until)
    except InvalidInput as error:
        return _page(request, asker, services, str(error), "pause", until=until)
    return _back("paused", "pause")


@router.post("/topics")
def topics(
    request: Request, asker: OwnWriter, services: Wired, tag: Text = "", show_again: Short = ""
) -> Response:
    """Hide a topic, or show it again."""
    if show_again:
        services.privacy.show_topic(asker.person_id, tag)
        return _back("shown", "topics")
    try:
        services.privacy.hide_topic(asker.person_id, tag)
    except InvalidInput as error:
        return _page(request, asker, services, str(error), "topics", tag=tag)
    return _back("hidden", "topics")


@router.post("/evidence/{document_id}")
def evidence(
    request: Request, document_id: str, asker: OwnWriter, services: Wired, verdict: Short = ""
) -> Response:
    """Let a document speak for oneself no more, or again."""
    key = number_in(document_id)
    if key is None:
        raise NotFound("there is no such page")
    if verdict == "none":
        services.privacy.withdraw_objection(asker.person_id, key)
        return _back("withdrawn", "evidence")
    try:
        told = Objection(verdict)
    except ValueError:
        return _page(request, asker, services, "choose one of the buttons", "evidence")
    services.privacy.object_to(asker.principal, key, told)
    return _back("objected" if told is Objection.HIDDEN else "disputed", "evidence")


@router.post("/offers")
def offers(
    request: Request,
    asker: OwnWriter,
    services: Wired,
    kind: Short = "",
    topic: Text = "",
    take_back: Short = "",
) -> Response:
    """Say what one would teach or wants to learn, or take it back."""
    try:
        if take_back:
            services.offers.remove(asker.person_id, number_in(take_back) or 0)
            return _back("taken", "offers")
        if kind not in set(OfferKind):
            raise InvalidInput("say whether you would teach it or want to learn it")
        services.offers.add(asker.person_id, OfferKind(kind), topic)
    except InvalidInput as error:
        return _page(request, asker, services, str(error), "offers", topic=topic, kind=kind)
    return _back("offered", "offers")


@router.post("/wishes")
def wishes(
    request: Request, asker: OwnWriter, services: Wired, text: Text = "", take_back: Short = ""
) -> Response:
    """Want to be told when something can be answered, or take that back."""
    try:
        if take_back:
            services.wishes.remove(asker.person_id, number_in(take_back) or 0)
            return _back("unwished", "wishes")
        services.wishes.add(asker.person_id, text)
    except InvalidInput as error:
        return _page(request, asker, services, str(error), "wishes")
    return _back("wished", "wishes")


def _back(said: str, where: str) -> Response:
    return RedirectResponse(f"/me?said={said}#{where}", 303)

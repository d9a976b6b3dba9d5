"""Asking colleagues, and answering them, as pages: with forms, without scripts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api import colleagues, cursors
from api.asking import answered_before, looked_up
from api.asking import ask as asked
from api.auth import Asker, OwnReader, OwnWriter, charge
from api.deps import PathId, Wired
from api.excerpts import excerpt
from api.schemas.fields import moment_in, number_in
from api.services import Services
from api.web.answers import passage_url
from api.web.managing import sentence
from api.web.preview import preview
from api.web.rendering import page
from knowledge import asking, limits, questions
from knowledge.asking import Asking, Box, Question
from knowledge.drafting import Form as Drafted
from knowledge.errors import Conflict, InvalidInput, NotFound, WhoknowsError
from knowledge.types import EVERYONE, Audience, Person

router = APIRouter(include_in_schema=False)

_SHOWN = 20
_SAID = {
    "asked": "It is asked. Whoever can answer finds it on their page of questions; so do you.",
    "answered": "Your answer is there. Whoever asks sees it, and may take it.",
    "handed": "It is handed on, and yours no more.",
    "withdrawn": "It is withdrawn. Nobody else sees it any more.",
    "same": "You ask this already. Here it is.",
}

Line = Annotated[str, Form(max_length=2000)]
Text = Annotated[str, Form(max_length=200_000)]
Short = Annotated[str, Form(max_length=400)]
Groups = Annotated[list[Short], Form(max_length=100)]


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the form of a question; ``groups`` without one: it is for everyone."""

    title: str = ""
    body: str = ""
    query: str = ""
    anonymous: bool = False
    groups: tuple[str, ...] = ()
    to: int | None = None

    def asking(self) -> Asking:
        """What is asked. Raises InvalidInput for groups that cannot be meant."""
        try:
            clause = [f"group:{slug}" for slug in self.groups] or [EVERYONE]
            audience = Audience.of(clause)
        except ValueError as error:
            raise InvalidInput("choose some of your groups") from error
        return Asking(self.title, self.body, self.query, self.anonymous, audience, self.to)


@router.get("/ask")
def form(request: Request, asker: OwnWriter, services: Wired) -> Response:
    """What is there already about ``q``, and a form to ask it; ``to``: a colleague in
    particular."""
    told = request.query_params
    q = " ".join(told.get("q", "").split())
    filled = Filled(q[: limits.MAX_NAME], query=q[: asking.MAX_QUERY], to=number_in(told.get("to")))
    return _form(request, asker, services, filled)


@router.post("/ask")
def ask(
    request: Request,
    asker: OwnWriter,
    services: Wired,
    title: Line = "",
    body: Text = "",
    query: Line = "",
    anonymous: Short = "",
    reach: Short = "",
    group: Groups = [],  # noqa: B006
    person_id: Short = "",
) -> Response:
    """Ask it; what was asked already is shown instead."""
    filled = Filled(
        title,
        body,
        query[: asking.MAX_QUERY],
        bool(anonymous),
        tuple(group) if reach == "groups" else (),
        number_in(person_id),
    )
    charge(request, asker)
    try:
        if reach == "groups" and not group:
            raise InvalidInput("choose some of your groups")
        made = asked(services, filled.asking(), asker.principal)
    except Conflict:
        same = services.questions.same(title, asker.principal)
        return RedirectResponse(f"/questions/{same}?said=same" if same else "/questions", 303)
    except (InvalidInput, NotFound) as error:
        return _form(request, asker, services, filled, str(error))
    return RedirectResponse(f"/questions/{made}?said=asked", 303)


def _form(
    request: Request, asker: Asker, services: Services, filled: Filled, wrong: str = ""
) -> Response:
    to = _person(services, asker, filled.to)
    there, before, count, sure = [], [], None, False
    same = services.questions.same(filled.title, asker.principal)
    if filled.title:
        if not wrong:
            charge(request, asker)
        words = f"{filled.title} {filled.body}"
        held = looked_up(services, words, asker.principal)
        # Whether a colleague whom one means can be asked is theirs to tell.
        count = None if to else services.questions.count(held.candidates, asker.principal)
        before = services.asked_before.threads(filled.title, asker.principal)
        known = {document.id for document in before}
        there = [
            (
                hit.document,
                passage_url(hit.document.id, hit.passage.id, words=filled.title),
                excerpt(hit.passage, hit.highlights, hit.document.contributions),
            )
            for hit in held.answers
            if hit.document.id not in known
        ]
        sure = held.confident
    made = page(
        request,
        asker,
        "ask.html",
        filled=filled,
        to=to,
        before=before,
        there=there,
        sure=sure,
        count=count,
        same=same,
        groups=sorted(asker.principal.groups),
        most=asking.MAX_BODY,
        wrong=sentence(wrong),
    )
    made.status_code = 422 if wrong else 200
    return made


def _person(services: Services, asker: Asker, key: int | None) -> Person | None:
    """A colleague whom the asker sees, if they mean one."""
    held = {} if key is None else services.profiles.named([key], asker.principal)
    return next(iter(held.values()), None)


@router.get("/questions")
def listed(request: Request, asker: OwnReader, services: Wired) -> Response:
    """What waits for one's answer, what one answered, and what one asked."""
    own, following = _stretch(request, asker, services, Box.ASKED, "cursor")
    answered, further = _stretch(request, asker, services, Box.ANSWERED, "answered")
    waiting, _ = services.questions.listed(asker.principal, Box.TO_ANSWER, 0, 100)
    return page(
        request,
        asker,
        "questions.html",
        own=own,
        waiting=waiting,
        answered=answered,
        following=following,
        further=further,
        said_so=_SAID.get(request.query_params.get("said", ""), ""),
    )


def _stretch(
    request: Request, asker: Asker, services: Services, box: Box, name: str
) -> tuple[list[Question], str | None]:
    """Some of a box, from the cursor of that ``name`` on; and the cursor of what follows. Raises
    InvalidInput for that of another list."""
    about = ("questions", box.value)
    offset = cursors.decode(request.query_params.get(name) or None, *about) or 0
    found, more = services.questions.listed(asker.principal, box, offset, _SHOWN)
    return found, cursors.encode(offset + _SHOWN, *about) if more else None


@router.get("/questions/{id}")
def show(request: Request, id: PathId, asker: OwnReader, services: Wired) -> Response:
    """A question that one asks, or was asked."""
    return _page(request, asker, services, id)


@router.post("/questions/{id}")
def act(
    request: Request,
    id: PathId,
    asker: OwnWriter,
    services: Wired,
    action: Short = "",
    body: Text = "",
    answer: Short = "",
    read_at: Short = "",
    to: Short = "",
) -> Response:
    """Answer it, take an answer, hand it on, withdraw it, or begin a note with one's answer."""
    who = asker.principal
    try:
        if action == "answer":
            services.questions.answer(id, body, who)
            return _back(id, "answered")
        if action == "accept":
            made = services.questions.accept(id, number_in(answer) or 0, who, moment_in(read_at))
            return RedirectResponse(f"/documents/{made}?said=accepted", 303)
        if action == "hand_on":
            services.questions.show(id, who)
            whom = colleagues.named(services, asker, to).id if to.strip() else None
            services.questions.hand_on(id, who, whom)
            return RedirectResponse("/questions?said=handed", 303)
        if action == "withdraw":
            services.questions.withdraw(id, who)
            return _back(id, "withdrawn")
        if action == "note":
            kept = services.drafting.create(Drafted.NOTE, services.questions.note(id, who), who)
            return RedirectResponse(f"/drafts/{kept.id}?said=begun", 303)
        raise InvalidInput("choose one of the buttons")
    except NotFound:
        if action != "answer" or not body.strip():
            raise
        unkept = page(request, asker, "unkept.html", text=body)
        unkept.status_code = 404
        return unkept
    except (InvalidInput, Conflict) as error:
        typed = {"answer": {"body": body}, "hand_on": {"to": to}}.get(action, {})
        return _page(request, asker, services, id, error, **typed)


def _page(
    request: Request,
    asker: Asker,
    services: Services,
    key: int,
    error: WhoknowsError | None = None,
    **typed: str,
) -> Response:
    told = services.questions.show(key, asker.principal)
    wrong = "" if error is None else str(error)
    own = next((one for one in told.answers if one.mine), None)
    given: dict[str, Any] = {
        "question": told,
        "body": _prose(services, asker, told.body),
        "answers": [(one, _prose(services, asker, one.body)) for one in told.answers],
        "own": own,
        "before": answered_before(services, told, asker.principal),
        "typed": {"body": own.body if own else "", "to": ""} | typed,
        "most": questions.MAX_ANSWER,
        "said": "" if wrong else _SAID.get(request.query_params.get("said", ""), ""),
        "wrong": sentence(wrong),
    }
    made = page(request, asker, "question.html", **given)
    if error is not None:
        made.status_code = 409 if isinstance(error, Conflict) else 422
    return made


def _prose(services: Services, asker: Asker, text: str) -> Any:
    return preview(services, asker.principal, "", text) if text else ""


def _back(key: int, said: str) -> Response:
    return RedirectResponse(f"/questions/{key}?said={said}", 303)

"""A document as a page: read, judged, compared with what it was, and deleted. No scripts needed."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api import mistakes
from api.auth import Asker, OwnReader, Reader, Writer, charge
from api.deps import Wired
from api.filing import files_address
from api.mistakes import Mistake
from api.routes.currency import editor
from api.schemas.fields import number_in
from api.services import Services
from api.web import finding
from api.web.answers import MOST_WORDS, makers, took_part
from api.web.managing import sentence
from api.web.prose import Found
from api.web.reading import reading
from api.web.rendering import page
from knowledge.asked import Feedback, Verdict
from knowledge.currency import Verdict as Judgment
from knowledge.editing import Shown, written_here
from knowledge.errors import Conflict, InvalidInput, InvalidQuery, NotFound
from knowledge.linking import places
from knowledge.sharing import conditions
from knowledge.steps import MOST, Typed
from knowledge.store import passages, speakers
from knowledge.types import Kind

router = APIRouter(prefix="/documents", include_in_schema=False)

_READ = ["GET", "HEAD"]
_MOST_SECONDS = 10**7
_EMPTY = 2
_SAID = {
    "helped": "Thank you. It counts for how well answers are found; who said it is not kept.",
    "accepted": "It is published: whoever looks for it finds it, by whoever answered.",
    "doubted": "Thank you. Those who look after this text see that readers doubt it, not who.",
    "trusted": "Your doubt is taken back.",
    "judged": "Everybody who reads this sees it now, until the text changes.",
    "passed": "It is looked after by somebody else from now on.",
    "reviewing": "It is to be looked at again as you say.",
    "replaced": "It is what colleagues find from now on.",
    "restored": "Nothing replaces it any more.",
    "steps": "Readers see what to read before and after it, as far as they may read that.",
    "chosen": "It is in the gallery now. Whoever made it is told on their own page.",
    "unchosen": "It is in the gallery no more.",
    "declined": "It is not in the gallery, and nobody can put it there.",
    "allowed": "It can be chosen again.",
    "unjudged": "Nothing is said of whether it holds any more.",
}

_Choice = TypeVar("_Choice", Verdict, Judgment)
Text = Annotated[str, Form(max_length=5000)]
Short = Annotated[str, Form(max_length=40)]


@router.api_route("/{id}", methods=_READ)
def document(request: Request, id: str, asker: Reader, services: Wired) -> Response:
    """A document to read: with the passage that ``passage`` names marked, or of a transcript what
    is said ``at`` so many seconds; ``find`` lists where it speaks of something, and ``for``, which
    a search brings along, only marks the words."""
    made = document_page(request, asker, services, _id(id))
    if request.method == "GET" and not asker.by_token:
        place = number_in(request.query_params.get("place"))
        services.readings.record(asker.principal.person_id, _id(id), place)
    return made


def document_page(
    request: Request,
    asker: Asker,
    services: Services,
    key: int,
    wrong: str = "",
    typed: str = "",
    caring: tuple[Mistake, dict[str, str]] = (mistakes.NONE, {}),
    place: str = "judging",
    leading: tuple[Mistake, Typed | None] = (mistakes.NONE, None),
) -> Response:
    """``wrong``: what was wrong with a form that was sent in some ``place`` of the page, ``typed``
    what its reason was, ``caring`` the same of those about who looks after it, and ``leading`` of
    what to read before and after it."""
    asked = request.query_params
    wanted, find = asked.get("passage"), " ".join(asked.get("find", "").split())
    sought = " ".join(asked.get("for", "").split())[:MOST_WORDS]
    shown = services.editing.show(key, editor(asker))
    with services.database.read() as connection:
        chosen = number_in(wanted)
        held = passages.load(connection, [chosen] if chosen else [], asker.principal)
        leads = places(connection, key, shown.body, asker.principal)
        spoken = shown.document.kind is Kind.TRANSCRIPT
        whose = speakers.current(connection, key).labels if spoken else {}
    passage = next((p for p in held.values() if p.document_id == key), None)
    word = finding.words(find or sought, services.index.analyze) if find or sought else None
    if find:
        charge(request, asker)
    found, problem = _found(services, key, find, word if find else None, asker)
    text = reading(
        shown.document,
        shown.body,
        passage,
        number_in(asked.get("part")),
        leads,
        at=_seconds(asked.get("at")),
        found=word if found or not find else None,
        whose=whose,
    )
    made = page(
        request,
        asker,
        "document.html",
        document=shown.document,
        version=shown.version,
        makers=[
            (
                maker,
                [
                    "took part" if took_part(one) else one.role
                    for one in shown.document.contributions
                    if one.person_id == maker.id
                ],
            )
            for maker in makers(shown.document.contributions)
        ],
        reading=text,
        files=[
            (one, address)
            for one in leads.files.values()
            if not text.shows(address := files_address(key, one.number))
        ],
        passage=passage,
        lost=wanted is not None and passage is None,
        find=find,
        sought=find or sought,
        found=found,
        most=finding.MOST,
        problem=problem,
        said=_SAID.get(asked.get("said", ""), ""),
        line_said=asked.get("said", "") in ("replaced", "restored"),
        caring_said=asked.get("said", "") in ("passed", "reviewing"),
        wrong=sentence(wrong),
        typed=typed,
        caring_mistake=caring[0],
        caring_typed={"form": "", "at": "", "months": "", "email": ""} | caring[1],
        place=place,
        leading_mistake=leading[0],
        query=_query_id(asked.get("query")),
        **_around(services, key, asker, shown, leading[1]),
    )
    said = next((one for one in (caring[0], leading[0]) if one.said), None)
    made.status_code = said.status if said else 422 if wrong or problem else 200
    return made


def _around(
    services: Services, key: int, asker: Asker, shown: Shown, typed: Typed | None
) -> dict[str, Any]:
    """What stands beside the text."""
    editable = shown.audience is not None
    who = editor(asker)
    steps = services.paths.of(key, who, asker.standing)
    if typed is None and steps.may_change:
        typed = services.paths.typed(steps, asker.principal)
    return {
        "steps": steps,
        "typed_steps": _fields(typed),
        "exemplar": services.gallery.of(key, who, asker.standing),
        "judged": services.keeping.show(key, editor(asker), asker.standing),
        "care": services.care.show(key, editor(asker), asker.standing),
        "line": services.succession.show(key, editor(asker), asker.standing),
        "related": services.related.to(key, asker.principal),
        "conditions": conditions(services.database, key, asker.principal),
        "editable": editable and written_here(shown.document),
        "deletable": editable,
    }


def _fields(typed: Typed | None) -> list[tuple[str, str, list[str]]]:
    """The sides of a document as fields: their name, label, and what stands in each, with some
    empty ones behind."""
    if typed is None:
        return []
    return [
        (name, label, [*side, *[""] * min(_EMPTY, MOST - len(side))])
        for name, label, side in (
            ("before", "Read first", typed.before),
            ("after", "Go on with", typed.after),
        )
    ]


def _found(
    services: Services, key: int, find: str, word: Found | None, asker: Asker
) -> tuple[list[finding.Place], str]:
    if word is None:
        return [], ""
    sure = services.settings.search.confident_from
    try:
        return finding.places(services.pipeline, key, find, word, sure, asker.principal), ""
    except InvalidQuery as error:
        return [], str(error)


@router.post("/{id}/feedback")
def feedback(
    request: Request,
    id: str,
    asker: Reader,
    services: Wired,
    verdict: Short = "",
    reason: Text = "",
    passage: Short = "",
    query: Short = "",
) -> Response:
    """Say whether it helped: of the passage that a search led to, otherwise of the document."""
    key, about = _id(id), number_in(passage)
    search = _query_id(query)
    of_passage = about if search else None
    try:
        given = Feedback(
            search,
            of_passage,
            None,
            _one_of(Verdict, verdict),
            _reason(reason),
            None if of_passage else key,
        )
        try:
            services.opinions.add(given, asker.principal)
        except NotFound:
            # The search is forgotten, or the passage gone: then it is said of what is read.
            whole = Feedback("", None, None, given.verdict, given.reason, key)
            services.opinions.add(whole, asker.principal)
    except InvalidInput as error:
        return document_page(request, asker, services, key, str(error), reason)
    return _back(key, "helped")


@router.post("/{id}/doubts")
def doubt(
    request: Request,
    id: str,
    asker: OwnReader,
    services: Wired,
    reason: Text = "",
    revision: Short = "",
    withdraw: Short = "",
) -> Response:
    """Say that it may be out of date, or take that back."""
    key = _id(id)
    if withdraw:
        services.keeping.trust(key, asker.principal)
        return _back(key, "trusted")
    try:
        services.keeping.doubt(key, asker.principal, reason, number_in(revision))
    except InvalidInput as error:
        return document_page(request, asker, services, key, str(error), reason)
    return _back(key, "doubted")


@router.post("/{id}/currency")
def judge(
    request: Request,
    id: str,
    asker: Writer,
    services: Wired,
    state: Short = "",
    revision: Short = "",
    next: Short = "",
) -> Response:
    """Say that it is verified or outdated, or neither any more; ``next``: where from."""
    key = _id(id)
    try:
        told = None if state == "nothing" else _one_of(Judgment, state)
        services.keeping.judge(key, told, editor(asker), asker.standing, number_in(revision))
    except InvalidInput as error:
        return document_page(request, asker, services, key, str(error))
    if next == "care":
        return RedirectResponse("/me/care#reviews", 303)
    return _back(key, "judged" if told else "unjudged")


@router.get("/{id}/history")
def history(request: Request, id: str, asker: Reader, services: Wired) -> Response:
    """The states of a document, and what changed between two of them."""
    key, asked, wrong = _id(id), request.query_params, ""
    try:
        first, last = number_in(asked.get("from")), number_in(asked.get("to"))
        told = services.revising.history(key, editor(asker), first, last)
    except InvalidInput as error:
        wrong = str(error)
        told = services.revising.history(key, editor(asker), None, None)
    made = page(request, asker, "history.html", told=told, wrong=wrong)
    made.status_code = 422 if wrong else 200
    return made


@router.get("/{id}/delete")
def ask_to_delete(request: Request, id: str, asker: Writer, services: Wired) -> Response:
    """Whether it is really to be deleted."""
    shown = services.editing.show(_id(id), editor(asker))
    if shown.audience is None:
        raise NotFound("there is no such page")
    return page(request, asker, "delete.html", shown=shown, wrong="", done=False)


@router.post("/{id}/delete")
def delete(
    request: Request, id: str, asker: Writer, services: Wired, version: Text = ""
) -> Response:
    """Delete it, if it is still what was shown."""
    key = _id(id)
    shown = services.editing.show(key, editor(asker))
    try:
        services.editing.delete(key, editor(asker), frozenset({version}))
    except Conflict as error:
        made = page(request, asker, "delete.html", shown=shown, wrong=str(error), done=False)
        made.status_code = 422
        return made
    return page(request, asker, "delete.html", shown=shown, wrong="", done=True)


def _back(key: int, said: str) -> Response:
    return RedirectResponse(f"/documents/{key}?said={said}#judging", 303)


def _reason(told: str) -> str:
    cleaned = " ".join(told.split())
    if len(cleaned) > 2000 or "\0" in cleaned:
        raise InvalidInput("the reason is longer than 2000 characters; shorten it")
    return cleaned


def _one_of(choices: type[_Choice], told: str) -> _Choice:
    try:
        return choices(told)
    except ValueError as error:
        raise InvalidInput("choose one of the buttons") from error


def _query_id(told: str | None) -> str:
    """The id of a search, if it has the form of one."""
    fine = told is not None and len(told) == 32 and not set(told) - set("0123456789abcdef")
    return told if fine and told is not None else ""


def _seconds(told: str | None) -> float | None:
    key = number_in(told, least=0)
    return None if key is None or key > _MOST_SECONDS else float(key)


def _id(told: str) -> int:
    key = number_in(told)
    if key is None:
        raise NotFound("there is no such page")
    return key

"""Handing over what one owns, as pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import colleagues, mistakes
from api.auth import Administrator, Asker, OwnReader, OwnWriter, Writer
from api.deps import PathId, Wired
from api.forms import WRITTEN
from api.mistakes import MENDABLE, Mistake
from api.routes.currency import editor
from api.routes.topics import is_admin
from api.schemas.fields import number_in
from api.services import Services
from api.web.rendering import page
from indexer.handing_over import suggested
from knowledge.errors import NotFound
from knowledge.handover import Thing, Wish

router = APIRouter(include_in_schema=False)

Short = Annotated[str, Form(max_length=40)]


@router.get("/me/hand-over")
def own(request: Request, asker: OwnReader, services: Wired) -> Response:
    """What one owns and to whom it could go."""
    assert asker.person is not None
    return _page(request, asker, services, asker.person.id, done="done" in request.query_params)


@router.get("/admin/hand-over")
def of_somebody(
    request: Request,
    asker: Administrator,
    services: Wired,
    person: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """What somebody owns who left, or leaves."""
    key = number_in(person)
    if key is None:
        raise NotFound("there is no such page")
    return _page(request, asker, services, key, done="done" in request.query_params)


@router.post("/hand-overs", dependencies=[WRITTEN])
def give(request: Request, asker: OwnWriter, services: Wired) -> Response:
    """Give it to others: one's own, or that of a ``person`` whose things one may hand over."""
    assert asker.person is not None
    key = number_in(str(request.state.form.get("person", ""))) or asker.person.id
    own = key == asker.person.id
    after = "/me/hand-over?done=yes" if own else f"/admin/hand-over?person={key}&done=yes"
    return _given(request, asker, services, key, after)


@router.post("/hand-overs/{id}/undo")
def undo(id: PathId, asker: Writer, services: Wired) -> Response:
    """Take it back."""
    whose = services.handing_over.undo(id, editor(asker))
    mine = asker.person is not None and asker.person.id == whose
    return RedirectResponse("/me/hand-over" if mine else f"/admin/hand-over?person={whose}", 303)


@router.post("/me/care/received")
def reply(
    asker: OwnWriter,
    services: Wired,
    handover: Short = "",
    kind: Short = "",
    item: Short = "",
    decline: Short = "",
) -> Response:
    """Take what one was given, or decline it."""
    number, key = number_in(handover), number_in(item)
    if number is None or key is None or kind not in set(Thing):
        raise NotFound("there is no such page")
    services.handing_over.settle(number, Thing(kind), key, asker.principal, declined=bool(decline))
    return RedirectResponse("/me/care#received", 303)


def _given(request: Request, asker: Asker, services: Services, key: int, after: str) -> Response:
    form = {name: value for name, value in request.state.form.items() if isinstance(value, str)}
    try:
        wishes = _wishes(services, asker, form)
        typed = form.get("rest", "").strip()
        rest = colleagues.named(services, asker, typed, "rest").id if typed else None
        services.handing_over.hand_over(
            key, wishes, editor(asker), rest=rest, with_questions=bool(form.get("questions"))
        )
    except MENDABLE as error:
        return _page(request, asker, services, key, mistakes.of(request, error), form)
    return RedirectResponse(after, 303)


def _wishes(services: Services, asker: Asker, form: Mapping[str, str]) -> list[Wish]:
    """Fields are called ``to-document-12``. Raises InvalidInput for a name that is nobody's."""
    people: dict[str, int] = {}
    found = []
    for name, value in form.items():
        to, kind, number = (*name.split("-"), "", "")[:3]
        told, key = " ".join(value.split()), number_in(number)
        if to != "to" or kind not in set(Thing) or key is None or not told:
            continue
        if told not in people:
            people[told] = colleagues.named(services, asker, told, f"{kind}-{key}").id
        found.append(Wish(Thing(kind), key, people[told]))
    return found


def _page(
    request: Request,
    asker: Asker,
    services: Services,
    key: int,
    mistake: Mistake = mistakes.NONE,
    typed: Mapping[str, str] | None = None,
    *,
    done: bool = False,
) -> Response:
    who = editor(asker)
    person = services.handing_over.person(key, who)
    owned = services.handing_over.owned(person.id, who)
    told = suggested(services.topics, person.id, owned, asker.principal)
    topics = services.topics.all_of_them(asker.principal, admin=is_admin(asker))
    names = {one.id: one.name for one in topics}
    made = page(
        request,
        asker,
        "hand_over.html",
        person=person,
        own=asker.person is not None and asker.person.id == person.id,
        things=[
            (
                one,
                one.title or names.get(one.id, ""),
                (typed or {}).get(f"to-{one.kind}-{one.id}", ""),
                told.get((one.kind, one.id)),
            )
            for one in owned
        ],
        fresh=typed is None,
        rest=(typed or {}).get("rest", ""),
        with_questions=typed is None or "questions" in typed,
        past=services.handing_over.done(person.id, who),
        mistake=mistake,
        said="It is done. Whoever got something is told." if done else "",
    )
    made.status_code = mistake.status
    return made

"""The pages on which a session is recorded: its transcript is handed in, and who speaks is said."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import PurePath
from typing import Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from api import colleagues, mistakes
from api.auth import Asker, OwnWriter, Recorder
from api.deps import Wired
from api.forms import RECORDED, WRITTEN
from api.limits import MAX_RECORDING
from api.routes.drafts import editor_of
from api.schemas.fields import number_in
from api.services import Services
from api.web import composing, words
from api.web.managing import sentence
from api.web.rendering import page
from knowledge import labels
from knowledge.errors import Conflict, InvalidInput, NotAllowed, NotFound, WhoknowsError
from knowledge.imports import Order
from knowledge.jobs import Import, Options
from knowledge.meeting import Meeting
from knowledge.readers._frontmatter import moment
from knowledge.readers._sessions import KINDS, TRANSCRIPTS
from knowledge.speakers import Speaker, Who
from knowledge.transcript import turns
from knowledge.types import EVERYONE, Scope

router = APIRouter(prefix="/write/session", include_in_schema=False)

# A source of one's own, as is words.AGREED.
SOURCE = "sessions"
_MOST_PEOPLE = 50
_MOST_WAITING = 3
_FIRST_WORDS = 160
_DAY = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?!\d)")
# Files that may tell the date themselves, as Teams' do.
_DATED = (".docx", ".txt")


@dataclass(frozen=True, slots=True)
class Told:
    """What the form says of a session; ``meeting``: one that was planned here."""

    title: str = ""
    date: str = ""
    kind: str = "talk"
    host: str = ""
    participants: str = ""
    tags: str = ""
    reach: str = EVERYONE
    groups: tuple[str, ...] = ()
    agreed: str = ""
    meeting: int | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """Somebody who speaks, with the first that they say."""

    speaker: Speaker
    words: str


ImportId = Path(alias="id", pattern="^[0-9a-f]{32}$")


@router.get("")
def show(request: Request, asker: OwnWriter, services: Wired) -> Response:
    """The form; ``meeting``: with what is known of one that was planned here."""
    assert asker.person is not None
    told = Told(host=asker.person.name)
    key = number_in(request.query_params.get("meeting"))
    if key is not None:
        told = _planned(_own(services, key, asker), told, services.settings.serve.zone)
    return _form(request, asker, told)


def _own(services: Services, key: int, asker: Asker) -> Meeting:
    """A planned session. Raises NotFound for whoever is not its host."""
    found = services.meetings.show(key, asker.principal)
    if not found.hosted:
        raise NotFound("no such session of yours")
    return found


def _planned(found: Meeting, told: Told, zone: tzinfo) -> Told:
    """What the host of a planned session need not write again; its day as it is in that zone."""
    came = [one.person for one in found.participants or () if one.came]
    plan = found.plan
    tokens = [token for clause in plan.audience.clauses for token in clause if token != EVERYONE]
    return replace(
        told,
        title=plan.title[:200],
        date=f"{plan.starts_at.astimezone(zone):%Y-%m-%d}" if plan.starts_at else "",
        kind=plan.kind.value,
        participants="\n".join(one.address or one.name for one in came[:_MOST_PEOPLE]),
        # The form knows nothing of those who are in each of several groups.
        reach="me" if len(plan.audience.clauses) > 1 else "groups" if tokens else EVERYONE,
        groups=tuple(token.removeprefix("group:") for token in tokens),
        meeting=found.id,
    )


@router.post("", dependencies=[RECORDED])
def hand_in(request: Request, asker: Recorder, services: Wired) -> Response:
    """Take in a transcript, to be read like any import."""
    told = _told(request)
    try:
        if told.meeting is not None:
            _own(services, told.meeting, asker)
        made = _create(request, asker, services, told)
        if told.meeting is not None:
            services.meetings.recorded(told.meeting, made.id, asker.principal)
    except (InvalidInput, Conflict, NotAllowed) as error:
        mistake = mistakes.of(request, error)
        return _form(request, asker, told, mistake)
    return RedirectResponse(f"/write/session/{made.id}", 303)


@router.get("/{id}")
def progress(request: Request, asker: OwnWriter, services: Wired, id: str = ImportId) -> Response:
    """How far it is, and then who speaks."""
    return _page(request, asker, services, id)


@router.post("/{id}", dependencies=[WRITTEN])
def assign(request: Request, asker: OwnWriter, services: Wired, id: str = ImportId) -> Response:
    """Say who a label is."""
    form = composing.form_of(request)
    label, name = str(form.get("label", "")), str(form.get("name", "")).strip()
    _, document_id, _ = _state(services, id, asker)
    if document_id is None:
        raise NotFound("no such session")
    editor = editor_of(asker)
    try:
        who = Who(undo=True) if "undo" in form else Who(colleagues.named(services, asker, name).id)
        services.speakers.assign(document_id, label, who, editor, asker.owner)
    except InvalidInput as error:
        return _page(request, asker, services, id, wrong=str(error), label=label, typed=name)
    return RedirectResponse(f"/write/session/{id}", 303)


def _told(request: Request) -> Told:
    form = composing.form_of(request)

    def text(name: str) -> str:
        found = form.get(name)
        return found.strip() if isinstance(found, str) else ""

    names = ("title", "date", "kind", "host", "participants", "tags", "reach", "agreed")
    groups = tuple(one for one in form.getlist("group") if isinstance(one, str))
    meeting = number_in(text("meeting"))
    return replace(Told(), groups=groups, meeting=meeting, **{n: text(n) for n in names})


def _create(request: Request, asker: Asker, services: Services, told: Told) -> Import:
    given = composing.file_of(request, MAX_RECORDING)
    if given is None or not given[1]:
        raise InvalidInput("choose the file with the transcript")
    name, data = given
    suffix = PurePath(name).suffix.lower()
    if suffix not in TRANSCRIPTS:
        raise InvalidInput(
            f"{suffix or 'a file without an ending'} is no transcript; take .vtt, .srt, .sbv, "
            ".txt, .docx or .json"
        )
    declares = _declares(asker)
    if declares and told.agreed not in ("yes", "no"):
        raise InvalidInput("say whether everybody who speaks agreed to be found by it")
    if told.agreed == "yes" and not declares:
        raise NotAllowed("only those who may import say that others agreed; hand it in without")
    audience = composing.audience(told.reach, told.groups, asker.principal)
    record = _record(services, asker, replace(told, date=told.date or _day(name)))
    upload = services.imports.receive()
    try:
        upload.write(data)
        stem = "".join(c if c.isalnum() else "-" for c in (told.title or PurePath(name).stem))[:60]
        order = Order(
            f"{stem.strip('-') or 'session'}-{upload.key[:8]}{suffix}",
            source=words.AGREED if told.agreed == "yes" else SOURCE,
            audience=tuple("|".join(clause) for clause in audience),
            options=Options(
                full=False,
                speakers_consented=True if told.agreed == "yes" else None,
                record=json.dumps(record),
            ),
        )
        return services.imports.create(upload, order, asker.owner, most=_MOST_WAITING)
    finally:
        upload.close()


def _declares(asker: Asker) -> bool:
    """Whether they may say of others that these agreed to be found by what they said: it makes
    them known for it, so it takes more than to write."""
    return Scope.IMPORT in asker.scopes


def _day(name: str) -> str:
    """When a session without a date was: as its file is called, or else today."""
    found = _DAY.search(name)
    if found and moment(found[0]):
        return found[0]
    dated = PurePath(name).suffix.lower() in _DATED
    return "" if dated else f"{datetime.now(UTC):%Y-%m-%d}"


def _record(services: Services, asker: Asker, told: Told) -> dict[str, Any]:
    """What a session record says, see docs/import/sessions.md."""
    lines = [line.strip() for line in told.participants.splitlines() if line.strip()]
    if len(lines) > _MOST_PEOPLE:
        raise InvalidInput(f"name at most {_MOST_PEOPLE} participants; the others are found by it")
    tags = [tag.strip() for tag in told.tags.split(",") if tag.strip()]
    said: dict[str, Any] = {
        "title": told.title,
        "date": told.date,
        "kind": told.kind if told.kind in KINDS else "",
        "host": _named(services, told.host, asker) if told.host else "",
        "participants": [_participant(services, line, asker) for line in lines],
        "tags": tags,
    }
    return {name: value for name, value in said.items() if value}


def _named(services: Services, name: str, asker: Asker) -> dict[str, str]:
    """Somebody as a record names them: with their address, if it is clear who is meant."""
    found = services.drafting.called(name, asker.principal)
    if len(found) == 1 and found[0].address:
        return {"name": found[0].name, "email": found[0].address}
    return {"name": name[:300]}


def _participant(services: Services, name: str, asker: Asker) -> dict[str, str]:
    person = colleagues.named(services, asker, name)
    return {"name": person.name} | ({"email": person.address} if person.address else {})


def _state(services: Services, import_id: str, asker: Asker) -> tuple[Import, int | None, str]:
    """An import, the document that came of it, and why none did."""
    job, items = services.imports.progress(import_id, asker.owner, 0, 10)
    document_id = next((one.document_id for one in items if one.document_id is not None), None)
    reason = job.error or next((one.reason for one in items if one.reason), "")
    return job, document_id, reason


def _form(
    request: Request, asker: Asker, told: Told, mistake: mistakes.Mistake = mistakes.NONE
) -> Response:
    made = page(
        request,
        asker,
        "session.html",
        told=told,
        kinds=KINDS,
        endings=",".join(TRANSCRIPTS),
        groups=sorted(asker.principal.groups),
        declares=_declares(asker),
        wrong=mistake.said,
    )
    made.status_code = mistake.status
    return made


def _page(
    request: Request,
    asker: Asker,
    services: Services,
    import_id: str,
    *,
    wrong: str = "",
    label: str = "",
    typed: str = "",
) -> Response:
    job, document_id, reason = _state(services, import_id, asker)
    heard: list[Heard] = []
    title, editable = "", False
    if document_id is not None:
        try:
            shown = services.editing.show(document_id, editor_of(asker))
            speaking = services.speakers.show(document_id, editor_of(asker))
        except WhoknowsError:
            document_id = None
        else:
            title, editable = shown.document.title, speaking.editable
            first = _first_words(shown.body)
            heard = [Heard(one, first.get(labels.key(one.label), "")) for one in speaking.speakers]
    made = page(
        request,
        asker,
        "recorded.html",
        job=job,
        waiting=document_id is None and not job.state.ended,
        document_id=document_id,
        title=title,
        reason=reason,
        heard=heard,
        editable=editable,
        wrong=sentence(wrong),
        label=label,
        typed=typed,
    )
    made.status_code = 422 if wrong else 200
    return made


def _first_words(body: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for turn in turns(body):
        if turn.label is None or labels.key(turn.label) in found:
            continue
        said = " ".join(body[turn.text_start : turn.end].split())
        cut = said[:_FIRST_WORDS]
        found[labels.key(turn.label)] = cut if cut == said else cut.rpartition(" ")[0] + " …"
    return found

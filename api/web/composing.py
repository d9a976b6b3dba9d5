"""The forms with which people write: what they show, and what comes back from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from knowledge import drafts, template
from knowledge.drafting import Base, Form, Kept
from knowledge.drafts import Draft
from knowledge.editing import Shown
from knowledge.errors import InvalidInput
from knowledge.types import EVERYONE, PUBLIC, Audience, Kind, Level, Principal

# As the forms ask for them: what each part is, how tall its field is, and what helps.
NOTE_FIELDS = (
    ("thing", 3, "One thing, in a sentence or two.", "Look for wide plateaus at the top."),
    ("why", 3, "What goes better with it, or wrong without.", ""),
    ("steps", 5, "One step a line: 1. first this, 2. then that.", ""),
    ("example", 4, "Something that really happened.", ""),
    ("pitfall", 3, "What went wrong for you the first time.", ""),
    ("limits", 2, "Where something else is right.", ""),
)
_OF_LEVEL = {one.value: one for one in Level}
_MAX_NUMBER, _MAX_REVISION = 10**18, 2**31


@dataclass(frozen=True, slots=True)
class Filled:
    """A form with what stands in it. ``parts`` of a note; ``reach`` is who may read it: everyone,
    ``groups``, me, public, or ``keep`` as the document has it. ``version`` is that of the draft
    that is shown, ``before`` the text of that, ``base`` what the draft changes."""

    form: Form
    title: str = ""
    body: str = ""
    parts: Mapping[str, str] | None = None
    tags: str = ""
    level: str = ""
    reach: str = EVERYONE
    groups: tuple[str, ...] = ()
    kept: str = ""
    url: str = ""
    rough: bool = False
    knower: int | None = None
    knower_name: str = ""
    draft_id: int | None = None
    version: str = ""
    before: str = ""
    base: Base | None = None
    wrong: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The Markdown of it."""
        return self.body if self.parts is None else template.composed(self.parts)


def empty(form: Form, **more: Any) -> Filled:
    """A form in which nothing stands."""
    parts: dict[str, str] | None = None if form is Form.WRITEUP else {}
    return Filled(form, parts=parts, **more)


def of_draft(kept: Kept, asker: Principal, knower_name: str = "") -> Filled:
    """A form with what a draft says."""
    made = _of(kept.form, kept.draft, asker)
    return replace(
        made,
        knower=kept.knower,
        knower_name=knower_name,
        draft_id=kept.id,
        version=str(kept.version),
        before=kept.draft.body,
        base=kept.base,
    )


def of_document(shown: Shown, asker: Principal, base: Base) -> Filled:
    """A form with what a document says, for somebody who may change it."""
    assert shown.audience is not None
    held = drafts.draft_of(shown.document, shown.body, shown.audience)
    form = Form.WRITEUP if held.kind is Kind.WRITEUP else Form.NOTE
    return replace(_of(form, held, asker), base=base, before=shown.body)


def _of(form: Form, held: Draft, asker: Principal) -> Filled:
    parts = None if form is Form.WRITEUP else template.parts(held.body)
    reach, groups, kept = _reach(held.audience, asker)
    return Filled(
        form,
        held.title,
        held.body,
        parts,
        ", ".join(held.tags),
        held.level.value if held.level else "",
        reach,
        groups,
        kept,
        held.url or "",
        held.rough,
    )


def posted(request: Request, fallback: Form) -> Filled:
    """The form as it was sent, whatever is in it."""
    told = form_of(request)

    def text(name: str) -> str:
        found = told.get(name)
        return found.replace("\r\n", "\n").replace("\0", "") if isinstance(found, str) else ""

    name = text("form")
    form = Form(name) if name in set(Form) else fallback
    # A quick capture has no other form to go on with, whatever a caller left out of it.
    divided = "thing" in told or form is Form.QUICK
    parts = {part: text(part) for part in template.PARTS} if divided else None
    groups = tuple(one for one in told.getlist("group") if isinstance(one, str))
    document, revision = number(text("document_id")), number(text("base_revision"))
    base = None
    if document is not None and revision is not None and revision < _MAX_REVISION:
        base = Base(document, revision, text("base_version")[:32])
    return Filled(
        form,
        text("title"),
        text("body") if parts is None else template.composed(parts),
        parts,
        text("tags"),
        text("level"),
        text("reach") or EVERYONE,
        groups,
        text("kept"),
        text("url"),
        "rough" in told,
        number(text("knower")),
        text("knower_name"),
        number(text("draft_id")),
        text("version"),
        text("before"),
        base,
    )


def draft(filled: Filled, asker: Principal) -> Draft:
    """What is to be kept of a form. Raises InvalidInput."""
    return drafts.draft(
        title=filled.title,
        body=filled.text,
        kind=filled.form.kind,
        tags=filled.tags.split(","),
        level=_OF_LEVEL.get(filled.level),
        audience=audience(filled.reach, filled.groups, asker, filled.kept),
        url=filled.url or None,
        rough=filled.rough or filled.form is Form.QUICK,
    )


def with_more(filled: Filled, text: str) -> Filled:
    """With a text below what stands in the form."""
    if filled.parts is None:
        return replace(filled, body=f"{filled.body.rstrip()}\n\n{text}\n")
    last = next((p for p in ("example", "steps", "thing") if filled.parts.get(p)), "thing")
    held = filled.parts.get(last, "").rstrip()
    return replace(filled, parts={**filled.parts, last: f"{held}\n\n{text}".strip()})


def lacking(filled: Filled) -> str:
    """The first field that is blank and has to be filled before others can read it."""
    if not filled.title.strip():
        return "title"
    told = "body" if filled.parts is None else "thing"
    return "" if filled.text.strip() else told


def blank(filled: Filled) -> bool:
    """Whether nothing at all stands in it."""
    told = (filled.title, filled.text, filled.tags, filled.url, filled.knower_name)
    return not any(one.strip() for one in told)


def form_of(request: Request) -> FormData:
    """What a form sent; nothing where none was sent."""
    found = getattr(request.state, "form", None)
    return found if isinstance(found, FormData) else FormData()


def file_of(request: Request, most: int) -> tuple[str, bytes] | None:
    """The file that a form sent, as far as one byte more than the ``most``; None for none."""
    found = form_of(request).get("file")
    if not isinstance(found, UploadFile) or not found.filename:
        return None
    found.file.seek(0)
    return found.filename, found.file.read(most + 1)


def number(text: str) -> int | None:
    """An id or a count, if it is one."""
    plain = text.isascii() and text.isdigit() and len(text) <= 18
    return int(text) if plain and 0 < int(text) < _MAX_NUMBER else None


def _reach(audience: Audience, asker: Principal) -> tuple[str, tuple[str, ...], str]:
    """Who may read, as the form asks for it."""
    kept = "&".join("|".join(clause) for clause in audience.clauses)
    if len(audience.clauses) == 1:
        (clause,) = audience.clauses
        if clause in ((EVERYONE,), (PUBLIC,)):
            return clause[0], (), kept
        if clause == (f"person:{asker.person_id}",):
            return "me", (), kept
        groups = tuple(one.removeprefix("group:") for one in clause if one.startswith("group:"))
        if len(groups) == len(clause) and set(groups) <= asker.groups:
            return "groups", groups, kept
    return "keep", (), kept


def audience(
    reach: str, groups: Sequence[str], asker: Principal, kept: str = ""
) -> list[list[str]]:
    """Who may read it, of what a form says. Raises InvalidInput where no group was chosen."""
    if reach == "groups":
        if not groups:
            raise InvalidInput("choose the groups that may read it, or another of the choices")
        return [[f"group:{one}" for one in groups]]
    if reach == "me":
        return [[f"person:{asker.person_id}"]]
    if reach == "keep":
        return [clause.split("|") for clause in kept.split("&")]
    return [[PUBLIC if reach == PUBLIC else EVERYONE]]

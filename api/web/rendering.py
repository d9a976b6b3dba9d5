"""Templates -> responses. Everything that a template writes is escaped, and nothing is guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.types import Scope

from api.auth import Asker
from api.auth.demo import DemoDoor
from api.auth.origin import SAFE_METHODS, local_path
from api.web import assets, charts, differing, formats, managing, words
from api.web.answers import passage_url
from knowledge.measures import kinds
from knowledge.store import access

HEADERS = {"Cache-Control": "private, no-store", "Vary": "Accept, Authorization, Cookie"}


@cache
def templates() -> Environment:
    """The one environment of all pages."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"static": assets.address, "passage_url": passage_url}
    made.filters |= managing.FILTERS
    made.filters |= {
        "ago": words.ago,
        "band": words.BANDS.__getitem__,
        "clock": words.clock,
        "day": words.day,
        "format_name": formats.named,
        "headed": differing.headed,
        "heading": differing.heading,
        "did": words.DID.__getitem__,
        "first_name": words.first_name,
        "initials": words.initials,
        "kind": words.KINDS.__getitem__,
        "level": words.LEVELS.__getitem__,
        "mailto": words.mailto,
        "matter": words.MATTERS.__getitem__,
        "moment": words.moment,
        "pace": words.PACES.__getitem__,
        "month": charts.month,
        "partition": kinds.label,
        "source": words.source,
    }
    return made


def bare(name: str, status: int, **context: Any) -> HTMLResponse:
    """A page for whoever, known or not."""
    given = {"asker": None, "demo": None, "sign_out": False, "q": "", "kept": (), "waiting": 0}
    text = templates().get_template(name).render(given | context)
    return HTMLResponse(text, status, HEADERS)


def page(request: Request, asker: Asker, name: str, **context: Any) -> HTMLResponse:
    """A page for an asker; in the demo with the choice of who to be."""
    door = request.app.state.door
    given = {
        "asker": asker,
        "reach": access.sees_directory(asker.principal),
        "demo": door.people() if isinstance(door, DemoDoor) else None,
        "sign_out": asker.session is not None,
        "waiting": request.app.state.services.questions.count_waiting(asker.principal)
        if asker.person is not None
        else 0,
        "here": here(request.scope),
        "now": datetime.now(UTC),
        "zone": request.app.state.services.settings.serve.zone,
    }
    return bare(name, 200, **(given | context))


def here(scope: Scope) -> str:
    """The address that was asked for, as a path of this site."""
    query = scope.get("query_string", b"").decode("latin-1")
    return local_path(scope["path"] + (f"?{query}" if query else ""))


def switching(request: Request) -> dict[str, Any]:
    """In the demo, what a page needs to let the visitor be somebody else; otherwise nothing."""
    door = request.app.state.door
    if not isinstance(door, DemoDoor):
        return {}
    after = here(request.scope) if request.method in SAFE_METHODS else "/"
    return {"asker": door.identify(request), "demo": door.people(), "here": after}

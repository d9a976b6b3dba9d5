"""Proof that a page of ours sent a request, where a browser sends its cookie along by itself."""

from __future__ import annotations

import hashlib
import hmac

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api.auth import cookies
from api.auth.origin import SAFE_METHODS, is_own
from api.auth.proxy import Proxies
from api.services import Services
from api.uploads import first_field
from knowledge.errors import NotAllowed, WhoknowsError

HEADER = "X-CSRF-Token"
FIELD = "csrf"
_FORM = "application/x-www-form-urlencoded"
_WITH_FILE = "multipart/form-data"
_PROGRAMS = "/api/"


def token_of(secret: str) -> str:
    """What the pages of a session send back: another site can neither read it nor work it out."""
    return hmac.new(secret.encode(), b"whoknows csrf", hashlib.sha256).hexdigest()


async def submitted(request: Request) -> None:
    """Look for the token in a form, before a door that reads no bodies asks for it. In one with a
    file it comes first, so that nothing else has to be read of who has none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (_FORM, _WITH_FILE) or not await _known(request):
        return
    # Whoever asks there says it in a header.
    program = request.url.path.startswith(_PROGRAMS)
    if kind == _WITH_FILE and not program and HEADER not in request.headers:
        request.state.csrf = await first_field(request, FIELD)
    elif kind == _FORM:
        told = (await request.form()).get(FIELD)
        request.state.csrf = told if isinstance(told, str) else ""


async def _known(request: Request) -> bool:
    """Whether somebody who signed in sends it. Of anybody else nothing is read: they may take
    their time, and are refused in any case."""
    services: Services = request.app.state.services
    proxies: Proxies = request.app.state.proxies
    secret = cookies.read(request, cookies.SESSION)
    try:
        if proxies.told(request) is not None:
            return True
        return bool(secret) and bool(await run_in_threadpool(services.sessions.identify, secret))
    except WhoknowsError:
        return False


def check(request: Request, token: str) -> None:
    """Raise NotAllowed for a request that changes something unless a page of ours sent it: the
    browser has to say so, and the token has to be there."""
    if request.method in SAFE_METHODS:
        return
    if not is_own(request):
        raise NotAllowed("this request does not come from a page of this site")
    told = request.headers.get(HEADER) or getattr(request.state, "csrf", "")
    if not hmac.compare_digest(str(told).encode("utf-8", "replace"), token.encode()):
        raise NotAllowed(
            f"the request lacks the token of its page; send it as {HEADER}, or load the page again"
        )

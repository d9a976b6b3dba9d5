"""The door of ``whoknows serve``: programs bring a token, browsers a session, and a proxy of ours
may say who asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from api.auth import Asker, cookies, csrf, ways
from api.auth.once import Once
from api.auth.origin import is_safe
from api.auth.proxy import Proxies, Told
from api.auth.sealing import Seal
from api.auth.tokens import TokenDoor
from api.services import Services
from knowledge.errors import NotSignedIn
from knowledge.identity import Session
from knowledge.sessions import Browser

if TYPE_CHECKING:
    from api.auth.oidc import Provider

# From being sent to the provider to coming back.
SIGN_IN_LASTS_S = 600


class ServeDoor:
    """Identifies by ``Authorization: Bearer``, else by the cookie of a session, else by the header
    of a proxy. Nothing is remembered between two requests. Safe to share between threads.

    Raises InvalidSettings for a way in that is not set up.
    """

    def __init__(self, services: Services) -> None:
        settings = services.settings.auth
        ways.check(settings)
        self.settings = settings
        self.proxies = Proxies(settings)
        self.provider: Provider | None = None
        self.finished = Once(SIGN_IN_LASTS_S)
        self._services = services
        self._tokens = TokenDoor(services.tokens)
        if settings.oidc_issuer or self.proxies.say_who:
            self._seal = Seal(services.settings.storage.data)
        if settings.oidc_issuer:
            # Slow to load, and not everybody needs it.
            from api.auth.oidc import Provider

            self.provider = Provider(settings, ways.client_secret(settings), self._seal)

    @property
    def lets_in_others(self) -> bool:
        """Whether somebody else than this service says who may come in."""
        return self.provider is not None or self.proxies.say_who

    def identify(self, request: Request) -> Asker:
        """The caller. Raises NotSignedIn; NotAllowed for what another site's page sends, and for
        who is no proxy and speaks like one."""
        told = self.proxies.told(request)
        if request.headers.get("authorization") is not None:
            return self._tokens.identify(request)
        secret = cookies.read(request, cookies.SESSION)
        try:
            asker = self._session(secret) if secret or told is None else self._vouched(told)
        except NotSignedIn:
            # A session that has ended is no reason to keep out whom the proxy vouches for.
            if told is None:
                raise
            asker = self._vouched(told)
        # Known from here on, also to whoever is told of a refusal.
        request.state.asker = asker
        csrf.check(request, asker.csrf)
        return asker

    def browser(self, request: Request) -> Browser:
        """What asks to sign in."""
        presented = cookies.read(request, cookies.SESSION) or None
        return Browser(request.headers.get("user-agent", ""), presented)

    def let_in(self, session: tuple[Session, str], after: str) -> Response:
        """Send a browser on that is signed in from now on."""
        response = RedirectResponse(after, 303)
        held, secret = session
        lasts = held.expires_at - held.created_at
        cookies.keep(response, cookies.SESSION, secret, int(lasts.total_seconds()))
        return response

    def keeps_no_cookies(self, request: Request) -> bool:
        """Whether a browser will forget its session at once, because it does not come over TLS."""
        if self.settings.public_url:
            return not is_safe(self.settings.public_url)
        # Believed only here, where it opens nothing.
        over = request.headers.get("x-forwarded-proto", request.url.scheme)
        return over != "https" and not is_safe(str(request.url))

    def _session(self, secret: str) -> Asker:
        if not secret:
            raise NotSignedIn(
                "sign in, or send an access token in the header Authorization: Bearer TOKEN"
            )
        found = self._services.sessions.identify(secret)
        return Asker(
            found.principal,
            found.standing.scopes,
            f"person:{found.person.id}",
            found.person,
            found.standing,
            csrf=csrf.token_of(secret),
            session=found.session.id,
        )

    def _vouched(self, told: Told) -> Asker:
        found = self._services.identities.vouched(told.email, told.groups)
        owner = f"person:{found.person.id}"
        return Asker(
            found.principal,
            found.standing.scopes,
            owner,
            found.person,
            found.standing,
            # There is no session whose secret it could come from.
            csrf=self._seal.mark(f"csrf {owner}"),
        )

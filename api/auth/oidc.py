"""Signing in at the company's OpenID provider: authorization code, PKCE, state and nonce.

What is needed to finish stands, signed, in a cookie of the browser that began, for ten minutes and
once: so any worker can finish, and nothing is kept of those who never come back.
"""

from __future__ import annotations

import hmac
import logging
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError, UnsupportedAlgorithmError
from joserfc.jws import JWSRegistry

from api.auth.fetching import Unusable, json_object, options, unreachable
from api.auth.provider import Described
from api.auth.sealing import Seal
from knowledge.errors import Busy, NotAllowed
from knowledge.identities import Claims, verified
from knowledge.settings import AuthSettings

CALLBACK = "/sign-in/oidc/callback"
LASTS_S = 600
_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
_LEEWAY_S = 60
# Each waits for the provider on a thread that searches need too.
_AT_ONCE = 2
_LONGEST_SUBJECT = 300
_ADDRESS = frozenset({"email", "email_verified"})
_log = logging.getLogger("whoknows.sign_in")


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that has begun; ``next`` is where to go when it is done."""

    state: str
    nonce: str
    verifier: str
    next: str
    at: int


class _Algorithms(JWSRegistry):
    """Only those that are meant for this, and never ``none`` or a shared secret."""

    def get_alg(self, name: str) -> Any:
        if name not in _ALGORITHMS:
            raise UnsupportedAlgorithmError(f"the algorithm {name!r} is not taken")
        return self.algorithms[name]


class Provider:
    """The company's provider. Safe to share between threads."""

    def __init__(self, settings: AuthSettings, secret: str, seal: Seal) -> None:
        """``secret``: of this service at the provider."""
        self._settings = settings
        self._secret = secret
        self._seal = seal
        self._described = Described(settings.oidc_issuer)
        self._redirect = settings.public_url.rstrip("/") + CALLBACK
        self._places = threading.BoundedSemaphore(_AT_ONCE)

    def begin(self, after: str) -> tuple[str, str]:
        """Where to send the browser, and what it has to keep. Raises Busy, NotAllowed."""
        state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        begun = Begun(state, nonce, verifier, after, int(time.time()))
        with self._asking(), self._client() as client:
            metadata = self._described.metadata()
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=begun.state,
                code_verifier=begun.verifier,
                nonce=begun.nonce,
            )
        return str(url), self._seal.sealed(asdict(begun))

    def begun(self, kept: str, state: str) -> Begun:
        """What the browser kept. Raises NotAllowed unless it is what this answer belongs to."""
        told = self._seal.opened(kept)
        begun = Begun(**told) if told else None
        if begun is None or not 0 <= time.time() - begun.at <= LASTS_S:
            raise NotAllowed("signing in took too long, or began in another browser; begin again")
        if not hmac.compare_digest(begun.state.encode(), state.encode("utf-8", "replace")):
            raise NotAllowed("this answer belongs to another sign-in; begin again")
        return begun

    def finish(self, begun: Begun, answer: Mapping[str, str]) -> Claims:
        """Whom the provider means by its answer. Raises NotAllowed, Busy."""
        with self._asking(), self._client() as client:
            metadata = self._described.metadata()
            named = metadata.get("authorization_response_iss_parameter_supported") is True
            if answer.get("iss", None if named else self._described.issuer) != (
                self._described.issuer
            ):
                raise Unusable("the answer comes from another provider")
            if "error" in answer or "code" not in answer:
                raise Unusable(f"the provider refuses: {answer.get('error', 'no code')[:100]!r}")
            token = client.fetch_token(
                metadata["token_endpoint"],
                grant_type="authorization_code",
                code=answer["code"],
                code_verifier=begun.verifier,
            )
            told = self._verified(token, begun.nonce)
            return self._claims(self._completed(client, told))

    @contextmanager
    def _asking(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise Busy("many sign in at once; try again in a moment")
        try:
            yield
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            _log.warning("the OpenID provider cannot be reached: %s", error)
            raise unreachable() from error
        except (Unusable, AuthlibBaseError, JoseError, ValueError) as error:
            _log.warning("an answer of the OpenID provider was refused: %s", error)
            raise NotAllowed("signing in did not work; begin again") from error
        finally:
            self._places.release()

    def _client(self) -> OAuth2Client:
        return OAuth2Client(
            client_id=self._settings.oidc_client_id,
            client_secret=self._secret,
            scope=self._settings.oidc_scopes,
            redirect_uri=self._redirect,
            code_challenge_method="S256",
            **options(),
        )

    def _verified(self, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of an ID token that the provider signed for us and for this sign-in."""
        told = token.get("id_token")
        if not isinstance(told, str):
            raise Unusable("the provider sent no ID token")
        registry = _Algorithms(strict_check_header=False)
        try:
            decoded = jwt.decode(told, self._described.keys(), registry=registry)
        except InvalidKeyIdError:
            decoded = jwt.decode(told, self._described.keys(renewed=True), registry=registry)
        client_id = self._settings.oidc_client_id
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "value": self._described.issuer},
                "aud": {"essential": True, "value": client_id},
            },
            params={
                "client_id": client_id,
                "nonce": nonce,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(leeway=_LEEWAY_S)
        return dict(claims)

    def _completed(self, client: OAuth2Client, told: dict[str, Any]) -> dict[str, Any]:
        """Claims, with those that the provider tells only when it is asked."""
        where = self._described.metadata().get("userinfo_endpoint")
        if where is None or _ADDRESS | {self._settings.oidc_groups_claim} <= told.keys():
            return told
        more = json_object(client.get(where))
        if more.get("sub") != told["sub"]:
            raise Unusable("the provider tells of somebody else")
        # That an address is verified is said of the one beside it, and of no other.
        said = told if told.keys() >= _ADDRESS else more
        rest = {name: value for name, value in (more | told).items() if name not in _ADDRESS}
        return rest | {name: said[name] for name in _ADDRESS & said.keys()}

    def _claims(self, told: Mapping[str, Any]) -> Claims:
        subject = told["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
            raise Unusable("the provider's subject is none")
        groups = told.get(self._settings.oidc_groups_claim)
        groups = [groups] if isinstance(groups, str) else groups
        return Claims(
            self._described.issuer,
            subject,
            verified(told.get("email"), told.get("email_verified")),
            told["name"] if isinstance(told.get("name"), str) else "",
            frozenset(one for one in groups if isinstance(one, str))
            if isinstance(groups, list)
            else frozenset(),
        )

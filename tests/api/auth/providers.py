"""OpenID providers on this machine: a real one, and one that says whatever a test wants."""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import subprocess
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from tests.conftest import ROOT, missing

CLIENT_ID, SECRET = "whoknows", "a secret that the provider made"
PUBLIC = "https://knows.example.org"
REDIRECT = f"{PUBLIC}/sign-in/oidc/callback"

ACCOUNTS = {
    "sub-ada": {
        "email": "ada@example.org",
        "email_verified": True,
        "name": "Ada Field",
        "groups": ["board", "whoknows-admins"],
    },
    "sub-mallory": {"email": "ada@example.org", "email_verified": False, "name": "Mallory"},
    "sub-ben": {"email": "ben@example.org", "email_verified": True, "name": "Ben Osei"},
    "sub-new": {"email": "nia@example.org", "email_verified": True, "name": "Nia Holt"},
}


@contextmanager
def real() -> Iterator[str]:
    """The issuer of a running oidc-provider with the accounts above."""
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "oidc-provider").is_dir():
        missing("no oidc-provider here; with Node.js 20: npm install --no-save oidc-provider@9")
    client = {"client_id": CLIENT_ID, "client_secret": SECRET, "redirect_uris": [REDIRECT]}
    given = json.dumps({"clients": [client], "accounts": ACCOUNTS})
    running = subprocess.Popen(
        [node, Path(__file__).with_name("provider.mjs"), given],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    )
    try:
        assert running.stdout is not None
        yield running.stdout.readline().strip()
    finally:
        running.communicate("")


def agree(url: str, subject: str) -> str:
    """Sign in at the real provider as somebody; where it sends the browser then."""
    with httpx2.Client(follow_redirects=False) as browser:
        for _ in range(5):
            answer = browser.get(url)
            assert answer.status_code in (302, 303), answer.text
            url = str(httpx2.URL(url).join(answer.headers["location"]))
            if url.startswith(REDIRECT):
                return url
            if "/interaction/" in url:
                url += f"?login={subject}"
    raise AssertionError(url)


class Lying:
    """A provider of which a test decides everything that it says.

    ``changes`` are merged into the claims of its ID tokens, None leaves one out; ``header`` into
    their header; ``metadata`` into what it says of itself. ``sign`` makes a token of header and
    claims.
    """

    def __init__(self) -> None:
        self.keys = {
            "RS256": RSAKey.generate_key(2048, {"kid": "rsa"}),
            "PS256": RSAKey.generate_key(2048, {"kid": "pss"}),
            "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
            "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "ed"}),
        }
        self.algorithm = "RS256"
        self.changes: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {"sub": "sub-ada", "groups": ["board"]}
        self.sign: Callable[[dict[str, Any], dict[str, Any]], str] = self._signed
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.nonces: dict[str, str] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def agree(self, url: str, **changes: str) -> str:
        """Sign in as anybody; where the browser is sent then. ``changes`` of the answer."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["code_challenge_method"] == "S256"
        self.nonces["code"] = asked["nonce"]
        answer = {"code": "code", "state": asked["state"], "iss": self.issuer} | changes
        return str(httpx2.URL(asked["redirect_uri"], params=answer))

    def _signed(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        key = self.keys[header["alg"]]
        return jwt.encode(header, claims, key, registry=_EveryAlgorithm())

    def unsigned(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """A token of the algorithm ``none``."""
        key = OctKey.generate_key(256)
        whole = jwt.encode(header | {"alg": "none"}, claims, key, registry=_EveryAlgorithm())
        return whole.rpartition(".")[0] + "."

    def confused(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """A token signed with the public key as if it were a shared secret."""
        parts = (header | {"alg": "HS256"}, claims)
        body = ".".join(
            urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
        )
        public = self.keys["RS256"].as_pem(private=False)
        mark = hmac.new(public, body.encode(), hashlib.sha256).digest()
        return f"{body}.{urlsafe_b64encode(mark).decode().rstrip('=')}"

    def foreign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """A token signed with a key of somebody else that calls itself ours."""
        key = RSAKey.generate_key(2048, {"kid": "rsa"})
        return jwt.encode(header | {"kid": "rsa"}, claims, key)

    def _says(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "authorization_response_iss_parameter_supported": True,
            } | self.metadata
        if path == "/keys":
            return dict(KeySet(list(self.keys.values())).as_dict(private=False))
        if path == "/userinfo":
            return self.userinfo
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": "sub-ada",
            "aud": CLIENT_ID,
            "exp": int(time.time()) + 300,
            "iat": int(time.time()),
            "nonce": self.nonces.get(body.get("code", "")),
            "email": "ada@example.org",
            "email_verified": True,
        } | self.changes
        header = {"alg": self.algorithm, "kid": self.keys[self.algorithm].kid} | self.header
        told = {name: value for name, value in claims.items() if value is not None}
        return {
            "access_token": "an access token",
            "token_type": "Bearer",
            "id_token": self.sign(header, told),
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        lying = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer({})

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["content-length"])).decode()
                self._answer({name: values[0] for name, values in parse_qs(sent).items()})

            def _answer(self, body: dict[str, str]) -> None:
                lying.asked.append((self.path, body))
                status, headers, content = lying.answers.get(self.path) or (
                    200,
                    {"Content-Type": "application/json"},
                    json.dumps(lying._says(self.path, body)).encode(),
                )
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


class _EveryAlgorithm(JWSRegistry):
    """Also those that joserfc warns of."""

    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]

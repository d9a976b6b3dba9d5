"""The ways in which an installation lets people in, checked before it serves."""

from __future__ import annotations

from urllib.parse import urlsplit

from api.auth.origin import is_safe
from api.auth.proxy import Proxies
from knowledge.errors import InvalidSettings
from knowledge.settings import AuthSettings

# What stands in examples, or was left for somebody else to replace.
_DEFAULTS = {"secret", "client_secret", "client-secret", "changeme", "change-me", "password"}
_SHORTEST = 12


def check(settings: AuthSettings) -> None:
    """Raises InvalidSettings for what would not work, or would let in whom it should not."""
    Proxies(settings)
    public = settings.public_url
    if public and not (is_safe(public) and _names_a_host_alone(public)):
        raise InvalidSettings(
            "WHOKNOWS_AUTH_PUBLIC_URL has to begin with https:// and to name a host and nothing "
            f"below it, not {public!r}: over plain http browsers keep no session"
        )
    if not settings.oidc_issuer:
        return
    if not is_safe(settings.oidc_issuer):
        raise InvalidSettings("WHOKNOWS_AUTH_OIDC_ISSUER has to begin with https://")
    if not settings.oidc_client_id:
        raise InvalidSettings("WHOKNOWS_AUTH_OIDC_CLIENT_ID is missing")
    if not public:
        raise InvalidSettings(
            "WHOKNOWS_AUTH_PUBLIC_URL is missing: the OpenID provider sends people back there"
        )
    if "openid" not in settings.oidc_scopes.split():
        raise InvalidSettings("WHOKNOWS_AUTH_OIDC_SCOPES lacks openid")
    client_secret(settings)


def _names_a_host_alone(url: str) -> bool:
    parts = urlsplit(url)
    return not (parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc)


def client_secret(settings: AuthSettings) -> str:
    """What this service shows to its OpenID provider. Raises InvalidSettings for a secret that is
    none."""
    file = settings.oidc_client_secret_file
    secret = settings.oidc_client_secret.get_secret_value()
    if file is not None and secret:
        raise InvalidSettings(
            "WHOKNOWS_AUTH_OIDC_CLIENT_SECRET and …_FILE are both set; leave one of them out"
        )
    if file is not None:
        try:
            secret = file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidSettings(
                f"WHOKNOWS_AUTH_OIDC_CLIENT_SECRET_FILE cannot be read: {error}"
            ) from error
    if not secret:
        raise InvalidSettings(
            "the secret of the OpenID provider is empty; set WHOKNOWS_AUTH_OIDC_CLIENT_SECRET_FILE "
            "or WHOKNOWS_AUTH_OIDC_CLIENT_SECRET"
        )
    if secret.lower() in _DEFAULTS or len(secret) < _SHORTEST:
        raise InvalidSettings(
            "the secret of the OpenID provider is one that anybody would guess; let the provider "
            f"make one, of at least {_SHORTEST} characters"
        )
    return secret

"""A proxy in front of the service that says who asks, and where a request comes from.

Only the address of the connection itself tells that a proxy of ours speaks: what a request says of
its way (``X-Forwarded-For``) anybody can write.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from fastapi import Request

from knowledge.errors import InvalidSettings, NotAllowed
from knowledge.settings import AuthSettings


@dataclass(frozen=True, slots=True)
class Told:
    """Who asks, as a proxy says: an address, and groups."""

    email: str
    groups: frozenset[str]


class Proxies:
    """Which proxies there are, and what they say."""

    def __init__(self, settings: AuthSettings) -> None:
        """Raises InvalidSettings."""
        self._networks = _networks(settings.proxies)
        self._user = settings.proxy_user_header
        self._groups = settings.proxy_groups_header
        if (self._user or self._groups) and not self._networks:
            raise InvalidSettings(
                "WHOKNOWS_AUTH_PROXIES has to say from where WHOKNOWS_AUTH_PROXY_USER_HEADER counts"
            )
        if self._groups and not self._user:
            raise InvalidSettings(
                "WHOKNOWS_AUTH_PROXY_GROUPS_HEADER needs WHOKNOWS_AUTH_PROXY_USER_HEADER"
            )

    @property
    def say_who(self) -> bool:
        """Whether they say who asks."""
        return bool(self._user)

    def told(self, request: Request) -> Told | None:
        """What a proxy of ours says of a request, if it says anything.

        Raises NotAllowed for one that comes from elsewhere and says so, or that says it twice.
        """
        if not self._user:
            return None
        users = request.headers.getlist(self._user)
        said = request.headers.getlist(self._groups) if self._groups else []
        if not users and not said:
            return None
        if not self._is_ours(_peer(request)):
            raise NotAllowed(
                f"only a proxy of this service may say who asks; leave {self._user} out"
            )
        if len(users) != 1 or len(said) > 1:
            raise NotAllowed(f"the proxy has to send {self._user} once")
        named = (one.strip() for one in ",".join(said).split(","))
        return Told(users[0].strip(), frozenset(one for one in named if one))

    def client(self, request: Request) -> str:
        """Where a request comes from, to slow down who guesses; never to trust anybody."""
        peer = _peer(request)
        if self._is_ours(peer):
            way = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
            for address in reversed([one.strip() for one in way if one.strip()]):
                if not self._is_ours(address):
                    # Whatever it is, it was written by a proxy of ours.
                    return address[:100]
        return peer

    def _is_ours(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        return any(found in network for network in self._networks)


def _peer(request: Request) -> str:
    return request.client.host if request.client else ""


def _networks(told: str) -> tuple[IPv4Network | IPv6Network, ...]:
    parts = [part.strip() for part in told.split(",") if part.strip()]
    try:
        return tuple(ip_network(part) for part in parts)
    except ValueError as error:
        raise InvalidSettings(f"WHOKNOWS_AUTH_PROXIES: {error}") from error

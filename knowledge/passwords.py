"""Passwords: which are taken, and how they are kept: as argon2id, slow on purpose."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Collection
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from knowledge.errors import InvalidInput

SHORTEST, LONGEST = 12, 200
# OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane. Few requests are worked on at
# once, so memory is no matter, but the time on two cores is everybody's.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_FEWEST_CHARACTERS = 5
# The commonest of published lists that are long enough, and what those lists' shorter ones become
# when a site asks for twelve characters. Compared without what is no letter or digit.
_COMMON = frozenset(
    """000000000000 012345678910 0123456789ab 102030405060 111111222222 112233445566 121212121212
    123123123123 123412341234 123456123456 1234567890ab 1234567890qw 123456789012 1234567891011
    12345678910 1234567890123 123456789abc 123456789qwe 1234qwerasdf 1q2w3e4r5t6y 1q2w3e4r5t6y7u
    1qaz2wsx3edc 1qazxsw23edc 987654321098 abc123456789 abcd12345678 abcdefghijkl abcdefgh1234
    administrator administrator1 adminadmin123 admin1234567 adminpassword asdfasdfasdf
    asdfghjkl123 asdfghjklqwertyuiop baseball1234 charlie12345 changeme1234 changemenow1
    changethispassword correcthorsebatterystaple dragon123456 football1234 iloveyou1234
    iloveyouforever letmein12345 letmeinplease liverpool123 login1234567 master123456
    michael12345 monkey123456 p4ssw0rd1234 passw0rd1234 passwordpassword password1234
    password12345 password123456 password1234567 password12345678 password123456789
    princess1234 q1w2e3r4t5y6 qazwsxedcrfv qazwsx123456 qwerasdfzxcv qwertyqwerty qwerty123456
    qwerty1234567 qwerty12345678 qwerty123456789 qwertyuiop12 qwertyuiop123 qwertyuiopasdf
    qwertyuiopasdfghjkl qwertzuiopasdf secret123456 secretsecret shadow123456 starwars1234
    summer123456 sunshine1234 superman1234 testtesttest test12345678 trustno1trustno1
    welcome12345 welcome123456 welcomewelcome whateverwhatever winter123456 zaq12wsxcde3
    zxcvbnmasdfg zxcvbnm12345""".split()
)


def check(password: str, names: Collection[str]) -> None:
    """Raises InvalidInput for a password that others would guess. ``names``: what its owner is
    called, their addresses among them."""
    told = _plain(password)
    if not SHORTEST <= len(told) <= LONGEST:
        raise InvalidInput(f"a password has between {SHORTEST} and {LONGEST} characters")
    bare = _bare(told)
    if (
        bare in _COMMON
        or bare.rstrip("0123456789") in _COMMON
        or len(set(told)) < _FEWEST_CHARACTERS
    ):
        raise InvalidInput("that password is among the first that anybody would guess")
    own = {_bare(part) for name in names for part in (name, name.partition("@")[0])}
    if bare in own or bare.rstrip("0123456789") in own:
        raise InvalidInput("a password must not be your own name or address")


def made(password: str) -> str:
    """The hash of a password, with its parameters and its salt."""
    return _HASHER.hash(_plain(password))


def fits(password: str, told: str | None) -> bool:
    """Whether a password is the one of a hash. Takes as long where there is none."""
    try:
        _HASHER.verify(told or _nobodys(), _plain(password))
    except (Argon2Error, InvalidHashError):
        return False
    return told is not None


def outdated(told: str) -> bool:
    """Whether a hash was made with other parameters than those of now."""
    return _HASHER.check_needs_rehash(told)


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_urlsafe(16))


def _plain(password: str) -> str:
    """The same letters as the same characters, whatever keyboard they come from."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "replace").decode()


def _bare(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())

"""The SMTP server that takes mail: how it is reached, and what its answers mean."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from api.auth import ways
from api.auth.origin import LOOPBACK
from api.mail import addresses
from knowledge.errors import InvalidSettings
from knowledge.mail_settings import MailSettings
from knowledge.notices import Clock
from knowledge.settings import Settings

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_SECONDS = 30.0
# What says that there is no such mailbox (RFC 3463): 5.1.7 and 5.1.8 are of the sender's.
_NOBODY = re.compile(r"5\.1\.(?!7\b|8\b)\d")
_ENHANCED = re.compile(r"5\.(\d+)\.\d")
_OF_THE_MAILBOX = frozenset({550, 551, 553})
_NOT_OF_THE_MAILBOX = frozenset({"1", "7"})
_ENDS = 421


class Refused(Exception):
    """The server did not take one message; ``for_good``: and never will."""

    def __init__(self, answer: str, for_good: bool) -> None:
        super().__init__(answer)
        self.for_good = for_good


class Unreachable(Exception):
    """The server takes nothing now, whatever it is."""


class Broken(Unreachable):
    """A line that was open is none any more; ``untouched``: before the server was told whom the
    message is for."""

    def __init__(self, answer: str, untouched: bool = False) -> None:
        super().__init__(answer)
        self.untouched = untouched


def code(error: Refused | Unreachable) -> str:
    """What may be logged of an answer, of which the rest may name an address."""
    first = str(error).partition(" ")[0]
    return first if first.isdigit() else str(error)


def check(settings: Settings) -> None:
    """Raises InvalidSettings for what would send nothing, or send it openly. Settings without a
    server are right: then nothing is sent."""
    given = settings.mail
    if not given.on:
        return
    Clock.of(given, settings.serve.zone)
    if not addresses.is_good(given.sender):
        raise InvalidSettings(
            "WHOKNOWS_MAIL_SENDER has to be the address that mail comes from, such as "
            f"whoknows@example.org, not {given.sender!r}"
        )
    if not settings.auth.public_url:
        raise InvalidSettings(
            "WHOKNOWS_AUTH_PUBLIC_URL is missing: mail leads there, and is stopped there"
        )
    ways.check(settings.auth)
    if given.tls == "none" and not (given.host in LOOPBACK or given.allow_plain):
        raise InvalidSettings(
            "WHOKNOWS_MAIL_TLS is none, so everybody between could read the mail; choose starttls "
            "or tls, or set WHOKNOWS_MAIL_ALLOW_PLAIN"
        )
    if bool(given.user) != bool(password(given)):
        raise InvalidSettings(
            "WHOKNOWS_MAIL_USER and its password belong together: set both, or neither"
        )


def password(settings: MailSettings) -> str:
    """What shows who sends to the server; empty for nobody. Raises InvalidSettings."""
    secret, file = settings.password.get_secret_value(), settings.password_file
    if file is None:
        return secret
    if secret:
        raise InvalidSettings(
            "WHOKNOWS_MAIL_PASSWORD and …_FILE are both set; leave one of them out"
        )
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSettings(f"WHOKNOWS_MAIL_PASSWORD_FILE cannot be read: {error}") from error


class Line:
    """A line to the server, for as long as it lasts."""

    def __init__(self, client: smtplib.SMTP, sender: str) -> None:
        self._client = client
        self._sender = sender
        self.taken = 0
        """How many messages the server took."""

    def send(self, message: EmailMessage, address: str) -> None:
        """Let the server take a message: when this returns it has. Raises Refused, Broken."""
        try:
            self._client.send_message(message, self._sender, [address])
        except smtplib.SMTPRecipientsRefused as error:
            ((number, answer),) = error.recipients.values()
            raise _meant(number, answer) from error
        except smtplib.SMTPSenderRefused as error:
            told = _said(error.smtp_code, error.smtp_error)
            raise Broken(told, untouched=True) from error
        except smtplib.SMTPResponseException as error:
            raise _meant(error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Broken(str(error)) from error
        self.taken += 1


def _meant(number: int, answer: bytes | str) -> Refused | Broken:
    told = _said(number, answer)
    return Broken(told) if number == _ENDS else Refused(told, _is_final(number, told))


def _is_final(number: int, told: str) -> bool:
    """Whether an answer says that there is nobody there. A server that does not relay, or does not
    like the sender, says so with 5xx too: somebody can mend that, and then the letter arrives."""
    _, _, rest = told.partition(" ")
    if _NOBODY.match(rest):
        return True
    enhanced = _ENHANCED.match(rest)
    of_another = enhanced is not None and enhanced[1] in _NOT_OF_THE_MAILBOX
    return number in _OF_THE_MAILBOX and not of_another


@contextmanager
def line(settings: MailSettings) -> Iterator[Line]:
    """A line that is open, closed as is set, and signed in. Raises Unreachable, InvalidSettings."""
    try:
        client = _opened(settings)
    except smtplib.SMTPResponseException as error:
        raise Unreachable(_said(error.smtp_code, error.smtp_error)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(str(error)) from error
    try:
        yield Line(client, settings.sender)
    finally:
        with suppress(OSError, smtplib.SMTPException):
            client.quit()
        client.close()


def _opened(settings: MailSettings) -> smtplib.SMTP:
    secret = password(settings)
    port = settings.port or _PORTS[settings.tls]
    if settings.tls == "tls":
        client: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.host, port, timeout=_SECONDS, context=_trust(settings)
        )
    else:
        client = smtplib.SMTP(settings.host, port, timeout=_SECONDS)
    try:
        if settings.tls == "starttls":
            client.starttls(context=_trust(settings))
        if settings.user:
            client.login(settings.user, secret)
        # Or the first letter would seem to be what is not taken.
        client.ehlo_or_helo_if_needed()
    except BaseException:
        client.close()
        raise
    return client


def _trust(settings: MailSettings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.ca_file)


def _said(code: int, answer: bytes | str) -> str:
    told = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {' '.join(told.split())}"

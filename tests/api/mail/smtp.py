"""A small SMTP server of a test's own, which keeps what it takes."""

from __future__ import annotations

import base64
import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Mailbox(socketserver.ThreadingTCPServer):
    """What was taken: pairs of who it is for and what it is.

    ``refused``: by address, what is answered to it; ``dropped``: for whom a message ends the line
    without an answer; ``closed``: whether whoever connects is sent away, as they are after
    ``letters_a_line``; ``taking`` is called before a message is acknowledged. ``login``: what has
    to be shown. ``lines``: how many were opened.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None = None, at_once: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.tls, self.at_once = tls, at_once
        self.taken: list[tuple[str, EmailMessage]] = []
        self.raw: list[bytes] = []
        self.refused: dict[str, str] = {}
        self.dropped: set[str] = set()
        self.closed = False
        self.lines = 0
        self.letters_a_line = 1000
        self.login: tuple[str, str] | None = None
        self.taking: Callable[[], None] = lambda: None
        self.secure: list[bool] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        if self.at_once and self.tls is not None:
            connection = self.tls.wrap_socket(connection, server_side=True)
        return connection, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever does not trust it hangs up, which is no fault of the test."""

    def take(self) -> list[tuple[str, EmailMessage]]:
        """What came since it was asked last."""
        taken, self.taken = self.taken, []
        return taken


class _Session(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self.server.lines += 1
        if self.server.closed:
            self._say("421 not now")
            return
        self._say("220 here")
        receivers: list[str] = []
        left = self.server.letters_a_line
        while line := self.rfile.readline():
            verb, _, rest = line.decode("ascii").strip().partition(" ")
            verb = verb.upper()
            if verb == "EHLO":
                offers = ["here"] + ["AUTH PLAIN"] * bool(self.server.login)
                offers += ["STARTTLS"] * bool(self.server.tls and not self._is_secure())
                for offer in offers[:-1]:
                    self._say(f"250-{offer}")
                self._say(f"250 {offers[-1]}")
            elif verb == "STARTTLS" and self.server.tls is not None:
                self._say("220 go on")
                self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
                self.rfile = self.connection.makefile("rb")
                self.wfile = self.connection.makefile("wb")
            elif verb == "AUTH":
                _, user, password = base64.b64decode(rest.split()[1]).decode().split("\0")
                good = (user, password) == self.server.login
                self._say("235 in" if good else "535 who are you")
            elif verb == "MAIL" and left == 0:
                self._say("421 enough")
                return
            elif verb == "RCPT":
                address = rest.partition(":")[2].strip("<>")
                answer = self.server.refused.get(address, "250 ok")
                receivers += [address] * answer.startswith("250")
                self._say(answer)
            elif verb == "DATA":
                self._say("354 go on")
                if self.server.dropped.intersection(receivers):
                    return
                self._data(receivers)
                receivers, left = [], left - 1
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def finish(self) -> None:
        super().finish()
        self.connection.close()  # it may be another one by now

    def _data(self, receivers: list[str]) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        raw = b"".join(lines)
        self.server.raw.append(raw)
        self.server.secure.append(self._is_secure())
        made = message_from_bytes(raw, _class=EmailMessage, policy=default)
        self.server.taken += [(address, made) for address in receivers]
        self.server.taking()
        self._say("250 taken")

    def _is_secure(self) -> bool:
        return isinstance(self.connection, ssl.SSLSocket)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
        self.wfile.flush()


@contextmanager
def mailbox(tls: ssl.SSLContext | None = None, at_once: bool = False) -> Iterator[Mailbox]:
    """One that listens; ``at_once``: with TLS from the first byte."""
    with Mailbox(tls, at_once) as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            made.shutdown()
            thread.join()


def certificate(directory: Path, host: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    """What a server shows that is at ``host``, and the file of who vouches for it: itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of a test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), False
        )
        .sign(key, hashes.SHA256())
    )
    shown, secret = directory / "mail.pem", directory / "mail.key"
    shown.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, secret)
    return context, shown

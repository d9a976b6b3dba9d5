"""The first field of a form with a file is read before anybody is known, and then all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from fastapi import Request
from starlette.types import Message

from api import uploads

BOUNDARY = "b0"


def part(name: str, value: bytes, file: str = "") -> bytes:
    named = f'; filename="{file}"' if file else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode() + value + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()
FILE = part("file", bytes(range(256)) * 40, "wiki.zip")


def arriving(body: bytes, piece: int) -> tuple[Request, list[int]]:
    """A request whose body comes in pieces, and how many of its bytes were taken."""
    taken = [0]

    def pieces() -> Iterator[Message]:
        for at in range(0, len(body), piece):
            yield {
                "type": "http.request",
                "body": body[at : at + piece],
                "more_body": at + piece < len(body),
            }

    messages = pieces()

    async def receive() -> Message:
        message = next(messages, {"type": "http.disconnect"})
        taken[0] += len(message.get("body", b""))
        return message

    kind = f"multipart/form-data; boundary={BOUNDARY}".encode()
    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", kind)], "state": {}}
    return Request(scope, receive), taken


async def both(request: Request) -> tuple[str, dict[str, list[str]], bytes]:
    first = await uploads.first_field(request, "csrf")
    file = bytearray()
    form = uploads.Form(uploads.boundary_of(request), file.extend)
    await uploads.receive(request, form)
    return first, form.fields, bytes(file)


@pytest.mark.parametrize("piece", [1, 7, 100, 4096, 10**6])
def test_what_was_read_for_the_first_field_is_read_again(piece: int) -> None:
    body = part("csrf", b"token") + part("source", b"wiki") + FILE + END
    request, _ = arriving(body, piece)
    first, fields, file = asyncio.run(both(request))
    assert first == "token"
    assert fields == {"csrf": ["token"], "source": ["wiki"]}
    assert file == bytes(range(256)) * 40


@pytest.mark.parametrize(
    "body",
    [
        part("source", b"wiki") + part("csrf", b"token") + FILE + END,
        FILE + part("csrf", b"token") + END,
        FILE + END,
    ],
)
@pytest.mark.parametrize("piece", [50, 10**6])
def test_a_later_field_is_not_the_first(body: bytes, piece: int) -> None:
    request, _ = arriving(body, piece)
    first, _, file = asyncio.run(both(request))
    assert first == ""
    assert len(file) == 256 * 40


@pytest.mark.parametrize("body", [b"", b"nonsense", part("csrf", b"\xff"), part("csrf", b"x")[:9]])
def test_what_is_no_form_has_no_first_field(body: bytes) -> None:
    request, _ = arriving(body, 10)
    assert asyncio.run(uploads.first_field(request, "csrf")) == ""


def test_little_is_read_for_it() -> None:
    request, taken = arriving(part("file", b"x" * 10**6, "a") + END, 1000)
    assert asyncio.run(uploads.first_field(request, "csrf")) == ""
    assert taken[0] <= 5000
    request, taken = arriving(part("csrf", b"x" * 10**6) + END, 1000)
    assert asyncio.run(uploads.first_field(request, "csrf")) == ""
    assert taken[0] <= 5000

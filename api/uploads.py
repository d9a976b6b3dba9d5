"""A multipart form with one large file, passed on while it arrives and never held as a whole."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from knowledge.errors import InvalidInput

FILE = "file"
FORM_OVERHEAD = 1_000_000
"""What a form may have beside its file, in bytes."""
_MAX_FIELDS = 100
_MAX_FIELD = 10_000
_PIECE = 1 << 18
# A first field, with what stands around it, is not longer.
_FIRST = 4096


class Form:
    """The parts of a form. ``names`` are all of them, in order; ``fields`` its texts by name;
    ``file_name`` is what the file was called, None when there is no file."""

    def __init__(self, boundary: bytes, take: Callable[[bytes], None]) -> None:
        self.names: list[str] = []
        self.fields: dict[str, list[str]] = {}
        self.file_name: str | None = None
        self.complete = False
        self._take = take
        self._header = self._value = b""
        self._disposition = b""
        self._name: str | None = None
        self._text: bytearray | None = None
        self._parts = 0
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._data,
                "on_part_end": self._end,
                "on_end": self._finished,
            },
        )

    def write(self, data: bytes) -> None:
        """Take in the next piece of the body. Raises InvalidInput and what ``take`` raises."""
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise InvalidInput(f"the form is malformed: {error}") from error

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > _MAX_FIELDS:
            raise InvalidInput(f"the form has more than {_MAX_FIELDS} fields")
        self._header = self._value = self._disposition = b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = _decoded(options.get(b"name", b""))
        self.names.append(self._name)
        self._text = None
        if b"filename" not in options:
            self._text = bytearray()
        elif self._name != FILE:
            raise InvalidInput(f"the field {self._name[:100]!r} is no file; only {FILE!r} is")
        elif self.file_name is not None:
            raise InvalidInput("there are two files; import one at a time, or a zip of both")
        else:
            self.file_name = _decoded(options[b"filename"])

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._text is None:
            self._take(data[start:end])
            return
        self._text += data[start:end]
        if len(self._text) > _MAX_FIELD:
            raise InvalidInput(f"the field {self._name!r} is longer than {_MAX_FIELD:,} bytes")

    def _end(self) -> None:
        if self._text is not None and self._name is not None:
            self.fields.setdefault(self._name, []).append(_decoded(bytes(self._text)))

    def _finished(self) -> None:
        self.complete = True


def boundary_of(request: Request) -> bytes:
    """What separates the parts of the request's body. Raises HTTPException (415)."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= 70:
        raise HTTPException(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send a form: multipart/form-data with a boundary"
        )
    return boundary


async def first_field(request: Request, name: str) -> str:
    """The text of a form's first field if it has this name; blank for every other body.

    So little is read that nobody has to be known for it; ``receive`` begins with it again.
    """
    try:
        form = Form(boundary_of(request), lambda _: None)
    except HTTPException:
        return ""  # whoever wants a form says so
    begun = request.state.begun = Begun(request.stream())
    left = _FIRST
    try:
        async for piece in begun.rest:
            begun.read.append(piece)
            form.write(piece[:left])
            left -= len(piece)
            if form.fields or form.file_name is not None or left <= 0:
                break
    except (ClientDisconnect, InvalidInput):
        return ""
    return form.fields.get(name, [""])[0] if form.names[:1] == [name] else ""


@dataclass(slots=True)
class Begun:
    """A body of which the beginning was read."""

    rest: AsyncIterator[bytes]
    read: list[bytes] = field(default_factory=list)

    async def all_of_it(self) -> AsyncGenerator[bytes, None]:
        """The body, from its beginning."""
        for piece in self.read:
            yield piece
        async for piece in self.rest:
            yield piece


def begun(request: Request) -> Begun | None:
    """The body, where ``first_field`` has read its beginning."""
    found: Begun | None = getattr(request.state, "begun", None)
    return found


async def receive(request: Request, form: Form) -> None:
    """Read the whole body into the form, in a thread where it may wait for the disk.

    Raises InvalidInput for what is no form, HTTPException when the caller goes away.
    """
    waiting = bytearray()
    try:
        body = begun(request) or Begun(request.stream())
        async for piece in body.all_of_it():
            waiting += piece
            if len(waiting) >= _PIECE:
                await run_in_threadpool(form.write, bytes(waiting))
                waiting.clear()
    except ClientDisconnect as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the upload ended too early") from error
    await run_in_threadpool(form.write, bytes(waiting))
    if not form.complete:
        raise InvalidInput("the form ends too early; send it again")


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput("the form holds names or values that are not UTF-8") from error
